import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { digest } from './layers';
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
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    TMPDIR: temporary,
    npm_config_cache: process.env.npm_config_cache ?? join(home, 'npm'),
    npm_config_prefer_offline: 'true',
    // two layouts at once fill a small machine: more threads spend its time on each other
    UV_THREADPOOL_SIZE: '1',
    RAYON_NUM_THREADS: '1',
  };
}

/** The lockfiles of the layouts, as the package managers wrote them: like those in other people's repositories, they hold what was published on a day in the past. */
export const KEPT = join(__dirname, 'locked');

/** What somebody wants a lockfile of. */
interface Wanted {
  readonly manifests: Files;
  readonly manager: string;
  /** Folder of the lockfile in the repository. */
  readonly folder: string;
}

function wantedBy({ files, manager, lockedIn = '' }: Layout): Wanted | undefined {
  const manifests = Object.fromEntries(Object.entries(files).filter(([name]) => /(^|\/)package\.json$|^pnpm-workspace\.yaml$/.test(name)));
  return manager === undefined ? undefined : { manifests, manager, folder: lockedIn };
}

/** Whether a lockfile is another one on another day; it is written in each run. */
const asksForNewest = ({ manifests }: Wanted): boolean => Object.values(manifests).some((text) => text.includes('"latest"'));

/** What a lockfile says of a file; npm alone writes `engines` into it. */
function lockedFrom(name: string, text: string, manager: string): string {
  if (!name.endsWith('package.json')) {
    return text;
  }
  const { scripts, packageManager, engines, ...rest } = JSON.parse(text) as { scripts?: object; packageManager?: string; engines?: object };
  return JSON.stringify(manager === 'npm' ? { engines, ...rest } : rest);
}

/** The name of a lockfile, which is another one as soon as its manifests are others. */
function nameOf({ manifests, manager, folder }: Wanted): string {
  const from = Object.entries(manifests).map(([name, text]) => [name, lockedFrom(name, text, manager)]);
  return `${manager.replace('@', '-')}-${digest(JSON.stringify([folder, from])).slice(0, 8)}${extname(toolOf(manager).file)}`;
}

/** The name of the lockfile that is kept for a layout; undefined where there is none. */
export function keptNameOf(layout: Layout): string | undefined {
  const wanted = wantedBy(layout);
  return wanted === undefined || asksForNewest(wanted) ? undefined : nameOf(wanted);
}

const toolOf = (manager: string): typeof LOCK[string] => LOCK[manager.startsWith('yarn@1.') ? 'yarn1' : manager.split('@')[0]];

/** The lockfiles of the layouts: those that are kept, or, where `anew`, what the package managers write today, each set of manifests once. */
export class Lockfiles {
  private readonly known = new Map<string, Promise<string>>();
  private readonly tools = new Map<string, Promise<string>>();

  public constructor(
    private readonly workplace: string, private readonly environment: { readonly [name: string]: string }, private readonly anew: boolean,
  ) {}

  /** The files of a layout, its lockfile included. */
  public async complete(layout: Layout): Promise<Files> {
    const wanted = wantedBy(layout);
    const lock = wanted === undefined ? {} : { [join(wanted.folder, toolOf(wanted.manager).file)]: await this.of(wanted) };
    const files = { ...layout.files, ...lock };
    return layout.relock?.(files) ?? files;
  }

  /** Keeps the lockfiles of layouts for later runs, and no others. */
  public async keep(layouts: readonly Layout[]): Promise<void> {
    const kept = new Map<string, string>();
    for (const wanted of layouts.map(wantedBy)) {
      if (wanted !== undefined && !asksForNewest(wanted)) {
        kept.set(nameOf(wanted), await this.of(wanted));
      }
    }
    rmSync(KEPT, { recursive: true, force: true });
    write(KEPT, Object.fromEntries(kept));
  }

  private async of(wanted: Wanted): Promise<string> {
    const name = nameOf(wanted);
    if (!this.known.has(name)) {
      this.known.set(name, this.anew || asksForNewest(wanted) ? this.write(wanted) : this.kept(name));
    }
    return this.known.get(name)!;
  }

  private async kept(name: string): Promise<string> {
    const file = join(KEPT, name);
    if (!existsSync(file)) {
      throw new Error(`${file} is missing. Write the lockfiles of the layouts anew: npm run generate:lockfiles`);
    }
    return readFileSync(file, 'utf8');
  }

  private async write({ manifests, manager, folder }: Wanted): Promise<string> {
    const tool = toolOf(manager);
    const [, version] = manager.split('@');
    const directory = write(mkdtempSync(join(this.workplace, 'lock-')), manifests);
    const path = tool.package === undefined ? this.environment.PATH : `${await this.install(tool.package, version)}:${this.environment.PATH}`;
    try {
      await run('sh', ['-c', tool.command], { cwd: join(directory, folder), env: { ...this.environment, PATH: path }, timeout: 5 * 60_000, maxBuffer: 64e6 });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${tool.command}\n${`${stdout}${stderr}`.trim().split('\n').slice(-15).join('\n')}`);
    }
    const lockfile = readFileSync(join(directory, folder, tool.file), 'utf8');
    rmSync(directory, { recursive: true, force: true });
    return lockfile;
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
