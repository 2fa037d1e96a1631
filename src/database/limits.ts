import { Token, type Duration, type Size, SizeRoundingBehavior } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { secondsOf } from '../invariants/durations';
import { refuse } from '../invariants/invariant';
import { PRIVATE_DATABASE } from '../invariants/private-database';

/** Port on which Postgres listens unless told otherwise. */
export const POSTGRES_PORT = 5432;

/** Range of ports RDS lets a database listen on. */
const PORTS = { minimum: 1150, maximum: 65535 };
/** Days for which RDS keeps automated backups. */
const BACKUP_DAYS = { minimum: 1, maximum: 35 };
/** Intervals at which RDS can publish metrics of the operating system, in seconds. */
const MONITORING_SECONDS = [0, 1, 5, 10, 15, 30, 60];
/** Storage RDS gives a gp3 volume, in GiB. */
const STORAGE_GIB = { minimum: 20, maximum: 65536 };
/** The limit of storage growth lies at least this share of what is allocated above it. */
const LEAST_GROWTH_PERCENT = 10;
/** Aurora capacity units of one instance, and the step in which they are given. */
const CAPACITY = { minimum: 0, maximum: 256, step: 0.5 };
/** A serverless instance must be able to grow at least this far. */
const LOWEST_MAX_CAPACITY = 1;
/** Readers of one Aurora cluster. */
const MAX_READERS = 15;

/** The engine parameter with which Postgres on RDS refuses connections without TLS. */
export const FORCE_TLS = 'rds.force_ssl';

const NAMES_TAKEN = ['rdsadmin', 'template0', 'template1'];

export function requireDatabaseName(scope: IConstruct, name: string): void {
  if (Token.isUnresolved(name)) {
    return;
  }
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) {
    refuse(scope, `\`databaseName\` must be 1–63 lower-case letters, digits and underscores that begin with a letter, got: ${name.slice(0, 80)}`,
      'Leave it out for `flue`');
  }
  if (NAMES_TAKEN.includes(name)) {
    refuse(scope, `\`databaseName\` must not be a name that RDS keeps for itself, got: ${name}`, 'Leave it out for `flue`');
  }
}

export function requireDatabasePort(scope: IConstruct, port: number): void {
  if (!Token.isUnresolved(port) && !isWhole(port, PORTS)) {
    refuse(scope, `\`port\` must be a whole number from ${PORTS.minimum} to ${PORTS.maximum}, got: ${port}`, `Leave it out for ${POSTGRES_PORT}`);
  }
}

/** Refuses a port that no rule of a security group can name. */
export function requireTcpPort(scope: IConstruct, port: number): void {
  if (!Token.isUnresolved(port) && !isWhole(port, { minimum: 1, maximum: PORTS.maximum })) {
    refuse(scope, `\`port\` must be a whole number from 1 to ${PORTS.maximum}, got: ${port}`, `Leave it out for ${POSTGRES_PORT}`);
  }
}

export function requireBackupRetention(scope: IConstruct, retention: Duration): void {
  const seconds = secondsOf(retention);
  if (seconds === undefined) {
    return;
  }
  const days = seconds / 86400;
  if (days === 0) {
    refuse(scope, `\`backupRetention\` must be at least ${BACKUP_DAYS.minimum} day, got: 0 days`,
      'Zero switches backups off, and with them the way back from a bad migration; leave it out for 7 days', PRIVATE_DATABASE);
  }
  if (!isWhole(days, BACKUP_DAYS)) {
    refuse(scope, `\`backupRetention\` must be ${BACKUP_DAYS.minimum}–${BACKUP_DAYS.maximum} whole days, got: ${days} days`, 'Leave it out for 7 days');
  }
}

export function requireMonitoringInterval(scope: IConstruct, interval: Duration): void {
  const seconds = secondsOf(interval);
  if (seconds !== undefined && !MONITORING_SECONDS.includes(seconds)) {
    refuse(scope, `\`monitoringInterval\` must be ${MONITORING_SECONDS.slice(0, -1).join(', ')} or ${MONITORING_SECONDS.at(-1)} s, got: ${seconds} s`,
      'Leave it out to have no metrics of the operating system');
  }
}

