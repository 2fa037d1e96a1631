import { CfnOutput, Stack, Validations, type App } from 'aws-cdk-lib';
import { FlueChecks, FlueDeployRole } from 'cdk-flue';

/** The roles of the workflows. Deploy them by hand: a workflow that could deploy its own role could widen it. */
export function buildCi(app: App): void {
  const stack = new Stack(app, 'FlueCi', { description: 'Roles with which GitHub deploys the Flue agents' });
  const repository = '{{repository}}';

  const deploy = new FlueDeployRole(stack, 'Deploy', { repository, branch: '{{branch}}', environment: 'production' });
  const compare = new FlueDeployRole(stack, 'Compare', { repository, pullRequests: true, readOnly: true, provider: deploy.provider });
{{#previews}}
  // The code of a pull request deploys itself: the role takes the roles of a bootstrap of its own, and none of the one of production.
  const preview = new FlueDeployRole(stack, 'Preview', { repository, pullRequests: true, qualifier: 'preview', provider: deploy.provider });
  const previewBase = new FlueDeployRole(stack, 'PreviewBase', { repository, branch: '{{branch}}', qualifier: 'preview', provider: deploy.provider });
{{/previews}}

  new CfnOutput(stack, 'DeployRole', { value: deploy.role.roleArn, description: 'The variable DEPLOY_ROLE of the repository' });
  new CfnOutput(stack, 'CompareRole', { value: compare.role.roleArn, description: 'The variable COMPARE_ROLE of the repository' });
{{#previews}}
  new CfnOutput(stack, 'PreviewRole', { value: preview.role.roleArn, description: 'The variable PREVIEW_ROLE of the repository' });
  new CfnOutput(stack, 'PreviewBaseRole', { value: previewBase.role.roleArn, description: 'The variable PREVIEW_BASE_ROLE of the repository' });
{{/previews}}
  Validations.of(app).addPlugins(new FlueChecks(app));
}
