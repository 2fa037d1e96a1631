import type { awscdk } from 'projen';
import { WorkflowSteps } from 'projen/lib/github';
import { JobPermission } from 'projen/lib/github/workflows-model';

/**
 * The task `verify:live`, and the workflow `live` that a person starts: it deploys to the account of the role in the variable AWS_LIVE_ROLE
 * and leaves the report as an artifact. The sessions of that role must last four hours: a run destroys with the credentials that it began with.
 */
export function addLive(project: awscdk.AwsCdkConstructLibrary): void {
  project.addTask('verify:live', {
    description: 'Deploy the examples to your AWS account, ask whether what the library promises holds there, and destroy them (--help says more)',
    exec: 'bash test/live/run.sh',
    receiveArgs: true,
  });

  const workflow = project.github!.addWorkflow('live');
  workflow.on({
    workflowDispatch: {
      inputs: {
        region: { type: 'string', default: 'us-east-1', description: 'The region' },
        only: { type: 'string', default: 'fargate,express,box,sharded', description: 'The servers' },
      },
    } as object,
  });
  workflow.addJob('live', {
    runsOn: ['ubuntu-latest'],
    permissions: { contents: JobPermission.READ, idToken: JobPermission.WRITE },
    timeoutMinutes: 240,
    concurrency: { group: 'live' },
    steps: [
      WorkflowSteps.checkout(),
      { name: 'Setup Node', uses: 'actions/setup-node@v7.0.0', with: { 'node-version': '22', 'cache': 'npm' } },
      // The image of the box is built for ARM64.
      { name: 'Setup QEMU', uses: 'docker/setup-qemu-action@v3' },
      { name: 'Install', run: 'npm ci' },
      {
        name: 'Sign in to AWS',
        uses: 'aws-actions/configure-aws-credentials@v6',
        with: { 'role-to-assume': '${{ vars.AWS_LIVE_ROLE }}', 'aws-region': '${{ inputs.region }}', 'role-duration-seconds': 14400 },
      },
      {
        name: 'Deploy, ask, destroy',
        // What a person types is passed as a variable: no shell reads it as its own text.
        env: { REGION: '${{ inputs.region }}', ONLY: '${{ inputs.only }}', RUN: '${{ github.run_id }}' },
        run: 'npm run verify:live -- --yes --region "$REGION" --only "$ONLY" --run "$RUN" --minutes 150 --report live-report',
      },
      {
        name: 'Destroy what is left',
        if: 'always()',
        env: { REGION: '${{ inputs.region }}', RUN: '${{ github.run_id }}' },
        run: 'npm run verify:live -- --destroy --yes --region "$REGION" --run "$RUN"',
      },
      { ...WorkflowSteps.uploadArtifact({ with: { name: 'live-report', path: 'live-report' } }), if: 'always()' },
    ],
  });
}
