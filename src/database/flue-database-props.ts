import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { FlueDatabaseEngine } from './flue-database-engine';

/**
 * Properties of a Postgres for Flue servers.
 */
export interface FlueDatabaseProps {
  /**
   * The VPC in which the database is reachable, and the servers that use it run.
   */
  readonly vpc: IVpc;

  /**
   * Subnets of the database, in at least two availability zones.
   *
   * Throws for fewer zones and for public ones.
   *
   * @default - the isolated subnets of the VPC, or its private ones where it has no isolated ones
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Where the database runs, how large it is and what it costs.
   *
   * Another engine is another, empty database: the first one is removed as `removalPolicy` says.
   *
   * @default - `FlueDatabaseEngine.postgres()`
   */
  readonly engine?: FlueDatabaseEngine;

  /**
   * The name of the database on the server, 1–63 lower-case letters, digits and underscores.
   *
   * Another name is another, empty database. Throws for any other form, and for a name that RDS keeps for itself.
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
   * An existing secret with the keys `username` and `password`, for the role that the database makes.
   *
   * Both become part of a URL as they are, so they must consist of letters, digits and `-._~`. A secret
   * whose password is generated in this app with characters that split a URL is refused; what an imported
   * secret holds cannot be checked. Flue migrates its tables on every boot, so this role owns them.
   *
   * @default - a secret of its own, with the user `flue` and 40 random letters and digits
   */
  readonly credentials?: ISecret;

  /**
   * Security groups of the database, to which servers add the rules that let them in.
   *
   * @default - one of its own, closed for everything but the servers that are given the database
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * What becomes of the database when it leaves the stack or is replaced.
   *
   * Secrets, security group and subnets stay when the database itself stays (`RETAIN`). A restored snapshot
   * is given a new password, so `SNAPSHOT` keeps none. `DESTROY` loses every conversation, and FlueChecks reports it.
   *
   * @default RemovalPolicy.SNAPSHOT
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether RDS refuses to delete the database, whoever asks, the removal of the stack included.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * How long automated backups are kept, 1–35 days; any moment within can be restored.
   *
   * Throws outside the range and for a part of a day.
   *
   * @default Duration.days(7)
   */
  readonly backupRetention?: Duration;

  /**
   * The time of the daily backup in UTC, as `hh:mm-hh:mm`, at least 30 minutes long.
   *
   * @default - RDS picks 30 minutes of the region's night
   */
  readonly preferredBackupWindow?: string;

  /**
   * The weekly time of maintenance in UTC, as `ddd:hh:mm-ddd:hh:mm`, at least 30 minutes long.
   *
   * Maintenance can restart the database, and a restart ends a Flue 2.x server whose `db.ts` has no `pool.on('error', …)`.
   *
   * @default - RDS picks 30 minutes of a night
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
   * Another key is another, empty database. The role of each server may decrypt with it by its own policy: the policy of
   * the key must leave that to IAM, as that of an `kms.Key` does.
   *
   * @default - the account's keys for RDS and Secrets Manager, which cost nothing
   */
  readonly encryptionKey?: IKey;

  /**
   * Whether roles may also log in with IAM tokens.
   *
   * A Flue server does not: a token lives 15 minutes, a `DATABASE_URL` as long as the process.
   *
   * @default false
   */
  readonly iamAuthentication?: boolean;

  /**
   * Parameters of the database engine, by name.
   *
   * They make a parameter group that is bound to the major version. `rds.force_ssl` other than 1 is refused.
   *
   * @default - the engine's own parameters, with TLS required
   */
  readonly parameters?: { [name: string]: string };

  /**
   * How often metrics of the operating system are published: every 1, 5, 10, 15, 30 or 60 seconds, or never by 0.
   *
   * Throws for any other.
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
   * RDS creates the log groups by itself and without an end. To set one, CDK adds a Lambda-backed custom
   * resource to the stack, which is why nothing is set unless asked for.
   *
   * @default - RDS leaves them without expiry
   */
  readonly cloudwatchLogsRetention?: RetentionDays;
}

/**
 * Options of an existing Postgres.
 */
export interface FlueDatabaseFromUrlSecretOptions {
  /**
   * The connection string, `postgres://user:password@host:port/database?sslmode=verify-full`, as a secret or a field of one.
   *
   * Its role must own Flue's tables, because the server migrates them on every boot.
   */
  readonly url: Secret;

  /**
   * The VPC in which the database is reachable.
   *
   * @default - reachable from wherever the servers run
   */
  readonly vpc?: IVpc;

  /**
   * Security groups of the database, to which servers add the rules that let them in.
   *
   * @default - none: the servers are let in by other means
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
   * They are trusted beside the usual ones, so `true` is right for both kinds; a server behind
   * an authority of your own needs it in its image.
   *
   * @default true
   */
  readonly usesRdsCertificates?: boolean;
}
