import { Duration, Fn, Lazy, Size, Token, type Stack } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import { CodeInterpreterNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import {
  FlueAuth, FlueDatabase, FlueDatabaseEngine, FlueDeployment, FlueDockerfile, FlueEgress, FlueEventTarget, FlueExposure, FlueFargateService,
  FlueImage, FlueJwtClaim, FlueModel, FlueSandbox, FlueSandboxEgress, FlueSandboxes, FlueShardKey,
  FlueTelemetry, FlueWebhookVerifier, type FlueFargateSandboxOptions, type IFlueImage,
} from '../../src';

let made = 0;
/** A scope of its own for what has to have a name there. */
const within = (stack: Stack): Construct => new Construct(stack, `Thing${++made}`);

export const vpcIn = (stack: Stack): ec2.IVpc => ec2.Vpc.fromVpcAttributes(within(stack), 'Vpc', {
  vpcId: 'vpc-11111111',
  vpcCidrBlock: '10.0.0.0/16',
  availabilityZones: ['us-east-1a', 'us-east-1b'],
  publicSubnetIds: ['subnet-11111111', 'subnet-11111112'],
  publicSubnetRouteTableIds: ['rtb-11111111', 'rtb-11111112'],
  privateSubnetIds: ['subnet-22222221', 'subnet-22222222'],
  privateSubnetRouteTableIds: ['rtb-22222221', 'rtb-22222222'],
  isolatedSubnetIds: ['subnet-33333331', 'subnet-33333332'],
  isolatedSubnetRouteTableIds: ['rtb-33333331', 'rtb-33333332'],
});
export const secretIn = (stack: Stack): secretsmanager.ISecret => new secretsmanager.Secret(within(stack), 'Secret');
export const imageIn = (stack: Stack): IFlueImage => FlueImage.fromRegistry(within(stack), 'Image', 'ghcr.io/acme/agents:1', { caBundlePath: '/etc/rds.pem' });
export const fargateSandbox = (options: FlueFargateSandboxOptions = {}): FlueSandbox => FlueSandbox.fargate({
  image: ecs.ContainerImage.fromRegistry('111111111111.dkr.ecr.us-east-1.amazonaws.com/sandbox:1'), ...options,
});
export const sandboxesIn = (stack: Stack): FlueSandboxes => new FlueSandboxes(within(stack), 'Sandboxes', {
  vpc: vpcIn(stack), sandbox: fargateSandbox(),
});
export const groupIn = (stack: Stack): ec2.ISecurityGroup => ec2.SecurityGroup.fromSecurityGroupId(within(stack), 'Group', 'sg-11111111');
export const certificateIn = (stack: Stack): acm.ICertificate => acm.Certificate.fromCertificateArn(within(stack), 'Certificate', 'arn:aws:acm:us-east-1:111111111111:certificate/1');
export const listenerIn = (stack: Stack): elb.IApplicationListener => elb.ApplicationListener.fromApplicationListenerAttributes(within(stack), 'Listener', {
  listenerArn: 'arn:aws:elasticloadbalancing:us-east-1:111111111111:listener/app/agents/1/2', securityGroup: groupIn(stack),
});
const roleFor = (stack: Stack): iam.Role => new iam.Role(within(stack), 'Role', {
  assumedBy: new iam.CompositePrincipal(...['ecs-tasks', 'ecs', 'ec2'].map(service => new iam.ServicePrincipal(`${service}.amazonaws.com`))),
});
const webAclIn = (stack: Stack, scope: string): wafv2.CfnWebACL => new wafv2.CfnWebACL(within(stack), 'WebAcl', {
  scope, defaultAction: { allow: {} }, visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: 'acl', sampledRequestsEnabled: true },
});
const jwt = (): FlueAuth => FlueAuth.jwt({ issuer: 'https://id.example.com', jwksEndpoint: 'https://id.example.com/keys', claims: [FlueJwtClaim.singleString('aud', 'a')] });

