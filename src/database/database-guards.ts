import { RemovalPolicy, SizeRoundingBehavior, Stack, type Duration, type Size } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { secondsOf } from '../invariants/durations';
import { refuse } from '../invariants/invariant';
import { DATABASE_LIMITS, LEAST_GROWTH_PERCENT } from '../invariants/limits/database';
import { requireWithin, requireWritten } from '../invariants/limits/guard';
import { PRIVATE_DATABASE } from '../invariants/private-database';
import { isUnknown } from '../invariants/unknown';
import { windowsOverlap } from '../invariants/windows';

/** The engine parameter with which Postgres on RDS refuses connections without TLS. */
export const FORCE_TLS = 'rds.force_ssl';

const NAMES_TAKEN = ['rdsadmin', 'template0', 'template1'];

export function requireDatabaseName(scope: IConstruct, name: string): void {
  requireWritten(scope, name, DATABASE_LIMITS.databaseName);
  if (NAMES_TAKEN.includes(name)) {
    refuse(scope, `\`databaseName\` must not be a name that RDS reserves for itself, got: ${name}`, 'Leave it out for `flue`');
  }
}

/** Names that Postgres and RDS keep for schemas and roles of their own. */
const RESERVED_SCHEMAS = /^(pg_|rds_|rdsadmin$|rdsrepladmin$|public$|none$|information_schema$)/;

/** @param administrator the name of the administrator, where the app knows it */
export function requireSchemaName(scope: IConstruct, name: string, administrator?: string): void {
  requireWritten(scope, name, DATABASE_LIMITS.schemaName);
  if (isUnknown(name)) {
    return;
  }
  if (RESERVED_SCHEMAS.test(name)) {
    refuse(scope, `\`schemaName\` must not be a name that Postgres or RDS reserves for itself, got: ${name}`, DATABASE_LIMITS.schemaName.fix);
  }
  if (name === administrator) {
    refuse(scope, `\`schemaName\` must not be the name of the administrator, got: ${name}`, 'The role of a schema is one of its own: choose another');
  }
}

/** @param isOfNewDatabase whether the schema is in the stack of its database */
export function requireSchemaRemoval(scope: IConstruct, policy: RemovalPolicy | undefined, isOfNewDatabase: boolean): void {
  if (policy === undefined || policy === RemovalPolicy.RETAIN) {
    return;
  }
  if (policy !== RemovalPolicy.DESTROY) {
    refuse(scope, `\`removalPolicy\` of a schema must be RemovalPolicy.RETAIN or RemovalPolicy.DESTROY, got: ${policy}`,
      'A schema has no snapshot of its own: the backups of the database hold it');
  }
  if (isOfNewDatabase) {
    refuse(scope, '`removalPolicy` must not be RemovalPolicy.DESTROY for a schema in the stack of its database, got: one of a new FlueDatabase',
      'Set `removalPolicy` of the FlueDatabase. For a stack that goes before its database, add the schema to `FlueDatabase.fromAdministratorSecret(…)` in that stack');
  }
}

export function requireBackupRetention(scope: IConstruct, retention: Duration): void {
  if (secondsOf(retention) === 0) {
    refuse(scope, `\`backupRetention\` must be at least ${DATABASE_LIMITS.backupRetention.minimum} day, got: 0 days`,
      'Zero switches backups off, and you could not undo a bad migration. Leave it out for 7 days', PRIVATE_DATABASE);
  }
  requireWithin(scope, retention, DATABASE_LIMITS.backupRetention);
}

/** Refuses a snapshot of another region: RDS restores what is beside the database. */
export function requireSnapshotBeside(scope: IConstruct, snapshot: string | undefined): void {
  const [, region] = /^arn:[^:]*:rds:([^:]+):/.exec(snapshot !== undefined && !isUnknown(snapshot) ? snapshot : '') ?? [];
  const own = Stack.of(scope).region;
  if (region !== undefined && !isUnknown(own) && region !== own) {
    refuse(scope, `\`snapshot\` must be in the region of the stack, ${own}, got: one in ${region}`, 'Copy it there with `aws rds copy-db-snapshot` or `copy-db-cluster-snapshot`');
  }
}

