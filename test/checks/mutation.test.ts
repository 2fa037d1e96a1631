import { App, CfnResource, Duration, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CodeInterpreterNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { LoadBalancerV2Origin } from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import {
  FlueChecks, FlueDatabase, FlueEc2Service, FlueExposure, FlueExpressService, FlueFargateService, FlueImage, FlueSandbox,
  FlueSandboxes, FlueShardedService,
  type FlueEc2ServiceProps,
} from '../../src';
import { INVARIANTS } from '../../src/invariants';
import { appDirectory, BUILT_0, newBuild, removeFixtures } from '../image/fixtures';

afterAll(removeFixtures);

/** A stack of ours, and the means to break it. */
class Specimen {
  public readonly stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  public readonly vpc = new ec2.Vpc(this.stack, 'Vpc', { maxAzs: 2 });
  public readonly database = new FlueDatabase(this.stack, 'Database', { vpc: this.vpc });
  public readonly image = FlueImage.fromRegistry(this.stack, 'Image', 'acme/agents:1', { caBundlePath: '/etc/rds.pem' });
  public readonly props = {
    vpc: this.vpc,
    image: this.image,
    database: this.database,
    secrets: { ANTHROPIC_API_KEY: ecs.Secret.fromSecretsManager(new Secret(this.stack, 'Key')) },
    startupBudget: Duration.seconds(60),
    longestRun: Duration.seconds(600),
  };

  /** The only resource of a type below a construct. */
  public resource(type: string, below: IConstruct = this.stack): CfnResource {
    const found = below.node.findAll().filter(node => CfnResource.isCfnResource(node) && node.cfnResourceType === type);
    expect(found).toHaveLength(1);
    return found[0] as CfnResource;
  }

  /** The findings on it, by rule and resource. */
  public findings(): string[] {
    return new FlueChecks().validateScope(this.stack.node.root).violations
      .map(({ ruleName, violatingResources: [{ constructPath }] }) => `${ruleName} ${constructPath}`).sort();
  }
}

function fargate(): Specimen & { agents: FlueFargateService } {
  const specimen = new Specimen();
  const agents = new FlueFargateService(specimen.stack, 'Agents', {
    ...specimen.props,
    certificate: Certificate.fromCertificateArn(specimen.stack, 'Certificate', 'arn:aws:acm:eu-west-1:111111111111:certificate/1'),
  });
  return Object.assign(specimen, { agents });
}

function cloudFront(): Specimen & { agents: FlueFargateService } {
  const specimen = new Specimen();
  const agents = new FlueFargateService(specimen.stack, 'Agents', { ...specimen.props, longestRun: undefined, exposure: FlueExposure.cloudFront() });
  return Object.assign(specimen, { agents });
}

function express(): Specimen & { agents: FlueExpressService } {
  const specimen = new Specimen();
  return Object.assign(specimen, { agents: new FlueExpressService(specimen.stack, 'Agents', specimen.props) });
}

function box(props: Partial<FlueEc2ServiceProps> = {}) {
  const specimen = new Specimen();
  const agents = new FlueEc2Service(specimen.stack, 'Agents', {
    ...specimen.props, domainName: 'agents.example.com', dataVolumeSize: Size.gibibytes(8), ...props,
  });
  const [group, template] = ['AWS::AutoScaling::AutoScalingGroup', 'AWS::EC2::LaunchTemplate'].map(type => specimen.resource(type, agents));
  return Object.assign(specimen, { agents, group, template });
}

const CONTAINER = 'ContainerDefinitions.0';
const of = (construct: IConstruct): CfnResource => (CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild) as CfnResource;

test('our Fargate stack has no finding', () => {
  expect(fargate().findings()).toEqual([]);
});

test('our Express stack has none beside its warning of what Express Mode cannot do without', () => {
  const specimen = express();
  expect(specimen.findings()).toEqual([]);
  Annotations.fromStack(specimen.stack).hasWarning('/Stack/Agents', Match.stringLikeRegexp('ack: cdk-flue:OneLiveOwner\\.overlap'));
});

type Fargate = ReturnType<typeof fargate>;

/** How each invariant is broken on Fargate: the finding, the resource it stands on, the escape hatch. */
const MUTATIONS: Array<[finding: string, on: (specimen: Fargate) => CfnResource, hatch: (resource: CfnResource, specimen: Fargate) => void]> = [
  ['MinTaskCount', ({ agents }) => of(agents.service.node.findChild('Service')), service => service.addPropertyOverride('DesiredCount', 0)],
  ['IpTargetType', ({ agents }) => of(agents.targetGroup), group => group.addPropertyOverride('TargetType', 'instance')],
  ['GracePeriodAboveStartup', ({ agents }) => of(agents.service.node.findChild('Service')),
    service => service.addPropertyOverride('HealthCheckGracePeriodSeconds', 60)],
  ['GracePeriodAboveStartup', ({ agents }) => of(agents.service.node.findChild('Service')),
    service => service.addPropertyDeletionOverride('HealthCheckGracePeriodSeconds')],
  ['IdleTimeout', ({ agents }) => of(agents.loadBalancer), balancer => balancer.addPropertyOverride('LoadBalancerAttributes', [])],
  ['IdleTimeout', ({ agents }) => of(agents.loadBalancer),
    balancer => balancer.addPropertyOverride('LoadBalancerAttributes', [{ Key: 'idle_timeout.timeout_seconds', Value: '599' }])],
  ['KeepAliveAboveIdleTimeout', ({ agents }) => of(agents.taskDefinition), (task, { agents }) => {
    expect(task).toBeDefined();
    agents.loadBalancer.setAttribute('idle_timeout.timeout_seconds', '670');
  }],
  ['SecretsOnly[OPENAI_API_KEY]', ({ agents }) => of(agents.taskDefinition),
    task => task.addPropertyOverride(`${CONTAINER}.Environment.1`, { Name: 'OPENAI_API_KEY', Value: 'abc' })],
  ['SecretsOnly[Command]', ({ agents }) => of(agents.taskDefinition),
    task => task.addPropertyOverride(`${CONTAINER}.Command`, ['--key', 'sk-ant-api03-abcdefghijkl'])],
  ['SecretReference[ANTHROPIC_API_KEY]', ({ agents }) => of(agents.taskDefinition), (task, { stack }) => {
    const secret = Secret.fromSecretNameV2(stack, 'Named', 'anthropic-secret');
    secret.grantRead(new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }));
    task.addPropertyOverride(`${CONTAINER}.Secrets.1.ValueFrom`, secret.secretArn);
  }],
  ['HealthCheckPath', ({ agents }) => of(agents.targetGroup), group => group.addPropertyOverride('HealthCheckPath', '/')],
  ['HealthCheckPath[Matcher]', ({ agents }) => of(agents.targetGroup), group => group.addPropertyOverride('Matcher.HttpCode', '200-499')],
  ['PortAgreement[HealthCheckPort]', ({ agents }) => of(agents.targetGroup), group => group.addPropertyOverride('HealthCheckPort', '80')],
  ['PortAgreement', ({ agents }) => of(agents.taskDefinition), task => task.addPropertyOverride(`${CONTAINER}.Environment.0.Value`, '3000')],
  ['OneLiveOwner[scaleOut]', ({ agents }) => of(agents.service.node.findChild('Service')), service => service.addPropertyOverride('DesiredCount', 2)],
  ['OneLiveOwner[overlap]', ({ agents }) => of(agents.service.node.findChild('Service')),
    service => service.addPropertyOverride('DeploymentConfiguration.MaximumPercent', 200)],
  ['ShutdownTime', ({ agents }) => of(agents.taskDefinition), task => task.addPropertyDeletionOverride(`${CONTAINER}.StopTimeout`)],
  ['ShutdownTime', ({ agents }) => of(agents.targetGroup), group => group.addPropertyDeletionOverride('TargetGroupAttributes')],
  ['InitProcess', ({ agents }) => of(agents.taskDefinition), task => task.addPropertyOverride(`${CONTAINER}.LinuxParameters.InitProcessEnabled`, false)],
  ['ReservedEnvironment[FLUE_MODE]', ({ agents }) => of(agents.taskDefinition),
    task => task.addPropertyOverride(`${CONTAINER}.Environment.1`, { Name: 'FLUE_MODE', Value: 'local' })],
  ['NotLambda', ({ agents }) => new lambda.CfnFunction(agents, 'Function', {
    role: 'arn:aws:iam::111111111111:role/lambda', packageType: 'Image', code: { imageUri: 'acme/agents:1' },
  }), fn => fn.addPropertyOverride('ImageConfig.Command', ['node', 'dist/server.mjs'])],
  ['PrivateDatabase[PubliclyAccessible]', ({ resource, stack }) => resource('AWS::RDS::DBInstance', stack), db => db.addPropertyOverride('PubliclyAccessible', true)],
  ['PrivateDatabase[StorageEncrypted]', ({ resource, stack }) => resource('AWS::RDS::DBInstance', stack), db => db.addPropertyOverride('StorageEncrypted', false)],
  ['PrivateDatabase[BackupRetentionPeriod]', ({ resource, stack }) => resource('AWS::RDS::DBInstance', stack), db => db.addPropertyOverride('BackupRetentionPeriod', 0)],
  ['PrivateDatabase[DeletionPolicy]', ({ resource, stack }) => resource('AWS::RDS::DBInstance', stack), db => db.addOverride('DeletionPolicy', 'Delete')],
  ['PrivateDatabase[sslmode]', ({ database }) => of(database.urlSecret as Secret), secret => secret.addPropertyOverride('SecretString', 'postgres://db/flue')],
  ['PinnedPlatform', ({ agents }) => of(agents.taskDefinition), task => task.addPropertyDeletionOverride('RuntimePlatform')],
  ['EncryptedTransport', ({ agents }) => of(agents.listener), listener => listener.addPropertyOverride('Protocol', 'HTTP')],
  ['LogRetention', ({ agents }) => of(agents.logGroup), group => group.addPropertyDeletionOverride('RetentionInDays')],
];

