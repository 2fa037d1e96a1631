import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, FileSystem, Stack } from 'aws-cdk-lib';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { appDirectory, filesBelow, FLUE_0, newImage, newStack, removeFixtures, stagedFiles, stagedPath, temporaryDirectory, write } from './fixtures';
import { FlueDockerfile, FlueImage } from '../../src';

afterEach(removeFixtures);

const PROVIDED = ['.cdk-flue/rds-ca-bundle.pem', 'Dockerfile'];
const EXPECTED = [...PROVIDED, ...Object.keys(FLUE_0)].sort();
const SECRETS = {
  '.env': 'A=1',
  '.env.production': 'A=1',
  '.ENV.local': 'A=1',
  '.envrc': 'A=1',
  'packages/a/.env': 'A=1',
  '.env.d/key': 'A=1',
  'node_modules/x/index.js': '',
  'packages/a/node_modules/y/index.js': '',
  '.git/config': '',
  'packages/a/.git': 'gitdir: elsewhere',
  'dist/server.mjs': '',
  'dist/client/index.html': '',
  'cdk.out/manifest.json': '',
  'src/.DS_Store': '',
};

describe('the staged context', () => {
  test('holds the app and what the library provides', () => {
    expect(stagedFiles(newImage(appDirectory()))).toEqual(EXPECTED);
  });

  test('never holds secrets, dependencies, history or build output', () => {
    expect(stagedFiles(newImage(appDirectory(FLUE_0, SECRETS)))).toEqual(EXPECTED);
  });

  test('never holds them when .dockerignore and exclude bring them back', () => {
    const negations = Object.keys(SECRETS).flatMap((name) => [`!${name}`, `!**/${name.split('/')[0]}`]);
    const directory = appDirectory(FLUE_0, { ...SECRETS, '.dockerignore': ['!.env', '!**/.env', ...negations].join('\n') });
    expect(stagedFiles(newImage(directory, { exclude: ['!.env', '!node_modules'] }))).toEqual(EXPECTED);
  });

  test('never holds them beside an own Dockerfile', () => {
    const files = { 'Dockerfile': 'FROM node:22\nUSER node\nCMD ["node", "dist/server.mjs"]\n', '.dockerignore': '!.env\n!**/.env\n' };
    expect(stagedFiles(newImage(appDirectory(FLUE_0, { ...SECRETS, ...files })))).toEqual([...Object.keys(FLUE_0), 'Dockerfile'].sort());
  });

  test('leaves out what .dockerignore and exclude name', () => {
    const directory = appDirectory(FLUE_0, { 'notes/a.md': '', 'test/a.test.ts': '', 'README.md': '', 'docs/keep.md': '', 'docs/drop.md': '', '.dockerignore': '\uFEFF# comment\r\nnotes\r\n*.md\r\ndocs\r\n!docs/keep.md\r\n' });
    expect(stagedFiles(newImage(directory, { exclude: ['test'] }))).toEqual([...EXPECTED, 'docs/keep.md'].sort());
  });

  test('keeps the manifests, whatever .dockerignore says', () => {
    const directory = appDirectory(FLUE_0, { '.dockerignore': '*\n!src\n' });
    expect(stagedFiles(newImage(directory))).toEqual(EXPECTED);
  });

  test('keeps an own Dockerfile in an ignored folder, and prefers the ignore file beside it', () => {
    const directory = appDirectory(FLUE_0, {
      'docker/prod': 'FROM node:22\nUSER node\nCMD ["node", "dist/server.mjs"]\n', 'docker/other': '', '.dockerignore': 'src', 'docker/prod.dockerignore': 'docker\n',
    });
    expect(stagedFiles(newImage(directory, { dockerfile: FlueDockerfile.own('docker/prod') }))).toEqual([...Object.keys(FLUE_0), 'docker/prod'].sort());
  });

  test('leaves out the assembly that it is staged into', () => {
    const directory = appDirectory();
    const app = new App({ outdir: path.join(directory, 'assembly') });
    write(directory, { 'assembly/old.json': '{}' });
    expect(stagedFiles(new FlueImage(new Stack(app, 'Stack'), 'Image', { directory }))).toEqual(EXPECTED);
  });

  test('can be read by every user, whatever the umask of who synthesizes', () => {
    const directory = appDirectory(FLUE_0, { 'bin/run': '#!/bin/sh' });
    fs.chmodSync(path.join(directory, 'src/app.ts'), 0o600);
    fs.chmodSync(path.join(directory, 'bin/run'), 0o700);
    const umask = process.umask(0o077);
    try {
      const staged = stagedPath(newImage(directory));
      const mode = (name: string) => (fs.statSync(path.join(staged, name)).mode & 0o777).toString(8); // eslint-disable-line no-bitwise
      expect(['', 'src', '.cdk-flue', 'bin/run'].map(mode)).toEqual(['755', '755', '755', '755']);
      expect(['src/app.ts', 'Dockerfile', '.cdk-flue/rds-ca-bundle.pem'].map(mode)).toEqual(['644', '644', '644']);
    } finally {
      process.umask(umask);
    }
  });

  test('leaves no temporary directory behind', () => {
    const mkdtemp = jest.spyOn(FileSystem, 'mkdtemp');
    newImage(appDirectory());
    expect(() => newImage(appDirectory(), { buildArgs: { A: '${Token[TOKEN.0]}' } })).toThrow();
    const made = mkdtemp.mock.results.map(({ value }) => value as string);
    mkdtemp.mockRestore();
    expect(made.length).toBeGreaterThan(0);
    expect(made.filter(directory => fs.existsSync(directory))).toEqual([]);
  });

  test('stays where it is when asset staging is disabled', () => {
    const image = new FlueImage(newStack({ 'aws:cdk:disable-asset-staging': true }), 'Image', { directory: appDirectory() });
    expect(stagedFiles(image)).toEqual(EXPECTED);
    fs.rmSync(stagedPath(image), { recursive: true });
  });
});

