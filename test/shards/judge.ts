import type { Fleet } from './fleet';
import type { Tally } from './load';
import type { Model } from './model';
import { query, type Shard } from './servers';
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

export interface World {
  readonly fleet: Fleet;
  readonly database: Database;
  readonly postgres: string;
  readonly model: Model;
  readonly ports: readonly number[];
  readonly directory: string;
}

/** The instance ids in each schema, from the sessions that Flue keeps there. */
export async function idsBySchema({ postgres }: World, shards: readonly Shard[]): Promise<string[][]> {
  return Promise.all(shards.map(async shard => {
    const sql = 'SELECT DISTINCT (regexp_replace(id, \'^[^\\[]*\', \'\'))::jsonb->>0 AS instance FROM flue_sessions';
    return (await query<{ instance: string }>(postgres, shard.url, sql)).map(({ instance }) => instance);
  }));
}

interface Splits {
  readonly forks: string[];
  readonly strays: string[];
  readonly all: number;
}

/** The conversations that stand in several schemas, and those that stand in another schema than their own. */
export async function splits(world: World, shards: readonly Shard[]): Promise<Splits> {
  const bySchema = await idsBySchema(world, shards);
  const all = bySchema.flat();
  const distinct = new Set(all);
  return {
    forks: [...distinct].filter(id => bySchema.filter(ids => ids.includes(id)).length > 1),
    strays: bySchema.flatMap((ids, shard) => ids.filter(id => shardOf(id, shards.length) !== shard)),
    all: distinct.size,
  };
}

/** What must hold whatever happened to the shards. */
export async function judge(what: string, tally: Tally, world: World, shards: readonly Shard[]): Promise<void> {
  const twice = world.model.repeated.filter(text => text.startsWith('p-') && !tally.cut.has(text));
  const { forks, strays, all } = await splits(world, shards);
  const times = `p50 ${tally.quantile(0.5)} ms, p99 ${tally.quantile(0.99)} ms`;
  check(`${what}: of ${tally.prompts} prompts 0 lost, 0 late (${tally.lateMs / 1000} s), 0 wrong, 0 twice (${times}, not answered: ${tally.statuses})`,
    (tally.milliseconds.length < FEWEST_ANSWERS || tally.lost > 0 || tally.late > 0 || tally.wrong.length > 0 || twice.length > 0)
    && `${tally.lost} lost, ${tally.late} late, ${tally.wrong.length} wrong, ${twice.length} twice\n${[...tally.wrong, ...twice].slice(0, 5).join('\n')}`);
  check(`${what}: of ${all} conversations 0 in two schemas, 0 in a wrong one`, (forks.length > 0 || strays.length > 0) && `forks: ${forks}\nstrays: ${strays}`);
}
