import { App, CfnOutput, Duration, Fn, RemovalPolicy, Size, Stack, TimeZone, Validations, aws_backup as backup, aws_bedrockagentcore as agentcore, aws_certificatemanager as acm, aws_cloudfront as cloudfront, aws_cloudwatch as cloudwatch, aws_cognito as cognito, aws_ec2 as ec2, aws_ecr as ecr, aws_ecs as ecs, aws_elasticloadbalancingv2 as elbv2, aws_events as events, aws_iam as iam, aws_kms as kms, aws_lambda as lambda, aws_logs as logs, aws_rds as rds, aws_route53 as route53, aws_s3 as s3, aws_scheduler as scheduler, aws_secretsmanager as sm, aws_sns as sns, aws_wafv2 as wafv2 } from 'aws-cdk-lib';
import { FlueAuth, FlueBackups, FlueBudget, FlueChecks, FlueDashboard, FlueDatabase, FlueDatabaseEngine, FlueDeployment, FlueDeployRole, FlueEc2Service, FlueEgress, FlueEventTarget, FlueExpiry, FlueExposure, FlueExpressService, FlueFargateService, FlueImage, FlueJwtClaim, FlueModel, FlueNetwork, FlueSandbox, FlueSandboxEgress, FlueSandboxes, FlueSchemaCleanup, FlueShardedService, FlueShardKey, FlueTelemetry, FlueWebhookVerifier } from 'cdk-flue';

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
const model = FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6', { routesTo: ['anthropic.claude-sonnet-4-6'], tags: { team: 'support' } });

const outward = new FlueNetwork(options, 'Outward', { availabilityZoneIds: ['use1-az1', 'use1-az2'], egress: FlueEgress.natGateways({ count: 2 }), logEncryptionKey: logKey, logRetention: logs.RetentionDays.ONE_YEAR });
const judge = lambda.Function.fromFunctionAttributes(options, 'Judge', { functionArn: 'arn:aws:lambda:us-east-1:111122223333:function:judge', sameEnvironment: true });
const observed = new FlueFargateService(options, 'Observed', {
  image: ownImage,
  vpc: outward.vpc,
  vpcSubnets: outward.serverSubnets,
  model,
  certificate,
  exposure: FlueExposure.internal(ec2.Peer.ipv4('10.0.0.0/8')),
  deployment: FlueDeployment.blueGreen({
    testPort: 8443,
    testPeers: [ec2.Peer.ipv4('10.1.0.0/16')],
    bakeTime: Duration.minutes(10),
    lifecycleHooks: [new ecs.DeploymentLifecycleLambdaTarget(judge, 'Hook', { lifecycleStages: [ecs.DeploymentLifecycleStage.POST_TEST_TRAFFIC_SHIFT] })],
  }),
  readonlyRootFilesystem: true,
  dropAllCapabilities: true,
  containerHealthCheck: true,
  logEncryptionKey: logKey,
  telemetry: FlueTelemetry.adot(),
});
const alarms = observed.addAlarms({ topic: operators, rollBackDeployments: true });
const queries = observed.addLogQueries({ slowPrompt: Duration.minutes(1) });
const commands = observed.addOperatorCommands();
observed.addSchedule('Check', {
  schedule: scheduler.ScheduleExpression.rate(Duration.minutes(5)),
  target: FlueEventTarget.workflow('deployment-check', { input: { holdSeconds: 0 } }),
});

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
    clientSecret: sm.Secret.fromSecretNameV2(options, 'ClientSecret', 'agents/client'),
    clientSecretField: 'secret',
    scope: 'openid email',
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
    url: 'https://team-a.example.com',
  }),
  auth: FlueAuth.jwt({
    issuer: 'https://id.example.com',
    jwksEndpoint: 'https://id.example.com/keys',
    claims: [FlueJwtClaim.singleString('aud', 'agents'), FlueJwtClaim.spaceSeparatedValues('scope', 'prompt', 'read'), FlueJwtClaim.stringArray('roles', 'operator')],
  }),
});

const dashboard = new FlueDashboard(options, 'Dashboard', { services: [observed, signedIn, withoutDomain], database, dashboardName: 'agents' });
dashboard.addService(neighbour);

