// `npm run generate:types` writes this file from the public structs and classes.

const FlueAdotOptions = {
  config: 'Secret?',
  image: 'ContainerImage?',
  serviceName: 'string?',
} as const;

const FlueAgentEventOptions = {
  message: 'string',
  conversationId: 'string?',
} as const;

const FlueAlarmsOptions = {
  topic: 'ITopic?',
  memoryUtilizationPercent: 'number?',
  cpuUtilizationPercent: 'number?',
  serverErrorsPerMinute: 'number?',
  rollBackDeployments: 'boolean?',
} as const;

const FlueAuroraServerlessOptions = {
  version: 'AuroraPostgresEngineVersion?',
  minCapacity: 'number?',
  maxCapacity: 'number?',
  readers: 'number?',
} as const;

const FlueAuthOptions = {
  publicPaths: 'string[]?',
} as const;

const FlueBackupsProps = {
  databases: 'FlueDatabase[]?',
  volumes: 'IVolume[]?',
  retention: 'Duration?',
  schedule: 'Schedule?',
  vault: 'IBackupVault?',
} as const;

const FlueBedrockModelOptions = {
  routesTo: 'string[]?',
  tags: '{string}?',
} as const;

const FlueBudgetProps = {
  monthlyLimit: 'number',
  emails: 'string[]?',
  topic: 'ITopic?',
  tags: '{string}?',
  denyBedrockTo: 'IRole[]?',
} as const;

const FlueBuildProps = {
  directory: 'string',
  outputDirectory: 'string?',
  include: 'string[]?',
  port: 'number?',
  cpuArchitecture: 'CpuArchitecture?',
} as const;

const FlueChecksProps = {
  services: 'IConstruct[]?',
} as const;

const FlueCloudFrontOptions = {
  readTimeout: 'Duration?',
  certificate: 'ICertificate?',
  webAcl: 'IWebACLRef?',
  priceClass: 'PriceClass?',
  prefixList: 'IPrefixList?',
} as const;

const FlueCodeInterpreterSandboxOptions = {
  networkConfiguration: 'CodeInterpreterNetworkConfiguration?',
} as const;

const FlueDashboardProps = {
  services: 'IFlueService[]?',
  database: 'FlueDatabase?',
  dashboardName: 'string?',
} as const;

const FlueDatabaseProps = {
  vpc: 'IVpc',
  vpcSubnets: 'SubnetSelection?',
  engine: 'FlueDatabaseEngine?',
  databaseName: 'string?',
  port: 'number?',
  credentials: 'ISecret?',
  rotation: 'FlueRotationOptions?',
  securityGroups: 'ISecurityGroup[]?',
  removalPolicy: 'RemovalPolicy?',
  deletionProtection: 'boolean?',
  backupRetention: 'Duration?',
  snapshot: 'string?',
  preferredBackupWindow: 'string?',
  preferredMaintenanceWindow: 'string?',
  autoMinorVersionUpgrade: 'boolean?',
  encryptionKey: 'IKey?',
  iamAuthentication: 'boolean?',
  parameters: '{string}?',
  monitoringInterval: 'Duration?',
  enablePerformanceInsights: 'boolean?',
  cloudwatchLogsRetention: 'RetentionDays?',
} as const;

const FlueDeployRoleProps = {
  repository: 'string',
  branch: 'string?',
  environment: 'string?',
  pullRequests: 'boolean?',
  readOnly: 'boolean?',
  qualifier: 'string?',
  provider: 'IOidcProvider?',
} as const;

const FlueDeploymentOptions = {
  rollback: 'boolean?',
  alarms: 'IAlarm[]?',
} as const;

const FlueEndpointEgressOptions = {
  services: 'InterfaceVpcEndpointAwsService[]?',
} as const;

