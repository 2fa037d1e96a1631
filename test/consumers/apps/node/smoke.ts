import { App, CfnOutput, Duration, Fn, Stack, Validations, aws_certificatemanager as acm, aws_ec2 as ec2, aws_ecr as ecr, aws_ecs as ecs, aws_elasticloadbalancingv2 as elbv2, aws_kms as kms, aws_secretsmanager as sm, aws_sns as sns, aws_wafv2 as wafv2 } from 'aws-cdk-lib';
import { FlueAuth, FlueChecks, FlueDashboard, FlueDatabase, FlueDeployment, FlueEgress, FlueExposure, FlueFargateService, FlueImage, FlueModel, FlueNetwork, FlueTelemetry } from 'cdk-flue';

// The app that Python, Java and Go write as well. Valid JavaScript, so that it is also run without a compiler.
const app = new App();
const stack = new Stack(app, 'Agents');
const key = ecs.Secret.fromSecretsManager(sm.Secret.fromSecretNameV2(stack, 'Key', 'anthropic-api-key'));
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 });
const database = new FlueDatabase(stack, 'Database', { vpc });
const image = FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/example/agents:1.0.0', {
  port: 8080,
  cpuArchitecture: ecs.CpuArchitecture.ARM64,
  caBundlePath: '/etc/ssl/rds.pem',
});
const agents = new FlueFargateService(stack, 'Service', {
  image,
  database,
  model: FlueModel.anthropic(key, 'claude-sonnet-4-6'),
  environment: { LOG_LEVEL: 'info' },
  startupBudget: Duration.seconds(90),
  deployment: FlueDeployment.recreate({ rollback: false }),
});
new CfnOutput(stack, 'Url', { value: agents.url });

// What else stands around a server: networks, edges, deployments, operations.
const options = new Stack(app, 'Options');
const logKey = new kms.Key(options, 'LogKey', { enableKeyRotation: true });
const operators = new sns.Topic(options, 'Operators');
const certificate = acm.Certificate.fromCertificateArn(options, 'Certificate', 'arn:aws:acm:us-east-1:111122223333:certificate/agents');
const ownImage = FlueImage.fromEcrRepository(options, 'Image', ecr.Repository.fromRepositoryName(options, 'Repository', 'agents'), { tagOrDigest: '1.0.0' });
const model = FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6');

const outward = new FlueNetwork(options, 'Outward', { egress: FlueEgress.natGateways({ count: 2 }), logEncryptionKey: logKey });
const observed = new FlueFargateService(options, 'Observed', {
  image: ownImage,
  vpc: outward.vpc,
  vpcSubnets: outward.serverSubnets,
  model,
  certificate,
  exposure: FlueExposure.internal(ec2.Peer.ipv4('10.0.0.0/8')),
  deployment: FlueDeployment.blueGreen({ testPort: 8443, testPeers: [ec2.Peer.ipv4('10.1.0.0/16')], bakeTime: Duration.minutes(10) }),
  readonlyRootFilesystem: true,
  dropAllCapabilities: true,
  logEncryptionKey: logKey,
  telemetry: FlueTelemetry.adot(),
});
const alarms = observed.addAlarms({ topic: operators, rollBackDeployments: true });
const queries = observed.addLogQueries();
const commands = observed.operatorCommands();

const webAcl = new wafv2.CfnWebACL(options, 'WebAcl', {
  scope: 'REGIONAL',
  defaultAction: { allow: {} },
  visibilityConfig: { metricName: 'Agents', cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true },
});
const signedIn = new FlueFargateService(options, 'SignedIn', {
  image: ownImage,
  vpc: outward.vpc,
  vpcSubnets: outward.serverSubnets,
  model,
  certificate,
  webAcl,
  exposure: FlueExposure.toPeers(ec2.Peer.ipv4('203.0.113.0/24'), ec2.Peer.ipv4('198.51.100.0/24')),
  auth: FlueAuth.oidc({
    issuer: 'https://id.example.com',
    clientId: 'agents',
    clientSecret: sm.Secret.fromSecretNameV2(options, 'ClientSecret', 'agents-client-secret'),
    authorizationEndpoint: 'https://id.example.com/authorize',
    tokenEndpoint: 'https://id.example.com/token',
    userInfoEndpoint: 'https://id.example.com/userinfo',
    publicPaths: ['/webhooks/*'],
    sessionTimeout: Duration.hours(10),
  }),
});

const isolated = new FlueNetwork(options, 'Isolated', {
  egress: FlueEgress.vpcEndpoints({ services: [ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME] }),
});
const withoutDomain = new FlueFargateService(options, 'WithoutDomain', {
  image: ownImage,
  vpc: isolated.vpc,
  vpcSubnets: isolated.serverSubnets,
  model,
  exposure: FlueExposure.cloudFront(),
});

const loadBalancer = new elbv2.ApplicationLoadBalancer(options, 'LoadBalancer', { vpc: outward.vpc, internetFacing: true, idleTimeout: Duration.minutes(11) });
const listener = loadBalancer.addListener('Listener', { certificates: [elbv2.ListenerCertificate.fromCertificateManager(certificate)], port: 443, defaultAction: elbv2.ListenerAction.fixedResponse(404) });
const neighbour = new FlueFargateService(options, 'Neighbour', {
  image: ownImage,
  vpc: outward.vpc,
  vpcSubnets: outward.serverSubnets,
  model,
  exposure: FlueExposure.throughListener(listener, {
    conditions: [elbv2.ListenerCondition.hostHeaders(['team-a.example.com']), elbv2.ListenerCondition.pathPatterns(['/agents/*'])],
    priority: 10,
    idleTimeout: Duration.minutes(11),
  }),
});

const dashboard = new FlueDashboard(options, 'Dashboard', { services: [observed, signedIn, withoutDomain], database });
dashboard.addService(neighbour);

// What a server made, as the other languages get it.
new CfnOutput(options, 'Urls', { value: Fn.join(' ', [observed.url, signedIn.url, withoutDomain.url, neighbour.url]) });
new CfnOutput(options, 'Alarms', { value: Fn.join(' ', alarms.map(alarm => alarm.alarmName)) });
new CfnOutput(options, 'Queries', { value: Fn.join(' ', queries.map(query => query.queryDefinitionId)) });
new CfnOutput(options, 'Commands', { value: `${commands.tailLogs} ${commands.redeploy} ${commands.openShell === undefined}` });
new CfnOutput(options, 'Endpoints', { value: Fn.join(' ', Object.keys(isolated.interfaceEndpoints).sort()) });
new CfnOutput(options, 'LoadBalancerArn', { value: signedIn.loadBalancer.loadBalancerArn });

Validations.of(app).addPlugins(new FlueChecks(app));
