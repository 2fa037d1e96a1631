import { Duration, RemovalPolicy, Size, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { InstanceClass, InstanceSize, InstanceType, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AuroraPostgresEngineVersion, PostgresEngineVersion } from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { existingVpc, newDatabase, newStack, synthesized, type DatabaseProps } from './helpers';
import { FlueDatabase } from '../../src/database/flue-database';
import { FlueDatabaseEngine } from '../../src/database/flue-database-engine';
import { expectTemplateSnapshot } from '../support/snapshot';

/** Everything a user can say that is not of one engine. */
function maximal(engine: FlueDatabaseEngine, snapshot?: string) {
  const stack = newStack({ env: { region: 'us-east-1', account: '123456789012' } });
  const vpc = existingVpc(stack);
  const props: Required<Omit<DatabaseProps, 'cloudwatchLogsRetention' | 'snapshot' | 'rotation'>> = {
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    engine,
    databaseName: 'talk',
    port: 6543,
    credentials: Secret.fromSecretCompleteArn(stack, 'Owner', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:owner-AbCdEf'),
    securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')],
    removalPolicy: RemovalPolicy.RETAIN,
    deletionProtection: false,
    backupRetention: Duration.days(35),
    preferredBackupWindow: '03:00-03:30',
    preferredMaintenanceWindow: 'sun:04:00-sun:04:30',
    autoMinorVersionUpgrade: false,
    encryptionKey: Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555'),
    iamAuthentication: true,
    parameters: { log_min_duration_statement: '500' },
    monitoringInterval: Duration.seconds(60),
    enablePerformanceInsights: true,
  };
  Tags.of(stack).add('team', 'agents');
  return synthesized({ ...props, snapshot }, stack).template;
}

test('a minimal RDS database', () => {
  expectTemplateSnapshot(synthesized().template);
});

test('a maximal RDS database', () => {
  expectTemplateSnapshot(maximal(FlueDatabaseEngine.postgres({
    version: PostgresEngineVersion.VER_17_6,
    instanceType: InstanceType.of(InstanceClass.M6G, InstanceSize.LARGE),
    multiAz: true,
    allocatedStorage: Size.gibibytes(200),
    maxAllocatedStorage: Size.tebibytes(1),
    allowMajorVersionUpgrade: true,
  })));
});

test('a minimal Aurora database', () => {
  expectTemplateSnapshot(synthesized({ engine: FlueDatabaseEngine.auroraServerless() }).template);
});

test('a maximal Aurora database', () => {
  expectTemplateSnapshot(maximal(FlueDatabaseEngine.auroraServerless({
    version: AuroraPostgresEngineVersion.VER_16_13,
    minCapacity: 2,
    maxCapacity: 16.5,
    readers: 2,
  })));
});

test('a maximal RDS database from a snapshot', () => {
  expectTemplateSnapshot(maximal(FlueDatabaseEngine.postgres(), 'before-upgrade'));
});

test('a maximal Aurora database from a snapshot', () => {
  expectTemplateSnapshot(maximal(FlueDatabaseEngine.auroraServerless(), 'arn:aws:rds:us-east-1:123456789012:snapshot:before-upgrade'));
});

test('maximal passwords that rotate', () => {
  const stack = newStack({ env: { region: 'us-east-1', account: '123456789012' } });
  const database = newDatabase({
    encryptionKey: Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555'),
    removalPolicy: RemovalPolicy.RETAIN,
    rotation: { automaticallyAfter: Duration.days(7), vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED }, createEndpoint: true },
  }, stack);
  database.addSchema('Agents');
  expect(database.url.arn).toBe(database.urlSecret.secretArn);
  expectTemplateSnapshot(Template.fromStack(stack));
});

test('maximal schemas', () => {
  const stack = newStack({ env: { region: 'us-east-1', account: '123456789012' } });
  const encryptionKey = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555');
  const existing = FlueDatabase.fromAdministratorSecret(stack, 'Existing', {
    administrator: Secret.fromSecretCompleteArn(stack, 'Master', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:master-AbCdEf'),
    host: 'db.example.com',
    port: 6543,
    databaseName: 'app',
    encryptionKey,
    vpc: existingVpc(stack),
    securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')],
    usesRdsCertificates: false,
  });
  existing.addSchema('Agents', { schemaName: 'talk' });
  expectTemplateSnapshot(Template.fromStack(stack));
});

test('a bounded log retention is the one thing that needs a function', () => {
  synthesized().template.resourceCountIs('AWS::Lambda::Function', 0);
  const { template } = synthesized({ cloudwatchLogsRetention: RetentionDays.ONE_MONTH });
  template.resourceCountIs('AWS::Lambda::Function', 1);
  template.resourcePropertiesCountIs('Custom::LogRetention', { RetentionInDays: 30 }, 2);
});
