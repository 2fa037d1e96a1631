import type { awscdk } from 'projen';
import { JobPermission, type JobStep } from 'projen/lib/github/workflows-model';

/** Puts what the person who releases wrote above the list of commits. */
export const RELEASE_NOTES: JobStep = {
  name: 'Put the notes above the change log',
  env: { NOTES: '${{ inputs.notes }}' },
  run: 'printf \'%s\\n\\n\' "$NOTES" | cat - dist/changelog.md >dist/with-notes.md && mv dist/with-notes.md dist/changelog.md',
};

/** A release is started by hand, with notes, and waits for every step of the workflow `ci`; it does not test a second time. */
export function gateRelease(project: awscdk.AwsCdkConstructLibrary): void {
  const workflow = project.tryFindObjectFile('.github/workflows/release.yml')!;
  workflow.addOverride('on.workflow_dispatch.inputs.notes', { description: 'What users should know of this release', required: true, type: 'string' });
  workflow.addOverride('jobs.ci', { uses: './.github/workflows/ci.yml', with: { everything: true }, permissions: { contents: JobPermission.READ } });
  workflow.addOverride('jobs.release.needs', ['ci']);

  const release = project.tasks.tryFind('release')!;
  release.reset();
  release.exec('rm -fr dist');
  release.spawn(project.tasks.tryFind('bump')!);
  for (const task of [project.preCompileTask, project.compileTask, project.postCompileTask, project.packageTask]) release.spawn(task);
  release.spawn(project.tasks.tryFind('unbump')!);
  release.exec('git diff --ignore-space-at-eol --exit-code');
}
