from pathlib import Path

from aws_cdk import CfnOutput, Duration, Environment, RemovalPolicy, Stack, TimeZone
from aws_cdk import aws_secretsmanager as sm
from aws_cdk.aws_cloudwatch import GraphWidget, YAxisProps
from aws_cdk.aws_cognito import (
    CognitoDomainOptions,
    FeaturePlan,
    Mfa,
    MfaSecondFactor,
    OAuthFlows,
    OAuthSettings,
    PasswordPolicy,
    StandardThreatProtectionMode,
    UserPool,
)
from aws_cdk.aws_ec2 import Peer
from aws_cdk.aws_ecs import Secret
from aws_cdk.aws_iam import ServicePrincipal
from aws_cdk.aws_kms import Key
from aws_cdk.aws_logs import RetentionDays
from aws_cdk.aws_route53 import HostedZone
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_scheduler import ScheduleExpression
from aws_cdk.aws_sns import Topic
from cdk_flue import (
    FlueAuth,
    FlueDashboard,
    FlueEventTarget,
    FlueExposure,
    FlueFargateService,
    FlueImage,
    FlueRedeployOptions,
    FlueSandbox,
    FlueSandboxes,
    FlueWebhookVerifier,
)
from constructs import Construct

from .foundation_stack import FoundationStack
from .request_filter import RequestFilter

AGENTS = Path(__file__).parents[3] / "agents"


