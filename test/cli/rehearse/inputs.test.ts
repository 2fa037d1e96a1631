import { join } from 'node:path';
import { directoryWith, failureOf } from './support';
import { findApp, requireBuilt } from '../../../src/cli/rehearse/app-directory';
import type { ContainerPlan } from '../../../src/cli/rehearse/discovery/service-plan';
import { appInContext, imageDefaults } from '../../../src/cli/rehearse/dockerfile';
import { logTail } from '../../../src/cli/rehearse/log';
import { parseOptions } from '../../../src/cli/rehearse/options';
import { Probes } from '../../../src/cli/rehearse/probes';
import { formsOf, redact, shows } from '../../../src/cli/rehearse/redact';
import { localCommand } from '../../../src/cli/rehearse/server-command';
import { collectValues } from '../../../src/cli/rehearse/values';

describe('options', () => {
  test('have defaults', () => {
    expect(parseOptions([])).toEqual({ assembly: 'cdk.out', port: undefined, holdSeconds: 17, json: false, writeProbes: false, describedImage: {} });
  });
  test('are taken', () => {
    expect(parseOptions(['out', '--service', 'A/B', '--port', '81', '--hold', '0', '--json'])).toEqual({ assembly: 'out', service: 'A/B', port: 81, holdSeconds: 0, json: true, writeProbes: false, describedImage: {} });
  });
  test.each([
    [['a', 'b'], /one cloud assembly .*got: a b/],
    [['--app', 'a', '--image', 'b'], /--app .*--image/],
    [['--port', '0'], '--port must be a whole number from 1 to 65535, got: 0'],
    [['--hold', '1.5'], '--hold must be a whole number from 0 to 4000, got: 1.5'],
    [['--nope'], "Unknown option '--nope'"],
  ])('refuse %j', async (argv, message) => {
    expect(await failureOf(() => parseOptions(argv))).toMatch(message);
  });
});

describe('values', () => {
  const container = { secrets: ['KEY', 'DATABASE_URL'], environment: { PLAIN: 'x', LATER: undefined, DATABASE_URL: undefined } } as unknown as ContainerPlan;

  test('come from the environment', () => {
    expect(collectValues(container, undefined, { KEY: 'k', LATER: 'l', OTHER: 'o' })).toEqual({ secrets: { KEY: 'k' }, variables: { LATER: 'l' } });
  });
  test('come from lines, before the environment', () => {
    const file = join(directoryWith({ env: '# comment\n\nexport KEY = "a b"\nLATER=\'l=1\'\n' }), 'env');
    expect(collectValues(container, file, { KEY: 'other' })).toEqual({ secrets: { KEY: 'a b' }, variables: { LATER: 'l=1' } });
  });
  test('come from JSON with the mark that some editors write', () => {
    const file = join(directoryWith({ values: '\uFEFF{"KEY": "k", "LATER": "l"}' }), 'values');
    expect(collectValues(container, file, {}).secrets).toEqual({ KEY: 'k' });
  });
  test('come from JSON', () => {
    const file = join(directoryWith({ 'values.json': { KEY: 'k', LATER: 'l' } }), 'values.json');
    expect(collectValues(container, file, {}).secrets).toEqual({ KEY: 'k' });
  });
  test.each([
    ['a missing one by its name', 'KEY=', 'A value is missing: KEY.'],
    ['several by their names', '', '2 values are missing: KEY, LATER.'],
    ['a line that is none', 'KEY', /^Line 1 .*KEY=value/],
    ['broken JSON without quoting it', '{"KEY": hidden', 'is not valid JSON'],
    ['a number', '{"KEY": 1}', /string .*KEY/],
  ])('refuse %s', async (_, content, message) => {
    const file = join(directoryWith({ values: content }), 'values');
    const said = await failureOf(() => collectValues(container, file, content === 'KEY=' ? { LATER: 'l' } : {}));
    expect(said).toMatch(message);
    expect(said).not.toMatch('hidden');
  });
  test('refuse without a file', async () => {
    expect(await failureOf(() => collectValues(container, undefined, { LATER: 'l' }))).toMatch(/KEY=….*--secrets FILE.*environment/);
    expect(await failureOf(() => collectValues(container, '/nowhere', {}))).toMatch(/--secrets .*\/nowhere\n/);
  });
});

