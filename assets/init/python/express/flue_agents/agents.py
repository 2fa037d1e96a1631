from aws_cdk import App, Validations
from cdk_flue import FlueChecks

from .data_stack import FlueDataStack
from .express_stack import FlueExpressStack


def build_agents(app: App) -> None:
    """The stack that every platform shares, and the stack of the agents."""
    shared = FlueDataStack(app, "FlueDataStack", description="Network, database and secrets of the Flue agents")

    FlueExpressStack(app, "FlueExpressStack", shared=shared, description="Flue agents on ECS Express Mode")

    Validations.of(app).add_plugins(FlueChecks(app))
