import { CfnResource, SecretValue, Stack, Tokenization } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Credentials, SnapshotCredentials } from 'aws-cdk-lib/aws-rds';
import { Secret, type CfnSecret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { refuse } from '../invariants/invariant';
import { shown } from '../invariants/limits/guard';
import { requireSecretReference } from '../invariants/secret-reference';

/** The one form of TLS that both Postgres drivers of Flue take for "verify the certificate and its name". */
const VERIFIED_TLS = 'sslmode=verify-full';
/** The role that owns the tables of a database that makes its own. */
export const USERNAME = 'flue';
export const PASSWORD_LENGTH = 40;
/** Master users that RDS can create, and such as it keeps from others (Amazon RDS API reference, CreateDBInstance). */
const USERNAMES = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;
const USERNAMES_TAKEN = /^(admin|rdsadmin|rds_.*|pg_.*|public|user)$/i;
/** Characters that end or split the password of a URL, or that stand for others in it. */
const BREAKS_URL = ['#', '%', '/', ':', '?', '@'];

/**
 * The secret of a role that the database makes for itself.
 *
 * Never change what it generates: Secrets Manager would write another password, and the database would keep the old one.
 */
export function generateCredentials(scope: Construct, username: string, encryptionKey?: IKey): Secret {
  return new Secret(scope, 'Credentials', {
    description: 'User and password of the Flue database',
    encryptionKey,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ username }),
      generateStringKey: 'password',
      passwordLength: PASSWORD_LENGTH,
      excludePunctuation: true,
    },
  });
}

/**
 * The same credentials, in the form that RDS expects.
 *
 * RDS writes host and port into a secret that it is given. A secret that the user passes must stay as it is, and in another
 * stack this would make a cycle, so that one is passed as user and password.
 */
export function rdsCredentials(secret: ISecret, isOwn: boolean): Credentials {
  return isOwn
    ? Credentials.fromSecret(secret, USERNAME)
    : Credentials.fromPassword(secret.secretValueFromJson('username').unsafeUnwrap(), secret.secretValueFromJson('password'));
}

/** The same password for the master user that a snapshot brings; RDS keeps that user's name. */
export function snapshotCredentials(secret: ISecret, isOwn: boolean): SnapshotCredentials {
  return isOwn ? SnapshotCredentials.fromSecret(secret) : SnapshotCredentials.fromPassword(secret.secretValueFromJson('password'));
}

/** Refuses a secret that this app generates without user and password, or with a password that breaks a URL. */
export function requireUrlSafeCredentials(scope: Construct, secret: ISecret): void {
  requireSecretReference(scope, 'credentials', secret);
  const generator = generatorOf(secret);
  if (!generator) {
    return;
  }
  if (generator.generateStringKey !== 'password') {
    refuse(scope, `\`credentials\` must be a secret with the keys username and password, got: ${secret.node.path}, which generates ${generator.generateStringKey ? `the key ${generator.generateStringKey}` : 'a plain string'}`,
      'Generate it with `generateStringKey: \'password\'` and a `secretStringTemplate` that holds the username');
  }
  requireUsername(scope, secret, generator.secretStringTemplate);
  const excluded = String(generator.excludeCharacters ?? '');
  const breaking = generator.excludePunctuation === true ? [] : BREAKS_URL.filter(character => !excluded.includes(character));
  if (breaking.length > 0) {
    refuse(scope, `\`credentials\` must generate a password that can stand in a URL, got: ${secret.node.path}, which can hold ${breaking.join(' ')}`,
      'Generate it with `excludePunctuation: true`, or leave it out: the construct then generates it');
  }
}

/** Refuses a template without a user that RDS could create, and that stands in a URL as it is. */
function requireUsername(scope: Construct, secret: ISecret, template: unknown): void {
  if (template !== undefined && typeof template !== 'string') {
    // only the deployment knows it
    return;
  }
  const username = usernameIn(template);
  if (username === undefined || !USERNAMES.test(username) || USERNAMES_TAKEN.test(username)) {
    refuse(scope, `\`credentials\` must hold a username of 1–63 letters, digits and underscores that RDS does not reserve, got: ${
      username === undefined ? 'none' : shown(username)} in \`secretStringTemplate\` of ${secret.node.path}`,
    'Generate it with `secretStringTemplate: JSON.stringify({ username: \'flue\' })`');
  }
}

function usernameIn(template: string | undefined): string | undefined {
  try {
    const content: unknown = JSON.parse(template ?? '');
    const username = typeof content === 'object' && content !== null ? (content as Record<string, unknown>).username : undefined;
    return typeof username === 'string' ? username : undefined;
  } catch {
    return undefined;
  }
}

/** How CloudFormation generates a secret; undefined for one that it does not, or that is imported. */
function generatorOf(secret: ISecret): CfnSecret.GenerateSecretStringProperty | undefined {
  const child = secret.node.defaultChild;
  if (!child || !CfnResource.isCfnResource(child) || child.cfnResourceType !== 'AWS::SecretsManager::Secret') {
    return undefined;
  }
  return Stack.of(child).resolve((child as CfnSecret).generateSecretString);
}

export interface ConnectionUrlProps {
  readonly credentials: ISecret;
  /** The name of the role, where the app knows it; that of `credentials` otherwise. */
  readonly username?: string;
  readonly hostname: string;
  readonly port: number;
  readonly databaseName: string;
  readonly encryptionKey?: IKey;
}

/** The secret with the connection string, which CloudFormation composes so that no password is in a template. */
export function composeUrl(scope: Construct, props: ConnectionUrlProps): Secret {
  const username = props.username ?? props.credentials.secretValueFromJson('username').unsafeUnwrap();
  const password = props.credentials.secretValueFromJson('password').unsafeUnwrap();
  const host = `${props.hostname}:${Tokenization.stringifyNumber(props.port)}`;
  return new Secret(scope, 'Url', {
    description: 'Connection string of the Flue database (DATABASE_URL)',
    encryptionKey: props.encryptionKey,
    secretStringValue: SecretValue.unsafePlainText(`postgres://${username}:${password}@${host}/${props.databaseName}?${VERIFIED_TLS}`),
  });
}
