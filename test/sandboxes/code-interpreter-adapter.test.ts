import { loadAdapter, type Adapter, type Driver } from './adapter';
import { CodeInterpreterService } from './code-interpreter-service';
import { until } from './daemon/daemon';

const VARIABLES = {
  SANDBOX_KIND: 'code-interpreter',
  SANDBOX_CODE_INTERPRETER: 'agents-0123456789',
  SANDBOX_MAX_CONCURRENT: '2',
  SANDBOX_MAX_LIFETIME_SECONDS: '1800',
  SANDBOX_IDLE_SECONDS: '600',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_MAX_ATTEMPTS: '1',
};
const before = { ...process.env };
let service: CodeInterpreterService;
let adapters: Array<readonly [Adapter, string]>;

beforeEach(async () => {
  adapters = [];
  service = new CodeInterpreterService();
  Object.assign(process.env, VARIABLES, { AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: await service.listen() });
});
afterEach(async () => {
  service.refusal = undefined;
  await Promise.all(adapters.map(([adapter, id]) => adapter.endSandbox(id).catch(() => undefined)));
  await service.close();
  process.env = { ...before };
});

const load = (major = 2) => loadAdapter(major, 'code-interpreter');
async function driverOf(adapter: Adapter, id = 'customer-1'): Promise<Driver> {
  adapters.push([adapter, id]);
  return adapter.of(id);
}
const did = (action: string) => service.calls.filter(call => call.action === action);
const AT = '/tmp/workspace';

describe.each([['0.10', 0], ['2', 2]] as const)('on Flue %s', (_, major) => {
  test('a session starts with the first use, once for a conversation, and ends with it', async () => {
    const adapter = load(major);
    const driver = await driverOf(adapter);
    expect(service.calls).toEqual([]);
    await Promise.all([driver.exists(AT), driver.exists(AT), (await adapter.of('customer-1')).exists(AT)]);
    expect(did('start')).toEqual([{ action: 'start', session: undefined, interpreter: 'agents-0123456789' }]);
    expect([...service.sessions.values()]).toEqual([expect.objectContaining({ timeoutSeconds: 1800, name: expect.stringMatching(/^[\w-]{1,100}$/) as string })]);
    await adapter.endSandbox('customer-1');
    expect([did('stop').length, service.sessions.size]).toEqual([1, 0]);
    await adapter.endSandbox('customer-1');
    expect(did('stop')).toHaveLength(1);
  });

  test('a command has its output, its exit code, its directory and its variables, and a limit of time', async () => {
    const driver = await driverOf(load(major));
    await driver.mkdir(`${AT}/it's here`);
    const { stdout, stderr, exitCode } = await driver.exec('pwd; echo "$A" >&2; exit 3', { cwd: `${AT}/it's here`, env: { A: 'b \'c\' $D' } });
    expect([stdout.split('/').at(-1), stderr, exitCode]).toEqual(['it\'s here\n', 'b \'c\' $D\n', 3]);
    const limit = major === 0 ? { timeout: 0.3 } : { timeoutMs: 300 };
    expect(await driver.exec('echo so far; sleep 30', limit)).toEqual({ stdout: 'so far\n', stderr: 'The command took longer than 0.3 s and was ended.', exitCode: 124 });
  });
});

test('files are written, read, described, listed and deleted', async () => {
  const driver = await driverOf(load());
  const at = (name: string) => `${AT}/${name}`;
  await driver.mkdir(at('a/b'), { recursive: true });
  await driver.writeFile(at('a/b/text & "more"'), 'wörds');
  await driver.writeFile(at('new/bytes'), new Uint8Array([0, 255]));
  expect(await driver.readFile(at('a/b/text & "more"'))).toBe('wörds');
  expect(await driver.readdir(at('a/b'))).toEqual(['text & "more"']);
  expect(await driver.readFileBuffer(at('new/bytes'))).toEqual(new Uint8Array([0, 255]));
  await driver.writeFile(at('.hidden'), '');
  expect((await driver.readdir(AT)).sort()).toEqual(['.hidden', 'a', 'new']);
  await driver.exec('touch -d @1700000000 new/bytes; ln -s new/bytes link');
  expect(await driver.stat(at('new/bytes'))).toMatchObject({ mtime: new Date(1700000000_000) });
  expect(await driver.stat(at('link'))).toMatchObject({ isFile: false, isDirectory: false, isSymbolicLink: true });
  await expect(driver.mkdir(at('c/d'))).rejects.toThrow(/c\/d/);
  await expect(driver.rm(at('none'))).rejects.toThrow(/none/);
  expect(await driver.stat(at('new/bytes'))).toEqual({ isFile: true, isDirectory: false, isSymbolicLink: false, size: 2, mtime: expect.any(Date) as Date });
  expect(await driver.stat(AT)).toMatchObject({ isFile: false, isDirectory: true });
  await driver.writeFile(at('empty'), '');
  expect([await driver.readFile(at('empty')), await driver.stat(at('empty'))]).toEqual(['', expect.objectContaining({ isFile: true, size: 0 })]);
  await expect(driver.rm(at('a'))).rejects.toThrow(/directory/i);
  await driver.rm(at('a'), { recursive: true });
  await driver.rm(at('a'), { force: true });
  expect([await driver.exists(at('a')), await driver.exists(at('new/bytes'))]).toEqual([false, true]);
  await expect(driver.readFile(at('none'))).rejects.toThrow(/none/);
});

