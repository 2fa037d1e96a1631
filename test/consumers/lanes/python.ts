import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, CACHE, MANIFEST, PREVIEWS, type Bench } from '../lib/bench';
import { buildWheel, environmentOn, peers } from '../lib/python';
import { ROOT, run } from '../lib/shell';
import { readmePython } from '../lib/sources';
import { checkStarters } from '../lib/starters';

/** What mypy knows of packages that it has read before, by their contents: most of its time goes into aws-cdk-lib. */
const TYPES_CACHE = join(CACHE, 'mypy');

/** The wheel in a fresh virtual environment: the example, its types, and how a refusal reads. */
export async function pythonLane(bench: Bench): Promise<void> {
  const { report } = bench;
  if (!await report.has('Python', ['python3'])) return;
  const cwd = bench.place('python');
  const python = join(cwd, 'venv/bin/python');
  // The pip of the machine: to give each virtual environment its own takes longer than to install the wheel.
  const install = (packages: string[], place: string): Promise<string> =>
    run('python3', ['-m', 'pip', '--python', python, 'install', '--quiet', '--disable-pip-version-check', '--no-compile', ...packages], { cwd: place });
  const carried = bench.place('python-carried');
  if (!await report.check('Python: wheel, installed', async () => {
    await buildWheel(bench);
    const modules = await environmentOn(await peers(bench), join(cwd, 'venv'));
    await install([bench.artefact('python', '.whl')], cwd);
    const tarball = join(modules, 'cdk_flue/_jsii', `cdk-flue@${MANIFEST.version}.jsii.tgz`);
    await run('tar', ['xzf', tarball, '--strip-components=1'], { cwd: carried });
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
    // The tarball in the wheel; the command unpacks it, and aws-cdk-lib, each time.
    carried: { command: join(carried, 'bin/cdk-flue'), env: { NODE_PATH: join(ROOT, 'node_modules') } },
    // The wheel stands for the release that the requirements name.
    prepare: async (starter, first) => {
      if (first !== undefined && requirements(first) === requirements(starter)) return;
      await install(['-r', 'requirements.txt'], starter);
    },
    program: [python],
    entry: 'app.py',
    judged: ['fargate'],
  });
}

function requirements(starter: string): string {
  return readFileSync(join(starter, 'requirements.txt'), 'utf8');
}
