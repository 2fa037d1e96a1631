import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/cli/rehearse/runtime/port';

const DEPLOY = join(__dirname, '../deploy');
const ROOT = join(__dirname, '../..');
/** Where `tools.sh` installed the SDK. */
const PYTHON = join(ROOT, '.tools/deploy/venv/bin/python');
/** What Python compiles is kept there, and not beside the sources. */
const COMPILED = { PYTHONDONTWRITEBYTECODE: undefined, PYTHONPYCACHEPREFIX: join(ROOT, '.tools/deploy/bytecode') };
const CDK = join(ROOT, 'node_modules/.bin/cdk');
const EMULATED_ACCOUNT = '111122223333';
const EMULATED_REGION = 'us-east-1';
const START_MS = 60_000;
/** How much of what a command says is kept. */
const KEPT = 4_000;

export type Environment = NodeJS.ProcessEnv;
export type Call = (service: string, operation: string, parameters?: object, region?: string) => Promise<any>;

/** What became of each invariant: '' where it holds, 'absent STACK', or 'broken' and why. */
export type Invariants = { readonly [says: string]: string };

/** Every process that this one started and that is alive. */
const children = new Set<ChildProcess>();

function start(command: string, args: readonly string[], env: Environment, cwd: string): ChildProcess {
  // A group of its own: the terminal's Ctrl+C must not reach it before this process has decided what to do.
  const child = spawn(command, args, { env, cwd, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  children.add(child);
  child.on('exit', () => children.delete(child));
  child.on('error', () => children.delete(child));
  return child;
}

function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): void {
  try {
    process.kill(-child.pid!, signal);
  } catch {
    child.kill(signal);
  }
}

/** Ends what is left, so that nothing outlives this process. */
export function stopChildren(): void {
  for (const child of children) {
    stop(child, 'SIGKILL');
  }
}

/** The emulator, for as long as it is needed. */
export async function startEmulator(work: string): Promise<Environment> {
  const port = await freePort();
  const env: Environment = {
    ...process.env,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: `http://localhost:${port}`,
    // No profile, no role and no account of this machine.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    // The CLI remembers the account of a key.
    AWS_ACCESS_KEY_ID: `operator-of-${EMULATED_ACCOUNT}`,
    AWS_SECRET_ACCESS_KEY: 'operator',
    AWS_REGION: EMULATED_REGION,
    AWS_DEFAULT_REGION: EMULATED_REGION,
    AWS_PROFILE: undefined,
    AWS_SESSION_TOKEN: undefined,
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
    FUNCTION_MODULES: join(ROOT, '.tools/deploy/functions/node_modules'),
    EMULATOR_LOST: join(work, 'lost'),
    ...COMPILED,
  };
  const server = start(PYTHON, ['-m', 'emulator.server', String(port)], env, DEPLOY);
  server.stdout!.resume();
  server.stderr!.resume();
  for (const until = Date.now() + START_MS; Date.now() < until; await sleep(200)) {
    if (server.exitCode !== null) break;
    if (await fetch(`${env.AWS_ENDPOINT_URL}/moto-api/`).then(() => true, () => false)) {
      return env;
    }
  }
  throw new Error('The emulator did not start.');
}

/** Asks the APIs of AWS, or of the emulator, through the SDK for Python, which the checks of `verify:deploy` use too. */
export class Cloud {
  private readonly child: ChildProcess;
  private readonly waiting: ((line: string) => void)[] = [];

  public constructor(env: Environment) {
    this.child = start(PYTHON, ['ask.py'], { ...env, ...COMPILED }, DEPLOY);
    let complaint = '';
    this.child.stderr!.on('data', (chunk: Buffer) => complaint = (complaint + chunk).slice(-KEPT));
    this.child.stdin!.on('error', () => undefined);
    createInterface(this.child.stdout!).on('line', line => this.waiting.shift()?.(line));
    this.child.on('exit', () => this.waiting.splice(0).forEach(resolve => resolve(JSON.stringify({ ok: false, error: `The SDK ended. ${complaint}` }))));
  }

  public readonly call: Call = (service, operation, parameters = {}, region = '') => this.ask({ service, operation, parameters, region });

  /** Whether the invariants of `verify:deploy` hold in the stacks that are deployed. */
  public invariants(stacks: readonly string[]): Promise<Invariants> {
    return this.ask({ invariants: stacks });
  }

  public close(): void {
    this.child.stdin!.end();
    stop(this.child);
  }

  private async ask(asked: object): Promise<any> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      throw new Error('The SDK ended.');
    }
    const line = await new Promise<string>(resolve => {
      this.waiting.push(resolve);
      this.child.stdin!.write(`${JSON.stringify(asked)}\n`);
    });
    const { ok, answer, error } = JSON.parse(line) as { ok: boolean; answer: unknown; error: string };
    if (!ok) throw new Error(error);
    return answer;
  }
}

export interface Ran {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs the pinned CDK CLI; a signal that aborts ends it, and it has ended when this resolves. */
export async function cdk(args: readonly string[], env: Environment, signal?: AbortSignal): Promise<Ran> {
  signal?.throwIfAborted();
  const child = start(CDK, [...args, '--ci', '--no-notices'], { ...env, CDK_DISABLE_CLI_TELEMETRY: 'true' }, ROOT);
  const abort = () => stop(child);
  signal?.addEventListener('abort', abort);
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => output = (output + chunk).slice(-KEPT));
  child.stderr!.on('data', (chunk: Buffer) => output = (output + chunk).slice(-KEPT));
  const [code] = await once(child, 'close') as [number | null];
  signal?.removeEventListener('abort', abort);
  signal?.throwIfAborted();
  return { ok: code === 0, output };
}
