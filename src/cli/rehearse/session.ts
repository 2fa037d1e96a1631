import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthCheckPlan, ServicePlan } from './discovery/service-plan';
import type { ImageDefaults } from './dockerfile';
import { ask, type Answer, type Asked } from './http/request';
import { OpenStream } from './http/stream';
import { causeOf, logTail } from './log';
import type { ModelServer } from './model-server';
import type { Backup, Database } from './postgres/database';
import type { Probe, ProbeName, Probes } from './probes';
import { accepts } from './runtime/port';
import { within, type Exit, type RunningServer, type Runtime } from './runtime/runtime';
import type { StoreMarks } from './store/marks';
import type { GivenValues } from './values';
import { DATABASE_URL, PORT } from '../../invariants/template/variables';

const POLL_MS = 25;
/** A server that answers the same refusal for this long will not change its mind. */
const SETTLED_SECONDS = 3;
/** A server that listens on another port for this long is not about to bind its own. */
const ELSEWHERE_SECONDS = 10;
/** How often that is looked for: it reads the table of all processes, or runs a program in the container, while the server starts. */
const LOOK_SECONDS = 2;
const REQUEST_TIMEOUT_MS = 30_000;

export interface SessionProps {
  readonly plan: ServicePlan;
  readonly runtime: Runtime;
  readonly port: number;
  readonly image: ImageDefaults;
  readonly values: GivenValues;
  readonly probes: Probes;
  readonly holdSeconds: number;
  readonly database?: Database;
  readonly store?: StoreToTake;
  readonly model?: ModelServer;
}

/** A store that is there, and the Flue that is to take it. */
export interface StoreToTake {
  readonly marks: StoreMarks;
  readonly flueMajor?: number;
}

/** How a server came up, in seconds after its start. */
export interface Boot {
  readonly server: RunningServer;
  /** When something accepted a connection on the port. */
  readonly bound?: number;
  /** When the first HTTP answer came. */
  readonly answered?: number;
  /** When the first answer that the health check takes came. */
  readonly healthy?: number;
  readonly lastAnswer?: Answer;
  readonly exit?: Exit;
}

/** One rehearsal: the server that runs, and what is known of it so far. */
export class Session {
  public readonly plan: ServicePlan;
  public readonly port: number;
  public database?: Database;
  /** A copy of the database, once one is made. */
  public backup?: Backup;
  public readonly store?: StoreToTake;
  public readonly holdSeconds: number;
  /** How the server came up the first time. */
  public firstBoot?: Boot;
  public stream?: OpenStream;
  /** Findings that other checks build upon, by the id of the check that failed. */
  public readonly failed = new Set<string>();
  private readonly id = randomBytes(4).toString('hex');
  private readonly servers: RunningServer[] = [];
  private readonly bodies: string[] = [];
  private written?: unknown;

  public constructor(private readonly props: SessionProps) {
    this.plan = props.plan;
    this.port = props.port;
    this.database = props.database;
    this.store = props.store;
    this.holdSeconds = props.holdSeconds;
  }

  public get runtime(): Runtime {
    return this.props.runtime;
  }

  public get server(): RunningServer | undefined {
    const last = this.servers[this.servers.length - 1];
    return last?.hasExited ? undefined : last;
  }

  /** Everything that the servers printed. */
  public get output(): string {
    return this.servers.map(({ output }) => output).join('\n');
  }

  /** Every answer to the health check. */
  public get healthBodies(): readonly string[] {
    return this.bodies;
  }

  /** The secrets that must show nowhere, by name. */
  public get secrets(): { readonly [name: string]: string } {
    return {
      ...this.props.values.secrets,
      ...this.database ? { [DATABASE_URL]: this.database.url, [`the password in ${DATABASE_URL}`]: this.database.password } : {},
    };
  }

  public tail(server: RunningServer): string {
    return logTail(server.output, Object.values(this.secrets));
  }

  /** Why a server ended, in its own words. */
  public cause(server: RunningServer): string | undefined {
    return causeOf(server.output, Object.values(this.secrets));
  }

