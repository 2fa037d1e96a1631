import { readApp } from './support';
import { warnOfDatabase, warnOfHealthRoute } from '../../../src/image/app-warnings';
import { appDirectory, FLUE_0, FLUE_2, newImage, PNPM_2, removeFixtures, stagedDockerfile, stagedFiles, warningIdsOf, type Files } from '../fixtures';

afterEach(removeFixtures);

const scripted = (base: Files, scripts: object, more: Files = {}): string => appDirectory(base, { 'package.json': JSON.stringify({ ...JSON.parse(base['package.json']), scripts }), ...more });
const buildOf = (directory: string, options: object = {}) => {
  const { command, output } = readApp(directory, options).build;
  return [command, output];
};
const flueConfig = (members: string): Files => ({ 'flue.config.ts': `import { defineConfig } from '@flue/cli/config';\nexport default defineConfig({ ${members} });\n` });
const vite = (members: string, imports = ''): string => `import { flue } from '@flue/vite';\nimport { defineConfig } from 'vite';\n${imports}\nexport default defineConfig({ ${members} });\n`;
const FOR_NODE = vite('plugins: [flue()]');
const FOR_CLOUDFLARE = vite('plugins: [flue(), cloudflare({ config: flueWorkerConfig() })]', 'import { cloudflare } from \'@cloudflare/vite-plugin\';');

describe('an app before 2.0', () => {
  test.each<[string, object, Files, string[]]>([
    ['without a script', {}, {}, ['npx flue build --target node', 'dist']],
    ['with a script', { build: 'flue build --target node && cp -r ui dist/ui' }, {}, ['npm run build', 'dist']],
    ['with a script of another tool', { build: 'turbo build' }, {}, ['npm run build', 'dist']],
    ['with a script that only looks', { build: 'tsc --noEmit && eslint .' }, {}, ['npx flue build --target node', 'dist']],
    ['with a script that only looks, and one that builds', { 'build': 'tsc', 'flue:build': 'flue build --target node --output .flue-dist' }, {}, ['npm run flue:build', '.flue-dist']],
    ['beside a web site', { 'build': 'NODE_ENV=production next build', 'flue:build': 'flue build' }, flueConfig('target: \'node\''), ['npm run flue:build', 'dist']],
    ['beside a web site, without a script', { build: 'vite build' }, {}, ['npx flue build --target node', 'dist']],
    ['beside a web site, in one script', { build: 'next build && flue build --target node' }, {}, ['npm run build', 'dist']],
    ['with a script that nobody can look into', { 'build': 'vite build && node scripts/flue.mjs', 'flue:build': 'flue build --target node' }, {}, ['npm run build', 'dist']],
    ['with a script for the target of its configuration', { build: 'flue build' }, flueConfig('target: \'node\''), ['npm run build', 'dist']],
    ['with an output', {}, flueConfig('output: \'./.flue-dist\''), ['npx flue build --target node', '.flue-dist']],
    ['with a root', {}, flueConfig('root: \'./server\''), ['npx flue build --target node', 'server/dist']],
    ['with a root and an output, which does not begin there', {}, flueConfig('root: \'server\', output: \'out\''), ['npx flue build --target node', 'out']],
    ['with an output among the flags', { build: 'flue build --target node --output build' }, {}, ['npm run build', 'build']],
    ['for Cloudflare', { build: 'flue build --target cloudflare' }, {}, ['npx flue build --target node', 'dist']],
    ['for Cloudflare by its configuration', { build: 'flue build' }, flueConfig('target: \'cloudflare\''), ['npx flue build --target node', 'dist']],
    ['for both', { 'build': 'flue build --target cloudflare', 'build:worker': 'flue build --target cloudflare', 'build:node': 'npm run ui && flue build --target node', 'ui': 'vite build' }, {}, ['npm run build:node', 'dist']],
    ['with scripts in scripts', { 'build': 'npm run build:ui && npm run build:server', 'build:ui': 'tsc', 'build:server': 'flue build --target=node --output=out' }, {}, ['npm run build', 'out']],
    ['with scripts that run each other', { build: 'npm run again', again: 'npm run build' }, {}, ['npm run build', 'dist']],
  ])('%s', (_, scripts, files, expected) => {
    expect(buildOf(scripted(FLUE_0, scripts, files))).toEqual(expected);
  });
});

