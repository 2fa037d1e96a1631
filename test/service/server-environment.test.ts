import { spawn, type ChildProcess } from 'node:child_process';
import { Lazy, type Stack } from 'aws-cdk-lib';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import { databaseOf, imageOf, newStack, refusalOf, secretOf, timersOf } from './support';
import { FlueDatabase, type FlueExistingImageOptions, type IFlueDatabase } from '../../src';
import { shardGuardPreload } from '../../src/invariants/shards/shard-guard';
import { FlueModel } from '../../src/service/flue-model';
import { renderServerEnvironment, type ServerEnvironment, type ServerEnvironmentProps } from '../../src/service/server-environment';

const BUNDLE = '/app/rds-ca.pem';
const WARN = '--unhandled-rejections=warn';

/** A server that rejects a promise with each answer, which says how long the connection stays open, in ms, after the one before. */
const SERVER = `
  let kept = 0;
  const server = require('node:http').createServer(({ socket }, response) => {
    Promise.reject(new Error('nobody handles this'));
    response.once('finish', () => { kept = socket.timeout; });
    response.end(String(kept));
  });
  server.listen(0, '127.0.0.1', () => process.stdout.write(server.address().port + '\\n'));
`;

/** A database outside of RDS. */
function foreignDatabase(stack: Stack): IFlueDatabase {
  return FlueDatabase.fromUrlSecret(stack, 'Database', { url: secretOf(stack, 'Url'), usesRdsCertificates: false });
}

type Options = Partial<Omit<ServerEnvironmentProps, 'image'>> & { readonly image?: FlueExistingImageOptions };

function render({ image, ...props }: Options = {}, stack: Stack = newStack()): ServerEnvironment {
  return renderServerEnvironment(stack, { image: imageOf(stack, image), timers: timersOf(stack), ...props });
}

/** What is refused when the stack holds a secret to use. */
function refusal(options: (secret: Secret, stack: Stack) => Options): string {
  const stack = newStack();
  return refusalOf(() => render(options(secretOf(stack, 'Secret'), stack), stack));
}

describe('a server with nothing stated', () => {
  test('gets port and Node options, and no secret', () => {
    const { environment, secrets, hasDatabase } = render();
    expect(Object.keys(environment)).toEqual(['PORT', 'NODE_OPTIONS']);
    expect(environment.PORT).toBe('8080');
    expect(secrets).toEqual({});
    expect(hasDatabase).toBe(false);
  });

  test('listens where the image says', () => {
    expect(render({ image: { port: 3000 } }).environment.PORT).toBe('3000');
  });
});

