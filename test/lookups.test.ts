import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener, ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import {
  FlueAuth, FlueDashboard, FlueDatabase, FlueDatabaseEngine, FlueDeployment, FlueEc2Service, FlueExposure, FlueExpressService, FlueFargateService,
  FlueImage, FlueModel, FlueTelemetry,
  type FlueDatabaseProps, type FlueEc2ServiceProps, type FlueFargateServiceProps, type FlueOidcAuthOptions, type FlueTaskProps,
} from '../src';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const certificate = (scope: Construct) => Certificate.fromCertificateArn(scope, 'Certificate', 'arn:aws:acm:eu-west-1:111111111111:certificate/1');
const image = (scope: Construct, uri = 'ghcr.io/acme/agents:1') => FlueImage.fromRegistry(scope, 'Image', uri, { caBundlePath: '/etc/rds.pem' });
const secretOf = (scope: Construct) => new Secret(scope, 'Secret');

type Build = (stack: Stack, found: string) => void;
const fargate = (props: (found: string, stack: Stack) => Partial<FlueFargateServiceProps>): Build => (stack, found) => {
  new FlueFargateService(stack, 'Agents', { image: image(stack), ...props(found, stack) });
};
const express = (props: (found: string) => Partial<FlueTaskProps>): Build => (stack, found) => {
  new FlueExpressService(stack, 'Agents', { image: image(stack), ...props(found) });
};
const box = (props: (found: string, stack: Stack) => Partial<FlueEc2ServiceProps>): Build => (stack, found) => {
  new FlueEc2Service(stack, 'Agents', { image: image(stack), ...props(found, stack) });
};
const database = (props: (found: string) => Partial<FlueDatabaseProps>): Build => (stack, found) => {
  new FlueDatabase(stack, 'Database', { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }), ...props(found) });
};
const auth = (make: (found: string, stack: Stack) => FlueAuth): Build => fargate((found, stack) => ({
  certificate: certificate(stack), auth: make(found, stack),
}));
const OIDC = {
  issuer: 'https://id.example.com',
  authorizationEndpoint: 'https://id.example.com/a',
  tokenEndpoint: 'https://id.example.com/t',
  userInfoEndpoint: 'https://id.example.com/u',
  clientId: 'agents',
};
const oidc = (props: (found: string) => Partial<FlueOidcAuthOptions>) => auth((found, stack) => FlueAuth.oidc({
  ...OIDC, clientSecret: secretOf(stack), ...props(found),
}));
const alarms = (prop: string): Build => (stack, found) => {
  new FlueFargateService(stack, 'Agents', { image: image(stack) }).addAlarms({ [prop]: Number(found) });
};