new FlueBudget(options, 'Budget', {
  monthlyLimit: 200,
  emails: ['team@example.com'],
  topic: operators,
  tags: { team: 'agents' },
  denyBedrockTo: [observed.taskDefinition.taskRole],
});

const deploy = new FlueDeployRole(options, 'Deploy', {
  repository: 'acme/agents',
  branch: 'main',
  environment: 'production',
  pullRequests: false,
  readOnly: false,
  qualifier: 'agents',
});
const compare = new FlueDeployRole(options, 'Compare', {
  repository: 'acme/agents',
  pullRequests: true,
  readOnly: true,
  provider: deploy.provider,
});
const ending = new Stack(app, 'Ending');
new FlueExpiry(ending, 'Expiry', { at: new Date('2099-01-01T00:00:00Z') });

// What a server made, as the other languages get it.
new CfnOutput(options, 'Subjects', { value: Fn.join(' ', [deploy.subject, compare.subject, deploy.role.roleArn]) });
new CfnOutput(options, 'Urls', { value: Fn.join(' ', [observed.url, signedIn.url, withoutDomain.url, neighbour.url]) });
new CfnOutput(options, 'Alarms', { value: Fn.join(' ', alarms.map(alarm => alarm.alarmName)) });
new CfnOutput(options, 'Queries', { value: Fn.join(' ', queries.map(query => query.queryDefinitionId)) });
new CfnOutput(options, 'Commands', { value: `${commands.tailLogs} ${commands.redeploy} ${commands.openShell === undefined}` });
new CfnOutput(options, 'Endpoints', { value: Fn.join(' ', Object.keys(isolated.interfaceEndpoints).sort()) });
new CfnOutput(options, 'LoadBalancerArn', { value: signedIn.loadBalancer.loadBalancerArn });

