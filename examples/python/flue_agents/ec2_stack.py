from pathlib import Path
from typing import Optional

from aws_cdk import CfnOutput, Size, Stack
from aws_cdk.aws_ec2 import Peer
from aws_cdk.aws_ecs import CpuArchitecture, Secret
from cdk_flue import FlueEc2Service, FlueExposure, FlueImage
from constructs import Construct

from .acknowledgements import acknowledge_ec2
from .data_stack import FlueDataStack
from .preview_base import PreviewBase

AGENTS = Path(__file__).parents[2] / "agents"


class FlueEc2Stack(Stack):
    """The agents on a box of their own, with their state in a SQLite file: no load balancer and no database to pay for."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: Optional[FlueDataStack], description: str) -> None:
        super().__init__(scope, construct_id, description=description)

        base = shared or PreviewBase(self, "Base")
        agents = FlueEc2Service(
            self,
            "Agents",
            vpc=base.vpc,
            image=FlueImage(self, "Image", directory=str(AGENTS), cpu_architecture=CpuArchitecture.ARM64),
            environment={"MODEL_SPECIFIER": "anthropic/claude-sonnet-4-6"},
            secrets={
                "ANTHROPIC_API_KEY": Secret.from_secrets_manager(base.provider_key),
                "API_TOKEN": Secret.from_secrets_manager(base.api_token),
            },
            data_volume_size=Size.gibibytes(8),
            # replace this documentation address with your own, or pass `domain_name` for HTTPS
            exposure=FlueExposure.to_peers(Peer.ipv4("203.0.113.7/32")),
        )

        CfnOutput(self, "Url", value=agents.url, description="Where the agents answer")
        acknowledge_ec2(self, agents)