const FlueEventPatternOptions = {
  eventPattern: 'EventPattern',
  agentName: 'string',
  conversationId: 'string?',
  conversationField: 'string?',
  eventBus: 'IEventBus?',
  description: 'string?',
  enabled: 'boolean?',
} as const;

const FlueExistingDatabaseOptions = {
  vpc: 'IVpc?',
  securityGroups: 'ISecurityGroup[]?',
  port: 'number?',
  usesRdsCertificates: 'boolean?',
} as const;

const FlueExistingImageOptions = {
  port: 'number?',
  cpuArchitecture: 'CpuArchitecture?',
  caBundlePath: 'string?',
  nodeOptions: 'string?',
  flueMajor: 'number?',
} as const;

const FlueExpiryProps = {
  at: 'Date',
} as const;

const FlueFargateSandboxOptions = {
  vpcSubnets: 'SubnetSelection?',
  image: 'ContainerImage?',
  cpuArchitecture: 'CpuArchitecture?',
  cpu: 'number?',
  memoryLimitMiB: 'number?',
  ephemeralStorage: 'Size?',
  cluster: 'ICluster?',
  endpoints: 'FlueSandboxEndpointOptions?',
  egress: 'FlueSandboxEgress?',
  allowedDomains: 'string[]?',
  topic: 'ITopic?',
  logGroup: 'ILogGroup?',
  logRetention: 'RetentionDays?',
  logEncryptionKey: 'IKey?',
} as const;

const FlueHmacOptions = {
  secret: 'ISecret',
  header: 'string',
  prefix: 'string?',
  timestampHeader: 'string?',
  idField: 'string?',
} as const;

const FlueImageProps = {
  directory: 'string',
  workspace: 'string?',
  dockerfile: 'FlueDockerfile?',
  buildCommand: 'string?',
  outputDirectory: 'string?',
  command: 'string[]?',
  target: 'string?',
  port: 'number?',
  cpuArchitecture: 'CpuArchitecture?',
  buildArgs: '{string}?',
  buildSecrets: '{string}?',
  include: 'string[]?',
  exclude: 'string[]?',
  caBundleFile: 'string?',
  caBundlePath: 'string?',
  assetName: 'string?',
} as const;

const FlueInboxOptions = {
  token: 'ISecret?',
  tokenField: 'string?',
  pathPrefix: 'string?',
  vpc: 'IVpc?',
  vpcSubnets: 'SubnetSelection?',
  securityGroups: 'ISecurityGroup[]?',
  maxConcurrency: 'number?',
  retryFor: 'Duration?',
  repeatInterrupted: 'boolean?',
  topic: 'ITopic?',
  logRetention: 'RetentionDays?',
  logEncryptionKey: 'IKey?',
} as const;

const FlueListenerOptions = {
  conditions: 'ListenerCondition[]',
  priority: 'number',
  idleTimeout: 'Duration',
  url: 'string?',
} as const;

const FlueLogQueriesOptions = {
  slowPrompt: 'Duration?',
} as const;

const FlueModelProviderOptions = {
  secret: 'Secret',
  envName: 'string?',
  model: 'string?',
} as const;

const FlueNatEgressOptions = {
  provider: 'NatProvider?',
  count: 'number?',
} as const;

const FlueNetworkProps = {
  egress: 'FlueEgress?',
  maxAzs: 'number?',
  availabilityZoneIds: 'string[]?',
  ipAddresses: 'IIpAddresses?',
  flowLogs: 'boolean?',
  flowLogDestination: 'FlowLogDestination?',
  logEncryptionKey: 'IKey?',
  logRetention: 'RetentionDays?',
} as const;

const FlueOtlpOptions = {
  endpoint: 'string',
  headers: 'Secret?',
  serviceName: 'string?',
} as const;

const FluePostgresOptions = {
  version: 'PostgresEngineVersion?',
  instanceType: 'InstanceType?',
  multiAz: 'boolean?',
  allocatedStorage: 'Size?',
  maxAllocatedStorage: 'Size?',
  allowMajorVersionUpgrade: 'boolean?',
} as const;

