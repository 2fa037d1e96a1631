import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { appDirectory, FLUE_0, newImage, newStack, removeFixtures, stagedFiles, warningIdsOf, warningsOf, type Files } from './fixtures';
import { FlueDatabase, FlueFargateService, FlueImage, type FlueImageProps } from '../../src';

afterEach(removeFixtures);

const START = 'CMD ["node", "dist/server.mjs"]';
const scripts = (entries: Files): Files => ({ 'package.json': JSON.stringify({ ...JSON.parse(FLUE_0['package.json']), scripts: entries }) });
const imageOf = (dockerfile: string, files: Files = {}, props: Partial<FlueImageProps> = {}) =>
  newImage(appDirectory(FLUE_0, { Dockerfile: `${/^FROM /m.test(dockerfile) ? '' : 'FROM node:22\nWORKDIR /app\nUSER node\n'}${dockerfile}\n`, ...files }), props);
const idsOf = (dockerfile: string, files: Files = {}) => warningIdsOf(imageOf(dockerfile, files)).map((id) => id.replace(/^.*\./, ''));

describe('a Dockerfile that starts no server', () => {
  test.each<[string, RegExp]>([
    ['FROM docker.io/cloudflare/sandbox:0.7\nUSER node', /Dockerfile must start the Flue server, got: no CMD or ENTRYPOINT in its final stage \(FROM docker\.io\/cloudflare\/sandbox:0\.7\)\. Add `CMD \["node"/],
    ['FROM node:22 AS a\nCMD ["node", "dist/server.mjs"]\nFROM public.ecr.aws/docker/library/node:22-slim\nUSER node', /no CMD or ENTRYPOINT in its final stage \(FROM public\.ecr/],
    ['ARG BASE=node\nFROM ${BASE}:22\nUSER node', /\(FROM node:22\)/],
    ['FROM node:22 AS a\nCMD ["node", "dist/server.mjs"]\nFROM a\nUSER node\nENTRYPOINT ["tini", "--"]', /got: ENTRYPOINT \["tini", "--"\]/],
    ['CMD ["node"]', /got: CMD \["node"\]/],
    ['CMD ["/bin/bash"]', /got: CMD \["\/bin\/bash"\]/],
    ['CMD sleep infinity', /got: CMD sleep infinity/],
    ['CMD ["tail", "-f", "/dev/null"]', /got: CMD \["tail"/],
  ])('is refused: %s', (dockerfile, message) => {
    expect(() => imageOf(dockerfile)).toThrow(message);
  });

  test('is accepted when the step out is followed', () => {
    expect(warningsOf(imageOf(`FROM docker.io/cloudflare/sandbox:0.7\nUSER node\n${START.replace('CMD', 'ENTRYPOINT')}`))).toEqual([]);
    expect(warningsOf(imageOf(`FROM node:22\nUSER node\n${START}`))).toEqual([]);
  });

  test.each(['docker.io/cloudflare/sandbox:0.7', 'ghcr.io/acme/code-sandbox'])('is warned of when the ENTRYPOINT of a sandbox may take its CMD: %s', (base) => {
    expect(warningsOf(imageOf(`FROM ${base}\nUSER node\n${START}`))).toEqual([expect.stringMatching(/^Dockerfile is made from .*sandbox.*, the image of a sandbox.*\[ack: cdk-flue:FlueImage\.sandboxBase\]$/)]);
  });

  test.each(['FROM ghcr.io/acme/flue-base:3\nUSER node', 'ARG BASE\nFROM ${BASE}\nUSER node'])('is warned of when its base may start one: %s', (dockerfile) => {
    expect(idsOf(dockerfile)).toEqual(['noCommand']);
  });
});

describe('another entry than the server of Flue', () => {
  test.each<[string, Files]>([
    ['CMD ["node", "worker.js"]', { 'worker.js': 'poll();' }],
    ['CMD ["node", "--enable-source-maps", "container_src/index.js"]', {}],
    ['CMD ["python", "-m", "http.server"]', {}],
    ['CMD ["bun", "src/index.ts"]', { 'src/index.ts': 'Bun.serve({});' }],
    ['CMD ["node_modules/.bin/vite", "dev"]', {}],
    ['ENTRYPOINT ["tini", "--"]\nCMD ["node", "other.js"]', {}],
  ])('is warned of: %s', (dockerfile, files) => {
    expect(idsOf(dockerfile, files)).toEqual(['otherEntry']);
  });

  test.each<[string, Files]>([
    ['CMD ["node", "start.js"]', { 'start.js': 'await import("./dist/server.mjs");' }],
    ['CMD ["node", "/srv/app/start.js"]', { 'start.js': 'import { serve } from "@flue/runtime/node";' }],
    ['COPY --from=build /app/dist/server.mjs /srv/main.mjs\nCMD ["node", "/srv/main.mjs"]', {}],
    ['CMD ["node", "out/main.mjs"]', scripts({ build: 'flue build && node patch.js out/main.mjs' })],
    ['CMD ["node", "--import", "./instrument.mjs", "--max-old-space-size=512", ".flue-dist/server.mjs"]', { 'instrument.mjs': '' }],
    ['CMD ["dist/server.mjs"]', {}],
    ['CMD ["node", "$ENTRY"]', {}],
    ['CMD ["./flue-server"]', {}],
    ['CMD ["doppler", "run", "--", "node", "dist/server.mjs"]', {}],
    ['CMD ["env", "A=1", "node", "dist/server.mjs"]', {}],
    ['ENTRYPOINT ["docker-entrypoint.sh"]\nCMD ["node", "dist/server.mjs"]', {}],
  ])('is no matter: %s', (dockerfile, files) => {
    expect(idsOf(dockerfile, files)).toEqual([]);
  });
});

/** Tried with tini 0.19, dash, bash 5.2, npm 10.9 and 11.21, pnpm 10.34, Yarn 1.22 and 4, bun 1.4, tsx: SIGTERM to the init, and whether the server ended by itself. */
describe('SIGTERM', () => {
  const started = scripts({ start: 'node dist/server.mjs', serve: 'exec node dist/server.mjs', late: 'NODE_ENV=production node dist/server.mjs' });

  test.each<[string, Files]>([
    ['CMD node dist/server.mjs', {}],
    ['CMD ["sh", "-c", "node dist/server.mjs"]', {}],
    ['CMD ["tini", "-g", "--", "sh", "-c", "node dist/server.mjs; true"]', {}],
    ['CMD ["dumb-init", "sh", "-c", "node dist/server.mjs"]', {}],
    ['CMD ["bash", "-c", "node dist/server.mjs; true"]', {}],
    ['CMD ["npm", "start"]', started],
    ['ENTRYPOINT ["tini", "--"]\nCMD ["npm", "run", "late"]', started],
    ['CMD ["pnpm", "start"]', started],
    ['CMD ["yarn", "start"]', started],
    ['CMD ["yarn", "serve"]', started],
    ['CMD ["npx", "node", "dist/server.mjs"]', {}],
    ['ENTRYPOINT ["./start.sh"]', { 'start.sh': '#!/bin/sh\nset -e\nnode dist/server.mjs\n' }],
    ['CMD ["sh", "start.sh"]', { 'start.sh': 'node dist/server.mjs\n' }],
  ])('is warned of where it is swallowed: %s', (dockerfile, files) => {
    expect(idsOf(dockerfile, files)).toEqual(['shellFormCommand']);
  });

  test.each<[string, Files]>([
    [START, {}],
    ['ENTRYPOINT ["/usr/bin/tini", "-v", "--"]\nCMD ["node", "dist/server.mjs"]', {}],
    ['ENTRYPOINT ["dumb-init", "node", "dist/server.mjs"]', {}],
    ['CMD exec node dist/server.mjs', {}],
    ['CMD ["sh", "-c", "node migrate.js && exec node dist/server.mjs"]', {}],
    ['CMD ["bash", "-c", "true && node dist/server.mjs"]', {}],
    ['CMD ["npm", "run", "serve"]', started],
    ['CMD ["pnpm", "run", "serve"]', started],
    ['CMD ["bun", "run", "start"]', started],
    ['CMD ["bun", "dist/server.mjs"]', {}],
    ['CMD ["yarn", "start"]', { ...started, '.yarnrc.yml': 'nodeLinker: node-modules\n' }],
    ['CMD ["tsx", "dist/server.mjs"]', {}],
    ['ENTRYPOINT ["./start.sh"]', { 'start.sh': '#!/bin/sh\nset -e\nexec node dist/server.mjs\n' }],
    ['ENTRYPOINT ["./entry.sh"]\nCMD ["node", "dist/server.mjs"]', { 'entry.sh': '#!/bin/sh\nset -e\nexec "$@"\n' }],
    ['CMD ["su-exec", "node", "node", "dist/server.mjs"]', {}],
  ])('is passed on by: %s', (dockerfile, files) => {
    expect(idsOf(dockerfile, files)).toEqual([]);
  });
});

describe('a file that the command reads and the context excludes', () => {
  test.each<[string, Files, RegExp]>([
    ['CMD ["node", "--env-file=.env", "dist/server.mjs"]', { '.env': 'A=1' },
      /must start the server without files that never enter the build context, got: \.env in CMD .*Take it out of the command, and pass what it sets in the service's `environment` and `secrets`/],
    ['CMD ["node", "--env-file", "/app/.env.production", "dist/server.mjs"]', {}, /got: \.env\.production in CMD/],
    ['CMD ["npm", "run", "serve"]', scripts({ serve: 'exec node --env-file=.env dist/server.mjs' }), /got: \.env in CMD \["npm", "run", "serve"\]/],
    ['CMD ["dotenvx", "run", "-f", ".env", "--", "node", "dist/server.mjs"]', {}, /got: \.env in/],
    ['CMD ["node", "dist/server.mjs", "--config", "config/prod.json"]', { 'config/prod.json': '{}', '.dockerignore': 'config\n' },
      /got: config\/prod\.json in .*or out of `\.dockerignore` and `exclude`/],
    ['CMD ["node", "dist/server.mjs", "--key=certs/server.key"]', { 'certs/server.key': '-----BEGIN PRIVATE KEY-----' }, /got: certs\/server\.key in/],
  ])('is refused: %s', (dockerfile, files, message) => {
    expect(() => imageOf(dockerfile, files)).toThrow(message);
  });

  test.each<[string, Files]>([
    ['CMD ["node", "--env-file-if-exists=.env", "dist/server.mjs"]', { '.env': 'A=1' }],
    ['CMD ["node", "--env-file=.env.example", "dist/server.mjs"]', { '.env.example': 'A=1' }],
    ['COPY .env.example .env\nCMD ["node", "--env-file=.env", "dist/server.mjs"]', { '.env.example': 'A=1' }],
    ['RUN touch .env\nCMD ["node", "--env-file=.env", "dist/server.mjs"]', {}],
    ['CMD ["node", "--env-file=/run/secrets/env", "dist/server.mjs"]', {}],
    ['CMD ["node", "dist/server.mjs", "--config", "config/prod.json"]', { 'config/prod.json': '{}' }],
    ['CMD ["node", "dist/server.mjs", "--config=made/by.build"]', {}],
  ])('is no matter: %s', (dockerfile, files) => {
    expect(idsOf(dockerfile, files)).toEqual([]);
  });
});

describe('a file of the command, where the image works in the folder of the app in its workspace', () => {
  const workspace = (line: string, files: Files, workdir: string) => {
    const root = appDirectory({}, {
      'package.json': '{"workspaces":["apps/*"],"scripts":{"start":"node --env-file=.env.root apps/agents/dist/server.mjs"}}',
      'package-lock.json': FLUE_0['package-lock.json'],
      ...Object.fromEntries(Object.entries({ ...FLUE_0, ...scripts({ start: 'exec node --env-file=config/app.conf dist/server.mjs' }), 'package-lock.json': undefined })
        .map(([name, content]) => [`apps/agents/${name}`, content])),
      'apps/agents/Dockerfile': `FROM node:22\nWORKDIR /app\nCOPY . .\nWORKDIR ${workdir}\nUSER node\n${line}\n`,
      ...files,
    });
    return newImage(`${root}/apps/agents`, { workspace: root });
  };
  const THERE = '/app/apps/agents';
  const CONFIG: Files = { 'apps/agents/config/app.conf': 'A=1' };

  test.each<[string, string]>([
    ['CMD ["node", "--env-file=config/app.conf", "dist/server.mjs"]', THERE],
    ['CMD ["node", "--env-file=/app/apps/agents/config/app.conf", "dist/server.mjs"]', THERE],
    ['CMD ["npm", "start"]', THERE],
    ['CMD ["node", "--env-file=apps/agents/config/app.conf", "apps/agents/dist/server.mjs"]', '/app'],
    ['CMD ["node", "dist/server.mjs", "--config", "config/app.conf"]', THERE],
  ])('is found: %s', (line, workdir) => {
    expect(workspace(line, CONFIG, workdir)).toBeDefined();
  });

  test.each<[string, RegExp, string]>([
    ['CMD ["node", "--env-file=config/other.conf", "dist/server.mjs"]', /got: config\/other\.conf in CMD/, THERE],
    ['CMD ["npm", "start"]', /got: \.env\.root in CMD/, '/app'],
    ['CMD ["node", "dist/server.mjs", "--config=config/app.conf"]', /got: config\/app\.conf in CMD/, THERE],
  ])('is refused where the context excludes it: %s', (line, message, workdir) => {
    expect(() => workspace(line, { ...CONFIG, 'apps/agents/.dockerignore': /--config/.test(line) ? 'config\n' : '' }, workdir)).toThrow(message);
  });
});

test('the server may lie in another folder that the build leaves', () => {
  const files: Files = { 'flue.config.ts': 'export default { output: "./build/server" };', 'build/server/server.mjs': '' };
  expect(idsOf('RUN npm run build\nCMD ["node", "build/server/server.mjs"]', files)).toEqual([]);
});

describe('the CPU architecture of the final stage', () => {
  const { ARM64, X86_64 } = CpuArchitecture;
  test.each<[string, CpuArchitecture, RegExp]>([
    ['FROM --platform=linux/amd64 node:22', ARM64, /`cpuArchitecture` must be the one that FROM in line 1 of Dockerfile names, got: ARM64 and --platform=linux\/amd64\. Pass `cpuArchitecture: CpuArchitecture\.X86_64`/],
    ['FROM --platform=linux/arm64/v8 node:22', X86_64, /Pass `cpuArchitecture: CpuArchitecture\.ARM64`/],
    ['ARG P=linux/arm64\nFROM --platform=$P node:22', X86_64, /got: X86_64 and --platform=linux\/arm64/],
    ['FROM --platform=$BUILDPLATFORM node:22', X86_64, /`cpuArchitecture` must decide the final stage, got: --platform=\$BUILDPLATFORM.*\(Flue-PinnedPlatform\)$/],
    ['FROM --platform=${BUILDPLATFORM} node:22 AS base\nFROM base', ARM64, /FROM in line 1/],
    ['FROM arm64v8/node:22', X86_64, /got: X86_64 and arm64v8\/node:22/],
    ['FROM docker.io/amd64/node:22', ARM64, /CpuArchitecture\.X86_64/],
    ['FROM gcr.io/distroless/nodejs22-debian12:latest-arm64', X86_64, /latest-arm64/],
    ['FROM arm32v7/node:22', ARM64, /Take a base image for several architectures/],
    ['ARG ARCH=arm64v8\nFROM ${ARCH}/node:22', X86_64, /arm64v8\/node:22/],
  ])('is refused: %s on %s', (dockerfile, cpuArchitecture, message) => {
    expect(() => imageOf(`${dockerfile}\nUSER node\n${START}`, {}, { cpuArchitecture })).toThrow(message);
  });

  test.each<[string, CpuArchitecture]>([
    ['FROM --platform=linux/arm64 node:22', ARM64],
    ['FROM --platform=$TARGETPLATFORM node:22', ARM64],
    ['FROM --platform=$BUILDPLATFORM node:22 AS build\nFROM node:22', ARM64],
    ['FROM arm64v8/node:22 AS build\nFROM node:22', X86_64],
    ['FROM arm64v8/node:22', ARM64],
    ['FROM ghcr.io/acme/arm64-tools:22', X86_64],
    ['FROM registry.acme.io:5000/node:22', X86_64],
    ['FROM node:22@sha256:0123', X86_64],
  ])('is accepted: %s on %s', (dockerfile, cpuArchitecture) => {
    expect(stagedFiles(imageOf(`${dockerfile}\nUSER node\n${START}`, {}, { cpuArchitecture }))).toContain('Dockerfile');
  });
});

describe('what the image sets for Node.js', () => {
  test.each<[string, string | undefined, Partial<FlueImageProps>?]>([
    ['ENV NODE_OPTIONS=--max-old-space-size=512', '--max-old-space-size=512'],
    ['ENV NODE_OPTIONS="--enable-source-maps --dns-result-order=ipv4first" A=1', '--enable-source-maps --dns-result-order=ipv4first'],
    ['ENV NODE_OPTIONS --enable-source-maps', '--enable-source-maps'],
    ['ENV NODE_OPTIONS=--a\nENV NODE_OPTIONS="$NODE_OPTIONS --b"', '--a --b'],
    ['ARG HEAP=512\nENV NODE_OPTIONS=--max-old-space-size=${HEAP}', '--max-old-space-size=512'],
    ['ARG HEAP=512\nENV NODE_OPTIONS=--max-old-space-size=${HEAP}', '--max-old-space-size=1024', { buildArgs: { HEAP: '1024' } }],
    ['ENV NODE_OPTIONS="${NODE_OPTIONS:+$NODE_OPTIONS }--c"', '--c'],
    ['ENV NODE_OPTIONS=${UNSET:---d}', '--d'],
    ['ENV NODE_OPTIONS=', undefined],
    ['ENV OTHER=1', undefined],
    ['ARG NODE_OPTIONS=--build-only', undefined],
    ['RUN NODE_OPTIONS=--build-only npm ci', undefined],
  ])('is known of %s', (lines, options, props = {}) => {
    const image = imageOf(`${lines}\n${START}`, {}, props);
    expect(image.nodeOptions).toBe(options);
    expect(warningsOf(image)).toEqual([]);
  });

  test.each(['ARG OPTIONS\nENV NODE_OPTIONS=$OPTIONS', 'ARG TARGETARCH\nENV NODE_OPTIONS=--title=$TARGETARCH', 'ENV NODE_OPTIONS=${A%b}'])('is warned of where only the build knows: %s', (lines) => {
    const image = imageOf(`${lines}\n${START}`);
    expect(image.nodeOptions).toBeUndefined();
    expect(warningIdsOf(image)).toEqual(['cdk-flue:FlueImage.nodeOptionsUnknown']);
  });

  test('is merged with what the task needs, and the user has the last word', () => {
    const stack = newStack();
    const directory = appDirectory(FLUE_0, { Dockerfile: `FROM node:22\nENV NODE_OPTIONS=--max-old-space-size=512\nUSER node\n${START}\n` });
    const vpc = new Vpc(stack, 'Vpc');
    const image = new FlueImage(stack, 'Image', { directory });
    new FlueFargateService(stack, 'Agents', { vpc, image, environment: { NODE_OPTIONS: '--max-old-space-size=900' } });
    const [definition] = Object.values(Template.fromStack(Stack.of(image)).findResources('AWS::ECS::TaskDefinition'));
    const { Value } = definition.Properties.ContainerDefinitions[0].Environment.find(({ Name }: { Name: string }) => Name === 'NODE_OPTIONS');
    expect(Value).toMatch(/^--import=data:\S+ --unhandled-rejections=warn --max-old-space-size=512 --max-old-space-size=900$/);
  });
});

describe('the certificates that the image sets', () => {
  const own = (lines: string, props: Partial<FlueImageProps> = {}) => imageOf(`${lines}\n${START}`, {}, props);

  test('stay where the library knows no bundle of RDS', () => {
    const stack = newStack();
    const vpc = new Vpc(stack, 'Vpc');
    const image = new FlueImage(stack, 'Image', { directory: appDirectory(FLUE_0, { Dockerfile: `FROM node:22\nENV NODE_EXTRA_CA_CERTS=/corp.pem\nUSER node\n${START}\n` }) });
    new FlueFargateService(stack, 'Agents', { vpc, image, database: new FlueDatabase(stack, 'Database', { vpc }) });
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ Environment: Match.not(Match.arrayWith([Match.objectLike({ Name: 'NODE_EXTRA_CA_CERTS' })])) })],
    });
  });

  test.each<[string, string | undefined, string | undefined]>([
    ['ENV NODE_EXTRA_CA_CERTS=/certs/rds-bundle.pem', undefined, '/certs/rds-bundle.pem'],
    ['ARG CERTS=/certs\nENV NODE_EXTRA_CA_CERTS=$CERTS/global-bundle.pem', '/certs/global-bundle.pem', '/certs/global-bundle.pem'],
    ['ENV NODE_EXTRA_CA_CERTS=/corp.pem', undefined, undefined],
    ['ENV NODE_EXTRA_CA_CERTS=', '/rds.pem', '/rds.pem'],
    ['ENV A=1', '/rds.pem', '/rds.pem'],
  ])('with %s and the prop %p are %p', (lines, caBundlePath, expected) => {
    expect(own(lines, { caBundlePath }).caBundlePath).toBe(expected);
  });

  test('are refused beside another file', () => {
    expect(() => own('ENV NODE_EXTRA_CA_CERTS=/corp.pem', { caBundlePath: '/rds.pem' })).toThrow(
      /`caBundlePath` must be the file that ENV NODE_EXTRA_CA_CERTS of Dockerfile names, got: \/rds\.pem and \/corp\.pem\. Node\.js reads one file: write both into one before `USER`, as in `RUN cat \/rds\.pem \/corp\.pem > /);
    expect(own('RUN cat /rds.pem /corp.pem > /etc/ssl/certs/server.pem\nENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/server.pem', { caBundlePath: '/etc/ssl/certs/server.pem' }).caBundlePath)
      .toBe('/etc/ssl/certs/server.pem');
  });
});
