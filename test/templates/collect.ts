import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { buildAgents } from '../../examples/typescript/lib/app';

/** Folders whose tests named minimal or maximal are judged. */
const SNAPSHOTS = ['service', 'database', 'edge', 'network', 'operations'].map(folder => `test/${folder}`);
const ROOT = resolve(__dirname, '..', '..');

/** Writes the template of each stack of the example app to `directory`. */
function collectExample(directory: string): void {
  const { context } = require('../../examples/typescript/cdk.json'); // eslint-disable-line @typescript-eslint/no-require-imports
  const app = new App({ context, analyticsReporting: false });
  buildAgents(app);
  for (const { stackName, template } of app.synth().stacks) {
    writeFileSync(join(directory, `example-${stackName.toLowerCase()}.template.json`), JSON.stringify(template, undefined, 1));
  }
}

/** Writes every template that a snapshot test compares to `directory`, by running these tests. */
function collectSnapshots(directory: string): void {
  const { status } = spawnSync('npx', ['jest', '--ci', '--coverage=false', '--silent', '--testNamePattern=(minimal|maximal)', ...SNAPSHOTS], {
    cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, TEMPLATES_DIR: directory },
  });
  if (status !== 0) throw new Error('the snapshot tests fail, so their templates are not judged');
}

/** Writes every template of the examples and the snapshots to `directory`. */
export function collect(directory: string): void {
  mkdirSync(directory, { recursive: true });
  collectExample(directory);
  collectSnapshots(directory);
}

if (require.main === module) collect(resolve(process.argv[2]!));
