import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Step {
  readonly id: string;
  readonly run: string;
  readonly after?: string[];
  readonly needs?: string[];
  readonly paths?: string[];
}

const ROOT = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const steps = JSON.parse(read('.ci/steps.json')) as Step[];
const tasks = (JSON.parse(read('.projen/tasks.json')) as { tasks: Record<string, object> }).tasks;
const ids = steps.map(({ id }) => id);

test('the first step is what the README says', () => {
  expect(steps[0]).toMatchObject({ id: 'test', run: 'npm ci && npm test' });
  expect(read('README.md')).toContain(steps[0].run);
});

test('every id is one of a kind', () => {
  expect(new Set(ids).size).toBe(ids.length);
});

test.each(steps)('$id comes after steps before it, and reads paths that are there', ({ id, after = [], paths = [] }) => {
  expect(ids.slice(0, ids.indexOf(id))).toEqual(expect.arrayContaining(after));
  expect(paths.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
});

test.each(Object.keys(tasks).filter(task => /^(test|verify):(?!update|watch)/.test(task)))('%s is a step', task => {
  expect(steps.filter(({ run }) => run.includes(task)).length).toBeGreaterThanOrEqual(1);
});

const choose = (changed: string[], ...args: string[]): string[] =>
  (JSON.parse(execFileSync('node', [join(ROOT, '.ci/choose.mjs'), ...args], { input: changed.join('\n'), encoding: 'utf8' })) as Step[]).map(({ id }) => id);

test('a page needs no machine, the box needs its boot, and before a release everything runs', () => {
  expect(choose(['docs/box.md'])).toEqual(steps.filter(({ paths, id }) => !paths && !['test', 'example', 'projen', 'docgen'].includes(id)).map(({ id }) => id));
  expect(choose(['docs/box.md', 'test/boot/run.sh'])).toContain('boot');
  expect(choose(['test/boot/run.sh'])).not.toContain('telemetry');
  expect(choose(['package-lock.json'])).toEqual(choose([], '--all'));
  expect(choose([], '--all')).toEqual(ids.filter(id => !['test', 'example', 'projen', 'docgen'].includes(id)));
});

test('a step that is not there is refused by name', () => {
  const { status, stderr } = spawnSync('bash', [join(ROOT, '.ci/run'), 'nope'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain(`No such step: nope. There are ${ids.join(', ')}.`);
});
