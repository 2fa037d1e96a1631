from aws_cdk import App, Validations
from cdk_flue import FlueChecks

from .data_stack import FlueDataStack
from .fargate_stack import FlueFargateStack


def build_agents(app: App) -> None:
    """The stack that every platform shares, and the stack of the agents."""
    shared = FlueDataStack(app, "FlueDataStack", description="Network, database and secrets of the Flue agents")

    FlueFargateStack(app, "FlueFargateStack", shared=shared, description="Flue agents on ECS Fargate")

    Validations.of(app).add_plugins(FlueChecks(app))
