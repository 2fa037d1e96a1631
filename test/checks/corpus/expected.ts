/** The findings on each template of this folder, by the logical id of the resource they stand on. */
export const EXPECTED: Record<string, Record<string, string[]>> = {
  '01-fargate-perfect.yaml': {},
  '02-express-own-task.yaml': {
    Service: ['OneLiveOwner[overlap]'],
  },
  '03-express-from-the-guide.yaml': {
    Service: ['KeepAliveAboveIdleTimeout', 'LogRetention', 'OneLiveOwner[overlap]', 'OneLiveOwner[scaleOut]', 'SharedState', 'ShutdownTime'],
  },
  '04-box-from-the-guide.yaml': {
    Box: ['BoxHardening[Encrypted]', 'BoxHardening[HttpTokens]', 'InitProcess', 'SecretsOnly[ANTHROPIC_API_KEY]'],
    WebAccess: ['BoxHardening[Ssh]', 'EncryptedTransport'],
  },
  '05-box-systemd-perfect.yaml': {},
  '06-fargate-terrible.yaml': {
    Database: [
      'PrivateDatabase[BackupRetentionPeriod]', 'PrivateDatabase[DeletionPolicy]', 'PrivateDatabase[PubliclyAccessible]',
      'PrivateDatabase[StorageEncrypted]', 'SecretsOnly[MasterUserPassword]',
    ],
    DatabaseAccess: ['PrivateDatabase[Ingress]'],
    Http: ['EncryptedTransport'],
    LoadBalancer: ['IdleTimeout'],
    Logs: ['LogRetention'],
    Scaling: ['MinTaskCount', 'OneLiveOwner[scaleOut]'],
    Service: ['GracePeriodAboveStartup', 'MinTaskCount', 'OneLiveOwner[overlap]'],
    Targets: ['HealthCheckPath', 'HealthCheckPath[Matcher]', 'IpTargetType', 'ShutdownTime'],
    Task: [
      'GracePeriodAboveStartup[StartPeriod]', 'InitProcess', 'KeepAliveAboveIdleTimeout', 'PinnedPlatform', 'PortAgreement', 'PrivateDatabase[sslmode]', 'ReservedEnvironment[FLUE_MODE]',
      'SecretsOnly[ANTHROPIC_API_KEY]', 'SecretsOnly[DATABASE_URL]', 'SecretsOnly[OPENAI_API_KEY]', 'ShutdownTime',
    ],
  },
  '07-everything-is-a-parameter.yaml': {
    Task: ['SecretsOnly[ANTHROPIC_API_KEY]', 'SecretsOnly[DATABASE_URL]'],
  },
  '08-auto-scaled-boxes.yaml': {
    Boxes: ['GracePeriodAboveStartup', 'MinTaskCount', 'OneLiveOwner[scaleOut]', 'SharedState'],
    LoadBalancer: ['IdleTimeout'],
    Night: ['MinTaskCount', 'MinTaskCount[DesiredCapacity]'],
    SshIngress: ['BoxHardening[Ssh]', 'EncryptedTransport'],
    Template: ['BoxHardening[Encrypted]', 'BoxHardening[HttpTokens]', 'InitProcess', 'SecretsOnly[ANTHROPIC_API_KEY]'],
  },
  '09-lambda.yaml': {
    Agents: ['NotLambda', 'SecretsOnly[ANTHROPIC_API_KEY]'],
  },
  '10-not-flue.json': {},
  '11-shared-load-balancer.yaml': {
    AgentTargets: ['ShutdownTime'],
    Agents: ['GracePeriodAboveStartup'],
    AgentsOverHttp: ['EncryptedTransport'],
    LoadBalancer: ['IdleTimeout'],
  },
  '12-aurora.yaml': {
    Cluster: ['PrivateDatabase[DeletionPolicy]', 'PrivateDatabase[StorageEncrypted]', 'PrivateDatabase[rds.force_ssl]'],
    DatabaseGroup: ['PrivateDatabase[Ingress]'],
    Service: ['OneLiveOwner[scaleOut]'],
    Task: ['ShutdownTime'],
    Url: ['PrivateDatabase[sslmode]'],
    Writer: ['PrivateDatabase[PubliclyAccessible]'],
  },
  '13-blue-green.yaml': {
    Blue: ['PortAgreement[HealthCheckPort]'],
    Green: ['IpTargetType', 'ShutdownTime'],
    Service: ['OneLiveOwner[overlap]'],
    Task: ['HealthCheckPath', 'KeepAliveAboveIdleTimeout', 'ReservedEnvironment[FLUE_CLI_TARGET]'],
  },
  '14-imports.yaml': {
    Task: ['SecretsOnly[UPSTREAM]'],
  },
  '15-which-port.yaml': {
    LoadBalancer: ['IdleTimeout'],
    Service: ['PortAgreement'],
    Targets: ['PortAgreement[HealthCheckPort]'],
    Task: ['InitProcess', 'KeepAliveAboveIdleTimeout', 'LogRetention', 'PortAgreement', 'SecretsOnly[ADMIN_PASSWORD]', 'ShutdownTime'],
  },
  '16-ecs-on-instances.yaml': {},
  '17-behind-cloudfront.yaml': {
    Front: ['ReadTimeout'],
    Scaling: ['MinTaskCount[night]', 'OneLiveOwner[scaleOut]', 'SharedState'],
    Service: ['OneLiveOwner[overlap]'],
    Targets: ['HealthCheckPath[Matcher]'],
    Task: ['SecretReference[OPENAI_API_KEY]', 'SecretsOnly[com.acme.api-token]'],
  },
  '18-what-stands-in-between.yaml': {
    EdgeApi: ['ReadTimeout'],
    HttpApi: ['ReadTimeout'],
    Listener: ['ReadTimeout'],
    Night: ['MinTaskCount'],
    RestApi: ['ReadTimeout'],
    Service: ['ReadTimeout[PerRequestTimeoutSeconds]'],
    Task: ['SecretsOnly[splunk-token]'],
  },
  '19-what-waits-in-between.yaml': {},
  '20-one-schema-for-many.yaml': {
    Nightly: ['SchemaOwner'],
    Sales: ['OneLiveOwner[overlap]', 'SchemaOwner'],
    Support: ['SchemaOwner'],
  },
  '21-shards-by-hand.yaml': {
    Listener: ['ShardPartition[overlap]', 'ShardPartition[spelling]'],
  },
  '22-sandboxes-fenced.yaml': {},
  '23-sandboxes-open.yaml': {
    Drill: ['SandboxFence[PublicAddress]'],
    Interpreter: ['SandboxFence[Egress]', 'SandboxFence[ExecutionRole]'],
    LaterIn: ['SandboxFence[Ingress]'],
    LaterOut: ['SandboxFence[Egress]'],
    OpenAccess: ['SandboxFence[Egress]', 'SandboxFence[Ingress]'],
    OtherAccess: ['SandboxFence[Egress]'],
    Shell: ['SandboxFence[Capabilities]', 'SandboxFence[NetworkMode]', 'SandboxFence[Secrets]', 'SandboxFence[User]'],
    Tools: [
      'SandboxFence[Capabilities]', 'SandboxFence[ReadonlyRootFilesystem]', 'SandboxFence[Secrets]', 'SandboxFence[TaskRole]', 'SandboxFence[User]', 'SecretsOnly[GITHUB_TOKEN]',
    ],
    Warm: ['SandboxFence[PublicAddress]'],
  },
};
