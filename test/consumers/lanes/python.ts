import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { APPS, lowest, PREVIEWS, type Bench } from '../lib/bench';
import { run } from '../lib/shell';
import { readmePython } from '../lib/sources';
import { checkStarters } from '../lib/starters';

/** What mypy knows of packages that it has read before, by their contents: most of its time goes into aws-cdk-lib. */
const TYPES_CACHE = join(homedir(), '.cache/cdk-flue-consumers/mypy');

/** The wheel in a fresh virtual environment: the example, its types, and how a refusal reads. */
export async function pythonLane(bench: Bench): Promise<void> {
  const { report } = bench;
  if (!await report.has('Python', ['python3'])) return;
  const cwd = bench.place('python');
  const python = join(cwd, 'venv/bin/python');
  if (!await report.check('Python: wheel, installed', async () => {
    await bench.pack('python');
    await run('python3', ['-m', 'venv', 'venv'], { cwd });
    const peers = ['aws-cdk-lib', 'constructs', 'cdk-nag'].map(peer => `${peer}==${lowest(peer)}`);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--no-compile', '--disable-pip-version-check', 'mypy', ...peers, bench.artefact('python', '.whl')], { cwd });
  })) return;

  const example = join(cwd, 'examples/python');
  await bench.copy('examples/agents', join(cwd, 'examples/agents'));
  await bench.copy('examples/python', example);
  await report.check('Python: examples/python', async () => bench.mustEqual('example', await bench.synthesize(python, ['app.py'], example)));
  await report.check('Python: examples/python, production', async () => bench.mustEqual('production', await bench.synthesize(python, ['production.py'], example)));
  await report.check('Python: examples/python, events', async () => bench.mustEqual('events', await bench.synthesize(python, ['events.py'], example)));
  await report.check('Python: examples/python, ci', async () => bench.mustEqual('ci', await bench.synthesize(python, ['ci.py'], example)));
  for (const preview of PREVIEWS) {
    await report.check(`Python: examples/python, preview ${preview}`, async () =>
      bench.mustEqual(`preview=${preview}`, await bench.synthesize(python, ['app.py'], example, {}, { preview })));
  }
  cpSync(join(APPS, 'python/smoke.py'), join(example, 'smoke.py'));
  await report.check('Python: smoke', async () => bench.mustEqual('smoke', await bench.synthesize(python, ['smoke.py'], example)));
  writeFileSync(join(cwd, 'readme.py'), readmePython());
  await report.check('Python: readme', async () => bench.mustEqual('readme', await bench.synthesizeJudged(python, ['readme.py'], cwd)));
  cpSync(join(APPS, 'python/errors.py'), join(cwd, 'errors.py'));
  await report.check('Python: errors', async () => (await run(python, ['errors.py'], { cwd })).trim().split('\n').pop());
  await report.check('Python: types', async () => {
    await run(python, ['-m', 'mypy', '--strict', `--cache-dir=${TYPES_CACHE}`, 'app.py', 'production.py', 'events.py', 'ci.py', 'flue_agents', 'smoke.py'], { cwd: example });
    return 'mypy --strict';
  });
  await checkStarters(bench, 'Python', {
    language: 'python',
    command: join(cwd, 'venv/bin/cdk-flue'),
    // The wheel stands for the release that the requirements name.
    prepare: async (starter, first) => {
      if (first !== undefined && requirements(first) === requirements(starter)) return;
      await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt'], { cwd: starter });
    },
    program: [python],
    entry: 'app.py',
    judged: ['fargate'],
  });
}

function requirements(starter: string): string {
  return readFileSync(join(starter, 'requirements.txt'), 'utf8');
}