describe('the Dockerfile', () => {
  const defaults = (content: string, target?: string) => {
    const directory = directoryWith({ Dockerfile: content });
    return imageDefaults({ directory, dockerfile: join(directory, 'Dockerfile'), target });
  };

  test('of the last stage counts, and of those it is made from', () => {
    expect(defaults('FROM node AS base\nUSER node\nENV A=1 B=$A\nFROM x AS other\nUSER nobody\nFROM base\nENV C=2\nCMD ["node", "a b"]\n'))
      .toEqual({ environment: { A: '1', C: '2' }, entryPoint: undefined, command: ['node', 'a b'], user: 'node' });
  });
  test('of a target counts', () => {
    expect(defaults('FROM node AS one\nENTRYPOINT node one\nFROM node\nUSER 5\n', 'one'))
      .toEqual({ environment: {}, entryPoint: ['/bin/sh', '-c', 'node one'], command: undefined, user: 'root' });
  });
  test('says root, unless its base does not', () => {
    expect([defaults('FROM node').user, defaults('FROM gcr.io/distroless/nodejs:nonroot').user, defaults('# nothing').user]).toEqual(['root', 'nonroot', 'root']);
  });
  test('names the working directory, and the build of the library\'s own', () => {
    expect(defaults('FROM node\nWORKDIR /srv\nWORKDIR app\n').workdir).toBe('/srv/app');
    const stages = (build: string) => `FROM node AS dependencies\nRUN npm ci\nFROM dependencies AS build\n${build}\nFROM dependencies AS production\nRUN npm prune\nFROM node\n`;
    expect(defaults(stages('RUN npm run build')).build).toBe('npm run build');
    expect(defaults(stages('RUN --mount=type=secret,id=A,required=true export A="$(cat /run/secrets/A)" && { npm run build; }')).build).toBe('npm run build');
    expect(defaults('FROM node\nRUN npm run build').build).toBeUndefined();
  });
  test('may be missing', () => {
    expect([imageDefaults(undefined), imageDefaults({ directory: '/nowhere', dockerfile: '/nowhere/Dockerfile' })]).toEqual([{ environment: {} }, { environment: {} }]);
  });
});