test.each(MUTATIONS)('%s on Fargate (%#)', (finding, on, hatch) => {
  const specimen = fargate();
  const resource = on(specimen);
  expect(specimen.findings()).toEqual([]);
  hatch(resource, specimen);
  expect(specimen.findings()).toEqual([`Flue-${finding} ${resource.node.path}`]);
});

test('SharedState on Fargate', () => {
  const specimen = fargate();
  const service = of(specimen.agents.service.node.findChild('Service'));
  const task = of(specimen.agents.taskDefinition);
  task.addPropertyOverride(`${CONTAINER}.Secrets`, []);
  expect(specimen.findings()).toEqual([]);
  service.addPropertyOverride('DesiredCount', 2);
  expect(specimen.findings()).toEqual([`Flue-OneLiveOwner[scaleOut] ${service.node.path}`, `Flue-SharedState ${service.node.path}`]);
});

test('SchemaOwner on Fargate', () => {
  const specimen = fargate();
  const service = of(specimen.agents.service.node.findChild('Service'));
  expect(specimen.findings()).toEqual([]);
  const second = new ecs.CfnService(specimen.stack, 'Second', {
    cluster: specimen.agents.cluster.clusterName,
    taskDefinition: specimen.agents.taskDefinition.taskDefinitionArn,
    desiredCount: 1,
    deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
  });
  expect(specimen.findings()).toEqual([`Flue-SchemaOwner ${service.node.path}`, `Flue-SchemaOwner ${second.node.path}`]);
});