test('a large file comes back whole, one that is too large does not, and nothing staged is left', async () => {
  const driver = await driverOf(load());
  const bytes = Buffer.alloc(1_300_000, 'abcdefg');
  await driver.writeFile(`${AT}/large`, bytes);
  expect(Buffer.from(await driver.readFileBuffer(`${AT}/large`)).equals(bytes)).toBe(true);
  const largest = Buffer.alloc(32 * 1024 * 1024, 'abcdefg');
  await driver.writeFile(`${AT}/largest`, largest);
  expect(Buffer.from(await driver.readFileBuffer(`${AT}/largest`)).equals(largest)).toBe(true);
  await expect(driver.writeFile(`${AT}/larger`, Buffer.alloc(32 * 1024 * 1024 + 1))).rejects.toThrow(`${AT}/larger would have 33554433 bytes, and may have 33554432.`);
  await driver.exec('head -c 33554433 /dev/zero >larger');
  await expect(driver.readFile(`${AT}/larger`)).rejects.toThrow(/has 33554433 bytes/);
  await expect(driver.writeFile('/proc/none', 'a')).rejects.toThrow();
  expect((await driver.exec('ls ..')).stdout).toBe('workspace\n');
});

test('a long output is cut, and a command that is given up is let go', async () => {
  const driver = await driverOf(load());
  const { stdout, stderr, exitCode } = await driver.exec('head -c 2000000 /dev/zero; echo more; exit 5');
  expect([stdout.length, stderr, exitCode]).toEqual([1024 * 1024, 'The rest of the output is left out, because it is too long. Write it into a file.', 5]);
  const errors = await driver.exec('head -c 2000000 /dev/zero >&2');
  expect(errors.stderr).toHaveLength(1024 * 1024);
  const giveUp = new AbortController();
  const running = driver.exec('sleep 3', { signal: giveUp.signal });
  setTimeout(() => giveUp.abort(), 300);
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
});

test('a command that does not heed the end of its time is killed', async () => {
  const driver = await driverOf(load());
  const { stderr, exitCode } = await driver.exec('trap "" TERM; sleep 30; sleep 30', { timeoutMs: 200 });
  expect([stderr, exitCode]).toEqual([expect.stringContaining('The command took longer than 0.2 s and was ended.'), 124]);
});

test('a tool that does not work is said so, and the session stays', async () => {
  const driver = await driverOf(load());
  await driver.mkdir(`${AT}/a`);
  service.fault = { tool: 'writeFiles', text: 'the disk is full' };
  await expect(driver.writeFile(`${AT}/b`, 'c')).rejects.toThrow('The sandbox refused writeFiles: the disk is full');
  service.fault = { tool: 'executeCommand', text: 'no shell' };
  await expect(driver.exec('true')).rejects.toThrow('The sandbox could not run the command: no shell');
  service.fault = undefined;
  expect([await driver.readdir(AT), did('start').length]).toEqual([['a'], 1]);
});

test('a session is named for the task of its server, so that a person finds it', async () => {
  const arn = `arn:aws:ecs:eu-west-1:111111111111:task/${'agents-'.repeat(12)}/0123456789abcdef0123456789abcdef`;
  const asked = jest.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(Response.json({ TaskARN: arn })));
  process.env.ECS_CONTAINER_METADATA_URI_V4 = 'http://169.254.170.2/v4/1';
  try {
    await (await driverOf(load())).exists(AT);
  } finally {
    asked.mockRestore();
  }
  expect([...service.sessions.values()].map(({ name }) => name)).toEqual([arn.replace(/[^\w-]+/g, '-').slice(-100)]);
});

