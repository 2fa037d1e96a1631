import { App, CfnResource, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { FlowLogDestination, InstanceType, InterfaceVpcEndpointAwsService, IpAddresses, NatProvider } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  FlueDatabase, FlueEgress, FlueExpressService, FlueFargateService, FlueImage, FlueModel, FlueNetwork, FlueTelemetry,
  type FlueAdotOptions, type FlueFargateServiceProps, type FlueNetworkProps, type IFlueImage,
} from '../../src';
import { imageOf, refusalOf, secretOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

const later = Lazy.number({ produce: () => 2 });

function stackOf(): Stack {
  return new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
}

function ecrImageOf(stack: Stack): IFlueImage {
  return FlueImage.fromEcrRepository(stack, 'Image', Repository.fromRepositoryName(stack, 'Repository', 'agents'), { tagOrDigest: '1.0.0', caBundlePath: '/ca.pem' });
}

function networkOf(props?: FlueNetworkProps, stack = stackOf()) {
  const network = new FlueNetwork(stack, 'Network', props);
  return {
    stack,
    network,
    get template() {
      return Template.fromStack(stack);
    },
  };
}

describe('snapshots', () => {
  test('minimal network', () => {
    expectTemplateSnapshot(networkOf().template);
  });

  test('maximal network', () => {
    const stack = stackOf();
    expectTemplateSnapshot(networkOf({
      egress: FlueEgress.vpcEndpoints({ services: [InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME, InterfaceVpcEndpointAwsService.SSM] }),
      maxAzs: 3,
      ipAddresses: IpAddresses.cidr('10.20.0.0/16'),
      flowLogs: true,
      flowLogDestination: FlowLogDestination.toS3(Bucket.fromBucketName(stack, 'Logs', 'example-log-archive')),
    }, stack).template);
  });

  test('maximal network with gateways and a log group of its own', () => {
    const stack = stackOf();
    expectTemplateSnapshot(networkOf({
      availabilityZoneIds: ['euc1-az1', 'euc1-az3'],
      egress: FlueEgress.natGateways({ count: 2, provider: NatProvider.gateway({ eipAllocationIds: ['eipalloc-11111111', 'eipalloc-22222222'] }) }),
      logEncryptionKey: new Key(stack, 'LogKey', { enableKeyRotation: true }),
      logRetention: RetentionDays.ONE_YEAR,
    }, stack).template);
  });
});

describe('a way out', () => {
  test('by public addresses has no gateway and no endpoint to pay for', () => {
    const { template, network } = networkOf();
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.allResourcesProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' });
    expect(network.interfaceEndpoints).toEqual({});
    expect(network.vpc.selectSubnets(network.serverSubnets).hasPublic).toBe(true);
  });

  test('never comes with a public address that nobody asked for', () => {
    networkOf().template.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
  });

  test.each([[undefined, 1], [1, 1], [2, 2]])('by NAT: %s asked for, %s made', (count, made) => {
    const { template, network } = networkOf({ egress: FlueEgress.natGateways({ count }) });
    template.resourceCountIs('AWS::EC2::NatGateway', made);
    expect(network.vpc.selectSubnets(network.serverSubnets).subnets).toEqual(network.vpc.privateSubnets);
    expect(network.vpc.isolatedSubnets).toHaveLength(2);
  });

  test('by an instance in place of a gateway', () => {
    const { template } = networkOf({ egress: FlueEgress.natGateways({ provider: NatProvider.instanceV2({ instanceType: new InstanceType('t4g.nano') }) }) });
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.hasResourceProperties('AWS::EC2::Instance', { InstanceType: 't4g.nano', SourceDestCheck: false });
  });

  test('by endpoints has those without which a task does not start, in every zone, for the network only', () => {
    const { template, network } = networkOf({ egress: FlueEgress.vpcEndpoints() });
    expect(Object.keys(network.interfaceEndpoints)).toEqual(['EcrApi', 'EcrDocker', 'Logs', 'SecretsManager']);
    const endpoints = Object.values(template.findResources('AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: 'Interface' } }));
    expect(endpoints.map(({ Properties }) => JSON.stringify(Properties.ServiceName).match(/\.([a-z.]+)"/)?.[1])).toEqual(expect.arrayContaining([
      expect.stringMatching(/ecr\.api$/), expect.stringMatching(/ecr\.dkr$/), expect.stringMatching(/logs$/), expect.stringMatching(/secretsmanager$/),
    ]));
    endpoints.forEach(({ Properties }) => expect(Properties.SubnetIds).toHaveLength(2));
    template.allResourcesProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [Match.objectLike({ CidrIp: { 'Fn::GetAtt': [Match.stringLikeRegexp('Vpc'), 'CidrBlock'] }, FromPort: 443 })],
    });
    expect(network.vpc.selectSubnets(network.serverSubnets).subnets).toEqual(network.vpc.isolatedSubnets);
  });
});

describe('addresses', () => {
  function cidrs(egress?: FlueEgress): { [id: string]: string } {
    const subnets = Object.entries(networkOf({ egress, maxAzs: 3 }).template.findResources('AWS::EC2::Subnet'));
    return Object.fromEntries(subnets.map(([id, { Properties }]) => [id, Properties.CidrBlock as string]));
  }

  const nat = cidrs(FlueEgress.natGateways());

  test.each([
    ['public addresses', undefined],
    ['endpoints', FlueEgress.vpcEndpoints()],
  ])('of public and isolated subnets are those behind NAT: %s', (_, egress) => {
    const kept = Object.entries(nat).filter(([id]) => !id.includes('Private'));
    expect(kept).toHaveLength(6);
    expect(cidrs(egress)).toEqual(Object.fromEntries(kept));
  });

  test('of the private subnets are nobody else\'s', () => {
    const blocks = Object.values(nat);
    expect(blocks).toHaveLength(9);
    expect(new Set(blocks).size).toBe(9);
  });
});

describe('connections', () => {
  test('are logged for a month', () => {
    const { template, network } = networkOf();
    template.hasResourceProperties('AWS::EC2::FlowLog', { ResourceType: 'VPC', TrafficType: 'ALL' });
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    expect(network.flowLog).toBeDefined();
  });

  test('are logged under a key that admits CloudWatch Logs, for as long as asked for', () => {
    const stack = stackOf();
    const { template } = networkOf({ logEncryptionKey: new Key(stack, 'Key'), logRetention: RetentionDays.ONE_YEAR }, stack);
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 365, KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('Key'), 'Arn'] } });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: 'logs.eu-central-1.amazonaws.com' } })]) },
    });
  });

  test('are not logged where nobody wants to pay for it', () => {
    const { template, network } = networkOf({ flowLogs: false });
    template.resourceCountIs('AWS::EC2::FlowLog', 0);
    expect(network.flowLog).toBeUndefined();
  });
});

