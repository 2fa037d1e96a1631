"""The app that test/consumers/apps/node/smoke.ts writes as well."""

from datetime import datetime, timezone

from aws_cdk import (
    App,
    CfnOutput,
    Duration,
    Environment,
    Fn,
    RemovalPolicy,
    Size,
    Stack,
    TimeZone,
    Validations,
    aws_backup as backup,
    aws_bedrockagentcore as agentcore,
    aws_certificatemanager as acm,
    aws_cloudfront as cloudfront,
    aws_cloudwatch as cloudwatch,
    aws_cognito as cognito,
    aws_ec2 as ec2,
    aws_ecr as ecr,
    aws_ecs as ecs,
    aws_elasticloadbalancingv2 as elbv2,
    aws_events as events,
    aws_iam as iam,
    aws_kms as kms,
    aws_lambda as lambda_,
    aws_logs as logs,
    aws_rds as rds,
    aws_route53 as route53,
    aws_s3 as s3,
    aws_scheduler as scheduler,
    aws_secretsmanager as sm,
    aws_sns as sns,
    aws_wafv2 as wafv2,
)
from cdk_flue import (
    FlueAuth,
    FlueBackups,
    FlueBudget,
    FlueChecks,
    FlueDashboard,
    FlueDatabase,
    FlueDatabaseEngine,
    FlueDeployment,
    FlueDeployRole,
    FlueEc2Service,
    FlueEgress,
    FlueEventTarget,
    FlueExpiry,
    FlueExposure,
    FlueExpressService,
    FlueFargateService,
    FlueImage,
    FlueJwtClaim,
    FlueModel,
    FlueNetwork,
    FlueRedeployOptions,
    FlueRotationOptions,
    FlueSandboxEndpointOptions,
    FlueSandbox,
    FlueSandboxEgress,
    FlueSandboxes,
    FlueSchemaCleanup,
    FlueShardedService,
    FlueShardKey,
    FlueTelemetry,
    FlueWebhookVerifier,
)

app = App()
stack = Stack(app, "Agents")
key = ecs.Secret.from_secrets_manager(sm.Secret.from_secret_name_v2(stack, "Key", "anthropic-api-key"))
vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0)
database = FlueDatabase(stack, "Database", vpc=vpc)
image = FlueImage.from_registry(
    stack,
    "Image",
    "ghcr.io/example/agents:1.0.0",
    port=8080,
    cpu_architecture=ecs.CpuArchitecture.ARM64,
    ca_bundle_path="/etc/ssl/rds.pem",
)
agents = FlueFargateService(
    stack,
    "Service",
    image=image,
    database=database,
    model=FlueModel.anthropic(key, "claude-sonnet-4-6"),
    environment={"LOG_LEVEL": "info"},
    startup_budget=Duration.seconds(90),
    deployment=FlueDeployment.recreate(rollback=False),
)
CfnOutput(stack, "Url", value=agents.url)

# What else stands around a server: networks, edges, deployments, operations.
options = Stack(app, "Options")
log_key = kms.Key(options, "LogKey", enable_key_rotation=True)
operators = sns.Topic(options, "Operators")
certificate = acm.Certificate.from_certificate_arn(
    options, "Certificate", "arn:aws:acm:us-east-1:111122223333:certificate/agents"
)
own_image = FlueImage.from_ecr_repository(
    options, "Image", ecr.Repository.from_repository_name(options, "Repository", "agents"), tag_or_digest="1.0.0"
)
model = FlueModel.bedrock(
    "eu.anthropic.claude-sonnet-4-6", routes_to=["anthropic.claude-sonnet-4-6"], tags={"team": "support"}
)

