import { readApp } from './support';
import { appDirectory, FLUE_2, newImage, PNPM_2, pnpmLock, removeFixtures, stagedDockerfile, type Files } from '../fixtures';

afterEach(removeFixtures);

const MANIFEST = { dependencies: { '@flue/runtime': '^2.0.0', 'hono': '^4.8.3' }, devDependencies: { '@flue/vite': '2.0.3', 'vite': '^8' } };
const manifest = (more: object = {}) => ({ 'package.json': JSON.stringify({ name: 'agents', ...MANIFEST, ...more }) });

const CLASSIC = `# yarn lockfile v1


"@flue/runtime@^2.0.0", "@flue/runtime@2.1.0":
  version "2.1.0"
  dependencies:
    hono "^4.0.0"

"@flue/vite@2.0.3":
  version "2.0.3"

hono@^4.0.0, hono@^4.8.3:
  version "4.13.19"

vite@^8:
  version "8.3.8"
`;
const BERRY = `__metadata:
  version: 8
  cacheKey: 10c0

"@flue/runtime@npm:^2.0.0, @flue/runtime@npm:2.1.0":
  version: 2.1.0
  resolution: "@flue/runtime@npm:2.1.0"

"@flue/vite@npm:2.0.3":
  version: 2.0.3

"hono@npm:^4.8.3":
  version: 4.13.19

"vite@npm:^8":
  version: 8.3.8

"agents@workspace:.":
  version: 0.0.0-use.local
`;
const BUN = `{
  "lockfileVersion": 1,
  "workspaces": {
    "": { "name": "agents", "dependencies": { "@flue/runtime": "^2.0.0", "hono": "^4.8.3", }, "devDependencies": { "@flue/vite": "2.0.3", "vite": "^8", }, },
  },
  "packages": {
    "@flue/runtime": ["@flue/runtime@2.1.0", "", {}, "sha512-x"],
    "@flue/vite": ["@flue/vite@2.0.3", "", {}, "sha512-x"],
    "hono": ["hono@4.13.19", "", {}, "sha512-x"],
    "vite": ["vite@8.3.8", "", {}, "sha512-x"],
  },
}
`;
const NPM = JSON.stringify({
  lockfileVersion: 3,
  packages: {
    '': MANIFEST, 'node_modules/@flue/runtime': { version: '2.1.0' }, 'node_modules/hono': { version: '4.13.19' }, 'node_modules/@flue/vite': { version: '2.0.3' }, 'node_modules/vite': { version: '8.3.8' },
  },
});
const LOCKS: readonly [name: string, files: Files, pin?: string][] = [
  ['package-lock.json', { 'package-lock.json': NPM }],
  ['npm-shrinkwrap.json', { 'npm-shrinkwrap.json': NPM }],
  ['pnpm-lock.yaml', { 'pnpm-lock.yaml': pnpmLock({ '.': MANIFEST }) }],
  ['pnpm-lock.yaml', {
    'pnpm-lock.yaml': 'lockfileVersion: \'6.0\'\nspecifiers:\n  "@flue/runtime": ^2.0.0\n  hono: ^4.8.3\n  "@flue/vite": 2.0.3\n  vite: ^8\n'
    + 'dependencies:\n  "@flue/runtime": 2.1.0(valibot@1.0.0)\n  hono: 4.13.19\ndevDependencies:\n  "@flue/vite": 2.0.3\n  vite: 8.3.8\n',
  }],
  ['yarn.lock', { 'yarn.lock': CLASSIC }],
  ['yarn.lock', { 'yarn.lock': BERRY }, 'yarn@4.18.1'],
  ['bun.lock', { 'bun.lock': BUN }],
];

describe.each(LOCKS)('%s', (name, files, packageManager) => {
  const app = (more: object = {}) => readApp(appDirectory({ ...manifest({ packageManager, ...more }), ...files }));

  test('tells the version of Flue, and agrees', () => {
    expect(app()).toMatchObject({ lockfile: name, flueMajor: 2 });
    expect(() => app().requireInstallable()).not.toThrow();
  });

  test('is said to be old when a dependency is missing from it, or has another range', () => {
    const added = app({ dependencies: { ...MANIFEST.dependencies, pg: '^8.16.0' } });
    expect(() => added.requireInstallable()).toThrow(new RegExp(`must have a ${name} that agrees with its package\\.json, got: pg@\\^8\\.16\\.0 is not locked in .+\\. Run \`\\w+ install\` there and commit the lockfile`));
    expect(() => app({ dependencies: { ...MANIFEST.dependencies, hono: '^5.0.0' } }).requireInstallable()).toThrow(/got: hono@\^5\.0\.0 is (not locked|locked as \^?4\.)/);
  });

  test('may say another version where package.json overrides it', () => {
    const overrides = { hono: '4.13.19' };
    const changed = { dependencies: { ...MANIFEST.dependencies, hono: '^5.0.0' } };
    expect(() => app({ ...changed, overrides, resolutions: overrides, pnpm: { overrides } }).requireInstallable()).not.toThrow();
  });
});

