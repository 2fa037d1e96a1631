from typing import TYPE_CHECKING, Dict

from aws_cdk import CfnOutput, Fn
from aws_cdk.aws_ec2 import Vpc
{{#secrets}}
from aws_cdk.aws_secretsmanager import Secret
{{/secrets}}
from constructs import Construct

if TYPE_CHECKING:
    from .data_stack import FlueDataStack

# The zones of the network that previews share.
ZONES = 2


class PreviewBase(Construct):
    """What a preview has in place of a FlueDataStack of its own: the one that `-c preview=base` made, in the same account and region."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.vpc = Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id=from_base("Vpc"),
            availability_zones=Fn.split(",", from_base("Zones"), ZONES),
            public_subnet_ids=Fn.split(",", from_base("PublicSubnets"), ZONES),
            public_subnet_route_table_ids=Fn.split(",", from_base("RouteTables"), ZONES),
        )
{{#secrets}}
        self.secrets = {
{{#secret}}
            "{{name}}": Secret.from_secret_complete_arn(self, "Secret{{id}}", from_base("Secret{{id}}")),
{{/secret}}
        }
{{/secrets}}


def share_with_previews(data: "FlueDataStack") -> None:
    """Exports what PreviewBase finds.

    CloudFormation deletes no stack of which a preview imports something.
    """
    export_to_previews(
        data,
        {
            "Vpc": data.vpc.vpc_id,
            "Zones": Fn.join(",", data.vpc.availability_zones),
            "PublicSubnets": Fn.join(",", [subnet.subnet_id for subnet in data.vpc.public_subnets]),
            "RouteTables": Fn.join(",", [subnet.route_table.route_table_id for subnet in data.vpc.public_subnets]),
{{#secret}}
            "Secret{{id}}": data.secrets["{{name}}"].secret_arn,
{{/secret}}
        },
    )


def export_to_previews(data: "FlueDataStack", values: Dict[str, str]) -> None:
    """Exports values of the base under names that previews know."""
    for name, value in values.items():
        CfnOutput(data, f"Export-{name}", value=value, export_name=f"Preview-Base-{name}")


def from_base(name: str) -> str:
    """What the base exports under a name."""
    return Fn.import_value(f"Preview-Base-{name}")
