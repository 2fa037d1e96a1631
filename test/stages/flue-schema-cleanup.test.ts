import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FlueChecks, FlueDatabase, FlueNetwork, FlueSchemaCleanup, type FlueSchemaCleanupProps, type IFlueSchemaHost } from '../../src';
import { monthlyFloor } from '../../src/cli/price/monthly-floor';
import { dropScript } from '../../src/database/schema-script';
import { CA_BUNDLE_PATH } from '../../src/image/ca-bundle';
import { expectTemplateSnapshot } from '../support/snapshot';

/** In no account, as most are synthesized. */
const newStack = () => new Stack(new App(), 'Base');

function base(props: Partial<FlueSchemaCleanupProps> = {}, stack = newStack()) {
  const { vpc } = new FlueNetwork(stack, 'Network', { flowLogs: false });
  const database = new FlueDatabase(stack, 'State', { vpc });
  const cleanup = new FlueSchemaCleanup(stack, 'SchemaCleanup', { database, ...props });
  return { stack, vpc, database, cleanup };
}

const existing = (stack: Stack, vpc?: Vpc) => FlueDatabase.fromAdministratorSecret(stack, 'Existing', {
  administrator: Secret.fromSecretNameV2(stack, 'Master', 'master'),
  host: 'db.example.com',
  databaseName: 'app',
  port: 6543,
  vpc,
  securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-11111111')],
  usesRdsCertificates: false,
});

test('minimal cleanup', () => {
  const { stack, cleanup } = base();
  expect(cleanup.node.defaultChild).toBe(cleanup.rule);
  expectTemplateSnapshot(Template.fromStack(stack));
});

test('maximal cleanup', () => {
  const stack = newStack();
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] });
  const cluster = new Cluster(stack, 'Cluster', { vpc });
  const database = existing(stack, vpc);
  database.addSchema('Preview', { schemaName: 'pr_17', removalPolicy: RemovalPolicy.DESTROY });
  const cleanup = new FlueSchemaCleanup(stack, 'SchemaCleanup', {
    database,
    cluster,
    vpcSubnets: { availabilityZones: [vpc.availabilityZones[0]!], subnetType: SubnetType.PUBLIC },
    logRetention: RetentionDays.ONE_WEEK,
    logEncryptionKey: new Key(stack, 'Key'),
  });
  expect(cleanup.cluster).toBe(cluster);
  const logGroup = new LogGroup(stack, 'Logs');
  expect(new FlueSchemaCleanup(stack, 'Other', { database, logGroup }).logGroup).toBe(logGroup);
  expectTemplateSnapshot(Template.fromStack(stack));
});

test('the end of any stack starts the task, with the id of that stack', () => {
  const { stack } = base();
  Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      'source': ['aws.cloudformation'],
      'detail-type': ['CloudFormation Stack Status Change'],
      'detail': { 'status-details': { status: ['DELETE_COMPLETE'] } },
    },
    Targets: [{
      InputTransformer: {
        InputPathsMap: { 'detail-stack-id': '$.detail.stack-id' },
        InputTemplate: '{"containerOverrides":[{"name":"Drop","environment":[{"name":"STACK","value":<detail-stack-id>}]}]}',
      },
      EcsParameters: { LaunchType: 'FARGATE', TaskCount: 1, NetworkConfiguration: { AwsVpcConfiguration: { AssignPublicIp: 'ENABLED' } } },
    }],
  });
});

test('the task has the administrator, and nothing but its program', () => {
  const { stack, cleanup, database } = base();
  const template = Template.fromStack(stack);
  const [{ Properties: { ContainerDefinitions: [container], Cpu, Memory } }] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
  expect([Cpu, Memory]).toEqual(['256', '512']);
  expect(container).toMatchObject({
    EntryPoint: ['node', '--input-type=module', '-e'],
    Command: [dropScript()],
    ReadonlyRootFilesystem: true,
    LinuxParameters: { Capabilities: { Drop: ['ALL'] }, InitProcessEnabled: true },
  });
  const names = (list: { Name: string }[]) => list.map(({ Name }) => Name);
  expect(names(container.Environment)).toEqual(['DATABASE_HOST', 'DATABASE_PORT', 'DATABASE_NAME', 'NODE_EXTRA_CA_CERTS']);
  expect(container.Secrets).toEqual(['username', 'password'].map(field => ({
    Name: field === 'username' ? 'ADMIN_USER' : 'ADMIN_PASSWORD',
    ValueFrom: { 'Fn::Join': ['', [stack.resolve(database.secret.secretArn), `:${field}::`]] },
  })));
  expect(template.findResources('AWS::IAM::Policy', { Properties: { Roles: [stack.resolve(cleanup.taskDefinition.taskRole.roleName)] } })).toEqual({});
});

