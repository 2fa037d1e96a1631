import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadAdapter, type Adapter, type Driver } from './adapter';
import { Daemon, until } from './daemon/daemon';
import { Ecs, type EcsTask, type Machine } from './ecs';

const ARN = 'arn:aws:ecs:eu-west-1:111111111111';
const OWNER = `${ARN}:task/agents/owner`;
const VARIABLES = {
  SANDBOX_CLUSTER: `${ARN}:cluster/sandboxes`,
  SANDBOX_TASK_DEFINITION: `${ARN}:task-definition/sandbox:3`,
  SANDBOX_SUBNETS: 'subnet-1,subnet-2',
  SANDBOX_SECURITY_GROUPS: 'sg-1',
  SANDBOX_CONTAINER: 'sandbox',
  SANDBOX_MAX_CONCURRENT: '2',
  SANDBOX_POOL: 'pool',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};
const before = { ...process.env };
const daemons = new Map<string, Daemon>();
let metadata: Server;
let ecs: Ecs;
let machine: Machine;
/** Whether a task starts at all. */
let comesUp: (task: EcsTask) => boolean;
let daemonEnvironment: NodeJS.ProcessEnv;

beforeEach(async () => {
  comesUp = () => true;
  daemonEnvironment = {};
  machine = {
    start: async (task, environment) => {
      if (!comesUp(task)) {
        return new Promise(() => { /* it never runs */ });
      }
      const daemon = await Daemon.start({ ...daemonEnvironment, ...environment });
      daemons.set(task.taskArn, daemon);
      void daemon.exit.then(() => ecs.ended(task));
      process.env.SANDBOX_PORT = String(daemon.port);
      return '127.0.0.1';
    },
    stop: async ({ taskArn }) => daemons.get(taskArn)?.stop(),
  };
  ecs = new Ecs({ start: (...given) => machine.start(...given), stop: task => machine.stop(task) });
  metadata = createServer((_, response) => response.end(JSON.stringify({ TaskARN: OWNER })));
  await new Promise<void>(done => metadata.listen(0, '127.0.0.1', done));
  const { port } = metadata.address() as AddressInfo;
  const places = { AWS_ENDPOINT_URL_ECS: await ecs.listen(), ECS_CONTAINER_METADATA_URI_V4: `http://127.0.0.1:${port}/v4/1` };
  Object.assign(process.env, VARIABLES, places, { SANDBOX_PORT: '1' });
});
afterEach(async () => {
  await ecs.close();
  metadata.closeAllConnections();
  metadata.close();
  daemons.clear();
  process.env = { ...before };
});

const load = (major: number) => loadAdapter(major, 'fargate');
const only = () => [...daemons.values()].at(-1)!;
const where = { get cwd() { return only().workspace; } };
const runs = () => ecs.calls.filter(({ action }) => action === 'RunTask');
/** Starts the sandbox, whose workspace is where its daemon says. */
async function begin(adapter: Adapter, id = 'customer-1'): Promise<Driver> {
  const driver = await adapter.of(id);
  await driver.exists('/');
  return driver;
}

