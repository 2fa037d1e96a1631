from aws_cdk import Stack
from aws_cdk.aws_ec2 import GatewayVpcEndpointAwsService, GatewayVpcEndpointOptions, SubnetConfiguration, SubnetType, Vpc
{{#secrets}}
from aws_cdk.aws_secretsmanager import Secret, SecretStringGenerator
{{/secrets}}
from constructs import Construct

from .preview_base import share_with_previews
from .stage import is_base, is_production


class FlueDataStack(Stack):
    """What every platform shares: a network without NAT, and the secrets."""

    def __init__(self, scope: Construct, construct_id: str, *, description: str) -> None:
        # CloudFormation then refuses to delete the stack before it deletes anything of it.
        super().__init__(scope, construct_id, description=description, termination_protection=is_production(scope))

        self.vpc = Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=0,
            subnet_configuration=[
                SubnetConfiguration(name="public", subnet_type=SubnetType.PUBLIC),
                SubnetConfiguration(name="isolated", subnet_type=SubnetType.PRIVATE_ISOLATED),
            ],
            gateway_endpoints={"S3": GatewayVpcEndpointOptions(service=GatewayVpcEndpointAwsService.S3)},
        )
        self.vpc.add_flow_log("FlowLog")
{{#secrets}}

        # Each secret holds a random value at first. Put your own in: aws secretsmanager put-secret-value.
        self.secrets = {
{{#secret}}
            "{{name}}": Secret(self, "{{id}}", description="{{name}} of the Flue agents", generate_secret_string=SecretStringGenerator(exclude_punctuation=True)),
{{/secret}}
        }
{{/secrets}}

        if is_base(self):
            share_with_previews(self)