describe('the app directory', () => {
  const manifest = { name: 'agents', dependencies: { '@flue/runtime': '2.0.3' } };

  test('is the one given', async () => {
    const directory = directoryWith({ 'app/package.json': manifest });
    expect(findApp(join(directory, 'app'), undefined, directory)).toBe(join(directory, 'app'));
    expect(await failureOf(() => findApp(join(directory, 'none'), undefined, directory))).toMatch('There is no app in');
  });
  test('is found by the package.json of the image, not in an assembly', () => {
    const directory = directoryWith({
      'infra/cdk.out/asset.1/package.json': manifest,
      'infra/other.out/manifest.json': {},
      'infra/other.out/tree.json': {},
      'infra/other.out/asset.1/package.json': manifest,
      'apps/agents/package.json': manifest,
      'apps/other/package.json': {},
      'node_modules/agents/package.json': manifest,
    });
    expect(findApp(undefined, join(directory, 'infra/cdk.out/asset.1'), join(directory, 'infra/cdk.out'))).toBe(join(directory, 'apps/agents'));
  });
  test('is asked for where there is none or more than one', async () => {
    const directory = directoryWith({ 'x/y/cdk.out/asset.1/package.json': { unique: Math.random() }, 'x/y/a/package.json': manifest, 'x/y/b/package.json': manifest });
    expect(await failureOf(() => findApp(undefined, undefined, directory))).toMatch(/--app DIR.*--image REF/);
    expect(await failureOf(() => findApp(undefined, join(directory, 'x/y/cdk.out/asset.1'), join(directory, 'x/y/cdk.out')))).toMatch('No app near');
    expect(await failureOf(() => findApp(undefined, join(directory, 'x/y/a'), join(directory, 'x/y/cdk.out')))).toMatch(/^2 apps have the package.json of the image.\nPass one as --app DIR\n {2}--app .*a\n/);
  });
  test('has to be built and installed', async () => {
    const locked = { 'node_modules/@flue/runtime': { version: '2.0.3' }, 'node_modules/@flue/vite': { version: '2.0.3' }, 'node_modules/vite': { version: '8.0.0' } };
    const unbuilt = directoryWith({
      'package.json': { dependencies: { '@flue/runtime': '2.0.3' }, devDependencies: { '@flue/vite': '2.0.3', 'vite': '8.0.0' } }, 'package-lock.json': { packages: locked },
    });
    expect(await failureOf(() => requireBuilt(unbuilt, 'dist/server.mjs'))).toMatch(/is not built: there is no dist\/server\.mjs\.\nBuild it: cd .* && npm ci && npx vite build$/);
    expect(await failureOf(() => requireBuilt(directoryWith({ 'package.json': '{' }), 'dist/server.mjs'))).toMatch(/must hold a package\.json with a JSON object, got: \{\.\nRepair/);
    expect(await failureOf(() => requireBuilt(directoryWith({ 'dist/server.mjs': '', 'package-lock.json': {} }), 'dist/server.mjs'))).toMatch('dependencies of the app');
    requireBuilt(directoryWith({ 'dist/server.mjs': '' }), 'dist/server.mjs');
  });
});

describe('the folder of the app in the context', () => {
  test.each([
    ['/app', ''],
    ['/app/apps/agents', 'apps/agents'],
    ['/usr/src/agents', ''],
    ['/srv/apps/agents', 'apps/agents'],
    ['/app/apps/agents/dist', ''],
    [undefined, ''],
  ])('of an image that works in %s is "%s"', (workdir, folder) => {
    const directory = directoryWith({ 'package.json': {}, 'app/package.json': {}, 'apps/agents/package.json': {} });
    expect(appInContext({ directory, dockerfile: '' }, { environment: {}, workdir })).toBe(join(directory, folder));
  });
});

describe('the command of the server', () => {
  const config = (outDir: string) => `import { flue } from '@flue/vite';\nexport default { plugins: [flue()], build: { outDir: '${outDir}' } };\n`;
  const locked = { 'node_modules/@flue/runtime': { version: '2.0.3' }, 'node_modules/@flue/vite': { version: '2.0.3' }, 'node_modules/vite': { version: '8.0.0' } };
  const app = (files: object) => directoryWith({
    'package.json': { dependencies: { '@flue/runtime': '2.0.3' }, devDependencies: { '@flue/vite': '2.0.3', 'vite': '8.0.0' } },
    'package-lock.json': { packages: locked },
    'node_modules/x': '',
    'vite.config.ts': config('out'),
    ...files,
  });
  const image = { environment: {}, workdir: '/srv/app' };

  test.each([
    ['as it is', ['node', 'out/server.mjs'], ['node', 'out/server.mjs'], '.'],
    ['by its path in the image', ['node', '/srv/app/out/server.mjs'], ['node', 'out/server.mjs'], '.'],
    ['in a text for a shell', ['/bin/sh', '-c', 'exec node "/srv/app/out/server.mjs"'], ['/bin/sh', '-c', 'exec node "out/server.mjs"'], '.'],
    ['with a path that only ends like that of the image', ['node', '--import', '/opt/srv/app/x.mjs', 'out/server.mjs'], ['node', '--import', '/opt/srv/app/x.mjs', 'out/server.mjs'], '.'],
    ['of a script', ['npm', 'start'], ['npm', 'start'], '.'],
    ['that nothing says, by the configuration', [], ['node', 'out/server.mjs'], '.'],
    ['in the folder in which the image works', ['node', 'server.mjs'], ['node', 'server.mjs'], 'out', '/srv/out'],
  ])('runs %s', (_, words, expected, folder, workdir = '/srv/app') => {
    const directory = app({ 'out/server.mjs': '' });
    expect(localCommand(directory, { ...image, workdir }, words)).toEqual({ directory: join(directory, folder), words: expected });
  });

  test.each([
    ['the command', ['node', 'build/server.mjs'], undefined, /there is no build\/server\.mjs\.\nBuild it: cd .* && npm ci && npx vite build$/],
    ['the configuration', ['npm', 'start'], undefined, /there is no out\/server\.mjs\.\nBuild it: cd .* && npm ci && npx vite build$/],
    ['the step that builds the image', ['node', 'out/server.mjs'], 'npm run build:server', /there is no out\/server\.mjs\.\nBuild it: cd .* && npm ci && npm run build:server$/],
  ])('of an app that is not built is refused by %s', async (_, words, build, message) => {
    expect(await failureOf(() => localCommand(app({}), { ...image, build }, words))).toMatch(message);
  });

  test('of an app that only its image can tell how to build is refused with that build', async () => {
    const directory = app({ 'vite.config.ts': 'export default { build: { outDir: process.env.OUT } };\n' });
    expect(await failureOf(() => localCommand(directory, { ...image, build: 'npm run server' }, ['node', 'out/server.mjs']))).toMatch(/&& npm ci && npm run server$/);
  });
});

describe('probes', () => {
  const lookup = (name: string) => ({ TOKEN: 't', id: 'i' })[name];

  test('are filled in', () => {
    const directory = directoryWith({
      'rehearse.json': {
        environment: { MODEL: '${id}' },
        headers: { authorization: 'Bearer ${TOKEN}' },
        write: { path: '/notes', body: { text: '${id}' } },
        read: { path: '/notes/1', method: 'HEAD', headers: { accept: 'x' }, before: { path: '/${id}' } },
      },
    });
    const probes = Probes.read(undefined, [undefined, '/nowhere', directory]);
    expect(probes.names).toEqual(['MODEL']);
    expect(probes.usesModel).toBe(false);
    expect(probes.environment(lookup)).toEqual({ MODEL: 'i' });
    expect(probes.get('write', lookup)).toEqual({ method: 'POST', path: '/notes', headers: { 'content-type': 'application/json', 'authorization': 'Bearer t' }, body: '{"text":"i"}' });
    expect(probes.get('read', lookup)).toMatchObject({ method: 'HEAD', path: '/notes/1', headers: { authorization: 'Bearer t', accept: 'x' }, before: { method: 'GET', path: '/i' } });
    expect(probes.get('stream', lookup)).toBeUndefined();
  });
  test('may be missing', () => {
    const probes = Probes.read(undefined, [undefined]);
    expect([probes.source, probes.get('write', lookup), probes.names, probes.environment(lookup)]).toEqual([undefined, undefined, [], {}]);
  });
  test.each([
    ['{', /probes \(.*JSON/],
    ['null', /not a JSON object/],
    ['{"stream": {}}', /stream has no path/],
    ['{"stream": []}', /stream .*object/],
    ['{"write": {"path": "notes"}}', /the path of write does not begin with a slash/],
    ['{"write": {"path": "/notes", "method": "post"}}', /method of write/],
    ['{"writes": {"path": "/notes"}}', /\(writes .*environment, headers, stream, write, read/],
    ['{"write": {"path": "/notes", "boddy": 1}}', /write\.boddy .*method, path/],
    ['{"stream": {"path": "/s", "before": {"path": "/b", "wait": 1}}}', /\(stream\.before\.wait /],
    ['{"headers": {"authorization": 1}}', /headers .*strings/],
    ['{"environment": "A=1"}', /environment .*strings/],
  ])('are refused: %s', async (content, message) => {
    expect(await failureOf(() => Probes.read(join(directoryWith({ probes: content }), 'probes'), []))).toMatch(message);
  });
  test('may begin with the mark that some editors write', () => {
    expect(Probes.read(join(directoryWith({ probes: '\uFEFF{"read": {"path": "/n"}}' }), 'probes'), []).get('read', lookup)).toMatchObject({ path: '/n' });
  });
  test('name no unknown variable', async () => {
    const probes = Probes.read(join(directoryWith({ probes: { read: { path: '/${NOPE}' } } }), 'probes'), []);
    expect(await failureOf(() => probes.get('read', lookup))).toMatch(/rehearse\.json .*\$\{NOPE\}/);
  });
});

describe('secrets in texts', () => {
  const secret = 'p@ss "word"';
  test('are found in every form', () => {
    expect(formsOf('short')).toEqual([Buffer.from('short').toString('base64')]);
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret), Buffer.from(secret).toString('base64')]) {
      expect(shows(`x ${form} y`, secret)).toBe(true);
      expect(redact(`x ${form} y`, [secret])).toMatch(/^x "?\[secret\]"? y$/);
    }
  });
  test('are not in the end of a log', () => {
    expect(logTail(`one\ntwo ${secret}\nthree\n\n`, [secret], 2)).toBe('two [secret]\nthree');
  });
});
