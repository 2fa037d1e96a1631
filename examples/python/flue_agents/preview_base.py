from typing import TYPE_CHECKING, Dict

from aws_cdk import CfnOutput, Fn
from aws_cdk.aws_ec2 import SecurityGroup, Vpc
from aws_cdk.aws_secretsmanager import Secret
from cdk_flue import FlueDatabase, FlueSchemaCleanup
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
        self.database = FlueDatabase.from_administrator_secret(
            self,
            "Database",
            vpc=self.vpc,
            host=from_base("DatabaseHost"),
            port=6543,
            database_name="flue",
            administrator=Secret.from_secret_complete_arn(self, "Administrator", from_base("DatabaseAdministrator")),
            security_groups=[SecurityGroup.from_security_group_id(self, "DatabaseGroup", from_base("DatabaseGroup"))],
        )
        self.provider_key = Secret.from_secret_complete_arn(self, "SecretProviderKey", from_base("SecretProviderKey"))
        self.api_token = Secret.from_secret_complete_arn(self, "SecretApiToken", from_base("SecretApiToken"))


def share_with_previews(data: "FlueDataStack") -> None:
    """Exports what PreviewBase finds, and drops the schemas of previews that are gone.

    CloudFormation deletes no stack of which a preview imports something.
    """
    FlueSchemaCleanup(data, "SchemaCleanup", database=data.database)
    export_to_previews(
        data,
        {
            "Vpc": data.vpc.vpc_id,
            "Zones": Fn.join(",", data.vpc.availability_zones),
            "PublicSubnets": Fn.join(",", [subnet.subnet_id for subnet in data.vpc.public_subnets]),
            "RouteTables": Fn.join(",", [subnet.route_table.route_table_id for subnet in data.vpc.public_subnets]),
            "DatabaseHost": data.database.endpoint.hostname,
            "DatabaseAdministrator": data.database.secret.secret_arn,
            "DatabaseGroup": data.database.security_groups[0].security_group_id,
            "SecretProviderKey": data.provider_key.secret_arn,
            "SecretApiToken": data.api_token.secret_arn,
        },
    )


def export_to_previews(data: "FlueDataStack", values: Dict[str, str]) -> None:
    """Exports values of the base under names that previews know."""
    for name, value in values.items():
        CfnOutput(data, f"Export-{name}", value=value, export_name=f"Preview-Base-{name}")


def from_base(name: str) -> str:
    """What the base exports under a name."""
    return Fn.import_value(f"Preview-Base-{name}")