test('npm takes any locked version that is in the range, a prerelease too', () => {
  const files = { 'package-lock.json': NPM.replace('"node_modules/hono":{"version":"4.13.19"}', '"node_modules/hono":{"version":"4.9.0-beta.1"}') };
  expect(() => readApp(appDirectory({ ...manifest({ dependencies: { '@flue/runtime': 'latest', 'hono': '>=4 <5' } }), ...files })).requireInstallable()).not.toThrow();
  const aliased = { 'package-lock.json': NPM.replace('"node_modules/hono"', '"node_modules/web"') };
  expect(() => readApp(appDirectory({ ...manifest({ dependencies: { '@flue/runtime': '2.1.0', 'web': 'npm:hono@^4' } }), ...aliased })).requireInstallable()).not.toThrow();
  expect(() => readApp(appDirectory({ ...manifest({ dependencies: { '@flue/runtime': '2.1.0', 'web': 'npm:hono@^3' } }), ...aliased })).requireInstallable()).toThrow(/web@npm:hono@\^3 is locked as 4\.13\.19/);
});

test('pnpm may write of itself in a document of its own', () => {
  const own = 'lockfileVersion: "9.0"\nimporters:\n  .:\n    packageManagerDependencies:\n      pnpm: { specifier: 12.21.0, version: 12.21.0 }\n---\n';
  const app = readApp(appDirectory({ ...manifest(), 'pnpm-lock.yaml': own + pnpmLock({ '.': MANIFEST }) }));
  expect(() => app.requireInstallable()).not.toThrow();
  expect(app.flueMajor).toBe(2);
});

test('pnpm counts what is left over in its lockfile', () => {
  const files = { 'pnpm-lock.yaml': pnpmLock({ '.': { ...MANIFEST, dependencies: { ...MANIFEST.dependencies, pg: '8.0.0' } } }) };
  expect(() => readApp(appDirectory({ ...manifest(), ...files })).requireInstallable()).toThrow(/got: pg is locked and not in package\.json/);
  expect(() => readApp(appDirectory({ ...manifest(), ...files, '.pnpmfile.cjs': '' })).requireInstallable()).not.toThrow();
});

test.each(['@flue/vite', '@flue/cli'])('a locked %s 2.0.4 is refused, with a version that can be installed', (name) => {
  const dependencies = { '@flue/runtime': '2.0.3', [name]: '2.0.4' };
  const packages = { 'node_modules/@flue/runtime': { version: '2.0.3' }, [`node_modules/${name}`]: { version: '2.0.4' } };
  const app = readApp(appDirectory({ 'package.json': JSON.stringify({ dependencies }), 'package-lock.json': JSON.stringify({ packages }) }));
  expect(() => app.requireInstallable()).toThrow(new RegExp(`must lock a ${name} that can be installed, got: 2\\.0\\.4 in .+package-lock\\.json.+Run \`npm install --save-dev ${name}@2\\.0\\.3\``));
});

