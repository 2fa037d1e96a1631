import { App, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { BackupVault, type LockConfiguration } from 'aws-cdk-lib/aws-backup';
import { Volume, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { AwsSolutionsChecks } from 'cdk-nag';
import { FlueBackups, FlueChecks, FlueDatabase, FlueDatabaseEngine, type FlueBackupsProps } from '../../src';
import { expectTemplateSnapshot } from '../support/snapshot';

function world(id = 'Test') {
  const stack = new Stack(new App(), id, { env: { account: '111111111111', region: 'eu-central-1' } });
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-central-1a', 'eu-central-1b'], isolatedSubnetIds: ['subnet-1', 'subnet-2'], isolatedSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
  });
  return {
    stack,
    database: new FlueDatabase(stack, 'Database', { vpc }),
    aurora: new FlueDatabase(stack, 'Aurora', { vpc, engine: FlueDatabaseEngine.auroraServerless() }),
    volume: Volume.fromVolumeAttributes(stack, 'Volume', { volumeId: 'vol-11111111', availabilityZone: 'eu-central-1a' }),
  };
}

/** The ARNs that a plan selects, as the template writes them. */
const selected = (template: Template) => Object.values(template.findResources('AWS::Backup::BackupSelection'))
  .flatMap(({ Properties }) => Properties.BackupSelection.Resources.map((arn: unknown) => JSON.stringify(arn)));

test('maximal backups', () => {
  const { stack, database, aurora, volume } = world();
  const props: Required<FlueBackupsProps> = {
    databases: [database, aurora],
    volumes: [volume],
    retention: Duration.days(14),
    schedule: Schedule.cron({ hour: '3', minute: '30' }),
    vault: BackupVault.fromBackupVaultName(stack, 'Vault', 'agents'),
  };
  new FlueBackups(stack, 'Backups', props);
  expectTemplateSnapshot(Template.fromStack(stack));
});

test('every day, for 35 days, in a vault that outlives the stack', () => {
  const { stack, database } = world();
  new FlueBackups(stack, 'Backups', { databases: [database] });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Backup::BackupPlan', {
    BackupPlan: { BackupPlanRule: [Match.objectLike({ RuleName: 'Daily', ScheduleExpression: 'cron(0 5 * * ? *)', Lifecycle: { DeleteAfterDays: 35 } })] },
  });
  template.hasResource('AWS::Backup::BackupVault', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
});

