import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { changed, include, judge, PARAMETER, verdictOn } from './judge';
import { express, fargate, withDatabase } from './templates';
import { PRIVATE_DATABASE, requirePrivateSubnets, requireTwoAvailabilityZones } from '../../src/invariants/private-database';
import { markAsFlueDatabase } from '../../src/invariants/template/flue-marker';

const ABSENT = { Ref: 'AWS::NoValue' };

describe('guards', () => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });

  test('take private and isolated subnets', () => {
    expect(() => requirePrivateSubnets(stack, vpc, { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS })).not.toThrow();
    expect(() => requirePrivateSubnets(stack, vpc, { subnets: vpc.privateSubnets })).not.toThrow();
  });

  test('refuse public ones, by type or one by one', () => {
    expect(() => requirePrivateSubnets(stack, vpc, { subnetType: ec2.SubnetType.PUBLIC })).toThrow(
      '[Stack] `vpcSubnets` must not be public subnets, got: Public. Leave it out for the isolated or private subnets of the VPC (Flue-PrivateDatabase)');
    expect(() => requirePrivateSubnets(stack, vpc, { subnets: [vpc.privateSubnets[0], vpc.publicSubnets[0]] })).toThrow(
      '`vpcSubnets` must not be public subnets, got a selection that holds one');
  });

  test('count availability zones', () => {
    const zones = (...subnets: ec2.ISubnet[]) => () => requireTwoAvailabilityZones(stack, 'a database', vpc.selectSubnets({ subnets }));
    expect(zones(...vpc.privateSubnets)).not.toThrow();
    expect(zones(vpc.privateSubnets[0])).toThrow('`vpcSubnets` must span at least 2 availability zones for a database, got: 1. Give the VPC `maxAzs: 2` or more');
  });

  test('count no zones of subnets that were imported by their ids alone', () => {
    const imported = ec2.Vpc.fromVpcAttributes(stack, 'Imported', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'] });
    const subnets = [ec2.Subnet.fromSubnetId(stack, 'One', 'subnet-1')];
    expect(() => requireTwoAvailabilityZones(stack, 'a database', imported.selectSubnets({ subnets }))).not.toThrow();
  });

  test('wait for a VPC that is looked up', () => {
    const looked = ec2.Vpc.fromLookup(stack, 'Looked', { isDefault: true });
    const pending = { isPendingLookup: true, availabilityZones: [] } as unknown as ec2.SelectedSubnets;
    expect(() => requireTwoAvailabilityZones(stack, 'a database', pending)).not.toThrow();
    expect(() => requirePrivateSubnets(stack, looked, {})).not.toThrow();
  });
});

