import { CfnResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Connections, Port, SecurityGroup, type ISecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { Endpoint, IDatabaseCluster, IDatabaseInstance } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { RDS_PREVENT_RENDERING_DEPRECATED_CREDENTIALS } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { warnOfOtherAuthorities } from './certificates';
import { composeUrl, generateCredentials, rdsCredentials, requireUrlSafeCredentials, snapshotCredentials, USERNAME } from './connection-url';
import type { IFlueDatabase } from './database';
import { requireBackupRetention, requireDatabaseName, requireForcedTls, requireSnapshotBeside, requireWindows } from './database-guards';
import { wholeSecret } from './encrypted-reference';
import { ExistingServer } from './existing-server';
import { FlueDatabaseEngine } from './flue-database-engine';
import type { FlueDatabaseFromAdministratorSecretOptions, FlueDatabaseFromUrlSecretOptions, FlueDatabaseProps } from './flue-database-props';
import { FlueSchema, type IFlueSchemaHost } from './flue-schema';
import type { FlueSchemaOptions } from './flue-schema-options';
import { ImportedDatabase } from './imported-database';
import { loginOf, PasswordRotation, requireRotation } from './rotation';
import { bootstrapOf, connectInTurns, type SchemaBootstrap, type SchemaServer } from './schema-server';
import { databaseSubnets } from './subnets';
import { requireUsableKeys } from '../invariants/encryption-keys';
import { DATABASE_LIMITS, POSTGRES_PORT } from '../invariants/limits/database';
import { requireListed, requireWithin, requireWritten } from '../invariants/limits/guard';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { requireNoCircle } from '../invariants/stack-circle';
import { markAsFlueDatabase } from '../invariants/template/flue-marker';
import { placed } from '../invariants/types/placed';
import { requireArguments, requireTypes } from '../invariants/types/require-types';
import { settled } from '../invariants/unknown';

/** The role that owns the tables of a server whose password rotates. */
const OWNER = 'flue_owner';

/** How the server of a database without schemas connects. */
interface Connection {
  readonly urlSecret: ISecret;
  readonly url: Secret;
  readonly bootstrap?: SchemaBootstrap;
}

/**
 * A private, encrypted, backed-up Postgres, with its connection string in one secret.
 *
 * On ECS, a Flue server keeps sessions, submissions and runs across restarts only in Postgres. Pass the database to a service:
 * the service sets `DATABASE_URL` from `url` and adds the security group rule that lets it in. If several services share the
 * database, give each a schema of its own: `addSchema()`.
 *
 * **Cost.** The default, one db.t4g.micro with 20 GiB of gp3, is about 13.98 USD a month in us-east-1; Aurora
 * Serverless v2 at its lowest 0.5 ACU is about 43.80 USD plus 0.10 USD per GB. Two secrets add 0.80 USD.
 * Prices of 2026-09-26.
 *
 * **Durability.** RDS keeps backups for seven days, makes a final snapshot when the database leaves the stack, and protects it
 * from deletion. To delete the stack, switch the protection off in a deployment of its own first. The database is in one
 * availability zone unless you choose `multiAz` or `readers`. Start one server only on an empty database: two of them race to
 * create the tables.
 *
 * **Security.** The database has no public address and stands in isolated subnets. Storage and secrets are encrypted. The
 * database requires TLS, and the server verifies its certificate against the certificate authorities of RDS; for China and
 * GovCloud you add them to the image. No template holds a password: CloudFormation composes the connection string when it
 * deploys. Passwords stay as they are unless you pass `rotation`.
 *
 * @example
 * const database = new FlueDatabase(this, 'Database', {
 *   vpc,
 *   engine: FlueDatabaseEngine.postgres({ multiAz: true }),
 * });
 */
export class FlueDatabase extends Construct implements IFlueDatabase, IFlueSchemaHost {
  /**
   * An existing Postgres, on RDS or anywhere else, given by the secret with its connection string.
   *
   * Throws for a port out of range.
   */
  public static fromUrlSecret(scope: Construct, id: string, options: FlueDatabaseFromUrlSecretOptions): IFlueDatabase {
    requireArguments('FlueDatabase.fromUrlSecret', { options });
    return new ImportedDatabase(placed('FlueDatabase.fromUrlSecret()', scope, id), id, options);
  }

  /**
   * An existing Postgres, on RDS or anywhere else, given by its administrator: each service gets a schema of it.
   *
   * Throws for a port out of range, and for a host or a database name that cannot stand in a URL.
   */
  public static fromAdministratorSecret(scope: Construct, id: string, options: FlueDatabaseFromAdministratorSecretOptions): IFlueSchemaHost {
    requireArguments('FlueDatabase.fromAdministratorSecret', { options });
    return new ExistingServer(placed('FlueDatabase.fromAdministratorSecret()', scope, id), id, options);
  }

  /** The secret with user and password. If the construct created it, it also holds host, port and database name. */
  public readonly secret: ISecret;

  /**
   * The VPC in which the database is reachable.
   *
   * @default - it is always known
   */
  public readonly vpc?: IVpc;

  /** Whether the certificate authorities of Amazon RDS signed the server's certificate: always. */
  public readonly usesRdsCertificates: boolean = true;

  /** The name of the database on the server. */
  public readonly databaseName: string;

  /** Host and port, for reading and writing. */
  public readonly endpoint: Endpoint;

  /** Network rules. Call `connections.allowToDefaultPort(database)` on the client, so that the rule is in the client's stack. */
  public readonly connections: Connections;

  /** Security groups of the database. */
  public readonly securityGroups: ISecurityGroup[];

  /**
   * The instance of RDS for PostgreSQL.
   *
   * @default - none with another engine
   */
  public readonly instance?: IDatabaseInstance;

  /**
   * The Aurora cluster.
   *
   * @default - none with another engine
   */
  public readonly cluster?: IDatabaseCluster;

  /** @internal */
  public readonly _schemaServer: SchemaServer;

  private connection?: Connection;

  public constructor(scope: Construct, id: string, props: FlueDatabaseProps) {
    super(placed('FlueDatabase', scope, id), id);
    requireTypes(this, 'FlueDatabaseProps', props);
    requireNoSecretTexts(this, props);
    requireUsableKeys(this, props);
    props = settled(this, props);
    const engine = props.engine ?? FlueDatabaseEngine.postgres();
    const databaseName = props.databaseName ?? 'flue';
    const port = props.port ?? POSTGRES_PORT;
    const backupRetention = props.backupRetention ?? Duration.days(7);

    const vpcSubnets = databaseSubnets(this, props.vpc, props.vpcSubnets);
    requireDatabaseName(this, databaseName);
    requireWithin(this, port, DATABASE_LIMITS.port);
    requireBackupRetention(this, backupRetention);
    requireForcedTls(this, props.parameters);
    requireWindows(this, props);
    requireRotation(this, props);
    requireWithin(this, props.monitoringInterval, DATABASE_LIMITS.monitoringInterval);
    if (props.credentials) {
      requireUrlSafeCredentials(this, props.credentials);
    }
    requireListed(this, props.securityGroups, DATABASE_LIMITS.securityGroups);
    requireNoCircle(this, 'securityGroups', props.securityGroups);
    requireWritten(this, props.snapshot, DATABASE_LIMITS.snapshot);
    requireSnapshotBeside(this, props.snapshot);
    engine._validate(this, props.snapshot);

    if (props.snapshot !== undefined) {
      // without it, aws-cdk-lib adds to a restored cluster a secret that opens nothing
      this.node.setContext(RDS_PREVENT_RENDERING_DEPRECATED_CREDENTIALS, true);
    }
    markAsFlueDatabase(this);
    warnOfOtherAuthorities(this);
    this.vpc = props.vpc;
    this.databaseName = databaseName;
    this.securityGroups = props.securityGroups ?? [new SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'Flue database',
      allowAllOutbound: false,
    })];
    // the literal port, so that a rule in another stack needs no export of it
    this.connections = new Connections({ securityGroups: this.securityGroups, defaultPort: Port.tcp(port) });

    const isOwn = props.credentials === undefined;
    const credentials = props.credentials ?? generateCredentials(this, USERNAME, props.encryptionKey);
    const created = engine._bind(this, {
      ...props,
      vpcSubnets,
      databaseName,
      port,
      backupRetention,
      securityGroups: this.securityGroups,
      credentials: rdsCredentials(credentials, isOwn),
      restored: props.snapshot === undefined ? undefined : { identifier: props.snapshot, credentials: snapshotCredentials(credentials, isOwn) },
      removalPolicy: props.removalPolicy ?? RemovalPolicy.SNAPSHOT,
      deletionProtection: props.deletionProtection ?? true,
      autoMinorVersionUpgrade: props.autoMinorVersionUpgrade ?? true,
      iamAuthentication: props.iamAuthentication ?? false,
      enablePerformanceInsights: props.enablePerformanceInsights ?? false,
    });
    this.instance = created.instance;
    this.cluster = created.cluster;
    this.endpoint = created.endpoint;
    this.secret = created.secret ?? credentials;
    this.node.defaultChild = created.resource.node.defaultChild;

    if (!props.rotation) {
      const urlSecret = composeUrl(this, {
        credentials: this.secret,
        username: isOwn ? USERNAME : undefined,
        hostname: created.endpoint.hostname,
        port,
        databaseName,
        encryptionKey: props.encryptionKey,
      });
      // a server that has the URL must find a database behind it, and a cluster is none without its writer
      urlSecret.node.addDependency(created.resource);
      this.connection = { urlSecret, url: wholeSecret(urlSecret, props.encryptionKey) };
    }

    const stays = [RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE].find(policy => policy === props.removalPolicy);
    if (stays) {
      this.retainAll(stays);
    }
    // after that: a function of a deleted stack must not go on to rotate
    const rotation = props.rotation && new PasswordRotation(this, 'Rotation', {
      vpc: props.vpc,
      subnets: vpcSubnets,
      target: this,
      administrator: this.secret,
      hostname: created.endpoint.hostname,
      port,
      databaseName,
      encryptionKey: props.encryptionKey,
    }, props.rotation);
    this._schemaServer = {
      hostname: created.endpoint.hostname,
      port,
      databaseName,
      administrator: this.secret,
      administratorKey: isOwn ? props.encryptionKey : credentials.encryptionKey,
      administratorName: isOwn ? USERNAME : undefined,
      connections: this.connections,
      vpc: props.vpc,
      usesRdsCertificates: this.usesRdsCertificates,
      encryptionKey: props.encryptionKey,
      endpoint: created.endpoint,
      resource: created.resource,
      removalPolicy: stays,
      rotation,
    };
  }

  /**
   * The connection string, as a secret that you can pass to a container as `DATABASE_URL`.
   *
   * With `rotation`, a service of this library takes the database itself, as `database`, because something has to make the login first.
   */
  public get url(): Secret {
    return this.connect().url;
  }

  /** The secret that holds the connection string; with `rotation`, the login of the server as JSON. */
  public get urlSecret(): ISecret {
    return this.connect().urlSecret;
  }

  /**
   * What makes the login of the server; undefined where nothing rotates.
   *
   * @internal
   */
  public get _bootstrap(): SchemaBootstrap | undefined {
    return this.connect().bootstrap;
  }

  public addSchema(id: string, options?: FlueSchemaOptions): FlueSchema {
    requireArguments('FlueDatabase.addSchema', { id, options }, this);
    return FlueSchema._in(this, this._schemaServer, id, options);
  }

  /** A login that rotates is made for the server that asks for it: where each service has a schema, nobody makes that of the database. */
  private connect(): Connection {
    if (!this.connection) {
      const login = loginOf(this, OWNER);
      const { urlSecret, url } = connectInTurns(this, this._schemaServer, login);
      this.connection = { urlSecret, url, bootstrap: bootstrapOf(this._schemaServer, url, { SCHEMA_OWNER: OWNER, SCHEMA_LOGIN: login, SCHEMA_IN_PUBLIC: 'yes' }) };
    }
    return this.connection;
  }

  /** A database that stays needs its subnets and security group, and its users the secrets. */
  private retainAll(policy: RemovalPolicy): void {
    for (const child of this.node.findAll()) {
      if (CfnResource.isCfnResource(child)) {
        child.applyRemovalPolicy(policy);
      }
    }
  }
}
