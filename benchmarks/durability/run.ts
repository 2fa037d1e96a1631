import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Answer } from '../../src/cli/rehearse/http/request';
import { startModelServer } from '../../src/cli/rehearse/model-server';
import type { Database } from '../../src/cli/rehearse/postgres/database';
import { findPostgres, startPostgres } from '../../src/cli/rehearse/postgres/embedded';
import { NodeRuntime } from '../../src/cli/rehearse/runtime/node-runtime';
import { freePort } from '../../src/cli/rehearse/runtime/port';
import type { RunningServer } from '../../src/cli/rehearse/runtime/runtime';

/** What the example agents keep, and lose, when their process or their Postgres goes away. Prints a table. */

const AGENTS = join(__dirname, '..', '..', 'examples', 'agents');
/** Nothing of Flue settles later than its lease of 30 s and its scan every 15 s. */
const PATIENCE_SECONDS = 75;
const RESTART_AFTER_MS = 1000;
const OUTAGE_MS = 5000;
const RUN_SECONDS = 8;
/** Ends within the outage. */
const SHORT_RUN_SECONDS = 3;

type Row = { readonly [column: string]: unknown };

class Bench {
  public server!: RunningServer;
  private readonly runtime = new NodeRuntime({ directory: AGENTS, command: ['node', 'dist/server.mjs'], user: 'node' });
  private readonly findings: string[][] = [];

  public constructor(private readonly database: Database, private readonly model: string, private readonly port: number) {}

  public async start(): Promise<number> {
    const started = performance.now();
    this.server = await this.runtime.start({
      environment: {
        PORT: String(this.port),
        DATABASE_URL: this.database.url,
        NODE_EXTRA_CA_CERTS: 'set by the runtime',
        NODE_OPTIONS: '--unhandled-rejections=warn',
        MODEL_SPECIFIER: 'openai-compatible/echo',
        OPENAI_COMPATIBLE_URL: this.model,
      },
      caFile: this.database.caFile,
    });
    while (await this.get('/health').then(({ status }) => status !== 200, () => true)) {
      await sleep(20);
    }
    return (performance.now() - started) / 1000;
  }

  public async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
    const started = performance.now();
    await this.server.signal(signal);
    await this.server.exited;
    return (performance.now() - started) / 1000;
  }

  public get(path: string): Promise<Answer> {
    return ask({ port: this.port, path, timeoutMs: 5000 });
  }

  public post(path: string, body: object): Promise<Answer> {
    return ask({ port: this.port, path, method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), timeoutMs: 120_000 });
  }

  public async query(text: string): Promise<Row[]> {
    const { Client } = createRequire(join(AGENTS, 'package.json'))('pg');
    // what stands in the URL about TLS would replace the certificate authority given here
    const client = new Client({ connectionString: this.database.url.split('?')[0], ssl: { ca: readFileSync(this.database.caFile, 'utf8') } });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Seconds from a moment until no prompt is open any more; undefined when one stays open. */
  public async settled(since: number): Promise<number | undefined> {
    while ((performance.now() - since) / 1000 < PATIENCE_SECONDS) {
      const [{ open }] = await this.query('SELECT count(*)::int AS open FROM flue_agent_submissions WHERE status <> \'settled\'');
      if (open === 0) {
        return (performance.now() - since) / 1000;
      }
      await sleep(200);
    }
    return undefined;
  }

  public async outcome(): Promise<string> {
    const rows = await this.query('SELECT status, error IS NOT NULL AS failed, count(*)::int AS count FROM flue_agent_submissions GROUP BY 1, 2 ORDER BY 1, 2');
    return rows.map(({ status, failed, count }) => `${count} ${status}${failed ? ' with an error' : ''}`).join(', ');
  }

  public found(what: string, result: string): void {
    this.findings.push([what, result]);
    console.error(`${what}: ${result}`);
  }

  public print(): void {
    console.log(`| what | measured |\n|---|---|\n${this.findings.map(columns => `| ${columns.join(' | ')} |`).join('\n')}`);
  }

  public close(): void {
    this.runtime.killAll();
  }
}

const shown = (value: number | undefined) => value === undefined ? `not within ${PATIENCE_SECONDS} s` : `${value.toFixed(value < 1 ? 2 : 1)} s`;