// What is left to say of each construct.
const settings = new Stack(app, 'Settings', { env: { region: 'us-east-1' } });
const stored = sm.Secret.fromSecretNameV2(settings, 'Stored', 'agents/stored');
const token = ecs.Secret.fromSecretsManager(stored, 'token');
const bucket = new s3.Bucket(settings, 'Bucket', { enforceSSL: true });
const dataKey = new kms.Key(settings, 'DataKey', { enableKeyRotation: true });
const zone = route53.HostedZone.fromHostedZoneAttributes(settings, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
const tls = acm.Certificate.fromCertificateArn(settings, 'Certificate', 'arn:aws:acm:us-east-1:111122223333:certificate/agents');
const canary = cloudwatch.Alarm.fromAlarmArn(settings, 'Canary', 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:canary');
const bought = FlueImage.fromRegistry(settings, 'Bought', 'ghcr.io/example/agents:2.0.0', {
  port: 9000,
  cpuArchitecture: ecs.CpuArchitecture.ARM64,
  caBundlePath: '/etc/ssl/rds.pem',
  nodeOptions: '--enable-source-maps',
  flueMajor: 2,
  credentials: stored,
});
const network = new FlueNetwork(settings, 'Network', {
  egress: FlueEgress.natGateways({ count: 1, provider: ec2.NatProvider.gateway({ eipAllocationIds: ['eipalloc-11111111'] }) }),
  maxAzs: 2,
  ipAddresses: ec2.IpAddresses.cidr('10.20.0.0/16'),
  flowLogs: true,
  flowLogDestination: ec2.FlowLogDestination.toS3(bucket),
});
const group = new ec2.SecurityGroup(settings, 'Group', { vpc: network.vpc });

const kept = new FlueDatabase(settings, 'Kept', {
  vpc: network.vpc,
  vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
  engine: FlueDatabaseEngine.postgres({
    version: rds.PostgresEngineVersion.VER_17,
    instanceType: new ec2.InstanceType('t4g.small'),
    multiAz: true,
    allocatedStorage: Size.gibibytes(40),
    maxAllocatedStorage: Size.gibibytes(80),
    allowMajorVersionUpgrade: true,
  }),
  databaseName: 'talk',
  port: 6543,
  credentials: stored,
  securityGroups: [group],
  removalPolicy: RemovalPolicy.RETAIN,
  deletionProtection: true,
  backupRetention: Duration.days(14),
  preferredBackupWindow: '03:00-03:30',
  preferredMaintenanceWindow: 'sun:04:00-sun:04:30',
  autoMinorVersionUpgrade: false,
  encryptionKey: dataKey,
  iamAuthentication: true,
  parameters: { log_min_duration_statement: '500' },
  monitoringInterval: Duration.minutes(1),
  enablePerformanceInsights: true,
  cloudwatchLogsRetention: logs.RetentionDays.ONE_WEEK,
});
new FlueDatabase(settings, 'Serverless', {
  vpc: network.vpc,
  engine: FlueDatabaseEngine.auroraServerless({ version: rds.AuroraPostgresEngineVersion.VER_16_13, minCapacity: 1, maxCapacity: 8.5, readers: 1 }),
  rotation: { automaticallyAfter: Duration.days(7), vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }, createEndpoint: true },
  snapshot: 'before-upgrade',
});
new FlueBackups(settings, 'Backups', {
  databases: [kept],
  volumes: [ec2.Volume.fromVolumeAttributes(settings, 'Volume', { volumeId: 'vol-0123456789abcdef1', availabilityZone: 'us-east-1a' })],
  retention: Duration.days(14),
  schedule: events.Schedule.cron({ hour: '3', minute: '30' }),
  vault: backup.BackupVault.fromBackupVaultName(settings, 'Vault', 'agents'),
});
const sandboxImage = ecs.ContainerImage.fromRegistry('111122223333.dkr.ecr.us-east-1.amazonaws.com/sandbox:1');
new FlueSandboxes(settings, 'Sandboxes', {
  vpc: network.vpc,
  sandbox: FlueSandbox.fargate({
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    image: sandboxImage,
    cpuArchitecture: ecs.CpuArchitecture.ARM64,
    cpu: 1024,
    memoryLimitMiB: 2048,
    ephemeralStorage: Size.gibibytes(30),
    cluster: new ecs.Cluster(settings, 'SandboxCluster', { vpc: network.vpc }),
    endpoints: {
      ecrApi: ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(settings, 'EcrApi', { vpcEndpointId: 'vpce-11111111', port: 443, securityGroups: [group] }),
      ecrDocker: ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(settings, 'EcrDocker', { vpcEndpointId: 'vpce-22222222', port: 443, securityGroups: [group] }),
      logs: ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(settings, 'Logs', { vpcEndpointId: 'vpce-33333333', port: 443, securityGroups: [group] }),
      s3: ec2.GatewayVpcEndpoint.fromGatewayVpcEndpointId(settings, 'S3', 'vpce-44444444'),
      s3PrefixList: ec2.PrefixList.fromPrefixListId(settings, 'S3List', 'pl-22222222'),
    },
    egress: FlueSandboxEgress.proxy({ proxy: group, host: 'proxy.example.com', port: 8888 }),
    allowedDomains: ['api.anthropic.com', '*.example.com'],
    topic: new sns.Topic(settings, 'SandboxTopic', { enforceSSL: true }),
    logRetention: logs.RetentionDays.ONE_WEEK,
    logEncryptionKey: dataKey,
  }),
  maxLifetime: Duration.minutes(30),
  idleTimeout: Duration.minutes(5),
  maxConcurrent: 20,
});
new FlueSandboxes(settings, 'OtherSandboxes', {
  vpc: network.vpc,
  sandbox: FlueSandbox.fargate({
    image: sandboxImage,
    egress: FlueSandboxEgress.vpcEndpoints({
      services: { mirror: new ec2.InterfaceVpcEndpointService('com.amazonaws.vpce.us-east-1.vpce-svc-11111111', 443) },
      endpoints: [ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(settings, 'Packages', { vpcEndpointId: 'vpce-55555555', port: 443, securityGroups: [group] })],
    }),
    logGroup: new logs.LogGroup(settings, 'SandboxLogs', { retention: logs.RetentionDays.ONE_WEEK }),
  }),
});
new FlueSandboxes(settings, 'Interpreter', {
  vpc: network.vpc,
  sandbox: FlueSandbox.codeInterpreter({ networkConfiguration: agentcore.CodeInterpreterNetworkConfiguration.usingPublicNetwork() }),
});
const existing = FlueDatabase.fromUrlSecret(settings, 'Existing', { url: token, vpc: network.vpc, securityGroups: [group], port: 5433, usesRdsCertificates: false });
const managed = FlueDatabase.fromAdministratorSecret(settings, 'ManagedDatabase', {
  administrator: stored, host: 'db.example.com', databaseName: 'app', encryptionKey: dataKey, vpc: network.vpc,
});
managed.addSchema('Support', { schemaName: 'talk', removalPolicy: RemovalPolicy.DESTROY });
new FlueSchemaCleanup(settings, 'SchemaCleanup', {
  database: managed,
  vpcSubnets: network.serverSubnets,
  cluster: new ecs.Cluster(settings, 'CleanupCluster', { vpc: network.vpc }),
  logRetention: logs.RetentionDays.ONE_WEEK,
  logEncryptionKey: dataKey,
});
new FlueSchemaCleanup(settings, 'OtherSchemaCleanup', {
  database: managed,
  logGroup: new logs.LogGroup(settings, 'CleanupLogs', { retention: logs.RetentionDays.ONE_WEEK }),
});

const tuned = new FlueFargateService(settings, 'Tuned', {
  image: bought,
  vpc: network.vpc,
  vpcSubnets: network.serverSubnets,
  securityGroups: [group],
  secrets: { API_TOKEN: token },
  database: kept.addSchema('Tuned'),
  model: FlueModel.provider('openrouter', { secret: token, envName: 'ROUTER_KEY', model: 'example/model' }),
  healthCheckPath: '/live',
  healthCheckGracePeriod: Duration.minutes(3),
  longestRun: Duration.minutes(20),
  idleTimeout: Duration.minutes(25),
  stopTimeout: Duration.seconds(100),
  logRetention: logs.RetentionDays.ONE_YEAR,
  cpu: 1024,
  memoryLimitMiB: 4096,
  ephemeralStorage: Size.gibibytes(40),
  minTasks: 1,
  maxTasks: 2,
  targetCpuUtilizationPercent: 50,
  cluster: new ecs.Cluster(settings, 'Cluster', { vpc: network.vpc }),
  deregistrationDelay: Duration.seconds(20),
  redeployOnSecretChange: { interval: Duration.minutes(30) },
  telemetry: FlueTelemetry.otlp({ endpoint: 'https://collector.example.com', headers: token, serviceName: 'tuned' }),
  domainName: 'tuned.example.com',
  hostedZone: zone,
  sslPolicy: elbv2.SslPolicy.TLS13_13,
  accessLogs: true,
  accessLogsBucket: bucket,
  loadBalancerDeletionProtection: true,
  enableExecuteCommand: true,
  deployment: FlueDeployment.rolling({ alarms: [canary], deferredCleanup: true }),
});
tuned.addAlarms({ memoryUtilizationPercent: 80, cpuUtilizationPercent: 70, serverErrorsPerMinute: 10 });
const inbox = tuned.addInbox({
  token: stored,
  tokenField: 'token',
  pathPrefix: '/inbox',
  vpc: network.vpc,
  vpcSubnets: network.serverSubnets,
  securityGroups: [group],
  maxConcurrency: 5,
  retryFor: Duration.hours(6),
  repeatInterrupted: true,
  topic: new sns.Topic(settings, 'Topic', { enforceSSL: true }),
  logRetention: logs.RetentionDays.ONE_WEEK,
  logEncryptionKey: new kms.Key(settings, 'InboxKey', { enableKeyRotation: true }),
});
inbox.addWebhook('/hooks/fixed', {
  agentName: 'triage',
  conversationId: 'hooks',
  verify: FlueWebhookVerifier.hmac({ secret: stored, header: 'X-Signature', prefix: 'sha256=', timestampHeader: 'X-Timestamp', idField: 'event.id' }),
});
inbox.addWebhook('/hooks/slack', { agentName: 'triage', conversationField: 'event.channel', verify: FlueWebhookVerifier.slack(stored) });
inbox.addEventPattern('Orders', {
  eventPattern: { source: ['acme.orders'], detailType: ['created'] },
  agentName: 'clerk',
  conversationField: 'detail.customer',
  eventBus: events.EventBus.fromEventBusName(settings, 'Bus', 'orders'),
  description: 'Orders that were created',
  enabled: true,
});
inbox.addEventPattern('Health', { eventPattern: { source: ['aws.health'] }, agentName: 'operator', conversationId: 'health' });
inbox.addSchedule('Nightly', {
  schedule: scheduler.ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN }),
  target: FlueEventTarget.agent('assistant', { message: 'Write the report of the day.', conversationId: 'nightly' }),
  description: 'The report of the day',
  enabled: false,
  start: new Date('2027-01-01T00:00:00Z'),
  end: new Date('2028-01-01T00:00:00Z'),
  timeWindow: scheduler.TimeWindow.flexible(Duration.minutes(15)),
});