const READ_TIMEOUT = 'DistributionConfig.Origins.0.VpcOriginConfig.OriginReadTimeout';

const CLOUDFRONT_MUTATIONS: Array<[finding: string, hatch: (distribution: CfnResource) => void]> = [
  ['ReadTimeout', distribution => distribution.addPropertyOverride(READ_TIMEOUT, 54)],
  ['ReadTimeout', distribution => distribution.addPropertyDeletionOverride(READ_TIMEOUT)],
];

test.each(CLOUDFRONT_MUTATIONS)('%s behind CloudFront (%#)', (finding, hatch) => {
  const specimen = cloudFront();
  const distribution = of(specimen.agents.distribution!);
  expect(specimen.findings()).toEqual([]);
  distribution.addPropertyOverride(READ_TIMEOUT, 55);
  expect(specimen.findings()).toEqual([]);
  hatch(distribution);
  expect(specimen.findings()).toEqual([`Flue-${finding} ${distribution.node.path}`]);
});

test('a distribution of the user\'s own waits as long as the server may be silent, or is found', () => {
  const specimen = fargate();
  const distribution = new Distribution(specimen.stack, 'Front', { defaultBehavior: { origin: new LoadBalancerV2Origin(specimen.agents.loadBalancer) } });
  expect(specimen.findings()).toEqual([`Flue-ReadTimeout ${of(distribution).node.path}`]);
  of(distribution).addPropertyOverride('DistributionConfig.Origins.0.CustomOriginConfig.OriginReadTimeout', 600);
  expect(specimen.findings()).toEqual([]);
});

type Express = ReturnType<typeof express>;

