// Gives each conversation a machine of its own: a session of Amazon Bedrock AgentCore Code Interpreter, which the sandboxes of your CDK app (FlueSandboxes) name.
// `npx cdk-flue init --sandbox --sandbox-kind code-interpreter` wrote this file, and from now on it is yours. It reads the variables SANDBOX_… that
// `addSandboxes` sets.
//
{{#first}}
//   createAgent(() => ({ model: '…', sandbox: codeInterpreterSandbox() }))
{{/first}}
{{#second}}
//   useSandbox(codeInterpreterSandbox());
{{/second}}
//
// Flue does not say when a conversation is over. Call `endSandbox(id)` where your app knows; otherwise the session ends after its idle time, with
// the files in it. If the server is gone, AWS ends it when its lifetime is over.
import { randomUUID } from 'node:crypto';
import { BedrockAgentCoreClient, InvokeCodeInterpreterCommand, StartCodeInterpreterSessionCommand, StopCodeInterpreterSessionCommand, type ToolArguments, type ToolName } from '@aws-sdk/client-bedrock-agentcore';
{{#first}}
import { createSandboxSessionEnv, observe, type SandboxApi, type SandboxFactory } from '@flue/runtime';
{{/first}}
{{#second}}
import { observe, sandboxFromDriver, type SandboxDriver, type SandboxFactory } from '@flue/runtime';
{{/second}}

const WORKSPACE = '/tmp/workspace';
/** A command for which the model names no time. */
const COMMAND_TIMEOUT_MS = 600_000;
/** What `timeout` of the coreutils ends with. */
const TIMED_OUT = 124;
const KILLED = 137;
/** The server holds no more than this of what one command prints. */
const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_FILE_BYTES = 32 * 1024 * 1024;
/** A file comes in pieces of this size. */
const PIECE_BYTES = 512 * 1024;

interface Session {
  readonly sessionId: string;
  /** How many commands run. */
  busy: number;
  idle?: NodeJS.Timeout;
}

type ExecOptions = { cwd?: string; env?: Record<string, string>; {{#first}}timeout{{/first}}{{#second}}timeoutMs{{/second}}?: number; signal?: AbortSignal };

const agentCore = new BedrockAgentCoreClient({});
const sessions = new Map<string, Promise<Session>>();

/** The sandbox of an agent. It starts with the first command or file of a conversation. */
export function codeInterpreterSandbox(): SandboxFactory {
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
  const starting = sessions.get(id);
  sessions.delete(id);
  const session = await starting?.catch(() => undefined);
  if (!session) return;
  clearTimeout(session.idle);
  await agentCore.send(new StopCodeInterpreterSessionCommand({ codeInterpreterIdentifier: variable('SANDBOX_CODE_INTERPRETER'), sessionId: session.sessionId }));
}

// What the agent does keeps its sandbox.
observe((event) => {
  const id = event.instanceId;
  if (id !== undefined) void sessions.get(id)?.then((session) => rest(id, session)).catch(() => undefined);
});

function apiOf(id: string): {{#first}}SandboxApi{{/first}}{{#second}}SandboxDriver{{/second}} {
  /** Runs a command that has to succeed, with a path as `$1`. */
  const call = async (script: string, path: string): Promise<string> => {
    const { stdout, stderr, exitCode } = await command(id, `sh -c ${quoted(script)} sh ${quoted(path)}`);
    if (exitCode !== 0) throw new Error(stderr.trim() || `The command ended with ${exitCode}: ${script}`);
    return stdout;
  };
  const stat = async (path: string) => {
    const [kind, size, seconds] = (await call('stat -c "%F|%s|%Y" -- "$1"', path)).trim().split('|');
    return {
      isFile: /file$/.test(kind), isDirectory: kind === 'directory', isSymbolicLink: kind === 'symbolic link', size: Number(size), mtime: new Date(Number(seconds) * 1000),
    };
  };
  const readFileBuffer = async (path: string): Promise<Uint8Array> => {
    const size = Number(await call('wc -c < "$1"', path));
    if (size > MAX_FILE_BYTES) throw new Error(`${path} has ${size} bytes, and may have ${MAX_FILE_BYTES}.`);
    const pieces: Buffer[] = [];
    for (let begin = 0; begin < size; begin += PIECE_BYTES) {
      pieces.push(Buffer.from(await call(`tail -c +${begin + 1} -- "$1" | head -c ${PIECE_BYTES} | base64`, path), 'base64'));
    }
    return new Uint8Array(Buffer.concat(pieces));
  };
  return {
    stat,
    readFile: async (path) => Buffer.from(await readFileBuffer(path)).toString('utf8'),
    readFileBuffer,
    writeFile: async (path, content) => {
      const blob = typeof content === 'string' ? Buffer.from(content) : content;
      if (blob.length > MAX_FILE_BYTES) throw new Error(`${path} would have ${blob.length} bytes, and may have ${MAX_FILE_BYTES}.`);
      // the tool writes below the directory of the session alone
      const staged = `cdk-flue-${randomUUID()}`;
      await invoke(id, 'writeFiles', { content: [{ path: staged, blob }] });
      await call(`mkdir -p -- "$(dirname -- "$1")" && cat ${staged} > "$1"; code=$?; rm -f ${staged}; exit $code`, path);
    },
    readdir: async (path) => (await call('cd -- "$1" && ls -A', path)).split('\n').filter((name) => name !== ''),
    exists: (path) => stat(path).then(() => true, () => false),
    mkdir: async (path, options) => void await call(`mkdir ${options?.recursive ? '-p ' : ''}-- "$1"`, path),
    rm: async (path, options) => void await call(`rm ${options?.recursive ? '-r ' : ''}${options?.force ? '-f ' : ''}-- "$1" </dev/null`, path),
    exec: (script, options) => exec(id, script, options),
  };
}

async function exec(id: string, script: string, options: ExecOptions = {}) {
{{#first}}
  const timeoutMs = options.timeout === undefined ? COMMAND_TIMEOUT_MS : Math.ceil(options.timeout * 1000);
{{/first}}
{{#second}}
  const timeoutMs = Math.ceil(options.timeoutMs ?? COMMAND_TIMEOUT_MS);
{{/second}}
  const variables = Object.entries(options.env ?? {}).map(([name, value]) => quoted(`${name}=${value}`));
  // each stream is cut where it is, and the command ends in time also when nobody waits for it any more
  const limited = `{ timeout -k 2 ${timeoutMs / 1000} sh -c ${quoted(script)}; } 2> >(head -c ${MAX_OUTPUT_BYTES} >&2) | { head -c ${MAX_OUTPUT_BYTES}; cat >/dev/null; }; exit "\${PIPESTATUS[0]}"`;
  const line = ['cd', quoted(options.cwd ?? WORKSPACE), '&&', ...variables.length > 0 ? ['export', ...variables, '&&'] : [], limited].join(' ');
  const { stdout, stderr, exitCode } = await command(id, `bash -c ${quoted(line)}`, options.signal);
  const notes = [
    ...([TIMED_OUT, KILLED].includes(exitCode) ? [`The command took longer than ${timeoutMs / 1000} s and was ended.`] : []),
    ...(Buffer.byteLength(stdout) >= MAX_OUTPUT_BYTES ? ['The rest of the output is left out, because it is too long. Write it into a file.'] : []),
  ];
  return { stdout, stderr: [stderr, ...notes].filter((text) => text !== '').join('\n'), exitCode: exitCode === KILLED ? TIMED_OUT : exitCode };
}

async function command(id: string, line: string, signal?: AbortSignal) {
  const { stdout, stderr, exitCode, text, isError } = await invoke(id, 'executeCommand', { command: line }, signal);
  if (exitCode === undefined && isError) throw new Error(`The sandbox could not run the command: ${text}`);
  return { stdout, stderr, exitCode: exitCode ?? 0 };
}

/** Calls a tool of the session of a conversation, which starts where there is none. */
async function invoke(id: string, name: ToolName, args: ToolArguments, signal?: AbortSignal) {
  const session = await sessionOf(id);
  clearTimeout(session.idle);
  session.busy++;
  try {
    const request = { codeInterpreterIdentifier: variable('SANDBOX_CODE_INTERPRETER'), sessionId: session.sessionId, name, arguments: args };
    const { stream } = await agentCore.send(new InvokeCodeInterpreterCommand(request), { abortSignal: signal });
    const found = { stdout: '', stderr: '', exitCode: undefined as number | undefined, text: '', isError: false };
    for await (const { result } of stream ?? []) {
      found.stdout += result?.structuredContent?.stdout ?? '';
      found.stderr += result?.structuredContent?.stderr ?? '';
      found.exitCode = result?.structuredContent?.exitCode ?? found.exitCode;
      found.text += result?.content?.map(({ text = '' }) => text).join('') ?? '';
      found.isError ||= result?.isError === true;
    }
    if (found.isError && name !== 'executeCommand') throw new Error(`The sandbox refused ${name}: ${found.text}`);
    return found;
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    if (!['ResourceNotFoundException', 'ConflictException'].includes((error as Error).name)) throw asSentence(error as Error);
    sessions.delete(id);
    throw new Error('The sandbox of this conversation has ended, and its files are gone. The next command starts a new one.', { cause: error });
  } finally {
    session.busy--;
    rest(id, session);
  }
}

/** Begins the idle time of a session anew; the service knows none. */
function rest(id: string, session: Session): void {
  clearTimeout(session.idle);
  if (session.busy > 0) return;
  session.idle = setTimeout(() => void endSandbox(id).catch(() => undefined), Number(variable('SANDBOX_IDLE_SECONDS')) * 1000);
  session.idle.unref();
}

function sessionOf(id: string): Promise<Session> {
  let starting = sessions.get(id);
  if (!starting) {
    starting = start();
    sessions.set(id, starting);
    // one that did not start is tried again by the next command
    starting.catch(() => sessions.delete(id));
  }
  return starting;
}

async function start(): Promise<Session> {
  const most = Number(variable('SANDBOX_MAX_CONCURRENT'));
  const kind = variable('SANDBOX_KIND');
  if (kind !== 'code-interpreter') throw new Error(`The sandboxes of this server are of the kind ${kind}. Write the adapter anew: npx cdk-flue init --sandbox --sandbox-kind ${kind}`);
  if (sessions.size >= most) throw new Error(`This server has ${most} sandboxes, and may have no more. Try again when another conversation is over.`);
  const codeInterpreterIdentifier = variable('SANDBOX_CODE_INTERPRETER');
  const { sessionId = '' } = await agentCore.send(new StartCodeInterpreterSessionCommand({
    codeInterpreterIdentifier, name: await owner(), sessionTimeoutSeconds: Number(variable('SANDBOX_MAX_LIFETIME_SECONDS')),
  })).catch((error: Error) => {
    throw asSentence(error);
  });
  await agentCore.send(new InvokeCodeInterpreterCommand({ codeInterpreterIdentifier, sessionId, name: 'executeCommand', arguments: { command: `mkdir -p ${WORKSPACE}` } }));
  return { sessionId, busy: 0 };
}

/** What the service says of a sandbox that does not start or run, as what to do about it. */
const SENTENCES: ReadonlyArray<readonly [RegExp, string]> = [
  [/ServiceQuotaExceeded/, 'The account has as many sessions of the code interpreter as its quota allows. Ask AWS for more, or end other conversations.'],
  [/Throttling/, 'The account calls the code interpreter too often. Try again in a minute.'],
  [/AccessDenied/, 'The server may not use the code interpreter. Call `addSandboxes` on it in your CDK app, and deploy.'],
  [/ENOTFOUND|ECONNREFUSED|TimeoutError/, 'The server does not reach the code interpreter. Give its subnets a way to the endpoint bedrock-agentcore.'],
];

function asSentence(cause: Error): Error {
  const told = `${cause.name} ${(cause as { code?: string }).code ?? ''} ${cause.message}`;
  const [, sentence = 'The sandbox does not work.'] = SENTENCES.find(([pattern]) => pattern.test(told)) ?? [];
  return new Error(`${sentence} (${cause.message})`, { cause });
}

/** Who answers for the session: the task of this server, or its host. A person finds it by that name. */
async function owner(): Promise<string> {
  const task = process.env.ECS_CONTAINER_METADATA_URI_V4;
  const arn = task && await fetch(`${task}/task`).then(async (answer) => ((await answer.json()) as { TaskARN: string }).TaskARN, () => undefined);
  return (arn ?? process.env.HOSTNAME ?? 'server').replace(/[^\w-]+/g, '-').slice(-100);
}

/** A word for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll('\'', '\'\\\'\'')}'`;
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set. Call \`addSandboxes\` on the server in your CDK app.`);
  return value;
}