/** What a user may pass as each type: made here, imported, of a class of their own, or known only at deployment. */
export const THINGS: { readonly [kind: string]: (stack: Stack) => unknown[] } = {
  string: stack => ['', 'text', Lazy.string({ produce: () => 'later' }), ssm.StringParameter.valueFromLookup(within(stack), '/agents/text')],
  number: () => [0, -1.5, Number.NaN, Lazy.number({ produce: () => 1 })],
  boolean: () => [true, false],
  any: () => [0, 'text', null, ['a'], { a: 1 }],
  Date: () => [new Date('2030-01-01T00:00:00Z')],
  Schedule: () => [events.Schedule.cron({ hour: '3', minute: '30' }), events.Schedule.expression('cron(0 3 * * ? *)')],
  ScheduleExpression: () => [scheduler.ScheduleExpression.rate(Duration.hours(1)), scheduler.ScheduleExpression.cron({ minute: '0' })],
  FlueRotationOptions: () => [{}, { automaticallyAfter: Duration.days(7) }],
  FlueRedeployOptions: () => [{}, { interval: Duration.minutes(30) }],
  FlueWebhookVerifier: stack => [FlueWebhookVerifier.github(secretIn(stack)), FlueWebhookVerifier.hmac({ secret: secretIn(stack), header: 'X-Signature' })],
  EventPattern: () => [{ source: ['acme.orders'] }, { detailType: events.Match.prefix('created'), detail: { total: events.Match.greaterThan(1) } }],
  IEventBus: stack => [new events.EventBus(within(stack), 'Bus'), events.EventBus.fromEventBusName(within(stack), 'Bus', 'orders')],
  TimeWindow: () => [scheduler.TimeWindow.off(), scheduler.TimeWindow.flexible(Duration.minutes(5))],
  FlueEventTarget: () => [FlueEventTarget.agent('assistant', { message: 'Go.' }), FlueEventTarget.workflow('report')],
  Duration: () => [Duration.seconds(1), Duration.minutes(Lazy.number({ produce: () => 1 })), { toSeconds: () => 1, unitLabel: () => 'seconds' }],
  Size: () => [Size.gibibytes(1)],
  RemovalPolicy: () => ['retain', 'snapshot', 'destroy'],
  IConstruct: stack => [stack, within(stack)],
  AuroraPostgresEngineVersion: () => [rds.AuroraPostgresEngineVersion.VER_16_13, rds.AuroraPostgresEngineVersion.of('17.9', '17')],
  CodeInterpreterNetworkConfiguration: () => [
    CodeInterpreterNetworkConfiguration.usingSandboxNetwork(), CodeInterpreterNetworkConfiguration.usingPublicNetwork(),
  ],
  ContainerImage: stack => [ecs.ContainerImage.fromRegistry('public.ecr.aws/example/collector:1.0.0'), ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(within(stack), 'Repository', 'collector'))],
  CpuArchitecture: () => [ecs.CpuArchitecture.X86_64, ecs.CpuArchitecture.ARM64, ecs.CpuArchitecture.of('ARM64')],
  FlowLogDestination: stack => [ec2.FlowLogDestination.toS3(new s3.Bucket(within(stack), 'Bucket')), ec2.FlowLogDestination.toCloudWatchLogs()],
  IAlarm: stack => [
    cloudwatch.Alarm.fromAlarmArn(within(stack), 'Alarm', 'arn:aws:cloudwatch:us-east-1:111111111111:alarm:a'),
    new cloudwatch.CompositeAlarm(within(stack), 'Alarm', { alarmRule: cloudwatch.AlarmRule.fromBoolean(true) }),
  ],
  IApplicationListener: stack => [listenerIn(stack)],
  IBucket: stack => [new s3.Bucket(within(stack), 'Bucket'), s3.Bucket.fromBucketName(within(stack), 'Bucket', 'logs-of-acme')],
  ICertificate: stack => [certificateIn(stack), acm.Certificate.fromCertificateArn(within(stack), 'Certificate', Fn.importValue('Certificate'))],
  ICluster: stack => [
    new ecs.Cluster(within(stack), 'Cluster', { vpc: vpcIn(stack) }),
    ecs.Cluster.fromClusterAttributes(within(stack), 'Cluster', { clusterName: 'agents', vpc: vpcIn(stack) }),
  ],
  IDeploymentLifecycleHookTarget: stack => [new ecs.DeploymentLifecycleLambdaTarget(
    lambda.Function.fromFunctionAttributes(within(stack), 'Function', { functionArn: 'arn:aws:lambda:us-east-1:111111111111:function:judge', sameEnvironment: true }),
    `Hook${++made}`, { lifecycleStages: [ecs.DeploymentLifecycleStage.POST_TEST_TRAFFIC_SHIFT] },
  )],
  IGrantable: stack => [roleFor(stack), { grantPrincipal: new iam.AccountRootPrincipal() }],
  IConnectable: stack => [groupIn(stack), ec2.Peer.ipv4('10.0.7.9/32'), ec2.Peer.anyIpv6(), new ec2.Connections()],
  IGatewayVpcEndpoint: stack => [
    ec2.GatewayVpcEndpoint.fromGatewayVpcEndpointId(within(stack), 'Gateway', 'vpce-11111111'),
    new ec2.GatewayVpcEndpoint(within(stack), 'Gateway', { vpc: vpcIn(stack), service: ec2.GatewayVpcEndpointAwsService.S3 }),
  ],
  IHostedZone: stack => [
    route53.HostedZone.fromHostedZoneAttributes(within(stack), 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' }),
    route53.HostedZone.fromHostedZoneId(within(stack), 'Zone', 'Z1'),
    new route53.PublicHostedZone(within(stack), 'Zone', { zoneName: 'example.com' }),
    new route53.PrivateHostedZone(within(stack), 'Zone', { zoneName: 'example.com', vpc: vpcIn(stack) }),
    route53.HostedZone.fromLookup(within(stack), 'Zone', { domainName: 'example.com' }),
  ],
  IIpAddresses: () => [
    ec2.IpAddresses.cidr('10.0.0.0/16'), ec2.IpAddresses.cidr('10.0.0.0/28'), ec2.IpAddresses.cidr('10.0.0.0/8'),
    ec2.IpAddresses.awsIpamAllocation({ ipv4IpamPoolId: 'ipam-pool-1', ipv4NetmaskLength: 16, defaultSubnetIpv4NetmaskLength: 24 }),
  ],
  IOidcProvider: stack => [
    new iam.OidcProviderNative(within(stack), 'Provider', { url: 'https://token.actions.githubusercontent.com' }),
    iam.OidcProviderNative.fromOidcProviderArn(within(stack), 'Provider', 'arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com'),
  ],
  IInterfaceVpcEndpoint: stack => [
    ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(within(stack), 'Endpoint', { vpcEndpointId: 'vpce-11111111', port: 443, securityGroups: [groupIn(stack)] }),
    new ec2.InterfaceVpcEndpoint(within(stack), 'Endpoint', { vpc: vpcIn(stack), service: ec2.InterfaceVpcEndpointAwsService.ECR, open: false }),
  ],
  IInterfaceVpcEndpointService: () => [ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME, new ec2.InterfaceVpcEndpointService('com.amazonaws.vpce.us-east-1.vpce-svc-11111111')],
  IKey: stack => [
    new kms.Key(within(stack), 'Key'), kms.Key.fromKeyArn(within(stack), 'Key', 'arn:aws:kms:us-east-1:111111111111:key/1'),
    kms.Key.fromKeyArn(within(stack), 'Key', 'arn:aws:kms:us-east-1:222222222222:key/1'), kms.Alias.fromAliasName(within(stack), 'Key', 'alias/agents'),
  ],
  ILogGroup: stack => [new logs.LogGroup(within(stack), 'Logs', { retention: 30 }), logs.LogGroup.fromLogGroupName(within(stack), 'Logs', 'agents')],
  IMachineImage: () => [
    ec2.MachineImage.latestAmazonLinux2023(), ec2.MachineImage.genericLinux({ 'us-east-1': 'ami-11111111' }), ec2.MachineImage.genericLinux({ 'eu-west-1': 'ami-11111111' }),
    ec2.MachineImage.latestWindows(ec2.WindowsVersion.WINDOWS_SERVER_2022_ENGLISH_FULL_BASE), ec2.MachineImage.lookup({ name: 'al2023-*' }), ec2.MachineImage.fromSsmParameter('/agents/ami'),
  ],
  InstanceType: () => [
    new ec2.InstanceType('t3.medium'), new ec2.InstanceType('t4g.small'), new ec2.InstanceType('db.t4g.micro'), new ec2.InstanceType('nonsense'), new ec2.InstanceType('t3'),
    new ec2.InstanceType(''), ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.SMALL), new ec2.InstanceType(Lazy.string({ produce: () => 't3.small' })),
  ],
  InterfaceVpcEndpointAwsService: () => [ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME, ec2.InterfaceVpcEndpointAwsService.ECR, new ec2.InterfaceVpcEndpointAwsService('')],
  IPeer: stack => [
    ec2.Peer.anyIpv4(), ec2.Peer.ipv4('10.0.0.0/8'), ec2.Peer.prefixList('pl-11111111'), ec2.Peer.ipv6('2001:db8::/32'), groupIn(stack),
    ec2.Peer.ipv4(Lazy.string({ produce: () => '10.0.0.0/8' })),
  ],
  IPrefixList: stack => [ec2.PrefixList.fromPrefixListId(within(stack), 'List', 'pl-11111111'), new ec2.PrefixList(within(stack), 'List', { maxEntries: 1 })],
  IRepository: stack => [new ecr.Repository(within(stack), 'Repository'), ecr.Repository.fromRepositoryName(within(stack), 'Repository', 'agents')],
  IRole: stack => [
    roleFor(stack), iam.Role.fromRoleArn(within(stack), 'Role', 'arn:aws:iam::111111111111:role/r'),
    iam.Role.fromRoleName(within(stack), 'Role', 'r', { mutable: false }), new iam.LazyRole(within(stack), 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }),
  ],
  ISecret: stack => [secretIn(stack), secretsmanager.Secret.fromSecretNameV2(within(stack), 'Secret', 'agents')],
  ISecurityGroup: stack => [groupIn(stack), new ec2.SecurityGroup(within(stack), 'Group', { vpc: vpcIn(stack) }), ec2.SecurityGroup.fromLookupById(within(stack), 'Group', 'sg-22222222')],
  ISubnet: stack => [ec2.Subnet.fromSubnetId(within(stack), 'Subnet', 'subnet-1'), ec2.Subnet.fromSubnetAttributes(within(stack), 'Subnet', { subnetId: 'subnet-1', availabilityZone: 'us-east-1a' })],
  ITopic: stack => [new sns.Topic(within(stack), 'Topic'), sns.Topic.fromTopicArn(within(stack), 'Topic', 'arn:aws:sns:us-east-1:111111111111:t')],
  IUserPool: stack => [new cognito.UserPool(within(stack), 'Users'), cognito.UserPool.fromUserPoolId(within(stack), 'Users', 'us-east-1_a')],
  IUserPoolClient: stack => [
    cognito.UserPoolClient.fromUserPoolClientId(within(stack), 'Client', 'a'),
    ...[true, false].map(generateSecret => new cognito.UserPoolClient(within(stack), 'Client', { userPool: new cognito.UserPool(within(stack), 'Users'), generateSecret })),
  ],
  IUserPoolDomain: stack => [cognito.UserPoolDomain.fromDomainName(within(stack), 'Domain', 'agents')],
  IBackupVault: stack => [new backup.BackupVault(within(stack), 'Vault'), backup.BackupVault.fromBackupVaultName(within(stack), 'Vault', 'agents')],
  IVolume: stack => [
    new ec2.Volume(within(stack), 'Volume', { availabilityZone: 'us-east-1a', size: Size.gibibytes(1), encrypted: true }),
    ec2.Volume.fromVolumeAttributes(within(stack), 'Volume', { volumeId: 'vol-11111111', availabilityZone: 'us-east-1a' }),
  ],
  IVpc: stack => [vpcIn(stack), new ec2.Vpc(within(stack), 'Vpc', {
    maxAzs: 2,
    natGateways: 0,
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC }, { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
  }), ec2.Vpc.fromVpcAttributes(within(stack), 'Vpc', { vpcId: 'vpc-2', availabilityZones: ['us-east-1a'] }), ec2.Vpc.fromLookup(within(stack), 'Vpc', { vpcName: 'agents' })],
  IWebACLRef: stack => [webAclIn(stack, 'REGIONAL'), webAclIn(stack, 'CLOUDFRONT')],
  ListenerCondition: () => [elb.ListenerCondition.hostHeaders(['agents.example.com']), elb.ListenerCondition.pathPatterns(['/agents/*']), elb.ListenerCondition.sourceIps([])],
  NatProvider: () => [ec2.NatProvider.gateway(), ec2.NatProvider.gateway({ eipAllocationIds: ['eipalloc-11111111'] }), ec2.NatProvider.instanceV2({ instanceType: new ec2.InstanceType('t4g.nano') })],
  PostgresEngineVersion: () => [rds.PostgresEngineVersion.VER_17, rds.PostgresEngineVersion.VER_14, rds.PostgresEngineVersion.of('19.1', '19')],
  PriceClass: () => ['PriceClass_100', 'PriceClass_All', Token.asString({ Ref: 'AWS::NoValue' })],
  RetentionDays: () => [1, 30, 9999],
  Secret: stack => [
    ecs.Secret.fromSecretsManager(secretIn(stack)), ecs.Secret.fromSecretsManager(secretIn(stack), 'field'),
    ecs.Secret.fromSsmParameter(ssm.StringParameter.fromSecureStringParameterAttributes(within(stack), 'Parameter', { parameterName: '/agents/key' })),
  ],
  SslPolicy: () => ['ELBSecurityPolicy-TLS13-1-2-Res-2021-06', elb.SslPolicy.RECOMMENDED_TLS],
  SubnetFilter: () => [ec2.SubnetFilter.byIds(['subnet-11111111', 'subnet-11111112']), ec2.SubnetFilter.byIds([])],
  SubnetType: () => ['Public', 'Private', 'Isolated'],
  SubnetSelection: stack => [
    { subnetType: 'Public' }, { subnetType: 'Private' }, { subnetType: 'Isolated' }, {}, { subnetGroupName: 'Nowhere' }, { availabilityZones: ['us-east-1z'] }, { onePerAz: true },
    { subnets: [] }, { subnets: vpcIn(stack).isolatedSubnets }, { subnets: vpcIn(stack).publicSubnets }, { subnets: vpcIn(stack).privateSubnets },
    { subnets: ['1', '2'].map(id => ec2.Subnet.fromSubnetId(within(stack), 'Subnet', `subnet-${id}`)) }, { subnetFilters: [ec2.SubnetFilter.byIds([])] },
    { subnetType: 'Public', subnetGroupName: 'Public' }, { subnets: [], subnetType: 'Public' },
  ],
  FlueAuth: () => [jwt(), FlueAuth.jwt({ issuer: 'https://id.example.com', jwksEndpoint: 'https://id.example.com/keys' })],
  FlueDatabase: stack => [new FlueDatabase(within(stack), 'Database', { vpc: vpcIn(stack) })],
  FlueDatabaseEngine: () => [FlueDatabaseEngine.postgres(), FlueDatabaseEngine.auroraServerless()],
  FlueDeployment: () => [FlueDeployment.recreate(), FlueDeployment.rolling(), FlueDeployment.blueGreen()],
  FlueDockerfile: () => [FlueDockerfile.provided(), FlueDockerfile.own('Dockerfile.agents')],
  FlueEgress: () => [FlueEgress.publicAddresses(), FlueEgress.natGateways(), FlueEgress.vpcEndpoints()],
  FlueExposure: stack => [
    FlueExposure.open(), FlueExposure.internal(), FlueExposure.toPeers(ec2.Peer.ipv4('10.0.0.0/8')), FlueExposure.cloudFront(),
    FlueExposure.throughListener(listenerIn(stack), { conditions: [elb.ListenerCondition.pathPatterns(['/agents/*'])], priority: 5, idleTimeout: Duration.seconds(700), url: 'https://agents.example.com' }),
  ],
  FlueJwtClaim: () => [FlueJwtClaim.singleString('aud', 'a'), FlueJwtClaim.stringArray('roles', 'a', 'b'), FlueJwtClaim.spaceSeparatedValues('scope', 'read')],
  FlueModel: stack => [FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6'), FlueModel.anthropic(ecs.Secret.fromSecretsManager(secretIn(stack)))],
  FlueSandboxEndpointOptions: () => [{}],
  FlueSandbox: () => [fargateSandbox(), FlueSandbox.codeInterpreter()],
  FlueSandboxEgress: () => [FlueSandboxEgress.none(), FlueSandboxEgress.proxy({ proxy: ec2.Peer.ipv4('10.0.7.9/32'), host: '10.0.7.9' })],
  FlueSandboxes: stack => [sandboxesIn(stack)],
  FlueShardKey: () => [FlueShardKey.lastCharacter(), FlueShardKey.sha256()],
  FlueTelemetry: () => [FlueTelemetry.adot(), FlueTelemetry.otlp({ endpoint: 'https://collector.example.com' })],
  IFlueApp: stack => [imageIn(stack)],
  IFlueDatabase: stack => [
    new FlueDatabase(within(stack), 'Database', { vpc: vpcIn(stack) }),
    FlueDatabase.fromUrlSecret(within(stack), 'Database', { url: ecs.Secret.fromSecretsManager(secretIn(stack)) }),
  ],
  IFlueImage: stack => [imageIn(stack)],
  IFlueSchemaHost: stack => [
    new FlueDatabase(within(stack), 'Database', { vpc: vpcIn(stack) }),
    FlueDatabase.fromAdministratorSecret(within(stack), 'Database', { administrator: secretIn(stack), host: 'db.example.com', databaseName: 'app' }),
  ],
  IFlueService: stack => [new FlueFargateService(within(stack), 'Agents', { image: imageIn(stack), vpc: vpcIn(stack) })],
};