const EXPRESS_MUTATIONS: Array<[finding: string, on: (specimen: Express) => CfnResource, hatch: (resource: CfnResource) => void]> = [
  ['MinTaskCount', ({ agents }) => agents.service, service => service.addPropertyOverride('ScalingTarget.MinTaskCount', 0)],
  ['HealthCheckPath', ({ agents }) => agents.service, service => service.addPropertyDeletionOverride('HealthCheckPath')],
  ['OneLiveOwner[scaleOut]', ({ agents }) => agents.service, service => service.addPropertyOverride('ScalingTarget.MaxTaskCount', 2)],
  ['IdleTimeout', ({ resource, agents }) => resource('Custom::FlueExpressLoadBalancerTimers', agents),
    timers => timers.addPropertyOverride('IdleTimeoutSeconds', 599)],
  ['KeepAliveAboveIdleTimeout', ({ agents }) => of(agents.taskDefinition),
    task => task.addPropertyOverride(`${CONTAINER}.Environment`, [{ Name: 'PORT', Value: '8080' }])],
  ['ShutdownTime', ({ resource, agents }) => resource('Custom::FlueExpressLoadBalancerTimers', agents),
    timers => timers.addPropertyDeletionOverride('DeregistrationDelaySeconds')],
  ['ShutdownTime', ({ agents }) => of(agents.taskDefinition), task => task.addPropertyOverride(`${CONTAINER}.StopTimeout`, 60)],
  ['InitProcess', ({ agents }) => of(agents.taskDefinition), task => task.addPropertyDeletionOverride(`${CONTAINER}.LinuxParameters`)],
];

test.each(EXPRESS_MUTATIONS)('%s on Express Mode (%#)', (finding, on, hatch) => {
  const specimen = express();
  const resource = on(specimen);
  expect(specimen.findings()).toEqual([]);
  hatch(resource);
  expect(specimen.findings()).toEqual([`Flue-${finding} ${resource.node.path}`]);
});

type Box = ReturnType<typeof box>;

/** A line that is added to what the box boots with. */
const boots = (template: CfnResource, line: string) => template.addPropertyOverride('LaunchTemplateData.UserData', { 'Fn::Base64': `#!/bin/bash\n${line}\n` });

const BOX_MUTATIONS: Array<[finding: string, on: (specimen: Box) => CfnResource, hatch: (resource: CfnResource) => void]> = [
  ['MinTaskCount', ({ group }) => group, group => group.addPropertyOverride('MinSize', '0')],
  ['OneLiveOwner[scaleOut]', ({ group }) => group, group => group.addPropertyOverride('MaxSize', '2')],
  ['OneLiveOwner[overlap]', ({ group }) => group, group => group.addOverride('UpdatePolicy.AutoScalingReplacingUpdate.WillReplace', true)],
  ['BoxHardening[HttpTokens]', ({ template }) => template, template => template.addPropertyOverride('LaunchTemplateData.MetadataOptions.HttpTokens', 'optional')],
  ['BoxHardening[Encrypted]', ({ template }) => template,
    template => template.addPropertyDeletionOverride('LaunchTemplateData.BlockDeviceMappings.0.Ebs.Encrypted')],
  ['BoxHardening[Encrypted]', ({ agents }) => of(agents.dataVolume!), volume => volume.addPropertyOverride('Encrypted', false)],
  ['BoxHardening[Ssh]', ({ agents }) => of(agents.connections.securityGroups[0]),
    group => group.addPropertyOverride('SecurityGroupIngress.0', { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '0.0.0.0/0' })],
  ['SecretsOnly[ANTHROPIC_API_KEY]', ({ template }) => template, template => boots(template, 'export ANTHROPIC_API_KEY=not-a-key')],
  ['InitProcess', ({ template }) => template, template => boots(template, 'docker run --label cdk-flue=server acme/agents')],
  ['ShutdownTime', ({ template }) => template, template => boots(template, 'docker run --init --label cdk-flue --stop-timeout 60 acme/agents')],
  ['LogRetention', ({ agents }) => of(agents.logGroup), group => group.addPropertyDeletionOverride('RetentionInDays')],
];

test.each(BOX_MUTATIONS)('%s on a box (%#)', (finding, on, hatch) => {
  const specimen = box();
  const resource = on(specimen);
  expect(specimen.findings()).toEqual([]);
  hatch(resource);
  expect(specimen.findings()).toEqual([`Flue-${finding} ${resource.node.path}`]);
});

function sharded(): Specimen & { agents: FlueShardedService } {
  const specimen = new Specimen();
  const agents = new FlueShardedService(specimen.stack, 'Agents', {
    ...specimen.props,
    shards: 2,
    certificate: Certificate.fromCertificateArn(specimen.stack, 'Certificate', 'arn:aws:acm:eu-west-1:111111111111:certificate/1'),
  });
  return Object.assign(specimen, { agents });
}

