import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, Fleet } from './fleet';
import { SELDOM_MS, until } from './until';
import type { Database } from '../../src/cli/rehearse/postgres/database';
import { requireFreePort } from '../../src/cli/rehearse/runtime/port';
import { SHARD_GUARD_PREFIX } from '../../src/invariants/shards/shard-guard';
import { COMPILED, SERVER } from '../support/built-server';

export const AGENTS = join(__dirname, '..', '..', 'examples', 'agents');
const NODE = join(AGENTS, 'node_modules', 'node', 'bin', 'node');
/** On a machine that does much else. */
const STARTED_MS = 60_000;
const STOPPED_MS = 30_000;
/** How often a server that starts is asked for its health. */
const LOOK_MS = 200;

export interface Variables { readonly [name: string]: string }

/** A server of a shard, which ends and starts again as ECS has it. */
export abstract class Server {
  private child?: ChildProcess;
  private output = '';

  protected constructor(
    private readonly directory: string, public readonly index: number, public readonly port: number, private readonly environment: Variables,
  ) {}

  public get pid(): number {
    return this.child!.pid!;
  }

  /** The ids of the agent instances in its store. */
  public abstract conversations(): Promise<string[]>;

  /** Starts the server and waits for its health. */
  public async start(): Promise<void> {
    // or the health of another server there would pass for its own
    await requireFreePort(this.port);
    const child = spawn(NODE, [SERVER], {
      cwd: this.directory, env: { ...COMPILED, ...this.environment, PORT: String(this.port) }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    [child.stdout, child.stderr].forEach(stream => stream.setEncoding('utf8').on('data', text => this.output = `${this.output}${text}`.slice(-4000)));
    const end = Date.now() + STARTED_MS;
    while (Date.now() < end && child.exitCode === null) {
      if ((await fetch(`http://127.0.0.1:${this.port}/health`).catch(() => undefined))?.ok) {
        return;
      }
      await sleep(LOOK_MS);
    }
    throw new Error(`shard ${this.index} did not start:\n${this.output}`);
  }

  /** Ends the server and returns how long that took. */
  public async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    const started = Date.now();
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'close').then(() => true);
      child.kill(signal);
      if (!await Promise.race([ended, sleep(STOPPED_MS, false, { ref: false })])) {
        child.kill('SIGKILL');
        await ended;
      }
    }
    return Date.now() - started;
  }
}

/** What the container gets in plain text; `guarded` is whether its server refuses the ids of other shards. */
export function variablesOf(container: Container, guarded = true): Variables {
  const stated = Object.fromEntries((container.Environment ?? []).map(({ Name, Value }) => [Name, Value]));
  const options: string[] = (stated.NODE_OPTIONS ?? '').split(' ').filter(word => guarded || !word.startsWith(SHARD_GUARD_PREFIX));
  return { ...stated, ...stated.NODE_OPTIONS ? { NODE_OPTIONS: options.join(' ') } : {}, PATH: process.env.PATH! };
}

export interface ShardOptions {
  readonly fleet: Fleet;
  readonly index: number;
  readonly port: number;
  readonly database: Database;
  /** The manifest of a project that has the package pg. */
  readonly postgres: string;
  /** Whether its server refuses the ids of other shards; true unless it is said. */
  readonly guarded?: boolean;
  /** How the names of the roles and of the schemas begin. */
  readonly name?: string;
}

/** One task of Flue 0.10 after the other, as ECS runs them: the container of the schema, then the server. */
export class Shard extends Server {
  private readonly role: string;
  private readonly url: string;

  public constructor(private readonly options: ShardOptions) {
    const { fleet, index, port, database, guarded, name = 'shard' } = options;
    const role = `${name}${index}`;
    // what the task reads from its secret
    const url = Object.assign(new URL(database.url), { username: role, password: `of-${role}` }).href;
    super(AGENTS, index, port, { ...variablesOf(fleet.shards[index].server, guarded), NODE_EXTRA_CA_CERTS: database.caFile, DATABASE_URL: url });
    this.role = role;
    this.url = url;
  }

  /** Runs the container that makes the schema; rejects where it fails. */
  public async makeSchema(): Promise<void> {
    const { fleet, database } = this.options;
    const schema = fleet.shards[this.index].schema!;
    const administrator = new URL(database.url);
    const values = { SCHEMA_URL: this.url, ADMIN_USER: administrator.username, ADMIN_PASSWORD: administrator.password };
    const [command, ...args] = [...schema.EntryPoint, ...schema.Command];
    const child = spawn(command, args, { env: { ...variablesOf(schema), NODE_EXTRA_CA_CERTS: database.caFile, ...values }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    [child.stdout, child.stderr].forEach(stream => stream.setEncoding('utf8').on('data', text => said += text));
    const [code] = await once(child, 'close');
    if (code !== 0) {
      throw new Error(`the container that makes ${this.role} ended with ${code}: ${said}`);
    }
  }

  /** From the sessions that Flue keeps. */
  public async conversations(): Promise<string[]> {
    const sql = 'SELECT DISTINCT (regexp_replace(id, \'^[^\\[]*\', \'\'))::jsonb->>0 AS instance FROM flue_sessions';
    return (await this.query<{ instance: string }>(sql)).map(({ instance }) => instance);
  }

  /** Waits until the database has seen that the server is gone: a process ends before its connections do. */
  public async disconnected(): Promise<void> {
    const { postgres, database } = this.options;
    const open = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = '${this.role}'`;
    await until(async () => (await query<{ count: number }>(postgres, database.url, open))[0].count === 0, `${this.role} is still connected`, SELDOM_MS);
  }

  /** The rows of a query, asked as the role of the shard. */
  public query<T>(sql: string): Promise<T[]> {
    return query(this.options.postgres, this.url, sql);
  }
}

async function query<T>(manifest: string, url: string, sql: string): Promise<T[]> {
  const { Client } = createRequire(manifest)('pg');
  const { hostname, port, username, password, pathname } = new URL(url);
  const client = new Client({
    host: hostname,
    port: Number(port),
    user: username,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    ssl: { rejectUnauthorized: false },
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
}
