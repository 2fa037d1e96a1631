import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TargetName } from 'jsii-pacmak';
import { CACHE, lowest, type Bench } from './bench';
import { pack } from './packing';
import { ROOT, run } from './shell';

/** Makes the environment of these requirements, which is kept. */
async function environment(bench: Bench, folder: string, requirements: string, ...flags: string[]): Promise<void> {
  const file = join(bench.place('requirements'), `${basename(folder)}.txt`);
  writeFileSync(file, requirements);
  await run('python3', [join(ROOT, 'test/support/python_environment.py'), folder, file, ...flags], { cwd: ROOT });
}

/** The environment with the peers of the library in the lowest versions it declares, and with mypy. */
export async function peers(bench: Bench): Promise<string> {
  const version = (await run('python3', ['--version'], { cwd: ROOT })).trim().replace(' ', '-');
  const folder = join(CACHE, `${version}-aws-cdk-lib-${lowest('aws-cdk-lib')}`);
  const requirements = ['aws-cdk-lib', 'constructs', 'cdk-nag'].map(peer => `${peer}==${lowest(peer)}\n`);
  await environment(bench, folder, ['mypy\n', ...requirements].join(''), '--upgrade');
  return folder;
}

/** A new environment that has the packages of another one: to compile aws-cdk-lib takes longer than most apps run. Returns where its own packages are. */
export async function environmentOn(other: string, folder: string): Promise<string> {
  await run(join(other, 'bin/python'), ['-m', 'venv', '--without-pip', folder], { cwd: ROOT });
  writeFileSync(join(sitePackages(folder), 'peers.pth'), sitePackages(other));
  return sitePackages(folder);
}

function sitePackages(folder: string): string {
  const [version] = readdirSync(join(folder, 'lib'));
  return join(folder, 'lib', version, 'site-packages');
}

/** Builds the wheel as jsii-pacmak does, but in an environment that takes a second to make. */
export async function buildWheel(bench: Bench): Promise<void> {
  await pack(bench, TargetName.PYTHON, { codeOnly: true });
  const cwd = join(bench.place('dist'), 'python');
  const builders = join(ROOT, '.tools/jsii-pacmak');
  await environment(bench, builders, readFileSync(join(ROOT, 'node_modules/jsii-pacmak/lib/targets/python/requirements-dev.txt'), 'utf8'));
  const python = join(builders, 'bin/python');
  await run(python, ['-m', 'build', '--no-isolation', '--outdir', cwd, cwd], { cwd });
  await run(python, ['-m', 'twine', 'check', bench.artefact('python', '.whl'), bench.artefact('python', '.tar.gz')], { cwd });
}
