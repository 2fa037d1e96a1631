import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon, until } from './daemon';

let daemon: Daemon;

beforeAll(async () => {
  daemon = await Daemon.start({ SANDBOX_OF_THE_DAEMON: 'kept' });
});
afterAll(() => daemon.stop());

const order = (command: unknown, more: object = {}) => JSON.stringify({ command, ...more });
const pidIn = (name: string) => Number(readFileSync(join(daemon.workspace, name), 'utf8'));
const lives = (pid: number) => {
  try {
    process.kill(pid, 0);
    // a zombie has ended too; nothing but an init process would bury it
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test.each([
  ['none', ''], ['another', 'f'.repeat(64)],
])('with %s token, nothing runs and no file is read', async (_, token) => {
  for (const [method, path, body] of [['POST', '/exec', order('touch ran')], ['GET', `/list?path=${daemon.workspace}`], ['POST', '/end'], ['GET', '/nowhere']] as const) {
    expect(await daemon.call(method, path, body, token)).toMatchObject({ status: 401, json: { message: 'The token is not the one of this session.' } });
  }
  expect(existsSync(join(daemon.workspace, 'ran'))).toBe(false);
});

test('the health needs no token', async () => {
  const { status, body } = await daemon.call('GET', '/health', undefined, '');
  expect([status, body.toString()]).toEqual([200, 'ok']);
});

test('a command has its output on both sides, its exit code, its directory, its variables and its input', async () => {
  await daemon.call('POST', `/directories?path=${daemon.workspace}/src`);
  const ran = await daemon.exec('pwd; printf "%s " "$GREETING" >&2; cat; exit 7', {
    cwd: `${daemon.workspace}/src`, env: { GREETING: 'hallo wörld' }, stdin: Buffer.from('typed').toString('base64'),
  });
  expect(ran).toEqual({ stdout: `${daemon.workspace}/src\ntyped`, stderr: 'hallo wörld ', last: { exitCode: 7 } });
});

test('a command has none of the variables of the daemon', async () => {
  const { stdout } = await daemon.exec('env');
  expect(stdout).not.toMatch(/SANDBOX_(?!COMMAND)/);
  expect(stdout).toContain(`HOME=${daemon.temporary}`);
});

test('a command finds the proxy of the sandbox, unless its server names another', async () => {
  const behind = await Daemon.start({ HTTP_PROXY: 'http://proxy:3128', https_proxy: 'http://proxy:3128', NO_PROXY: 'localhost', PROXY_PASSWORD: 'hunter2', MY_HTTP_PROXY: 'no' });
  const proxies = async (env?: { [name: string]: string }) => (await behind.exec('env', { env })).stdout.split('\n').filter(line => /proxy/i.test(line)).sort();
  try {
    expect(await proxies()).toEqual(['HTTP_PROXY=http://proxy:3128', 'NO_PROXY=localhost', 'https_proxy=http://proxy:3128']);
    expect(await proxies({ HTTP_PROXY: 'http://other:3128', NO_PROXY: '' })).toEqual(['HTTP_PROXY=http://other:3128', 'NO_PROXY=', 'https_proxy=http://proxy:3128']);
  } finally {
    await behind.stop();
  }
});

test('a command that a signal ended has the exit code that a shell gives', async () => {
  expect((await daemon.exec('kill -TERM $$')).last).toEqual({ exitCode: 143 });
});

test('output arrives while the command runs', async () => {
  const response = await daemon.open('POST', '/exec', order('echo first; until [ -e go ]; do sleep 0.02; done; echo second'));
  const [chunk] = await new Promise<Buffer[]>(done => response.once('data', (data: Buffer) => done([data])));
  expect(Buffer.from((JSON.parse(chunk.toString()) as { stdout: string }).stdout, 'base64').toString()).toBe('first\n');
  await daemon.at('PUT', '/files', `${daemon.workspace}/go`, '');
  const rest = Buffer.concat(await response.toArray() as Buffer[]).toString().trim().split('\n').map(line => JSON.parse(line) as object);
  expect(rest).toEqual([{ stdout: Buffer.from('second\n').toString('base64') }, { exitCode: 0 }]);
});

test('a command that takes too long ends, with all that it started', async () => {
  const { stdout, last } = await daemon.exec('echo before; echo $$ >shell; setsid sleep 60 & echo $! >apart; sleep 60 & echo $! >child; env -i sleep 60 & echo $! >bare; wait', { timeoutMs: 300 });
  expect({ stdout, last }).toEqual({ stdout: 'before\n', last: { exitCode: 124, timedOut: true } });
  for (const name of ['shell', 'apart', 'child', 'bare']) {
    await until(() => !lives(pidIn(name)));
  }
});

test('a command ends with its connection', async () => {
  const response = await daemon.open('POST', '/exec', order('echo $$ >held; echo up; sleep 60'));
  await new Promise(done => response.once('data', done));
  expect(lives(pidIn('held'))).toBe(true);
  response.destroy();
  await until(() => !lives(pidIn('held')));
});

test('a command that leaves a process behind ends all the same, and that process lives on', async () => {
  const started = Date.now();
  const { stdout, last } = await daemon.exec('sleep 30 & echo $! >behind; echo done');
  expect({ stdout, last }).toEqual({ stdout: 'done\n', last: { exitCode: 0 } });
  expect(Date.now() - started).toBeLessThan(5000);
  expect(lives(pidIn('behind'))).toBe(true);
  process.kill(pidIn('behind'), 'SIGKILL');
});

test('more output than 10 MiB is dropped, and the exit code is that of the command', async () => {
  const { stdout, last } = await daemon.exec('head -c 11000000 /dev/zero; exit 3');
  expect(stdout).toHaveLength(10 * 1024 * 1024);
  expect(last).toEqual({ exitCode: 3, truncated: true });
  expect((await daemon.exec('head -c 10485760 /dev/zero')).last).toEqual({ exitCode: 0 });
});

test('a slow reader gets all of the output', async () => {
  const response = await daemon.open('POST', '/exec', order('head -c 9000000 /dev/zero'));
  await new Promise(done => setTimeout(done, 800));
  const lines = Buffer.concat(await response.toArray() as Buffer[]).toString().trim().split('\n').map(line => JSON.parse(line) as { stdout?: string });
  expect(lines.reduce((sum, { stdout }) => sum + Buffer.from(stdout ?? '', 'base64').length, 0)).toBe(9_000_000);
  expect(lines.at(-1)).toEqual({ exitCode: 0 });
});

test('a reader that pauses after the shell has ended gets the rest of the output too', async () => {
  const response = await daemon.open('POST', '/exec', order('head -c 9000000 /dev/zero & exit 3'));
  // longer than the daemon waits for a process that prints nothing more
  await new Promise(done => setTimeout(done, 800));
  const lines = Buffer.concat(await response.toArray() as Buffer[]).toString().trim().split('\n').map(line => JSON.parse(line) as { stdout?: string });
  expect(lines.reduce((sum, { stdout }) => sum + Buffer.from(stdout ?? '', 'base64').length, 0)).toBe(9_000_000);
  expect(lines.at(-1)).toEqual({ exitCode: 3 });
});

test('where memory runs out, a command goes before the daemon', async () => {
  expect((await daemon.exec('sleep 0.1; cat /proc/self/oom_score_adj')).stdout).toBe('1000\n');
});

test.each<[string, unknown, number, string]>([
  ['no JSON', '{', 400, 'The body must be JSON.'],
  ['null', 'null', 400, '`command` must be a text.'],
  ['no command', order(undefined), 400, '`command` must be a text.'],
  ['an empty command', order(''), 400, '`command` must be a text.'],
  ['a command with a zero byte', order('echo \0'), 400, '`command` must be a text.'],
  ['a command that is too long', order('#'.repeat(128 * 1024)), 413, '`command` must be at most 131071 bytes. Write a longer script into a file.'],
  ['a variable that is no text', order('true', { env: { A: 1 } }), 400, '`env` must hold texts by names of variables.'],
  ['a name that is none of a variable', order('true', { env: { 'A=B': '1' } }), 400, '`env` must hold texts by names of variables.'],
  ['no time', order('true', { timeoutMs: 0 }), 400, '`timeoutMs` must be a whole number from 1 to 2147483000, got: 0'],
  ['a time that no timer waits', order('true', { timeoutMs: 2147483001 }), 400, '`timeoutMs` must be a whole number from 1 to 2147483000, got: 2147483001'],
  ['an input that is no text', order('true', { stdin: 1 }), 400, '`stdin` must be a text in base64.'],
  ['a directory outside', order('true', { cwd: '/etc' }), 403, '/etc is outside of '],
  ['a body that is too long', `{"command":"true","stdin":"${'A'.repeat(4 * 1024 * 1024)}"}`, 413, 'The body must be at most 4194304 bytes.'],
])('refuses %s', async (_, body, status, message) => {
  const reply = await daemon.call('POST', '/exec', body as string);
  expect(reply).toMatchObject({ status, json: { message: expect.stringContaining(message) as string } });
});

test('the longest command runs', async () => {
  expect((await daemon.exec(`echo ran #${'#'.repeat(128 * 1024 - 12)}`)).stdout).toBe('ran\n');
});

test('refuses a directory that is not there', async () => {
  expect(await daemon.call('POST', '/exec', order('true', { cwd: `${daemon.workspace}/none` }))).toMatchObject({ status: 404 });
});

test('at most 32 commands run at a time, and a place is free again when one has ended', async () => {
  const held = await Promise.all(Array.from({ length: 32 }, () => daemon.open('POST', '/exec', order('sleep 60'))));
  expect(held.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 32 }, () => 200));
  expect(await daemon.call('POST', '/exec', order('true'))).toMatchObject({ status: 429, json: { message: 'At most 32 commands run at a time.' } });
  held.forEach(response => response.destroy());
  await new Promise(done => setTimeout(done, 500));
  expect((await daemon.exec('true')).last).toEqual({ exitCode: 0 });
});