/** Every text and number that a user may look up: the prop, what the lookup finds, and where it goes. */
const LOOKED_UP: ReadonlyArray<[prop: string, found: string, build: Build]> = [
  ['environment', 'hello', fargate(found => ({ environment: { GREETING: found, ADDRESS: `https://${found}.example.com` } }))],
  ['environment of a secret name', 'https://auth.example.com/token', fargate(found => ({ environment: { AUTH_TOKEN: found } }))],
  ['healthCheckPath', '/healthz', fargate(found => ({ healthCheckPath: found }))],
  ['healthCheckPath behind auth', '/healthz', fargate((found, stack) => ({
    certificate: certificate(stack), healthCheckPath: found, auth: FlueAuth.jwt({ issuer: 'https://id.example.com', jwksEndpoint: `https://id.example.com${found}` }),
  }))],
  ['healthCheckPath on Express Mode', '/healthz', express(found => ({ healthCheckPath: found }))],
  ['healthCheckPath on a box', '/healthz', box(found => ({ healthCheckPath: found }))],
  ['domainName', 'agents.example.com', fargate((found, stack) => ({ certificate: certificate(stack), domainName: found }))],
  ['domainName in a zone', 'agents.example.com', fargate((found, stack) => ({
    domainName: found, hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' }),
  }))],
  ['zone of a domainName', 'example.com', fargate((found, stack) => ({
    domainName: 'agents.example.com', hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: found }),
  }))],
  ['domainName of a box', 'agents.example.com', box(found => ({ domainName: found }))],
  ['certificate of CloudFront', 'arn:aws:acm:us-east-1:111111111111:certificate/1', fargate((found, stack) => ({
    domainName: 'agents.example.com', exposure: FlueExposure.cloudFront({ certificate: Certificate.fromCertificateArn(stack, 'Certificate', found) }),
  }))],
  ['url', 'https://agents.example.com', fargate((found, stack) => ({
    vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }),
    exposure: FlueExposure.throughListener(listener(stack), { conditions: [ListenerCondition.pathPatterns(['/agents/*'])], priority: 5, url: found, idleTimeout: Duration.seconds(700) }),
  }))],
  ['priority', '7', fargate((found, stack) => ({
    vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }),
    exposure: FlueExposure.throughListener(listener(stack), {
      conditions: [ListenerCondition.pathPatterns(['/agents/*'])], priority: Number(found), url: 'https://agents.example.com', idleTimeout: Duration.seconds(700),
    }),
  }))],
  ['model', 'claude-sonnet-4-6', fargate((found, stack) => ({ model: FlueModel.anthropic(ecs.Secret.fromSecretsManager(secretOf(stack)), found) }))],
  ['modelId', 'eu.anthropic.claude-sonnet-4-6', fargate(found => ({ model: FlueModel.bedrock(found) }))],
  ['endpoint', 'https://collector.example.com', fargate(found => ({ telemetry: FlueTelemetry.otlp({ endpoint: found }) }))],
  ['serviceName', 'agents', fargate(found => ({ telemetry: FlueTelemetry.adot({ serviceName: found }) }))],
  ['uri', 'ghcr.io/acme/agents:2', (stack, found) => { new FlueFargateService(stack, 'Agents', { image: image(stack, found) }); }],
  ['caBundlePath', '/etc/rds.pem', (stack, found) => { FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { caBundlePath: found }); }],
  ['port of an image', '3000', (stack, found) => {
    new FlueFargateService(stack, 'Agents', { image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { port: Number(found) }) });
  }],
  ['issuer', 'https://id.example.com', auth(found => FlueAuth.jwt({ issuer: found, jwksEndpoint: 'https://id.example.com/keys' }))],
  ['jwksEndpoint', 'https://id.example.com/keys', auth(found => FlueAuth.jwt({ issuer: 'https://id.example.com', jwksEndpoint: found }))],
  ['publicPaths', '/webhooks/*', auth(found => FlueAuth.jwt({ issuer: 'https://id.example.com', jwksEndpoint: 'https://id.example.com/keys', publicPaths: [found] }))],
  ['authorizationEndpoint', 'https://id.example.com/a', oidc(found => ({ authorizationEndpoint: found }))],
  ['tokenEndpoint', 'https://id.example.com/t', oidc(found => ({ tokenEndpoint: found }))],
  ['userInfoEndpoint', 'https://id.example.com/u', oidc(found => ({ userInfoEndpoint: found }))],
  ['issuer of a sign-in', 'https://id.example.com', oidc(found => ({ issuer: found }))],
  ['cpu and memoryLimitMiB', '1024', fargate(found => ({ cpu: Number(found), memoryLimitMiB: Number(found) * 2 }))],
  ['minTasks', '1', fargate(found => ({ minTasks: Number(found) }))],
  ['maxTasks', '1', fargate(found => ({ maxTasks: Number(found) }))],
  ['ephemeralStorage', '30', fargate(found => ({ ephemeralStorage: Size.gibibytes(Number(found)) }))],
  ['longestRun', '120', fargate(found => ({ longestRun: Duration.seconds(Number(found)) }))],
  ['idleTimeout', '720', fargate(found => ({ idleTimeout: Duration.seconds(Number(found)) }))],
  ['startupBudget', '30', fargate(found => ({ startupBudget: Duration.seconds(Number(found)) }))],
  ['healthCheckGracePeriod', '300', fargate(found => ({ healthCheckGracePeriod: Duration.seconds(Number(found)) }))],
  ['stopTimeout', '100', fargate(found => ({ stopTimeout: Duration.seconds(Number(found)) }))],
  ['deregistrationDelay', '10', fargate(found => ({ deregistrationDelay: Duration.seconds(Number(found)) }))],
  ['testPort', '8443', fargate((found, stack) => ({ certificate: certificate(stack), deployment: FlueDeployment.blueGreen({ testPort: Number(found) }) }))],
  ['cpuUtilizationPercent', '70', alarms('cpuUtilizationPercent')],
  ['memoryUtilizationPercent', '70', alarms('memoryUtilizationPercent')],
  ['serverErrorsPerMinute', '3', alarms('serverErrorsPerMinute')],
  ['rootVolumeSize', '40', box(found => ({ rootVolumeSize: Size.gibibytes(Number(found)) }))],
  ['dataVolumeSize', '40', box(found => ({ dataVolumeSize: Size.gibibytes(Number(found)) }))],
  ['databaseName', 'agents', database(found => ({ databaseName: found }))],
  ['parameters', '1', database(found => ({ parameters: { 'rds.force_ssl': found } }))],
  ['backupRetention', '9', database(found => ({ backupRetention: Duration.days(Number(found)) }))],
  ['allocatedStorage', '40', database(found => ({ engine: FlueDatabaseEngine.postgres({ allocatedStorage: Size.gibibytes(Number(found)) }) }))],
  ['maxAllocatedStorage', '400', database(found => ({ engine: FlueDatabaseEngine.postgres({ maxAllocatedStorage: Size.gibibytes(Number(found)) }) }))],
  ['dashboardName', 'agents', (stack, found) => {
    new FlueDashboard(stack, 'Dashboard', { dashboardName: found, services: [new FlueFargateService(stack, 'Agents', { image: image(stack) })] });
  }],
  ['vpcId', 'vpc-0123456789abcdef0', (stack, found) => {
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: found, availabilityZones: ['eu-west-1a', 'eu-west-1b'], publicSubnetIds: ['subnet-1', 'subnet-2'] });
    const other = ec2.Vpc.fromVpcAttributes(stack, 'Same', { vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-west-1a', 'eu-west-1b'], publicSubnetIds: ['subnet-1', 'subnet-2'] });
    new FlueFargateService(stack, 'Agents', { image: image(stack), vpc, cluster: ecs.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'agents', vpc: other }) });
  }],
];

