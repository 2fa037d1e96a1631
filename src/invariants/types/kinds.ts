import { isDate } from 'node:util/types';
import { RemovalPolicy, Token } from 'aws-cdk-lib';
import { PriceClass } from 'aws-cdk-lib/aws-cloudfront';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { isUnknown } from '../unknown';

/** One type that a prop can have. */
export interface Kind {
  /** The type, with its article. */
  readonly says: string;
  /** The call that makes one, as a sentence without a stop. */
  readonly way: string;
  /** Whether a refusal may repeat what was given: no secret is written where a number belongs. */
  readonly shows?: boolean;
  readonly fits: (given: unknown) => boolean;
}

export const withArticle = (name: string): string => `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${name}`;

const primitive = (name: 'string' | 'number' | 'boolean', way: string): Kind => ({
  says: `a ${name}`, way, shows: name !== 'string', fits: given => typeof given === name,
});

/**
 * An object that has these members.
 *
 * An import, a custom implementation, a proxy from another language and an object of a second copy of aws-cdk-lib have them too,
 * and are of no class that we know.
 */
function thing(name: string, way: string, ...members: string[]): Kind {
  return {
    says: withArticle(name),
    way,
    fits: given => typeof given === 'object' && given !== null && !Array.isArray(given) && members.every(member => member in given),
  };
}

/** A value of an enum of aws-cdk-lib, or a token in its place where CloudFormation alone reads it. */
function oneOf(name: string, values: { readonly [name: string]: string | number }, example: string, takesTokens = true): Kind {
  // an enum of numbers also holds their names, by number
  const known = new Set(Object.keys(values).filter(key => Number.isNaN(Number(key))).map(key => values[key]));
  const type = typeof values[example];
  return {
    says: `a value of ${name}`,
    way: `Pass one, such as \`${name}.${example}\``,
    shows: true,
    fits: given => typeof given === type && (known.has(given as string | number) || (takesTokens && isUnknown(given as string | number))),
  };
}

/** Whether JSON can hold all of a value; what is left out of it may be undefined. Tokens stand for texts, and have a form of their own. */
function isJson(given: unknown, above: readonly unknown[] = []): boolean {
  if (typeof given !== 'object' || given === null || Token.isUnresolved(given)) {
    return !['function', 'symbol', 'bigint'].includes(typeof given);
  }
  return !above.includes(given) && Object.values(given).every(value => isJson(value, [...above, given]));
}

