from pathlib import Path
from typing import Optional

from aws_cdk import CfnOutput, Stack
{{#secrets}}
from aws_cdk.aws_ecs import Secret
{{/secrets}}
from cdk_flue import FlueExpressService, FlueImage
from constructs import Construct

from .data_stack import FlueDataStack
from .preview_base import PreviewBase
from .stage import is_preview

AGENTS = Path(__file__).parents[2]


class FlueExpressStack(Stack):
    """The agents on ECS Express Mode: HTTPS and a domain name from AWS."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: Optional[FlueDataStack], description: str) -> None:
        super().__init__(scope, construct_id, description=description)

        base = shared or PreviewBase(self, "Base")
        agents = FlueExpressService(
            self,
            "Agents",
            vpc=base.vpc,
            database=base.database,
            image=FlueImage(self, "Image", directory=str(AGENTS), exclude=["cdk"]),
            # None stands for the default
            cpu=256 if is_preview(self) else None,
            memory_limit_mib=512 if is_preview(self) else None,
{{#variables}}
            environment={
{{#variable}}
                {{line}}
{{/variable}}
            },
{{/variables}}
{{#secrets}}
            secrets={
{{#secret}}
                "{{name}}": Secret.from_secrets_manager(base.secrets["{{name}}"]),
{{/secret}}
            },
{{/secrets}}
        )

        CfnOutput(self, "Url", value=agents.url, description="Where the agents answer")
