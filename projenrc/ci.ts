import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { awscdk } from 'projen';
import { WorkflowSteps } from 'projen/lib/github';
import { JobPermission, type JobStep } from 'projen/lib/github/workflows-model';

interface Step {
  readonly id: string;
  readonly compiles?: boolean;
}

const STEPS = JSON.parse(readFileSync(join(__dirname, '..', '.ci', 'steps.json'), 'utf8')) as Step[];
/** What a compilation leaves that git does not know. */
const COMPILED = ['.jsii', 'lib', 'assets/image/rds-ca-bundle.pem'];
const EVERYTHING = "github.event_name == 'schedule' || github.event_name == 'workflow_dispatch'";

const setup = (tool: string, version: string, options: Record<string, unknown>, need?: string): JobStep => ({
  name: `Setup ${tool}`,
  uses: `actions/setup-${tool.toLowerCase()}@${version}`,
  with: options,
  ...(need ? { if: `contains(matrix.step.needs, '${need}')` } : {}),
});
const node = setup('Node', 'v7.0.0', { 'node-version': '22', 'cache': 'npm' });
const job = { runsOn: ['ubuntu-latest'], permissions: { contents: JobPermission.READ } };

/**
 * The workflow `ci`: the steps of `.ci/steps.json`, each in a job of its own after one compilation. A change runs those steps whose files
 * it touches; every night, by hand and before a release all of them run. The job `ci` says whether all passed.
 */
export function addCi(project: awscdk.AwsCdkConstructLibrary): void {
  const ci = project.github!.addWorkflow('ci');
  ci.on({
    pullRequest: {},
    push: { branches: ['main'] },
    schedule: [{ cron: '23 3 * * *' }],
    workflowDispatch: {},
    workflowCall: { inputs: { everything: { type: 'boolean', default: false, description: 'Run every step, whatever changed' } } },
  });

  ci.addJob('choose', {
    ...job,
    outputs: { steps: { stepId: 'choose', outputName: 'steps' } },
    steps: [
      WorkflowSteps.checkout({ with: { fetchDepth: 0 } }),
      node,
      {
        name: 'Choose the steps that the change needs',
        id: 'choose',
        env: {
          BASE: '${{ github.event.pull_request.base.sha || github.event.before }}',
          EVERYTHING: `\${{ inputs.everything || ${EVERYTHING} }}`,
        },
        run: [
          'if [ "$EVERYTHING" = true ] || ! git cat-file -e "$BASE^{commit}"; then steps=$(node .ci/choose.mjs --all)',
          'else steps=$(git diff --name-only "$BASE"...HEAD | node .ci/choose.mjs); fi',
          'echo "steps=$steps" >>"$GITHUB_OUTPUT"',
        ].join('\n'),
      },
    ],
  });
  ci.addJob('test', { ...job, timeoutMinutes: 30, steps: [WorkflowSteps.checkout(), node, { name: 'Test', run: 'bash .ci/run test' }] });
  ci.addJob('compile', {
    ...job,
    timeoutMinutes: 20,
    steps: [
      WorkflowSteps.checkout(),
      node,
      { name: 'Install', run: 'npm ci' },
      { name: 'Compile', run: `bash .ci/run ${STEPS.filter(({ compiles }) => compiles).map(({ id }) => id).join(' ')}` },
      // An archive keeps what an upload would lose: the times of files.
      { name: 'Pack what was compiled', run: `tar -czf compiled.tgz ${COMPILED.join(' ')}` },
      WorkflowSteps.uploadArtifact({ with: { name: 'compiled', path: 'compiled.tgz' } }),
    ],
  });
  ci.addJob('step', {
    ...job,
    name: '${{ matrix.step.id }}',
    needs: ['choose', 'compile'],
    timeoutMinutes: 45,
    strategy: { failFast: false, matrix: { domain: { step: '${{ fromJSON(needs.choose.outputs.steps) }}' as unknown as string[] } } },
    steps: [
      WorkflowSteps.checkout(),
      node,
      setup('Python', 'v7.0.0', { 'python-version': '3.11' }, 'python3'),
      setup('Java', 'v6.0.0', { 'distribution': 'corretto', 'java-version': '17' }, 'mvn'),
      setup('Go', 'v7.0.0', { 'go-version': 'stable', 'cache': false }, 'go'),
      {
        name: 'Cache what the step installs',
        uses: 'actions/cache@v4',
        with: {
          path: '~/.cache/pip\n~/.cache/uv\n~/.m2/repository\n~/go/pkg/mod\n~/.cache/go-build\n~/.cache/cdk-flue-consumers',
          key: "${{ matrix.step.id }}-${{ hashFiles('package-lock.json') }}",
        },
      },
      WorkflowSteps.downloadArtifact({ with: { name: 'compiled' } }),
      { name: 'Install', run: 'npm ci && tar -xzf compiled.tgz && rm compiled.tgz' },
      // What builds and runs an image needs root. By night the package managers write the lockfiles of the layouts anew.
      { name: 'Run', env: { LOCKFILES: "${{ github.event_name == 'schedule' && 'new' || '' }}" }, run: 'sudo -E env "PATH=$PATH" "HOME=$HOME" bash .ci/run ${{ matrix.step.id }}' },
    ],
  });
  ci.addJob('ci', {
    ...job,
    needs: ['choose', 'test', 'compile', 'step'],
    if: 'always()',
    steps: [{
      name: 'Everything passed',
      run: "[ \"${{ contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled') || contains(needs.*.result, 'skipped') }}\" = false ]",
    }],
  });
}