/** The regular expressions of a rule, in the place of those that are there. */
const reads = (specimen: Specimen, id: string, ...regexes: string[]) =>
  of(specimen.stack.node.findAll().find(({ node }) => node.path.endsWith(`/Rules/${id}`))!)
    .addPropertyOverride('Conditions.0.PathPatternConfig.RegexValues', regexes);

const SHARD_MUTATIONS: Array<[finding: string, hatch: (specimen: Specimen) => void]> = [
  ['ShardPartition[overlap]', specimen => reads(specimen, 'Shard0Codes', '^/agents/[^/]+/[^/]*(%..|1)(/.*)?$')],
  ['ShardPartition[spelling]', specimen => reads(specimen, 'Unreadable', '^/agents/[^/]+/[^/]*%2[dD](/.*)?$')],
  ['ShardPartition[subpath]', specimen => reads(specimen, 'Shard1', '^/agents/[^/]+/[^/]*[13579bdfhjlnprtvxzBDFHJLNPRTVXZ]$')],
];

test.each(SHARD_MUTATIONS)('%s on shards', (finding, hatch) => {
  const specimen = sharded();
  const listener = of(specimen.agents.listener);
  expect(specimen.findings()).toEqual([]);
  hatch(specimen);
  expect(specimen.findings()).toContain(`Flue-${finding} ${listener.node.path}`);
});

function sandboxes() {
  const specimen = new Specimen();
  const isolated = [ec2.SubnetType.PUBLIC, ec2.SubnetType.PRIVATE_ISOLATED].map(subnetType => ({ name: subnetType, subnetType }));
  const vpc = new ec2.Vpc(specimen.stack, 'Apart', { maxAzs: 2, natGateways: 0, subnetConfiguration: isolated });
  const pool = new FlueSandboxes(specimen.stack, 'Pool', {
    vpc, sandbox: FlueSandbox.fargate({ image: ecs.ContainerImage.fromRegistry('111111111111.dkr.ecr.eu-west-1.amazonaws.com/sandbox:1') }),
  });
  const [taskDefinition, connections] = [pool.taskDefinition!, pool.connections!];
  return Object.assign(specimen, { taskDefinition, connections, task: of(taskDefinition), group: of(connections.securityGroups[0]) });
}

type Sandboxes = ReturnType<typeof sandboxes>;
const fence = (detail: string) => `SandboxFence[${detail}]`;

const SANDBOX_MUTATIONS: Array<[finding: string, on: (at: Sandboxes) => CfnResource, hatch: (resource: CfnResource, at: Sandboxes) => void]> = [
  [fence('TaskRole'), ({ task }) => task, (task, { taskDefinition }) => task.addPropertyOverride('TaskRoleArn', taskDefinition.executionRole!.roleArn)],
  [fence('NetworkMode'), ({ task }) => task, task => task.addPropertyOverride('NetworkMode', 'host')],
  [fence('Secrets'), ({ task }) => task,
    task => task.addPropertyOverride(`${CONTAINER}.Secrets`, [{ Name: 'A', ValueFrom: 'arn:aws:ssm:eu-west-1:111111111111:parameter/a' }])],
  [fence('Secrets'), ({ task }) => task, task => task.addPropertyOverride(`${CONTAINER}.EnvironmentFiles`, [{ Type: 's3', Value: 'arn:aws:s3:::acme/a.env' }])],
  [fence('ReadonlyRootFilesystem'), ({ task }) => task, task => task.addPropertyDeletionOverride(`${CONTAINER}.ReadonlyRootFilesystem`)],
  [fence('User'), ({ task }) => task, task => task.addPropertyOverride(`${CONTAINER}.User`, 'root:root')],
  [fence('User'), ({ task }) => task, task => task.addPropertyDeletionOverride(`${CONTAINER}.User`)],
  [fence('Capabilities'), ({ task }) => task, task => task.addPropertyDeletionOverride(`${CONTAINER}.LinuxParameters.Capabilities`)],
  [fence('Capabilities'), ({ task }) => task, task => task.addPropertyOverride(`${CONTAINER}.LinuxParameters.Capabilities.Add`, ['NET_RAW'])],
  // known by its construct, whatever its variables are
  [fence('Capabilities'), ({ task }) => task, task => {
    task.addPropertyDeletionOverride(`${CONTAINER}.Environment`);
    task.addPropertyOverride(`${CONTAINER}.Privileged`, true);
  }],
  ['SecretsOnly[NPM_TOKEN]', ({ task }) => task, task => task.addPropertyOverride(`${CONTAINER}.Environment.3`, { Name: 'NPM_TOKEN', Value: 'abc' })],
  [fence('Egress'), ({ group }) => group, group => group.addPropertyOverride('SecurityGroupEgress', [{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }])],
  [fence('Ingress'), ({ group }) => group, (_, { connections }) => connections.allowFromAnyIpv4(ec2.Port.tcp(8080))],
  [fence('PublicAddress'), ({ stack }) => stack.node.findChild('Warm') as CfnResource, (_, { stack, taskDefinition }) => {
    (stack.node.findChild('Warm') as CfnResource).addPropertyOverride('TaskDefinition', taskDefinition.taskDefinitionArn);
  }],
];