describe('rule on the database', () => {
  const database = (properties: object, rest: object = {}) => changed(withDatabase(), ({ Database }) => {
    Object.assign(Database.Properties, properties);
    Object.assign(Database, rest);
  });
  const STORAGE = (how: string) => `[StorageEncrypted] the database keeps its storage in plain text (StorageEncrypted is ${how})`;

  test.each<[properties: object, rest: object, expected: unknown]>([
    [{}, {}, 'compliant'],
    [{ PubliclyAccessible: true }, {}, ['[PubliclyAccessible] the database answers on the internet (PubliclyAccessible is true)']],
    [{ PubliclyAccessible: ABSENT }, {}, 'compliant'],
    [{ StorageEncrypted: false }, {}, [STORAGE('false')]],
    [{ StorageEncrypted: ABSENT }, {}, [STORAGE('left out')]],
    [{ StorageEncrypted: ABSENT, DBSnapshotIdentifier: 'snapshot' }, {}, 'compliant'],
    [{ BackupRetentionPeriod: 0 }, {}, ['[BackupRetentionPeriod] the database has no backups (BackupRetentionPeriod is 0)']],
    [{ BackupRetentionPeriod: '1' }, {}, 'compliant'],
    [{ BackupRetentionPeriod: ABSENT }, {}, 'compliant'],
    [{}, { DeletionPolicy: 'Delete' }, ['[DeletionPolicy] CloudFormation deletes the database and its data with the stack (DeletionPolicy is Delete)']],
    [{}, { DeletionPolicy: 'Retain' }, 'compliant'],
    [{}, { DeletionPolicy: undefined }, 'compliant'],
    [{ PubliclyAccessible: PARAMETER, StorageEncrypted: PARAMETER, BackupRetentionPeriod: PARAMETER }, {}, 'compliant'],
  ])('with %j and %j', (properties, rest, expected) => {
    expect(judge(PRIVATE_DATABASE, database(properties, rest), 'Database')).toEqual(expected);
  });

  test('whose parameter group does without TLS', () => {
    const template = (value: unknown) => changed(database({ DBParameterGroupName: { Ref: 'Parameters' } }), resources => {
      resources.Parameters = { Type: 'AWS::RDS::DBParameterGroup', Properties: { Description: 'x', Family: 'postgres17', Parameters: { 'rds.force_ssl': value } } };
    });
    expect(judge(PRIVATE_DATABASE, template('0'), 'Database')).toEqual([
      '[rds.force_ssl] the database takes connections without TLS (rds.force_ssl is 0 in Stack/Template/Parameters)',
    ]);
    expect(judge(PRIVATE_DATABASE, template('1'), 'Database')).toBe('compliant');
    expect(judge(PRIVATE_DATABASE, template(PARAMETER), 'Database')).toBe('compliant');
  });

  test('of an Aurora cluster, whose instances keep nothing', () => {
    const template = (properties: object) => changed(withDatabase(), resources => {
      resources.Database.Type = 'AWS::RDS::DBCluster';
      const { DBInstanceClass, AllocatedStorage, PubliclyAccessible, VPCSecurityGroups, ...rest } = resources.Database.Properties;
      resources.Database.Properties = { ...rest, Engine: 'aurora-postgresql', VpcSecurityGroupIds: VPCSecurityGroups, ...properties };
      resources.Writer = {
        Type: 'AWS::RDS::DBInstance',
        DeletionPolicy: 'Delete',
        Properties: { Engine: 'aurora-postgresql', DBInstanceClass: 'db.serverless', DBClusterIdentifier: { Ref: 'Database' }, PubliclyAccessible: true },
      };
    });
    expect(judge(PRIVATE_DATABASE, template({}), 'Database')).toBe('compliant');
    expect(judge(PRIVATE_DATABASE, template({ StorageEncrypted: ABSENT }), 'Database')).toEqual([STORAGE('left out')]);
    expect(judge(PRIVATE_DATABASE, template({}), 'Writer')).toEqual(['[PubliclyAccessible] the database answers on the internet (PubliclyAccessible is true)']);
  });

  test('open to the world', () => {
    const template = (rule: object) => changed(withDatabase(), ({ DatabaseGroup }) => {
      DatabaseGroup.Properties.SecurityGroupIngress = [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, ...rule }];
    });
    expect(judge(PRIVATE_DATABASE, template({ CidrIp: '0.0.0.0/0' }), 'DatabaseGroup')).toEqual(['[Ingress] 0.0.0.0/0 may reach the database']);
    expect(judge(PRIVATE_DATABASE, template({ CidrIp: '10.0.0.0/16' }), 'DatabaseGroup')).toBe('compliant');
    expect(judge(PRIVATE_DATABASE, template({ CidrIp: PARAMETER }), 'DatabaseGroup')).toBe('compliant');
    const separate = changed(withDatabase(), resources => {
      resources.Ingress = {
        Type: 'AWS::EC2::SecurityGroupIngress',
        Properties: { GroupId: { 'Fn::GetAtt': 'DatabaseGroup.GroupId' }, IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, CidrIpv6: '::/0' },
      };
    });
    expect(judge(PRIVATE_DATABASE, separate, 'Ingress')).toEqual(['[Ingress] ::/0 may reach the database']);
  });

  test('that no Flue server refers to', () => {
    const template = changed(withDatabase(), ({ DatabaseUrl, Database }) => {
      DatabaseUrl.Properties = { GenerateSecretString: {} };
      Database.Properties.StorageEncrypted = false;
    });
    expect(judge(PRIVATE_DATABASE, template, 'Database')).toBe('out of scope');
    const included = include(template);
    markAsFlueDatabase(included);
    expect(verdictOn(PRIVATE_DATABASE, included.getResource('Database'))).toEqual([STORAGE('false')]);
  });

  test('that a secret is attached to', () => {
    const template = changed(withDatabase(), resources => {
      resources.DatabaseUrl.Properties = { GenerateSecretString: {} };
      resources.Attachment = {
        Type: 'AWS::SecretsManager::SecretTargetAttachment',
        Properties: { SecretId: { Ref: 'DatabaseUrl' }, TargetId: { Ref: 'Database' }, TargetType: 'AWS::RDS::DBInstance' },
      };
    });
    expect(judge(PRIVATE_DATABASE, template, 'Database')).toBe('compliant');
  });

  test('of the CDK, by default', () => {
    const stack = new Stack(new App(), 'Stack');
    const instance = new rds.DatabaseInstance(stack, 'Database', {
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_17 }),
      vpc: new ec2.Vpc(stack, 'Vpc'),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    markAsFlueDatabase(instance);
    expect(verdictOn(PRIVATE_DATABASE, instance.node.defaultChild as rds.CfnDBInstance)).toEqual([
      STORAGE('left out'),
      '[DeletionPolicy] CloudFormation deletes the database and its data with the stack (DeletionPolicy is Delete)',
    ]);
  });
});