test('its image is built of its Dockerfile and the authorities, where Node.js looks for them', () => {
  const app = new App();
  base({}, new Stack(app, 'Base'));
  const { directory } = app.synth();
  const [asset] = readdirSync(directory).filter(name => name.startsWith('asset.')).map(name => join(directory, name)).filter(path => existsSync(join(path, 'cleanup')));
  const files = readdirSync(asset!, { recursive: true, encoding: 'utf8' }).filter(name => statSync(join(asset!, name)).isFile());
  expect(files.sort()).toEqual(['cleanup/Dockerfile', 'image/rds-ca-bundle.pem']);
  expect(readFileSync(join(asset!, 'cleanup', 'Dockerfile'), 'utf8')).toContain(`COPY image/rds-ca-bundle.pem ${CA_BUNDLE_PATH}\n`);
});

test('the database lets the task in', () => {
  const { stack, cleanup } = base();
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    SourceSecurityGroupId: stack.resolve(cleanup.connections.securityGroups[0]!.securityGroupId), IpProtocol: 'tcp', FromPort: Match.anyValue(),
  });
});

test('a Postgres with public certificates is asked without those of RDS', () => {
  const stack = newStack();
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
  const { container } = new FlueSchemaCleanup(stack, 'SchemaCleanup', { database: existing(stack, vpc) });
  expect(container.taskDefinition.defaultContainer).toBe(container);
  Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
    ContainerDefinitions: [{
      Environment: [{ Name: 'DATABASE_HOST', Value: 'db.example.com' }, { Name: 'DATABASE_PORT', Value: '6543' }, { Name: 'DATABASE_NAME', Value: 'app' }],
    }],
  });
});

test('FlueChecks finds nothing, and it costs nothing while it waits', () => {
  const { stack } = base();
  expect(new FlueChecks(stack.node.root).validateScope(stack.node.root).violations).toEqual([]);
  const without = newStack();
  new FlueDatabase(without, 'State', { vpc: new FlueNetwork(without, 'Network', { flowLogs: false }).vpc });
  const [withIt, alone] = [stack, without].map(each => monthlyFloor(Template.fromStack(each).toJSON()));
  expect(withIt.unpriced).toEqual([]);
  expect(withIt.total).toBeCloseTo(alone.total, 5);
});

test('private subnets with a way out come before public ones, and need no public address', () => {
  const stack = newStack();
  new FlueSchemaCleanup(stack, 'SchemaCleanup', { database: new FlueDatabase(stack, 'State', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2 }) }) });
  Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
    Targets: [{ EcsParameters: { NetworkConfiguration: { AwsVpcConfiguration: { AssignPublicIp: 'DISABLED' } } } }],
  });
});

describe('fails for', () => {
  test('a database whose VPC is not known', () => {
    const stack = newStack();
    expect(() => new FlueSchemaCleanup(stack, 'SchemaCleanup', { database: existing(stack) }))
      .toThrow('[Base/SchemaCleanup] `database` must be one whose VPC is known, got: one without `vpc`. Pass `vpc` to `FlueDatabase.fromAdministratorSecret(…)`');
  });

  test('a database that has no schemas', () => {
    const stack = newStack();
    const database = FlueDatabase.fromUrlSecret(stack, 'Database', { url: EcsSecret.fromSecretsManager(Secret.fromSecretNameV2(stack, 'Url', 'url')) }) as unknown as IFlueSchemaHost;
    expect(() => new FlueSchemaCleanup(stack, 'SchemaCleanup', { database })).toThrow('`database` must be a');
  });

  test('subnets of another VPC', () => {
    const stack = newStack();
    const other = new Vpc(stack, 'Other');
    expect(() => base({ vpcSubnets: { subnets: other.publicSubnets } }, stack)).toThrow('`vpcSubnets` must select subnets of `vpc` (Base/Network/Vpc), got: Base/Other/PublicSubnet1');
  });

  test('a log group beside how one is made', () => {
    const stack = newStack();
    expect(() => base({ logGroup: new LogGroup(stack, 'Logs'), logRetention: RetentionDays.ONE_DAY }, stack)).toThrow('`logRetention` must be left out with `logGroup`, got: both');
  });
});

test('a retained database keeps its cleanup out of what is retained', () => {
  const stack = newStack();
  const { vpc } = new FlueNetwork(stack, 'Network', { flowLogs: false });
  new FlueSchemaCleanup(stack, 'SchemaCleanup', { database: new FlueDatabase(stack, 'State', { vpc, removalPolicy: RemovalPolicy.RETAIN }) });
  Object.values(Template.fromStack(stack).findResources('AWS::Events::Rule')).forEach(rule => expect(rule.DeletionPolicy).toBeUndefined());
});