describe('an app since 2.0', () => {
  test.each<[string, object, Files, string[]]>([
    ['without a script', {}, { 'vite.config.ts': FOR_NODE }, ['npx vite build', 'dist']],
    ['with a script', { build: 'vite build && node patch.mjs' }, { 'vite.config.ts': FOR_NODE }, ['npm run build', 'dist']],
    ['with an output', {}, { 'vite.config.mts': vite('plugins: [flue()], build: { outDir: \'build/server\' }') }, ['npx vite build', 'build/server']],
    ['with a root, where the output is', {}, { 'vite.config.ts': vite('root: \'server\', plugins: [flue()]'), 'server/src/app.ts': '' }, ['npx vite build', 'server/dist']],
    ['with a root by __dirname', {}, { 'vite.config.ts': vite('root: path.join(__dirname, \'server\'), plugins: [flue()], build: { outDir: \'../out\' }') }, ['npx vite build', 'out']],
    ['with an output among the flags', { build: 'vite build --outDir build' }, { 'vite.config.ts': FOR_NODE }, ['npm run build', 'build']],
    ['for Cloudflare, and for Node.js beside it', { build: 'vite build' }, { 'vite.config.ts': FOR_CLOUDFLARE, 'vite.node.config.ts': FOR_NODE }, ['npx vite build --config vite.node.config.ts', 'dist']],
    ['for Cloudflare without a script, and for Node.js beside it', {}, { 'vite.config.ts': FOR_CLOUDFLARE, 'vite.config.node.ts': FOR_NODE }, ['npx vite build --config vite.config.node.ts', 'dist']],
    ['for both, with a script', { 'build': 'vite build', 'build:node': 'vite build -c vite.node.config.ts' }, { 'vite.config.ts': FOR_CLOUDFLARE, 'vite.node.config.ts': FOR_NODE }, ['npm run build:node', 'dist']],
    ['for both in one script', { build: 'vite build && vite build --config ./vite.node.config.ts' }, { 'vite.config.ts': FOR_CLOUDFLARE, 'vite.node.config.ts': vite('plugins: [flue()], build: { outDir: "out" }') }, ['npm run build', 'out']],
    ['with a UI that has a configuration of its own', { build: 'vite build -c vite.ui.config.ts && vite build' }, { 'vite.config.ts': FOR_NODE, 'vite.ui.config.ts': 'export default { build: { outDir: \'dist/ui\' } }' }, ['npm run build', 'dist']],
    ['for a target that is written', {}, { 'vite.config.ts': vite('plugins: [flue({ target: \'node\' }), ...(process.env.CF ? [cloudflare()] : [])]', 'import { cloudflare } from \'@cloudflare/vite-plugin\';') }, ['npx vite build', 'dist']],
    ['for a target in flue.config', {}, { 'vite.config.ts': FOR_CLOUDFLARE, 'flue.config.ts': 'export default { target: \'node\' }' }, ['npx vite build', 'dist']],
    ['beside a web site', { build: 'cross-env CI=1 next build' }, { 'vite.config.ts': FOR_NODE }, ['npx vite build', 'dist']],
    ['with a script that nobody can look into', { build: 'node build.mjs' }, { 'vite.config.ts': FOR_NODE }, ['npm run build', 'dist']],
  ])('%s', (_, scripts, files, expected) => {
    expect(buildOf(scripted(FLUE_2, scripts, files))).toEqual(expected);
  });

  test('is built by its own package manager', () => {
    expect(buildOf(appDirectory(PNPM_2))).toEqual(['pnpm exec vite build', 'dist']);
  });
});

