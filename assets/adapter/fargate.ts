// Gives each conversation a machine of its own: a task on Fargate, which the sandboxes of your CDK app (FlueSandboxes) describe.
// `npx cdk-flue init --sandbox` wrote this file, and from now on it is yours. It reads the variables SANDBOX_… that `addSandboxes` sets.
//
{{#first}}
//   createAgent(() => ({ model: '…', sandbox: fargateSandbox() }))
{{/first}}
{{#second}}
//   useSandbox(fargateSandbox());
{{/second}}
//
// Flue does not say when a conversation is over. Call `endSandbox(id)` where your app knows; otherwise the sandbox ends by itself
// after its idle time, with the files in it.
import { createHash, randomBytes } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { DescribeTasksCommand, ECSClient, RunTaskCommand, StopTaskCommand, type Task } from '@aws-sdk/client-ecs';
{{#first}}
import { createSandboxSessionEnv, observe, type SandboxApi, type SandboxFactory } from '@flue/runtime';
{{/first}}
{{#second}}
import { observe, sandboxFromDriver, type SandboxDriver, type SandboxFactory } from '@flue/runtime';
{{/second}}

const WORKSPACE = '/workspace';
const START_TIMEOUT_MS = 180_000;
const POLL_MS = 1_000;
const LOOKS_AFTER_A_LOSS = 10;
/** A command for which the model names no time. */
const COMMAND_TIMEOUT_MS = 600_000;
/** The server holds no more than this of what one command prints. */
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** An idle time of the daemon must not pass while the agent is at work. */
const HEARTBEAT_MS = 20_000;

interface Sandbox {
  readonly arn: string;
  readonly host: string;
  readonly token: string;
  lastSeen: number;
}

type ExecOptions = { cwd?: string; env?: Record<string, string>; {{#first}}timeout{{/first}}{{#second}}timeoutMs{{/second}}?: number; signal?: AbortSignal };

const ecs = new ECSClient({});
const sandboxes = new Map<string, Promise<Sandbox>>();

/** The sandbox of an agent. It starts with the first command or file of a conversation. */
export function fargateSandbox(): SandboxFactory {
  return {
{{#first}}
    createSessionEnv: async ({ id }) => createSandboxSessionEnv(apiOf(id), WORKSPACE),
{{/first}}
{{#second}}
    createSandbox: async ({ id }) => sandboxFromDriver(apiOf(id), WORKSPACE),
{{/second}}
  };
}

/** Ends the sandbox of a conversation, by the id of the agent's instance. */
export async function endSandbox(id: string): Promise<void> {
  const starting = sandboxes.get(id);
  sandboxes.delete(id);
  const sandbox = await starting?.catch(() => undefined);
  if (sandbox) await stop(sandbox.arn, 'The conversation is over');
}

// What the agent does keeps its sandbox: the daemon ends when no request came for its idle time.
observe((event) => {
  const id = event.instanceId;
  if (id === undefined) return;
  void sandboxes.get(id)?.then(async (sandbox) => {
    if (Date.now() - sandbox.lastSeen < HEARTBEAT_MS) return;
    await read(await send(sandbox, 'GET', at('/stat', WORKSPACE)));
  }).catch(() => undefined);
});

function apiOf(id: string): {{#first}}SandboxApi{{/first}}{{#second}}SandboxDriver{{/second}} {
  const call = async (method: string, path: string, body?: string | Uint8Array): Promise<Buffer> => read(await open(id, method, path, body));
  const stat = async (path: string) => {
    const found = JSON.parse((await call('GET', at('/stat', path))).toString()) as { isFile: boolean; isDirectory: boolean; isSymbolicLink: boolean; size: number; mtimeMs: number };
    return { isFile: found.isFile, isDirectory: found.isDirectory, isSymbolicLink: found.isSymbolicLink, size: found.size, mtime: new Date(found.mtimeMs) };
  };
  return {
    stat,
    readFile: async (path) => (await call('GET', at('/files', path))).toString('utf8'),
    readFileBuffer: async (path) => new Uint8Array(await call('GET', at('/files', path))),
    writeFile: async (path, content) => void await call('PUT', at('/files', path), content),
    readdir: async (path) => (JSON.parse((await call('GET', at('/list', path))).toString()) as { entries: string[] }).entries,
    exists: (path) => stat(path).then(() => true, () => false),
    mkdir: async (path, options) => void await call('POST', at('/directories', path, { recursive: options?.recursive })),
    rm: async (path, options) => void await call('DELETE', at('/files', path, { recursive: options?.recursive, force: options?.force })),
    exec: (command, options) => exec(id, command, options),
  };
}

async function exec(id: string, command: string, options: ExecOptions = {}) {
{{#first}}
  const timeoutMs = options.timeout === undefined ? COMMAND_TIMEOUT_MS : Math.ceil(options.timeout * 1000);
{{/first}}
{{#second}}
  const timeoutMs = Math.ceil(options.timeoutMs ?? COMMAND_TIMEOUT_MS);
{{/second}}
  const order = JSON.stringify({ command, cwd: options.cwd, env: options.env, timeoutMs });
  const response = await open(id, 'POST', '/exec', order, options.signal);
  if (response.statusCode !== 200) await read(response);
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let kept = 0;
  let isCut = false;
  for await (const line of linesOf(response)) {
    for (const name of ['stdout', 'stderr'] as const) {
      const data = Buffer.from(line[name] ?? '', 'base64').subarray(0, MAX_OUTPUT_BYTES - kept);
      isCut ||= line[name] !== undefined && data.length < Buffer.byteLength(line[name], 'base64');
      kept += data.length;
      output[name].push(data);
    }
    if (line.exitCode === undefined) continue;
    const notes = [
      ...(line.timedOut ? [`The command took longer than ${timeoutMs / 1000} s and was ended.`] : []),
      ...(isCut || line.truncated ? ['The rest of the output is left out, because it is too long. Write it into a file.'] : []),
    ];
    const stderr = [Buffer.concat(output.stderr).toString('utf8'), ...notes].filter((text) => text !== '').join('\n');
    return { stdout: Buffer.concat(output.stdout).toString('utf8'), stderr, exitCode: line.exitCode };
  }
  options.signal?.throwIfAborted();
  throw await lossOf(id, new Error('The connection ended before the command.'));
}

interface Line {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
  readonly timedOut?: boolean;
  readonly truncated?: boolean;
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<Line> {
  let rest = '';
  try {
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as Line;
    }
  } catch {
    // a connection that is cut ends like one that is closed: without the last line
  }
}

/** A request to the sandbox of a conversation, which starts where there is none. */
async function open(id: string, method: string, path: string, body?: string | Uint8Array, signal?: AbortSignal): Promise<IncomingMessage> {
  let starting = sandboxes.get(id);
  if (!starting) {
    starting = start(id);
    sandboxes.set(id, starting);
    // one that did not start is tried again by the next command
    starting.catch(() => sandboxes.delete(id));
  }
  const sandbox = await starting;
  try {
    return await send(sandbox, method, path, body, signal);
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw await lossOf(id, error as Error);
  }
}

/** Why a sandbox does not answer; one that has ended is forgotten, so that the next command starts another. */
async function lossOf(id: string, cause: Error): Promise<Error> {
  const sandbox = await sandboxes.get(id)?.catch(() => undefined);
  // Amazon ECS learns a moment later that a container has ended
  let task = sandbox && await describe(sandbox.arn).catch(() => undefined);
  for (let looks = 1; task?.desiredStatus === 'RUNNING' && looks < LOOKS_AFTER_A_LOSS; looks++) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    task = await describe(task.taskArn ?? '').catch(() => undefined);
  }
  if (task?.desiredStatus === 'RUNNING') return new Error(`The sandbox does not answer: ${cause.message}`, { cause });
  sandboxes.delete(id);
  return new Error('The sandbox of this conversation has ended, and its files are gone. The next command starts a new one.', { cause });
}

function send(sandbox: Sandbox, method: string, path: string, body?: string | Uint8Array, signal?: AbortSignal): Promise<IncomingMessage> {
  sandbox.lastSeen = Date.now();
  const [hostname, port] = sandbox.host.split(':');
  const headers = { authorization: `Bearer ${sandbox.token}`, 'content-length': body === undefined ? 0 : Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, method, path, headers, signal, agent: false }, resolve);
    // a machine that is lost closes no connection
    call.setSocketKeepAlive(true, 10_000);
    call.once('error', reject).end(body);
  });
}

async function read(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (response.statusCode === 200 || response.statusCode === 204) return body;
  let message = `The sandbox answered ${response.statusCode}.`;
  try {
    message = (JSON.parse(body.toString()) as { message: string }).message;
  } catch { /* the status has to do */ }
  throw new Error(message);
}

function at(route: string, path: string, flags: Record<string, boolean | undefined> = {}): string {
  const set = Object.entries(flags).filter(([, value]) => value).map(([name]): [string, string] => [name, 'true']);
  return `${route}?${new URLSearchParams([['path', path], ...set])}`;
}

async function start(id: string): Promise<Sandbox> {
  const most = Number(variable('SANDBOX_MAX_CONCURRENT'));
  if (sandboxes.size >= most) await forgetEnded();
  if (sandboxes.size > most) throw new Error(`This server has ${most} sandboxes, and may have no more. Try again when another conversation is over.`);
  const token = randomBytes(32).toString('hex');
  const arn = await run(id, createHash('sha256').update(token).digest('hex'));
  try {
    return await answers(arn, token);
  } catch (error) {
    await stop(arn, 'It did not start').catch(() => undefined);
    throw error;
  }
}

/** Forgets the sandboxes that ended by themselves. */
async function forgetEnded(): Promise<void> {
  await Promise.all([...sandboxes].map(async ([id, starting]) => {
    const sandbox = await Promise.race([starting.catch(() => undefined), new Promise<undefined>((resolve) => setImmediate(resolve, undefined))]);
    if (!sandbox) return;
    const task = await describe(sandbox.arn);
    if (task?.desiredStatus !== 'RUNNING' && sandboxes.get(id) === starting) sandboxes.delete(id);
  }));
}

async function run(id: string, tokenHash: string): Promise<string> {
  const pool = variable('SANDBOX_POOL');
  const { tasks, failures } = await ecs.send(new RunTaskCommand({
    cluster: variable('SANDBOX_CLUSTER'),
    taskDefinition: variable('SANDBOX_TASK_DEFINITION'),
    count: 1,
    launchType: 'FARGATE',
    startedBy: pool,
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: variable('SANDBOX_SUBNETS').split(','), securityGroups: variable('SANDBOX_SECURITY_GROUPS').split(','), assignPublicIp: 'DISABLED',
      },
    },
    overrides: { containerOverrides: [{ name: variable('SANDBOX_CONTAINER'), environment: [{ name: 'SANDBOX_TOKEN_SHA256', value: tokenHash }] }] },
    tags: [
      { key: 'cdk-flue:sandbox', value: pool },
      { key: 'cdk-flue:session', value: createHash('sha256').update(id).digest('hex').slice(0, 32) },
      { key: 'cdk-flue:owner', value: await owner() },
    ],
  })).catch((error: Error) => {
    throw asSentence(error.message, error);
  });
  const arn = tasks?.[0]?.taskArn;
  if (!arn) throw asSentence(failures?.[0]?.reason ?? 'Amazon ECS gave no reason');
  return arn;
}

/** Waits until the daemon answers. */
async function answers(arn: string, token: string): Promise<Sandbox> {
  const end = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < end) {
    const task = await describe(arn);
    if (task?.lastStatus === 'STOPPED' || task?.desiredStatus === 'STOPPED') {
      throw asSentence(task.containers?.find(({ reason }) => reason)?.reason ?? task.stoppedReason ?? 'it stopped at once');
    }
    const address = task?.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address;
    if (address && task.lastStatus === 'RUNNING') {
      const sandbox = { arn, token, host: `${address}:${variable('SANDBOX_PORT')}`, lastSeen: 0 };
      const isUp = await send(sandbox, 'GET', '/health', undefined, AbortSignal.timeout(POLL_MS)).then(read).then(() => true, () => false);
      if (isUp) return sandbox;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`The sandbox did not answer within ${START_TIMEOUT_MS / 1000} s. Look at the events of its task in Amazon ECS, and at its log.`);
}

async function describe(arn: string): Promise<Task | undefined> {
  const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: variable('SANDBOX_CLUSTER'), tasks: [arn] }));
  return tasks?.[0];
}

async function stop(arn: string, reason: string): Promise<void> {
  await ecs.send(new StopTaskCommand({ cluster: variable('SANDBOX_CLUSTER'), task: arn, reason }));
}

/** What Amazon ECS says of a sandbox that does not start, as what to do about it. */
const SENTENCES: ReadonlyArray<readonly [RegExp, string]> = [
  [/limit on the number of vCPUs|LimitExceeded|quota/i, 'The account runs as much on Fargate as its quota allows. Ask AWS for more vCPUs, or end other tasks.'],
  [/Capacity is unavailable|RESOURCE:/i, 'AWS has no capacity for the sandbox right now. Try again in a few minutes.'],
  [/CannotPull|ImageNotFound|pull image/i, 'The image of the sandbox cannot be pulled. Check that it exists, and that the subnets reach its registry.'],
  [/ResourceInitializationError/i, 'The sandbox cannot reach its registry or its log. Check the endpoints of its subnets.'],
  [/not authorized|AccessDenied/i, 'The server may not start sandboxes. Call `addSandboxes` on it in your CDK app, and deploy.'],
  [/Rate exceeded|Throttl/i, 'The account starts too many tasks at a time. Try again in a minute.'],
];

function asSentence(reason: string, cause?: Error): Error {
  const [, sentence = 'The sandbox did not start.'] = SENTENCES.find(([pattern]) => pattern.test(`${cause?.name ?? ''} ${reason}`)) ?? [];
  return new Error(`${sentence} (${reason})`, { cause });
}

/** Who answers for the sandbox: the task of this server, or the instance on which it runs. When that is gone, the sandbox is ended. */
let owning: Promise<string> | undefined;
const owner = (): Promise<string> => (owning ??= readOwner());

async function readOwner(): Promise<string> {
  const task = process.env.ECS_CONTAINER_METADATA_URI_V4;
  if (task) return ((await (await fetch(`${task}/task`)).json()) as { TaskARN: string }).TaskARN;
  const imds = 'http://169.254.169.254/latest';
  try {
    const within = { signal: AbortSignal.timeout(1000) };
    const token = await (await fetch(`${imds}/api/token`, { method: 'PUT', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' }, ...within })).text();
    return await (await fetch(`${imds}/meta-data/instance-id`, { headers: { 'x-aws-ec2-metadata-token': token }, ...within })).text();
  } catch {
    // the sandbox then ends at the latest when its lifetime is over
    return 'unknown';
  }
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set. Call \`addSandboxes\` on the server in your CDK app.`);
  return value;
}
