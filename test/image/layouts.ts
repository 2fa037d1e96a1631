import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { Files } from './fixtures';
import { FlueDockerfile, type FlueImageProps } from '../../src';

/** An app as people lay one out: what is in its repository, and what becomes of it. */
export interface Layout {
  readonly name: string;
  readonly files: Files;
  /** Folder of the app in the repository. */
  readonly folder?: string;
  /** Who writes the lockfile, as in `pnpm@9.15.9`; nobody where the files hold one. */
  readonly manager?: string;
  /** Folder of the lockfile in the repository. */
  readonly lockedIn?: string;
  /** What happens to the lockfile after it was written. */
  readonly relock?: (files: Files) => Files;
  readonly props?: Partial<FlueImageProps>;
  /** What synthesis refuses it with, and what makes it pass when the sentence is followed. */
  readonly refused?: { readonly message: RegExp; readonly follow: Change };
}

/** What somebody does who follows a sentence. */
export interface Change {
  /** `undefined` deletes a file. */
  readonly files?: { readonly [path: string]: string | undefined };
  readonly props?: Partial<FlueImageProps>;
}

const NPM = 'npm';
const PNPM = { 9: 'pnpm@9.15.9', 10: 'pnpm@10.34.9', 12: 'pnpm@12.21.0' };
const YARN_1 = 'yarn@1.22.22';
const YARN_4 = 'yarn@4.18.1';
const BUN = 'bun@1.4.5';

const json = (value: object): string => JSON.stringify(value, undefined, 2);
const below = (folder: string, files: Files): Files => Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]));

const APP_1 = `import { flue } from '@flue/runtime/routing';
import { Hono } from 'hono';
const app = new Hono();
app.get('/health', (c) => c.json({ ok: true }));
app.route('/', flue());
export default app;
`;
const agent1 = (define: string): string => `import { ${define}, type AgentRouteHandler } from '@flue/runtime';
export const route: AgentRouteHandler = async (_c, next) => next();
export default ${define}(() => ({ model: 'anthropic/claude-sonnet-4-6', instructions: 'Answer briefly.' }));
`;
const app2 = (more = '', from = './agents/assistant.ts'): string => `import { createAgentRouter } from '@flue/runtime/routing';
import { Hono } from 'hono';
import { Assistant } from '${from}';
${more}
const app = new Hono();
app.get('/health', (c) => c.json({ ok: true }));
app.route('/agents/assistant', createAgentRouter(Assistant));
export default app;
`;
const AGENT_2 = `'use agent';
import { useModel } from '@flue/runtime';

export function Assistant() {
  useModel('anthropic/claude-sonnet-4-6');
  return 'Answer briefly.';
}
`;
const flueConfig = (members: string): string => `import { defineConfig } from '@flue/cli/config';\n\nexport default defineConfig({ ${members} });\n`;
const viteConfig = (members = '', plugin = 'flue()'): string => `import { flue } from '@flue/vite';\nimport { defineConfig } from 'vite';\n\nexport default defineConfig({ plugins: [${plugin}]${members ? `, ${members}` : ''} });\n`;
const CLOUDFLARE = `import { cloudflare } from '@cloudflare/vite-plugin';
import { flue, flueWorkerConfig } from '@flue/vite';
import { defineConfig } from 'vite';

export default defineConfig({ plugins: [flue(), cloudflare({ config: flueWorkerConfig() })] });
`;

const manifest1 = (version: string, more: object = {}): string => json({
  name: 'agents',
  private: true,
  type: 'module',
  dependencies: { '@flue/runtime': version, 'hono': '^4.8.3', 'valibot': '^1.1.0' },
  devDependencies: { '@flue/cli': version },
  ...more,
});
const DEPENDENCIES_2 = { '@flue/runtime': '2.1.0', 'hono': '^4.8.3', 'valibot': '^1.1.0' };
const DEV_2 = { '@flue/vite': '2.0.3', 'vite': '^8.0.0' };
const manifest2 = (more: object = {}, dependencies: object = {}): string => json({
  name: 'agents', private: true, type: 'module', dependencies: { ...DEPENDENCIES_2, ...dependencies }, devDependencies: DEV_2, ...more,
});
const SOURCES_2: Files = { 'src/app.ts': app2(), 'src/agents/assistant.ts': AGENT_2 };
const APP_2: Files = { 'package.json': manifest2(), 'vite.config.ts': viteConfig(), ...SOURCES_2 };
const withScripts = (scripts: object, more: object = {}): Files => ({ ...APP_2, 'package.json': manifest2({ scripts, ...more }) });

