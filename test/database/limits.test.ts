import { App, Duration, Lazy, RemovalPolicy, Size, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { newDatabase, newStack, synthesized, type DatabaseProps } from './helpers';
import { FlueDatabase } from '../../src/database/flue-database';
import { FlueDatabaseEngine } from '../../src/database/flue-database-engine';
import type { FlueAuroraServerlessOptions, FluePostgresOptions } from '../../src/database/flue-database-engine-options';

const token = () => Token.asNumber({ Ref: 'Number' });

function refusalOf(props: DatabaseProps): string {
  const stack = newStack();
  let message = '';
  try {
    newDatabase(props, stack);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(stack.node.findAll().filter(child => 'cfnResourceType' in child)).toEqual([]);
  return message;
}

describe('takes', () => {
  test.each<[string, DatabaseProps]>([
    ['the shortest name', { databaseName: 'f' }],
    ['the longest name', { databaseName: `f${'_9'.repeat(31)}` }],
    ['a name known at deployment', { databaseName: Token.asString({ Ref: 'Name' }) }],
    ['the lowest port', { port: 1150 }],
    ['the highest port', { port: 65535 }],
    ['a port known at deployment', { port: token() }],
    ['the shortest backups', { backupRetention: Duration.days(1) }],
    ['the longest backups', { backupRetention: Duration.days(35) }],
    ['whole days in hours', { backupRetention: Duration.hours(48) }],
    ['backups known at deployment', { backupRetention: Duration.days(token()) }],
    ['no monitoring', { monitoringInterval: Duration.seconds(0) }],
    ['the closest monitoring', { monitoringInterval: Duration.seconds(1) }],
    ['the widest monitoring', { monitoringInterval: Duration.minutes(1) }],
    ['required TLS said twice', { parameters: { 'rds.force_ssl': '1' } }],
    ['a parameter known at deployment', { parameters: { 'rds.force_ssl': Lazy.string({ produce: () => '1' }) } }],
  ])('%s', (_, props) => {
    expect(() => newDatabase(props)).not.toThrow();
  });

  test.each<[string, FluePostgresOptions]>([
    ['the smallest storage', { allocatedStorage: Size.gibibytes(20) }],
    ['the largest storage', { allocatedStorage: Size.tebibytes(64) }],
    ['storage in MiB', { allocatedStorage: Size.mebibytes(20 * 1024) }],
    ['storage that can grow by a tenth', { allocatedStorage: Size.gibibytes(100), maxAllocatedStorage: Size.gibibytes(111) }],
    ['storage known at deployment', { allocatedStorage: Size.gibibytes(token()) }],
    ['growth known at deployment', { maxAllocatedStorage: Size.gibibytes(token()) }],
  ])('%s', (_, props) => {
    expect(() => newDatabase({ engine: FlueDatabaseEngine.postgres(props) })).not.toThrow();
  });

  test.each<[string, FlueAuroraServerlessOptions]>([
    ['the least capacity', { minCapacity: 0, maxCapacity: 1 }],
    ['the most capacity', { minCapacity: 256, maxCapacity: 256 }],
    ['half steps', { minCapacity: 1.5, maxCapacity: 2.5 }],
    ['no reader', { readers: 0 }],
    ['the most readers', { readers: 15 }],
  ])('%s', (_, props) => {
    expect(() => newDatabase({ engine: FlueDatabaseEngine.auroraServerless(props) })).not.toThrow();
  });
});

const NAME = '`databaseName` must be 1–63 lower-case letters, digits and underscores that begin with a letter, got: ';
const PORT = '`port` must be a whole number from 1150 to 65535, got: ';
const BACKUP = '`backupRetention` must be 1–35 whole days, got: ';
const MONITORING = '`monitoringInterval` must be 0, 1, 5, 10, 15, 30 or 60 s, got: ';

describe('fails before anything exists for', () => {
  test.each<[string, DatabaseProps, string]>([
    ['an empty name', { databaseName: '' }, `${NAME}an empty string. Leave it out for \`flue\``],
    ['a name in capitals', { databaseName: 'Flue' }, `${NAME}Flue. Leave it out for \`flue\``],
    ['a name that breaks the URL', { databaseName: 'a?b' }, `${NAME}a?b. Leave it out for \`flue\``],
    ['a name that begins with a digit', { databaseName: '1a' }, `${NAME}1a. Leave it out for \`flue\``],
    ['a name of 64', { databaseName: 'f'.repeat(64) }, `${NAME}${'f'.repeat(64)}. Leave it out for \`flue\``],
    ['a name that RDS has taken', { databaseName: 'rdsadmin' },
      '`databaseName` must not be a name that RDS reserves for itself, got: rdsadmin. Leave it out for `flue`'],
    ['a port below', { port: 1149 }, `${PORT}1149. Leave it out for 5432`],
    ['a port above', { port: 65536 }, `${PORT}65536. Leave it out for 5432`],
    ['a fraction of a port', { port: 5432.5 }, `${PORT}5432.5. Leave it out for 5432`],
    ['no backups', { backupRetention: Duration.days(0) }, '`backupRetention` must be at least 1 day, got: 0 days. '
      + 'Zero switches backups off, and you could not undo a bad migration. Leave it out for 7 days (Flue-PrivateDatabase)'],
    ['backups of 36 days', { backupRetention: Duration.days(36) }, `${BACKUP}36 days. Leave it out for 7 days`],
    ['backups of a day and a half', { backupRetention: Duration.hours(36) }, `${BACKUP}1.5 days. Leave it out for 7 days`],
    ['monitoring every 2 s', { monitoringInterval: Duration.seconds(2) }, `${MONITORING}2 s. Leave it out to have no metrics of the operating system`],
    ['monitoring every 61 s', { monitoringInterval: Duration.seconds(61) }, `${MONITORING}61 s. Leave it out to have no metrics of the operating system`],
    ['optional TLS', { parameters: { 'rds.force_ssl': '0' } }, '`parameters` must not switch `rds.force_ssl` off, got: 0. '
      + 'Remove it: the connection string asks for TLS in any case (Flue-PrivateDatabase)'],
    ['no security group', { securityGroups: [] },
      '`securityGroups` must be a list of 1–5 security groups, got: 0. Leave it out for a new one'],
  ])('%s', (_, props, message) => {
    expect(refusalOf(props)).toBe(`[Stack/Database] ${message}`);
  });

  const GIB = 'Give it as `Size.gibibytes(…)`, or leave it out';
  const GROWTH = 'Give the two the same size for storage that does not grow';

  test.each<[string, FluePostgresOptions, string]>([
    ['19 GiB', { allocatedStorage: Size.gibibytes(19) }, `\`allocatedStorage\` must be 20–65536 whole GiB, got: 19 GiB. ${GIB}`],
    ['above 64 TiB', { allocatedStorage: Size.gibibytes(65537) }, `\`allocatedStorage\` must be 20–65536 whole GiB, got: 65537 GiB. ${GIB}`],
    ['half a GiB', { allocatedStorage: Size.mebibytes(20.5 * 1024) }, `\`allocatedStorage\` must be 20–65536 whole GiB, got: 20.5 GiB. ${GIB}`],
    ['growth beyond 64 TiB', { maxAllocatedStorage: Size.gibibytes(65537) },
      `\`maxAllocatedStorage\` must be 20–65536 whole GiB, got: 65537 GiB. ${GIB}`],
    ['growth below what is allocated', { allocatedStorage: Size.gibibytes(200), maxAllocatedStorage: Size.gibibytes(100) },
      `\`maxAllocatedStorage\` must be \`allocatedStorage\` (200 GiB) or at least 220 GiB, got: 100 GiB. ${GROWTH}`],
    ['growth by less than a tenth', { maxAllocatedStorage: Size.gibibytes(21) },
      `\`maxAllocatedStorage\` must be \`allocatedStorage\` (20 GiB) or at least 22 GiB, got: 21 GiB. ${GROWTH}`],
  ])('storage: %s', (_, props, message) => {
    expect(refusalOf({ engine: FlueDatabaseEngine.postgres(props) })).toBe(`[Stack/Database] ${message}`);
  });

  const ACU = 'One unit (ACU) is about 2 GiB of memory with the processor that goes with it';
  const READERS = 'One reader is enough to fail over to; Flue reads from the writer';

  test.each<[string, FlueAuroraServerlessOptions, string]>([
    ['less than nothing', { minCapacity: -0.5 }, `\`minCapacity\` must be 0–256 ACU in steps of 0.5, got: -0.5 ACU. ${ACU}`],
    ['a minimum above', { minCapacity: 256.5 }, `\`minCapacity\` must be 0–256 ACU in steps of 0.5, got: 256.5 ACU. ${ACU}`],
    ['a quarter', { minCapacity: 0.25 }, `\`minCapacity\` must be 0–256 ACU in steps of 0.5, got: 0.25 ACU. ${ACU}`],
    ['a maximum below', { maxCapacity: 0.5 }, `\`maxCapacity\` must be 1–256 ACU in steps of 0.5, got: 0.5 ACU. ${ACU}`],
    ['a maximum above', { maxCapacity: 256.5 }, `\`maxCapacity\` must be 1–256 ACU in steps of 0.5, got: 256.5 ACU. ${ACU}`],
    ['a range upside down', { minCapacity: 8 }, '`minCapacity` must be at most `maxCapacity` (4 ACU), got: 8 ACU. Raise `maxCapacity` with it'],
    ['a reader below', { readers: -1 }, `\`readers\` must be a whole number from 0 to 15, got: -1. ${READERS}`],
    ['a reader above', { readers: 16 }, `\`readers\` must be a whole number from 0 to 15, got: 16. ${READERS}`],
  ])('capacity: %s', (_, props, message) => {
    expect(refusalOf({ engine: FlueDatabaseEngine.auroraServerless(props) })).toBe(`[Stack/Database] ${message}`);
  });

  test.each(['minCapacity', 'maxCapacity', 'readers'])('%s known only at deployment', prop => {
    expect(refusalOf({ engine: FlueDatabaseEngine.auroraServerless({ [prop]: token() }) })).toMatch(/got: a value known only at deployment( ACU)?\. /);
  });
});

test.each<[string, FluePostgresOptions, number | undefined]>([
  ['grows to 100 GiB', {}, 100],
  ['grows by half', { allocatedStorage: Size.gibibytes(101) }, 152],
  ['grows to what is possible', { allocatedStorage: Size.gibibytes(50000) }, 65536],
  ['stays at the largest size', { allocatedStorage: Size.tebibytes(64) }, undefined],
  ['stays at the size that is said twice', { allocatedStorage: Size.gibibytes(30), maxAllocatedStorage: Size.gibibytes(30) }, undefined],
  ['stays where nobody knows how large it is', { allocatedStorage: Size.gibibytes(token()) }, undefined],
])('storage %s', (_, props, maximum) => {
  const { template } = synthesized({ engine: FlueDatabaseEngine.postgres(props), removalPolicy: RemovalPolicy.SNAPSHOT });
  const [instance] = Object.values(template.findResources('AWS::RDS::DBInstance'));
  expect(instance.Properties.MaxAllocatedStorage).toBe(maximum);
});

test('storage that waits for a lookup has its default until it is made', () => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  const gib = Size.gibibytes(Number(StringParameter.valueFromLookup(stack, '/agents/gib')));
  new FlueDatabase(stack, 'Database', { vpc: new Vpc(stack, 'Vpc'), engine: FlueDatabaseEngine.postgres({ allocatedStorage: gib, maxAllocatedStorage: gib }) });
  Template.fromStack(stack).hasResourceProperties('AWS::RDS::DBInstance', { AllocatedStorage: '20', MaxAllocatedStorage: 100 });
});
