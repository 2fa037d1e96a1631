import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { FlueDatabaseEngine } from './flue-database-engine';
import type { FlueRotationOptions } from './flue-rotation-options';

/**
 * Properties of a Postgres for Flue servers.
 */
export interface FlueDatabaseProps {
  /**
   * The VPC of the database. Servers that use the database run in it too.
   */
  readonly vpc: IVpc;

  /**
   * Subnets of the database, in at least two availability zones.
   *
   * Throws for fewer zones, and for public subnets.
   *
   * @default - the isolated subnets of the VPC, or its private ones where it has no isolated ones
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The engine: where the database runs, how large it is and what it costs.
   *
   * If you change the engine, CloudFormation creates a new, empty database and removes the first one as `removalPolicy` says.
   *
   * @default - `FlueDatabaseEngine.postgres()`
   */
  readonly engine?: FlueDatabaseEngine;

  /**
   * The name of the database on the server, 1–63 lower-case letters, digits and underscores.
   *
   * If you change the name, CloudFormation creates a new, empty database. Throws for any other form, and for a name that RDS
   * reserves for itself.
   *
   * @default 'flue'
   */
  readonly databaseName?: string;

  /**
   * The port on which the database listens, 1150–65535.
   *
   * Throws outside the range.
   *
   * @default 5432
   */
  readonly port?: number;

  /**
   * An existing secret with the keys `username` and `password`, for the master user that RDS creates.
   *
   * Both become part of a URL as they are, so use letters, digits and `-._~` only. Throws for a secret of this app whose
   * generated password can contain other characters, or that has no user name that RDS can create; the content of an imported
   * secret cannot be checked. Flue migrates its
   * tables at every start, so this user owns them.
   *
   * @default - a new secret, with the user `flue` and a password of 40 random letters and digits
   */
  readonly credentials?: ISecret;

  /**
   * Rotates the passwords of the database and of its schemas: pass `{}` for every 30 days.
   *
   * The password of the administrator is replaced. Each server gets two logins, which take turns, and starts anew by its own deployment
   * when the other one's turn comes. The functions are those of AWS, from its Serverless Application Repository. `DATABASE_URL` then
   * holds the login as JSON, and a preload in `NODE_OPTIONS` makes a connection string of it before the app starts.
   *
   * You can add it to a database that exists, and take it away: its tables stay. Throws with `credentials`.
   *
   * @default - passwords stay as they are
   */
  readonly rotation?: FlueRotationOptions;

  /**
   * Security groups of the database, 1–5. A service that gets the database adds a rule for itself.
   *
   * Throws for none and for more than five.
   *
   * @default - a new one, which admits only the services that get the database
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * What CloudFormation does with the database when it leaves the stack or is replaced.
   *
   * With `RETAIN`, its secrets, security group and subnets stay too. With `SNAPSHOT`, CloudFormation deletes the secrets: you
   * set a new password on a restored snapshot. With `DESTROY`, you lose every conversation, and FlueChecks reports it.
   *
   * Throws for anything but a member of `RemovalPolicy`.
   *
   * @default RemovalPolicy.SNAPSHOT
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether RDS refuses to delete the database, also when you delete the stack.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * How long RDS keeps automated backups, 1–35 days. You can restore any moment within.
   *
   * Throws outside the range and for a part of a day.
   *
   * @default Duration.days(7)
   */
  readonly backupRetention?: Duration;

  /**
   * The snapshot that the database begins with: its name, or its ARN. An Aurora cluster takes the snapshot of an instance by ARN only.
   *
   * Keep it for the life of the database. If you add, change or remove it, CloudFormation creates another database, from that
   * snapshot or empty, and removes this one as `removalPolicy` says. So give it to a new database, in its first deployment.
   *
   * The conversations, the roles and the tables come from the snapshot, the password is new. `databaseName` and the user must
   * be those of the snapshot. An instance keeps the encryption of its snapshot, whatever `encryptionKey` is: encrypt a copy of
   * the snapshot first. A cluster takes the key.
   *
   * Throws for anything else, and for the snapshot of a cluster with the engine `postgres()`.
   *
   * @default - none: the database begins empty
   */
  readonly snapshot?: string;

  /**
   * The window of the daily backup in UTC, as `hh:mm-hh:mm`, at least 30 minutes long.
   *
   * Throws for any other form, and for a shorter window.
   *
   * @default - RDS chooses 30 minutes of the region's night
   */
  readonly preferredBackupWindow?: string;