/**
 * What leaves out the SDKs of model providers that an app does not use, half of the files that Flue brings. Layouts whose question is where
 * files lie have it; those of the package managers install everything.
 */
const UNUSED = Object.fromEntries(['@aws-sdk/client-bedrock-runtime', '@google/genai', '@mistralai/mistralai', 'openai'].map((name) => [name, 'npm:empty-npm-package@1.0.0']));
const pnpmWorkspace = (...packages: readonly string[]): string => `${json({ packages, overrides: UNUSED })}\n`;

/** A workspace with what an app needs and what it does not. */
const workspace = (range: string, root: object, tsconfig = '{ "compilerOptions": { "strict": true } }\n'): Files => ({
  'package.json': json({ name: 'repository', private: true, ...root }),
  'tsconfig.base.json': tsconfig,
  ...below('apps/agents', {
    ...APP_2,
    'package.json': manifest2({}, { '@acme/greeting': range }),
    'src/app.ts': app2('import { greeting } from \'@acme/greeting\';\nif (greeting() !== \'hello\') throw new Error(\'no greeting\');'),
    'tsconfig.json': '{ "extends": "../../tsconfig.base.json" }\n',
  }),
  ...below('packages/words', { 'package.json': json({ name: '@acme/words', version: '1.0.0', type: 'module', main: 'index.js' }), 'index.js': 'export const hello = \'hello\';\n' }),
  ...below('packages/other', { 'package.json': json({ name: '@acme/other', version: '1.0.0' }), 'index.js': '' }),
  ...below('packages/greeting', {
    'package.json': json({
      name: '@acme/greeting',
      version: '1.0.0',
      type: 'module',
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      scripts: { build: 'node build.mjs' },
      dependencies: { '@acme/words': range },
    }),
    'build.mjs': 'import { cpSync, mkdirSync } from \'node:fs\';\nmkdirSync(\'dist\', { recursive: true });\ncpSync(\'source.js\', \'dist/index.js\');\n',
    'source.js': 'import { hello } from \'@acme/words\';\nexport const greeting = () => hello;\n',
  }),
});
const BUILT: Files = { 'packages/greeting/dist/index.js': 'import { hello } from \'@acme/words\';\nexport const greeting = () => hello;\n' };
const GLOBS = { workspaces: ['apps/*', 'packages/*'] };

/** A lockfile as it is on a machine whose npm left the binaries of other platforms out. */
function withoutOtherPlatforms(files: Files): Files {
  const lock = JSON.parse(files['package-lock.json']) as { packages: { [path: string]: { os?: string[] } } };
  const others = Object.entries(lock.packages).filter(([, { os }]) => os !== undefined && !os.includes('linux'));
  others.forEach(([path]) => delete lock.packages[path]);
  return { ...files, 'package-lock.json': json(lock) };
}

const locked = (packages: { readonly [name: string]: string }): string => json({
  lockfileVersion: 3, packages: Object.fromEntries(Object.entries(packages).map(([name, version]) => [`node_modules/${name}`, { version }])),
});
const LOCKED_2 = { '@flue/runtime': '2.1.0', 'hono': '4.13.19', 'valibot': '1.5.0', '@flue/vite': '2.0.3', 'vite': '8.3.8' };
const PNPM_LOCK = json({
  lockfileVersion: '9.0',
  importers: {
    '.': {
      dependencies: Object.fromEntries(Object.entries(DEPENDENCIES_2).map(([name, specifier]) => [name, { specifier, version: '2.1.0' }])),
      devDependencies: Object.fromEntries(Object.entries(DEV_2).map(([name, specifier]) => [name, { specifier, version: '2.0.3' }])),
    },
  },
});
const REFUSED: Files = { ...APP_2, 'package-lock.json': locked(LOCKED_2) };

