import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run, type Ran } from './run';

/** What a program of Python leaves for its garbage collector is not worth the search: it ends. */
const UNCOLLECTED = 'import gc, runpy, sys; gc.disable(); del sys.argv[0]; runpy.run_path(sys.argv[0], run_name="__main__")';

/** Runs a program with what a virtual environment holds to its end. */
export function runPython(venv: string, program: string, args: string[]): Ran {
  return run(resolve(venv, 'bin', 'python'), ['-c', UNCOLLECTED, program, ...args]);
}

/** The version of an installed package, from the name of its metadata. */
export function versionOf(venv: string, distribution: string): string {
  const prefix = `${distribution.replaceAll('-', '_')}-`;
  const metadata = readdirSync(join(venv, 'lib'), { encoding: 'utf8' })
    .flatMap(version => readdirSync(join(venv, 'lib', version, 'site-packages'), { encoding: 'utf8' }))
    .find(name => name.startsWith(prefix) && name.endsWith('.dist-info'));
  if (!metadata) throw new Error(`${distribution} is not installed in ${venv}`);
  return metadata.slice(prefix.length, -'.dist-info'.length);
}
