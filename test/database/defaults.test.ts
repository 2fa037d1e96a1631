import { Duration, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnDBCluster, CfnDBInstance, PostgresEngineVersion, AuroraPostgresEngineVersion } from 'aws-cdk-lib/aws-rds';
import { newDatabase, newStack, synthesized, type DatabaseProps } from './helpers';
import { FlueDatabaseEngine } from '../../src/database/flue-database-engine';

const aurora = FlueDatabaseEngine.auroraServerless();

describe.each<[string, string, DatabaseProps]>([
  ['RDS', 'AWS::RDS::DBInstance', {}],
  ['Aurora', 'AWS::RDS::DBCluster', { engine: aurora }],
])('by default, a database on %s', (_, type, props) => {
  const { template } = synthesized(props);

  test.each<[string, object]>([
    ['is encrypted', { StorageEncrypted: true }],
    ['is protected from deletion', { DeletionProtection: true }],
    ['is backed up for a week', { BackupRetentionPeriod: 7 }],
    ['tags its snapshots', { CopyTagsToSnapshot: true }],
    ['takes no IAM tokens', { EnableIAMDatabaseAuthentication: false }],
    ['exports its log', { EnableCloudwatchLogsExports: Match.arrayWith(['postgresql']) }],
    ['has the role flue', { MasterUsername: 'flue' }],
  ])('%s', (__, properties) => {
    template.hasResourceProperties(type, properties);
  });

  test('leaves a final snapshot', () => {
    template.hasResource(type, { DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' });
  });

  test('is on no public address, with a certificate of an authority that Node can be given', () => {
    template.allResourcesProperties('AWS::RDS::DBInstance', {
      PubliclyAccessible: false, CACertificateIdentifier: 'rds-ca-rsa2048-g1', AutoMinorVersionUpgrade: true,
    });
  });

  test('is in the isolated subnets', () => {
    template.hasResourceProperties('AWS::RDS::DBSubnetGroup', { SubnetIds: ['subnet-2222222222222222a', 'subnet-2222222222222222b'] });
  });

  test('lets nobody in and goes nowhere', () => {
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: Match.absent(),
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '255.255.255.255/32' })],
    });
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });

  test('costs no function, role or parameter group', () => {
    for (const unwanted of ['AWS::Lambda::Function', 'AWS::IAM::Role', 'AWS::RDS::DBParameterGroup', 'AWS::RDS::DBClusterParameterGroup']) {
      template.resourceCountIs(unwanted, 0);
    }
  });
});

test('the RDS default is the cheapest instance, on the newest major version alone', () => {
  synthesized().template.hasResourceProperties('AWS::RDS::DBInstance', {
    DBInstanceClass: 'db.t4g.micro',
    EngineVersion: '18',
    StorageType: 'gp3',
    AllocatedStorage: '20',
    MaxAllocatedStorage: 100,
    MultiAZ: false,
    DBName: 'flue',
    Port: '5432',
    EnableCloudwatchLogsExports: ['postgresql', 'upgrade'],
  });
});

test('the Aurora default is one serverless writer, on the newest major version alone', () => {
  const { template } = synthesized({ engine: aurora });
  template.hasResourceProperties('AWS::RDS::DBCluster', {
    EngineVersion: '17',
    DatabaseName: 'flue',
    Port: 5432,
    ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 },
  });
  template.resourceCountIs('AWS::RDS::DBInstance', 1);
  template.hasResourceProperties('AWS::RDS::DBInstance', { DBInstanceClass: 'db.serverless' });
});

test('readers scale with the writer and take over from it', () => {
  const { template } = synthesized({ engine: FlueDatabaseEngine.auroraServerless({ readers: 2 }) });
  template.resourceCountIs('AWS::RDS::DBInstance', 3);
  template.resourcePropertiesCountIs('AWS::RDS::DBInstance', { PromotionTier: 1 }, 2);
});

