import { INSTANCE_TYPE } from './box';
import { MAX_PORT, MIN_PORT } from './image';
import { CAPACITY_UNITS, DAYS, GIBIBYTES, listOf, SECONDS, within, written, type Limit } from './limit';
import { LEAST_WINDOW_MINUTES, windowMinutes } from '../windows';

/** Port on which Postgres listens unless told otherwise. */
export const POSTGRES_PORT = 5432;
/** The limit of storage growth lies at least this share of what is allocated above it. */
export const LEAST_GROWTH_PERCENT = 10;

/** Postgres cuts a longer name off without an error. */
export const MAX_IDENTIFIER = 63;

const OF_RDS = 'Amazon RDS API reference, CreateDBInstance';
const STORAGE = {
  of: ['FluePostgresOptions'],
  unit: GIBIBYTES,
  minimum: 20,
  maximum: 65536,
  step: 1,
  source: `${OF_RDS} (gp3 storage)`,
  fix: 'Give it as `Size.gibibytes(…)`, or leave it out',
} as const;
const CAPACITY = {
  of: ['FlueAuroraServerlessOptions'],
  unit: CAPACITY_UNITS,
  maximum: 256,
  step: 0.5,
  atSynthesis: true,
  source: 'Amazon RDS API reference, ServerlessV2ScalingConfiguration',
  fix: 'One unit (ACU) is about 2 GiB of memory with the processor that goes with it',
} as const;