describe.each([['0.10', 0], ['2', 2]] as const)('on Flue %s', (_, major) => {
  test('a sandbox starts with the first use, once for a conversation, and ends with it', async () => {
    const adapter = load(major);
    const driver = await adapter.of('customer-1');
    expect(runs()).toEqual([]);
    await Promise.all([driver.exists('/'), driver.exists('/'), (await adapter.of('customer-1')).exists('/')]);
    expect(runs()).toHaveLength(1);
    const { input } = runs()[0]!;
    const { token } = only();
    expect(input).toMatchObject({
      cluster: VARIABLES.SANDBOX_CLUSTER,
      taskDefinition: VARIABLES.SANDBOX_TASK_DEFINITION,
      count: 1,
      launchType: 'FARGATE',
      startedBy: 'pool',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'], assignPublicIp: 'DISABLED' } },
      overrides: { containerOverrides: [{ name: 'sandbox', environment: [{ name: 'SANDBOX_TOKEN_SHA256', value: expect.stringMatching(/^[0-9a-f]{64}$/) as string }] }] },
      tags: [
        { key: 'cdk-flue:sandbox', value: 'pool' },
        { key: 'cdk-flue:session', value: createHash('sha256').update('customer-1').digest('hex').slice(0, 32) },
        { key: 'cdk-flue:owner', value: OWNER },
      ],
    });
    expect(token).not.toBe('');
    await adapter.endSandbox('customer-1');
    expect(ecs.running).toEqual([]);
    await adapter.endSandbox('customer-1');
  });

  test('a command has its output, its exit code, its directory and its variables, and a limit of time', async () => {
    const driver = await begin(load(major));
    const cwd = `${only().workspace}/inner`;
    await driver.mkdir(cwd);
    expect(await driver.exec('pwd; echo "$A" >&2; exit 3', { cwd, env: { A: 'b' } })).toEqual({ stdout: `${cwd}\n`, stderr: 'b\n', exitCode: 3 });
    const limit = major === 0 ? { timeout: 0.3 } : { timeoutMs: 300 };
    expect(await driver.exec('echo so far; sleep 30', { ...where, ...limit })).toEqual({
      stdout: 'so far\n', stderr: 'The command took longer than 0.3 s and was ended.', exitCode: 124,
    });
  });
});

test('a command that is given up before its sandbox answers is no loss', async () => {
  const driver = await begin(load(2));
  only().signal('SIGSTOP');
  const giveUp = new AbortController();
  const running = driver.exec('true', { ...where, signal: giveUp.signal });
  setTimeout(() => giveUp.abort(), 200);
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  only().signal('SIGCONT');
  expect((await driver.exec('echo on', where)).stdout).toBe('on\n');
  expect(runs()).toHaveLength(1);
});

test('each sandbox has a token of its own', async () => {
  const adapter = load(2);
  await begin(adapter, 'a');
  await begin(adapter, 'b');
  const hashes = runs().map(({ input }) => JSON.stringify(input.overrides));
  expect([hashes.length, new Set(hashes).size]).toEqual([2, 2]);
});

test('files are written, read, described, listed and deleted', async () => {
  const driver = await begin(load(2));
  const at = (name: string) => `${only().workspace}/${name}`;
  await driver.mkdir(at('a/b'), { recursive: true });
  await driver.writeFile(at('a/b/text & more'), 'wörds');
  await driver.writeFile(at('bytes'), new Uint8Array([0, 255]));
  expect(await driver.readFile(at('a/b/text & more'))).toBe('wörds');
  expect(await driver.readFileBuffer(at('bytes'))).toEqual(new Uint8Array([0, 255]));
  expect(await driver.readdir(at('.'))).toEqual(['a', 'bytes']);
  expect(await driver.stat(at('bytes'))).toEqual({ isFile: true, isDirectory: false, isSymbolicLink: false, size: 2, mtime: expect.any(Date) as Date });
  await expect(driver.mkdir(at('c/d'))).rejects.toThrow(/ENOENT/);
  await driver.exec('touch -d @1700000000 bytes', where);
  expect(await driver.stat(at('bytes'))).toMatchObject({ mtime: new Date(1700000000_000) });
  await expect(driver.rm(at('none'))).rejects.toThrow(/ENOENT/);
  await expect(driver.rm(at('a'))).rejects.toThrow();
  await driver.rm(at('a'), { recursive: true });
  await driver.rm(at('a'), { force: true });
  expect([await driver.exists(at('a')), await driver.exists(at('bytes'))]).toEqual([false, true]);
  await expect(driver.readFile('/etc/passwd')).rejects.toThrow(/^\/etc\/passwd is outside of /);
  await expect(driver.exec('true', { cwd: '/etc' })).rejects.toThrow(/^\/etc is outside of /);
  await expect(driver.readFile(at('none'))).rejects.toThrow(/ENOENT/);
});