/** Refuses parameters with which the database takes connections without TLS. */
export function requireForcedTls(scope: IConstruct, parameters: { readonly [name: string]: string } = {}): void {
  const forced = parameters[FORCE_TLS];
  if (forced !== undefined && !Token.isUnresolved(forced) && forced !== '1') {
    refuse(scope, `\`parameters\` must not switch \`${FORCE_TLS}\` off, got: ${forced}`,
      'Remove it: the connection string asks for TLS in any case', PRIVATE_DATABASE);
  }
}

/** Refuses storage that RDS does not give, or that could not grow. Sizes known only at deployment pass. */
export function requireStorage(scope: IConstruct, allocated: Size, maximum?: Size): void {
  const gib = requireStorageSize(scope, 'allocatedStorage', allocated);
  const maxGib = maximum && requireStorageSize(scope, 'maxAllocatedStorage', maximum);
  if (gib === undefined || maxGib === undefined) {
    return;
  }
  const least = Math.ceil(gib * (100 + LEAST_GROWTH_PERCENT) / 100);
  if (maxGib !== gib && maxGib < least) {
    refuse(scope, `\`maxAllocatedStorage\` must be \`allocatedStorage\` (${gib} GiB) or at least ${least} GiB, got: ${maxGib} GiB`,
      'Give the two the same size for storage that does not grow');
  }
}

function requireStorageSize(scope: IConstruct, prop: string, size: Size): number | undefined {
  if (size.isUnresolved()) {
    return undefined;
  }
  const gib = gibOf(size);
  if (!isWhole(gib, STORAGE_GIB)) {
    refuse(scope, `\`${prop}\` must be ${STORAGE_GIB.minimum}–${STORAGE_GIB.maximum} whole GiB, got: ${gib} GiB`,
      'Give it as `Size.gibibytes(…)`, or leave it out');
  }
  return gib;
}

export function gibOf(size: Size): number {
  return size.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
}

/** Storage up to which a volume grows unless told otherwise: room for a year of talk, and a bound on the bill. */
export function defaultMaxStorage(allocatedGib: number): number {
  return Math.min(STORAGE_GIB.maximum, Math.max(100, Math.ceil(allocatedGib * 1.5)));
}

/** Refuses a range of Aurora capacity units that no serverless instance has. */
export function requireCapacity(scope: IConstruct, minCapacity: number, maxCapacity: number): void {
  requireCapacityUnits(scope, 'minCapacity', minCapacity, CAPACITY.minimum);
  requireCapacityUnits(scope, 'maxCapacity', maxCapacity, LOWEST_MAX_CAPACITY);
  if (minCapacity > maxCapacity) {
    refuse(scope, `\`minCapacity\` must be at most \`maxCapacity\` (${maxCapacity} ACU), got: ${minCapacity} ACU`, 'Raise `maxCapacity` with it');
  }
}

function requireCapacityUnits(scope: IConstruct, prop: string, units: number, minimum: number): void {
  const steps = { minimum: minimum / CAPACITY.step, maximum: CAPACITY.maximum / CAPACITY.step };
  if (!isWhole(units / CAPACITY.step, steps)) {
    refuse(scope, `\`${prop}\` must be ${minimum}–${CAPACITY.maximum} ACU in steps of ${CAPACITY.step}, got: ${shown(units)} ACU`,
      'One unit (ACU) is about 2 GiB of memory with the processor that goes with it');
  }
}

export function requireReaders(scope: IConstruct, readers: number): void {
  if (!isWhole(readers, { minimum: 0, maximum: MAX_READERS })) {
    refuse(scope, `\`readers\` must be a whole number from 0 to ${MAX_READERS}, got: ${shown(readers)}`,
      'One reader is enough to fail over to; Flue reads from the writer');
  }
}

/** The L2 construct needs to know capacities and readers at synthesis, so a token is refused by the name of what it is. */
function shown(value: number): string {
  return Token.isUnresolved(value) ? 'a value known only at deployment' : `${value}`;
}

function isWhole(value: number, { minimum, maximum }: { readonly minimum: number; readonly maximum: number }): boolean {
  return Number.isInteger(value) && value >= minimum && value <= maximum;
}
