import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { Process, until } from './processes';
import { StandIn } from './stand-in';
import type { Task } from './task';

/** The image that run.sh made: the collector and nothing else, as in the published one. */
const IMAGE = 'localhost/collector';
/** Never answered by anybody; the region is in the variable that ECS sets. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing', AWS_EC2_METADATA_DISABLED: 'true' };
const COLLECTOR_PORT = 4318;

export const task: Task = JSON.parse(readFileSync(process.argv[2], 'utf8'));
export const SERVICE_NAME = task.server.environment.OTEL_SERVICE_NAME;
/** The collector as a program, which can also judge a configuration. */
const BINARY = process.argv[3];
const APP = process.argv[4];

/** What the collector finds in its environment: the template's variables, those of ECS, and where AWS is. */
function environmentOf(aws: { readonly url: string }, variables: Record<string, string>): Record<string, string> {
  return { AWS_REGION: task.region, ...CREDENTIALS, AWS_ENDPOINT_URL_XRAY: aws.url, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: aws.url, ...variables };
}

/** Has the collector judge a configuration; what it says, or nothing when it takes it. */
export function problemOf(configuration: string): string {
  const env = environmentOf({ url: 'http://127.0.0.1:9' }, { ...task.collector.environment, AOT_CONFIG_CONTENT: configuration });
  const { status, stderr } = spawnSync(BINARY, ['validate'], { env, encoding: 'utf8' });
  return status === 0 ? '' : stderr;
}

let count = 0;

/** The collector's container, as ECS would start it. */
export class Collector {
  /** Starts one and waits until it takes telemetry. */
  public static async start(aws: StandIn): Promise<Collector> {
    const collector = new Collector(aws);
    if (!await until(isListening)) {
      await collector.process.stop('SIGKILL');
      throw new Error(`The collector does not listen on ${COLLECTOR_PORT}:\n${collector.process.output}`);
    }
    collector.pid = Number(spawnSync('podman', ['inspect', '--format', '{{.State.Pid}}', collector.name], { encoding: 'utf8' }).stdout);
    return collector;
  }

  public pid = 0;
  public readonly process: Process;
  private readonly name = `collector-${process.pid}-${count++}`;

  private constructor(aws: StandIn) {
    const variables = Object.entries(environmentOf(aws, task.collector.environment)).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    const limits = ['--memory', `${task.collector.memoryMiB}m`, '--memory-swap', `${task.collector.memoryMiB}m`, '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
    const root = task.collector.readonlyRoot ? ['--read-only', '--read-only-tmpfs=false'] : [];
    const settings = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('CONTAINERS_'))) as Record<string, string>;
    this.process = new Process('podman', ['run', '--rm', '--name', this.name, ...limits, ...root, ...variables, IMAGE], settings, dirname(process.argv[2]));
  }

  /** Of /proc/<pid>/status, in MiB. */
  public mebibytes(field: 'VmRSS' | 'VmHWM'): number {
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))![1]) / 1024;
  }

  /** The mount options of its root. */
  public rootOptions(): string[] {
    return readFileSync(`/proc/${this.pid}/mounts`, 'utf8').split('\n').map(line => line.split(' ')).find(([, path]) => path === '/')![3].split(',');
  }

  /** Every address on which it listens. */
  public addresses(): string[] {
    const sockets = spawnSync('ss', ['-ltnpH'], { encoding: 'utf8' }).stdout.split('\n');
    return sockets.filter(line => line.includes(`pid=${this.pid},`)).map(line => line.trim().split(/\s+/)[3]).sort();
  }

  public signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  public async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.process.ended;
  }
}

function isListening(): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(COLLECTOR_PORT, '127.0.0.1', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });
}

/** The Flue server, with the variables of the template. */
export class Server {
  /** Starts one and waits until it is healthy. */
  public static async start(model: { readonly url: string }, more: Record<string, string> = {}): Promise<Server> {
    const server = new Server(model, more);
    if (!await until(() => server.isHealthy())) {
      await server.process.stop('SIGKILL');
      throw new Error(`The server does not become healthy:\n${server.process.output}`);
    }
    return server;
  }

  public readonly process: Process;
  private readonly url = `http://127.0.0.1:${task.server.environment.PORT}`;

  private constructor(model: { readonly url: string }, more: Record<string, string>) {
    // the default is a minute
    const pace = { OTEL_METRIC_EXPORT_INTERVAL: '1000', OTEL_METRIC_EXPORT_TIMEOUT: '900' };
    this.process = new Process(process.execPath, [join(APP, 'dist', 'server.mjs')], { ...task.server.environment, ...pace, MODEL_URL: model.url, ...more }, APP);
  }

  public async isHealthy(): Promise<boolean> {
    const response = await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    return response?.ok === true;
  }

  /** Prompts a new conversation; whether its reply came. */
  public async answers(conversation: string, prompt: string): Promise<boolean> {
    const path = `${this.url}/agents/assistant/${conversation}`;
    const posted = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ kind: 'user', body: prompt }) });
    return posted.ok && until(async () => (await (await fetch(path)).text()).includes(`echo: ${prompt}`));
  }
}