const imported = (type: string, call: string): string => `Make one with \`new ${type}(…)\`, or import one with \`${call}\``;
const made = (...calls: string[]): string => `Make one with ${calls.map(call => `\`${call}\``).join(' or ')}`;

/** The types of aws-cdk-lib and of ours that props have, by name. The structs of ours are in `declared.ts`. */
export const KINDS: { readonly [type: string]: Kind } = {
  string: primitive('string', 'Write it in quotes'),
  number: primitive('number', 'Write it without quotes'),
  boolean: primitive('boolean', 'Pass true or false'),

  any: { says: 'a value of JSON', way: 'Pass texts, numbers, lists and objects', fits: given => given !== undefined && isJson(given) },
  Date: { ...thing('Date', made('new Date(\'2027-01-01T00:00:00Z\')')), shows: true, fits: isDate },

  Duration: { ...thing('Duration', made('Duration.seconds(90)', 'Duration.minutes(5)'), 'toSeconds', 'unitLabel'), shows: true },
  Size: { ...thing('Size', made('Size.gibibytes(20)'), 'toGibibytes', 'toBytes'), shows: true },
  RemovalPolicy: oneOf('RemovalPolicy', RemovalPolicy, 'RETAIN', false),
  IConstruct: thing('IConstruct', 'Pass a construct, such as a stack or a service', 'node'),

  AuroraPostgresEngineVersion: thing('AuroraPostgresEngineVersion', 'Pass one, such as `rds.AuroraPostgresEngineVersion.VER_17_6`', 'auroraPostgresFullVersion'),
  CodeInterpreterNetworkConfiguration: thing('CodeInterpreterNetworkConfiguration', made('CodeInterpreterNetworkConfiguration.usingSandboxNetwork()', 'CodeInterpreterNetworkConfiguration.usingVpc(…)'), 'networkMode', '_render'),
  ContainerImage: thing('ContainerImage', made('ecs.ContainerImage.fromRegistry(…)'), 'bind'),
  CpuArchitecture: thing('CpuArchitecture', 'Pass `ecs.CpuArchitecture.X86_64` or `ecs.CpuArchitecture.ARM64`', '_cpuArchitecture'),
  FlowLogDestination: thing('FlowLogDestination', made('ec2.FlowLogDestination.toS3(…)', 'ec2.FlowLogDestination.toCloudWatchLogs(…)'), 'bind'),
  IAlarm: thing('IAlarm', imported('cloudwatch.Alarm', 'cloudwatch.Alarm.fromAlarmArn(…)'), 'alarmArn', 'alarmName'),
  IApplicationListener: thing('IApplicationListener', 'Make one with `loadBalancer.addListener(…)`, or import one with `ApplicationListener.fromApplicationListenerAttributes(…)`', 'listenerArn', 'addTargetGroups'),
  IBackupVault: thing('IBackupVault', imported('backup.BackupVault', 'backup.BackupVault.fromBackupVaultName(…)'), 'backupVaultName', 'backupVaultArn'),
  IBucket: thing('IBucket', imported('s3.Bucket', 's3.Bucket.fromBucketName(…)'), 'bucketArn', 'bucketName'),
  ICertificate: thing('ICertificate', imported('acm.Certificate', 'acm.Certificate.fromCertificateArn(…)'), 'certificateArn'),
  ICluster: thing('ICluster', imported('ecs.Cluster', 'ecs.Cluster.fromClusterAttributes(…)'), 'clusterName', 'clusterArn'),
  IConnectable: thing('IConnectable', 'Pass what has a security group, such as a service, or a range such as `ec2.Peer.ipv4(…)`', 'connections'),
  IDeploymentLifecycleHookTarget: thing('IDeploymentLifecycleHookTarget', made('new ecs.DeploymentLifecycleLambdaTarget(…)'), 'bind'),
  IEventBus: thing('IEventBus', imported('events.EventBus', 'events.EventBus.fromEventBusName(…)'), 'eventBusName', 'eventBusArn'),
  IGrantable: thing('IGrantable', 'Pass a role, or whatever has one', 'grantPrincipal'),
  IGatewayVpcEndpoint: thing('IGatewayVpcEndpoint', imported('ec2.GatewayVpcEndpoint', 'ec2.GatewayVpcEndpoint.fromGatewayVpcEndpointId(…)'), 'vpcEndpointId'),
  IHostedZone: thing('IHostedZone', 'Find one with `route53.HostedZone.fromLookup(…)`, or import one with `route53.HostedZone.fromHostedZoneAttributes(…)`', 'hostedZoneId', 'zoneName'),
  IIpAddresses: thing('IIpAddresses', made('ec2.IpAddresses.cidr(\'10.0.0.0/16\')'), 'allocateVpcCidr', 'allocateSubnetsCidr'),
  IInterfaceVpcEndpoint: thing('IInterfaceVpcEndpoint', imported('ec2.InterfaceVpcEndpoint', 'ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(…)'), 'vpcEndpointId', 'connections'),
  IInterfaceVpcEndpointService: thing('IInterfaceVpcEndpointService', made('new ec2.InterfaceVpcEndpointService(…)'), 'name', 'port'),
  IKey: thing('IKey', imported('kms.Key', 'kms.Key.fromKeyArn(…)'), 'keyArn', 'addToResourcePolicy'),
  ILogGroup: thing('ILogGroup', imported('logs.LogGroup', 'logs.LogGroup.fromLogGroupName(…)'), 'logGroupName', 'logGroupArn'),
  IMachineImage: thing('IMachineImage', made('ec2.MachineImage.latestAmazonLinux2023(…)'), 'getImage'),
  InstanceType: thing('InstanceType', made('new ec2.InstanceType(\'t4g.small\')', 'ec2.InstanceType.of(…)'), 'architecture', 'sameInstanceClassAs'),
  InterfaceVpcEndpointAwsService: thing('InterfaceVpcEndpointAwsService', 'Pass one, such as `ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME`', 'shortName', 'port'),
  IOidcProvider: thing('IOidcProvider', imported('iam.OidcProviderNative', 'iam.OidcProviderNative.fromOidcProviderArn(…)'), 'oidcProviderArn', 'oidcProviderIssuer'),
  IPeer: thing('IPeer', made('ec2.Peer.ipv4(…)', 'ec2.Peer.prefixList(…)'), 'uniqueId', 'toIngressRuleConfig'),
  IPrefixList: thing('IPrefixList', 'Import one with `ec2.PrefixList.fromPrefixListId(…)`', 'prefixListId'),
  IRepository: thing('IRepository', imported('ecr.Repository', 'ecr.Repository.fromRepositoryName(…)'), 'repositoryArn', 'grantPull'),
  IRole: thing('IRole', imported('iam.Role', 'iam.Role.fromRoleArn(…)'), 'roleArn', 'addToPrincipalPolicy'),
  ISecret: thing('ISecret', imported('secretsmanager.Secret', 'secretsmanager.Secret.fromSecretCompleteArn(…)'), 'secretArn', 'secretValue'),
  ISecurityGroup: thing('ISecurityGroup', imported('ec2.SecurityGroup', 'ec2.SecurityGroup.fromSecurityGroupId(…)'), 'securityGroupId', 'addIngressRule'),
  ISubnet: thing('ISubnet', 'Take one of `vpc.publicSubnets`, or import one with `ec2.Subnet.fromSubnetAttributes(…)`', 'subnetId'),
  ITopic: thing('ITopic', imported('sns.Topic', 'sns.Topic.fromTopicArn(…)'), 'topicArn'),
  IUserPool: thing('IUserPool', imported('cognito.UserPool', 'cognito.UserPool.fromUserPoolId(…)'), 'userPoolId', 'userPoolArn'),
  IUserPoolClient: thing('IUserPoolClient', imported('cognito.UserPoolClient', 'cognito.UserPoolClient.fromUserPoolClientId(…)'), 'userPoolClientId'),
  IUserPoolDomain: thing('IUserPoolDomain', imported('cognito.UserPoolDomain', 'cognito.UserPoolDomain.fromDomainName(…)'), 'domainName'),
  IVolume: thing('IVolume', imported('ec2.Volume', 'ec2.Volume.fromVolumeAttributes(…)'), 'volumeId', 'availabilityZone'),
  IVpc: thing('IVpc', imported('ec2.Vpc', 'ec2.Vpc.fromLookup(…)'), 'vpcId', 'selectSubnets'),
  IWebACLRef: thing('IWebACLRef', made('new wafv2.CfnWebACL(…)'), 'webAclRef'),
  ListenerCondition: thing('ListenerCondition', made('ListenerCondition.hostHeaders([…])', 'ListenerCondition.pathPatterns([…])'), 'renderRawCondition'),
  NatProvider: thing('NatProvider', made('ec2.NatProvider.gateway()', 'ec2.NatProvider.instanceV2(…)'), 'configureNat'),
  PostgresEngineVersion: thing('PostgresEngineVersion', 'Pass one, such as `rds.PostgresEngineVersion.VER_18`', 'postgresFullVersion'),
  PriceClass: oneOf('PriceClass', PriceClass, 'PRICE_CLASS_ALL'),
  RetentionDays: oneOf('RetentionDays', RetentionDays as unknown as { [name: string]: number }, 'ONE_MONTH'),
  Secret: thing('ecs.Secret', made('ecs.Secret.fromSecretsManager(secret)', 'ecs.Secret.fromSsmParameter(parameter)'), 'arn', 'grantRead'),
  Schedule: thing('Schedule', made('events.Schedule.cron({ … })', 'events.Schedule.rate(…)'), 'expressionString'),
  ScheduleExpression: thing('ScheduleExpression', made('scheduler.ScheduleExpression.cron({ … })', 'scheduler.ScheduleExpression.rate(…)'), 'expressionString'),
  SslPolicy: oneOf('SslPolicy', SslPolicy, 'RECOMMENDED_TLS'),
  SubnetFilter: thing('SubnetFilter', made('ec2.SubnetFilter.byIds([…])'), 'selectSubnets'),
  SubnetType: oneOf('SubnetType', SubnetType, 'PRIVATE_WITH_EGRESS', false),
  TimeWindow: thing('TimeWindow', made('scheduler.TimeWindow.flexible(…)'), 'mode'),

  FlueAuth: thing('FlueAuth', made('FlueAuth.cognito({ … })', 'FlueAuth.oidc({ … })', 'FlueAuth.jwt({ … })'), '_authenticate'),
  FlueDatabase: thing('FlueDatabase', made('new FlueDatabase(this, \'Database\', { vpc })'), 'urlSecret', 'endpoint', 'addSchema'),
  FlueDatabaseEngine: thing('FlueDatabaseEngine', made('FlueDatabaseEngine.postgres()', 'FlueDatabaseEngine.auroraServerless()'), '_bind', '_validate'),
  FlueDeployment: thing('FlueDeployment', made('FlueDeployment.recreate()', 'FlueDeployment.rolling()', 'FlueDeployment.blueGreen()'), '_replacement'),
  FlueDockerfile: thing('FlueDockerfile', made('FlueDockerfile.own()', 'FlueDockerfile.provided()'), '_file'),
  FlueEgress: thing('FlueEgress', made('FlueEgress.publicAddresses()', 'FlueEgress.natGateways()', 'FlueEgress.vpcEndpoints()'), '_egress'),
  FlueEventTarget: thing('FlueEventTarget', made('FlueEventTarget.agent(…)', 'FlueEventTarget.workflow(…)'), '_event', '_require'),
  FlueExposure: thing('FlueExposure', made('FlueExposure.open()', 'FlueExposure.internal(…)', 'FlueExposure.toPeers(…)'), '_strategy', 'peers'),
  FlueJwtClaim: thing('FlueJwtClaim', made('FlueJwtClaim.singleString(…)'), '_require', '_render'),
  FlueModel: thing('FlueModel', made('FlueModel.anthropic(…)', 'FlueModel.bedrock(…)', 'FlueModel.provider(…)'), '_bind', 'model'),
  FlueSandbox: thing('FlueSandbox', made('FlueSandbox.fargate()', 'FlueSandbox.codeInterpreter()'), '_way'),
  FlueSandboxEgress: thing('FlueSandboxEgress', made('FlueSandboxEgress.none()', 'FlueSandboxEgress.proxy({ … })', 'FlueSandboxEgress.vpcEndpoints({ … })'), '_sandboxEgress'),
  FlueSandboxes: thing('FlueSandboxes', made('new FlueSandboxes(this, \'Sandboxes\', { vpc })'), '_admit', 'poolName'),
  FlueShardKey: thing('FlueShardKey', made('FlueShardKey.lastCharacter()', 'FlueShardKey.sha256()'), '_name'),
  FlueTelemetry: thing('FlueTelemetry', made('FlueTelemetry.adot()', 'FlueTelemetry.otlp({ … })'), '_bind', 'collector'),
  FlueWebhookVerifier: thing('FlueWebhookVerifier', made('FlueWebhookVerifier.github(…)', 'FlueWebhookVerifier.hmac({ … })'), '_secret', '_scheme'),
  IFlueApp: thing('IFlueApp', made('new FlueImage(this, \'Image\', { directory })', 'new FlueBuild(this, \'Build\', { directory })'), 'port', 'cpuArchitecture', 'grantPull'),
  IFlueDatabase: thing('IFlueDatabase', made('new FlueDatabase(this, \'Database\', { vpc })', 'FlueDatabase.fromUrlSecret(…)'), 'url', 'connections'),
  IFlueImage: thing('IFlueImage', `${made('new FlueImage(this, \'Image\', { directory })', 'FlueImage.fromRegistry(…)')}. Only FlueEc2Service runs a FlueBuild`, 'port', 'containerImage', 'imageUri'),
  IFlueSchemaHost: thing('IFlueSchemaHost', made('new FlueDatabase(this, \'Database\', { vpc })', 'FlueDatabase.fromAdministratorSecret(…)'), 'addSchema', 'connections'),
  IFlueService: thing('IFlueService', made('new FlueFargateService(this, \'Agents\', { image })'), 'url', 'logGroup', 'metricCpuUtilization'),
};

/** The structs of aws-cdk-lib that props have, written as in `declared.ts`. */
export const FOREIGN_STRUCTS = {
  EventPattern: {
    version: 'string[]?',
    id: 'string[]?',
    detailType: 'string[]?',
    source: 'string[]?',
    account: 'string[]?',
    time: 'string[]?',
    region: 'string[]?',
    resources: 'string[]?',
    detail: '{any}?',
  },
  SubnetSelection: {
    subnetType: 'SubnetType?',
    availabilityZones: 'string[]?',
    onePerAz: 'boolean?',
    subnetFilters: 'SubnetFilter[]?',
    subnetGroupName: 'string?',
    subnets: 'ISubnet[]?',
  },
} as const;