test.each(SANDBOX_MUTATIONS)('%s of sandboxes (%#)', (finding, on, hatch) => {
  const specimen = sandboxes();
  new CfnResource(specimen.stack, 'Warm', {
    type: 'AWS::ECS::Service', properties: { TaskDefinition: 'other', NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'], AssignPublicIp: 'ENABLED' } } },
  });
  const resource = on(specimen);
  expect(specimen.findings()).toEqual([]);
  hatch(resource, specimen);
  expect(specimen.findings()).toEqual([`Flue-${finding} ${resource.node.path}`]);
});

test('a code interpreter with a role is an error, and one on the public network where its pool does not warn of it', () => {
  const chosen = new Specimen();
  const networkConfiguration = CodeInterpreterNetworkConfiguration.usingPublicNetwork();
  new FlueSandboxes(chosen.stack, 'Pool', { vpc: chosen.vpc, sandbox: FlueSandbox.codeInterpreter({ networkConfiguration }) });
  expect(chosen.findings()).toEqual([]);
  Annotations.fromStack(chosen.stack).hasWarning('/Stack/Pool', Match.stringLikeRegexp('reaches the whole internet'));

  const specimen = new Specimen();
  const pool = new FlueSandboxes(specimen.stack, 'Pool', { vpc: specimen.vpc, sandbox: FlueSandbox.codeInterpreter() });
  const interpreter = of(pool.codeInterpreter!);
  expect(specimen.findings()).toEqual([]);
  interpreter.addPropertyOverride('ExecutionRoleArn', 'arn:aws:iam::111111111111:role/tools');
  expect(specimen.findings()).toEqual([`Flue-${fence('ExecutionRole')} ${interpreter.node.path}`]);
  interpreter.addPropertyDeletionOverride('ExecutionRoleArn');
  interpreter.addPropertyOverride('NetworkConfiguration.NetworkMode', 'PUBLIC');
  expect(specimen.findings()).toEqual([`Flue-${fence('Egress')} ${interpreter.node.path}`]);
});

test('a sandbox in a scope that is named a server is judged as none', () => {
  const { stack } = sandboxes();
  expect(new FlueChecks(undefined, { services: [stack] }).validateScope(stack.node.root).violations.map(({ ruleName }) => ruleName)).toEqual([]);
});

test('EncryptedTransport on a box that is opened by hand', () => {
  const specimen = box({ domainName: undefined });
  expect(specimen.findings()).toEqual([]);
  specimen.agents.connections.allowDefaultPortFromAnyIpv4();
  expect(specimen.findings()).toEqual([`Flue-EncryptedTransport ${of(specimen.agents.connections.securityGroups[0]).node.path}`]);
});

test('a build under systemd has no finding either', () => {
  const specimen = new Specimen();
  new FlueEc2Service(specimen.stack, 'Agents', { ...specimen.props, image: newBuild(appDirectory(BUILT_0), {}, specimen.stack) });
  expect(specimen.findings()).toEqual([]);
});

test('every invariant that our stacks can break is broken', () => {
  const broken = new Set([...MUTATIONS, ...CLOUDFRONT_MUTATIONS, ...EXPRESS_MUTATIONS, ...BOX_MUTATIONS, ...SHARD_MUTATIONS, ...SANDBOX_MUTATIONS].map(([finding]) => finding.replace(/\[.*/, '')));
  const left = INVARIANTS.map(({ id }) => id).filter(id => !broken.has(id));
  // broken above, by two hatches and by a second service
  expect(left).toEqual(['SharedState', 'SchemaOwner']);
});