const FlueRedeployOptions = {
  interval: 'Duration?',
} as const;

const FlueRotationOptions = {
  automaticallyAfter: 'Duration?',
  vpcSubnets: 'SubnetSelection?',
  createEndpoint: 'boolean?',
} as const;

const FlueSandboxEndpointOptions = {
  ecrApi: 'IInterfaceVpcEndpoint?',
  ecrDocker: 'IInterfaceVpcEndpoint?',
  logs: 'IInterfaceVpcEndpoint?',
  s3: 'IGatewayVpcEndpoint?',
  s3PrefixList: 'IPrefixList?',
} as const;

const FlueSandboxProxyOptions = {
  proxy: 'IConnectable',
  host: 'string',
  port: 'number?',
} as const;

const FlueSandboxVpcEndpointOptions = {
  services: '{IInterfaceVpcEndpointService}?',
  endpoints: 'IInterfaceVpcEndpoint[]?',
} as const;

const FlueSandboxesProps = {
  vpc: 'IVpc',
  sandbox: 'FlueSandbox?',
  maxLifetime: 'Duration?',
  idleTimeout: 'Duration?',
  maxConcurrent: 'number?',
} as const;

const FlueScheduleOptions = {
  schedule: 'ScheduleExpression',
  target: 'FlueEventTarget',
  description: 'string?',
  enabled: 'boolean?',
  start: 'Date?',
  end: 'Date?',
  timeWindow: 'TimeWindow?',
} as const;

const FlueSchemaCleanupProps = {
  database: 'IFlueSchemaHost',
  vpcSubnets: 'SubnetSelection?',
  cluster: 'ICluster?',
  logGroup: 'ILogGroup?',
  logRetention: 'RetentionDays?',
  logEncryptionKey: 'IKey?',
} as const;

const FlueSchemaOptions = {
  schemaName: 'string?',
  removalPolicy: 'RemovalPolicy?',
} as const;

const FlueServiceProps = {
  vpc: 'IVpc?',
  vpcSubnets: 'SubnetSelection?',
  securityGroups: 'ISecurityGroup[]?',
  secrets: '{Secret}?',
  environment: '{string}?',
  model: 'FlueModel?',
  healthCheckPath: 'string?',
  startupBudget: 'Duration?',
  healthCheckGracePeriod: 'Duration?',
  longestRun: 'Duration?',
  idleTimeout: 'Duration?',
  stopTimeout: 'Duration?',
  logGroup: 'ILogGroup?',
  logRetention: 'RetentionDays?',
  logEncryptionKey: 'IKey?',
} as const;

const FlueWebhookOptions = {
  agentName: 'string',
  verify: 'FlueWebhookVerifier?',
  conversationId: 'string?',
  conversationField: 'string?',
} as const;

const FlueWorkflowEventOptions = {
  input: '{any}?',
} as const;

const FlueBlueGreenDeploymentOptions = {
  ...FlueDeploymentOptions,
  bakeTime: 'Duration?',
  testPort: 'number?',
  testPeers: 'IPeer[]?',
  lifecycleHooks: 'IDeploymentLifecycleHookTarget[]?',
} as const;

const FlueDatabaseFromAdministratorSecretOptions = {
  ...FlueExistingDatabaseOptions,
  administrator: 'ISecret',
  host: 'string',
  databaseName: 'string',
  encryptionKey: 'IKey?',
} as const;

const FlueDatabaseFromUrlSecretOptions = {
  ...FlueExistingDatabaseOptions,
  url: 'Secret',
} as const;

const FlueEcrImageOptions = {
  ...FlueExistingImageOptions,
  tagOrDigest: 'string?',
} as const;

const FlueJwtAuthOptions = {
  ...FlueAuthOptions,
  issuer: 'string',
  jwksEndpoint: 'string',
  claims: 'FlueJwtClaim[]?',
} as const;

