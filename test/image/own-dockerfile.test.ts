import * as fs from 'node:fs';
import * as path from 'node:path';
import { appDirectory, FLUE_0, newImage, removeFixtures, stagedFiles, warningsOf, type Files } from './fixtures';
import { PRIVATE_KEY } from './secret-files';
import { FlueDockerfile, type FlueImageProps } from '../../src';

afterEach(removeFixtures);

const SAFE = 'USER node\nCMD ["node", "dist/server.mjs"]\n';
const imageOf = (dockerfile: string, props: Partial<FlueImageProps> = {}) => newImage(appDirectory(FLUE_0, { Dockerfile: dockerfile }), props);

const MULTI_STAGE = `# syntax=docker/dockerfile:1
ARG NODE=22
FROM node:\${NODE} AS build
WORKDIR /app
ENV PORT=1111
COPY package*.json ./
RUN npm ci
COPY . .
RUN npx flue build --target node && echo "PORT=2222"
EXPOSE 1111

FROM node:\${NODE}-slim AS base
ENV PORT=3000 \\
    NODE_ENV=production
USER node

FROM base AS server
COPY --from=build /app/dist ./dist
COPY --from=build /app/node_modules ./node_modules
CMD ["node", "dist/server.mjs"]

FROM server AS debug
ENV PORT=9229
EXPOSE 9229/tcp
`;

describe('a multi-stage Dockerfile', () => {
  test('is used as it is, with the port of its last stage', () => {
    const image = imageOf(MULTI_STAGE);
    expect(image.port).toBe(9229);
    expect(stagedFiles(image)).toContain('Dockerfile');
    expect(stagedFiles(image)).not.toContain('.cdk-flue/rds-ca-bundle.pem');
    expect(warningsOf(imageOf(MULTI_STAGE))).toEqual([]);
  });

  test('is used up to the target, which inherits from the stages it is made from', () => {
    const image = imageOf(MULTI_STAGE, { target: 'server' });
    expect(image.port).toBe(3000);
    expect(warningsOf(imageOf(MULTI_STAGE, { target: 'server' }))).toEqual([]);
  });

  test('may be asked for a stage by its number', () => {
    expect(imageOf(MULTI_STAGE.replace('USER node', 'USER node\nCMD ["node", "dist/server.mjs"]'), { target: '1' }).port).toBe(3000);
  });

  test('is refused without the target', () => {
    expect(() => imageOf(MULTI_STAGE, { target: 'prod' })).toThrow(/`target` must be a stage of Dockerfile, got: prod\. Its named stages are: build, base, server, debug/);
    expect(() => imageOf(`FROM node:22\n${SAFE}`, { target: '1' })).toThrow(/got: 1\. Its named stages are: none/);
  });
});

describe('a file', () => {
  test.each([['docker/missing'], ['../Dockerfile'], ['/etc/hosts'], ['src']])('is refused when it is %s', (file) => {
    expect(() => newImage(appDirectory(), { dockerfile: FlueDockerfile.own(file) })).toThrow(/`dockerfile` must be a Dockerfile within `directory`, got: .*or use `FlueDockerfile\.provided\(\)`/);
  });

  test('is refused when it has no FROM', () => {
    expect(() => imageOf('# nothing\nENV A=1\n')).toThrow(/`dockerfile` must be a Dockerfile with a FROM instruction, got: Dockerfile/);
  });

  test('may have any name', () => {
    const image = newImage(appDirectory(FLUE_0, { 'docker/Prod.Dockerfile': `FROM node:22\nEXPOSE 4000\n${SAFE}` }), { dockerfile: FlueDockerfile.own('./docker/Prod.Dockerfile') });
    expect(image.port).toBe(4000);
  });

  test('is not mixed with the bundle of the provided one', () => {
    expect(() => imageOf(`FROM node:22\n${SAFE}`, { caBundleFile: 'x.pem' })).toThrow(/`caBundleFile` must be left out when the app has a Dockerfile of its own/);
  });
});