describe('rule on the connection string', () => {
  const BARE = '[sslmode] the connection string does not verify the server\'s certificate';
  const url = (suffix: string) => changed(withDatabase(), ({ DatabaseUrl }) => {
    DatabaseUrl.Properties.SecretString = { 'Fn::Sub': `postgresql://flue:{{resolve:secretsmanager:$\{Password}:SecretString:password}}@$\{Database.Endpoint.Address}:5432/flue${suffix}` };
  });

  test.each<[suffix: string, expected: unknown]>([
    ['?sslmode=verify-full', 'compliant'],
    ['?max=5&sslmode=verify-full&x=1', 'compliant'],
    ['?sslmode=verify-ca', 'compliant'],
    ['?ssl=true', 'compliant'],
    ['', [BARE]],
    ['?sslmode=require', [`${BARE} (sslmode=require)`]],
    ['?sslmode=no-verify', [`${BARE} (sslmode=no-verify)`]],
    ['?sslmode=disable', [`${BARE} (sslmode=disable)`]],
    ['?sslmode=verify-fullish', [`${BARE} (sslmode=verify-fullish)`]],
    ['?${Parameter}', 'not applicable'],
    ['${Parameter}', 'not applicable'],
    ['?sslmode=${Parameter}&x=1', 'not applicable'],
    ['?x=1&${Parameter}&y=1', 'not applicable'],
    ['?sslmode=verify-full&x=${Parameter}', 'compliant'],
  ])('that ends in %s', (suffix, expected) => {
    expect(judge(PRIVATE_DATABASE, url(suffix), 'DatabaseUrl')).toEqual(expected);
  });

  const BASE = 'postgres://flue@db:5432/flue';
  const either = (yes: unknown, no: unknown) => ({ 'Fn::If': ['Condition', yes, no] });
  test.each<[url: unknown, expected: unknown]>([
    [{ 'Fn::Join': ['', [BASE, either('?sslmode=verify-full', '')]] }, 'not applicable'],
    [{ 'Fn::Join': ['', [BASE, either('', '?sslmode=verify-full')]] }, 'not applicable'],
    [{ 'Fn::Join': ['', [BASE, either('?sslmode=verify-full', '?sslmode=verify-ca')]] }, 'compliant'],
    [{ 'Fn::Join': ['', [`${BASE}?sslmode=`, either('verify-full', PARAMETER)]] }, 'not applicable'],
    [{ 'Fn::Sub': [`${BASE}?sslmode=$\{Mode}`, { Mode: either('verify-full', 'disable') }] }, 'not applicable'],
    [{ 'Fn::Sub': [`${BASE}?sslmode=$\{Mode}`, { Mode: either('disable', 'require') }] }, [`${BARE} (sslmode=disable)`]],
    [either(`${BASE}?sslmode=verify-full`, BASE), 'not applicable'],
    [{ 'Fn::Join': ['', [`${BASE}?`, '{{resolve:ssm:/flue/settings}}']] }, 'not applicable'],
  ])('%j', (value, expected) => {
    const template = changed(withDatabase(), ({ DatabaseUrl }, whole) => {
      whole.Conditions = { Condition: { 'Fn::Equals': [PARAMETER, 'yes'] } };
      DatabaseUrl.Properties.SecretString = value;
    });
    expect(judge(PRIVATE_DATABASE, template, 'DatabaseUrl')).toEqual(expected);
  });

  test('with TLS set beside it', () => {
    const template = changed(url(''), ({ TaskDefinition }) => {
      TaskDefinition.Properties.ContainerDefinitions[0].Environment.push({ Name: 'PGSSLMODE', Value: 'verify-full' });
    });
    expect(judge(PRIVATE_DATABASE, template, 'DatabaseUrl')).toBe('not applicable');
  });

  test('in plain text', () => {
    const template = changed(express(), ({ Express }) => {
      Express.Properties.PrimaryContainer.Secrets = [];
      Express.Properties.PrimaryContainer.Environment.push({ Name: 'DATABASE_URL', Value: 'postgres://flue:hunter2@db/flue?sslmode=require' });
    });
    expect(judge(PRIVATE_DATABASE, template, 'Express')).toEqual([`${BARE} (sslmode=require)`]);
  });

  test.each<[value: unknown, expected: unknown]>([
    ['0', ['[sslmode] NODE_TLS_REJECT_UNAUTHORIZED is 0, with which the server verifies no certificate, that of the database included']],
    [0, ['[sslmode] NODE_TLS_REJECT_UNAUTHORIZED is 0, with which the server verifies no certificate, that of the database included']],
    ['1', 'not applicable'],
    [PARAMETER, 'not applicable'],
  ])('beside NODE_TLS_REJECT_UNAUTHORIZED %j', (Value, expected) => {
    const told = (secrets: boolean) => changed(fargate(), ({ TaskDefinition }) => {
      const [container] = TaskDefinition.Properties.ContainerDefinitions;
      container.Environment.push({ Name: 'NODE_TLS_REJECT_UNAUTHORIZED', Value });
      container.Secrets = container.Secrets.filter(({ Name }: any) => secrets || Name !== 'DATABASE_URL');
    });
    expect(judge(PRIVATE_DATABASE, told(true), 'TaskDefinition')).toEqual(expected);
    expect(judge(PRIVATE_DATABASE, told(false), 'TaskDefinition')).toBe('not applicable');
  });

  test('in a secret that is no connection string', () => {
    expect(judge(PRIVATE_DATABASE, withDatabase(), 'Password')).toBe('not applicable');
  });
});
