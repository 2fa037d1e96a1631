import * as fs from 'node:fs';
import * as path from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { appDirectory, FLUE_0, FLUE_2, newImage, removeFixtures, stagedDockerfile, stagedPath, temporaryDirectory, write } from './fixtures';
import { FlueDockerfile } from '../../src';

afterEach(removeFixtures);

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

test('the Dockerfile of a 0.x app is as recorded', () => {
  expect(stagedDockerfile(newImage(appDirectory()))).toMatchSnapshot();
});

test('the Dockerfile of a 2.x app is as recorded', () => {
  expect(stagedDockerfile(newImage(appDirectory(FLUE_2)))).toMatchSnapshot();
});

test('the Dockerfile of a maximal image is as recorded', () => {
  const manifest = JSON.parse(FLUE_0['package.json']);
  manifest.dependencies.shared = 'file:packages/shared';
  const lock = JSON.parse(FLUE_0['package-lock.json']);
  lock.packages['node_modules/shared'] = { link: true, resolved: 'packages/shared' };
  const directory = appDirectory(FLUE_0, {
    'package.json': JSON.stringify(manifest),
    'package-lock.json': JSON.stringify(lock),
    '.npmrc': 'fund=false',
    'AGENTS.md': '',
    'prompts/reply.md': '',
    'packages/shared/package.json': '{"main":"dist/index.js","scripts":{"build":"tsc"}}',
  });
  const image = newImage(directory, {
    dockerfile: FlueDockerfile.provided(),
    workspace: directory,
    buildCommand: 'npm run build:server',
    outputDirectory: 'build',
    command: ['node', '--enable-source-maps', 'build/server.mjs'],
    port: 3000,
    caBundleFile: path.join(write(temporaryDirectory(), { 'ca.pem': CERTIFICATE }), 'ca.pem'),
    buildArgs: { VITE_STAGE: 'test', NODE_IMAGE: 'node:24-slim', A: '1' },
    buildSecrets: { npmrc: 'src=/home/me/.npmrc', NPM_TOKEN: 'env=NPM_TOKEN' },
    include: ['prompts'],
  });
  expect(stagedDockerfile(image)).toMatchSnapshot();
});

test.each<[string, { readonly [path: string]: string }]>([['0.x', FLUE_0], ['2.x', FLUE_2]])('the Dockerfile of a %s app needs no BuildKit', (_, files) => {
  const content = stagedDockerfile(newImage(appDirectory(files)));
  expect(content).not.toMatch(/\{\{|--mount|--link|--chmod|--network|<<|^# syntax/m);
});

test('the Dockerfile runs as a user other than root, in exec form, from what its stages built', () => {
  const instructions = DockerfileParser.parse(stagedDockerfile(newImage(appDirectory()))).getInstructions();
  const final = instructions.slice(instructions.map((instruction) => instruction.getKeyword()).lastIndexOf('FROM')).map((instruction) => instruction.toString());
  expect(final.filter((line) => line.startsWith('RUN') || line.startsWith('COPY . '))).toEqual([]);
  expect(final.slice(-3)).toEqual(['USER node', 'EXPOSE 8080', 'CMD ["node", "dist/server.mjs"]']);
});

test.each([1, 65535])('the Dockerfile declares port %p', (port) => {
  expect(stagedDockerfile(newImage(appDirectory(), { port }))).toContain(`PORT=${port}\n`);
  expect(stagedDockerfile(newImage(appDirectory(), { port }))).toContain(`EXPOSE ${port}\n`);
});

describe('the certificate authorities', () => {
  const bundleOf = (caBundleFile?: string) => fs.readFileSync(path.join(stagedPath(newImage(appDirectory(), { caBundleFile })), '.cdk-flue/rds-ca-bundle.pem'), 'utf8');

  test('are those of the library, at a path that the image names', () => {
    const image = newImage(appDirectory());
    expect(bundleOf()).toContain('# Amazon RDS eu-west-1 Root CA RSA2048 G1\n-----BEGIN CERTIFICATE-----');
    expect(stagedDockerfile(image)).toContain(`COPY .cdk-flue/rds-ca-bundle.pem ${image.caBundlePath}\n`);
  });

  test('are together with those given in one file, certificate by certificate', () => {
    const ca = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----`;
    const directory = write(temporaryDirectory(), { 'two.pem': `\uFEFF${ca('gov')}\r\n${ca('proxy')}` });
    const certificates = (text: string) => text.match(/^-----BEGIN CERTIFICATE-----\n[^-]*\n-----END CERTIFICATE-----$/gm)!;
    expect(certificates(bundleOf(path.join(directory, 'two.pem')))).toEqual([...certificates(bundleOf()), ca('gov'), ca('proxy')]);
    expect(bundleOf(path.join(directory, 'two.pem'))).not.toMatch(/[\r\uFEFF]/);
  });

  test.each(['', 'no certificate', `${CERTIFICATE}-----BEGIN RSA PRIVATE KEY-----`])('are refused from a file with %p', (content) => {
    const file = path.join(write(temporaryDirectory(), { 'a.pem': content }), 'a.pem');
    expect(() => bundleOf(file)).toThrow(/`caBundleFile` must be a PEM file with certificates and no private key, got: .*a\.pem/);
  });

  test('are refused from a file that does not exist', () => {
    expect(() => bundleOf('/nowhere.pem')).toThrow(/`caBundleFile` must be a PEM file/);
    expect(() => bundleOf(temporaryDirectory())).toThrow(/`caBundleFile` must be a PEM file/);
  });
});

describe('with the provided Dockerfile', () => {
  test.each([{ target: 'build' }, { caBundlePath: '/etc/ssl/rds.pem' }])('%p is refused', (props) => {
    expect(() => newImage(appDirectory(), props)).toThrow(/`(target|caBundlePath)` must be left out with the provided Dockerfile, got: /);
  });

  test.each(['A-B', '1A', 'A B', 'A;rm', ''])('a build argument called %p is refused', (name) => {
    expect(() => newImage(appDirectory(), { buildArgs: { [name]: 'x' } })).toThrow(/`buildArgs` must have names of letters, digits and underscores with the provided Dockerfile, got: /);
  });

  test('a build secret with another name is refused', () => {
    expect(() => newImage(appDirectory(), { buildSecrets: { 'a$(b)': 'env=A' } })).toThrow(/`buildSecrets` must have names of letters.*got: a\$\(b\)/);
  });

  test('a build argument of any name passes with an own Dockerfile', () => {
    const directory = appDirectory(FLUE_0, { Dockerfile: 'FROM node:22\nUSER node\nCMD ["node", "dist/server.mjs"]\n' });
    expect(() => newImage(directory, { buildArgs: { 'A-B': 'x' }, buildSecrets: { 'my-secret': 'type=file,src=/tmp/x' } })).not.toThrow();
  });
});