export const DATABASE_LIMITS = {
  databaseName: written({
    prop: 'databaseName',
    of: ['FlueDatabaseProps'],
    pattern: /^[a-z][a-z0-9_]*$/,
    length: 63,
    source: `${OF_RDS} (DBName)`,
    fix: 'Leave it out for `flue`',
  }, '1–63 lower-case letters, digits and underscores that begin with a letter'),
  snapshot: written({
    prop: 'snapshot',
    of: ['FlueDatabaseProps'],
    pattern: /^(arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:(cluster-)?snapshot:)?((rds|awsbackup):)?[A-Za-z](?:-?[A-Za-z0-9])*$/,
    length: 350,
    source: 'Amazon RDS API reference, CreateDBSnapshot (DBSnapshotIdentifier) and RestoreDBInstanceFromDBSnapshot',
    fix: 'Copy the name from `aws rds describe-db-snapshots` or `describe-db-cluster-snapshots`, or leave it out for an empty database',
  }, 'the name or the ARN of a snapshot of RDS'),
  schemaName: written({
    prop: 'schemaName',
    of: ['FlueSchemaOptions'],
    pattern: /^[a-z_][a-z0-9_]*$/,
    length: 63,
    source: 'PostgreSQL, identifiers and key words (NAMEDATALEN)',
    fix: 'Pass another `schemaName`, such as `support_agents`',
  }, '1–63 lower-case letters, digits and underscores that do not begin with a digit'),
  existingDatabaseName: written({
    prop: 'databaseName',
    of: ['FlueDatabaseFromAdministratorSecretOptions'],
    pattern: /^[A-Za-z0-9_-]+$/,
    length: 63,
    source: 'PostgreSQL, identifiers and key words (NAMEDATALEN); it stands in a URL',
    fix: 'Pass the name of a database that exists on the server',
  }, '1–63 letters, digits, underscores and hyphens'),
  host: written({
    prop: 'host',
    of: ['FlueDatabaseFromAdministratorSecretOptions'],
    pattern: /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
    length: 253,
    source: 'DNS (RFC 1035); it stands in a URL',
    fix: 'Pass the host alone, such as `db.example.com`, and the port as `port`',
  }, 'a host name or an address of 1–253 letters, digits, dots and hyphens'),
  port: within({
    prop: 'port',
    of: ['FlueDatabaseProps'],
    minimum: 1150,
    maximum: MAX_PORT,
    step: 1,
    source: `${OF_RDS} (Port)`,
    fix: `Leave it out for ${POSTGRES_PORT}`,
  }),
  existingPort: within({
    prop: 'port',
    of: ['FlueExistingDatabaseOptions'],
    minimum: MIN_PORT,
    maximum: MAX_PORT,
    step: 1,
    source: 'TCP',
    fix: `Leave it out for ${POSTGRES_PORT}`,
  }),
  backupRetention: within({
    prop: 'backupRetention',
    of: ['FlueDatabaseProps'],
    unit: DAYS,
    minimum: 1,
    maximum: 35,
    step: 1,
    source: `${OF_RDS} (BackupRetentionPeriod); zero switches backups off`,
    fix: 'Leave it out for 7 days',
  }),
  automaticallyAfter: within({
    prop: 'automaticallyAfter',
    of: ['FlueRotationOptions'],
    unit: DAYS,
    minimum: 1,
    maximum: 1000,
    step: 1,
    source: 'AWS Secrets Manager API reference, RotationRulesType; a day leaves every server time to start anew',
    fix: 'Leave it out for 30 days',
    atSynthesis: true,
  }),
  monitoringInterval: within({
    prop: 'monitoringInterval',
    of: ['FlueDatabaseProps'],
    unit: SECONDS,
    values: [0, 1, 5, 10, 15, 30, 60],
    source: `${OF_RDS} (MonitoringInterval)`,
    fix: 'Leave it out to have no metrics of the operating system',
  }),
  securityGroups: listOf({
    prop: 'securityGroups',
    of: ['FlueDatabaseProps'],
    least: 1,
    most: 5,
    source: 'Amazon VPC user guide, quotas: security groups of a network interface',
    fix: 'Leave it out for a new one',
  }, 'security groups'),
  existingSecurityGroups: listOf({
    prop: 'securityGroups',
    of: ['FlueExistingDatabaseOptions'],
    least: 1,
    source: 'without a security group, the construct opens no way to the database',
    fix: 'Leave it out if you let the servers in by other means',
  }, 'security groups'),
  preferredBackupWindow: written({
    prop: 'preferredBackupWindow',
    of: ['FlueDatabaseProps'],
    pattern: /^\d\d:\d\d-\d\d:\d\d$/,
    length: 11,
    accepts: text => windowMinutes(text) >= LEAST_WINDOW_MINUTES,
    source: `${OF_RDS} (PreferredBackupWindow)`,
    fix: 'Write it as in `02:00-03:00`',
  }, `a window in UTC as \`hh:mm-hh:mm\`, at least ${LEAST_WINDOW_MINUTES} minutes long`),
  preferredMaintenanceWindow: written({
    prop: 'preferredMaintenanceWindow',
    of: ['FlueDatabaseProps'],
    pattern: /^[A-Za-z]{3}:\d\d:\d\d-[A-Za-z]{3}:\d\d:\d\d$/,
    length: 19,
    accepts: text => windowMinutes(text) >= LEAST_WINDOW_MINUTES,
    source: `${OF_RDS} (PreferredMaintenanceWindow)`,
    fix: 'Write it as in `Sun:04:00-Sun:05:00`',
  }, `a window in UTC as \`ddd:hh:mm-ddd:hh:mm\`, at least ${LEAST_WINDOW_MINUTES} minutes long`),
  credentials: {
    prop: 'credentials',
    of: ['FlueDatabaseProps'],
    allowed: 'a secret with the keys `username` and `password`; one that this app generates has a user name of 1–63 letters, digits and underscores that RDS '
      + 'does not reserve, and a password without characters that end or split a URL',
    source: `${OF_RDS} (MasterUsername)`,
  } satisfies Limit,
  instanceType: written({
    prop: 'instanceType',
    of: ['FluePostgresOptions'],
    ...INSTANCE_TYPE,
    source: `${OF_RDS} (DBInstanceClass), to which aws-cdk-lib adds \`db.\``,
  }, 'a family and a size, without `db.` before them'),
  allocatedStorage: within({ ...STORAGE, prop: 'allocatedStorage' }),
  maxAllocatedStorage: within({ ...STORAGE, prop: 'maxAllocatedStorage' }),
  growth: {
    prop: 'maxAllocatedStorage',
    of: ['FluePostgresOptions'],
    allowed: `\`allocatedStorage\`, or at least ${LEAST_GROWTH_PERCENT} % above it`,
    source: 'Amazon RDS user guide, storage autoscaling',
  } satisfies Limit,
  minCapacity: within({ ...CAPACITY, prop: 'minCapacity', minimum: 0 }),
  maxCapacity: within({ ...CAPACITY, prop: 'maxCapacity', minimum: 1 }),
  readers: within({
    prop: 'readers',
    of: ['FlueAuroraServerlessOptions'],
    minimum: 0,
    maximum: 15,
    step: 1,
    atSynthesis: true,
    source: 'Amazon Aurora user guide, replication with Aurora PostgreSQL',
    fix: 'One reader is enough to fail over to; Flue reads from the writer',
  }),
};
