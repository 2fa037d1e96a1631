from aws_cdk import App, Validations
from cdk_flue import FlueChecks

from .data_stack import FlueDataStack
from .express_stack import FlueExpressStack
from .stage import end_preview, stack_id


def build_agents(app: App) -> None:
    """The stack that every platform shares, and the stack of the agents."""
    shared = FlueDataStack(app, stack_id(app, "FlueDataStack"), description="Network, database and secrets of the Flue agents")

    FlueExpressStack(app, stack_id(app, "FlueExpressStack"), shared=shared, description="Flue agents on ECS Express Mode")

    end_preview(app, shared)
    Validations.of(app).add_plugins(FlueChecks(app))
