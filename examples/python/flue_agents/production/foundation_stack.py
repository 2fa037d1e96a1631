from aws_cdk import Duration, Environment, Stack
from aws_cdk.aws_ec2 import CfnEIP, CfnPrefixList, IPeer, NatProvider, Peer
from aws_cdk.aws_kms import Key
from aws_cdk.aws_logs import RetentionDays
from cdk_flue import FlueDatabase, FlueDatabaseEngine, FlueEgress, FlueNetwork, FlueRotationOptions
from constructs import Construct


class FoundationStack(Stack):
    """The network and the database, which stay when you deploy the agents again."""

    network: FlueNetwork
    database: FlueDatabase
    # The addresses from which the network reaches the internet.
    ways_out: IPeer

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
        description = "Network, key, database and secrets of the Flue agents"
        super().__init__(scope, construct_id, env=env, termination_protection=True, description=description)

        key = Key(self, "Key", description="Database of the Flue agents, its password and its backups", enable_key_rotation=True)
        addresses = [CfnEIP(self, name, domain="vpc") for name in ("AddressA", "AddressB")]
        # PrefixList of the CDK takes no address that only the deployment knows.
        prefix_list = CfnPrefixList(
            self,
            "WaysOut",
            prefix_list_name="flue-agents-ways-out",
            address_family="IPv4",
            max_entries=2,
            entries=[CfnPrefixList.EntryProperty(cidr=f"{address.attr_public_ip}/32") for address in addresses],
        )
        self.ways_out = Peer.prefix_list(prefix_list.attr_prefix_list_id)
        provider = NatProvider.gateway(eip_allocation_ids=[address.attr_allocation_id for address in addresses])
        self.network = FlueNetwork(
            self,
            "Network",
            egress=FlueEgress.nat_gateways(count=2, provider=provider),
            log_encryption_key=key,
            log_retention=RetentionDays.ONE_YEAR,
        )
        self.database = FlueDatabase(
            self,
            "Database",
            vpc=self.network.vpc,
            engine=FlueDatabaseEngine.postgres(multi_az=True),
            port=6543,
            encryption_key=key,
            backup_retention=Duration.days(30),
            # Two logins take turns, so that the agents have one that works until they are deployed with the other.
            rotation=FlueRotationOptions(),
            monitoring_interval=Duration.seconds(60),
            enable_performance_insights=True,
        )