test('no two stacks of one id have a vault of one name, because the vault of the former stays', () => {
  const { stack, database } = world(`A${'-long'.repeat(20)}`);
  new FlueBackups(stack, 'Backups', { databases: [database] });
  new FlueBackups(stack, 'Others', { databases: [database] });
  const names = Object.values(Template.fromStack(stack).findResources('AWS::Backup::BackupVault')).map(({ Properties }) => Properties.BackupVaultName);
  expect(names).toHaveLength(2);
  const prefixes = names.map(({ 'Fn::Join': [separator, [prefix, end]] }) => {
    expect(separator).toBe('');
    expect(end).toEqual({ 'Fn::Select': [4, { 'Fn::Split': ['-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }] }] });
    return prefix as string;
  });
  expect(new Set(prefixes).size).toBe(2);
  // the end of an id has 12 characters
  prefixes.forEach(prefix => expect(`${prefix}${'a'.repeat(12)}`).toMatch(/^[a-zA-Z0-9\-_]{2,50}$/));
});

test('the instance, the cluster and the volume are selected, and nothing else', () => {
  const { stack, database, aurora, volume } = world();
  const backups = new FlueBackups(stack, 'Backups', { databases: [database] });
  backups.addDatabase(aurora);
  backups.addVolume(volume);
  const arns = selected(Template.fromStack(stack)).sort();
  expect(arns).toHaveLength(3);
  expect(arns.map(arn => /"(DBInstanceArn|DBClusterArn)"|:cluster:|:db:|:volume\/vol-11111111/.exec(arn)?.[0])).not.toContain(undefined);
});

test('one role, which AWS Backup alone assumes, with the policy of AWS for backups and no other', () => {
  const { stack, database, volume } = world();
  new FlueBackups(stack, 'Backups', { databases: [database], volumes: [volume] });
  const template = Template.fromStack(stack);
  const roles = Object.values(template.findResources('AWS::IAM::Role'));
  expect(roles).toHaveLength(1);
  expect(roles[0].Properties.AssumeRolePolicyDocument.Statement).toEqual([{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'backup.amazonaws.com' } }]);
  expect(JSON.stringify(roles[0].Properties.ManagedPolicyArns)).toMatch(/^\[[^[]*\["",\["arn:",\{"Ref":"AWS::Partition"\},":iam::aws:policy\/service-role\/AWSBackupServiceRolePolicyForBackup"\]\]\}\]$/);
  template.resourceCountIs('AWS::IAM::Policy', 0);
});

test('an id of a resource does not depend on the order of the calls', () => {
  const ids = (first: 'database' | 'aurora') => {
    const { stack, database, aurora } = world();
    new FlueBackups(stack, 'Backups', { databases: first === 'database' ? [database, aurora] : [aurora, database] });
    return Object.keys(Template.fromStack(stack).findResources('AWS::Backup::BackupSelection')).sort();
  };
  expect(ids('database')).toHaveLength(2);
  expect(ids('aurora')).toEqual(ids('database'));
});

test.each([Duration.days(1), Duration.days(36500), Duration.hours(48)])('keeps them for %s', retention => {
  const { stack, database } = world();
  expect(() => new FlueBackups(stack, 'Backups', { databases: [database], retention })).not.toThrow();
});

test.each([[Duration.days(0), '0 days'], [Duration.days(36501), '36501 days'], [Duration.hours(36), '1.5 days']])('refuses %s before anything exists', (retention, got) => {
  const stack = new Stack(new App(), 'Test');
  expect(() => new FlueBackups(stack, 'Backups', { retention })).toThrow(`[Test/Backups] \`retention\` must be 1–36500 whole days, got: ${got}. Leave it out for 35 days`);
  expect(stack.node.findAll().filter(child => 'cfnResourceType' in child)).toEqual([]);
});

test('refuses a rate, which AWS Backup does not know', () => {
  const { stack } = world();
  expect(() => new FlueBackups(stack, 'Backups', { schedule: Schedule.rate(Duration.hours(12)) })).toThrow(
    '[Test/Backups] `schedule` must be a cron expression, got: rate(12 hours). AWS Backup knows no other: use `events.Schedule.cron({ … })`',
  );
});

test.each([
  ['cron(99 3 * * ? *)', 'must fire at some time'], ['cron(0 3 * * *)', 'must fire at some time'], ['cron()', 'must fire at some time'], ['cron(0 5 30 2 ? *)', 'must fire at some time'],
  ['cron(* * * * ? *)', 'must fire once an hour at most'], ['cron(0,30 5 * * ? *)', 'must fire once an hour at most'], ['cron(0/20 5 * * ? *)', 'must fire once an hour at most'],
  ['cron(0 3 * * ? *)\n', 'must be a cron expression'],
])('refuses the schedule %j', (expression, message) => {
  const { stack } = world();
  expect(() => new FlueBackups(stack, 'Backups', { schedule: Schedule.expression(expression) })).toThrow(`[Test/Backups] \`schedule\` ${message}, got: `);
});

test.each(['cron(0 * * * ? *)', 'cron(15 5 L * ? *)', 'cron(30 5 ? * MON-FRI *)'])('takes the schedule %s', expression => {
  const { stack } = world();
  expect(() => new FlueBackups(stack, 'Backups', { schedule: Schedule.expression(expression) })).not.toThrow();
});

test('refuses a vault and a database of another place before anything exists', () => {
  const app = new App();
  const stack = new Stack(app, 'Test', { env: { account: '111111111111', region: 'us-east-1' } });
  const other = new Stack(app, 'Other', { env: { account: '111111111111', region: 'eu-west-1' } });
  const vault = BackupVault.fromBackupVaultArn(stack, 'Imported', 'arn:aws:backup:us-east-1:222222222222:backup-vault:other');
  expect(() => new FlueBackups(stack, 'One', { vault })).toThrow('[Test/One] `vault` must be in the account of the stack, 111111111111, got: one in 222222222222.');
  const database = new FlueDatabase(other, 'Database', { vpc: new Vpc(other, 'Vpc') });
  expect(() => new FlueBackups(stack, 'Two', { databases: [database] })).toThrow('[Test/Two] `databases` must be in the region of the stack, us-east-1, got: one in eu-west-1.');
});

test('refuses the same twice, and a plan of nothing', () => {
  const { stack, volume } = world();
  const backups = new FlueBackups(stack, 'Backups', { volumes: [volume] });
  expect(() => backups.addVolume(volume)).toThrow('`databases` and `volumes` must name each once, got: Test/Volume twice. Remove the second one');
  const empty = new Stack(new App(), 'Empty');
  new FlueBackups(empty, 'Backups');
  expect(() => Template.fromStack(empty)).toThrow('FlueBackups must back up something, got: neither a database nor a volume. Pass `databases` or `volumes`');
});

test('FlueChecks finds nothing, cdk-nag the policy of AWS, and no warning is given', () => {
  const { stack, database } = world();
  const app = stack.node.root as App;
  const found = () => [...new Set(new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName))];
  const before = found();
  new FlueBackups(stack, 'Backups', { databases: [database] });
  expect(new FlueChecks(app).validateScope(app).violations).toEqual([]);
  expect(found().filter(rule => !before.includes(rule))).toEqual([expect.stringContaining('AwsSolutions-IAM4')]);
  Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
});

test.each<[what: string, days: number, lock: LockConfiguration, message: string | undefined]>([
  ['at the least of the lock', 30, { minRetention: Duration.days(30) }, undefined],
  ['below it', 29, { minRetention: Duration.days(30) }, '`retention` must be at least 30 days, as the lock of Test/Locked says, got: 29. AWS Backup fails each backup'],
  ['at the most of the lock', 60, { minRetention: Duration.days(30), maxRetention: Duration.days(60) }, undefined],
  ['above it', 61, { minRetention: Duration.days(30), maxRetention: Duration.days(60) }, '`retention` must be 30–60 days, as the lock of Test/Locked says, got: 61.'],
])('a retention %s', (_, days, lockConfiguration, message) => {
  const { stack, volume } = world();
  const vault = new BackupVault(stack, 'Locked', { lockConfiguration });
  const make = expect(() => new FlueBackups(stack, 'Backups', { vault, retention: Duration.days(days), volumes: [volume] }));
  message === undefined ? make.not.toThrow() : make.toThrow(message);
});

test('a volume of elsewhere is refused, whichever way it comes', () => {
  const { stack } = world();
  const there = Volume.fromVolumeAttributes(stack, 'There', { volumeId: 'vol-22222222', availabilityZone: 'us-east-1a' });
  const got = '`volumes` must be in the region of the stack, eu-central-1, got: one in the zone us-east-1a. AWS Backup reads only';
  expect(() => new FlueBackups(stack, 'One', { volumes: [there] })).toThrow(got);
  expect(() => new FlueBackups(stack, 'Two').addVolume(there)).toThrow(got.replace('volumes', 'volume'));
  const other = new Stack(stack.node.root as App, 'Other', { env: { account: '111111111111', region: 'us-east-1' } });
  const volume = Volume.fromVolumeAttributes(other, 'Volume', { volumeId: 'vol-22222222', availabilityZone: 'us-east-1a' });
  expect(() => new FlueBackups(stack, 'Three', { volumes: [volume] })).toThrow('`volumes` must be in the region of the stack, eu-central-1, got: one in us-east-1.');
});

test('a schema is no database to back up', () => {
  const { stack, database } = world();
  const schema = database.addSchema('Support') as unknown as FlueDatabase;
  expect(() => new FlueBackups(stack, 'Backups', { databases: [schema] })).toThrow('`databases` must be a list in which each entry is a FlueDatabase, got: a FlueSchema at 0.');
});