outward = FlueNetwork(
    options,
    "Outward",
    availability_zone_ids=["use1-az1", "use1-az2"],
    egress=FlueEgress.nat_gateways(count=2),
    log_encryption_key=log_key,
    log_retention=logs.RetentionDays.ONE_YEAR,
)
judge = lambda_.Function.from_function_attributes(
    options, "Judge", function_arn="arn:aws:lambda:us-east-1:111122223333:function:judge", same_environment=True
)
observed = FlueFargateService(
    options,
    "Observed",
    image=own_image,
    vpc=outward.vpc,
    vpc_subnets=outward.server_subnets,
    model=model,
    certificate=certificate,
    exposure=FlueExposure.internal(ec2.Peer.ipv4("10.0.0.0/8")),
    deployment=FlueDeployment.blue_green(
        test_port=8443,
        test_peers=[ec2.Peer.ipv4("10.1.0.0/16")],
        bake_time=Duration.minutes(10),
        lifecycle_hooks=[
            ecs.DeploymentLifecycleLambdaTarget(
                judge, "Hook", lifecycle_stages=[ecs.DeploymentLifecycleStage.POST_TEST_TRAFFIC_SHIFT]
            )
        ],
    ),
    readonly_root_filesystem=True,
    drop_all_capabilities=True,
    container_health_check=True,
    log_encryption_key=log_key,
    telemetry=FlueTelemetry.adot(),
)
alarms = observed.add_alarms(topic=operators, roll_back_deployments=True)
queries = observed.add_log_queries(slow_prompt=Duration.minutes(1))
commands = observed.add_operator_commands()
observed.add_schedule(
    "Check",
    schedule=scheduler.ScheduleExpression.rate(Duration.minutes(5)),
    target=FlueEventTarget.workflow("deployment-check", input={"holdSeconds": 0}),
)

web_acl = wafv2.CfnWebACL(
    options,
    "WebAcl",
    scope="REGIONAL",
    default_action=wafv2.CfnWebACL.DefaultActionProperty(allow=wafv2.CfnWebACL.AllowActionProperty()),
    visibility_config=wafv2.CfnWebACL.VisibilityConfigProperty(
        metric_name="Agents", cloud_watch_metrics_enabled=True, sampled_requests_enabled=True
    ),
)
signed_in = FlueFargateService(
    options,
    "SignedIn",
    image=own_image,
    vpc=outward.vpc,
    vpc_subnets=outward.server_subnets,
    model=model,
    certificate=certificate,
    web_acl=web_acl,
    exposure=FlueExposure.to_peers(ec2.Peer.ipv4("203.0.113.0/24"), ec2.Peer.ipv4("198.51.100.0/24")),
    auth=FlueAuth.oidc(
        issuer="https://id.example.com",
        client_id="agents",
        client_secret=sm.Secret.from_secret_name_v2(options, "ClientSecret", "agents/client"),
        client_secret_field="secret",
        scope="openid email",
        authorization_endpoint="https://id.example.com/authorize",
        token_endpoint="https://id.example.com/token",
        user_info_endpoint="https://id.example.com/userinfo",
        public_paths=["/webhooks/*"],
        session_timeout=Duration.hours(10),
    ),
)

isolated = FlueNetwork(
    options,
    "Isolated",
    egress=FlueEgress.vpc_endpoints(services=[ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME]),
)
without_domain = FlueFargateService(
    options,
    "WithoutDomain",
    image=own_image,
    vpc=isolated.vpc,
    vpc_subnets=isolated.server_subnets,
    model=model,
    exposure=FlueExposure.cloud_front(),
)

load_balancer = elbv2.ApplicationLoadBalancer(
    options, "LoadBalancer", vpc=outward.vpc, internet_facing=True, idle_timeout=Duration.minutes(11)
)
listener = load_balancer.add_listener(
    "Listener",
    certificates=[elbv2.ListenerCertificate.from_certificate_manager(certificate)],
    port=443,
    default_action=elbv2.ListenerAction.fixed_response(404),
)
neighbour = FlueFargateService(
    options,
    "Neighbour",
    image=own_image,
    vpc=outward.vpc,
    vpc_subnets=outward.server_subnets,
    model=model,
    exposure=FlueExposure.through_listener(
        listener,
        conditions=[
            elbv2.ListenerCondition.host_headers(["team-a.example.com"]),
            elbv2.ListenerCondition.path_patterns(["/agents/*"]),
        ],
        priority=10,
        idle_timeout=Duration.minutes(11),
        url="https://team-a.example.com",
    ),
    auth=FlueAuth.jwt(
        issuer="https://id.example.com",
        jwks_endpoint="https://id.example.com/keys",
        claims=[
            FlueJwtClaim.single_string("aud", "agents"),
            FlueJwtClaim.space_separated_values("scope", "prompt", "read"),
            FlueJwtClaim.string_array("roles", "operator"),
        ],
    ),
)