test.each([
  ['.dockerignore', { '.dockerignore': 'docs\n[\n' }, []],
  ['exclude', {}, ['[']],
])('a pattern that Docker cannot read is refused: in %s', (_, files, exclude) => {
  expect(() => newImage(appDirectory(FLUE_0, files), { exclude }))
    .toThrow(/`exclude` and \.dockerignore must hold patterns that Docker reads, got: \[ for .*\. Correct it, as in/);
});

describe('a symbolic link', () => {
  const linked = (link: string, target: string) => {
    const directory = appDirectory();
    fs.symlinkSync(target.replace('<app>', directory), path.join(directory, link));
    return directory;
  };

  test.each([['app.ts', 'app.ts'], ['<app>/src/app.ts', 'app.ts'], ['../package.json', '../package.json'], ['.', '.'], ['../.env', '../.env']])(
    'to %s stays a link', (target, expected) => {
      const staged = stagedPath(newImage(linked('src/link', target)));
      expect(fs.readlinkSync(path.join(staged, 'src/link'))).toBe(expected);
    });

  test.each(['/etc/passwd', '../../outside', '..', '../'])('to %s is refused when it leaves the directory', (target) => {
    expect(() => newImage(linked('link', target))).toThrow(/`directory` must not hold a symbolic link that leaves it, got: link\. .*list it in `exclude`/);
  });

  test('that leaves the directory is no matter when it is excluded', () => {
    expect(stagedFiles(newImage(linked('link', '/etc/passwd'), { exclude: ['link'] }))).toEqual(EXPECTED);
    expect(stagedFiles(newImage(linked('node_modules', '/etc')))).toEqual(EXPECTED);
  });

  test('to the app itself is followed', () => {
    const link = path.join(temporaryDirectory(), 'link');
    fs.symlinkSync(appDirectory(), link);
    expect(stagedFiles(newImage(link))).toEqual(EXPECTED);
  });
});

describe('the hash', () => {
  const hashOf = (directory: string, props: object = {}) => newImage(directory, props).asset.assetHash;

  test('is the same for the same files elsewhere, of other age, mode and order, under another umask', () => {
    const expected = hashOf(appDirectory());
    const umask = process.umask(0o077);
    try {
      const reversed = appDirectory(Object.fromEntries(Object.entries(FLUE_0).reverse()));
      for (const name of filesBelow(reversed)) {
        fs.utimesSync(path.join(reversed, name), 1, 1);
        fs.chmodSync(path.join(reversed, name), 0o777);
      }
      expect(hashOf(reversed)).toBe(expected);
    } finally {
      process.umask(umask);
    }
    const directory = appDirectory();
    expect(hashOf(path.relative(process.cwd(), directory))).toBe(expected);
    expect(hashOf(`${directory}/`)).toBe(expected);
  });

  test('is the same with and without what never enters the build', () => {
    expect(hashOf(appDirectory(FLUE_0, SECRETS))).toBe(hashOf(appDirectory()));
  });

  test('is the same for links that mean the same', () => {
    const [relative, absolute] = ['app.ts', '<app>/src/app.ts'].map((target) => {
      const directory = appDirectory();
      fs.symlinkSync(target.replace('<app>', directory), path.join(directory, 'src/link.ts'));
      return hashOf(directory);
    });
    expect(absolute).toBe(relative);
  });

  test('is the same wherever a build secret lies', () => {
    const directory = appDirectory();
    expect(hashOf(directory, { buildSecrets: { npmrc: 'src=/home/a/.npmrc' } })).toBe(hashOf(directory, { buildSecrets: { npmrc: 'src=/home/b/.npmrc' } }));
  });

  test.each<[string, object, { [path: string]: string }]>([
    ['source', {}, { 'src/app.ts': '// changed' }],
    ['a file more', {}, { 'src/more.ts': '' }],
    ['the lockfile', {}, { 'package-lock.json': FLUE_0['package-lock.json'].replace('"lockfileVersion":3', '"lockfileVersion":2') }],
    ['the build command', { buildCommand: 'npx flue build --target node --verbose' }, {}],
    ['the start command', { command: ['node', '--enable-source-maps', 'dist/server.mjs'] }, {}],
    ['what another package built', {}, { 'packages/a/dist/index.js': '' }],
    ['the port', { port: 3000 }, {}],
    ['the CPU architecture', { cpuArchitecture: CpuArchitecture.ARM64 }, {}],
    ['a build argument', { buildArgs: { STAGE: 'test' } }, {}],
    ['a build secret', { buildSecrets: { NPM_TOKEN: 'env=NPM_TOKEN' } }, {}],
    ['what is excluded', { exclude: ['src/db.ts'] }, {}],
  ])('changes with %s', (_, props, files) => {
    expect(hashOf(appDirectory(FLUE_0, files), props)).not.toBe(hashOf(appDirectory()));
  });
});