function listener(stack: Stack) {
  return ApplicationListener.fromApplicationListenerAttributes(stack, 'Listener', {
    listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/agents/1/2', securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1'),
  });
}

test.each(LOOKED_UP)('%s from a lookup: the first synthesis asks, the second one judges', (_, found, build) => {
  const synthesize = (context: object) => {
    const app = new App({ context: { 'aws:cdk:enable-path-metadata': false, 'availability-zones:account=111111111111:region=eu-west-1': ['eu-west-1a', 'eu-west-1b'], ...context } });
    const stack = new Stack(app, 'Stack', { env: ENV });
    build(stack, StringParameter.valueFromLookup(stack, '/agents/value'));
    return app.synth().manifest.missing ?? [];
  };
  const missing = synthesize({});
  expect(missing.map(({ provider }) => provider)).toEqual(['ssm']);
  expect(synthesize({ [missing[0].key]: found })).toEqual([]);
});

const FOUND_VPC = {
  vpcId: 'vpc-0123456789abcdef0',
  vpcCidrBlock: '10.0.0.0/16',
  ownerAccountId: '111111111111',
  availabilityZones: [],
  subnetGroups: [
    ['Edge', 'Public'], ['Servers', 'Private'], ['Data', 'Isolated'],
  ].map(([name, type]) => ({
    name, type, subnets: ['a', 'b'].map(zone => ({ subnetId: `subnet-${name}${zone}`, availabilityZone: `eu-west-1${zone}`, routeTableId: `rtb-${name}${zone}`, cidr: '10.0.0.0/24' })),
  })),
};