const fleet = new FlueShardedService(settings, 'Fleet', {
  image: bought,
  vpc: network.vpc,
  database: managed,
  model,
  certificate: tls,
  shards: 4,
  shardKey: FlueShardKey.lastCharacter(),
  agentPaths: ['/agents/*/', '/team-a/agents/*/'],
  homePaths: ['/slack/*'],
});
fleet.addAlarms();

new FlueExpressService(settings, 'Managed', {
  image: bought,
  vpc: network.vpc,
  model,
  database: existing,
  taskRole: new iam.Role(settings, 'Tasks', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }),
  executionRole: new iam.Role(settings, 'Execution', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }),
  logGroup: new logs.LogGroup(settings, 'ManagedLogs', { retention: logs.RetentionDays.ONE_WEEK }),
  infrastructureRole: new iam.Role(settings, 'Infrastructure', { assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com') }),
  telemetry: FlueTelemetry.adot({ config: token, image: ecs.ContainerImage.fromRegistry('public.ecr.aws/example/collector:1.0.0'), serviceName: 'managed' }),
});

new FlueEc2Service(settings, 'Box', {
  image: bought,
  vpc: network.vpc,
  model,
  role: new iam.Role(settings, 'BoxRole', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }),
  instanceType: new ec2.InstanceType('t4g.medium'),
  machineImage: ec2.MachineImage.latestAmazonLinux2023({ cpuType: ec2.AmazonLinuxCpuType.ARM_64 }),
  domainName: 'box.example.com',
  hostedZone: zone,
  exposure: FlueExposure.toPeers(ec2.Peer.ipv4('203.0.113.0/24')),
  dataVolumeSize: Size.gibibytes(20),
  dataVolumeEncryptionKey: dataKey,
  dataVolumeSnapshot: 'snap-0123456789abcdef0',
  dataVolumeBackups: Duration.days(14),
  rootVolumeSize: Size.gibibytes(30),
  readonlyRootFilesystem: true,
  terminationProtection: true,
  instanceRoleAccess: true,
  detailedMonitoring: true,
});
const left = ec2.Volume.fromVolumeAttributes(settings, 'Left', { volumeId: 'vol-0123456789abcdef0', availabilityZone: 'us-east-1a' });
new FlueEc2Service(settings, 'Returned', {
  image: bought, vpc: network.vpc, vpcSubnets: { subnets: network.vpc.publicSubnets.slice(0, 1) }, model, dataVolume: left,
});