async function midPrompt(bench: Bench, signal: 'SIGTERM' | 'SIGKILL', instance: string): Promise<void> {
  await bench.query('DELETE FROM flue_agent_submissions');
  const path = `/agents/assistant/${instance}`;
  const clients = [bench.post(path, { message: 'hold' }), sleep(500).then(() => bench.post(path, { message: 'queued behind it' }))]
    .map(client => client.then(({ status }) => `answered ${status}`, (error: Error) => error.message));
  await sleep(2000);
  const since = performance.now();
  const ended = await bench.end(signal);
  const heard = await Promise.all(clients);
  await sleep(RESTART_AFTER_MS);
  await bench.start();
  const settled = await bench.settled(since);
  const outcome = await bench.outcome();
  const again = await bench.post(path, { message: 'and now?' });
  bench.found(`${signal} with a prompt running and one queued, restart after ${RESTART_AFTER_MS / 1000} s`,
    `process ended after ${shown(ended)}; clients: ${[...new Set(heard)].join(', ')}; both settled after ${shown(settled)} (${outcome}); next prompt ${again.status}`);
}

async function midRun(bench: Bench, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const { runId } = JSON.parse((await bench.post('/workflows/deployment-check', { holdSeconds: RUN_SECONDS })).body);
  await sleep(1000);
  const ended = await bench.end(signal);
  await bench.start();
  await sleep(50_000);
  const { status } = JSON.parse((await bench.get(`/runs/${runId}`)).body);
  bench.found(`${signal} during a workflow run`, `process ended after ${shown(ended)}; 50 s after the restart the run is \`${status}\``);
}

async function restart(bench: Bench): Promise<void> {
  const turns: number[] = [];
  for (let round = 0; round < 5; round++) {
    const ended = await bench.end('SIGTERM');
    turns.push(ended + await bench.start());
  }
  turns.sort((a, b) => a - b);
  bench.found('idle restart: SIGTERM to the next healthy answer, 5 rounds', `${shown(turns[2])} (${shown(turns[0])} to ${shown(turns[4])})`);
}

async function outages(bench: Bench, database: Database): Promise<void> {
  await database.stop();
  const while1 = await bench.post('/agents/assistant/outage', { message: 'anyone there?' });
  await sleep(OUTAGE_MS);
  await database.start();
  const back = performance.now();
  let after = await bench.post('/agents/assistant/outage', { message: 'back?' });
  while (after.status !== 200 && performance.now() - back < PATIENCE_SECONDS * 1000) {
    await sleep(100);
    after = await bench.post('/agents/assistant/outage', { message: 'back?' });
  }
  bench.found(`Postgres away for ${OUTAGE_MS / 1000} s, idle`, `a prompt meanwhile ${while1.status}; process ${bench.server.hasExited ? 'ended' : 'alive'}; next prompt ${after.status} after ${shown((performance.now() - back) / 1000)}`);

  for (const [what, seconds] of [['in the middle', RUN_SECONDS], ['at the end', SHORT_RUN_SECONDS]] as const) {
    const run = bench.post('/workflows/deployment-check?wait=result', { holdSeconds: seconds });
    await sleep(1000);
    await database.stop();
    await sleep(OUTAGE_MS);
    await database.start();
    const answer = await run;
    const runs = await bench.query('SELECT status FROM flue_runs ORDER BY run_id DESC LIMIT 1');
    bench.found(`Postgres away for ${OUTAGE_MS / 1000} s ${what} of a workflow run of ${seconds} s`,
      `client ${answer.status}; process ${bench.server.hasExited ? 'ended' : 'alive'}; the run is \`${runs[0]?.status}\``);
  }
}

async function main(): Promise<void> {
  const [database, model] = await Promise.all([startPostgres(findPostgres([AGENTS]), 'localhost'), startModelServer()]);
  const bench = new Bench(database, model.url, await freePort());
  try {
    await bench.start();
    await restart(bench);
    await outages(bench, database);
    await midRun(bench, 'SIGKILL');
    await midRun(bench, 'SIGTERM');
    await midPrompt(bench, 'SIGKILL', 'killed');
    await midPrompt(bench, 'SIGTERM', 'terminated');
    console.log(`Node.js ${process.versions.node}, ${cpus().length} cores (${cpus()[0].model})\n`);
    bench.print();
  } finally {
    bench.close();
    await Promise.all([database.close(), model.close()]);
  }
}

main().then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
