from pathlib import Path

from aws_cdk import CfnOutput, Duration, Stack, TimeZone
from aws_cdk import aws_secretsmanager as sm
from aws_cdk.aws_ecs import Secret
from aws_cdk.aws_scheduler import ScheduleExpression
from aws_cdk.aws_sns import Topic
from cdk_flue import FlueEventTarget, FlueExposure, FlueFargateService, FlueImage, FlueModel, FlueWebhookVerifier
from constructs import Construct

from .acknowledgements import acknowledge_events
from .data_stack import EventsDataStack

AGENTS = Path(__file__).parents[3] / "agents"


class EventsStack(Stack):
    """The agents on Fargate, whom only their inbox may call: a job each night, and the issues of a repository on GitHub."""

    def __init__(self, scope: Construct, construct_id: str, *, data: EventsDataStack, description: str) -> None:
        super().__init__(scope, construct_id, description=description)

        # Holds a random value at first. Put the key of your provider in: aws secretsmanager put-secret-value.
        provider_key = sm.Secret(self, "ProviderKey", description="ANTHROPIC_API_KEY of the Flue agents")
        generate_secret_string = sm.SecretStringGenerator(password_length=48, exclude_punctuation=True)
        api_token = sm.Secret(
            self, "ApiToken", description="API_TOKEN of the Flue agents", generate_secret_string=generate_secret_string
        )
        # Copy its value into the field "Secret" of the webhook on GitHub.
        signing_secret = sm.Secret(
            self, "SigningSecret", description="Signs what GitHub sends", generate_secret_string=generate_secret_string
        )
        # Subscribe whoever looks after the dead letters.
        operators = Topic(self, "Operators", enforce_ssl=True)

        agents = FlueFargateService(
            self,
            "Agents",
            vpc=data.network.vpc,
            vpc_subnets=data.network.server_subnets,
            database=data.database,
            image=FlueImage(self, "Image", directory=str(AGENTS)),
            model=FlueModel.anthropic(Secret.from_secrets_manager(provider_key), "claude-sonnet-4-6"),
            secrets={"API_TOKEN": Secret.from_secrets_manager(api_token)},
            exposure=FlueExposure.internal(),
            # On Flue 0.10 the inbox waits for the reply, for 14 minutes at most.
            longest_run=Duration.minutes(14),
        )
        agents.add_operator_commands()

        inbox = agents.add_inbox(token=api_token, topic=operators)
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

        CfnOutput(self, "WebhookUrl", value=webhook_url, description='The field "Payload URL" of the webhook on GitHub')
        acknowledge_events(self, agents)
