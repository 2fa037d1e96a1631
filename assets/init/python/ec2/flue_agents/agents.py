from aws_cdk import App, Validations
from cdk_flue import FlueChecks

from .data_stack import FlueDataStack
from .ec2_stack import FlueEc2Stack
from .stage import end_preview, stack_id


def build_agents(app: App) -> None:
    """The stack that every platform shares, and the stack of the agents."""
    shared = FlueDataStack(app, stack_id(app, "FlueDataStack"), description="Network, database and secrets of the Flue agents")

    FlueEc2Stack(app, stack_id(app, "FlueEc2Stack"), shared=shared, description="Flue agents on a box of their own")

    end_preview(app, shared)
    Validations.of(app).add_plugins(FlueChecks(app))
