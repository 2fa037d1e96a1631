import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, lowest, type Bench } from './bench';
import { run, type RunOptions } from './shell';

/** The peers of the library in the lowest versions it declares. */
export const LOWEST_PEERS = ['aws-cdk-lib', 'constructs', 'cdk-nag'].map(peer => `${peer}@${lowest(peer)}`);
export const COMPILER = ['typescript@~7.0.0', '@types/node@^22'];

const EMPTY = JSON.stringify({ name: 'consumer', version: '0.0.0', private: true });

/** A new npm project. */
export function project(bench: Bench, name: string): RunOptions {
  const cwd = bench.place(name);
  writeFileSync(join(cwd, 'package.json'), EMPTY);
  return { cwd };
}

/** A new npm project that has this version of aws-cdk-lib, and what npm installs with it: it unpacks aws-cdk-lib twice, which is most of its work. */
export async function projectOn(version: string, bench: Bench, name: string): Promise<RunOptions> {
  const kept = `npm-${name}-`;
  const folder = join(CACHE, `${kept}${version}`);
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    const cwd = mkdtempSync(join(CACHE, 'installing-'));
    writeFileSync(join(cwd, 'package.json'), EMPTY);
    await install([`aws-cdk-lib@${version}`], { cwd });
    readdirSync(CACHE).filter(other => other.startsWith(kept)).forEach(other => rmSync(join(CACHE, other), { recursive: true }));
    renameSync(cwd, folder);
  }
  const cwd = bench.place(name);
  cpSync(folder, cwd, { recursive: true, verbatimSymlinks: true });
  return { cwd };
}

export function install(packages: string[], options: RunOptions, ...flags: string[]): Promise<string> {
  return run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--save-exact', ...flags, ...packages], options);
}

/** Every release of aws-cdk-lib 2, oldest first. */
export async function cdkVersions(bench: Bench): Promise<string[]> {
  const output = await run('npm', ['view', 'aws-cdk-lib', 'versions', '--json', '--loglevel=error'], { cwd: bench.place('npm-view') });
  const versions = (JSON.parse(output.slice(output.indexOf('['))) as string[]).filter(version => /^2\.\d+\.\d+$/.test(version));
  const rank = (version: string): number => version.split('.').reduce((sum, part) => sum * 10_000 + Number(part), 0);
  return versions.sort((a, b) => rank(a) - rank(b));
}