test('exposes what it is made of', () => {
  const { database } = synthesized();
  expect(database.instance).toBeDefined();
  expect(database.cluster).toBeUndefined();
  expect(database.node.defaultChild).toBeInstanceOf(CfnDBInstance);
  expect(database.databaseName).toBe('flue');
  expect(database.usesRdsCertificates).toBe(true);
  expect(database.vpc?.vpcId).toBe('vpc-0123456789abcdef0');
  expect(database.securityGroups).toHaveLength(1);
  expect(database.endpoint).toBe(database.instance!.instanceEndpoint);

  const { database: onAurora } = synthesized({ engine: aurora });
  expect(onAurora.cluster).toBeDefined();
  expect(onAurora.instance).toBeUndefined();
  expect(onAurora.node.defaultChild).toBeInstanceOf(CfnDBCluster);
  expect(onAurora.endpoint).toBe(onAurora.cluster!.clusterEndpoint);
});

test.each([RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE])('%s keeps all that the database and its users need', removalPolicy => {
  for (const engine of [undefined, aurora]) {
    const { template } = synthesized({ engine, removalPolicy });
    const resources: Array<{ DeletionPolicy?: string }> = Object.values(template.toJSON().Resources);
    const expected = removalPolicy === RemovalPolicy.RETAIN ? 'Retain' : 'RetainExceptOnCreate';
    expect(new Set(resources.map(resource => resource.DeletionPolicy))).toEqual(new Set([expected]));
  }
});

test('DESTROY leaves nothing behind', () => {
  const { template } = synthesized({ removalPolicy: RemovalPolicy.DESTROY, deletionProtection: false });
  template.hasResource('AWS::RDS::DBInstance', { DeletionPolicy: 'Delete' });
  template.allResources('AWS::SecretsManager::Secret', { DeletionPolicy: 'Delete' });
});

test.each([
  ['RDS before 15', FlueDatabaseEngine.postgres({ version: PostgresEngineVersion.VER_14 }), 'AWS::RDS::DBParameterGroup', 'postgres14'],
  ['Aurora before 17', FlueDatabaseEngine.auroraServerless({ version: AuroraPostgresEngineVersion.VER_16_13 }), 'AWS::RDS::DBClusterParameterGroup', 'aurora-postgresql16'],
])('%s is told to require TLS', (_, engine, type, Family) => {
  synthesized({ engine }).template.hasResourceProperties(type, { Family, Parameters: { 'rds.force_ssl': '1' } });
});

test('parameters of the user come with required TLS', () => {
  synthesized({ parameters: { work_mem: '8192' } }).template.hasResourceProperties('AWS::RDS::DBParameterGroup', {
    Family: 'postgres18', Parameters: { 'work_mem': '8192', 'rds.force_ssl': '1' },
  });
});

test.each(['cn-north-1', 'us-gov-west-1'])('synthesizes in %s, with a word on its certificates', region => {
  const stack = newStack({ env: { region, account: '123456789012' } });
  const { template } = synthesized({}, stack);
  template.resourceCountIs('AWS::RDS::DBInstance', 1);
  Annotations.fromStack(stack).hasWarning('/Stack/Database', Match.stringLikeRegexp(`RDS in ${region} has certificate authorities of its own.*FlueDatabase.otherAuthorities`));
});

test.each(['eu-central-1', undefined])('needs no word on the certificates of %s', region => {
  const stack = newStack({ env: { region, account: '123456789012' } });
  newDatabase({}, stack);
  Annotations.fromStack(stack).hasNoWarning('/Stack/Database', Match.anyValue());
});

describe.each<[string, DatabaseProps]>([
  ['RDS', {}],
  ['Aurora', { engine: aurora }],
])('metrics of the operating system on %s', (_, props) => {
  const every = (seconds: number) => synthesized({ ...props, monitoringInterval: Duration.seconds(seconds) }).template;

  test('switched off by 0 have no role, beside which RDS refuses the interval', () => {
    const template = every(0);
    template.allResourcesProperties('AWS::RDS::DBInstance', { MonitoringInterval: 0, MonitoringRoleArn: Match.absent() });
    template.resourceCountIs('AWS::IAM::Role', 0);
  });

  test.each([['a second', 1], ['an interval known at deployment', Lazy.number({ produce: () => 60 })]])('every second or later have one: %s', (__, seconds) => {
    every(seconds).allResourcesProperties('AWS::RDS::DBInstance', { MonitoringRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('MonitoringRole'), 'Arn'] } });
  });
});
