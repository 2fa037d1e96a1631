import { asObject, asText, exists, readYaml } from './files';
import type { Lockfile } from './lockfile';
import type { Manifest } from './manifest';
import type { Refuse } from './refusal';

/** Every lockfile that is known, and who writes it; the first of one manager wins. */
export const LOCKFILES: { readonly [name: string]: string } = {
  'npm-shrinkwrap.json': 'npm',
  'package-lock.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
};

/** The pnpm that reads a format of its lockfile, where package.json pins none. */
const PNPM_OF_FORMAT: { readonly [format: string]: string } = { '6.0': '8.15.9', '9.0': '10.34.9' };
const YARN_CLASSIC = '1.22.22';
const BUN = '1.4.5';
/** npm writes lockfiles that `npm ci` then refuses, for want of the bundler's binaries of other platforms. */
const NPM_FLAGS = '--no-audit --no-fund';

/** How the provided Dockerfile speaks to a package manager; each command runs where the lockfile lies. */
export interface PackageManager {
  readonly name: string;
  /** Puts it into the base image, which has npm alone; npm itself needs nothing. */
  readonly setup?: string;
  /** Variables that each of its commands needs. */
  readonly environment: { readonly [name: string]: string };
  /** Installs exactly what is locked. */
  readonly install: string;
  /** Whether the lockfile is refused unless the manifest of every package of the workspace is there. */
  readonly wantsEveryManifest: boolean;
  /** Leaves only what the server needs; in the folders of the packages that were installed. */
  prune(folders: readonly string[], app: string): string;
  /** Runs a script of package.json. */
  run(script: string): string;
  /** Runs a program of a dependency. */
  exec(command: string): string;
}

/** Which of the lockfiles counts: the only one, or that of the package manager that package.json pins. */
export function chooseLockfile(refuse: Refuse, found: readonly string[], root: Manifest): string {
  const managers = new Set(found.map((name) => LOCKFILES[name]));
  if (managers.size === 1) {
    return found[0];
  }
  const pinned = root.packageManager?.name;
  const chosen = found.find((name) => LOCKFILES[name] === pinned);
  return chosen ?? refuse(`\`directory\` must hold the lockfile of one package manager, got: ${found.join(' and ')} in ${root.directory}`,
    `Delete the one that nobody writes any more, or pin the package manager in package.json, as in \`"packageManager": "${exampleOf(LOCKFILES[found[0]])}"\``);
}

function exampleOf(manager: string): string {
  return { npm: 'npm@11.6.2', pnpm: `pnpm@${PNPM_OF_FORMAT['9.0']}`, yarn: 'yarn@4.18.1', bun: `bun@${BUN}` }[manager] ?? manager;
}

/** The package manager of a lockfile, in the version that the app pins. */
export function packageManagerOf(refuse: Refuse, name: string, lockfile: Lockfile, root: Manifest): PackageManager {
  const manager = LOCKFILES[name];
  const pin = root.packageManager;
  const version = pin?.name === manager ? pin.version : undefined;
  switch (manager) {
    case 'pnpm': return pnpm(version ?? PNPM_OF_FORMAT[lockfile.format ?? ''] ?? refuse(
      `\`directory\` must pin the pnpm that wrote its pnpm-lock.yaml, got: format ${lockfile.format || 'unknown'} and ${pin ? `packageManager ${pin.written}` : 'no packageManager'} in ${root.directory}`,
      'Write `"packageManager": "pnpm@…"` into package.json, with what `pnpm --version` prints'));
    case 'yarn': return lockfile.format === undefined ? yarnClassic(version?.startsWith('1.') ? version : YARN_CLASSIC) : yarnBerry(refuse, version, root);
    case 'bun':
      return name === 'bun.lockb'
        ? refuse(`\`directory\` must hold a lockfile that can be read, got: bun.lockb in ${root.directory}`,
          'Run `bun install --save-text-lockfile --frozen-lockfile --lockfile-only` there, delete bun.lockb and commit bun.lock')
        : bun(version ?? BUN);
    default: return npm();
  }
}

