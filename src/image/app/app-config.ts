import * as fs from 'node:fs';
import * as path from 'node:path';
import { exists, isDirectory, posixRelative, readText } from './files';
import { Call, memberOf, StaticModule } from './static-module';
import { UNKNOWN } from './unknown-value';

const SCRIPT = ['ts', 'mts', 'mjs', 'js', 'cjs', 'cts'];
/** The order in which Vite looks. */
const VITE = ['js', 'mjs', 'ts', 'cjs', 'mts', 'cts'].map((extension) => `vite.config.${extension}`);
const FLUE_PLUGIN = '@flue/vite';
const CLOUDFLARE_PLUGIN = '@cloudflare/vite-plugin';

/** What a configuration is for; `undecided` where only running it could tell. */
export type Target = 'node' | 'cloudflare' | 'undecided';

/** A path that a configuration names; `UNKNOWN` where only running it could tell. */
export type ConfiguredPath = string | undefined | typeof UNKNOWN;

/** One flue.config or vite.config of an app, with what goes without saying. */
export interface AppConfig {
  /** Name in the directory of the app; undefined where there is no file, and the defaults hold. */
  readonly file?: string;
  readonly target: Target;
  /** Directory of the sources, relative to the app. */
  readonly root: ConfiguredPath;
  /** What the build leaves, relative to the app. */
  readonly output: ConfiguredPath;
  /** The module with the routes, relative to the app; undefined for `app` in the source directory. */
  readonly app: ConfiguredPath;
  /** The module with the persistence, relative to the app; undefined for `db` in the source directory. */
  readonly db: ConfiguredPath;
  /** Files that it imports from elsewhere than a package. */
  readonly imports: readonly string[];
}

/** What `flue build` of 0.x and 1.x reads. */
export function readFlueConfig(directory: string): AppConfig {
  const file = flueConfigIn(directory);
  const config = file === undefined ? {} : exportOf(directory, file);
  const root = located(directory, directory, memberOf(config, 'root')) ?? '';
  const target = memberOf(config, 'target');
  return {
    file,
    target: targetOf(target, 'undecided'),
    root,
    output: located(directory, directory, memberOf(config, 'output')) ?? (root === UNKNOWN ? UNKNOWN : path.posix.join(root, 'dist')),
    app: undefined,
    db: undefined,
    imports: file === undefined ? [] : importsOf(directory, file),
  };
}

/** What `vite build` of 2.x reads with a configuration: the plugin's options over the flue.config in the root of the project. */
export function readViteConfig(directory: string, file: string | undefined): AppConfig | undefined {
  const module = file === undefined ? undefined : moduleOf(directory, file);
  const flue = module?.callsOf(FLUE_PLUGIN).calls[0];
  if (file !== undefined && module !== undefined && flue === undefined && !module.specifiers.some((name) => name.startsWith('.'))) {
    return undefined;
  }
  const config = file === undefined ? {} : module === undefined ? UNKNOWN : module.exported;
  const root = located(directory, directory, memberOf(config, 'root')) ?? '';
  const project = root === UNKNOWN ? undefined : path.join(directory, root);
  const flueFile = project === undefined ? undefined : flueConfigIn(project);
  const inFile = project === undefined || flueFile === undefined ? {} : exportOf(project, flueFile);
  const inline = flue === undefined ? (module === undefined ? {} : UNKNOWN) : flue.args.length === 0 ? {} : flue.args[0];
  const option = (name: string): unknown => {
    const value = memberOf(inline, name);
    return value === undefined || value === UNKNOWN && file === undefined ? memberOf(inFile, name) : value;
  };
  const cloudflare = module?.callsOf(CLOUDFLARE_PLUGIN);
  const build = memberOf(config, 'build');
  const outDir = build === undefined ? undefined : memberOf(build, 'outDir');
  const detected = cloudflare === undefined || cloudflare.calls.length === 0 ? 'node' : cloudflare.always ? 'cloudflare' : 'undecided';
  return {
    file,
    target: targetOf(option('target'), detected),
    root,
    output: project === undefined ? UNKNOWN : located(directory, project, outDir) ?? posixRelative(directory, path.join(project, 'dist')),
    app: project === undefined ? UNKNOWN : located(directory, project, option('app')),
    db: project === undefined ? UNKNOWN : located(directory, project, option('db')),
    imports: [...file === undefined ? [] : importsOf(directory, file), ...flueFile === undefined ? [] : importsOf(project!, flueFile)],
  };
}

/** The configuration that Vite takes by itself. */
export function defaultViteConfig(directory: string): string | undefined {
  return VITE.find((name) => exists(directory, name));
}

/** Every configuration of Vite in a directory, the default first. */
export function viteConfigsIn(directory: string): string[] {
  const first = defaultViteConfig(directory);
  const others = fs.readdirSync(directory).filter((name) => /^vite\.(?:[\w-]+\.config|config\.[\w-]+)\.[cm]?[jt]s$/.test(name)).sort();
  return [...first === undefined ? [] : [first], ...others.filter((name) => !VITE.includes(name))];
}

/** The directory of the sources that Flue takes, relative to the app. */
export function sourceFolder(directory: string, root: ConfiguredPath): string {
  const base = typeof root === 'string' ? root : '';
  const found = ['.flue', 'src'].find((name) => isDirectory(path.join(directory, base, name)));
  return found === undefined ? base : path.posix.join(base, found);
}

function flueConfigIn(directory: string): string | undefined {
  return SCRIPT.map((extension) => `flue.config.${extension}`).find((name) => exists(directory, name));
}

function moduleOf(directory: string, file: string): StaticModule | undefined {
  try {
    return new StaticModule(path.join(directory, file), readText(path.join(directory, file)));
  } catch {
    return undefined;
  }
}

function exportOf(directory: string, file: string): unknown {
  return moduleOf(directory, file)?.exported ?? UNKNOWN;
}

function importsOf(directory: string, file: string): string[] {
  return (moduleOf(directory, file)?.specifiers ?? []).filter((name) => name.startsWith('.'))
    .flatMap((name) => ['', '.ts', '.js', '.mts', '.mjs'].map((extension) => path.resolve(directory, name + extension)))
    .filter((candidate) => fs.statSync(candidate, { throwIfNoEntry: false })?.isFile());
}

function targetOf(written: unknown, detected: Target): Target {
  return written === 'node' || written === 'cloudflare' ? written : written === UNKNOWN || written instanceof Call ? 'undecided' : detected;
}

/** A path that is written relative to `from`, relative to the directory of the app. */
function located(directory: string, from: string, written: unknown): ConfiguredPath {
  return typeof written === 'string' ? posixRelative(directory, path.resolve(from, written)) : written === undefined || written === null ? undefined : UNKNOWN;
}
