from pathlib import Path

from aws_cdk import CfnOutput, Size, Stack
from aws_cdk.aws_ec2 import Peer
from aws_cdk.aws_ecs import CpuArchitecture{{#secrets}}, Secret{{/secrets}}
from cdk_flue import FlueEc2Service, FlueExposure, FlueImage
from constructs import Construct

from .data_stack import FlueDataStack

AGENTS = Path(__file__).parents[2]


class FlueEc2Stack(Stack):
    """The agents on a box of their own, with their state in a SQLite file: no load balancer and no database to pay for."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: FlueDataStack, description: str) -> None:
        super().__init__(scope, construct_id, description=description)

        agents = FlueEc2Service(
            self,
            "Agents",
            vpc=shared.vpc,
            image=FlueImage(self, "Image", directory=str(AGENTS), exclude=["cdk"], cpu_architecture=CpuArchitecture.ARM64),
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
                "{{name}}": Secret.from_secrets_manager(shared.secrets["{{name}}"]),
{{/secret}}
            },
{{/secrets}}
            data_volume_size=Size.gibibytes(8),
            # replace this documentation address with your own, or pass `domain_name` for HTTPS
            exposure=FlueExposure.to_peers(Peer.ipv4("203.0.113.7/32")),
        )

        CfnOutput(self, "Url", value=agents.url, description="Where the agents answer")
