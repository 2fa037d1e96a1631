from aws_cdk import Stack
from aws_cdk.aws_ec2 import GatewayVpcEndpointAwsService, GatewayVpcEndpointOptions, SubnetConfiguration, SubnetType, Vpc
from aws_cdk.aws_secretsmanager import Secret, SecretStringGenerator
from cdk_flue import FlueDatabase
from constructs import Construct

from .acknowledgements import acknowledge_data
from .preview_base import share_with_previews
from .stage import is_base, is_production


class FlueDataStack(Stack):
    """What every platform shares: a network without NAT, a Postgres, and the secrets."""

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
        self.database = FlueDatabase(self, "Database", vpc=self.vpc, port=6543, deletion_protection=is_production(self))

        # Holds a random value at first. Put the key of your provider in: aws secretsmanager put-secret-value.
        self.provider_key = Secret(self, "ProviderKey", description="ANTHROPIC_API_KEY of the Flue agents")
        # The agents answer only requests that carry this token.
        self.api_token = Secret(
            self,
            "ApiToken",
            description="API_TOKEN of the Flue agents",
            generate_secret_string=SecretStringGenerator(password_length=48, exclude_punctuation=True),
        )

        if is_base(self):
            share_with_previews(self)
        acknowledge_data(self)
