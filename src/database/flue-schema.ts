import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IConnectable, Connections, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { Endpoint } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IConstruct } from 'constructs';
import { composeUrl, generateCredentials } from './connection-url';
import type { IFlueDatabase } from './database';
import { requireSchemaName, requireSchemaRemoval } from './database-guards';
import { wholeSecret } from './encrypted-reference';
import type { FlueSchemaOptions } from './flue-schema-options';
import { loginOf } from './rotation';
import { bootstrapOf, connectInTurns, schemaServerOf, type LoginSecrets, type SchemaBootstrap, type SchemaPartition, type SchemaServer } from './schema-server';
import { refuse } from '../invariants/invariant';
import { placed } from '../invariants/types/placed';

const SCHEMAS = 'Schemas';
/** The connection strings that lead nowhere until something makes their schema. */
const urls = new WeakSet<Secret>();

/**
 * A Postgres in which each service can get a schema of its own, because its administrator is known.
 */
export interface IFlueSchemaHost extends IConstruct, IConnectable {
  /**
   * Adds a schema, with a role and a connection string of its own.
   *
   * Throws for a schema that exists, and for a name that is taken or no plain identifier.
   *
   * @param id the id of the schema below the database, from which its name is derived
   * @param options the name
   */
  addSchema(id: string, options?: FlueSchemaOptions): FlueSchema;
}

/** Who makes schemas in a `database`; refuses one of another kind. */
export function requireSchemaServer(scope: IConstruct, host: IFlueSchemaHost): SchemaServer {
  return schemaServerOf(host)
    ?? refuse(scope, '`database` must be a FlueDatabase, got: one of another kind', 'Use `new FlueDatabase(…)` or `FlueDatabase.fromAdministratorSecret(…)`');
}

/** Adds the schema of a server that shares its conversations out with others. */
export function addSchemaOfFleet(host: IFlueSchemaHost, id: string, options: FlueSchemaOptions, partition: SchemaPartition): FlueSchema {
  return FlueSchema._in(host, requireSchemaServer(host, host), id, options, partition);
}

/** A schema, before it is made. */
interface NamedSchema {
  readonly schemaName: string;
  /** Whether it is dropped after its stack is gone. */
  readonly goesWithStack: boolean;
}

/**
 * A schema of a Postgres that belongs to one service, with a role and a connection string of its own.
 *
 * Two processes on one schema lose replies, so give each service that shares a database a schema. You get it from `addSchema()`
 * of a FlueDatabase. Pass it to the service as `database`.
 *
 * Before the server starts, a container of the same image makes the role and the schema: it needs Node.js as `node`. On EC2 the
 * unit of the server does it. That container alone gets the password of the administrator, and connects over verified TLS.
 * It can run again and again, and several at once. It refuses a role and a schema that it did not make.
 *
 * **Cost.** Two secrets, 0.80 USD a month. The database costs no more than it does.
 *
 * **Durability.** The schema is backed up with its database. If you take it out of the app, CloudFormation deletes its secrets;
 * the schema, its role and the conversations stay. Add it again under the same name, and the role gets a new password. A preview
 * that shares a database lets go of them with `removalPolicy`.
 *
 * **Security.** The role owns its schema, cannot read the tables of others, and from PostgreSQL 15 on can create nothing in
 * `public`. On EC2 the server has the role of the instance, with which the unit reads the password of the administrator.
 *
 * @example
 * const state = new FlueDatabase(this, 'Database', { vpc });
 *
 * new FlueFargateService(this, 'Support', { image, database: state.addSchema('Support') });
 * new FlueFargateService(this, 'Sales', { image, database: state.addSchema('Sales') });
 */
