import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from './fleet';
import { failingOver, failingOverUnguarded, spellings, type Asking } from './guard';
import { check, judge, type World } from './judge';
import { KeyedClients, type KeyedLoad } from './keyed-load';
import { LATE_IN_FAULTS_MS, LATE_MS, THINK_MS } from './load';
import { Router } from './router';
import { Server, variablesOf } from './servers';
import { until } from './until';
import { freePort } from '../../src/cli/rehearse/runtime/port';

// the linter knows no module that has its name only with `node:`
const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
const APP = join(__dirname, '..', 'events', 'delivery', 'flue-2');
const TOKEN = 'shards-token-51c8';
const PROMPTS = 400;
const TURNS = 5;
const ASKING: Asking = { major: 'Flue 2.1', headers: { authorization: `Bearer ${TOKEN}` }, body: { kind: 'user', body: 'hello' }, taken: 202 };

/** A server of Flue 2.1 with a file of its own for its state. */
class FileShard extends Server {
  public constructor(fleet: Fleet, index: number, port: number, private readonly file: string, guarded = true) {
    super(APP, index, port, { ...variablesOf(fleet.shards[index].server, guarded), API_TOKEN: TOKEN, STATE_FILE: file });
  }

  public async conversations(): Promise<string[]> {
    // the key of a session is a word and a JSON list: the agent, and the id of its instance
    const keys = this.read('SELECT DISTINCT session_key AS value FROM flue_agent_submissions');
    return [...new Set(keys.map(key => (JSON.parse(String(key).replace(/^[^[]*/, '')) as string[])[1]))];
  }

  /** Whether no prompt is under way. */
  public isIdle(): boolean {
    return this.read('SELECT count(*) AS value FROM flue_agent_submissions WHERE status <> \'settled\'')[0] === 0;
  }

  private read(sql: string): unknown[] {
    const database = new DatabaseSync(this.file, { readOnly: true });
    try {
      return database.prepare(sql).all().map(({ value }) => value);
    } finally {
      database.close();
    }
  }
}

/**
 * What shards of Flue 2.1 keep when they go away. The promise in it ends when the server that was killed has taken its prompts up again,
 * and a router that lets other shards answer was tried too.
 */
export async function proveFlue2(world: World): Promise<{ readonly resumed: Promise<void> }> {
  const shards = shardsOf(world, 'state');
  await Promise.all(shards.map(shard => shard.start()));
  const port = await freePort();
  const router = await Router.start({ ...world, port });
  const load: KeyedLoad = { port, shards: shards.length, turns: TURNS, concurrency: 16, lateMs: LATE_MS, headers: { ...ASKING.headers } };
  const inFaults = { ...load, concurrency: 8, lateMs: LATE_IN_FAULTS_MS };
  const close = async () => {
    await router.stop();
    await Promise.all(shards.map(shard => shard.stop('SIGKILL')));
  };
  try {
    const tally = await new KeyedClients({ ...load, prompts: PROMPTS }).done();
    await judge('Flue 2.1, no fault', tally, world.model, shards);
    check('Flue 2.1, no fault: every prompt is taken at once', tally.failures.length > 0 && tally.statuses);
    await spellings(ASKING, world, port, shards);
    await afterReplacement(inFaults, world, shards, router);
    const clients = await kill(inFaults, shards[1], router);
    return { resumed: afterKill(clients, world, shards).then(() => failingOver(ASKING, world, shards)).finally(close) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The negative control. */
export async function failOverFlue2(world: World): Promise<void> {
  await failingOverUnguarded(ASKING, world, shardsOf(world, 'unguarded', false));
}

function shardsOf({ fleet, ports, directory }: World, name: string, guarded = true): FileShard[] {
  return ports.map((port, index) => new FileShard(fleet, index, port, join(directory, `${name}-${index}.db`), guarded));
}

async function afterReplacement(load: KeyedLoad, world: World, shards: readonly FileShard[], router: Router): Promise<void> {
  const clients = new KeyedClients(load);
  const away: { readonly shard: number; readonly from: number; readonly to: number }[] = [];
  await clients.answer(20);
  for (const shard of shards) {
    await clients.occupy(shard.index);
    const from = Date.now();
    await router.drain(shard.index);
    // a prompt that was taken goes on without a connection: the rest of the drain is for it
    const { drainSeconds } = world.fleet.shards[shard.index];
    await Promise.race([until(() => shard.isIdle(), 'a prompt is under way'), sleep(drainSeconds * 1000, undefined, { ref: false })]);
    await shard.stop();
    clients.thinkMs = THINK_MS;
    await shard.start();
    await router.undrain(shard.index);
    clients.thinkMs = 0;
    await clients.answer(25);
    away.push({ shard: shard.index, from, to: Date.now() });
  }
  const tally = await clients.stop();
  await judge('Flue 2.1, each shard replaced, drained first', tally, world.model, shards);
  const elsewhere = tally.failures.filter(({ shard, at }) => !away.some(gap => gap.shard === shard && at >= gap.from && at <= gap.to));
  check('Flue 2.1, each shard replaced: no failure on other shards, none cut, some on those that were away',
    (elsewhere.length > 0 || tally.failures.length === 0 || tally.failures.some(({ status }) => status !== 503)) && `${tally.statuses}\n${JSON.stringify(elsewhere.slice(0, 5))}`);
}

async function kill(load: KeyedLoad, victim: FileShard, router: Router): Promise<KeyedClients> {
  const clients = new KeyedClients(load);
  await clients.answer(20);
  await clients.occupy(victim.index);
  await victim.stop('SIGKILL');
  await router.missed(victim.index);
  await until(() => clients.tally.failures.length > 2, 'nobody asked the shard that is away');
  clients.thinkMs = THINK_MS;
  await victim.start();
  await router.found(victim.index);
  clients.thinkMs = 0;
  await clients.answer(100);
  return clients;
}

async function afterKill(clients: KeyedClients, world: World, shards: readonly FileShard[]): Promise<void> {
  const tally = await clients.stop();
  const elsewhere = tally.failures.filter(({ shard }) => shard !== 1);
  await judge(`Flue 2.1, kill -9 of shard 1, which took ${clients.resumed} prompts up again`, tally, world.model, shards);
  check('Flue 2.1, kill -9 of shard 1: no failure on other shards, some on it',
    (elsewhere.length > 0 || tally.failures.length === 0) && `${tally.statuses}\n${JSON.stringify(elsewhere.slice(0, 5))}`);
}