test('a long output is cut, and a command that is given up ends', async () => {
  const driver = await begin(load(2));
  const { stdout, stderr, exitCode } = await driver.exec('head -c 2000000 /dev/zero; exit 5', where);
  expect([stdout.length, stderr, exitCode]).toEqual([1024 * 1024, 'The rest of the output is left out, because it is too long. Write it into a file.', 5]);
  const giveUp = new AbortController();
  const running = driver.exec('echo $$ >pid; sleep 60', { ...where, signal: giveUp.signal });
  await new Promise(done => setTimeout(done, 500));
  giveUp.abort();
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  const pid = (await driver.readFile(`${only().workspace}/pid`)).trim();
  await until(() => {
    try {
      return !process.kill(Number(pid), 0);
    } catch {
      return true;
    }
  });
});

test('a sandbox that ended takes its files along, and the next command starts another', async () => {
  const driver = await begin(load(2));
  const first = only();
  const held = driver.exec('sleep 60', where);
  await new Promise(done => setTimeout(done, 300));
  first.signal('SIGKILL');
  await first.exit;
  await expect(held).rejects.toThrow('The sandbox of this conversation has ended, and its files are gone. The next command starts a new one.');
  await driver.exists('/');
  expect(runs()).toHaveLength(2);
});

test('a sandbox that runs and does not answer is said so, and kept', async () => {
  const driver = await begin(load(2));
  only().signal('SIGSTOP');
  const held = driver.exec('true', where);
  await new Promise(done => setTimeout(done, 200));
  ecs.ended = () => { /* Amazon ECS does not learn of it */ };
  only().signal('SIGKILL');
  await expect(held).rejects.toThrow(/^The sandbox does not answer: /);
  await expect(driver.readdir('/')).rejects.toThrow(/^The sandbox does not answer: /);
  expect(runs()).toHaveLength(1);
});

test('the daemon is not asked with every event', async () => {
  daemonEnvironment = { SANDBOX_IDLE_SECONDS: '1' };
  const adapter = load(2);
  await begin(adapter);
  const events = setInterval(() => adapter.emit({ instanceId: 'customer-1' }), 100);
  try {
    await only().exit;
  } finally {
    clearInterval(events);
  }
  expect(only().log).toContain('no request came for 1 s');
});

test('what the agent does keeps its sandbox awake', async () => {
  daemonEnvironment = { SANDBOX_IDLE_SECONDS: '2' };
  const adapter = load(2);
  await begin(adapter);
  const now = jest.spyOn(Date, 'now');
  try {
    for (let n = 0; n < 6; n++) {
      const real = performance.timeOrigin + performance.now();
      now.mockReturnValue(real + n * 60_000);
      adapter.emit({ instanceId: 'customer-1' });
      adapter.emit({ instanceId: 'customer-2' });
      adapter.emit({});
      await new Promise(done => setTimeout(done, 600));
    }
  } finally {
    now.mockRestore();
  }
  expect(ecs.running).toHaveLength(1);
  await only().exit;
  expect(runs()).toHaveLength(1);
});

test('a server has no more sandboxes than it may, and those that ended count no more', async () => {
  const adapter = load(2);
  await begin(adapter, 'a');
  const second = await begin(adapter, 'b');
  const third = await adapter.of('c');
  await expect(third.readdir('/')).rejects.toThrow('This server has 2 sandboxes, and may have no more. Try again when another conversation is over.');
  only().signal('SIGTERM');
  await only().exit;
  await expect(third.readdir('/')).rejects.toThrow(/^\/ is outside/);
  expect(runs()).toHaveLength(3);
  await expect(second.readdir('/')).rejects.toThrow(/may have no more/);
});

test.each([
  [{ message: 'You\'ve reached the limit on the number of vCPUs you can run concurrently' }, 'The account runs as much on Fargate as its quota allows.'],
  [{ message: 'Capacity is unavailable at this time. Please try again later or in a different availability zone' }, 'AWS has no capacity for the sandbox right now.'],
  [{ message: 'Rate exceeded' }, 'The account starts too many tasks at a time.'],
  [{ failure: 'RESOURCE:ENI' }, 'AWS has no capacity for the sandbox right now.'],
  [{ type: 'AccessDeniedException', message: 'User is not authorized to perform: ecs:RunTask' }, 'The server may not start sandboxes.'],
  [{ message: 'Something else' }, 'The sandbox did not start. (Something else)'],
])('what Amazon ECS refuses with %o is said in a sentence, and tried again by the next command', async (refusal, sentence) => {
  const driver = await load(2).of('customer-1');
  ecs.refusal = refusal;
  await expect(driver.readdir('/')).rejects.toThrow(sentence);
  ecs.refusal = undefined;
  await expect(driver.readdir('/')).rejects.toThrow(/^\/ is outside/);
});