describe('servers', () => {
  test.each([FlueFargateService, FlueExpressService])('and their database live in it without a way out: %p', Service => {
    const { stack, network } = networkOf({ egress: FlueEgress.vpcEndpoints() });
    const { vpc } = network;
    new Service(stack, 'Agents', {
      image: ecrImageOf(stack),
      vpc,
      vpcSubnets: network.serverSubnets,
      database: new FlueDatabase(stack, 'Database', { vpc }),
      model: FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6'),
    });
    Template.fromStack(stack).resourceCountIs('AWS::RDS::DBInstance', 1);
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('FlueService.(noWayOut|imageOutOfReach)'));
  });

  test.each([
    ['a model on the internet', (stack: Stack) => ({ model: FlueModel.anthropic(secretOf(stack, 'Key'), 'claude-sonnet-4-6') })],
    ['the key of a provider', (stack: Stack) => ({ secrets: { ANTHROPIC_API_KEY: secretOf(stack, 'Key') } })],
  ])('with %s and no way out warn', (_, propsOf) => {
    const { stack, network } = networkOf({ egress: FlueEgress.vpcEndpoints() });
    new FlueFargateService(stack, 'Agents', { image: imageOf(stack), vpc: network.vpc, vpcSubnets: network.serverSubnets, ...propsOf(stack) });
    Annotations.fromStack(stack).hasWarning('/Test/Agents', Match.stringLikeRegexp('ANTHROPIC_API_KEY.*cdk-flue:FlueService.noWayOut'));
  });

  test.each<[string, (stack: Stack) => Partial<FlueFargateServiceProps>, string | undefined]>([
    ['the server', stack => ({ image: imageOf(stack) }), 'ghcr.io/owner/agents:1.2.3'],
    ['the collector', () => ({ telemetry: FlueTelemetry.adot() }), 'public.ecr.aws/aws-observability/aws-otel-collector:v'],
    ['neither', () => ({ telemetry: FlueTelemetry.adot({ image: ContainerImage.fromRegistry('111111111111.dkr.ecr.eu-central-1.amazonaws.com/otel:1') } as FlueAdotOptions) }), undefined],
  ])('without a way out warn of images on the internet: that of %s', (_, propsOf, pulled) => {
    const { stack, network } = networkOf({ egress: FlueEgress.vpcEndpoints() });
    const given = propsOf(stack);
    new FlueFargateService(stack, 'Agents', { vpc: network.vpc, vpcSubnets: network.serverSubnets, ...given, image: given.image ?? ecrImageOf(stack) });
    const warnings = Annotations.fromStack(stack).findWarning('/Test/Agents', Match.stringLikeRegexp('The task pulls .*cdk-flue:FlueService.imageOutOfReach'));
    expect(warnings.map(({ entry }) => `${entry.data}`)).toEqual(pulled === undefined ? [] : [expect.stringContaining(`The task pulls ${pulled}`)]);
  });

  test.each<[string, FlueTelemetry, InterfaceVpcEndpointAwsService[], number]>([
    ['the endpoints of a server alone', FlueTelemetry.adot(), [], 1],
    ['an endpoint of X-Ray', FlueTelemetry.adot(), [InterfaceVpcEndpointAwsService.XRAY], 0],
    ['another destination', FlueTelemetry.otlp({ endpoint: 'http://collector.internal:4318' }), [], 0],
  ])('without a way out warn of traces that are lost: with %s', (_, telemetry, services, count) => {
    const { stack, network } = networkOf({ egress: FlueEgress.vpcEndpoints({ services }) });
    new FlueFargateService(stack, 'Agents', { vpc: network.vpc, vpcSubnets: network.serverSubnets, telemetry, image: ecrImageOf(stack) });
    expect(Annotations.fromStack(stack).findWarning('/Test/Agents', Match.stringLikeRegexp('every trace is lost.*cdk-flue:FlueService.tracesOutOfReach'))).toHaveLength(count);
  });

  test('find an endpoint of X-Ray that was added after the service, and none that another VPC has', () => {
    for (const isOwn of [true, false]) {
      const { stack, network } = networkOf({ egress: FlueEgress.vpcEndpoints() });
      new FlueFargateService(stack, 'Agents', { vpc: network.vpc, vpcSubnets: network.serverSubnets, telemetry: FlueTelemetry.adot(), image: ecrImageOf(stack) });
      const { vpc } = isOwn ? network : new FlueNetwork(stack, 'Other');
      vpc.addInterfaceEndpoint('XRay', { service: InterfaceVpcEndpointAwsService.XRAY });
      expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('tracesOutOfReach'))).toHaveLength(isOwn ? 0 : 1);
    }
  });

  test('with the key of a provider and a way out do not', () => {
    const { stack, network } = networkOf();
    new FlueFargateService(stack, 'Agents', { image: imageOf(stack), vpc: network.vpc, secrets: { ANTHROPIC_API_KEY: secretOf(stack, 'Key') } });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('FlueService.noWayOut'));
  });
});

