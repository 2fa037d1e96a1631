import { join } from 'node:path';
import { Duration, RemovalPolicies, RemovalPolicy, Size, Stack, TimeZone, type App } from 'aws-cdk-lib';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { InstanceType, InterfaceVpcEndpointAwsService, NatProvider, Peer } from 'aws-cdk-lib/aws-ec2';
import { Cluster, DeploymentLifecycleLambdaTarget, DeploymentLifecycleStage, Secret } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancer, ApplicationProtocol, ListenerAction, ListenerCondition, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { HostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import * as sm from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import type * as flue from '../../src';

type Library = typeof flue;

/** What the examples that are deployed here do not have: five stacks. The zone of two of them is the one of the examples. */
export function buildFeatures(app: App, library: Library): void {
  const env = { account: '111122223333', region: 'us-east-1' };
  blueGreen(new Stack(app, 'FlueBlueGreen', { env }), library);
  edges(new Stack(app, 'FlueEdges', { env }), library);
  shards(new Stack(app, 'FlueShards', { env }), library);
  events(new Stack(app, 'FlueEvents', { env }), library);
  state(new Stack(app, 'FlueState', { env }), library);
}

/** The preview of docs/previews.md. */
export function buildPreview(stack: Stack, library: Library): void {
  const { FlueDatabase, FlueExpiry, FlueFargateService, FlueImage, FlueNetwork } = library;
  const { vpc } = new FlueNetwork(stack, 'Network', { flowLogs: false });
  const database = new FlueDatabase(stack, 'State', { vpc, deletionProtection: false });
  const image = new FlueImage(stack, 'Image', { directory: '.' });
  new FlueFargateService(stack, 'Agents', { image, vpc, database, cpu: 256, memoryLimitMiB: 512 });
  RemovalPolicies.of(stack).destroy();
  new FlueExpiry(stack, 'Expiry', { at: new Date(Date.now() + 3 * 24 * 3600 * 1000) });
}

function zoneOf(scope: Construct): IHostedZone {
  return HostedZone.fromHostedZoneAttributes(scope, 'Zone', { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'example.com' });
}

/** No way out but endpoints, Aurora under a key, and two revisions between which ECS moves the traffic. */
function blueGreen(stack: Stack, library: Library): void {
  const { FlueDatabase, FlueDatabaseEngine, FlueDeployment, FlueEgress, FlueFargateService, FlueImage, FlueModel, FlueNetwork } = library;
  const key = new Key(stack, 'Key', { enableKeyRotation: true });
  const network = new FlueNetwork(stack, 'Network', {
    egress: FlueEgress.vpcEndpoints({ services: [InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME] }), logEncryptionKey: key,
  });
  const database = new FlueDatabase(stack, 'Database', {
    vpc: network.vpc,
    engine: FlueDatabaseEngine.auroraServerless({ minCapacity: 1, maxCapacity: 8, readers: 1 }),
    encryptionKey: key,
    enablePerformanceInsights: true,
    monitoringInterval: Duration.seconds(60),
  });
  const judge = new Function(stack, 'Judge', {
    runtime: Runtime.NODEJS_LATEST, handler: 'index.handler', code: Code.fromInline('exports.handler = async () => ({ hookStatus: \'SUCCEEDED\' });'),
  });
  const agents = new FlueFargateService(stack, 'Agents', {
    vpc: network.vpc,
    vpcSubnets: network.serverSubnets,
    database,
    image: new FlueImage(stack, 'Image', { directory: join(__dirname, '../../examples/agents') }),
    model: FlueModel.bedrock('anthropic.claude-sonnet-4-6'),
    maxTasks: 3,
    domainName: 'next.example.com',
    hostedZone: zoneOf(stack),
    accessLogs: true,
    deployment: FlueDeployment.blueGreen({
      bakeTime: Duration.minutes(10),
      testPort: 8443,
      testPeers: [Peer.ipv4('203.0.113.7/32')],
      lifecycleHooks: [new DeploymentLifecycleLambdaTarget(judge, 'Judge', { lifecycleStages: [DeploymentLifecycleStage.POST_TEST_TRAFFIC_SHIFT] })],
      alarms: [new Alarm(stack, 'Canary', {
        metric: new Metric({ namespace: 'Canaries', metricName: 'Failed' }), threshold: 1, evaluationPeriods: 1,
      })],
    }),
    logEncryptionKey: key,
    readonlyRootFilesystem: true,
  });
  agents.addAlarms({ topic: new Topic(stack, 'Alarms', { enforceSSL: true }), rollBackDeployments: true });
}

/** CloudFront in front of one service behind a NAT instance, and a second behind a listener of the stack's own, after a sign-in by OpenID Connect. */
function edges(stack: Stack, library: Library): void {
  const { FlueAuth, FlueDeployment, FlueEgress, FlueExposure, FlueFargateService, FlueImage, FlueNetwork, FlueTelemetry } = library;
  const network = new FlueNetwork(stack, 'Network', {
    egress: FlueEgress.natGateways({ provider: NatProvider.instanceV2({ instanceType: new InstanceType('t4g.nano') }) }),
  });
  const cluster = new Cluster(stack, 'Cluster', { vpc: network.vpc });
  const image = new FlueImage(stack, 'Image', { directory: join(__dirname, '../../examples/agents') });
  const secrets = { API_TOKEN: Secret.fromSecretsManager(new sm.Secret(stack, 'ApiToken')) };
  const common = { vpc: network.vpc, vpcSubnets: network.serverSubnets, cluster, image, secrets };

  const filter = new CfnWebACL(stack, 'Filter', {
    scope: 'CLOUDFRONT',
    defaultAction: { allow: {} },
    visibilityConfig: { metricName: 'Filter', cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true },
  });
  const zone = zoneOf(stack);
  const certificate = new Certificate(stack, 'Certificate', { domainName: '*.example.com', validation: CertificateValidation.fromDns(zone) });
  new FlueFargateService(stack, 'World', {
    ...common,
    deregistrationDelay: Duration.minutes(50),
    deployment: FlueDeployment.rolling({ deferredCleanup: true }),
    domainName: 'world.example.com',
    hostedZone: zone,
    exposure: FlueExposure.cloudFront({ readTimeout: Duration.seconds(120), webAcl: filter, certificate }),
    enableExecuteCommand: true,
  });

  const shared = new ApplicationLoadBalancer(stack, 'Shared', { vpc: network.vpc, internetFacing: true, idleTimeout: Duration.minutes(20) });
  const listener = shared.addListener('Https', {
    port: 443,
    protocol: ApplicationProtocol.HTTPS,
    certificates: [certificate],
    sslPolicy: SslPolicy.RECOMMENDED_TLS,
    defaultAction: ListenerAction.fixedResponse(404),
  });
  new FlueFargateService(stack, 'Team', {
    ...common,
    telemetry: FlueTelemetry.adot(),
    auth: FlueAuth.oidc({
      issuer: 'https://id.example.com',
      clientId: 'agents',
      clientSecret: new sm.Secret(stack, 'ClientSecret'),
      authorizationEndpoint: 'https://id.example.com/authorize',
      tokenEndpoint: 'https://id.example.com/token',
      userInfoEndpoint: 'https://id.example.com/userinfo',
    }),
    exposure: FlueExposure.throughListener(listener, {
      conditions: [ListenerCondition.hostHeaders(['team.example.com'])], priority: 10, idleTimeout: Duration.minutes(20),
    }),
  });
}

/** A server that is shared out over two tasks, each with a schema of one database, which nothing protects. */
export function shards(stack: Stack, library: Library): void {
  const { FlueDatabase, FlueImage, FlueNetwork, FlueShardedService } = library;
  const { vpc } = new FlueNetwork(stack, 'Network');
  new FlueShardedService(stack, 'Agents', {
    vpc,
    database: new FlueDatabase(stack, 'Database', { vpc, deletionProtection: false, removalPolicy: RemovalPolicy.DESTROY }),
    image: new FlueImage(stack, 'Image', { directory: join(__dirname, '../../examples/agents') }),
    shards: 2,
    homePaths: ['/agents/hooks/*'],
    // longer than a server on its own may take
    deregistrationDelay: Duration.minutes(10),
  });
}

/** An internal server whose work comes by itself: a schedule, a webhook, a rule, and a program. */
function events(stack: Stack, library: Library): void {
  const { FlueEgress, FlueEventTarget, FlueExposure, FlueFargateService, FlueImage, FlueNetwork, FlueWebhookVerifier } = library;
  const network = new FlueNetwork(stack, 'Network', { egress: FlueEgress.natGateways({ count: 1 }) });
  const token = new sm.Secret(stack, 'Token');
  const agents = new FlueFargateService(stack, 'Agents', {
    vpc: network.vpc,
    vpcSubnets: network.serverSubnets,
    image: new FlueImage(stack, 'Image', { directory: join(__dirname, '../../examples/agents') }),
    secrets: { API_TOKEN: Secret.fromSecretsManager(token) },
    exposure: FlueExposure.internal(),
    longestRun: Duration.minutes(5),
  });
  const inbox = agents.addInbox({ token, retryFor: Duration.hours(6), maxConcurrency: 5, topic: new Topic(stack, 'Alarms', { enforceSSL: true }) });
  agents.addSchedule('Nightly', {
    schedule: ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN }),
    target: FlueEventTarget.agent('assistant', { message: 'Write the report of the day.', conversationId: 'nightly' }),
  });
  inbox.addWebhook('/hooks/github', { agentName: 'assistant', verify: FlueWebhookVerifier.github(new sm.Secret(stack, 'GitHub')) });
  inbox.addEventPattern('Orders', { eventPattern: { source: ['acme.orders'] }, agentName: 'assistant', conversationField: 'detail.customer' });
  inbox.grantSend(new Role(stack, 'Producer', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }));
}

/** What was lost begins again with its snapshots, is backed up, and has passwords that rotate without a way out. */
function state(stack: Stack, library: Library): void {
  const { FlueBackups, FlueDatabase, FlueEc2Service, FlueFargateService, FlueImage, FlueNetwork } = library;
  const { vpc } = new FlueNetwork(stack, 'Network');
  const image = new FlueImage(stack, 'Image', { directory: join(__dirname, '../../examples/agents') });
  const database = new FlueDatabase(stack, 'Database', {
    vpc, snapshot: 'last-of-agents', rotation: { automaticallyAfter: Duration.days(7) }, deletionProtection: false,
  });
  new FlueFargateService(stack, 'Agents', { vpc, image, database: database.addSchema('Agents') });
  const box = new FlueEc2Service(stack, 'Box', { vpc, image, dataVolumeSize: Size.gibibytes(8), dataVolumeSnapshot: 'snap-0123456789abcdef0' });
  new FlueBackups(stack, 'Backups', { databases: [database], volumes: [box.dataVolume!], retention: Duration.days(14) });
}