  /**
   * The weekly maintenance window in UTC, as `ddd:hh:mm-ddd:hh:mm`, at least 30 minutes long.
   *
   * Maintenance can restart the database. A restart ends a Flue 2.x server whose `db.ts` has no `pool.on('error', …)`.
   *
   * Throws for any other form, for a shorter window, and for one that overlaps `preferredBackupWindow`.
   *
   * @default - RDS chooses 30 minutes of a night
   */
  readonly preferredMaintenanceWindow?: string;

  /**
   * Whether RDS upgrades the minor version during maintenance.
   *
   * @default true
   */
  readonly autoMinorVersionUpgrade?: boolean;

  /**
   * The key that encrypts the storage, the backups, the secrets and the performance data.
   *
   * If you change the key, CloudFormation creates a new, empty database. The role of each server gets a policy to decrypt with
   * it. The key policy must allow IAM policies, as that of a `kms.Key` does.
   *
   * @default - the AWS managed keys for RDS and Secrets Manager, which cost nothing
   */
  readonly encryptionKey?: IKey;

  /**
   * Whether database users may also log in with IAM tokens.
   *
   * A Flue server does not use them: a token is valid for 15 minutes, and the server keeps its `DATABASE_URL` until it ends.
   *
   * @default false
   */
  readonly iamAuthentication?: boolean;

  /**
   * Parameters of the database engine, by name.
   *
   * The construct puts them into a parameter group for the major version. Throws for `rds.force_ssl` other than 1.
   *
   * @default - the engine's own parameters, with TLS required
   */
  readonly parameters?: { [name: string]: string };

  /**
   * Interval at which RDS publishes metrics of the operating system: 1, 5, 10, 15, 30 or 60 seconds, or 0 for never.
   *
   * Throws for any other interval.
   *
   * @default - none
   */
  readonly monitoringInterval?: Duration;

  /**
   * Whether Performance Insights keeps seven days of query load, at no charge.
   *
   * @default false
   */
  readonly enablePerformanceInsights?: boolean;

  /**
   * How long CloudWatch keeps the logs of the database.
   *
   * RDS creates the log groups by itself, without a retention period. To set one, CDK adds a Lambda-backed custom resource to
   * the stack, so we set none unless you ask for it.
   *
   * Throws for anything but a member of `RetentionDays`.
   *
   * @default - for ever
   */
  readonly cloudwatchLogsRetention?: RetentionDays;
}

/**
 * Options of every existing Postgres.
 */
export interface FlueExistingDatabaseOptions {
  /**
   * The VPC in which the database is reachable.
   *
   * @default - the servers can reach it from their own VPC
   */
  readonly vpc?: IVpc;

  /**
   * Security groups of the database. A service that gets the database adds a rule for itself.
   *
   * Throws for an empty list.
   *
   * @default - none: you let the servers in by other means
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * The port on which the database listens, 1–65535, for the rules of the security groups.
   *
   * Throws outside the range.
   *
   * @default 5432
   */
  readonly port?: number;

  /**
   * Whether the server's certificate is signed by the certificate authorities of Amazon RDS.
   *
   * The server trusts them beside the usual ones, so `true` suits both. If an authority of your own signed the certificate, add
   * it to the image.
   *
   * @default true
   */
  readonly usesRdsCertificates?: boolean;
}

/**
 * Options of an existing Postgres that is given by its connection string.
 */
export interface FlueDatabaseFromUrlSecretOptions extends FlueExistingDatabaseOptions {
  /**
   * The secret with the connection string, `postgres://user:password@host:port/database?sslmode=verify-full`, or a field of
   * one.
   *
   * Its user must own Flue's tables, because the server migrates them at every start.
   */
  readonly url: Secret;
}

/**
 * Options of an existing Postgres that is given by its administrator.
 */
export interface FlueDatabaseFromAdministratorSecretOptions extends FlueExistingDatabaseOptions {
  /**
   * The secret with the keys `username` and `password` of a user who may create roles and schemas, as RDS writes it.
   *
   * Only what makes a schema reads it. It reads it anew at each start of a server, so RDS may rotate it.
   */
  readonly administrator: ISecret;

  /**
   * The host name or address of the database. Its certificate must be for this name.
   *
   * Throws for anything else, such as a URL or a port behind the name.
   */
  readonly host: string;

  /**
   * The name of the database on the server, 1–63 letters, digits, underscores and hyphens. It must exist.
   *
   * Throws for any other form.
   */
  readonly databaseName: string;

  /**
   * The key that encrypts the secrets of the schemas.
   *
   * @default - the AWS managed key for Secrets Manager
   */
  readonly encryptionKey?: IKey;
}
