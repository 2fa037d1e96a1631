"""The app that test/consumers/apps/node/smoke.ts writes as well."""

from aws_cdk import (
    App,
    CfnOutput,
    Duration,
    Fn,
    Stack,
    Validations,
    aws_certificatemanager as acm,
    aws_ec2 as ec2,
    aws_ecr as ecr,
    aws_ecs as ecs,
    aws_elasticloadbalancingv2 as elbv2,
    aws_kms as kms,
    aws_secretsmanager as sm,
    aws_sns as sns,
    aws_wafv2 as wafv2,
)
from cdk_flue import (
    FlueAuth,
    FlueChecks,
    FlueDashboard,
    FlueDatabase,
    FlueDeployment,
    FlueEgress,
    FlueExposure,
    FlueFargateService,
    FlueImage,
    FlueModel,
    FlueNetwork,
    FlueTelemetry,
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
model = FlueModel.bedrock("eu.anthropic.claude-sonnet-4-6")

outward = FlueNetwork(options, "Outward", egress=FlueEgress.nat_gateways(count=2), log_encryption_key=log_key)
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
        test_port=8443, test_peers=[ec2.Peer.ipv4("10.1.0.0/16")], bake_time=Duration.minutes(10)
    ),
    readonly_root_filesystem=True,
    drop_all_capabilities=True,
    log_encryption_key=log_key,
    telemetry=FlueTelemetry.adot(),
)
alarms = observed.add_alarms(topic=operators, roll_back_deployments=True)
queries = observed.add_log_queries()
commands = observed.operator_commands()

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
        client_secret=sm.Secret.from_secret_name_v2(options, "ClientSecret", "agents-client-secret"),
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
    ),
)

dashboard = FlueDashboard(options, "Dashboard", services=[observed, signed_in, without_domain], database=database)
dashboard.add_service(neighbour)

# What a server made, as the other languages get it.
CfnOutput(options, "Urls", value=Fn.join(" ", [observed.url, signed_in.url, without_domain.url, neighbour.url]))
CfnOutput(options, "Alarms", value=Fn.join(" ", [alarm.alarm_name for alarm in alarms]))
CfnOutput(options, "Queries", value=Fn.join(" ", [query.query_definition_id for query in queries]))
shell_is_missing = str(commands.open_shell is None).lower()
CfnOutput(options, "Commands", value=f"{commands.tail_logs} {commands.redeploy} {shell_is_missing}")
CfnOutput(options, "Endpoints", value=Fn.join(" ", sorted(isolated.interface_endpoints)))
CfnOutput(options, "LoadBalancerArn", value=signed_in.load_balancer.load_balancer_arn)

Validations.of(app).add_plugins(FlueChecks(app))
app.synth()