const FlueRegistryImageOptions = {
  ...FlueExistingImageOptions,
  credentials: 'ISecret?',
} as const;

const FlueRollingDeploymentOptions = {
  ...FlueDeploymentOptions,
  deferredCleanup: 'boolean?',
} as const;

const FlueSignInOptions = {
  ...FlueAuthOptions,
  scope: 'string?',
  sessionTimeout: 'Duration?',
} as const;

const FlueSingleServiceProps = {
  ...FlueServiceProps,
  database: 'IFlueDatabase?',
} as const;

const FlueTaskBaseProps = {
  ...FlueServiceProps,
  image: 'IFlueImage',
  cpu: 'number?',
  memoryLimitMiB: 'number?',
  ephemeralStorage: 'Size?',
  readonlyRootFilesystem: 'boolean?',
  dropAllCapabilities: 'boolean?',
  containerHealthCheck: 'boolean?',
  taskRole: 'IRole?',
  executionRole: 'IRole?',
  cluster: 'ICluster?',
  deregistrationDelay: 'Duration?',
  redeployOnSecretChange: 'FlueRedeployOptions?',
  telemetry: 'FlueTelemetry?',
} as const;

const FlueCognitoAuthOptions = {
  ...FlueSignInOptions,
  userPool: 'IUserPool',
  userPoolClient: 'IUserPoolClient',
  userPoolDomain: 'IUserPoolDomain',
} as const;

const FlueEc2ServiceProps = {
  ...FlueSingleServiceProps,
  image: 'IFlueApp',
  role: 'IRole?',
  instanceRoleAccess: 'boolean?',
  instanceType: 'InstanceType?',
  machineImage: 'IMachineImage?',
  domainName: 'string?',
  hostedZone: 'IHostedZone?',
  exposure: 'FlueExposure?',
  dataVolumeSize: 'Size?',
  dataVolumeEncryptionKey: 'IKey?',
  dataVolumeSnapshot: 'string?',
  dataVolume: 'IVolume?',
  dataVolumeBackups: 'Duration?',
  rootVolumeSize: 'Size?',
  readonlyRootFilesystem: 'boolean?',
  terminationProtection: 'boolean?',
  detailedMonitoring: 'boolean?',
} as const;

const FlueFargateBaseProps = {
  ...FlueTaskBaseProps,
  exposure: 'FlueExposure?',
  auth: 'FlueAuth?',
  certificate: 'ICertificate?',
  domainName: 'string?',
  hostedZone: 'IHostedZone?',
  sslPolicy: 'SslPolicy?',
  accessLogs: 'boolean?',
  accessLogsBucket: 'IBucket?',
  webAcl: 'IWebACLRef?',
  loadBalancerDeletionProtection: 'boolean?',
  enableExecuteCommand: 'boolean?',
} as const;

const FlueOidcAuthOptions = {
  ...FlueSignInOptions,
  issuer: 'string',
  clientId: 'string',
  clientSecret: 'ISecret',
  clientSecretField: 'string?',
  authorizationEndpoint: 'string',
  tokenEndpoint: 'string',
  userInfoEndpoint: 'string',
} as const;

const FlueTaskProps = {
  ...FlueSingleServiceProps,
  ...FlueTaskBaseProps,
  minTasks: 'number?',
  maxTasks: 'number?',
  targetCpuUtilizationPercent: 'number?',
} as const;

const FlueExpressServiceProps = {
  ...FlueTaskProps,
  infrastructureRole: 'IRole?',
} as const;

const FlueFargateServiceProps = {
  ...FlueTaskProps,
  ...FlueFargateBaseProps,
  deployment: 'FlueDeployment?',
} as const;

const FlueShardedServiceProps = {
  ...FlueFargateBaseProps,
  shards: 'number',
  database: 'IFlueSchemaHost?',
  shardKey: 'FlueShardKey?',
  agentPaths: 'string[]?',
  homePaths: 'string[]?',
} as const;