describe('is refused', () => {
  test.each<[string, Files, Files, RegExp]>([
    ['an app for Cloudflare alone', FLUE_2, { 'vite.config.ts': FOR_CLOUDFLARE }, /must say how it is built for Node\.js, got: vite\.config\.ts for Cloudflare in .+Add a vite\.node\.config\.ts with `plugins: \[flue\(\{ target: 'node' \}\)\]`/],
    ['an app with two configurations for Node.js', FLUE_2, { 'vite.config.ts': FOR_CLOUDFLARE, 'vite.a.config.ts': FOR_NODE, 'vite.b.config.ts': FOR_NODE },
      /got: vite\.config\.ts for Cloudflare and vite\.a\.config\.ts for Node\.js and vite\.b\.config\.ts for Node\.js in .+`buildCommand: 'npx vite build --config vite\.a\.config\.ts'`/],
    ['an app whose target only running it tells', FLUE_2, { 'vite.config.ts': vite('plugins: [flue(), process.env.CF && cloudflare()]', 'import { cloudflare } from \'@cloudflare/vite-plugin\';') }, /vite\.config\.ts for a target that only running it tells/],
    ['an output that only running it tells', FLUE_2, { 'vite.config.ts': vite('plugins: [flue()], build: { outDir: process.env.OUT }') },
      /must name what its build leaves as plain text, got: `build\.outDir` or `root` in .+vite\.config\.ts that only running it tells\. Name the directory with server\.mjs in `outputDirectory`/],
    ['an output of 0.x that only running it tells', FLUE_0, flueConfig('output: process.env.OUT'), /got: `output` or `root` in .+flue\.config\.ts/],
    ['an output outside', FLUE_0, flueConfig('output: \'../out\''), /must hold what its build leaves, in a folder of its own, got: \.\.\/out from flue\.config\.ts/],
    ['an output that is the app', FLUE_0, flueConfig('output: \'.\''), /got: the directory itself from flue\.config\.ts/],
  ])('%s', (_, base, files, message) => {
    expect(() => newImage(appDirectory(base, files))).toThrow(message);
  });

  test.each<[object, RegExp]>([
    [{ buildCommand: ' ' }, /`buildCommand` must be one line of shell, got: " "/],
    [{ buildCommand: 'a\nb' }, /`buildCommand` must be one line of shell/],
    [{ outputDirectory: '../out' }, /`outputDirectory` must be a folder within `directory`, got: \.\.\/out/],
    [{ outputDirectory: '/out' }, /`outputDirectory` must be a folder/],
    [{ outputDirectory: '.' }, /`outputDirectory` must be a folder/],
    [{ outputDirectory: '' }, /got: an empty string/],
    [{ outputDirectory: 'a b' }, /got: a b/],
    [{ command: [] }, /`command` must name what starts the server, word by word, got: \[\]/],
    [{ command: ['node', ''] }, /`command` must name what starts the server/],
  ])('%p', (props, message) => {
    expect(() => newImage(appDirectory(FLUE_0), props)).toThrow(message);
  });

  test.each([{ buildCommand: 'make' }, { outputDirectory: 'out' }, { command: ['node', 'a.mjs'] }])('%p beside an own Dockerfile', (props) => {
    expect(() => newImage(appDirectory(FLUE_0, { Dockerfile: 'FROM node:22\nUSER node\n' }), props))
      .toThrow(/`(buildCommand|outputDirectory|command)` must be left out with the app's own Dockerfile, got: .+`dockerfile: FlueDockerfile\.provided\(\)`/);
  });
});

describe('what is said of the build', () => {
  const unknown = { 'vite.config.ts': vite('plugins: [flue(), process.env.CF && cloudflare()], build: { outDir: process.env.OUT }', 'import { cloudflare } from \'@cloudflare/vite-plugin\';') };

  test('is a way out of every refusal', () => {
    expect(buildOf(appDirectory(FLUE_2, unknown), { buildCommand: 'make server', outputDirectory: './out/' })).toEqual(['make server', 'out']);
    const both = appDirectory(FLUE_2, { 'vite.config.ts': FOR_CLOUDFLARE, 'vite.a.config.ts': FOR_NODE, 'vite.b.config.ts': FOR_NODE });
    expect(buildOf(both, { buildCommand: 'npx vite build --config vite.a.config.ts' })).toEqual(['npx vite build --config vite.a.config.ts', 'dist']);
    expect(buildOf(appDirectory(FLUE_2, { 'vite.config.ts': FOR_CLOUDFLARE, 'vite.node.config.ts': FOR_NODE }))).toEqual(['npx vite build --config vite.node.config.ts', 'dist']);
  });

  test('is in the image, and only the build of the app is not', () => {
    const image = newImage(appDirectory(FLUE_0, { ...flueConfig('output: \'./.flue-dist\''), '.flue-dist/server.mjs': '', 'ui/dist/index.html': '' }));
    expect(stagedFiles(image)).toContain('ui/dist/index.html');
    expect(stagedFiles(image)).not.toContain('.flue-dist/server.mjs');
    expect(stagedDockerfile(image)).toContain('COPY --from=build /app/.flue-dist ./.flue-dist\n');
    expect(stagedDockerfile(image)).toContain('CMD ["node", ".flue-dist/server.mjs"]\n');
  });
});

describe('the sources', () => {
  const warnings = (files: Files, base = FLUE_2) => {
    const image = newImage(appDirectory(base, files));
    warnOfHealthRoute(image, image, '/health');
    warnOfDatabase(image, image, false);
    return warningIdsOf(image);
  };
  const moved = { 'src/app.ts': '', 'src/db.ts': '' };

  test('are where the configuration says', () => {
    const config = vite('plugins: [flue({ app: \'server/main.ts\', db: \'server/db.node.ts\' })]');
    expect(warnings({ ...moved, 'vite.config.ts': config, 'server/main.ts': 'app.get("/health", ok)', 'server/db.node.ts': '' })).toEqual([]);
    expect(warnings({ ...moved, 'vite.config.ts': FOR_NODE, 'flue.config.ts': 'export default { app: \'server/main.ts\' }', 'server/main.ts': 'app.get("/health", ok)' })).toEqual([]);
    expect(warnings({ ...moved, 'vite.config.ts': config, 'server/main.ts': '' })).toEqual(['cdk-flue:FlueImage.noDatabaseAdapter', 'cdk-flue:FlueImage.noHealthRoute']);
  });

  test('are below the root', () => {
    const files = { ...flueConfig('root: \'server\''), 'server/src/app.ts': 'app.get("/health", ok)', 'server/src/db.ts': '' };
    expect(warnings({ ...moved, ...files }, FLUE_0)).toEqual([]);
  });

  test('are not judged where only running it tells', () => {
    expect(warnings({ 'vite.config.ts': vite('plugins: [flue({ db: process.env.DB })]'), 'src/db.ts': '' })).toEqual([]);
  });
});

test('a module that a configuration imports from above comes along', () => {
  const directory = appDirectory({ ...Object.fromEntries(Object.entries(FLUE_2).map(([name, content]) => [`agents/${name}`, content])), 'vite.shared.ts': '', 'agents/vite.config.ts': `import './../vite.shared';\n${FOR_NODE}` });
  expect(stagedFiles(newImage(`${directory}/agents`))).toContain('vite.shared.ts');
});