test('a session that ended takes its files along, and the next command starts another', async () => {
  const driver = await driverOf(load());
  await driver.writeFile(`${AT}/a`, 'b');
  service.end([...service.sessions.keys()][0]!);
  await expect(driver.readFile(`${AT}/a`)).rejects.toThrow('The sandbox of this conversation has ended, and its files are gone. The next command starts a new one.');
  expect(await driver.exists(`${AT}/a`)).toBe(false);
  expect(did('start')).toHaveLength(2);
  service.refusal = { type: 'ConflictException', message: 'The session is terminating' };
  await expect(driver.readFile(`${AT}/a`)).rejects.toThrow('The sandbox of this conversation has ended');
  service.refusal = undefined;
  expect(await driver.readdir(AT)).toEqual([]);
  expect(did('start')).toHaveLength(3);
});

test('a session ends after its idle time, not while a command runs, and what the agent does keeps it', async () => {
  process.env.SANDBOX_IDLE_SECONDS = '1';
  const adapter = load();
  const driver = await driverOf(adapter);
  await driver.exec('sleep 1.5');
  expect(service.sessions.size).toBe(1);
  for (let n = 0; n < 4; n++) {
    await new Promise(done => setTimeout(done, 500));
    adapter.emit({ instanceId: 'customer-1' });
    adapter.emit({ instanceId: 'customer-2' });
    adapter.emit({});
  }
  expect(service.sessions.size).toBe(1);
  await until(() => service.sessions.size === 0);
  expect(did('stop')).toHaveLength(1);
});

test('the idle time of what was before ends neither a command that runs nor the next session', async () => {
  process.env.SANDBOX_IDLE_SECONDS = '1';
  const adapter = load();
  const driver = await driverOf(adapter);
  await driver.exec('true');
  expect((await driver.exec('sleep 1.3; echo done')).stdout).toBe('done\n');
  await adapter.endSandbox('customer-1');
  expect((await driver.exec('sleep 1.3; echo done')).stdout).toBe('done\n');
  expect([did('start').length, did('stop').length]).toEqual([2, 1]);
});

test('a server has no more sessions than it may', async () => {
  const adapter = load();
  await (await driverOf(adapter, 'a')).exists(AT);
  await (await driverOf(adapter, 'b')).exists(AT);
  const third = await driverOf(adapter, 'c');
  await expect(third.readdir(AT)).rejects.toThrow('This server has 2 sandboxes, and may have no more. Try again when another conversation is over.');
  await adapter.endSandbox('a');
  expect(await third.readdir(AT)).toEqual([]);
});

test.each([
  ['ServiceQuotaExceededException', 'The account has as many sessions of the code interpreter as its quota allows.'],
  ['ThrottlingException', 'The account calls the code interpreter too often.'],
  ['AccessDeniedException', 'The server may not use the code interpreter.'],
  ['ValidationException', 'The sandbox does not work. (because)'],
])('what the service refuses with %s is said in a sentence, and tried again by the next command', async (type, sentence) => {
  const driver = await driverOf(load());
  service.refusal = { type, message: 'because' };
  await expect(driver.readdir(AT)).rejects.toThrow(sentence);
  service.refusal = undefined;
  expect(await driver.readdir(AT)).toEqual([]);
});

test('a service that is out of reach is said in a sentence', async () => {
  process.env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE = 'http://127.0.0.1:1';
  await expect((await driverOf(load())).readdir(AT)).rejects.toThrow('The server does not reach the code interpreter.');
});

test.each([
  ['SANDBOX_CODE_INTERPRETER', undefined, 'SANDBOX_CODE_INTERPRETER is not set. Call `addSandboxes` on the server in your CDK app.'],
  ['SANDBOX_KIND', 'fargate', 'The sandboxes of this server are of the kind fargate. Write the adapter anew: npx cdk-flue init --sandbox --sandbox-kind fargate'],
])('the variable %s as %s is said with the way out', async (name, value, sentence) => {
  if (value === undefined) {
    delete process.env[name];
  } else {
    process.env[name] = value;
  }
  await expect((await driverOf(load())).readdir(AT)).rejects.toThrow(sentence);
});
