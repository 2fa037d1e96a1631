// Runs the steps of steps.json, each as soon as what it comes after has ended; the first in the list first. Two at once, one for each
// processor of the CI machine, and three more that wait most of their time.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roomy } from '../scripts/roomy.mjs';

const WORKERS = 2;
const WAITING = 3;
// Who works leaves the processors to who waits, so that the steps of which each is a long chain of waits end early, and those that fill both processors last.
const NICE = 10;
// Node spends a tenth of its time here on the collection of garbage; a young generation of twice the usual size has less of it.
const NODE_OPTIONS = '--max-semi-space-size=32';
const STRICT = process.env.CI === 'true';
// What a step may keep in its temporary folder at a time.
const BYTES = 4 * 2 ** 30;
// A process that has not quite ended may still write there.
const REMOVED = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 };
const UNCHANGED = 'test -z "$(git status --porcelain)" || { git status --porcelain; git --no-pager diff; exit 1; }';

const HAS = {
  'root': () => process.getuid?.() === 0,
  'apt': () => onPath('apt-get'),
  'loop devices': () => existsSync('/dev/loop-control'),
};
const onPath = program => (process.env.PATH ?? '').split(':').some(directory => existsSync(join(directory, program)));
const missing = ({ needs = [] }) => needs.filter(need => !(HAS[need] ?? (() => onPath(need)))());

const all = JSON.parse(readFileSync(new URL('steps.json', import.meta.url), 'utf8'));
const ids = process.argv.slice(2);
const unknown = ids.filter(id => !all.some(step => step.id === id));
if (unknown.length > 0) {
  console.error(`No such step: ${unknown.join(', ')}. There are ${all.map(({ id }) => id).join(', ')}.`);
  process.exit(2);
}
const steps = ids.length > 0 ? all.filter(({ id }) => ids.includes(id)) : all;

const started = Date.now();
const seconds = since => Math.round((Date.now() - since) / 1000);
const results = [];
// The tests that run containers share a bare Debian, the base image and the image of the example agents; all that run on Node.js share what it has compiled;
// the judges of templates read what the snapshot tests have written.
const roots = mkdtempSync(join(roomy(BYTES), 'cdk-flue-ci-'));
process.once('exit', () => rmSync(roots, REMOVED));
const env = { NODE_OPTIONS, ...process.env, CI: 'true', ROOT_CACHE: join(roots, 'roots'), NODE_COMPILE_CACHE: join(roots, 'compiled'), TEMPLATES_DIR: join(roots, 'templates') };

/** The temporary folder of a step: in memory where there is enough, unless it needs a disk. */
function temporaryFolder(onDisk) {
  const folder = mkdtempSync(join(onDisk ? tmpdir() : roomy(BYTES), 'cdk-flue-step-'));
  // as the folder of the machine: root starts Postgres as another user
  chmodSync(folder, 0o1777);
  return folder;
}

/** What programs keep for their next run, and what jsii forgets where it is ended early; everything else must be gone when a step has ended. */
const KEPT = /^(node-compile-cache|v8-compile-cache-\d+|jest_\w+|\.lark_cache_\w+\.tmp|pnpm-[a-z-]+-locks-\d+|jsii-kernel-\w+)$/;

/** The processor time of a step: its shell writes `times` into a file of its own, two lines of `0m1.234s 0m0.567s`, itself and its children. */
const processorSeconds = file => existsSync(file)
  ? Math.round([...readFileSync(file, 'utf8').matchAll(/(\d+)m([\d.,]+)s/g)].reduce((sum, [, minutes, part]) => sum + 60 * minutes + Number(part.replace(',', '.')), 0))
  : 0;

/** Runs one step to its end. What it prints is shown at once where it is alone, and else when it has ended. */
async function run({ name, run: command, alone = false, waits = false, onDisk = false, needs }) {
  const begun = Date.now();
  const lacks = missing({ needs });
  let outcome;
  let output = '';
  const temporary = temporaryFolder(onDisk);
  const times = join(roots, `times-${results.length}-${begun}`);
  if (alone) console.log(`=== ${name}`);
  if (lacks.length > 0) {
    outcome = STRICT ? 'FAILED' : 'SKIPPED';
    output = `${outcome}: ${name}: this machine lacks ${lacks.join(', ')}\n`;
  } else {
    const child = spawn('nice', ['-n', `${waits || alone ? 0 : NICE}`, 'bash', '-euo', 'pipefail', '-c', `trap 'times >"$STEP_TIMES"' EXIT\n${command}`], {
      env: { ...env, TMPDIR: temporary, STEP_TIMES: times },
      stdio: alone ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', text => { output += text; });
    const status = await new Promise(resolve => child.on('error', error => resolve(String(error))).on('close', resolve));
    const left = readdirSync(temporary).filter(name => !KEPT.test(name));
    if (left.length > 0) output += `It left in the temporary folder: ${left.join(', ')}\n`;
    outcome = status === 0 && left.length === 0 ? 'passed' : 'FAILED';
  }
  rmSync(temporary, REMOVED);
  results.push({ name, outcome, seconds: seconds(begun), processor: processorSeconds(times), lacks });
  console.log(`${alone ? '' : `=== ${name}\n`}${output}=== ${outcome}: ${name} (${seconds(begun)} s)`);
}

const waiting = [...steps];
const ended = new Set();
const selected = new Set(steps.map(({ id }) => id));
const ready = ({ after = [] }) => after.every(id => !selected.has(id) || ended.has(id));

await new Promise(resolve => {
  let running = 0;
  let working = 0;
  // Who works goes first where a processor is free.
  const choose = () => {
    const candidates = waiting.filter(ready);
    const worker = working < WORKERS && candidates.find(({ waits }) => !waits);
    return worker || (running < WORKERS + WAITING && candidates.find(({ waits }) => waits));
  };
  const next = () => {
    for (let step = choose(); step; step = choose()) {
      const { id, waits = false } = step;
      waiting.splice(waiting.indexOf(step), 1);
      running++;
      if (!waits) working++;
      run(step).then(() => {
        ended.add(id);
        running--;
        if (!waits) working--;
        next();
      });
    }
    if (running === 0) resolve();
  };
  next();
});
for (const { name, after } of waiting) results.push({ name: `${name}, which waits for ${after.join(', ')}`, outcome: 'FAILED', seconds: 0, processor: 0, lacks: [] });
await run({ name: 'generated files are committed', run: UNCHANGED });

const count = outcome => results.filter(result => result.outcome === outcome).length;
const width = Math.max(...results.map(({ name }) => name.length));
const row = (name, outcome, wall, processor) => `${name.padEnd(width)}  ${outcome.padEnd(7)}  ${String(wall).padStart(7)}  ${String(processor).padStart(9)}`;
console.log(`\n${row('step', 'result', 'seconds', 'processor')}`);
for (const { name, outcome, seconds: took, processor } of results) console.log(row(name, outcome, took, processor));
console.log(`${row('total', '', seconds(started), results.reduce((sum, { processor }) => sum + processor, 0))}\n`);
for (const { name, outcome, lacks } of results) {
  if (outcome !== 'passed') console.log(`${outcome}: ${name}${lacks.length > 0 ? `: this machine lacks ${lacks.join(', ')}` : ''}`);
}
const skipped = count('SKIPPED');
console.log(`${count('passed')} passed, ${count('FAILED')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = count('FAILED') === 0 && count('passed') > 0 ? 0 : 1;
