import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, Fleet } from './fleet';
import type { Database } from '../../src/cli/rehearse/postgres/database';
import { requireFreePort } from '../../src/cli/rehearse/runtime/port';
import { SHARD_GUARD_PREFIX } from '../../src/invariants/shards/shard-guard';

export const AGENTS = join(__dirname, '..', '..', 'examples', 'agents');
const NODE = join(AGENTS, 'node_modules', 'node', 'bin', 'node');
const STARTED_MS = 20_000;

type Variables = { readonly [name: string]: string };

/** The role of a shard, and of its schema. */
export const roleOf = (shard: number): string => `shard${shard}`;

/** One task after the other, as ECS runs them: the container of the schema, then the server. */
export class Shard {
  private child?: ChildProcess;
  private output = '';

  public constructor(
    private readonly fleet: Fleet, public readonly index: number, public readonly port: number, private readonly database: Database,
    private readonly guarded = true,
  ) {}

  /** The connection string that the task reads from its secret. */
  public get url(): string {
    const url = new URL(this.database.url);
    Object.assign(url, { username: roleOf(this.index), password: `of-${roleOf(this.index)}` });
    return url.href;
  }

  public get pid(): number {
    return this.child!.pid!;
  }

  /** Runs the container that makes the schema; rejects where it fails. */
  public async makeSchema(): Promise<void> {
    const { schema } = this.fleet.shards[this.index];
    const administrator = new URL(this.database.url);
    const values = { SCHEMA_URL: this.url, ADMIN_USER: administrator.username, ADMIN_PASSWORD: administrator.password };
    const [command, ...args] = [...schema.EntryPoint, ...schema.Command];
    const child = spawn(command, args, { env: { ...this.variablesOf(schema), ...values }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    [child.stdout, child.stderr].forEach(stream => stream.setEncoding('utf8').on('data', text => said += text));
    const [code] = await once(child, 'close');
    if (code !== 0) {
      throw new Error(`the container that makes ${roleOf(this.index)} ended with ${code}: ${said}`);
    }
  }

  /** Starts the server and waits for its health. */
  public async start(): Promise<void> {
    const environment = { ...this.variablesOf(this.fleet.shards[this.index].server), DATABASE_URL: this.url, PORT: String(this.port) };
    // or the health of another server there would pass for its own
    await requireFreePort(this.port);
    const child = spawn(NODE, ['dist/server.mjs'], { cwd: AGENTS, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    [child.stdout, child.stderr].forEach(stream => stream.setEncoding('utf8').on('data', text => this.output = `${this.output}${text}`.slice(-4000)));
    const end = Date.now() + STARTED_MS;
    while (Date.now() < end && child.exitCode === null) {
      if ((await fetch(`http://127.0.0.1:${this.port}/health`).catch(() => undefined))?.ok) {
        return;
      }
      await sleep(50);
    }
    throw new Error(`${roleOf(this.index)} did not start:\n${this.output}`);
  }

  /** Ends the server and returns how long that took. */
  public async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    const started = Date.now();
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      const ended = once(child, 'close').then(() => true);
      if (!await Promise.race([ended, sleep(30_000, false, { ref: false })])) {
        child.kill('SIGKILL');
        await ended;
      }
    }
    return Date.now() - started;
  }

  /** What the container gets in plain text, with what only this machine knows in its place. */
  private variablesOf(container: Container): Variables {
    const stated = Object.fromEntries((container.Environment ?? []).map(({ Name, Value }) => [Name, Value]));
    const options: string[] = (stated.NODE_OPTIONS ?? '').split(' ').filter(word => this.guarded || !word.startsWith(SHARD_GUARD_PREFIX));
    return { ...stated, ...stated.NODE_OPTIONS ? { NODE_OPTIONS: options.join(' ') } : {}, PATH: process.env.PATH!, NODE_EXTRA_CA_CERTS: this.database.caFile };
  }
}

/** The rows of a query, asked as the role of a shard. */
export async function query<T>(postgresManifest: string, url: string, sql: string): Promise<T[]> {
  const { Client } = createRequire(postgresManifest)('pg');
  const { hostname, port, username, password, pathname } = new URL(url);
  const client = new Client({
    host: hostname, port: Number(port), user: username, password, database: pathname.slice(1), ssl: { rejectUnauthorized: false },
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
}