/** Refuses the snapshot of a cluster where an instance is to begin with it. */
export function requireInstanceSnapshot(scope: IConstruct, snapshot: string | undefined): void {
  if (snapshot !== undefined && !isUnknown(snapshot) && /:cluster-snapshot:/.test(snapshot)) {
    refuse(scope, `\`snapshot\` must be one of an instance with \`FlueDatabaseEngine.postgres()\`, got: ${snapshot}`,
      'Use `FlueDatabaseEngine.auroraServerless()` for the snapshot of a cluster');
  }
}

/** The windows that a user may state. */
interface StatedWindows {
  readonly preferredBackupWindow?: string;
  readonly preferredMaintenanceWindow?: string;
}

/** Refuses windows that RDS does not take, and two that overlap. */
export function requireWindows(scope: IConstruct, windows: StatedWindows): void {
  const { preferredBackupWindow: backup, preferredMaintenanceWindow: maintenance } = windows;
  requireWritten(scope, backup, DATABASE_LIMITS.preferredBackupWindow);
  requireWritten(scope, maintenance, DATABASE_LIMITS.preferredMaintenanceWindow);
  if (backup !== undefined && maintenance !== undefined && windowsOverlap(backup, maintenance)) {
    refuse(scope, `\`preferredMaintenanceWindow\` must not overlap \`preferredBackupWindow\` (${backup}), got: ${maintenance}`, 'Move one of the two, or leave it out');
  }
}

/** Refuses parameters with which the database takes connections without TLS. */
export function requireForcedTls(scope: IConstruct, parameters: { readonly [name: string]: string } = {}): void {
  const forced = parameters[FORCE_TLS];
  if (forced !== undefined && !isUnknown(forced) && forced !== '1') {
    refuse(scope, `\`parameters\` must not switch \`${FORCE_TLS}\` off, got: ${forced}`,
      'Remove it: the connection string asks for TLS in any case', PRIVATE_DATABASE);
  }
}

/** Refuses storage that RDS does not offer, or that could not grow. Sizes known only at deployment pass. */
export function requireStorage(scope: IConstruct, allocated: Size, maximum?: Size): void {
  const gib = requireWithin(scope, allocated, DATABASE_LIMITS.allocatedStorage);
  const maxGib = requireWithin(scope, maximum, DATABASE_LIMITS.maxAllocatedStorage);
  if (gib === undefined || maxGib === undefined) {
    return;
  }
  const least = Math.ceil(gib * (100 + LEAST_GROWTH_PERCENT) / 100);
  if (maxGib !== gib && maxGib < least) {
    refuse(scope, `\`maxAllocatedStorage\` must be \`allocatedStorage\` (${gib} GiB) or at least ${least} GiB, got: ${maxGib} GiB`,
      'Give the two the same size for storage that does not grow');
  }
}

export function gibOf(size: Size): number {
  return size.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
}

/** Storage up to which a volume grows unless told otherwise: room for a year of talk, and a bound on the bill. */
export function defaultMaxStorage(allocatedGib: number): number {
  return Math.min(DATABASE_LIMITS.maxAllocatedStorage.maximum, Math.max(100, Math.ceil(allocatedGib * 1.5)));
}

/** Refuses a range of Aurora capacity units that no serverless instance has. */
export function requireCapacity(scope: IConstruct, minCapacity: number, maxCapacity: number): void {
  requireWithin(scope, minCapacity, DATABASE_LIMITS.minCapacity);
  requireWithin(scope, maxCapacity, DATABASE_LIMITS.maxCapacity);
  if (minCapacity > maxCapacity) {
    refuse(scope, `\`minCapacity\` must be at most \`maxCapacity\` (${maxCapacity} ACU), got: ${minCapacity} ACU`, 'Raise `maxCapacity` with it');
  }
}
