import { Lazy } from 'aws-cdk-lib';
import { appDirectory, FLUE_0, FLUE_2, manifests, newImage, stagedFiles, removeFixtures } from './fixtures';
import { majorOf } from '../../src/image/app/installable';

afterEach(removeFixtures);

const lockOf = (packages: object) => JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/@flue/runtime': { version: '0.10.2' }, ...packages } });
const FLUE_0_MANIFEST = { dependencies: { '@flue/runtime': '0.10.2' }, devDependencies: { '@flue/cli': '0.10.2' } };
const LOCKED_CLI = { 'node_modules/@flue/cli': { version: '0.10.2' } };

describe('a directory that no image can be built from', () => {
  test.each<[string, string | (() => string), RegExp]>([
    ['that does not exist', '/nowhere/agents', /\[Stack\/Image\] `directory` must be an existing directory, got: \/nowhere\/agents \(\/nowhere\/agents\)\. Paths are relative/],
    ['that is a file', () => `${appDirectory()}/package.json`, /`directory` must be an existing directory, got: .*package\.json/],
    ['without package.json', () => appDirectory(FLUE_0, { 'package.json': undefined }), /`directory` must hold a package\.json, got: .*Point it at the root of the Flue app/],
    ['whose package.json is no JSON', () => appDirectory(FLUE_0, { 'package.json': '{ "name": oops }' }), /must hold a package\.json with a JSON object, got: \{ "name": oops \}\. Repair/],
    ['whose package.json is empty', () => appDirectory(FLUE_0, { 'package.json': '' }), /must hold a package\.json with a JSON object, got: an empty file/],
    ['whose package.json is a list', () => appDirectory(FLUE_0, { 'package.json': '[]' }), /must hold a package\.json with a JSON object, got: \[\]/],
    ['without a lockfile', () => appDirectory(FLUE_0, { 'package-lock.json': undefined }),
      /must hold a lockfile, got: none of npm-shrinkwrap\.json, package-lock\.json, pnpm-lock\.yaml, yarn\.lock, bun\.lock, bun\.lockb in .*Run `npm install` there and commit the lockfile/],
    ['whose lockfile is no JSON', () => appDirectory(FLUE_0, { 'package-lock.json': '<<<<<<< HEAD' }), /must hold a package-lock\.json with a JSON object, got: <<<<<<< HEAD/],
    ['without Flue', () => appDirectory(manifests({ hono: '4.0.0' })), /must hold a Flue app, got: .*names none of @flue\/runtime, @flue\/cli, @flue\/vite/],
    ['whose lockfile does not know Flue', () => appDirectory({ ...manifests({ '@flue/runtime': '0.10.2' }), 'package-lock.json': '{}' }), /must hold a Flue app of a known version/],
    ['without the builder of Flue 0.x', () => appDirectory(manifests({ '@flue/runtime': '0.10.2' })), /must have the build tools of Flue 0\.x.*got: no @flue\/cli\. Run `npm install --save-dev @flue\/cli`/],
    ['without the builders of Flue 2.x', () => appDirectory(manifests({ '@flue/runtime': '2.0.3' })), /got: no @flue\/vite and no vite\. Run `npm install --save-dev @flue\/vite vite`/],
    ['whose lockfile misses a dependency', () => appDirectory({ ...FLUE_0, 'package.json': JSON.stringify({ ...FLUE_0_MANIFEST, dependencies: { '@flue/runtime': '0.10.2', 'hono': '4' } }) }),
      /must have a package-lock\.json that agrees with its package\.json, got: hono@4 is not locked in .*\. Run `npm install`/],
    ['that links to nothing', () => appDirectory({
      'package.json': JSON.stringify({ ...FLUE_0_MANIFEST, dependencies: { '@flue/runtime': '0.10.2', 'shared': 'file:../shared' } }),
      'package-lock.json': lockOf({ ...LOCKED_CLI, 'node_modules/shared': { link: true, resolved: '../shared' } }),
    }), /must hold all that its packages link to, got: a link from shared in .*package\.json to \.\.\/shared, where nothing is/],
    ['with a token in .npmrc', () => appDirectory(FLUE_0, { '.npmrc': 'fund=false\n//npm.example.com/:_authToken = npm_abc\n' }),
      /must not hold a token in \.npmrc, got: a literal value of \/\/npm\.example\.com\/:_authToken\. Write `\$\{NPM_TOKEN\}`/],
  ])('is refused: one %s', (_, directory, message) => {
    const resolved = typeof directory === 'string' ? directory : directory();
    expect(() => newImage(resolved)).toThrow(message);
  });

  test('is refused when it is known only at deployment', () => {
    expect(() => newImage(Lazy.string({ produce: () => '/app' }))).toThrow(/`directory` must be known at synthesis, got: a token/);
  });

  test.each([
    '//npm.example.com/:_authToken=${NPM_TOKEN}', '//npm.example.com/:_authToken="${NPM_TOKEN}"', 'cache=${HOME}/.npm', '//npm.example.com/:_authToken=${OTHER?}', '# _authToken=npm_abc', 'registry=https://npm.example.com',
  ])('is accepted when .npmrc says %s', (line) => {
    expect(() => newImage(appDirectory(FLUE_0, { '.npmrc': line }), { buildSecrets: { NPM_TOKEN: 'env=NPM_TOKEN' } })).not.toThrow();
  });

  test.each(['.npmrc', '.yarnrc.yml'])('is refused when %s has a variable that no build secret gives, and accepted with it', (name) => {
    const directory = appDirectory(FLUE_0, { [name]: 'npmAuthToken: ${NPM_TOKEN}\n' });
    expect(() => newImage(directory)).toThrow(/(yarnrc\.yml|npmrc) must hold only variables that the install step has, got: \$\{NPM_TOKEN\}\. Pass `buildSecrets: \{ NPM_TOKEN: 'env=NPM_TOKEN' \}`/);
    expect(stagedFiles(newImage(directory, { buildSecrets: { NPM_TOKEN: 'env=NPM_TOKEN' } }))).toContain(name);
  });
});