dashboard = FlueDashboard(
    options,
    "Dashboard",
    services=[observed, signed_in, without_domain],
    database=database,
    dashboard_name="agents",
)
dashboard.add_service(neighbour)

FlueBudget(
    options,
    "Budget",
    monthly_limit=200,
    emails=["team@example.com"],
    topic=operators,
    tags={"team": "agents"},
    deny_bedrock_to=[observed.task_definition.task_role],
)

deploy = FlueDeployRole(
    options,
    "Deploy",
    repository="acme/agents",
    branch="main",
    environment="production",
    pull_requests=False,
    read_only=False,
    qualifier="agents",
)
compare = FlueDeployRole(
    options,
    "Compare",
    repository="acme/agents",
    pull_requests=True,
    read_only=True,
    provider=deploy.provider,
)
ending = Stack(app, "Ending")
FlueExpiry(ending, "Expiry", at=datetime(2099, 1, 1, tzinfo=timezone.utc))

# What a server made, as the other languages get it.
CfnOutput(options, "Subjects", value=Fn.join(" ", [deploy.subject, compare.subject, deploy.role.role_arn]))
CfnOutput(options, "Urls", value=Fn.join(" ", [observed.url, signed_in.url, without_domain.url, neighbour.url]))
CfnOutput(options, "Alarms", value=Fn.join(" ", [alarm.alarm_name for alarm in alarms]))
CfnOutput(options, "Queries", value=Fn.join(" ", [query.query_definition_id for query in queries]))
shell_is_missing = str(commands.open_shell is None).lower()
CfnOutput(options, "Commands", value=f"{commands.tail_logs} {commands.redeploy} {shell_is_missing}")
CfnOutput(options, "Endpoints", value=Fn.join(" ", sorted(isolated.interface_endpoints)))
CfnOutput(options, "LoadBalancerArn", value=signed_in.load_balancer.load_balancer_arn)

# What is left to say of each construct.
settings = Stack(app, "Settings", env=Environment(region="us-east-1"))
stored = sm.Secret.from_secret_name_v2(settings, "Stored", "agents/stored")
token = ecs.Secret.from_secrets_manager(stored, "token")
bucket = s3.Bucket(settings, "Bucket", enforce_ssl=True)
data_key = kms.Key(settings, "DataKey", enable_key_rotation=True)
zone = route53.HostedZone.from_hosted_zone_attributes(settings, "Zone", hosted_zone_id="Z1", zone_name="example.com")
tls = acm.Certificate.from_certificate_arn(
    settings, "Certificate", "arn:aws:acm:us-east-1:111122223333:certificate/agents"
)
canary = cloudwatch.Alarm.from_alarm_arn(
    settings, "Canary", "arn:aws:cloudwatch:us-east-1:111122223333:alarm:canary"
)
bought = FlueImage.from_registry(
    settings,
    "Bought",
    "ghcr.io/example/agents:2.0.0",
    port=9000,
    cpu_architecture=ecs.CpuArchitecture.ARM64,
    ca_bundle_path="/etc/ssl/rds.pem",
    node_options="--enable-source-maps",
    flue_major=2,
    credentials=stored,
)
network = FlueNetwork(
    settings,
    "Network",
    egress=FlueEgress.nat_gateways(
        count=1, provider=ec2.NatProvider.gateway(eip_allocation_ids=["eipalloc-11111111"])
    ),
    max_azs=2,
    ip_addresses=ec2.IpAddresses.cidr("10.20.0.0/16"),
    flow_logs=True,
    flow_log_destination=ec2.FlowLogDestination.to_s3(bucket),
)
group = ec2.SecurityGroup(settings, "Group", vpc=network.vpc)