  /** The server's environment. */
  public environment(overrides: { readonly [name: string]: string | undefined } = {}): { [name: string]: string } {
    const merged: { [name: string]: string | undefined } = {
      ...this.props.image.environment,
      ...this.plan.container.environment,
      ...this.props.values.variables,
      ...this.props.values.secrets,
      ...this.database ? { [DATABASE_URL]: this.database.url } : {},
      ...this.props.port !== this.plan.container.port ? { [PORT]: String(this.props.port) } : {},
      ...this.props.probes.environment(name => this.lookup(name)),
      ...overrides,
    };
    return Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined));
  }

  /** Starts a server; the caller waits for it. */
  public async start(overrides: { readonly [name: string]: string | undefined } = {}): Promise<RunningServer> {
    const server = await this.props.runtime.start({ environment: this.environment(overrides), caFile: this.database?.caFile });
    this.servers.push(server);
    return server;
  }

  /** Starts a server and waits until it is healthy, has ended, or will not be healthy any more. */
  public async boot(limitSeconds: number, overrides?: { readonly [name: string]: string | undefined }): Promise<Boot> {
    const server = await this.start(overrides);
    const since = () => (performance.now() - server.startedAt) / 1000;
    let boot: Boot = { server };
    let settledSince: number | undefined;
    let elsewhereSince: number | undefined;
    let looked = 0;
    while (since() < limitSeconds) {
      if (server.hasExited) {
        return { ...boot, exit: await server.exited };
      }
      const bound = boot.bound !== undefined || await accepts('127.0.0.1', this.port);
      if (bound) {
        boot = { ...boot, bound: boot.bound ?? since() };
        const answer = await this.health().catch(() => undefined);
        if (answer && this.isHealthy(answer)) {
          return { ...boot, answered: boot.answered ?? since(), healthy: since(), lastAnswer: answer };
        }
        if (answer) {
          settledSince = answer.status < 500 && boot.lastAnswer?.status === answer.status ? settledSince ?? since() : undefined;
          boot = { ...boot, answered: boot.answered ?? since(), lastAnswer: answer };
        }
      } else if (elsewhereSince === undefined && since() - looked > LOOK_SECONDS) {
        looked = since();
        elsewhereSince = await this.listensElsewhere(server) ? looked : undefined;
      }
      const isElsewhere = boot.bound === undefined && since() - (elsewhereSince ?? Infinity) > ELSEWHERE_SECONDS;
      if (isElsewhere || since() - (settledSince ?? Infinity) > SETTLED_SECONDS) {
        return boot;
      }
      await sleep(POLL_MS);
    }
    return boot;
  }

  /** Why no further server is started; undefined where one may be. */
  public get startObstacle(): string | undefined {
    return this.failed.has('startup') ? 'the server takes longer to start than its startup budget' : undefined;
  }

  /** The server that runs, or a new one. */
  public async ensureServer(): Promise<RunningServer | undefined> {
    if (this.server || this.startObstacle) {
      return this.server;
    }
    const { server, bound } = await this.boot(this.plan.startupBudgetSeconds);
    return bound === undefined ? undefined : server;
  }

  /** Ends the server that runs, if it does not end by itself. */
  public async kill(server: RunningServer | undefined = this.server): Promise<void> {
    await server?.signal('SIGKILL');
    await server?.exited;
  }

  /** Sends SIGTERM; resolves with the seconds it took, or undefined when the stop timeout was not enough. */
  public async terminate(server: RunningServer): Promise<{ readonly seconds: number; readonly exit: Exit } | undefined> {
    const started = performance.now();
    await server.signal('SIGTERM');
    const exit = await within(server.exited, this.plan.container.stopTimeoutSeconds * 1000);
    if (exit === undefined) {
      await this.kill(server);
      return undefined;
    }
    return { seconds: (performance.now() - started) / 1000, exit };
  }

  /** Asks what the load balancer asks. */
  public async health(asked: Partial<Asked> = {}): Promise<Answer> {
    const { path, timeoutSeconds } = this.healthCheck;
    const answer = await ask({ port: this.port, path, timeoutMs: timeoutSeconds * 1000, ...asked });
    this.bodies.push(`${JSON.stringify(answer.headers)}\n${answer.body}`);
    return answer;
  }

  public isHealthy({ status }: Answer): boolean {
    return matches(this.healthCheck.matcher, status);
  }

  public probe(name: ProbeName): Probe | undefined {
    return this.props.probes.get(name, variable => this.lookup(variable));
  }

  public send(probe: Probe): Promise<Answer> {
    return ask({ ...probe, port: this.port, timeoutMs: REQUEST_TIMEOUT_MS });
  }

  public async openStream(probe: Probe): Promise<OpenStream> {
    if (probe.before) {
      await this.send(probe.before);
    }
    const headers = { accept: 'text/event-stream', ...probe.headers };
    return OpenStream.open({ ...probe, headers, port: this.port, timeoutMs: REQUEST_TIMEOUT_MS });
  }

  /** Makes the server accept state, and keeps the answer for the probe that reads it. */
  public async write(): Promise<Answer | undefined> {
    const probe = this.probe('write');
    const answer = probe && await this.send(probe);
    try {
      this.written = answer && JSON.parse(answer.body);
    } catch {
      this.written = undefined;
    }
    return answer;
  }

  /** What a health check asks; a service that has none is asked nothing but to accept connections. */
  private get healthCheck(): HealthCheckPlan {
    return this.plan.healthCheck ?? { path: '/', matcher: '100-599', intervalSeconds: 30, timeoutSeconds: 5, healthyCount: 1 };
  }

  private async listensElsewhere(server: RunningServer): Promise<boolean> {
    const listeners = (await server.inspect())?.listeners ?? [];
    return listeners.length > 0 && !listeners.some(listener => listener.endsWith(`:${this.port}`));
  }

  private lookup(name: string): string | undefined {
    if (name === 'model') {
      return this.props.model?.url;
    }
    if (name === 'id') {
      return this.id;
    }
    if (name.startsWith('write.')) {
      const value = name.split('.').slice(1).reduce<unknown>((object, key) => (object as { [key: string]: unknown } | undefined)?.[key], this.written);
      return value === undefined ? undefined : String(value);
    }
    return this.props.values.secrets[name] ?? this.props.values.variables[name] ?? this.plan.container.environment[name];
  }
}

/** Whether a matcher of a target group takes a status code. */
export function matches(matcher: string, status: number): boolean {
  return matcher.split(',').some(part => {
    const [least, most = least] = part.split('-').map(Number);
    return status >= least && status <= most;
  });
}
