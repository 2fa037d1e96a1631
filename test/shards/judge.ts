import type { RoutedFleet } from './fleet';
import type { Tally } from './load';
import type { Model } from './model';
import type { Server } from './servers';
import type { Database } from '../../src/cli/rehearse/postgres/database';
import { shardOf } from '../../src/invariants/shards/partition';

/** Below so many replies a run shows nothing. */
export const FEWEST_ANSWERS = 100;

export const counted = { passed: 0, failed: 0 };

export function check(name: string, problem: string | undefined | false): void {
  if (!problem) {
    counted.passed++;
    console.log(`ok   ${name}`);
  } else {
    counted.failed++;
    console.log(`FAIL ${name}\n${problem.replace(/^/gm, '     ')}`);
  }
}

/** What the proofs of both majors of Flue run in. */
export interface World {
  readonly fleet: RoutedFleet;
  readonly model: Model;
  /** Of the servers. */
  readonly ports: readonly number[];
  readonly directory: string;
}

/** A world whose servers keep their state in Postgres. */
export interface PostgresWorld extends World {
  readonly database: Database;
  /** The manifest of a project that has the package pg. */
  readonly postgres: string;
}

interface Splits {
  readonly forks: string[];
  readonly strays: string[];
  readonly all: number;
  /** How many conversations each store has. */
  readonly each: readonly number[];
}

/** The conversations that stand in the stores of several shards, and those that stand in another one than their own. */
export async function splits(shards: readonly Server[], of: (id: string, shards: number) => number = shardOf): Promise<Splits> {
  const stores = await Promise.all(shards.map(shard => shard.conversations()));
  const all = stores.flat();
  const distinct = new Set(all);
  return {
    forks: [...distinct].filter(id => stores.filter(ids => ids.includes(id)).length > 1),
    strays: stores.flatMap((ids, shard) => ids.filter(id => of(id, shards.length) !== shard)),
    all: distinct.size,
    each: stores.map(({ length }) => length),
  };
}

/** Prompts that were cut in a run so far: their server may send them to the model once more, later. */
const cut = new Set<string>();

/** What must hold whatever happened to the shards. */
export async function judge(what: string, tally: Tally, model: Model, shards: readonly Server[]): Promise<void> {
  tally.cut.forEach(text => cut.add(text));
  const twice = model.repeated.filter(text => text.startsWith('p-') && !cut.has(text));
  const { forks, strays, all } = await splits(shards);
  const times = `p50 ${tally.quantile(0.5)} ms, p99 ${tally.quantile(0.99)} ms`;
  check(`${what}: of ${tally.prompts} prompts 0 lost, 0 late (${tally.lateAfter / 1000} s), 0 wrong, 0 twice (${times}, not answered: ${tally.statuses})`,
    (tally.milliseconds.length < FEWEST_ANSWERS || tally.lost > 0 || tally.late > 0 || tally.wrong.length > 0 || twice.length > 0)
    && `${tally.lost} lost, ${tally.late} late, ${tally.wrong.length} wrong, ${twice.length} twice\n${[...tally.wrong, ...twice].slice(0, 5).join('\n')}`);
  check(`${what}: of ${all} conversations 0 in two stores, 0 in a wrong one`, (forks.length > 0 || strays.length > 0) && `forks: ${forks}\nstrays: ${strays}`);
}
