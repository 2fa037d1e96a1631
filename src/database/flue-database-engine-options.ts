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
   * A major version without a minor one stays true when RDS upgrades the minor version; a pinned minor
   * version fails the next deployment after such an upgrade, because RDS refuses to go back.
   *
   * @default - PostgreSQL 18, in the minor version that RDS prefers
   */
  readonly version?: PostgresEngineVersion;

  /**
   * The size of the instance. A Flue server holds at most ten connections.
   *
   * @default - db.t4g.micro
   */
  readonly instanceType?: InstanceType;

  /**
   * Whether a second instance in another availability zone takes over when the first one fails.
   *
   * It doubles the price. Without it, a failure of the instance is an outage of minutes, and one
   * of its zone lasts as long as the zone is away.
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
   * The same size as `allocatedStorage` switches the growth off. Throws for one that is less than 10 % above, and above 64 TiB.
   *
   * @default - 100 GiB, or one and a half times `allocatedStorage` where that is more
   */
  readonly maxAllocatedStorage?: Size;

  /**
   * Whether a change of `version` may go to another major version.
   *
   * Such an upgrade takes the database away for minutes, so it wants to be asked for.
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
   * A major version without a minor one stays true when Aurora upgrades the minor version.
   *
   * @default - Aurora PostgreSQL 17, in the minor version that Aurora prefers
   */
  readonly version?: AuroraPostgresEngineVersion;

  /**
   * Capacity of each instance when nothing happens, 0–256 Aurora capacity units (ACU) in steps of 0.5.
   *
   * One unit is about 2 GiB of memory. Zero lets an instance without connections pause, but a running
   * Flue server keeps connections open, so it never does: zero saves money only while no task runs.
   *
   * Throws outside the range and above `maxCapacity`.
   *
   * @default 0.5
   */
  readonly minCapacity?: number;

  /**
   * Capacity of each instance under load, 1–256 Aurora capacity units (ACU) in steps of 0.5.
   *
   * It is the bound on the bill. Throws outside the range.
   *
   * @default 4
   */
  readonly maxCapacity?: number;

  /**
   * Number of readers beside the writer, 0–15, in other availability zones.
   *
   * Flue reads from the writer only: a reader is there to take over within a minute when the writer
   * fails, and it costs as much as the writer, with whose capacity it scales. Throws outside the range.
   *
   * @default 0
   */
  readonly readers?: number;
}
