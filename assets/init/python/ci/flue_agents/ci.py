from aws_cdk import App, CfnOutput, Stack, Validations
from cdk_flue import FlueChecks, FlueDeployRole


def build_ci(app: App) -> None:
    """The roles of the workflows. Deploy them by hand: a workflow that could deploy its own role could widen it."""
    stack = Stack(app, "FlueCi", description="Roles with which GitHub deploys the Flue agents")
    repository = "{{repository}}"

    deploy = FlueDeployRole(stack, "Deploy", repository=repository, branch="{{branch}}", environment="production")
    compare = FlueDeployRole(stack, "Compare", repository=repository, pull_requests=True, read_only=True, provider=deploy.provider)
{{#previews}}
    # The code of a pull request deploys itself: the role takes the roles of a bootstrap of its own, and none of the one of production.
    preview = FlueDeployRole(stack, "Preview", repository=repository, pull_requests=True, qualifier="preview", provider=deploy.provider)
    preview_base = FlueDeployRole(stack, "PreviewBase", repository=repository, branch="{{branch}}", qualifier="preview", provider=deploy.provider)
{{/previews}}

    CfnOutput(stack, "DeployRole", value=deploy.role.role_arn, description="The variable DEPLOY_ROLE of the repository")
    CfnOutput(stack, "CompareRole", value=compare.role.role_arn, description="The variable COMPARE_ROLE of the repository")
{{#previews}}
    CfnOutput(stack, "PreviewRole", value=preview.role.role_arn, description="The variable PREVIEW_ROLE of the repository")
    CfnOutput(
        stack, "PreviewBaseRole", value=preview_base.role.role_arn, description="The variable PREVIEW_BASE_ROLE of the repository"
    )
{{/previews}}
    Validations.of(app).add_plugins(FlueChecks(app))
