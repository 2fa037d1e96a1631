from aws_cdk import App, Validations
from cdk_flue import FlueChecks
from cdk_nag import AwsSolutionsChecks

from .data_stack import FlueDataStack
from .ec2_stack import FlueEc2Stack
from .express_stack import FlueExpressStack
from .fargate_stack import FlueFargateStack
from .stage import end_preview, is_base, is_preview, stack_id


def build_agents(app: App) -> None:
    """One network, and the same agents on three platforms. Deploy the platform you want, or all."""
    shared = None
    # a preview takes what `-c preview=base` made for all of them
    if not is_preview(app):
        shared = FlueDataStack(app, stack_id(app, "FlueDataStack"), description="Network, database and secrets of the Flue agents")

    if shared and is_base(app):
        FlueFargateStack.add_preview_balancer(shared)
    else:
        FlueFargateStack(app, stack_id(app, "FlueFargateStack"), shared=shared, description="Flue agents on ECS Fargate")
        FlueExpressStack(app, stack_id(app, "FlueExpressStack"), shared=shared, description="Flue agents on ECS Express Mode")
        FlueEc2Stack(app, stack_id(app, "FlueEc2Stack"), shared=shared, description="Flue agents on a box of their own")

    end_preview(app)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), FlueChecks(app))