describe('two lockfiles', () => {
  const both: Files = { ...FLUE_2, 'pnpm-lock.yaml': PNPM_2['pnpm-lock.yaml'] };
  const pinned = (packageManager: unknown, more: object = {}) => ({ 'package.json': JSON.stringify({ ...JSON.parse(FLUE_2['package.json']), packageManager, ...more }) });

  test('are refused by their names', () => {
    expect(() => newImage(appDirectory(both))).toThrow(/must hold the lockfile of one package manager, got: package-lock\.json and pnpm-lock\.yaml in .+Delete the one that nobody writes any more, or pin .+"packageManager": "npm@/);
  });

  test.each(['pnpm@10.34.9', 'npm@11.6.2'])('are decided by the packageManager %s', (packageManager) => {
    const dockerfile = stagedDockerfile(newImage(appDirectory(both, pinned(packageManager))));
    expect(dockerfile).toContain(packageManager.startsWith('pnpm') ? 'RUN pnpm install --frozen-lockfile\n' : 'RUN npm ci ');
  });

  test('are decided by devEngines', () => {
    const app = readApp(appDirectory(both, pinned(undefined, { devEngines: { packageManager: { name: 'pnpm', version: '^11.0.0' } } })));
    expect(app.lockfile).toBe('pnpm-lock.yaml');
  });

  test('are refused when another package manager is pinned', () => {
    expect(() => newImage(appDirectory(both, pinned('yarn@4.0.0')))).toThrow(/package-lock\.json and pnpm-lock\.yaml/);
  });

  test('of one package manager are none', () => {
    expect(readApp(appDirectory(FLUE_2, { 'npm-shrinkwrap.json': FLUE_2['package-lock.json'] })).lockfile).toBe('npm-shrinkwrap.json');
    expect(readApp(appDirectory({ ...manifest(), 'bun.lock': BUN, 'bun.lockb': '' })).lockfile).toBe('bun.lock');
  });
});

describe('the package manager', () => {
  const dockerfileOf = (files: Files, more: object) => stagedDockerfile(newImage(appDirectory({ ...manifest(more), ...files })));

  test.each<[string, Files, string | undefined, string]>([
    ['the pinned pnpm', LOCKS[2][1], 'pnpm@9.15.9', 'npm install --global --no-audit --no-fund pnpm@9.15.9'],
    ['the pinned pnpm without its hash', LOCKS[2][1], 'pnpm@12.21.0+sha512.abc', 'pnpm@12.21.0\n'],
    ['a pnpm that reads format 9.0', LOCKS[2][1], undefined, 'pnpm@10.34.9\n'],
    ['a pnpm that reads format 6.0', LOCKS[3][1], undefined, 'pnpm@8.15.9\n'],
    ['Yarn 1', LOCKS[4][1], undefined, 'npm install --global --force --no-audit --no-fund yarn@1.22.22\n'],
    ['the pinned Yarn 4', LOCKS[5][1], 'yarn@4.18.1', '@yarnpkg/cli-dist@4.18.1\n'],
    ['the Yarn that is committed', { ...LOCKS[5][1], '.yarnrc.yml': 'yarnPath: .yarn/releases/yarn-4.9.2.cjs\n', '.yarn/releases/yarn-4.9.2.cjs': '' }, undefined, '@yarnpkg/cli-dist@4.9.2\n'],
    ['the pinned bun', LOCKS[6][1], 'bun@1.2.0', 'bun@1.2.0\n'],
  ])('is %s', (_, files, packageManager, line) => {
    expect(dockerfileOf(files, { packageManager })).toContain(line);
  });

  test.each<[string, Files, string | undefined, RegExp]>([
    ['a pnpm of an old format', { 'pnpm-lock.yaml': `lockfileVersion: 5.4\n${LOCKS[3][1]['pnpm-lock.yaml'].split('\n').slice(1).join('\n')}` }, undefined, /must pin the pnpm that wrote its pnpm-lock\.yaml, got: format 5\.4 and no packageManager/],
    ['a Yarn that nobody names', LOCKS[5][1], undefined, /must pin the Yarn that wrote its yarn\.lock, got: no packageManager in .+with what `yarn --version` prints/],
    ['a Yarn 3 without the plugin', LOCKS[5][1], 'yarn@3.8.7', /got: 3\.8\.7 without the plugin workspace-tools in .+`yarn plugin import workspace-tools`/],
    ['bun of a binary lockfile', { 'bun.lockb': '' }, undefined, /must hold a lockfile that can be read, got: bun\.lockb in .+--save-text-lockfile/],
  ])('is refused: %s', (_, files, packageManager, message) => {
    expect(() => dockerfileOf(files, { packageManager })).toThrow(message);
  });

  test('is Yarn 3 with the plugin', () => {
    const plugins = 'plugins:\n  - path: .yarn/plugins/@yarnpkg/plugin-workspace-tools.cjs\n    spec: "@yarnpkg/plugin-workspace-tools"\n';
    expect(dockerfileOf({ ...LOCKS[5][1], '.yarnrc.yml': plugins }, { packageManager: 'yarn@3.8.7' })).toContain('@yarnpkg/cli-dist@3.8.7');
  });

  test.each(LOCKS.map(([name, files, pin]) => [`${name} ${pin ?? ''}`, files, pin] as const))('is spoken to as recorded: %s', (_, files, packageManager) => {
    expect(dockerfileOf(files, { packageManager, scripts: { build: 'vite build' } })).toMatchSnapshot();
  });
});

describe('the base image', () => {
  const of = (engines: object | undefined) => readApp(appDirectory({ ...manifest({ engines }), 'package-lock.json': NPM })).nodeImage.split(':')[1];

  test.each<[string | undefined, string]>([
    [undefined, '22-slim'], ['>=22.19', '22-slim'], ['22', '22-slim'], ['22.x', '22-slim'], ['^22.18.0 || >=24', '22-slim'], ['*', '22-slim'],
    ['>=23', '24-slim'], ['^24.0.0', '24-slim'], ['>=26', '26-slim'], ['22.19.0', '22.19.0-slim'], ['22.18.0', '22.18.0-slim'], ['24.1.0', '24.1.0-slim'],
    ['~22.19.0', '22.19.0-slim'], ['22.20', '22.20.0-slim'], ['>=24.1 <24.5', '24.1.0-slim'],
  ])('for engines.node %p is %s', (node, tag) => {
    expect(of({ node })).toBe(tag);
  });

  test.each(['20.x', '<22', '>=27', '18', '23.x', '22.17.0', '~22.17.0', '>=22 <22.20', 'nonsense'])('is refused for engines.node %p', (node) => {
    expect(() => of({ node })).toThrow(/must accept a Node\.js that there is an image of, got: `engines\.node` .+ in .+package\.json\. Let it accept one of 22, 24, 26, .+NODE_IMAGE/);
  });

  test('is whatever the build argument says', () => {
    const image = newImage(appDirectory({ ...manifest({ engines: { node: '>=27' } }), 'package-lock.json': NPM }), { buildArgs: { NODE_IMAGE: 'node:27-slim' } });
    expect(stagedDockerfile(image)).toMatch(/^ARG NODE_IMAGE=public/);
  });
});
