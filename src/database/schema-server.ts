import type { RemovalPolicy } from 'aws-cdk-lib';
import type { Connections, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Endpoint } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct, IConstruct } from 'constructs';
import { secretField, wholeSecret } from './encrypted-reference';
import { rememberRotated, type PasswordRotation } from './rotation';

/** The server that holds a schema, and who may make one there. */
export interface SchemaServer {
  readonly hostname: string;
  readonly port: number;
  readonly databaseName: string;
  /** The secret with `username` and `password` of the administrator. */
  readonly administrator: ISecret;
  readonly administratorKey?: IKey;
  /** The administrator's name, where the app knows it. */
  readonly administratorName?: string;
  readonly connections: Connections;
  readonly vpc?: IVpc;
  readonly usesRdsCertificates: boolean;
  readonly encryptionKey?: IKey;
  /** Where operators reach the server; its name may be one that only the deployment knows. */
  readonly endpoint?: Endpoint;
  /** What a connection string waits for. */
  readonly resource?: Construct;
  /** What its secrets have in common with the database. */
  readonly removalPolicy?: RemovalPolicy;
  /** What rotates the passwords of its servers. */
  readonly rotation?: PasswordRotation;
}

/** How the servers of a fleet share out their conversations; written into each of their schemas. */
export interface SchemaPartition {
  /** Letters, digits, spaces and `_.-`; every server of the fleet has the same. */
  readonly fleet: string;
  /** Letters, digits, spaces and `_.-`, such as `lastCharacter of 4`. No server starts beside a schema of its fleet that says otherwise. */
  readonly partition: string;
}

/** What the script that makes a schema reads from its environment. */
export interface SchemaBootstrap {
  /** Whether it makes the logins of a password that rotates. */
  readonly rotates?: boolean;
  readonly environment: { [name: string]: string };
  readonly secrets: { [name: string]: Secret };
}

/** The administrator, as the variables of a program for Postgres. */
export function administratorSecrets({ administrator, administratorKey }: SchemaServer): { [name: string]: Secret } {
  return {
    ADMIN_USER: secretField(administrator, 'username', administratorKey),
    ADMIN_PASSWORD: secretField(administrator, 'password', administratorKey),
  };
}

/** What the script reads that makes a schema, or with an owner the logins of one. */
export function bootstrapOf(server: SchemaServer, url: Secret, environment: { readonly [name: string]: string }): SchemaBootstrap {
  return {
    ...server.rotation ? { rotates: true } : {},
    environment,
    secrets: { SCHEMA_URL: url, ...administratorSecrets(server) },
  };
}

/** Who makes schemas in a Postgres; undefined for a host that is none of this library. */
export function schemaServerOf(host: IConstruct): SchemaServer | undefined {
  return (host as { readonly _schemaServer?: SchemaServer })._schemaServer;
}

/** The secrets with which a server connects. */
export interface LoginSecrets {
  /** User and password. */
  readonly secret: ISecret;
  readonly urlSecret: ISecret;
  readonly url: Secret;
}

/** How a server connects whose password rotates. */
export function connectInTurns(scope: Construct, { rotation, resource, removalPolicy, encryptionKey }: SchemaServer, login: string): LoginSecrets {
  const secret = rotation!.addLogin(scope, login);
  if (resource) {
    secret.node.addDependency(resource);
  }
  if (removalPolicy) {
    secret.applyRemovalPolicy(removalPolicy);
  }
  const url = wholeSecret(secret, encryptionKey);
  rememberRotated(url, secret);
  return { secret, urlSecret: secret, url };
}