/** The props of each public struct, with their types. */
export const STRUCTS = {
  FlueAdotOptions,
  FlueAgentEventOptions,
  FlueAlarmsOptions,
  FlueAuroraServerlessOptions,
  FlueAuthOptions,
  FlueBackupsProps,
  FlueBedrockModelOptions,
  FlueBudgetProps,
  FlueBuildProps,
  FlueChecksProps,
  FlueCloudFrontOptions,
  FlueCodeInterpreterSandboxOptions,
  FlueDashboardProps,
  FlueDatabaseProps,
  FlueDeployRoleProps,
  FlueDeploymentOptions,
  FlueEndpointEgressOptions,
  FlueEventPatternOptions,
  FlueExistingDatabaseOptions,
  FlueExistingImageOptions,
  FlueExpiryProps,
  FlueFargateSandboxOptions,
  FlueHmacOptions,
  FlueImageProps,
  FlueInboxOptions,
  FlueListenerOptions,
  FlueLogQueriesOptions,
  FlueModelProviderOptions,
  FlueNatEgressOptions,
  FlueNetworkProps,
  FlueOtlpOptions,
  FluePostgresOptions,
  FlueRedeployOptions,
  FlueRotationOptions,
  FlueSandboxEndpointOptions,
  FlueSandboxProxyOptions,
  FlueSandboxVpcEndpointOptions,
  FlueSandboxesProps,
  FlueScheduleOptions,
  FlueSchemaCleanupProps,
  FlueSchemaOptions,
  FlueServiceProps,
  FlueWebhookOptions,
  FlueWorkflowEventOptions,
  FlueBlueGreenDeploymentOptions,
  FlueDatabaseFromAdministratorSecretOptions,
  FlueDatabaseFromUrlSecretOptions,
  FlueEcrImageOptions,
  FlueJwtAuthOptions,
  FlueRegistryImageOptions,
  FlueRollingDeploymentOptions,
  FlueSignInOptions,
  FlueSingleServiceProps,
  FlueTaskBaseProps,
  FlueCognitoAuthOptions,
  FlueEc2ServiceProps,
  FlueFargateBaseProps,
  FlueOidcAuthOptions,
  FlueTaskProps,
  FlueExpressServiceProps,
  FlueFargateServiceProps,
  FlueShardedServiceProps,
};

