import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { write, type Files } from '../image/fixtures';
import type { Layout } from '../image/layouts';

const run = promisify(execFile);

const LOCK: { readonly [name: string]: { readonly package?: string; readonly file: string; readonly command: string } } = {
  npm: { file: 'package-lock.json', command: 'npm install --package-lock-only --ignore-scripts --no-prefer-offline --no-audit --no-fund' },
  // pnpm 12 would also lock itself, for platforms that not every registry holds
  pnpm: { package: 'pnpm', file: 'pnpm-lock.yaml', command: 'pnpm_config_pm_on_fail=ignore pnpm install --lockfile-only --ignore-scripts' },
  // it writes the lockfile only when it has installed
  yarn1: { package: 'yarn', file: 'yarn.lock', command: 'yarn install --ignore-scripts' },
  yarn: { package: '@yarnpkg/cli-dist', file: 'yarn.lock', command: 'YARN_ENABLE_IMMUTABLE_INSTALLS=false yarn install --mode=update-lockfile' },
  bun: { package: 'bun', file: 'bun.lock', command: 'bun install --lockfile-only' },
};

/** What package managers find around them: they share what they keep, and read nothing of this machine's user. */
export function environmentIn(workplace: string): { readonly [name: string]: string } {
  const home = join(workplace, 'home');
  mkdirSync(home);
  // Yarn 1 leaves its own files there
  const temporary = join(workplace, 'tmp');
  mkdirSync(temporary);
  const kept = Object.entries(process.env)
    .filter((entry): entry is [string, string] => entry[1] !== undefined && !/^npm_|^NODE_ENV$|^NODE_COMPILE_CACHE$|^INIT_CWD$/.test(entry[0]));
  return { ...Object.fromEntries(kept), HOME: home, TMPDIR: temporary, npm_config_cache: process.env.npm_config_cache ?? join(home, 'npm'), npm_config_prefer_offline: 'true' };
}

/** What a lockfile says of a file; npm alone writes `engines` into it. */
function lockedFrom(name: string, text: string): string {
  const { scripts, packageManager, ...rest } = name.endsWith('package.json') ? JSON.parse(text) as { scripts?: object; packageManager?: string } : { text };
  return JSON.stringify(rest);
}

/** Writes lockfiles with the package managers themselves, each set of manifests once. */
export class Lockfiles {
  private readonly known = new Map<string, Promise<Files>>();
  private readonly tools = new Map<string, Promise<string>>();

  public constructor(private readonly workplace: string, private readonly environment: { readonly [name: string]: string }) {}

  /** The files of a layout, its lockfile included. */
  public async complete(layout: Layout): Promise<Files> {
    const lock = layout.manager === undefined ? {} : await this.of(layout.files, layout.manager, layout.lockedIn ?? '');
    const files = { ...layout.files, ...lock };
    return layout.relock?.(files) ?? files;
  }

  private async of(files: Files, manager: string, folder: string): Promise<Files> {
    const manifests = Object.fromEntries(Object.entries(files).filter(([name]) => /(^|\/)package\.json$|^pnpm-workspace\.yaml$/.test(name)));
    const key = JSON.stringify([manager, folder, Object.entries(manifests).map(([name, text]) => [name, lockedFrom(name, text)])]);
    if (!this.known.has(key)) {
      this.known.set(key, this.write(manifests, manager, folder));
    }
    return this.known.get(key)!;
  }

  private async write(manifests: Files, manager: string, folder: string): Promise<Files> {
    const [name, version] = manager.split('@');
    const tool = LOCK[name === 'yarn' && version.startsWith('1.') ? 'yarn1' : name];
    const directory = write(mkdtempSync(join(this.workplace, 'lock-')), manifests);
    const path = tool.package === undefined ? this.environment.PATH : `${await this.install(tool.package, version)}:${this.environment.PATH}`;
    try {
      await run('sh', ['-c', tool.command], { cwd: join(directory, folder), env: { ...this.environment, PATH: path }, timeout: 5 * 60_000, maxBuffer: 64e6 });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${tool.command}\n${`${stdout}${stderr}`.trim().split('\n').slice(-15).join('\n')}`);
    }
    const file = join(folder, tool.file);
    const lockfile = readFileSync(join(directory, file), 'utf8');
    rmSync(directory, { recursive: true, force: true });
    return { [file]: lockfile };
  }

  private async install(name: string, version: string): Promise<string> {
    const key = `${name}@${version}`;
    if (!this.tools.has(key)) {
      this.tools.set(key, this.fetch(key));
    }
    return this.tools.get(key)!;
  }

  private async fetch(spec: string): Promise<string> {
    const prefix = join(this.workplace, 'tools', spec.replace(/\W/g, '_'));
    const bin = join(prefix, 'node_modules/.bin');
    if (!existsSync(bin)) {
      mkdirSync(prefix, { recursive: true });
      await run('npm', ['install', '--prefix', prefix, '--no-audit', '--no-fund', spec], { env: this.environment });
    }
    return bin;
  }
}
