import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { inspectProcesses } from './inspect-processes';
import type { Exit, Inspection, RunningServer, Runtime, StartRequest } from './runtime';
import { CliFailure } from '../../failure';
import type { ServicePlan } from '../discovery/service-plan';

const ENGINES = ['podman', 'docker'];
/** Where a server may write when its root is read-only, as a task would mount a volume. */
const WRITABLE = '/tmp';
/** Variables that the engine reads itself; none of them is a secret. */
const OF_THE_ENGINE = ['PATH', 'HOME', 'TMPDIR'];

interface EngineProps {
  readonly image: string;
  readonly engine?: string;
  readonly plan: ServicePlan;
  readonly port: number;
}

interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built image with a container engine, as the task definition says. */
export class EngineRuntime implements Runtime {
  /** Takes the engine that is there; refuses when there is none, or when it does not hold the image. */
  public static async find(props: EngineProps): Promise<EngineRuntime> {
    for (const engine of props.engine === undefined ? ENGINES : [props.engine]) {
      const version = await run(engine, ['--version']);
      if (version.code !== 0) {
        continue;
      }
      const inspected = await run(engine, ['image', 'inspect', props.image]);
      if (inspected.code !== 0) {
        throw new CliFailure(`${engine} cannot show the image ${props.image}: ${inspected.stderr.trim().split('\n').pop()}`,
          `Build or pull it first: ${engine} build -t ${props.image} ${props.plan.container.image?.directory ?? 'DIR'}`);
      }
      return new EngineRuntime(engine, props);
    }
    throw new CliFailure(`This machine cannot run ${props.engine ?? ENGINES.join(' or ')}, and --image needs a container engine.`,
      'Install podman or docker, or rehearse the app directory instead: --app DIR.');
  }

  public readonly description: string;
  /** A container on the host's network has the host's names; elsewhere than on Linux the engine has a name for it. */
  public readonly host = process.platform === 'linux' ? 'localhost' : 'host.docker.internal';
  public readonly providesReadOnlyRoot = true;
  public readonly runsAsRoot = false;
  private readonly started: string[] = [];

  private constructor(private readonly engine: string, private readonly props: EngineProps) {
    this.description = `image ${props.image} in ${engine}`;
  }

  public async start({ environment, caFile }: StartRequest): Promise<RunningServer> {
    const { container, memoryMiB, vcpu } = this.props.plan;
    const name = `cdk-flue-rehearsal-${randomBytes(6).toString('hex')}`;
    const bundle = environment.NODE_EXTRA_CA_CERTS;
    const [entryPoint, ...entryArguments] = container.entryPoint ?? [];
    const { code, stderr } = await run(this.engine, [
      'run', '--detach', '--name', name,
      ...process.platform === 'linux' ? ['--network', 'host'] : ['--publish', `127.0.0.1:${this.props.port}:${this.props.port}`],
      ...container.init ? ['--init'] : [],
      ...container.readOnlyRoot ? ['--read-only', '--tmpfs', WRITABLE] : [],
      ...container.user === undefined ? [] : ['--user', container.user],
      ...memoryMiB === undefined ? [] : ['--memory', `${memoryMiB}m`],
      ...vcpu === undefined ? [] : ['--cpus', String(vcpu)],
      ...entryPoint === undefined ? [] : ['--entrypoint', entryPoint],
      ...caFile !== undefined && bundle !== undefined ? ['--volume', `${caFile}:${bundle}:ro`] : [],
      // a name alone takes the value from the engine's own environment, which no process list shows
      ...Object.entries(environment).flatMap(([variable, value]) => ['--env', OF_THE_ENGINE.includes(variable) ? `${variable}=${value}` : variable]),
      this.props.image, ...entryArguments, ...container.command ?? [],
    ], { ...process.env, ...withoutOwn(environment) });
    if (code !== 0) {
      await run(this.engine, ['rm', '--force', name]);
      throw new CliFailure(`${this.engine} cannot start the image ${this.props.image}: ${stderr.trim().split('\n').pop()}`, 'Fix what the message names. Either the task would fail in the same way, or the engine lacks a permission.');
    }
    this.started.push(name);
    return new EngineServer(this.engine, name);
  }

  public killAll(): void {
    for (const name of this.started) {
      spawn(this.engine, ['rm', '--force', name], { stdio: 'ignore', detached: true }).unref();
    }
  }
}

class EngineServer implements RunningServer {
  public readonly startedAt = performance.now();
  public readonly exited: Promise<Exit>;
  public hasExited = false;
  private text = '';
  private readonly logs: ChildProcess;

  public constructor(private readonly engine: string, private readonly name: string) {
    this.logs = spawn(engine, ['logs', '--follow', name], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.logs.stdout!, this.logs.stderr!]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => this.text += chunk);
    }
    const logged = once(this.logs, 'close');
    this.exited = run(engine, ['wait', name]).then(async ({ stdout }) => {
      await logged;
      this.hasExited = true;
      return { code: Number(stdout.trim()), signal: null };
    });
  }

  public get output(): string {
    return this.text;
  }

  public async signal(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await run(this.engine, ['kill', '--signal', name, this.name]);
  }

  public async inspect(): Promise<Inspection | undefined> {
    const { code, stdout } = await this.node(`console.log(JSON.stringify((${inspectProcesses.toString()})(require('node:fs'), undefined)))`);
    return code === 0 ? JSON.parse(stdout) as Inspection : undefined;
  }

  public async writeToRoot(): Promise<string | undefined> {
    const { stdout } = await this.node('try { require("node:fs").writeFileSync("/rehearsal", ""); } catch ({ code }) { console.log(code); }');
    return stdout.trim() || undefined;
  }

  /** Runs a script with the Node of the image, without the options of the server. */
  private node(script: string): Promise<Output> {
    return run(this.engine, ['exec', '--env', 'NODE_OPTIONS=', this.name, 'node', '-e', script]);
  }
}

function withoutOwn(environment: { readonly [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !OF_THE_ENGINE.includes(name)));
}

function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Output> {
  return new Promise(resolve => {
    execFile(file, args, { env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ code, stdout, stderr: stderr || (error?.message ?? '') });
    });
  });
}