class AgentsStack(Stack):
    """The agents on Fargate.

    They admit people who are in the offices and have signed in. An inbox brings work that comes by itself, and commands run in sandboxes.
    """

    agents: FlueFargateService
    sandboxes: FlueSandboxes

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        env: Environment,
        foundation: FoundationStack,
        domain_name: str,
        hosted_zone_id: str,
        zone_name: str,
        offices: list[str],
        log_archive: str,
    ) -> None:
        """
        :param domain_name: The domain name of the agents, in an existing hosted zone.
        :param offices: The addresses of the offices.
        :param log_archive: The bucket in which the organization keeps the access logs of all load balancers.
        """
        super().__init__(scope, construct_id, env=env, termination_protection=True, description="Flue agents behind a sign-in")
        network, database = foundation.network, foundation.database

        key = Key(self, "Key", description="Logs, keys and notices of the Flue agents", enable_key_rotation=True)
        key.grant_encrypt_decrypt(ServicePrincipal("cloudwatch.amazonaws.com"))
        operators = Topic(self, "Operators", master_key=key, enforce_ssl=True)
        # Holds a random value at first. Put the key of your provider in: aws secretsmanager put-secret-value.
        provider_key = sm.Secret(
            self, "ProviderKey", description="ANTHROPIC_API_KEY of the Flue agents", encryption_key=key
        )

        generate_secret_string = sm.SecretStringGenerator(password_length=48, exclude_punctuation=True)
        inbox_token = sm.Secret(
            self,
            "InboxToken",
            description="INBOX_TOKEN of the Flue agents",
            encryption_key=key,
            generate_secret_string=generate_secret_string,
        )
        # Copy its value into the field "Secret" of the webhook on GitHub.
        signing_secret = sm.Secret(
            self,
            "SigningSecret",
            description="Signs what GitHub sends",
            encryption_key=key,
            generate_secret_string=generate_secret_string,
        )

        user_pool = UserPool(
            self,
            "Users",
            self_sign_up_enabled=False,
            mfa=Mfa.REQUIRED,
            mfa_second_factor=MfaSecondFactor(otp=True, sms=False),
            password_policy=PasswordPolicy(
                min_length=14, require_digits=True, require_lowercase=True, require_uppercase=True, require_symbols=True
            ),
            feature_plan=FeaturePlan.PLUS,
            standard_threat_protection_mode=StandardThreatProtectionMode.FULL_FUNCTION,
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        user_pool_client = user_pool.add_client(
            "LoadBalancer",
            generate_secret=True,
            o_auth=OAuthSettings(
                flows=OAuthFlows(authorization_code_grant=True), callback_urls=[f"https://{domain_name}/oauth2/idpresponse"]
            ),
        )
        domain_prefix = f"flue-agents-{self.account}"
        user_pool_domain = user_pool.add_domain("SignIn", cognito_domain=CognitoDomainOptions(domain_prefix=domain_prefix))

        self.agents = FlueFargateService(
            self,
            "Agents",
            vpc=network.vpc,
            vpc_subnets=network.server_subnets,
            database=database,
            image=FlueImage(self, "Image", directory=str(AGENTS)),
            cpu=1024,
            memory_limit_mib=2048,
            environment={"MODEL_SPECIFIER": "anthropic/claude-sonnet-4-6"},
            secrets={
                "ANTHROPIC_API_KEY": Secret.from_secrets_manager(provider_key),
                "INBOX_TOKEN": Secret.from_secrets_manager(inbox_token),
            },
            redeploy_on_secret_change=FlueRedeployOptions(),
            # On Flue 0.10 the inbox waits for the reply, for 14 minutes at most.
            longest_run=Duration.minutes(14),
            domain_name=domain_name,
            hosted_zone=HostedZone.from_hosted_zone_attributes(self, "Zone", hosted_zone_id=hosted_zone_id, zone_name=zone_name),
            exposure=FlueExposure.to_peers(*(Peer.ipv4(office) for office in offices), foundation.ways_out),
            auth=FlueAuth.cognito(
                user_pool=user_pool,
                user_pool_client=user_pool_client,
                user_pool_domain=user_pool_domain,
                session_timeout=Duration.hours(10),
                public_paths=["/inbox/*"],
            ),
            web_acl=RequestFilter(self, "Filter", log_encryption_key=key).web_acl,
            access_logs_bucket=Bucket.from_bucket_name(self, "LogArchive", log_archive),
            load_balancer_deletion_protection=True,
            readonly_root_filesystem=True,
            drop_all_capabilities=True,
            log_retention=RetentionDays.ONE_YEAR,
            log_encryption_key=key,
        )
        self.agents.add_alarms(topic=operators, roll_back_deployments=True)
        # The function is in the VPC, so that it comes from the addresses that the load balancer admits.
        inbox = self.agents.add_inbox(
            token=inbox_token,
            path_prefix="/inbox",
            vpc=network.vpc,
            topic=operators,
            log_retention=RetentionDays.ONE_YEAR,
            log_encryption_key=key,
        )
        inbox.add_schedule(
            "Nightly",
            schedule=ScheduleExpression.cron(hour="3", minute="0", time_zone=TimeZone.EUROPE_BERLIN),
            target=FlueEventTarget.agent("assistant", message="Write the report of the day."),
        )
        webhook_url = inbox.add_webhook(
            "/hooks/github",
            agent_name="assistant",
            conversation_field="issue.id",
            verify=FlueWebhookVerifier.github(signing_secret),
        )

        self.sandboxes = FlueSandboxes(
            self,
            "Sandboxes",
            vpc=network.vpc,
            sandbox=FlueSandbox.fargate(
                # All that the VPC looks up: the list holds for the server, the inbox and the rotation too.
                allowed_domains=[
                    "api.anthropic.com",
                    database.endpoint.hostname,
                    domain_name,
                    f"{domain_prefix}.auth.{self.region}.amazoncognito.com",
                    *(f"{service}.{self.region}.amazonaws.com" for service in ("ecs", "secretsmanager", "sqs")),
                ],
                topic=operators,
                log_retention=RetentionDays.ONE_YEAR,
                log_encryption_key=key,
            ),
        )
        self.agents.add_sandboxes(self.sandboxes)

        self.agents.add_log_queries()
        self.agents.add_operator_commands()
        dashboard = FlueDashboard(self, "Dashboard", services=[self.agents], database=database).dashboard
        dashboard.add_widgets(
            GraphWidget(
                title="Running sandboxes",
                left=[self.sandboxes.metric_running_sandboxes()],
                left_y_axis=YAxisProps(min=0),
            )
        )

        CfnOutput(self, "Url", value=self.agents.url, description="Where the agents answer")
        CfnOutput(self, "WebhookUrl", value=webhook_url, description='The field "Payload URL" of the webhook on GitHub')
