from aws_cdk import App, Validations
from cdk_flue import FlueChecks

from .data_stack import FlueDataStack
from .fargate_stack import FlueFargateStack
from .stage import end_preview, is_base, is_preview, stack_id


def build_agents(app: App) -> None:
    """The stack that every platform shares, and the stack of the agents."""
    shared = None
    # a preview takes what `-c preview=base` made for all of them
    if not is_preview(app):
        shared = FlueDataStack(app, stack_id(app, "FlueDataStack"), description="Network, database and secrets of the Flue agents")

    if shared and is_base(app):
        FlueFargateStack.add_preview_balancer(shared)
    else:
        FlueFargateStack(app, stack_id(app, "FlueFargateStack"), shared=shared, description="Flue agents on ECS Fargate")

    end_preview(app)
    Validations.of(app).add_plugins(FlueChecks(app))