/** Ways to name subnets of a VPC that a lookup has yet to find. */
const SELECTIONS: ReadonlyArray<[selection: string, subnets: ec2.SubnetSelection | undefined]> = [
  ['none', undefined],
  ['a type', { subnetType: ec2.SubnetType.PUBLIC }],
  ['a group', { subnetGroupName: 'Edge' }],
  ['zones', { subnetType: ec2.SubnetType.PUBLIC, availabilityZones: ['eu-west-1a', 'eu-west-1b'] }],
  ['a filter', { subnetType: ec2.SubnetType.PUBLIC, subnetFilters: [ec2.SubnetFilter.byIds(['subnet-Edgea', 'subnet-Edgeb'])] }],
];

const IN_VPC: ReadonlyArray<[name: string, build: (stack: Stack, vpc: ec2.IVpc, vpcSubnets?: ec2.SubnetSelection) => void]> = [
  ['a box', (stack, vpc, vpcSubnets) => { new FlueEc2Service(stack, 'Agents', { image: image(stack), vpc, vpcSubnets, dataVolumeSize: Size.gibibytes(8) }); }],
  ['a service on Fargate', (stack, vpc, vpcSubnets) => { new FlueFargateService(stack, 'Agents', { image: image(stack), vpc, vpcSubnets }); }],
  ['a service on Express Mode', (stack, vpc, vpcSubnets) => { new FlueExpressService(stack, 'Agents', { image: image(stack), vpc, vpcSubnets }); }],
  ['a service behind CloudFront', (stack, vpc, vpcSubnets) => {
    new FlueFargateService(stack, 'Agents', { image: image(stack), vpc, vpcSubnets, exposure: FlueExposure.cloudFront() });
  }],
  ['a database', (stack, vpc) => { new FlueDatabase(stack, 'Database', { vpc, vpcSubnets: { subnetGroupName: 'Data' } }); }],
];

describe.each(IN_VPC)('%s in a VPC from a lookup', (_, build) => {
  test.each(SELECTIONS)('with %s', (__, subnets) => {
    const synthesize = (context: object) => {
      const stack = new Stack(new App({ context }), 'Stack', { env: ENV });
      build(stack, ec2.Vpc.fromLookup(stack, 'Vpc', { vpcName: 'agents' }), subnets);
      return (stack.node.root as App).synth().manifest.missing ?? [];
    };
    const missing = synthesize({});
    expect(missing.map(({ provider }) => provider)).toContain('vpc-provider');
    expect(synthesize({ [missing.find(({ provider }) => provider === 'vpc-provider')!.key]: FOUND_VPC })).toEqual([]);
  });
});

test('a hosted zone from a lookup', () => {
  const synthesize = (context: object) => {
    const stack = new Stack(new App({ context: { 'availability-zones:account=111111111111:region=eu-west-1': ['eu-west-1a', 'eu-west-1b'], ...context } }), 'Stack', { env: ENV });
    new FlueFargateService(stack, 'Agents', {
      image: image(stack), domainName: 'agents.example.com', hostedZone: HostedZone.fromLookup(stack, 'Zone', { domainName: 'example.com' }),
    });
    return (stack.node.root as App).synth().manifest.missing ?? [];
  };
  const missing = synthesize({});
  expect(missing.map(({ provider }) => provider)).toEqual(['hosted-zone']);
  expect(synthesize({ [missing[0].key]: { Id: '/hostedzone/Z1', Name: 'example.com.' } })).toEqual([]);
});
