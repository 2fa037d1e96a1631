import * as path from 'node:path';
import { defaultViteConfig, readFlueConfig, readViteConfig, viteConfigsIn, type AppConfig } from './app-config';
import { posixRelative } from './files';
import type { Manifest } from './manifest';
import type { PackageManager } from './package-manager';
import type { Refuse } from './refusal';
import { UNKNOWN } from './unknown-value';

/** What is said of the build in place of what the app says. */
export interface BuildOptions {
  readonly buildCommand?: string;
  readonly outputDirectory?: string;
}

/** How an app is built, and what of it runs. */
export interface AppBuild {
  /** Runs in the directory of the app. */
  readonly command: string;
  /** Directory that holds server.mjs afterwards, relative to the app. */
  readonly output: string;
  /** The configuration that the build reads. */
  readonly config: AppConfig;
}

interface Choice {
  readonly command: string;
  readonly config: AppConfig;
  /** Flags of the command that go before the configuration. */
  readonly flags: string;
}

const SERVER = 'server.mjs';

/** Decides how an app of a known major version of Flue is built for Node.js. */
export function decideBuild(refuse: Refuse, app: Manifest, flueMajor: number, manager: PackageManager, options: BuildOptions): AppBuild {
  const choice = flueMajor < 2 ? chooseFlueBuild(app, manager) : chooseViteBuild(refuse, app, manager, options);
  const output = options.outputDirectory === undefined ? outputOf(refuse, app, choice, flueMajor) : path.posix.normalize(options.outputDirectory).replace(/\/+$/, '');
  return { command: options.buildCommand ?? choice.command, output, config: choice.config };
}

/** What a script comes to, the scripts of the app that it runs included. */
export function expandScript(scripts: { readonly [name: string]: string }, name: string, seen: readonly string[] = []): string {
  const script = scripts[name] ?? '';
  return script.replace(/\b(?:(?:npm|pnpm|bun|yarn)(?: run)?|node --run) ([\w:.-]+)/g, (whole, inner: string) =>
    (inner in scripts && !seen.includes(inner) && inner !== name ? `${expandScript(scripts, inner, [...seen, name])}` : whole));
}

/** All that a command runs, with what a package manager runs before and after a script of the app. */
export function expandCommand(command: string, scripts: { readonly [name: string]: string }): string {
  const around = Object.entries(scripts).map(([name, script]) => [name, [scripts[`pre${name}`], script, scripts[`post${name}`]].filter((text) => text).join(' && ')]);
  return expandScript({ ...Object.fromEntries(around), '': command }, '');
}

function chooseFlueBuild(app: Manifest, manager: PackageManager): Choice {
  const config = readFlueConfig(app.directory);
  const forNode = (name: string): boolean => {
    const text = expandScript(app.scripts, name);
    const target = flagOf(text, ['--target']);
    return /\bflue build\b/.test(text) && (target === 'node' || target === undefined && config.target === 'node');
  };
  const build = expandScript(app.scripts, 'build');
  const isOwn = 'build' in app.scripts && (/\bflue build\b/.test(build) ? forNode('build') : !isElsewhere(build, ['vite']));
  const script = isOwn ? 'build' : scriptsBeside(app).find(forNode);
  return {
    command: script === undefined ? manager.exec('flue build --target node') : manager.run(script),
    config,
    flags: script === undefined ? '' : expandScript(app.scripts, script),
  };
}

function chooseViteBuild(refuse: Refuse, app: Manifest, manager: PackageManager, options: BuildOptions): Choice {
  const { directory, scripts } = app;
  const standard = defaultViteConfig(directory);
  const read = (file: string | undefined): AppConfig | undefined => readViteConfig(directory, file);
  const build = 'build' in scripts && !isElsewhere(expandScript(scripts, 'build')) ? expandScript(scripts, 'build') : undefined;
  const used = (build === undefined ? [standard] : viteConfigsOf(build, standard)).map(read).filter((config) => config !== undefined);
  const ofNode = used.find(({ target }) => target === 'node');
  const decided = ofNode ?? (build !== undefined && used.length === 0 ? read(standard) ?? read(undefined) : undefined);
  if (decided !== undefined && (decided.target === 'node' || options.buildCommand !== undefined)) {
    return { command: build === undefined ? manager.exec('vite build') : manager.run('build'), config: decided, flags: build ?? '' };
  }
  const others = viteConfigsIn(directory).map(read).filter((config) => config !== undefined);
  const node = others.filter(({ target }) => target === 'node');
  if (options.buildCommand !== undefined) {
    return { command: options.buildCommand, config: node[0] ?? others[0] ?? read(undefined)!, flags: options.buildCommand };
  }
  if (node.length !== 1) {
    const found = others.map(({ file, target }) => `${file} ${{ cloudflare: 'for Cloudflare', node: 'for Node.js', undecided: 'for a target that only running it tells' }[target]}`);
    return refuse(`\`directory\` must say how it is built for Node.js, got: ${found.join(' and ') || 'no vite.config with the plugin of @flue/vite'} in ${directory}`,
      node.length > 1 ? `Name the one in \`buildCommand\`, as in \`buildCommand: 'npx vite build --config ${node[0].file}'\``
        : 'Add a vite.node.config.ts with `plugins: [flue({ target: \'node\' })]`, or name the command in `buildCommand`');
  }
  const [{ file }] = node;
  const script = scriptsBeside(app).find((name) => viteConfigsOf(expandScript(scripts, name), standard).includes(file));
  return {
    command: script === undefined ? manager.exec(file === standard ? 'vite build' : `vite build --config ${file}`) : manager.run(script),
    config: node[0],
    flags: script === undefined ? '' : expandScript(scripts, script),
  };
}