kept = FlueDatabase(
    settings,
    "Kept",
    vpc=network.vpc,
    vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
    engine=FlueDatabaseEngine.postgres(
        version=rds.PostgresEngineVersion.VER_17,
        instance_type=ec2.InstanceType("t4g.small"),
        multi_az=True,
        allocated_storage=Size.gibibytes(40),
        max_allocated_storage=Size.gibibytes(80),
        allow_major_version_upgrade=True,
    ),
    database_name="talk",
    port=6543,
    credentials=stored,
    security_groups=[group],
    removal_policy=RemovalPolicy.RETAIN,
    deletion_protection=True,
    backup_retention=Duration.days(14),
    preferred_backup_window="03:00-03:30",
    preferred_maintenance_window="sun:04:00-sun:04:30",
    auto_minor_version_upgrade=False,
    encryption_key=data_key,
    iam_authentication=True,
    parameters={"log_min_duration_statement": "500"},
    monitoring_interval=Duration.minutes(1),
    enable_performance_insights=True,
    cloudwatch_logs_retention=logs.RetentionDays.ONE_WEEK,
)
FlueDatabase(
    settings,
    "Serverless",
    vpc=network.vpc,
    engine=FlueDatabaseEngine.aurora_serverless(
        version=rds.AuroraPostgresEngineVersion.VER_16_13, min_capacity=1, max_capacity=8.5, readers=1
    ),
    rotation=FlueRotationOptions(
        automatically_after=Duration.days(7),
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        create_endpoint=True,
    ),
    snapshot="before-upgrade",
)
FlueBackups(
    settings,
    "Backups",
    databases=[kept],
    volumes=[ec2.Volume.from_volume_attributes(settings, "Volume", volume_id="vol-0123456789abcdef1", availability_zone="us-east-1a")],
    retention=Duration.days(14),
    schedule=events.Schedule.cron(hour="3", minute="30"),
    vault=backup.BackupVault.from_backup_vault_name(settings, "Vault", "agents"),
)
sandbox_image = ecs.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/sandbox:1")


def endpoint(id: str, vpc_endpoint_id: str) -> ec2.IInterfaceVpcEndpoint:
    return ec2.InterfaceVpcEndpoint.from_interface_vpc_endpoint_attributes(
        settings, id, vpc_endpoint_id=vpc_endpoint_id, port=443, security_groups=[group]
    )


FlueSandboxes(
    settings,
    "Sandboxes",
    vpc=network.vpc,
    sandbox=FlueSandbox.fargate(
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        image=sandbox_image,
        cpu_architecture=ecs.CpuArchitecture.ARM64,
        cpu=1024,
        memory_limit_mib=2048,
        ephemeral_storage=Size.gibibytes(30),
        cluster=ecs.Cluster(settings, "SandboxCluster", vpc=network.vpc),
        endpoints=FlueSandboxEndpointOptions(
            ecr_api=endpoint("EcrApi", "vpce-11111111"),
            ecr_docker=endpoint("EcrDocker", "vpce-22222222"),
            logs=endpoint("Logs", "vpce-33333333"),
            s3=ec2.GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(settings, "S3", "vpce-44444444"),
            s3_prefix_list=ec2.PrefixList.from_prefix_list_id(settings, "S3List", "pl-22222222"),
        ),
        egress=FlueSandboxEgress.proxy(proxy=group, host="proxy.example.com", port=8888),
        allowed_domains=["api.anthropic.com", "*.example.com"],
        topic=sns.Topic(settings, "SandboxTopic", enforce_ssl=True),
        log_retention=logs.RetentionDays.ONE_WEEK,
        log_encryption_key=data_key,
    ),
    max_lifetime=Duration.minutes(30),
    idle_timeout=Duration.minutes(5),
    max_concurrent=20,
)
FlueSandboxes(
    settings,
    "OtherSandboxes",
    vpc=network.vpc,
    sandbox=FlueSandbox.fargate(
        image=sandbox_image,
        egress=FlueSandboxEgress.vpc_endpoints(
            services={
                "mirror": ec2.InterfaceVpcEndpointService("com.amazonaws.vpce.us-east-1.vpce-svc-11111111", 443)
            },
            endpoints=[endpoint("Packages", "vpce-55555555")],
        ),
        log_group=logs.LogGroup(settings, "SandboxLogs", retention=logs.RetentionDays.ONE_WEEK),
    ),
)
FlueSandboxes(
    settings,
    "Interpreter",
    vpc=network.vpc,
    sandbox=FlueSandbox.code_interpreter(
        network_configuration=agentcore.CodeInterpreterNetworkConfiguration.using_public_network(),
    ),
)
existing = FlueDatabase.from_url_secret(
    settings,
    "Existing",
    url=token,
    vpc=network.vpc,
    security_groups=[group],
    port=5433,
    uses_rds_certificates=False,
)
managed = FlueDatabase.from_administrator_secret(
    settings,
    "ManagedDatabase",
    administrator=stored,
    host="db.example.com",
    database_name="app",
    encryption_key=data_key,
    vpc=network.vpc,
)
managed.add_schema("Support", schema_name="talk", removal_policy=RemovalPolicy.DESTROY)
FlueSchemaCleanup(
    settings,
    "SchemaCleanup",
    database=managed,
    vpc_subnets=network.server_subnets,
    cluster=ecs.Cluster(settings, "CleanupCluster", vpc=network.vpc),
    log_retention=logs.RetentionDays.ONE_WEEK,
    log_encryption_key=data_key,
)
FlueSchemaCleanup(
    settings,
    "OtherSchemaCleanup",
    database=managed,
    log_group=logs.LogGroup(settings, "CleanupLogs", retention=logs.RetentionDays.ONE_WEEK),
)