function npm(): PackageManager {
  return {
    name: 'npm',
    environment: {},
    install: `npm ci ${NPM_FLAGS} || npm install ${NPM_FLAGS}`,
    prune: () => `npm prune --omit=dev ${NPM_FLAGS}`,
    run: (script) => `npm run ${script}`,
    exec: (command) => `npx ${command}`,
    wantsEveryManifest: false,
  };
}

function pnpm(version: string): PackageManager {
  return {
    name: 'pnpm',
    setup: `npm install --global ${NPM_FLAGS} pnpm@${version}`,
    // it asks before it takes packages away; pnpm 12 looks for itself in the lockfile, where it writes itself only sometimes;
    // 11 and later fail where an app has not said which dependencies may run scripts, 10 and earlier leave those out
    environment: { CI: 'true', pnpm_config_pm_on_fail: 'ignore', pnpm_config_strict_dep_builds: 'false' },
    install: 'pnpm install --frozen-lockfile',
    // what nobody needs stays for a week otherwise; `pnpm deploy` would take the files that are published, not those that are built
    prune: () => 'pnpm install --prod --frozen-lockfile --offline --ignore-scripts --config.modules-cache-max-age=0',
    run: (script) => `pnpm run ${script}`,
    exec: (command) => `pnpm exec ${command}`,
    wantsEveryManifest: false,
  };
}

function yarnClassic(version: string): PackageManager {
  return {
    name: 'yarn',
    // the base image has a Yarn that npm did not install
    setup: `npm install --global --force ${NPM_FLAGS} yarn@${version}`,
    environment: {},
    install: 'yarn install --frozen-lockfile',
    prune: () => 'yarn install --production --frozen-lockfile --ignore-scripts --prefer-offline',
    run: (script) => `yarn run ${script}`,
    exec: (command) => `yarn run ${command}`,
    wantsEveryManifest: false,
  };
}

function yarnBerry(refuse: Refuse, version: string | undefined, root: Manifest): PackageManager {
  const settings = exists(root.directory, '.yarnrc.yml') ? readYaml(refuse, root.directory, '.yarnrc.yml') : {};
  const release = /yarn-(\d+\.\d+\.\d+[^/]*)\.c?js$/.exec(asText(settings.yarnPath) ?? '')?.[1];
  const known = version ?? release ?? refuse(
    `\`directory\` must pin the Yarn that wrote its yarn.lock, got: ${root.packageManager ? `packageManager ${root.packageManager.written}` : 'no packageManager'} in ${root.directory}`,
    'Write `"packageManager": "yarn@…"` into package.json, with what `yarn --version` prints');
  const plugins = Array.isArray(settings.plugins) ? settings.plugins : [];
  if (/^[23]\./.test(known) && !plugins.some((plugin) => /workspace-tools/.test(asText(asObject(plugin)?.path) ?? asText(plugin) ?? ''))) {
    refuse(`\`directory\` must be installed by a Yarn that can leave build tools out, got: ${known} without the plugin workspace-tools in ${root.directory}`,
      'Run `yarn plugin import workspace-tools` there, or `yarn set version 4`');
  }
  return {
    name: 'yarn',
    setup: `npm install --global --force ${NPM_FLAGS} @yarnpkg/cli-dist@${known}`,
    // the server looks for its packages in node_modules
    environment: { YARN_NODE_LINKER: 'node-modules', YARN_ENABLE_GLOBAL_CACHE: 'true' },
    install: 'yarn install --immutable',
    prune: (_, app) => `${app ? `cd ${app} && ` : ''}YARN_ENABLE_SCRIPTS=0 yarn workspaces focus --production`,
    run: (script) => `yarn run ${script}`,
    exec: (command) => `yarn run ${command}`,
    wantsEveryManifest: true,
  };
}

function bun(version: string): PackageManager {
  return {
    name: 'bun',
    setup: `npm install --global ${NPM_FLAGS} bun@${version}`,
    environment: {},
    install: 'bun install --frozen-lockfile',
    // bun takes nothing away that is installed; scripts of the app may need what is left out
    prune: (folders) => `rm -rf ${folders.map((folder) => (folder ? `${folder}/node_modules` : 'node_modules')).join(' ')} && npm pkg delete scripts && bun install --frozen-lockfile --production`,
    run: (script) => `bun run ${script}`,
    exec: (command) => `bunx ${command}`,
    wantsEveryManifest: false,
  };
}
