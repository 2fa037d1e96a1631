import io.github.cdkflue.FlueAdotOptions;
import io.github.cdkflue.FlueAgentEventOptions;
import io.github.cdkflue.FlueAlarmsOptions;
import io.github.cdkflue.FlueAuroraServerlessOptions;
import io.github.cdkflue.FlueAuth;
import io.github.cdkflue.FlueBackups;
import io.github.cdkflue.FlueBedrockModelOptions;
import io.github.cdkflue.FlueCloudFrontOptions;
import io.github.cdkflue.FlueCodeInterpreterSandboxOptions;
import io.github.cdkflue.FlueCognitoAuthOptions;
import io.github.cdkflue.FlueDatabase;
import io.github.cdkflue.FlueDatabaseEngine;
import io.github.cdkflue.FlueDatabaseFromAdministratorSecretOptions;
import io.github.cdkflue.FlueDatabaseFromUrlSecretOptions;
import io.github.cdkflue.FlueDeployment;
import io.github.cdkflue.FlueEc2Service;
import io.github.cdkflue.FlueEgress;
import io.github.cdkflue.FlueEventPatternOptions;
import io.github.cdkflue.FlueEventTarget;
import io.github.cdkflue.FlueExposure;
import io.github.cdkflue.FlueExpressService;
import io.github.cdkflue.FlueFargateSandboxOptions;
import io.github.cdkflue.FlueFargateService;
import io.github.cdkflue.FlueHmacOptions;
import io.github.cdkflue.FlueImage;
import io.github.cdkflue.FlueInbox;
import io.github.cdkflue.FlueInboxOptions;
import io.github.cdkflue.FlueModel;
import io.github.cdkflue.FlueModelProviderOptions;
import io.github.cdkflue.FlueNatEgressOptions;
import io.github.cdkflue.FlueNetwork;
import io.github.cdkflue.FlueOtlpOptions;
import io.github.cdkflue.FluePostgresOptions;
import io.github.cdkflue.FlueRedeployOptions;
import io.github.cdkflue.FlueRegistryImageOptions;
import io.github.cdkflue.FlueRollingDeploymentOptions;
import io.github.cdkflue.FlueScheduleOptions;
import io.github.cdkflue.FlueRotationOptions;
import io.github.cdkflue.FlueSandbox;
import io.github.cdkflue.FlueSandboxEgress;
import io.github.cdkflue.FlueSandboxEndpointOptions;
import io.github.cdkflue.FlueSandboxProxyOptions;
import io.github.cdkflue.FlueSandboxVpcEndpointOptions;
import io.github.cdkflue.FlueSandboxes;
import io.github.cdkflue.FlueSchemaCleanup;
import io.github.cdkflue.FlueSchemaOptions;
import io.github.cdkflue.FlueShardKey;
import io.github.cdkflue.FlueShardedService;
import io.github.cdkflue.FlueTelemetry;
import io.github.cdkflue.FlueWebhookOptions;
import io.github.cdkflue.FlueWebhookVerifier;
import io.github.cdkflue.IFlueDatabase;
import io.github.cdkflue.IFlueImage;
import io.github.cdkflue.IFlueSchemaHost;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.TimeZone;
import software.amazon.awscdk.services.backup.BackupVault;
import software.amazon.awscdk.services.bedrockagentcore.CodeInterpreterNetworkConfiguration;
import software.amazon.awscdk.services.certificatemanager.Certificate;
import software.amazon.awscdk.services.certificatemanager.ICertificate;
import software.amazon.awscdk.services.cloudfront.PriceClass;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.IAlarm;
import software.amazon.awscdk.services.cognito.UserPool;
import software.amazon.awscdk.services.cognito.UserPoolClient;
import software.amazon.awscdk.services.cognito.UserPoolDomain;
import software.amazon.awscdk.services.ec2.AmazonLinux2023ImageSsmParameterProps;
import software.amazon.awscdk.services.ec2.AmazonLinuxCpuType;
import software.amazon.awscdk.services.ec2.FlowLogDestination;
import software.amazon.awscdk.services.ec2.GatewayVpcEndpoint;
import software.amazon.awscdk.services.ec2.IInterfaceVpcEndpoint;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ec2.IVolume;
import software.amazon.awscdk.services.ec2.InstanceType;
import software.amazon.awscdk.services.ec2.InterfaceVpcEndpoint;
import software.amazon.awscdk.services.ec2.InterfaceVpcEndpointService;
import software.amazon.awscdk.services.ec2.InterfaceVpcEndpointAttributes;
import software.amazon.awscdk.services.ec2.IpAddresses;
import software.amazon.awscdk.services.ec2.MachineImage;
import software.amazon.awscdk.services.ec2.NatGatewayProps;
import software.amazon.awscdk.services.ec2.NatProvider;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.PrefixList;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.ec2.SubnetType;
import software.amazon.awscdk.services.ec2.Volume;
import software.amazon.awscdk.services.ec2.VolumeAttributes;
import software.amazon.awscdk.services.ecs.Cluster;
import software.amazon.awscdk.services.ecs.ContainerImage;
import software.amazon.awscdk.services.ecs.CpuArchitecture;
import software.amazon.awscdk.services.ecs.Secret;
import software.amazon.awscdk.services.elasticloadbalancingv2.SslPolicy;
import software.amazon.awscdk.services.events.CronOptions;
import software.amazon.awscdk.services.events.EventBus;
import software.amazon.awscdk.services.events.EventPattern;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.rds.AuroraPostgresEngineVersion;
import software.amazon.awscdk.services.rds.PostgresEngineVersion;
import software.amazon.awscdk.services.route53.HostedZone;
import software.amazon.awscdk.services.route53.HostedZoneAttributes;
import software.amazon.awscdk.services.route53.IHostedZone;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.scheduler.CronOptionsWithTimezone;
import software.amazon.awscdk.services.scheduler.ScheduleExpression;
import software.amazon.awscdk.services.scheduler.TimeWindow;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.sns.Topic;
import software.amazon.awscdk.services.wafv2.CfnWebACL;

