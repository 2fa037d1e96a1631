import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXAMPLES, exampleApp } from '../../scripts/examples';
import '../support/only-synthesize.cjs';

const ROOT = resolve(__dirname, '..', '..');

/** The tests whose templates named minimal or maximal are judged: every one that compares a template with a snapshot. */
function snapshotTests(): string[] {
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).sort()
    .filter(file => file.endsWith('.test.ts') && readFileSync(join(ROOT, 'test', file), 'utf8').includes('expectTemplateSnapshot('))
    .map(file => `test/${file}`);
}

/** Writes the template of each stack of the example apps to `directory`. */
async function collectExamples(directory: string): Promise<void> {
  for (const example of Object.keys(EXAMPLES)) {
    for (const { stackName, template } of (await exampleApp(example)).synth().stacks) {
      writeFileSync(join(directory, `example-${stackName.toLowerCase()}.template.json`), JSON.stringify(template, undefined, 1));
    }
  }
}

/** The tests whose templates are judged; the files that they write are named after them. */
const JUDGED = '(minimal|maximal)';
/** The folder in which the tests have written, where a run of all of them came before. */
const { TEMPLATES_DIR } = process.env;

/** Writes every template that a snapshot test compares to `directory`, by running these tests unless they have run. */
function collectSnapshots(directory: string): void {
  if (TEMPLATES_DIR && existsSync(TEMPLATES_DIR)) {
    const files = readdirSync(TEMPLATES_DIR).filter(name => new RegExp(JUDGED).test(name));
    if (files.length === 0) throw new Error(`no template of a snapshot test is in ${TEMPLATES_DIR}`);
    files.forEach(file => copyFileSync(join(TEMPLATES_DIR, file), join(directory, file)));
    return;
  }
  const { status } = spawnSync('npx', ['jest', '--ci', '--coverage=false', '--silent', `--testNamePattern=${JUDGED}`, ...snapshotTests()], {
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