/** Layouts of public repositories, rebuilt in a few lines each. */
export const LAYOUTS: readonly Layout[] = [
  {
    name: '0.10, src/, npm',
    manager: NPM,
    files: { 'package.json': manifest1('0.10.2'), 'flue.config.ts': flueConfig('target: \'node\''), 'src/app.ts': APP_1, 'src/agents/assistant.ts': agent1('createAgent') },
  },
  {
    name: '1.0 beta, .flue/, another output, pnpm 10',
    manager: PNPM[10],
    files: { 'package.json': manifest1('1.0.0-beta.9'), 'flue.config.ts': flueConfig('target: \'node\', output: \'./.flue-dist\''), '.flue/app.ts': APP_1, '.flue/agents/assistant.ts': agent1('defineAgent') },
  },
  {
    name: '1.0 beta, root, a script for Cloudflare, pnpm 10',
    manager: PNPM[10],
    files: {
      'package.json': manifest1('1.0.0-beta.9', { scripts: { build: 'flue build --target cloudflare' } }),
      'flue.config.ts': flueConfig('root: \'./server\''),
      'server/src/app.ts': APP_1,
      'server/src/agents/assistant.ts': agent1('defineAgent'),
    },
  },
  { name: '2.0, src/, npm', manager: NPM, files: { ...APP_2, 'package.json': manifest2({}, { '@flue/runtime': '2.0.3' }) } },
  {
    name: '2.1, sources at the root, binaries of one platform locked, npm',
    manager: NPM,
    relock: withoutOtherPlatforms,
    files: { 'package.json': manifest2({ overrides: UNUSED }), 'vite.config.ts': viteConfig(), 'app.ts': app2(), 'agents/assistant.ts': AGENT_2 },
  },
  { name: 'newest, src/, npm', manager: NPM, files: { ...APP_2, 'package.json': json({ name: 'agents', private: true, type: 'module', dependencies: { '@flue/runtime': 'latest', 'hono': '^4', 'valibot': '^1' }, devDependencies: { '@flue/vite': 'latest', 'vite': '^8' } }) } },
  { name: '2.1, pnpm 9', manager: PNPM[9], files: { ...APP_2, 'package.json': manifest2({ packageManager: PNPM[9] }) } },
  { name: '2.1, pnpm 10 that nobody pins', manager: PNPM[10], files: APP_2 },
  { name: '2.1, pnpm 12', manager: PNPM[12], files: { ...APP_2, 'package.json': manifest2({ packageManager: PNPM[12] }) } },
  { name: '2.1, Yarn 1', manager: YARN_1, files: APP_2 },
  { name: '2.1, Yarn 4 with Plug\'n\'Play', manager: YARN_4, files: { ...APP_2, 'package.json': manifest2({ packageManager: YARN_4 }) } },
  { name: '2.1, bun', manager: BUN, files: APP_2 },
  {
    name: 'a package of a pnpm workspace, what it needs built before',
    manager: PNPM[10],
    folder: 'apps/agents',
    files: { ...workspace('workspace:*', {}), ...BUILT, 'pnpm-workspace.yaml': pnpmWorkspace('apps/*', 'packages/*') },
  },
  {
    name: 'a package of a pnpm workspace, nothing built',
    manager: PNPM[12],
    folder: 'apps/agents',
    files: { ...workspace('workspace:^', { packageManager: PNPM[12] }), 'pnpm-workspace.yaml': pnpmWorkspace('apps/*', 'packages/*') },
  },
  { name: 'a package of an npm workspace, nothing built', manager: NPM, folder: 'apps/agents', files: workspace('^1.0.0', { ...GLOBS, overrides: UNUSED }) },
  { name: 'a package of a Yarn workspace', manager: YARN_4, folder: 'apps/agents', files: workspace('workspace:^', { ...GLOBS, packageManager: YARN_4, resolutions: UNUSED }) },
  {
    name: 'the root of a workspace that names itself, pnpm',
    manager: PNPM[10],
    files: {
      ...APP_2,
      'package.json': manifest2({}, { '@acme/words': 'workspace:*' }),
      'pnpm-workspace.yaml': pnpmWorkspace('.', 'packages/*'),
      ...Object.fromEntries(Object.entries(workspace('workspace:*', {})).filter(([name]) => name.startsWith('packages/words/') || name.startsWith('packages/other/'))),
    },
  },
  {
    name: 'a folder beside the app, npm',
    manager: NPM,
    folder: 'agents',
    lockedIn: 'agents',
    files: {
      ...below('agents', { ...APP_2, 'package.json': manifest2({ overrides: UNUSED }, { '@acme/words': 'file:../words' }), 'src/app.ts': app2('import { hello } from \'@acme/words\';\nif (!hello) throw new Error(\'no word\');') }),
      ...below('words', { 'package.json': json({ name: '@acme/words', version: '1.0.0', type: 'module', main: 'index.js' }), 'index.js': 'export const hello = \'hello\';\n' }),
    },
  },
  { name: 'two lockfiles, packageManager decides', manager: PNPM[10], files: { ...withScripts({ build: 'vite build' }, { packageManager: PNPM[10] }), 'package-lock.json': '{}' } },
  { name: 'Cloudflare and Node.js side by side', manager: PNPM[10], files: { ...withScripts({ build: 'vite build' }), 'vite.config.ts': CLOUDFLARE, 'vite.node.config.ts': viteConfig() } },
  {
    name: 'another database module and another folder',
    manager: PNPM[10],
    files: { ...APP_2, 'vite.config.ts': viteConfig('build: { outDir: \'build/server\' }', 'flue({ db: \'src/db.node.ts\' })'), 'src/db.node.ts': 'import { sqlite } from \'@flue/runtime/node\';\nexport default sqlite(\':memory:\');\n' },
  },
  {
    name: 'a build script that makes a UI too',
    manager: PNPM[10],
    files: {
      ...withScripts({ 'build': 'pnpm run build:server && pnpm run build:ui', 'build:server': 'vite build', 'build:ui': 'node ui.mjs' }),
      'ui.mjs': 'import { mkdirSync, writeFileSync } from \'node:fs\';\nmkdirSync(\'dist/ui\', { recursive: true });\nwriteFileSync(\'dist/ui/index.html\', \'<p>hello</p>\');\n',
      'src/app.ts': app2('import { existsSync } from \'node:fs\';\nif (!existsSync(\'dist/ui/index.html\')) throw new Error(\'no UI\');'),
    },
  },
  { name: 'engines of Node.js 24, on ARM', manager: PNPM[10], props: { cpuArchitecture: CpuArchitecture.ARM64 }, files: { ...APP_2, 'package.json': manifest2({ engines: { node: '>=22.19 <23 || >=24' } }) } },
  { name: 'the Dockerfile of a sandbox beside the app', manager: PNPM[10], props: { dockerfile: FlueDockerfile.provided() }, files: { ...APP_2, Dockerfile: 'FROM docker.io/library/debian:12\nRUN true\n' } },
  {
    name: 'a desktop app with a server',
    manager: PNPM[10],
    props: { buildCommand: 'pnpm run build:server', outputDirectory: 'out/server', command: ['node', '--enable-source-maps', 'out/server/server.mjs'] },
    files: { ...withScripts({ 'build': 'electron-builder', 'build:server': 'vite build' }), 'vite.config.ts': viteConfig('build: { outDir: process.env.OUT ?? \'out/server\' }') },
  },

  {
    name: 'two lockfiles, nobody decides',
    files: { ...REFUSED, 'pnpm-lock.yaml': PNPM_LOCK },
    refused: { message: /the lockfile of one package manager, got: package-lock\.json and pnpm-lock\.yaml/, follow: { files: { 'package-lock.json': undefined } } },
  },
  {
    name: 'a lockfile of npm older than package.json',
    files: { ...REFUSED, 'package.json': manifest2({}, { pg: '^8.16.0' }) },
    refused: { message: /package-lock\.json that agrees with its package\.json, got: pg@\^8\.16\.0 is not locked/, follow: { files: { 'package-lock.json': locked({ ...LOCKED_2, pg: '8.23.1' }) } } },
  },
  {
    name: 'a lockfile of pnpm older than package.json',
    files: { ...APP_2, 'package.json': manifest2({}, { hono: '^4.9.0' }), 'pnpm-lock.yaml': PNPM_LOCK },
    refused: { message: /pnpm-lock\.yaml that agrees with its package\.json, got: hono@\^4\.9\.0 is locked as \^4\.8\.3/, follow: { files: { 'pnpm-lock.yaml': PNPM_LOCK.replace('^4.8.3', '^4.9.0') } } },
  },
  {
    name: 'a @flue/vite that cannot be installed',
    files: { ...APP_2, 'package.json': manifest2({ devDependencies: { ...DEV_2, '@flue/vite': '^2.0.3' } }), 'package-lock.json': locked({ ...LOCKED_2, '@flue/vite': '2.0.4' }) },
    refused: { message: /a @flue\/vite that can be installed, got: 2\.0\.4/, follow: { files: { 'package-lock.json': locked(LOCKED_2) } } },
  },
  {
    name: 'a binary lockfile of bun',
    files: { ...APP_2, 'bun.lockb': '\0' },
    refused: {
      message: /a lockfile that can be read, got: bun\.lockb/,
      follow: { files: { 'bun.lockb': undefined, 'bun.lock': json({ workspaces: { '': { dependencies: DEPENDENCIES_2, devDependencies: DEV_2 } }, packages: { '@flue/runtime': ['@flue/runtime@2.1.0'] } }) } },
    },
  },
  {
    name: 'Cloudflare alone',
    files: { ...REFUSED, 'vite.config.ts': CLOUDFLARE },
    refused: { message: /how it is built for Node\.js, got: vite\.config\.ts for Cloudflare/, follow: { files: { 'vite.node.config.ts': viteConfig() } } },
  },
  {
    name: 'an output that only running the configuration tells',
    files: { ...REFUSED, 'vite.config.ts': viteConfig('build: { outDir: process.env.OUT }') },
    refused: { message: /what its build leaves as plain text, got: `build\.outDir` or `root`/, follow: { props: { outputDirectory: 'dist' } } },
  },
  {
    name: 'engines without an image',
    files: { ...REFUSED, 'package.json': manifest2({ engines: { node: '^20.0.0' } }) },
    refused: { message: /a Node\.js that there is an image of, got: `engines\.node` \^20\.0\.0/, follow: { files: { 'package.json': manifest2({ engines: { node: '>=22.18' } }) } } },
  },
  {
    name: 'a lockfile above that does not list the app',
    folder: 'server',
    files: { ...below('server', APP_2), 'package.json': json({ name: 'repository' }), 'package-lock.json': locked(LOCKED_2) },
    refused: { message: /must hold a lockfile, got: none of .+ and package-lock\.json in .+, which does not list it/, follow: { files: { 'package.json': json({ name: 'repository', workspaces: ['server'] }) } } },
  },
  {
    name: 'a Yarn that nobody names',
    files: { ...APP_2, 'yarn.lock': `__metadata:\n  version: 8\n\n${Object.entries({ ...DEPENDENCIES_2, ...DEV_2 }).map(([name, range]) => `"${name}@npm:${range}":\n  version: 2.0.0\n`).join('\n')}` },
    refused: { message: /must pin the Yarn that wrote its yarn\.lock/, follow: { files: { 'package.json': manifest2({ packageManager: YARN_4 }) } } },
  },
];