test.each<[string, string, (task: EcsTask) => void]>([
  ['an image that cannot be pulled', 'The image of the sandbox cannot be pulled.', task => ecs.ended(task, 'CannotPullContainerError: pull image manifest has been retried 1 time(s)')],
  ['a registry that is out of reach', 'The sandbox cannot reach its registry or its log.', task => ecs.ended(task, 'ResourceInitializationError: unable to pull secrets or registry auth')],
  ['a reason that its container has', 'and that the subnets reach its registry. (CannotPullContainerError: none)',
    task => Object.assign(task, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedReason: 'Task failed to start', containers: [{ reason: 'CannotPullContainerError: none' }] })],
  ['an end before its container has ended', 'The sandbox did not start. (Scaling activity)', task => Object.assign(task, { desiredStatus: 'STOPPED', stoppedReason: 'Scaling activity' })],
])('%s is said in a sentence', async (_, sentence, fail) => {
  comesUp = task => {
    setTimeout(() => fail(task), 100);
    return false;
  };
  await expect((await load(2).of('customer-1')).readdir('/')).rejects.toThrow(sentence);
  expect(ecs.calls.filter(({ action }) => action === 'StopTask')).toEqual([
    { action: 'StopTask', input: { cluster: VARIABLES.SANDBOX_CLUSTER, task: [...ecs.tasks.keys()][0], reason: 'It did not start' } },
  ]);
});

test('a sandbox is used when its daemon answers, which may be later than its start', async () => {
  const { start } = machine;
  machine.start = async (...given) => {
    const address = await start(...given);
    const { SANDBOX_PORT } = process.env;
    process.env.SANDBOX_PORT = '1';
    setTimeout(() => Object.assign(process.env, { SANDBOX_PORT }), 600);
    return address;
  };
  const driver = await load(2).of('customer-1');
  await expect(driver.readdir('/')).rejects.toThrow(/^\/ is outside/);
});

test('a server that is full does not wait for a sandbox that does not come up', async () => {
  comesUp = ({ tags }) => tags[1]!.value !== createHash('sha256').update('a').digest('hex').slice(0, 32);
  const adapter = load(2);
  const waiting = (await adapter.of('a')).readdir('/').catch((error: Error) => error.message);
  await begin(adapter, 'b');
  await expect((await adapter.of('c')).readdir('/')).rejects.toThrow(/may have no more/);
  ecs.running.filter(({ lastStatus }) => lastStatus === 'PENDING').forEach(task => ecs.ended(task, 'Capacity is unavailable'));
  expect(await waiting).toContain('AWS has no capacity for the sandbox right now.');
});

test.each([
  ['the instance', 'i-0123456789abcdef0', (url: string) => Promise.resolve(new Response(url.endsWith('/token') ? 'token' : 'i-0123456789abcdef0'))],
  ['nobody that is known', 'unknown', () => Promise.reject(new Error('no route'))],
])('a server without a task has %s as the owner', async (_, owner, answer) => {
  delete process.env.ECS_CONTAINER_METADATA_URI_V4;
  const asked = jest.spyOn(globalThis, 'fetch').mockImplementation(url => answer(String(url)));
  try {
    await begin(load(2));
  } finally {
    asked.mockRestore();
  }
  expect(runs()[0]!.input.tags).toContainEqual({ key: 'cdk-flue:owner', value: owner });
});

test('a variable that is missing is said with the way to it', async () => {
  delete process.env.SANDBOX_CLUSTER;
  await expect((await load(2).of('customer-1')).readdir('/')).rejects.toThrow('SANDBOX_CLUSTER is not set. Call `addSandboxes` on the server in your CDK app.');
});
