import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, lowest, type Bench } from '../lib/bench';
import { run } from '../lib/shell';
import { readmePython } from '../lib/sources';
import { checkStarters } from '../lib/starters';

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
  writeFileSync(join(cwd, 'readme.py'), readmePython());
  await report.check('Python: readme', async () => bench.mustEqual('readme', await bench.synthesize(python, ['readme.py'], cwd)));
  cpSync(join(APPS, 'python/errors.py'), join(cwd, 'errors.py'));
  await report.check('Python: errors', async () => (await run(python, ['errors.py'], { cwd })).trim().split('\n').pop());
  await report.check('Python: types', async () => {
    await run(python, ['-m', 'mypy', '--strict', 'app.py', 'flue_agents'], { cwd: example });
    return 'mypy --strict';
  });
  await checkStarters(bench, 'Python', {
    language: 'python',
    command: join(cwd, 'venv/bin/cdk-flue'),
    // The wheel stands for the release that the requirements name.
    prepare: starter => run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt'], { cwd: starter }).then(() => undefined),
    program: [python],
    entry: 'app.py',
  });
}
