from pathlib import Path
from typing import Optional

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_ecs import Secret
from cdk_flue import FlueExpressService, FlueImage
from constructs import Construct

from .acknowledgements import acknowledge_express
from .data_stack import FlueDataStack
from .preview_base import PreviewBase
from .stage import is_preview, schema_options

AGENTS = Path(__file__).parents[2] / "agents"


class FlueExpressStack(Stack):
    """The agents on ECS Express Mode: HTTPS and a domain name from AWS."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: Optional[FlueDataStack], description: str) -> None:
        super().__init__(scope, construct_id, description=description)

        base = shared or PreviewBase(self, "Base")
        agents = FlueExpressService(
            self,
            "Agents",
            vpc=base.vpc,
            # the other server of the database has a schema of its own
            database=base.database.add_schema("Express", **schema_options(self, "express")),
            image=FlueImage(self, "Image", directory=str(AGENTS)),
            # None stands for the default
            cpu=256 if is_preview(self) else None,
            memory_limit_mib=512 if is_preview(self) else None,
            environment={"MODEL_SPECIFIER": "anthropic/claude-sonnet-4-6"},
            secrets={
                "ANTHROPIC_API_KEY": Secret.from_secrets_manager(base.provider_key),
                "API_TOKEN": Secret.from_secrets_manager(base.api_token),
            },
        )

        CfnOutput(self, "Url", value=agents.url, description="Where the agents answer")
        acknowledge_express(self, agents)
