from aws_cdk import App, Validations
from cdk_flue import FlueChecks

from .data_stack import FlueDataStack
from .ec2_stack import FlueEc2Stack
from .stage import end_preview, is_base, is_preview, stack_id


def build_agents(app: App) -> None:
    """The stack that every platform shares, and the stack of the agents."""
    shared = None
    # a preview takes what `-c preview=base` made for all of them
    if not is_preview(app):
        shared = FlueDataStack(app, stack_id(app, "FlueDataStack"), description="Network, database and secrets of the Flue agents")

    if not is_base(app):
        FlueEc2Stack(app, stack_id(app, "FlueEc2Stack"), shared=shared, description="Flue agents on a box of their own")

    end_preview(app)
    Validations.of(app).add_plugins(FlueChecks(app))