new FlueFargateService(settings, 'Members', {
  image: bought,
  vpc: network.vpc,
  model,
  certificate: tls,
  auth: FlueAuth.cognito({
    userPool: cognito.UserPool.fromUserPoolId(settings, 'Users', 'us-east-1_agents'),
    userPoolClient: cognito.UserPoolClient.fromUserPoolClientId(settings, 'Client', 'agents'),
    userPoolDomain: cognito.UserPoolDomain.fromDomainName(settings, 'Domain', 'agents'),
  }),
});

const worldwide = new wafv2.CfnWebACL(settings, 'Worldwide', {
  scope: 'CLOUDFRONT',
  defaultAction: { allow: {} },
  visibilityConfig: { metricName: 'Worldwide', cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true },
});
new FlueFargateService(settings, 'Distributed', {
  image: bought,
  vpc: network.vpc,
  model,
  domainName: 'agents.example.com',
  hostedZone: zone,
  exposure: FlueExposure.cloudFront({
    readTimeout: Duration.minutes(2),
    certificate: tls,
    webAcl: worldwide,
    priceClass: cloudfront.PriceClass.PRICE_CLASS_ALL,
    prefixList: ec2.PrefixList.fromPrefixListId(settings, 'List', 'pl-11111111'),
  }),
});

Validations.of(app).addPlugins(new FlueChecks(app, { services: [stack] }));
