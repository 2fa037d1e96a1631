import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXAMPLES, exampleApp } from '../../scripts/examples';
import '../support/silence-judge.cjs';

/** Folders whose tests named minimal or maximal are judged. */
const SNAPSHOTS = ['service', 'database', 'edge', 'network', 'operations'].map(folder => `test/${folder}`);
const ROOT = resolve(__dirname, '..', '..');

/** Writes the template of each stack of the example apps to `directory`. */
async function collectExamples(directory: string): Promise<void> {
  for (const example of Object.keys(EXAMPLES)) {
    for (const { stackName, template } of (await exampleApp(example)).synth().stacks) {
      writeFileSync(join(directory, `example-${stackName.toLowerCase()}.template.json`), JSON.stringify(template, undefined, 1));
    }
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
export async function collect(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await collectExamples(directory);
  collectSnapshots(directory);
}

if (require.main === module) void collect(resolve(process.argv[2]!));