test.each<[string, () => FlueNetworkProps, RegExp]>([
  ['one zone', () => ({ maxAzs: 1 }), /`maxAzs` must be a whole number from 2 to 6, got: 1/],
  ['seven zones', () => ({ maxAzs: 7 }), /`maxAzs` must be a whole number from 2 to 6, got: 7/],
  ['no gateway', () => ({ egress: FlueEgress.natGateways({ count: 0 }) }), /`count` must be a whole number from 1 to 2 NAT gateways, .* got: 0/],
  ['more gateways than zones', () => ({ egress: FlueEgress.natGateways({ count: 3 }) }), /`count` must be a whole number from 1 to 2 NAT gateways, .* got: 3/],
  ['gateways known only at deployment', () => ({ egress: FlueEgress.natGateways({ count: later }) }),
    /`count` must be a whole number from 1 to 2 NAT gateways, .* got: a value known only at deployment/],
  ['zones known only at deployment', () => ({ maxAzs: later }), /`maxAzs` must be a whole number from 2 to 6, got: a value known only at deployment/],
  ['a place for logs that are off', () => ({ flowLogs: false, flowLogDestination: FlowLogDestination.toCloudWatchLogs() }),
    /`flowLogDestination` must be left out when `flowLogs` is false, got: both/],
  ['a retention of logs that are off', () => ({ flowLogs: false, logRetention: RetentionDays.ONE_DAY }), /`logRetention` must be left out when `flowLogs` is false/],
  ['a retention of logs that are elsewhere', () => ({ flowLogDestination: FlowLogDestination.toCloudWatchLogs(), logRetention: RetentionDays.ONE_DAY }),
    /`logRetention` must be left out with `flowLogDestination`, got: both/],
  ['a key for logs that are elsewhere', () => ({ flowLogDestination: FlowLogDestination.toCloudWatchLogs(), logEncryptionKey: new Key(stackOf(), 'Key') }),
    /`logEncryptionKey` must be left out with `flowLogDestination`, got: both/],
])('refuses %s', (_, props, message) => {
  const stack = stackOf();
  expect(refusalOf(() => new FlueNetwork(stack, 'Network', props()))).toMatch(message);
  expect(stack.node.findAll().filter(CfnResource.isCfnResource)).toEqual([]);
});

test.each([2, 6])('takes %s zones', maxAzs => {
  expect(refusalOf(() => networkOf({ maxAzs }))).toBe('');
});