describe('a baked secret', () => {
  test.each<[string, string, RegExp]>([
    ['ENV by name', 'ENV ANTHROPIC_API_KEY=abc', /ENV in line 2 of Dockerfile must not bake a secret into the image, got: ANTHROPIC_API_KEY \(its name is that of a secret\)/],
    ['ENV by value', 'ENV GREETING=sk-ant-api03-abcdef', /got: GREETING \(its value looks like an Anthropic key\)/],
    ['ENV among others', 'ENV A=1 \\\n  OPENAI_API_KEY="abc" B=2', /got: OPENAI_API_KEY/],
    ['ENV in the old form', 'ENV DATABASE_URL postgres://flue:pw@db/flue', /got: DATABASE_URL \(its value looks like a URL with a password\)/],
    ['ENV with a variable in its host', 'ENV DB=postgres://flue:pw@$HOST/flue', /got: DB \(its value looks like a URL with a password\)/],
    ['an ARG default', 'ARG NPM_TOKEN=abc', /ARG in line 2 of Dockerfile.*got: NPM_TOKEN/],
    ['a LABEL', 'LABEL token=sk-ant-api03-abcdef', /LABEL in line 2.*got: token/],
    ['RUN', 'RUN OPENAI=1 \\\n  curl -H "x-api-key: sk-ant-api03-abcdef" example.com', /RUN in line 2.*looks like an Anthropic key/],
    ['CMD', 'CMD ["node", "server.mjs", "postgres://flue:pw@db/flue"]', /CMD in line 2.*looks like a URL with a password/],
    ['an earlier stage', 'ENV XAI_API_KEY=abc\nFROM node:22', /got: XAI_API_KEY/],
  ])('in %s is refused', (_, lines, message) => {
    expect(() => imageOf(`FROM node:22\n${lines}\n${SAFE}`)).toThrow(message);
    expect(() => imageOf(`FROM node:22\n${lines}\n${SAFE}`)).toThrow(/\(Flue-SecretsOnly\)$/);
  });

  test.each(['ENV ANTHROPIC_API_KEY=', 'ENV ANTHROPIC_API_KEY=$KEY', 'ENV ANTHROPIC_API_KEY="${KEY:-}"', 'ARG NPM_TOKEN', 'ENV MAX_TOKENS=4096', '# ENV OPENAI_API_KEY=abc', 'ENV DB=postgres://flue:${PW}@db/flue'])(
    'is not what %s holds', (line) => {
      expect(() => imageOf(`FROM node:22\n${line}\n${SAFE}`)).not.toThrow();
    });
});

describe('the port', () => {
  test.each<[string, number | undefined, number]>([
    ['', undefined, 8080],
    ['', 3000, 3000],
    ['ENV PORT=3000', undefined, 3000],
    ['ENV PORT=3000', 3000, 3000],
    ['ENV PORT=1000\nENV PORT "3000"', undefined, 3000],
    ['ENV PORT=$P', undefined, 8080],
    ['EXPOSE 3000', undefined, 3000],
    ['EXPOSE 3000/tcp 3000/udp', undefined, 3000],
    ['EXPOSE 3000 8080', 3000, 3000],
    ['EXPOSE 3000 8080', undefined, 8080],
    ['EXPOSE $P', 3000, 3000],
    ['EXPOSE 3000-3010', 3005, 3005],
    ['EXPOSE 3000 $P', 4000, 4000],
    ['ENV PORT=3000\nEXPOSE 3000 9229', undefined, 3000],
    ['ENV PORT=1', undefined, 1],
    ['ENV PORT=65535', undefined, 65535],
  ])('with %p and the prop %p is %p', (lines, prop, port) => {
    expect(imageOf(`FROM node:22\n${lines}\n${SAFE}`, { port: prop }).port).toBe(port);
  });

  test.each<[string, number | undefined, RegExp]>([
    ['ENV PORT=3000', 8080, /`port` must be 3000, which ENV PORT of Dockerfile declares, got: 8080\. Pass `port: 3000`/],
    ['EXPOSE 3000', 8080, /`port` must be 3000, which EXPOSE of Dockerfile declares, got: 8080/],
    ['EXPOSE 3000 9229', 8080, /which EXPOSE of Dockerfile declares/],
    ['EXPOSE 3000 9229', undefined, /`port` must be 3000, which EXPOSE of Dockerfile declares, got: 8080/],
    ['ENV PORT=3000\nEXPOSE 8080', undefined, /`port` must be 8080, which EXPOSE of Dockerfile declares, got: 3000/],
    ['ENV PORT=0', undefined, /`port` must be a whole number from 1 to 65535, got: 0/],
    ['ENV PORT=65536', undefined, /`port` must be a whole number from 1 to 65535, got: 65536/],
  ])('with %p and the prop %p is refused', (lines, prop, message) => {
    expect(() => imageOf(`FROM node:22\n${lines}\n${SAFE}`, { port: prop })).toThrow(message);
  });
});