export class FlueSchema extends Construct implements IFlueDatabase {
  /** @internal */
  public static _in(
    database: IConstruct, server: SchemaServer, id: string, options: FlueSchemaOptions = {}, partition?: SchemaPartition,
  ): FlueSchema {
    const existing = database.node.tryFindChild(SCHEMAS);
    const schemaName = options.schemaName ?? nameOf(id);
    requireSchemaName(database, schemaName, server.administratorName);
    requireSchemaRemoval(database, options.removalPolicy, server.resource !== undefined);
    if (server.rotation) {
      loginOf(database, schemaName);
    }
    const taken = existing?.node.children.find(child => child instanceof FlueSchema && (child.node.id === id || child.schemaName === schemaName));
    if (taken) {
      refuse(database, `\`addSchema()\` must be called once for each schema, got: ${id} (${schemaName}), and ${taken.node.id} is there already`,
        'Use what the first call returned, or pass another id and `schemaName`');
    }
    const named = { schemaName, goesWithStack: options.removalPolicy === RemovalPolicy.DESTROY };
    return new FlueSchema(existing ?? new Construct(database, SCHEMAS), id, named, server, partition);
  }

  /** The connection string. A service of this library takes the schema itself, as `database`, because something has to make it first. */
  public readonly url: Secret;

  /** The secret that holds the connection string. */
  public readonly urlSecret: ISecret;

  /** The secret with user and password of the role. */
  public readonly secret: ISecret;

  /** The name of the schema and of the role that owns it. */
  public readonly schemaName: string;

  /** Network rules of the database. */
  public readonly connections: Connections;

  /** Whether the certificate authorities of Amazon RDS signed the server's certificate. */
  public readonly usesRdsCertificates: boolean;

  /**
   * The VPC in which the database is reachable.
   *
   * @default - the database is reachable from anywhere, or its VPC is not known
   */
  public readonly vpc?: IVpc;

  /**
   * Host and port of the database.
   *
   * @default - the database is not a FlueDatabase
   */
  public readonly endpoint?: Endpoint;

  /** @internal */
  public readonly _bootstrap: SchemaBootstrap;

  /**
   * Whether the schema is still in its database when its stack is gone.
   *
   * @internal
   */
  public readonly _outlivesStack: boolean;

  private constructor(scope: Construct, id: string, { schemaName, goesWithStack }: NamedSchema, server: SchemaServer, partition?: SchemaPartition) {
    super(placed('FlueSchema', scope, id), id);
    this.schemaName = schemaName;
    this.connections = server.connections;
    this.usesRdsCertificates = server.usesRdsCertificates;
    this.vpc = server.vpc;
    this.endpoint = server.endpoint;
    this._outlivesStack = server.resource === undefined && !goesWithStack;

    const login = server.rotation && loginOf(this, schemaName);
    const { secret, urlSecret, url } = login === undefined ? connectAs(this, server, schemaName) : connectInTurns(this, server, login);
    this.secret = secret;
    this.urlSecret = urlSecret;
    this.url = url;
    urls.add(this.url);
    this._bootstrap = bootstrapOf(server, this.url, {
      ...login === undefined ? {} : { SCHEMA_OWNER: schemaName, SCHEMA_LOGIN: login },
      ...partition ? { SCHEMA_FLEET: partition.fleet, SCHEMA_PARTITION: partition.partition } : {},
      ...goesWithStack ? { SCHEMA_STACK: Stack.of(this).stackId } : {},
    });
  }
}

/** How the role of a schema connects, whose password stays. */
function connectAs(scope: Construct, server: SchemaServer, role: string): LoginSecrets {
  const { encryptionKey, hostname, port, databaseName } = server;
  const secret = generateCredentials(scope, role, encryptionKey);
  const urlSecret = composeUrl(scope, { credentials: secret, username: role, hostname, port, databaseName, encryptionKey });
  if (server.resource) {
    urlSecret.node.addDependency(server.resource);
  }
  if (server.removalPolicy) {
    secret.applyRemovalPolicy(server.removalPolicy);
    urlSecret.applyRemovalPolicy(server.removalPolicy);
  }
  return { secret, urlSecret, url: wholeSecret(urlSecret, encryptionKey) };
}

/** Whether a secret is the connection string of a schema. */
export function isSchemaUrl(secret: Secret | undefined): boolean {
  return secret !== undefined && urls.has(secret);
}

/** The words of an id, in the form that Postgres needs no quotes for. */
function nameOf(id: string): string {
  return id.replace(/([a-z0-9])(?=[A-Z])/g, '$1_').replace(/[^A-Za-z0-9]+/g, '_').toLowerCase();
}