/** What is left to say of each construct. */
final class Settings {
  static void addTo(final App app) {
    Stack stack = new Stack(app, "Settings", StackProps.builder().env(Environment.builder().region("us-east-1").build()).build());
    ISecret stored = software.amazon.awscdk.services.secretsmanager.Secret.fromSecretNameV2(stack, "Stored", "agents/stored");
    Secret token = Secret.fromSecretsManager(stored, "token");
    Bucket bucket = Bucket.Builder.create(stack, "Bucket").enforceSsl(true).build();
    Key dataKey = Key.Builder.create(stack, "DataKey").enableKeyRotation(true).build();
    IHostedZone zone = HostedZone.fromHostedZoneAttributes(
        stack, "Zone", HostedZoneAttributes.builder().hostedZoneId("Z1").zoneName("example.com").build());
    ICertificate tls = Certificate.fromCertificateArn(stack, "Certificate", "arn:aws:acm:us-east-1:111122223333:certificate/agents");
    IAlarm canary = Alarm.fromAlarmArn(stack, "Canary", "arn:aws:cloudwatch:us-east-1:111122223333:alarm:canary");
    FlueModel model = FlueModel.bedrock("eu.anthropic.claude-sonnet-4-6",
        FlueBedrockModelOptions.builder().routesTo(List.of("anthropic.claude-sonnet-4-6")).tags(Map.of("team", "support")).build());
    IFlueImage bought = FlueImage.fromRegistry(stack, "Bought", "ghcr.io/example/agents:2.0.0", FlueRegistryImageOptions.builder()
        .port(9000)
        .cpuArchitecture(CpuArchitecture.ARM64)
        .caBundlePath("/etc/ssl/rds.pem")
        .nodeOptions("--enable-source-maps")
        .flueMajor(2)
        .credentials(stored)
        .build());
    FlueNetwork network = FlueNetwork.Builder.create(stack, "Network")
        .egress(FlueEgress.natGateways(FlueNatEgressOptions.builder()
            .count(1)
            .provider(NatProvider.gateway(NatGatewayProps.builder().eipAllocationIds(List.of("eipalloc-11111111")).build()))
            .build()))
        .maxAzs(2)
        .ipAddresses(IpAddresses.cidr("10.20.0.0/16"))
        .flowLogs(true)
        .flowLogDestination(FlowLogDestination.toS3(bucket))
        .build();
    SecurityGroup group = SecurityGroup.Builder.create(stack, "Group").vpc(network.getVpc()).build();

    FlueDatabase kept = FlueDatabase.Builder.create(stack, "Kept")
        .vpc(network.getVpc())
        .vpcSubnets(SubnetSelection.builder().subnetType(SubnetType.PRIVATE_ISOLATED).build())
        .engine(FlueDatabaseEngine.postgres(FluePostgresOptions.builder()
            .version(PostgresEngineVersion.VER_17)
            .instanceType(new InstanceType("t4g.small"))
            .multiAz(true)
            .allocatedStorage(Size.gibibytes(40))
            .maxAllocatedStorage(Size.gibibytes(80))
            .allowMajorVersionUpgrade(true)
            .build()))
        .databaseName("talk")
        .port(6543)
        .credentials(stored)
        .securityGroups(List.of(group))
        .removalPolicy(RemovalPolicy.RETAIN)
        .deletionProtection(true)
        .backupRetention(Duration.days(14))
        .preferredBackupWindow("03:00-03:30")
        .preferredMaintenanceWindow("sun:04:00-sun:04:30")
        .autoMinorVersionUpgrade(false)
        .encryptionKey(dataKey)
        .iamAuthentication(true)
        .parameters(Map.of("log_min_duration_statement", "500"))
        .monitoringInterval(Duration.minutes(1))
        .enablePerformanceInsights(true)
        .cloudwatchLogsRetention(RetentionDays.ONE_WEEK)
        .build();
    FlueDatabase.Builder.create(stack, "Serverless")
        .vpc(network.getVpc())
        .engine(FlueDatabaseEngine.auroraServerless(FlueAuroraServerlessOptions.builder()
            .version(AuroraPostgresEngineVersion.VER_16_13)
            .minCapacity(1)
            .maxCapacity(8.5)
            .readers(1)
            .build()))
        .rotation(FlueRotationOptions.builder()
            .automaticallyAfter(Duration.days(7))
            .vpcSubnets(SubnetSelection.builder().subnetType(SubnetType.PRIVATE_ISOLATED).build())
            .createEndpoint(true)
            .build())
        .snapshot("before-upgrade")
        .build();
    FlueBackups.Builder.create(stack, "Backups")
        .databases(List.of(kept))
        .volumes(List.of(Volume.fromVolumeAttributes(stack, "Volume", VolumeAttributes.builder()
            .volumeId("vol-0123456789abcdef1")
            .availabilityZone("us-east-1a")
            .build())))
        .retention(Duration.days(14))
        .schedule(Schedule.cron(CronOptions.builder().hour("3").minute("30").build()))
        .vault(BackupVault.fromBackupVaultName(stack, "Vault", "agents"))
        .build();
    ContainerImage sandboxImage = ContainerImage.fromRegistry("111122223333.dkr.ecr.us-east-1.amazonaws.com/sandbox:1");
    FlueSandboxes.Builder.create(stack, "Sandboxes")
        .vpc(network.getVpc())
        .sandbox(FlueSandbox.fargate(FlueFargateSandboxOptions.builder()
            .vpcSubnets(SubnetSelection.builder().subnetType(SubnetType.PRIVATE_ISOLATED).build())
            .image(sandboxImage)
            .cpuArchitecture(CpuArchitecture.ARM64)
            .cpu(1024)
            .memoryLimitMiB(2048)
            .ephemeralStorage(Size.gibibytes(30))
            .cluster(Cluster.Builder.create(stack, "SandboxCluster").vpc(network.getVpc()).build())
            .endpoints(FlueSandboxEndpointOptions.builder()
                .ecrApi(endpoint(stack, group, "EcrApi", "vpce-11111111"))
                .ecrDocker(endpoint(stack, group, "EcrDocker", "vpce-22222222"))
                .logs(endpoint(stack, group, "Logs", "vpce-33333333"))
                .s3(GatewayVpcEndpoint.fromGatewayVpcEndpointId(stack, "S3", "vpce-44444444"))
                .s3PrefixList(PrefixList.fromPrefixListId(stack, "S3List", "pl-22222222"))
                .build())
            .allowedDomains(List.of("api.anthropic.com", "*.example.com"))
            .egress(FlueSandboxEgress.proxy(FlueSandboxProxyOptions.builder().proxy(group).host("proxy.example.com").port(8888).build()))
            .topic(Topic.Builder.create(stack, "SandboxTopic").enforceSsl(true).build())
            .logRetention(RetentionDays.ONE_WEEK)
            .logEncryptionKey(dataKey)
            .build()))
        .maxLifetime(Duration.minutes(30))
        .idleTimeout(Duration.minutes(5))
        .maxConcurrent(20)
        .build();
    FlueSandboxes.Builder.create(stack, "OtherSandboxes")
        .vpc(network.getVpc())
        .sandbox(FlueSandbox.fargate(FlueFargateSandboxOptions.builder()
            .image(sandboxImage)
            .egress(FlueSandboxEgress.vpcEndpoints(FlueSandboxVpcEndpointOptions.builder()
                .services(Map.of("mirror", new InterfaceVpcEndpointService("com.amazonaws.vpce.us-east-1.vpce-svc-11111111", 443)))
                .endpoints(List.of(endpoint(stack, group, "Packages", "vpce-55555555")))
                .build()))
            .logGroup(LogGroup.Builder.create(stack, "SandboxLogs").retention(RetentionDays.ONE_WEEK).build())
            .build()))
        .build();
    FlueSandboxes.Builder.create(stack, "Interpreter")
        .vpc(network.getVpc())
        .sandbox(FlueSandbox.codeInterpreter(FlueCodeInterpreterSandboxOptions.builder()
            .networkConfiguration(CodeInterpreterNetworkConfiguration.usingPublicNetwork())
            .build()))
        .build();
    IFlueDatabase existing = FlueDatabase.fromUrlSecret(stack, "Existing", FlueDatabaseFromUrlSecretOptions.builder()
        .url(token)
        .vpc(network.getVpc())
        .securityGroups(List.of(group))
        .port(5433)
        .usesRdsCertificates(false)
        .build());
    IFlueSchemaHost managed = FlueDatabase.fromAdministratorSecret(stack, "ManagedDatabase", FlueDatabaseFromAdministratorSecretOptions.builder()
        .administrator(stored)
        .host("db.example.com")
        .databaseName("app")
        .encryptionKey(dataKey)
        .vpc(network.getVpc())
        .build());
    managed.addSchema("Support", FlueSchemaOptions.builder().schemaName("talk").removalPolicy(RemovalPolicy.DESTROY).build());
    FlueSchemaCleanup.Builder.create(stack, "SchemaCleanup")
        .database(managed)
        .vpcSubnets(network.getServerSubnets())
        .cluster(Cluster.Builder.create(stack, "CleanupCluster").vpc(network.getVpc()).build())
        .logRetention(RetentionDays.ONE_WEEK)
        .logEncryptionKey(dataKey)
        .build();
    FlueSchemaCleanup.Builder.create(stack, "OtherSchemaCleanup")
        .database(managed)
        .logGroup(LogGroup.Builder.create(stack, "CleanupLogs").retention(RetentionDays.ONE_WEEK).build())
        .build();

    FlueFargateService tuned = FlueFargateService.Builder.create(stack, "Tuned")
        .image(bought)
        .vpc(network.getVpc())
        .vpcSubnets(network.getServerSubnets())
        .securityGroups(List.of(group))
        .secrets(Map.of("API_TOKEN", token))
        .database(kept.addSchema("Tuned"))
        .model(FlueModel.provider("openrouter", FlueModelProviderOptions.builder()
            .secret(token)
            .envName("ROUTER_KEY")
            .model("example/model")
            .build()))
        .healthCheckPath("/live")
        .healthCheckGracePeriod(Duration.minutes(3))
        .longestRun(Duration.minutes(20))
        .idleTimeout(Duration.minutes(25))
        .stopTimeout(Duration.seconds(100))
        .logRetention(RetentionDays.ONE_YEAR)
        .cpu(1024)
        .memoryLimitMiB(4096)
        .ephemeralStorage(Size.gibibytes(40))
        .minTasks(1)
        .maxTasks(2)
        .targetCpuUtilizationPercent(50)
        .cluster(Cluster.Builder.create(stack, "Cluster").vpc(network.getVpc()).build())
        .deregistrationDelay(Duration.seconds(20))
        .redeployOnSecretChange(FlueRedeployOptions.builder().interval(Duration.minutes(30)).build())
        .telemetry(FlueTelemetry.otlp(FlueOtlpOptions.builder()
            .endpoint("https://collector.example.com")
            .headers(token)
            .serviceName("tuned")
            .build()))
        .domainName("tuned.example.com")
        .hostedZone(zone)
        .sslPolicy(SslPolicy.TLS13_13)
        .accessLogs(true)
        .accessLogsBucket(bucket)
        .loadBalancerDeletionProtection(true)
        .enableExecuteCommand(true)
        .deployment(FlueDeployment.rolling(FlueRollingDeploymentOptions.builder().alarms(List.of(canary)).deferredCleanup(true).build()))
        .build();
    tuned.addAlarms(FlueAlarmsOptions.builder().memoryUtilizationPercent(80).cpuUtilizationPercent(70).serverErrorsPerMinute(10).build());
    FlueInbox inbox = tuned.addInbox(FlueInboxOptions.builder()
        .token(stored)
        .tokenField("token")
        .pathPrefix("/inbox")
        .vpc(network.getVpc())
        .vpcSubnets(network.getServerSubnets())
        .securityGroups(List.of(group))
        .maxConcurrency(5)
        .retryFor(Duration.hours(6))
        .repeatInterrupted(true)
        .topic(Topic.Builder.create(stack, "Topic").enforceSsl(true).build())
        .logRetention(RetentionDays.ONE_WEEK)
        .logEncryptionKey(Key.Builder.create(stack, "InboxKey").enableKeyRotation(true).build())
        .build());
    inbox.addWebhook("/hooks/fixed", FlueWebhookOptions.builder()
        .agentName("triage")
        .conversationId("hooks")
        .verify(FlueWebhookVerifier.hmac(FlueHmacOptions.builder()
            .secret(stored)
            .header("X-Signature")
            .prefix("sha256=")
            .timestampHeader("X-Timestamp")
            .idField("event.id")
            .build()))
        .build());
    inbox.addWebhook("/hooks/slack", FlueWebhookOptions.builder()
        .agentName("triage")
        .conversationField("event.channel")
        .verify(FlueWebhookVerifier.slack(stored))
        .build());
    inbox.addEventPattern("Orders", FlueEventPatternOptions.builder()
        .eventPattern(EventPattern.builder().source(List.of("acme.orders")).detailType(List.of("created")).build())
        .agentName("clerk")
        .conversationField("detail.customer")
        .eventBus(EventBus.fromEventBusName(stack, "Bus", "orders"))
        .description("Orders that were created")
        .enabled(true)
        .build());
    inbox.addEventPattern("Health", FlueEventPatternOptions.builder()
        .eventPattern(EventPattern.builder().source(List.of("aws.health")).build())
        .agentName("operator")
        .conversationId("health")
        .build());
    inbox.addSchedule("Nightly", FlueScheduleOptions.builder()
        .schedule(ScheduleExpression.cron(CronOptionsWithTimezone.builder().hour("3").minute("0").timeZone(TimeZone.EUROPE_BERLIN).build()))
        .target(FlueEventTarget.agent("assistant", FlueAgentEventOptions.builder()
            .message("Write the report of the day.")
            .conversationId("nightly")
            .build()))
        .description("The report of the day")
        .enabled(false)
        .start(Instant.parse("2027-01-01T00:00:00Z"))
        .end(Instant.parse("2028-01-01T00:00:00Z"))
        .timeWindow(TimeWindow.flexible(Duration.minutes(15)))
        .build());

    FlueShardedService fleet = FlueShardedService.Builder.create(stack, "Fleet")
        .image(bought)
        .vpc(network.getVpc())
        .database(managed)
        .model(model)
        .certificate(tls)
        .shards(4)
        .shardKey(FlueShardKey.lastCharacter())
        .agentPaths(List.of("/agents/*/", "/team-a/agents/*/"))
        .homePaths(List.of("/slack/*"))
        .build();
    fleet.addAlarms();

    FlueExpressService.Builder.create(stack, "Managed")
        .image(bought)
        .vpc(network.getVpc())
        .model(model)
        .database(existing)
        .taskRole(Role.Builder.create(stack, "Tasks").assumedBy(new ServicePrincipal("ecs-tasks.amazonaws.com")).build())
        .executionRole(Role.Builder.create(stack, "Execution").assumedBy(new ServicePrincipal("ecs-tasks.amazonaws.com")).build())
        .logGroup(LogGroup.Builder.create(stack, "ManagedLogs").retention(RetentionDays.ONE_WEEK).build())
        .infrastructureRole(Role.Builder.create(stack, "Infrastructure").assumedBy(new ServicePrincipal("ecs.amazonaws.com")).build())
        .telemetry(FlueTelemetry.adot(FlueAdotOptions.builder()
            .config(token)
            .image(ContainerImage.fromRegistry("public.ecr.aws/example/collector:1.0.0"))
            .serviceName("managed")
            .build()))
        .build();

    FlueEc2Service.Builder.create(stack, "Box")
        .image(bought)
        .vpc(network.getVpc())
        .model(model)
        .role(Role.Builder.create(stack, "BoxRole").assumedBy(new ServicePrincipal("ec2.amazonaws.com")).build())
        .instanceType(new InstanceType("t4g.medium"))
        .machineImage(MachineImage.latestAmazonLinux2023(
            AmazonLinux2023ImageSsmParameterProps.builder().cpuType(AmazonLinuxCpuType.ARM_64).build()))
        .domainName("box.example.com")
        .hostedZone(zone)
        .exposure(FlueExposure.toPeers(Peer.ipv4("203.0.113.0/24")))
        .dataVolumeSize(Size.gibibytes(20))
        .dataVolumeEncryptionKey(dataKey)
        .dataVolumeSnapshot("snap-0123456789abcdef0")
        .dataVolumeBackups(Duration.days(14))
        .rootVolumeSize(Size.gibibytes(30))
        .readonlyRootFilesystem(true)
        .terminationProtection(true)
        .instanceRoleAccess(true)
        .detailedMonitoring(true)
        .build();
    IVolume left = Volume.fromVolumeAttributes(stack, "Left", VolumeAttributes.builder()
        .volumeId("vol-0123456789abcdef0")
        .availabilityZone("us-east-1a")
        .build());
    FlueEc2Service.Builder.create(stack, "Returned")
        .image(bought)
        .vpc(network.getVpc())
        .vpcSubnets(SubnetSelection.builder().subnets(List.of(network.getVpc().getPublicSubnets().get(0))).build())
        .model(model)
        .dataVolume(left)
        .build();

    FlueFargateService.Builder.create(stack, "Members")
        .image(bought)
        .vpc(network.getVpc())
        .model(model)
        .certificate(tls)
        .auth(FlueAuth.cognito(FlueCognitoAuthOptions.builder()
            .userPool(UserPool.fromUserPoolId(stack, "Users", "us-east-1_agents"))
            .userPoolClient(UserPoolClient.fromUserPoolClientId(stack, "Client", "agents"))
            .userPoolDomain(UserPoolDomain.fromDomainName(stack, "Domain", "agents"))
            .build()))
        .build();

    CfnWebACL worldwide = CfnWebACL.Builder.create(stack, "Worldwide")
        .scope("CLOUDFRONT")
        .defaultAction(CfnWebACL.DefaultActionProperty.builder().allow(CfnWebACL.AllowActionProperty.builder().build()).build())
        .visibilityConfig(CfnWebACL.VisibilityConfigProperty.builder()
            .metricName("Worldwide")
            .cloudWatchMetricsEnabled(true)
            .sampledRequestsEnabled(true)
            .build())
        .build();
    FlueFargateService.Builder.create(stack, "Distributed")
        .image(bought)
        .vpc(network.getVpc())
        .model(model)
        .domainName("agents.example.com")
        .hostedZone(zone)
        .exposure(FlueExposure.cloudFront(FlueCloudFrontOptions.builder()
            .readTimeout(Duration.minutes(2))
            .certificate(tls)
            .webAcl(worldwide)
            .priceClass(PriceClass.PRICE_CLASS_ALL)
            .prefixList(PrefixList.fromPrefixListId(stack, "List", "pl-11111111"))
            .build()))
        .build();
  }

  private static IInterfaceVpcEndpoint endpoint(Stack stack, ISecurityGroup group, String id, String vpcEndpointId) {
    return InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(stack, id, InterfaceVpcEndpointAttributes.builder()
        .vpcEndpointId(vpcEndpointId)
        .port(443)
        .securityGroups(List.of(group))
        .build());
  }
}