describe('a copy of what never enters the build context', () => {
  test.each(['COPY dist ./dist', 'COPY ./dist/server.mjs .', 'COPY ["node_modules", "./node_modules"]', 'ADD .env /app/.env', 'COPY --chown=node package.json .env.production ./', 'COPY dist/client ./'])(
    'is refused: %s', (line) => {
      expect(() => imageOf(`FROM node:22\n${line}\n${SAFE}`)).toThrow(/Dockerfile must not copy what never enters the build context, got: .* in line 2\. .*`COPY --from`/);
    });

  test.each(['COPY . .', 'COPY --from=build /app/dist ./dist', 'COPY src ./dist', 'ADD https://example.com/dist/x.tgz /x.tgz', 'COPY distribution ./', 'COPY packages/a/dist ./'])('is not %s', (line) => {
    expect(() => imageOf(`FROM node:22 AS build\n${line}\n${SAFE}`)).not.toThrow();
  });
});

describe('a copy of a file that stays out of this context', () => {
  const FILES: Files = { 'config/prod.json': '{}', 'config/key.pem': PRIVATE_KEY, 'src/config.ts': 'export {};' };
  const built = (lines: string, files: Files = {}, props: Partial<FlueImageProps> = {}) =>
    () => newImage(appDirectory(FLUE_0, { ...FILES, ...files, Dockerfile: `FROM node:22 AS build\n${lines}\n${SAFE}` }), props);

  test.each<[string, Files, Partial<FlueImageProps>, RegExp]>([
    ['COPY config/prod.json ./config/', { '.dockerignore': '*.json\n**/prod.json\n' }, {}, /Dockerfile must not copy what stays out of the build context, got: config\/prod\.json in line 2\. Take config\/prod\.json out of `\.dockerignore` and `exclude`/],
    ['COPY ["./config/", "/app/config"]', {}, { exclude: ['config'] }, /got: \.\/config\/ in line 2/],
    ['COPY config/key.pem /app/', {}, {}, /got: config\/key\.pem in line 2\. .*pass the secret in the service's `secrets`/],
    ['FROM build AS next\nADD --chown=node package.json /config/prod.json ./', {}, { exclude: ['config/prod.json'] }, /got: \/config\/prod\.json in line 3/],
    ['FROM node:22\nCOPY --from=build /a /a\nFROM node:22\nCOPY --from=1 /a /a\nCOPY src/config.ts .', {}, { exclude: ['src'] }, /got: src\/config\.ts in line 6/],
  ])('is refused: %s', (lines, files, props, message) => {
    expect(built(lines, files, props)).toThrow(message);
  });

  test('is accepted when the step out is followed', () => {
    expect(built('COPY config/prod.json ./config/', { '.dockerignore': '' })).not.toThrow();
  });

  test('is refused of an empty folder, which no context has', () => {
    const directory = appDirectory(FLUE_0, { Dockerfile: `FROM node:22\nCOPY data ./data\n${SAFE}` });
    fs.mkdirSync(path.join(directory, 'data'));
    expect(() => newImage(directory)).toThrow(/got: data in line 2\. The folder is empty: make it by `RUN mkdir`/);
  });

  test.each(['COPY config/*.json ./', 'COPY $DIR/prod.json ./', 'COPY missing.json ./', 'COPY src ./src', 'COPY . .', 'COPY --from=build config/prod.json ./', 'COPY <<EOF /app/a\nconfig/prod.json\nEOF',
    'FROM node:22 AS unused\nCOPY config/prod.json .\nFROM build'])('is not %s', (lines) => {
    expect(built(lines, {}, { exclude: ['config'] })).not.toThrow();
  });
});

describe('a variable in the configuration of a registry', () => {
  const NPMRC: Files = { '.npmrc': '//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n' };
  const built = (lines: string, files: Files = NPMRC, props: Partial<FlueImageProps> = {}) =>
    () => newImage(appDirectory(FLUE_0, { ...files, Dockerfile: `FROM node:22 AS build\n${lines}\nFROM node:22\nCOPY --from=build /app /app\n${SAFE}` }), props);

  test.each(['COPY . .\nRUN npm ci', 'COPY package*.json .npmrc ./\nRUN npm ci', 'COPY .npm* ./\nRUN corepack enable && pnpm install'])('is refused where no step has it: %s', (lines) => {
    expect(built(lines)).toThrow(/\.npmrc must hold only variables that the install step has, got: \$\{NPM_TOKEN\}\. Write `RUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN` before the install in Dockerfile, and pass `buildSecrets: \{ NPM_TOKEN: 'env=NPM_TOKEN' \}`/);
  });

  test.each<[string, Files]>([
    ['bunfig.toml', { 'bunfig.toml': '[install.scopes]\nacme = { token = "$NPM_TOKEN", url = "https://npm.acme.dev/" }\n' }],
    ['bunfig.toml', { 'bunfig.toml': '[install]\nregistry = "https://user:${NPM_TOKEN}@npm.acme.dev/"\n' }],
    ['.yarnrc.yml', { '.yarnrc.yml': 'npmRegistryServer: https://npm.acme.dev\nnpmAuthToken: "${NPM_TOKEN}"\n' }],
    ['.yarnrc.yml', { '.yarnrc.yml': 'npmScopes:\n  acme:\n    npmRegistryServer: https://npm.acme.dev\n    npmAuthToken: ${NPM_TOKEN}\n' }],
  ])('is refused in %s too, and accepted when the step out is followed: %j', (name, files) => {
    const expected = `${name} must hold only variables that the install step has, got: \${NPM_TOKEN}.`;
    expect(built('COPY . .\nRUN bun install || yarn', files)).toThrow(expected);
    const props = { buildSecrets: { NPM_TOKEN: 'env=NPM_TOKEN' } };
    expect(built('COPY . .\nRUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN bun install', files, props)).not.toThrow();
    expect(() => newImage(appDirectory(FLUE_0, files))).toThrow(`${expected} Pass \`buildSecrets: { NPM_TOKEN: 'env=NPM_TOKEN' }\``);
    expect(() => newImage(appDirectory(FLUE_0, files), props)).not.toThrow();
  });

  test.each<[Files]>([
    [{ '.yarnrc.yml': 'npmAuthToken: "${NPM_TOKEN:-}"\n# ${OTHER}\n' }], [{ 'bunfig.toml': '# token = "$NPM_TOKEN"\n[test]\nroot = "./a$b"\n' }],
  ])('is none in %j', (files) => {
    expect(built('COPY . .\nRUN yarn', files)).not.toThrow();
  });

  test('is accepted when the step out is followed', () => {
    expect(built('COPY . .\nRUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN npm ci', NPMRC, { buildSecrets: { NPM_TOKEN: 'env=NPM_TOKEN' } })).not.toThrow();
  });

  test.each<[string, Files?]>([
    ['COPY . .\nRUN --mount=type=secret,id=npm NPM_TOKEN=$(cat /run/secrets/npm) npm ci'], ['ARG NPM_TOKEN\nCOPY . .\nRUN npm ci'], ['COPY package*.json ./\nRUN npm ci'], ['COPY . .'],
    ['COPY . .\nRUN npm ci', { '.npmrc': 'cache=${HOME}/.npm\n' }],
  ])('is no matter: %s', (lines, files = NPMRC) => {
    expect(built(lines, files)).not.toThrow();
  });
});

describe('the command', () => {
  test.each(['CMD node dist/server.mjs', 'CMD ["sh", "-c", "node dist/server.mjs"]', 'CMD ["/bin/bash", "-lc", "node server.mjs; true"]', 'CMD ["npm", "start"]', 'ENTRYPOINT ["pnpm", "start"]', 'ENTRYPOINT node server.mjs', 'CMD [\'node\', \'server.mjs\']'])(
    'is warned of when a shell keeps SIGTERM: %s', (line) => {
      expect(warningsOf(imageOf(`FROM node:22\nUSER node\n${line}\n`))).toEqual([expect.stringMatching(/SIGTERM.*\[ack: cdk-flue:FlueImage\.shellFormCommand\]$/)]);
    });

  test.each(['CMD ["node", "dist/server.mjs"]', 'CMD exec node dist/server.mjs', 'CMD ["sh", "-c", "exec node dist/server.mjs"]', 'ENTRYPOINT ["tini", "--"]\nCMD ["node", "server.mjs"]', 'CMD node x\nCMD ["node", "server.mjs"]'])(
    'is fine: %s', (line) => {
      expect(warningsOf(imageOf(`FROM node:22\nUSER node\n${line}\n`))).toEqual([]);
    });
});

describe('the user', () => {
  test.each(['', 'USER root', 'USER 0', 'USER 0:0', 'USER node\nUSER root'])('is warned of when it is root: %p', (line) => {
    expect(warningsOf(imageOf(`FROM node:22\n${line}\nCMD ["node", "server.mjs"]\n`))).toEqual([expect.stringMatching(/^Dockerfile .* root.*\[ack: cdk-flue:FlueImage\.rootUser\]$/)]);
  });

  test.each(['FROM node:22\nUSER node', 'FROM node:22\nUSER 1000:1000', 'FROM node:22\nUSER $USER', 'FROM gcr.io/distroless/nodejs22:nonroot', 'FROM node:22 AS base\nUSER node\nFROM base'])('is fine: %p', (lines) => {
    expect(warningsOf(imageOf(`${lines}\nCMD ["node", "server.mjs"]\n`))).toEqual([]);
  });
});