tuned = FlueFargateService(
    settings,
    "Tuned",
    image=bought,
    vpc=network.vpc,
    vpc_subnets=network.server_subnets,
    security_groups=[group],
    secrets={"API_TOKEN": token},
    database=kept.add_schema("Tuned"),
    model=FlueModel.provider("openrouter", secret=token, env_name="ROUTER_KEY", model="example/model"),
    health_check_path="/live",
    health_check_grace_period=Duration.minutes(3),
    longest_run=Duration.minutes(20),
    idle_timeout=Duration.minutes(25),
    stop_timeout=Duration.seconds(100),
    log_retention=logs.RetentionDays.ONE_YEAR,
    cpu=1024,
    memory_limit_mib=4096,
    ephemeral_storage=Size.gibibytes(40),
    min_tasks=1,
    max_tasks=2,
    target_cpu_utilization_percent=50,
    cluster=ecs.Cluster(settings, "Cluster", vpc=network.vpc),
    deregistration_delay=Duration.seconds(20),
    redeploy_on_secret_change=FlueRedeployOptions(interval=Duration.minutes(30)),
    telemetry=FlueTelemetry.otlp(endpoint="https://collector.example.com", headers=token, service_name="tuned"),
    domain_name="tuned.example.com",
    hosted_zone=zone,
    ssl_policy=elbv2.SslPolicy.TLS13_13,
    access_logs=True,
    access_logs_bucket=bucket,
    load_balancer_deletion_protection=True,
    enable_execute_command=True,
    deployment=FlueDeployment.rolling(alarms=[canary], deferred_cleanup=True),
)
tuned.add_alarms(memory_utilization_percent=80, cpu_utilization_percent=70, server_errors_per_minute=10)
inbox = tuned.add_inbox(
    token=stored,
    token_field="token",
    path_prefix="/inbox",
    vpc=network.vpc,
    vpc_subnets=network.server_subnets,
    security_groups=[group],
    max_concurrency=5,
    retry_for=Duration.hours(6),
    repeat_interrupted=True,
    topic=sns.Topic(settings, "Topic", enforce_ssl=True),
    log_retention=logs.RetentionDays.ONE_WEEK,
    log_encryption_key=kms.Key(settings, "InboxKey", enable_key_rotation=True),
)
inbox.add_webhook(
    "/hooks/fixed",
    agent_name="triage",
    conversation_id="hooks",
    verify=FlueWebhookVerifier.hmac(
        secret=stored, header="X-Signature", prefix="sha256=", timestamp_header="X-Timestamp", id_field="event.id"
    ),
)
inbox.add_webhook(
    "/hooks/slack", agent_name="triage", conversation_field="event.channel", verify=FlueWebhookVerifier.slack(stored)
)
inbox.add_event_pattern(
    "Orders",
    event_pattern=events.EventPattern(source=["acme.orders"], detail_type=["created"]),
    agent_name="clerk",
    conversation_field="detail.customer",
    event_bus=events.EventBus.from_event_bus_name(settings, "Bus", "orders"),
    description="Orders that were created",
    enabled=True,
)
inbox.add_event_pattern(
    "Health",
    event_pattern=events.EventPattern(source=["aws.health"]),
    agent_name="operator",
    conversation_id="health",
)
inbox.add_schedule(
    "Nightly",
    schedule=scheduler.ScheduleExpression.cron(hour="3", minute="0", time_zone=TimeZone.EUROPE_BERLIN),
    target=FlueEventTarget.agent("assistant", message="Write the report of the day.", conversation_id="nightly"),
    description="The report of the day",
    enabled=False,
    start=datetime(2027, 1, 1, tzinfo=timezone.utc),
    end=datetime(2028, 1, 1, tzinfo=timezone.utc),
    time_window=scheduler.TimeWindow.flexible(Duration.minutes(15)),
)