/** What a user passes to each static or other method, with its types. */
export const CALLS = {
  'FlueAuth.cognito': { options: 'FlueCognitoAuthOptions' },
  'FlueAuth.jwt': { options: 'FlueJwtAuthOptions' },
  'FlueAuth.oidc': { options: 'FlueOidcAuthOptions' },
  'FlueBackups.addDatabase': { database: 'FlueDatabase' },
  'FlueBackups.addVolume': { volume: 'IVolume' },
  'FlueBuild.grantPull': { grantee: 'IGrantable' },
  'FlueDashboard.addService': { service: 'IFlueService' },
  'FlueDatabase.addSchema': { id: 'string', options: 'FlueSchemaOptions?' },
  'FlueDatabase.fromAdministratorSecret': { options: 'FlueDatabaseFromAdministratorSecretOptions' },
  'FlueDatabase.fromUrlSecret': { options: 'FlueDatabaseFromUrlSecretOptions' },
  'FlueDatabaseEngine.auroraServerless': { options: 'FlueAuroraServerlessOptions?' },
  'FlueDatabaseEngine.postgres': { options: 'FluePostgresOptions?' },
  'FlueDeployment.blueGreen': { options: 'FlueBlueGreenDeploymentOptions?' },
  'FlueDeployment.recreate': { options: 'FlueDeploymentOptions?' },
  'FlueDeployment.rolling': { options: 'FlueRollingDeploymentOptions?' },
  'FlueDockerfile.own': { file: 'string?' },
  'FlueEgress.natGateways': { options: 'FlueNatEgressOptions?' },
  'FlueEgress.vpcEndpoints': { options: 'FlueEndpointEgressOptions?' },
  'FlueEventTarget.agent': { agentName: 'string', options: 'FlueAgentEventOptions' },
  'FlueEventTarget.workflow': { workflowName: 'string', options: 'FlueWorkflowEventOptions?' },
  'FlueExposure.cloudFront': { options: 'FlueCloudFrontOptions?' },
  'FlueExposure.internal': { peers: 'IPeer[]' },
  'FlueExposure.throughListener': { listener: 'IApplicationListener', options: 'FlueListenerOptions' },
  'FlueExposure.toPeers': { peers: 'IPeer[]' },
  'FlueImage.fromEcrRepository': { repository: 'IRepository', options: 'FlueEcrImageOptions?' },
  'FlueImage.fromRegistry': { uri: 'string', options: 'FlueRegistryImageOptions?' },
  'FlueImage.grantPull': { grantee: 'IGrantable' },
  'FlueInbox.addEventPattern': { id: 'string', options: 'FlueEventPatternOptions' },
  'FlueInbox.addSchedule': { id: 'string', options: 'FlueScheduleOptions' },
  'FlueInbox.addWebhook': { path: 'string', options: 'FlueWebhookOptions' },
  'FlueInbox.grantSend': { grantee: 'IGrantable' },
  'FlueJwtClaim.singleString': { name: 'string', value: 'string' },
  'FlueJwtClaim.spaceSeparatedValues': { name: 'string', values: 'string[]' },
  'FlueJwtClaim.stringArray': { name: 'string', values: 'string[]' },
  'FlueModel.anthropic': { secret: 'Secret', model: 'string?' },
  'FlueModel.bedrock': { modelId: 'string', options: 'FlueBedrockModelOptions?' },
  'FlueModel.openai': { secret: 'Secret', model: 'string?' },
  'FlueModel.provider': { name: 'string', options: 'FlueModelProviderOptions' },
  'FlueSandbox.codeInterpreter': { options: 'FlueCodeInterpreterSandboxOptions?' },
  'FlueSandbox.fargate': { options: 'FlueFargateSandboxOptions?' },
  'FlueSandboxEgress.proxy': { options: 'FlueSandboxProxyOptions' },
  'FlueSandboxEgress.vpcEndpoints': { options: 'FlueSandboxVpcEndpointOptions' },
  'FlueSandboxes.grantRun': { grantee: 'IGrantable' },
  'FlueService.addAlarms': { options: 'FlueAlarmsOptions?' },
  'FlueService.addInbox': { options: 'FlueInboxOptions?' },
  'FlueService.addLogQueries': { options: 'FlueLogQueriesOptions?' },
  'FlueService.addSandboxes': { pool: 'FlueSandboxes' },
  'FlueService.addSchedule': { id: 'string', options: 'FlueScheduleOptions' },
  'FlueShardedService.addAlarms': { options: 'FlueAlarmsOptions?' },
  'FlueShardedService.addInbox': { options: 'FlueInboxOptions?' },
  'FlueShardedService.addLogQueries': { options: 'FlueLogQueriesOptions?' },
  'FlueShardedService.addSandboxes': { pool: 'FlueSandboxes' },
  'FlueShardedService.addSchedule': { id: 'string', options: 'FlueScheduleOptions' },
  'FlueTelemetry.adot': { options: 'FlueAdotOptions?' },
  'FlueTelemetry.otlp': { options: 'FlueOtlpOptions' },
  'FlueWebhookVerifier.github': { secret: 'ISecret' },
  'FlueWebhookVerifier.hmac': { options: 'FlueHmacOptions' },
  'FlueWebhookVerifier.slack': { secret: 'ISecret' },
  'FlueWebhookVerifier.stripe': { secret: 'ISecret' },
} as const;
