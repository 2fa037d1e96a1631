from pathlib import Path

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_ecs import Secret
from cdk_flue import FlueFargateService, FlueImage
from constructs import Construct

from .acknowledgements import acknowledge_fargate
from .data_stack import FlueDataStack
from .stage import is_preview

AGENTS = Path(__file__).parents[2] / "agents"


class FlueFargateStack(Stack):
    """The agents on ECS Fargate behind a load balancer of their own."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: FlueDataStack, description: str) -> None:
        super().__init__(scope, construct_id, description=description)

        agents = FlueFargateService(
            self,
            "Agents",
            vpc=shared.vpc,
            # the other server of the database has a schema of its own
            database=shared.database.add_schema("Fargate"),
            image=FlueImage(self, "Image", directory=str(AGENTS)),
            # None stands for the default
            cpu=256 if is_preview(self) else None,
            memory_limit_mib=512 if is_preview(self) else None,
            environment={"MODEL_SPECIFIER": "anthropic/claude-sonnet-4-6"},
            secrets={
                "ANTHROPIC_API_KEY": Secret.from_secrets_manager(shared.provider_key),
                "API_TOKEN": Secret.from_secrets_manager(shared.api_token),
            },
        )

        CfnOutput(self, "Url", value=agents.url, description="Where the agents answer")
        acknowledge_fargate(self, agents)
