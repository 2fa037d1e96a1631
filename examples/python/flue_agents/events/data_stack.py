from aws_cdk import Stack
from cdk_flue import FlueDatabase, FlueEgress, FlueNetwork
from constructs import Construct

from ..acknowledgements import acknowledge_data


class EventsDataStack(Stack):
    """The network and the database, which stay when you deploy the agents again."""

    def __init__(self, scope: Construct, construct_id: str, *, description: str, termination_protection: bool) -> None:
        super().__init__(scope, construct_id, description=description, termination_protection=termination_protection)

        # The server, and the function that brings it its work, reach AWS and the provider through the NAT gateway.
        self.network = FlueNetwork(self, "Network", egress=FlueEgress.nat_gateways())
        self.database = FlueDatabase(self, "Database", vpc=self.network.vpc, port=6543)

        acknowledge_data(self)