/** Scripts that may build, those that say so by their name first. */
function scriptsBeside(app: Manifest): string[] {
  const names = Object.keys(app.scripts).filter((name) => name !== 'build' && /build/.test(name));
  return names.sort((a, b) => Number(/node|server/.test(b)) - Number(/node|server/.test(a)));
}

/** The configuration of each `vite build` in a command. */
function viteConfigsOf(command: string, standard: string | undefined): (string | undefined)[] {
  return [...command.matchAll(/\bvite build\b([^&|;]*)/g)].map(([, rest]) => flagOf(rest, ['--config', '-c'])?.replace(/^\.\//, '') ?? standard);
}

/** The value of a flag in a command. */
function flagOf(command: string, names: readonly string[]): string | undefined {
  const words = command.split(/[\s=]+/).map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));
  const index = words.findIndex((word) => names.includes(word));
  return index < 0 ? undefined : words[index + 1];
}

/** What only looks at the sources, or compiles them as they stand. */
const CHECKS = ['tsc', 'eslint', 'biome', 'prettier', 'oxlint', 'vitest', 'rimraf', 'rm', 'echo', 'true'];
/** What builds a web site, a library or a desktop app, and never the server of Flue. */
const OTHER_BUILDERS = [
  'next', 'nuxt', 'astro', 'svelte-kit', 'remix', 'react-router', 'vinxi', 'webpack', 'rollup', 'esbuild', 'tsup', 'tsdown', 'unbuild', 'parcel',
  'prisma', 'drizzle-kit', 'wrangler', 'electron-vite',
];

/** Whether nothing in a script builds the server, so that something else does; what nobody can tell may be it. */
function isElsewhere(script: string, further: readonly string[] = []): boolean {
  const names = script.split(/&&|\|\||;/).map((command) => command.trim()
    .replace(/^(?:(?:cross-env\s+)?(?:\w+=\S*\s+)*)(?:(?:npx|pnpm exec|pnpm dlx|bunx|yarn run)\s+)?/, '').split(/\s+/)[0]).filter((name) => name);
  return names.every((name) => CHECKS.includes(name) || OTHER_BUILDERS.includes(name) || further.includes(name));
}

function outputOf(refuse: Refuse, app: Manifest, { config, flags }: Choice, flueMajor: number): string {
  const flag = flagOf(flags, flueMajor < 2 ? ['--output'] : ['--outDir']);
  const root = flueMajor < 2 ? '' : typeof config.root === 'string' ? config.root : '';
  const output = flag === undefined ? config.output : posixRelative(app.directory, path.resolve(app.directory, root, flag));
  const where = config.file === undefined ? 'package.json' : config.file;
  if (output === UNKNOWN || output === undefined) {
    return refuse(`\`directory\` must name what its build leaves as plain text, got: ${flueMajor < 2 ? '`output` or `root`' : '`build.outDir` or `root`'} in ${path.join(app.directory, where)} that only running it tells`,
      `Name the directory with ${SERVER} in \`outputDirectory\`, as in \`outputDirectory: 'dist'\``);
  }
  if (output === '' || output.startsWith('..') || path.posix.isAbsolute(output)) {
    return refuse(`\`directory\` must hold what its build leaves, in a folder of its own, got: ${output || 'the directory itself'} from ${where}`,
      'Write a folder within the app there, such as `dist`');
  }
  return output;
}

/** Refuses names of directories and commands that no image can have. */
export function requireBuildOptions(refuse: Refuse, options: BuildOptions & { readonly command?: readonly string[] }): void {
  const { buildCommand, outputDirectory, command } = options;
  if (buildCommand !== undefined && (buildCommand.trim() === '' || /[\r\n]/.test(buildCommand))) {
    refuse(`\`buildCommand\` must be one line of shell, got: ${JSON.stringify(buildCommand)}`, 'Write it as in `npm run build:server`');
  }
  const normal = outputDirectory === undefined ? 'dist' : path.posix.normalize(outputDirectory).replace(/\/+$/, '');
  if (normal === '' || normal === '.' || normal.startsWith('..') || path.posix.isAbsolute(normal) || /[\s\\"'$]/.test(normal)) {
    refuse(`\`outputDirectory\` must be a folder within \`directory\`, got: ${outputDirectory || 'an empty string'}`,
      'Write it relative to `directory`, as in `dist`');
  }
  if (command !== undefined && (command.length === 0 || command.some((word) => word === ''))) {
    refuse(`\`command\` must name what starts the server, word by word, got: ${JSON.stringify(command)}`, 'Write it as in `[\'node\', \'dist/server.mjs\']`');
  }
}