fleet = FlueShardedService(
    settings,
    "Fleet",
    image=bought,
    vpc=network.vpc,
    database=managed,
    model=model,
    certificate=tls,
    shards=4,
    shard_key=FlueShardKey.last_character(),
    agent_paths=["/agents/*/", "/team-a/agents/*/"],
    home_paths=["/slack/*"],
)
fleet.add_alarms()

FlueExpressService(
    settings,
    "Managed",
    image=bought,
    vpc=network.vpc,
    model=model,
    database=existing,
    task_role=iam.Role(settings, "Tasks", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com")),
    execution_role=iam.Role(settings, "Execution", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com")),
    log_group=logs.LogGroup(settings, "ManagedLogs", retention=logs.RetentionDays.ONE_WEEK),
    infrastructure_role=iam.Role(settings, "Infrastructure", assumed_by=iam.ServicePrincipal("ecs.amazonaws.com")),
    telemetry=FlueTelemetry.adot(
        config=token,
        image=ecs.ContainerImage.from_registry("public.ecr.aws/example/collector:1.0.0"),
        service_name="managed",
    ),
)

FlueEc2Service(
    settings,
    "Box",
    image=bought,
    vpc=network.vpc,
    model=model,
    role=iam.Role(settings, "BoxRole", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")),
    instance_type=ec2.InstanceType("t4g.medium"),
    machine_image=ec2.MachineImage.latest_amazon_linux2023(cpu_type=ec2.AmazonLinuxCpuType.ARM_64),
    domain_name="box.example.com",
    hosted_zone=zone,
    exposure=FlueExposure.to_peers(ec2.Peer.ipv4("203.0.113.0/24")),
    data_volume_size=Size.gibibytes(20),
    data_volume_encryption_key=data_key,
    data_volume_snapshot="snap-0123456789abcdef0",
    data_volume_backups=Duration.days(14),
    root_volume_size=Size.gibibytes(30),
    readonly_root_filesystem=True,
    termination_protection=True,
    instance_role_access=True,
    detailed_monitoring=True,
)
left = ec2.Volume.from_volume_attributes(settings, "Left", volume_id="vol-0123456789abcdef0", availability_zone="us-east-1a")
FlueEc2Service(
    settings,
    "Returned",
    image=bought,
    vpc=network.vpc,
    vpc_subnets=ec2.SubnetSelection(subnets=[network.vpc.public_subnets[0]]),
    model=model,
    data_volume=left,
)

FlueFargateService(
    settings,
    "Members",
    image=bought,
    vpc=network.vpc,
    model=model,
    certificate=tls,
    auth=FlueAuth.cognito(
        user_pool=cognito.UserPool.from_user_pool_id(settings, "Users", "us-east-1_agents"),
        user_pool_client=cognito.UserPoolClient.from_user_pool_client_id(settings, "Client", "agents"),
        user_pool_domain=cognito.UserPoolDomain.from_domain_name(settings, "Domain", "agents"),
    ),
)

worldwide = wafv2.CfnWebACL(
    settings,
    "Worldwide",
    scope="CLOUDFRONT",
    default_action=wafv2.CfnWebACL.DefaultActionProperty(allow=wafv2.CfnWebACL.AllowActionProperty()),
    visibility_config=wafv2.CfnWebACL.VisibilityConfigProperty(
        metric_name="Worldwide", cloud_watch_metrics_enabled=True, sampled_requests_enabled=True
    ),
)
FlueFargateService(
    settings,
    "Distributed",
    image=bought,
    vpc=network.vpc,
    model=model,
    domain_name="agents.example.com",
    hosted_zone=zone,
    exposure=FlueExposure.cloud_front(
        read_timeout=Duration.minutes(2),
        certificate=tls,
        web_acl=worldwide,
        price_class=cloudfront.PriceClass.PRICE_CLASS_ALL,
        prefix_list=ec2.PrefixList.from_prefix_list_id(settings, "List", "pl-11111111"),
    ),
)

Validations.of(app).add_plugins(FlueChecks(app, services=[stack]))
app.synth()