describe('the lockfile', () => {
  test.each(['pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb', 'npm-shrinkwrap.json'])('may be %s with a Dockerfile of its own', (name) => {
    const directory = appDirectory(FLUE_0, { 'package-lock.json': undefined, [name]: '{}', 'Dockerfile': 'FROM node:22\nUSER node\nCMD ["node", "dist/server.mjs"]\n' });
    expect(newImage(directory).port).toBe(8080);
  });

  test('is npm-shrinkwrap.json where there is one, as for npm', () => {
    const directory = appDirectory(FLUE_0, {
      'npm-shrinkwrap.json': FLUE_0['package-lock.json'].replaceAll('"version":"0.10.2"', '"version":"1.0.0"'),
      'package.json': FLUE_0['package.json'].replaceAll('0.10.2', '>=0.10'),
    });
    expect(newImage(directory).flueMajor).toBe(1);
  });
});

describe('the major version of Flue', () => {
  test.each<[string | undefined, number | undefined]>([
    ['0.10.2', 0], ['^0.10.2', 0], ['~1.2', 1], ['>=1.9 <2', 1], ['v2.0.3', 2], ['2', 2], ['2.x', 2], ['= 2.1.0-beta.1', 2], ['10.0.0', 10], ['npm:@flue/runtime@2.0.3', 2],
    ['latest', undefined], ['*', undefined], ['', undefined], ['workspace:^2', undefined], ['github:owner/2.0', undefined], ['2runtime', undefined], [undefined, undefined],
  ])('of %p is %p', (range, major) => {
    expect(majorOf(range)).toBe(major);
  });

  test('is the locked one, not that of the range', () => {
    const files = manifests({ '@flue/runtime': '2.0.3' }, { '@flue/cli': '2.0.3', '@flue/vite': '2.0.3', 'vite': '8.0.0' });
    const directory = appDirectory({ ...files, 'package.json': files['package.json'].replace('"2.0.3"', '">=0.10"') });
    expect(newImage(directory).flueMajor).toBe(2);
  });

  test('is read from a lockfile of the first format', () => {
    const lock = JSON.stringify({ lockfileVersion: 1, dependencies: { '@flue/runtime': { version: '1.2.3' }, '@flue/cli': { version: '1.2.3' } } });
    expect(newImage(appDirectory({ 'package.json': JSON.stringify(FLUE_0_MANIFEST).replaceAll('0.10.2', '^1.2.0'), 'package-lock.json': lock })).flueMajor).toBe(1);
  });

  test('is that of the range where the lockfile is not npm\'s', () => {
    const directory = appDirectory(FLUE_2, { 'package-lock.json': undefined, 'yarn.lock': '', 'Dockerfile': 'FROM node:22\nUSER node\nCMD ["node", "dist/server.mjs"]\n' });
    expect(newImage(directory).flueMajor).toBe(2);
  });

  test('is not known where an own Dockerfile brings Flue', () => {
    const directory = appDirectory({ ...manifests({ hono: '4.0.0' }), Dockerfile: 'FROM node:22\nUSER node\nCMD ["node", "dist/server.mjs"]\n' });
    expect(newImage(directory).flueMajor).toBeUndefined();
  });
});