describe('NODE_OPTIONS', () => {
  test('raises the keep-alive to 10 s above the idle timeout', () => {
    const words = render().environment.NODE_OPTIONS.split(' ');
    expect(words[0]).toMatch(/^--import=data:text\/javascript,import%20/);
    expect(words[0]).toContain('server.keepAliveTimeout=670000');
    expect(words[0]).not.toMatch(/["\s]/);
  });

  test('has the guard of a shard, after the keep-alive, and only there', () => {
    const shard = { shard: 1, shards: 4, agentPaths: ['/agents/*/'], homePaths: [] };
    expect(render({ shard }).environment.NODE_OPTIONS.split(' ')).toEqual([
      expect.stringContaining('keepAliveTimeout'), shardGuardPreload(shard), WARN,
    ]);
    expect(render().environment.NODE_OPTIONS).not.toContain('emit');
  });

  test.each([0, 1, undefined])('keeps rejections from ending Flue %s', flueMajor => {
    expect(render({ image: { flueMajor } }).environment.NODE_OPTIONS.split(' ').slice(1)).toEqual([WARN]);
  });

  test.each([2, 3])('leaves rejections of Flue %d alone', flueMajor => {
    expect(render({ image: { flueMajor } }).environment.NODE_OPTIONS).not.toContain('--unhandled-rejections');
  });

  test('ends with the options of the user', () => {
    const options = '--max-old-space-size=700 --unhandled-rejections=strict';
    const rendered = render({ environment: { NODE_OPTIONS: options } }).environment.NODE_OPTIONS;
    expect(rendered).toMatch(/^--import=data:/);
    expect(rendered.endsWith(`${WARN} ${options}`)).toBe(true);
  });

  test('needs none of the user', () => {
    expect(render({ environment: { NODE_OPTIONS: '' } }).environment.NODE_OPTIONS).toBe(render().environment.NODE_OPTIONS);
  });

  test('takes options known only at deployment', () => {
    const stack = newStack();
    const later = Lazy.string({ produce: () => '--trace-warnings' });
    expect(stack.resolve(render({ environment: { NODE_OPTIONS: later } }, stack).environment.NODE_OPTIONS)).toMatch(/ --trace-warnings$/);
  });
});

describe('a database', () => {
  test('is reached by its URL secret, and verified with the bundle of the image', () => {
    const stack = newStack();
    const database = databaseOf(stack);
    const { environment, secrets, hasDatabase } = render({ database, image: { caBundlePath: BUNDLE } }, stack);
    expect(secrets).toEqual({ DATABASE_URL: database.url });
    expect(environment.NODE_EXTRA_CA_CERTS).toBe(BUNDLE);
    expect(environment).not.toHaveProperty('DATABASE_URL');
    expect(hasDatabase).toBe(true);
  });

  test('can be the secret of the user alone', () => {
    const stack = newStack();
    const url = secretOf(stack, 'MyUrl');
    const { environment, secrets, hasDatabase } = render({ secrets: { DATABASE_URL: url }, image: { caBundlePath: BUNDLE } }, stack);
    expect(secrets).toEqual({ DATABASE_URL: url });
    expect(environment.NODE_EXTRA_CA_CERTS).toBe(BUNDLE);
    expect(hasDatabase).toBe(true);
  });

  test('brings no bundle where the image has none', () => {
    const stack = newStack();
    expect(render({ database: databaseOf(stack) }, stack).environment).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
  });

  test('is what the bundle is for', () => {
    expect(render({ image: { caBundlePath: BUNDLE } }).environment).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
  });

  describe.each<[string, boolean, Options['image'], string, (stack: Stack) => Options]>([
    ['another file', false, { caBundlePath: BUNDLE }, '/etc/own.pem', stack => ({ database: databaseOf(stack) })],
    ['the same file', true, { caBundlePath: BUNDLE }, BUNDLE, stack => ({ database: databaseOf(stack) })],
    ['a file that only the deployment knows', true, { caBundlePath: BUNDLE }, Lazy.string({ produce: () => '/etc/own.pem' }), stack => ({ database: databaseOf(stack) })],
    ['a file where the image has none', true, {}, '/etc/own.pem', stack => ({ database: databaseOf(stack) })],
    ['another file for a database of other authorities', true, { caBundlePath: BUNDLE }, '/etc/own.pem', stack => ({ database: foreignDatabase(stack) })],
    ['another file for a database that nobody describes', true, { caBundlePath: BUNDLE }, '/etc/own.pem', stack => ({ secrets: { DATABASE_URL: secretOf(stack, 'Url') } })],
  ])('NODE_EXTRA_CA_CERTS in `environment`: %s', (_, passes, image, file, options) => {
    const given = (stack: Stack): Options => ({ ...options(stack), image, environment: { NODE_EXTRA_CA_CERTS: file } });

    test(passes ? 'counts' : 'is refused, because the server could no longer verify the database', () => {
      const stack = newStack();
      if (passes) {
        expect(render(given(stack), stack).environment.NODE_EXTRA_CA_CERTS).toBe(file);
      } else {
        expect(refusal((__, other) => given(other))).toBe('[Agents] `environment` must not take the certificates of the database from the server, got: '
          + `NODE_EXTRA_CA_CERTS ${file} in the place of ${BUNDLE}. Node.js reads one file. Pass yours as \`caBundleFile\` of FlueImage, which writes both `
          + 'into one, or name a file with both in `caBundlePath` of your own image');
      }
    });
  });
});

test('model, variables and secrets of the user come together', () => {
  const stack = newStack();
  const [key, token] = [secretOf(stack, 'Key'), secretOf(stack, 'Token')];
  const database = databaseOf(stack);
  const { environment, secrets } = render({
    database, model: FlueModel.anthropic(key, 'claude-sonnet-4-6'), environment: { LOG_LEVEL: 'debug' }, secrets: { GITHUB_TOKEN: token },
  }, stack);
  expect(environment).toMatchObject({ PORT: '8080', MODEL_SPECIFIER: 'anthropic/claude-sonnet-4-6', LOG_LEVEL: 'debug' });
  expect(secrets).toEqual({ DATABASE_URL: database.url, ANTHROPIC_API_KEY: key, GITHUB_TOKEN: token });
});

test('without a model the user may set its variables', () => {
  const stack = newStack();
  const secrets = { ANTHROPIC_API_KEY: secretOf(stack, 'Key') };
  const rendered = render({ environment: { MODEL_SPECIFIER: 'anthropic/x', AWS_REGION: 'eu-west-1' }, secrets }, stack);
  expect(rendered.environment).toMatchObject({ MODEL_SPECIFIER: 'anthropic/x', AWS_REGION: 'eu-west-1' });
  expect(rendered.secrets).toEqual(secrets);
});

describe('names that the construct sets are refused', () => {
  const port = 'Pass the port once, as `port` of the image';
  const url = '`database` sets it from its `url`. Leave one of the two out';
  const model = '`model` sets it. Leave one of the two out';
  const plain = 'Pass it in `environment`';
  const named = (prop: string, name: string, instead: string) =>
    `[Agents] \`${prop}\` must not hold a variable that the construct sets, got: ${name}. ${instead} (Flue-ReservedEnvironment)`;

  test.each<[string, string, string, (secret: Secret, stack: Stack) => Options]>([
    ['environment', 'PORT', port, () => ({ environment: { PORT: '1' } })],
    ['secrets', 'PORT', port, secret => ({ secrets: { PORT: secret } })],
    ['environment', 'DATABASE_URL', url, (_, stack) => ({ database: databaseOf(stack), environment: { DATABASE_URL: 'x' } })],
    ['secrets', 'DATABASE_URL', url, (secret, stack) => ({ database: databaseOf(stack), secrets: { DATABASE_URL: secret } })],
    ['environment', 'MODEL_SPECIFIER', model, secret => ({ model: FlueModel.openai(secret, 'm'), environment: { MODEL_SPECIFIER: 'x' } })],
    ['secrets', 'MODEL_SPECIFIER', model, secret => ({ model: FlueModel.openai(secret, 'm'), secrets: { MODEL_SPECIFIER: secret } })],
    ['environment', 'OPENAI_API_KEY', model, secret => ({ model: FlueModel.openai(secret), environment: { OPENAI_API_KEY: 'x' } })],
    ['secrets', 'OPENAI_API_KEY', model, secret => ({ model: FlueModel.openai(secret), secrets: { OPENAI_API_KEY: secret } })],
    ['environment', 'AWS_REGION', model, () => ({ model: FlueModel.bedrock('amazon.nova-pro-v1:0'), environment: { AWS_REGION: 'x' } })],
    ['secrets', 'NODE_OPTIONS', plain, secret => ({ secrets: { NODE_OPTIONS: secret } })],
    ['secrets', 'NODE_EXTRA_CA_CERTS', plain, secret => ({ secrets: { NODE_EXTRA_CA_CERTS: secret } })],
  ])('%s: %s', (prop, name, instead, options) => {
    expect(refusal(options)).toBe(named(prop, name, instead));
  });
});

describe('what breaks the server is refused', () => {
  test.each(['FLUE_MODE', 'FLUE_INTERNAL_CLI_IPC', 'FLUE_CLI_PORT'])('%s, which Flue reserves', name => {
    const reserved = (prop: string) => `[Agents] \`${prop}\` must not hold a variable that Flue reserves for itself, got: ${name}. With any`;
    expect(refusal(() => ({ environment: { [name]: 'x' } }))).toContain(reserved('environment'));
    expect(refusal(secret => ({ secrets: { [name]: secret } }))).toContain(reserved('secrets'));
  });

  test.each([
    ['ANTHROPIC_API_KEY', 'whatever', 'its name is that of a secret'],
    ['DATABASE_URL', 'somewhere', 'its name is that of a secret'],
    ['ADMIN_PASSWORD', '12345', 'its name is that of a secret'],
    ['GREETING', 'sk-ant-api03-abcdef', 'its value looks like an Anthropic key'],
    ['STORE', 'postgres://flue:hunter2@db.internal/flue', 'its value looks like a URL with a password'],
  ])('%s=%s, a secret in plain text', (name, value, reason) => {
    expect(refusal(() => ({ environment: { [name]: value } }))).toBe(
      `[Agents] \`environment\` must not hold a secret in plain text, got: ${name} (${reason}). `
      + 'Move it to `secrets` with `ecs.Secret.fromSecretsManager(…)` or `ecs.Secret.fromSsmParameter(…)`. (Flue-SecretsOnly)');
  });

  test('a name in both, before its value is judged', () => {
    expect(refusal(secret => ({ environment: { API_KEY: 'x' }, secrets: { API_KEY: secret } }))).toBe(
      '[Agents] `environment` and `secrets` must not hold the same name, got: API_KEY. Remove it from `environment` (Flue-SecretsOnly)');
  });

  test.each([
    ['', 'an empty string'], ['1ST', '1ST'], ['WITH-DASH', 'WITH-DASH'], ['WITH SPACE', 'WITH SPACE'], ['A=B', 'A=B'], ['dotted.name', 'dotted.name'], ['NEW\nLINE', 'NEW\\u000aLINE'],
  ])('the name %j', (name, shown) => {
    const bad = (prop: string) =>
      `[Agents] \`${prop}\` must be keyed by variable names of letters, digits and underscores, got: ${shown}. Rename the variable`;
    expect(refusal(() => ({ environment: { [name]: 'x' } }))).toBe(bad('environment'));
    expect(refusal(secret => ({ secrets: { [name]: secret } }))).toBe(bad('secrets'));
  });

  test('a NUL character, which no process can be given, and not a line break', () => {
    expect(refusal(() => ({ environment: { TEXT: 'a\0b' } }))).toBe(
      '[Agents] `environment` must hold no NUL character, got: one in TEXT. No process can be given one. Encode the value, such as in base64');
    expect(render({ environment: { TEXT: 'a\nb' } }).environment.TEXT).toBe('a\nb');
  });

  test('NODE_TLS_REJECT_UNAUTHORIZED, where it turns verification off', () => {
    expect(refusal(() => ({ environment: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } }))).toBe(
      '[Agents] `environment` must not turn the verification of certificates off, got: NODE_TLS_REJECT_UNAUTHORIZED=0. '
      + 'Whoever stands in between would read keys, prompts and the database. Name the authority that you trust in `NODE_EXTRA_CA_CERTS` (Flue-PrivateDatabase)');
    expect(render({ environment: { NODE_TLS_REJECT_UNAUTHORIZED: '1' } }).environment.NODE_TLS_REJECT_UNAUTHORIZED).toBe('1');
  });

  test('more than a task definition has room for', () => {
    // in UTF-8, and with the name
    const environment = (bytes: number) => ({ environment: { TEXT: `ü${'x'.repeat(bytes - 6)}` } });
    expect(render(environment(65_536)).environment.TEXT).toHaveLength(65_531);
    expect(refusal(() => environment(65_537))).toMatch(/`environment` must be at most 65536 bytes, got: 65537\. A task definition has room for no more\./);
  });

  test.each(['_', 'lower_case', 'A1'])('but not the name "%s"', name => {
    expect(render({ environment: { [name]: 'x' } }).environment).toMatchObject({ [name]: 'x' });
  });
});

describe('a Node.js that really runs with it', () => {
  let server: ChildProcess | undefined;

  afterEach(() => server?.kill('SIGKILL'));

  /** Starts the server, with `nodeOptions`, and returns its URL. */
  async function start(nodeOptions: string): Promise<string> {
    const child = spawn(process.execPath, ['-e', SERVER], { env: { NODE_OPTIONS: nodeOptions }, stdio: ['ignore', 'pipe', 'ignore'] });
    server = child;
    return new Promise((resolve, reject) => {
      child.stdout.once('data', port => resolve(`http://127.0.0.1:${String(port).trim()}`));
      child.once('exit', code => reject(new Error(`node ended with ${code}`)));
    });
  }

  test('keeps connections for 670 s, and survives an unhandled rejection', async () => {
    const url = await start(render().environment.NODE_OPTIONS);
    // the first answer still announces Node's default, which its header got before the preload saw the request
    await (await fetch(url)).text();
    for (let round = 0; round < 3; round++) {
      const response = await fetch(url);
      expect(response.headers.get('keep-alive')).toBe('timeout=670');
      expect(Number(await response.text())).toBeGreaterThanOrEqual(670_000);
    }
    expect(server?.exitCode).toBeNull();
  });

  test('ends by an unhandled rejection for Flue 2, which handles its own', async () => {
    const url = await start(render({ image: { flueMajor: 2 } }).environment.NODE_OPTIONS);
    const ended = new Promise(resolve => server?.once('exit', resolve));
    await fetch(url).catch(() => undefined);
    expect(await ended).toBe(1);
  });

  test('lets the user\'s own options win', async () => {
    const url = await start(render({ environment: { NODE_OPTIONS: '--unhandled-rejections=strict' } }).environment.NODE_OPTIONS);
    const ended = new Promise(resolve => server?.once('exit', resolve));
    await fetch(url).catch(() => undefined);
    expect(await ended).toBe(1);
  });
});
