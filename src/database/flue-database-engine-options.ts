import type { Size } from 'aws-cdk-lib';
import type { InstanceType } from 'aws-cdk-lib/aws-ec2';
import type { AuroraPostgresEngineVersion, PostgresEngineVersion } from 'aws-cdk-lib/aws-rds';

/**
 * Options of RDS for PostgreSQL.
 */
export interface FluePostgresOptions {
  /**
   * The version of PostgreSQL.
   *
   * Name a major version only. RDS upgrades the minor version by itself. If you pin one, the next deployment after such an
   * upgrade fails, because RDS refuses to go back.
   *
   * @default - PostgreSQL 18, in the minor version that RDS prefers
   */
  readonly version?: PostgresEngineVersion;

  /**
   * The instance type. A Flue server opens at most ten connections.
   *
   * Throws for a name that begins with `db.`, which aws-cdk-lib adds.
   *
   * @default - db.t4g.micro
   */
  readonly instanceType?: InstanceType;

  /**
   * Whether RDS keeps a standby instance in another availability zone, and fails over to it.
   *
   * It doubles the price. Without it, the database is down for minutes when the instance fails, and until the zone is back when
   * its zone fails.
   *
   * @default false
   */
  readonly multiAz?: boolean;

  /**
   * Storage at the start, 20 GiB to 64 TiB in whole GiB, as a gp3 volume.
   *
   * RDS never makes a volume smaller. Throws outside the range.
   *
   * @default - 20 GiB
   */
  readonly allocatedStorage?: Size;

  /**
   * Storage up to which RDS grows the volume by itself before it is full.
   *
   * If you pass the same size as `allocatedStorage`, the volume does not grow. Throws for a size less than 10 % above it, and
   * above 64 TiB.
   *
   * @default - 100 GiB, or one and a half times `allocatedStorage` where that is more
   */
  readonly maxAllocatedStorage?: Size;

  /**
   * Whether a change of `version` may go to another major version.
   *
   * The database is down for minutes during such an upgrade, so you must allow it.
   *
   * @default false
   */
  readonly allowMajorVersionUpgrade?: boolean;
}

/**
 * Options of Aurora PostgreSQL Serverless v2.
 */
export interface FlueAuroraServerlessOptions {
  /**
   * The version of Aurora PostgreSQL.
   *
   * Name a major version only, because Aurora upgrades the minor version by itself.
   *
   * @default - Aurora PostgreSQL 17, in the minor version that Aurora prefers
   */
  readonly version?: AuroraPostgresEngineVersion;

  /**
   * The least capacity of each instance, 0–256 Aurora capacity units (ACU) in steps of 0.5.
   *
   * One unit is about 2 GiB of memory. At zero, an instance without connections pauses. A running Flue server keeps connections
   * open, so zero saves money only while no task runs.
   *
   * Throws outside the range and above `maxCapacity`.
   *
   * @default 0.5
   */
  readonly minCapacity?: number;

  /**
   * The most capacity of each instance, 1–256 Aurora capacity units (ACU) in steps of 0.5.
   *
   * It limits the bill. Throws outside the range.
   *
   * @default 4
   */
  readonly maxCapacity?: number;

  /**
   * Number of readers beside the writer, 0–15, in other availability zones.
   *
   * Flue reads from the writer only. If the writer fails, Aurora makes a reader the writer within a minute. A reader scales
   * with the writer and costs as much. Throws outside the range.
   *
   * @default 0
   */
  readonly readers?: number;
}
