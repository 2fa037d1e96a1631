import { synthesizeFleet } from './fleet';
import { check, splits, type World } from './judge';
import { AGENTS, query, Shard } from './servers';
import { reshard } from '../../src/cli/shards/reshard';
import { shardOf } from '../../src/invariants/shards/partition';

const CONVERSATIONS = 120;
/** Ids of several kinds, some of which a path has to write as codes. */
const ids = Array.from({ length: CONVERSATIONS }, (_, index) => [`customer-${index}`, `${index}-ü@`, `a/b-${index.toString(36)}`, `${index}_`, `${index}Z`][index % 5]);

/** Two shards become four, with the command that an operator runs. What must not be moved is not. */
export async function grow(world: World): Promise<void> {
  const two = shardsOf(world, 2);
  await Promise.all(two.map(shard => shard.makeSchema()));
  await started(two, async () => {
    await sayAll('one', 1, two);
    await sayAll('two', 2, two);
    const ended = await run(world, '--to', '4');
    check('reshard: servers that run are in the way', (ended.code !== 1 || !/shard0 has \d+ open connections: stop its server/.test(ended.output)) && ended.output);
  });
  const [{ url }] = two;
  await query(world.postgres, url, 'UPDATE flue_agent_submissions SET status = \'queued\' WHERE sequence = (SELECT min(sequence) FROM flue_agent_submissions)');
  const unsettled = await run(world, '--to', '4');
  await query(world.postgres, url, 'UPDATE flue_agent_submissions SET status = \'settled\' WHERE status = \'queued\'');
  check('reshard: so is a prompt that is not settled', (unsettled.code !== 1 || !/shard0 has 1 prompts that are not settled/.test(unsettled.output)) && unsettled.output);
  const step = await run(world, '--to', '8');
  check('reshard: two become four, not eight', (step.code !== 2 || !/must be 4, got: 8/.test(step.output)) && step.output);
  const dry = await run(world, '--to', '4', '--dry-run');
  check('reshard: a dry run changes nothing', (dry.code !== 0 || !/would move\. Nothing was changed/.test(dry.output)) && dry.output);

  const begun = Date.now();
  const grown = await run(world, '--to', '4');
  check(`reshard: two become four in ${Date.now() - begun} ms (${grown.output.trim().split('\n').pop()})`, grown.code !== 0 && grown.output);
  const refused = await two[0].makeSchema().then(() => 'it starts', error => /conversations would be split/.test(String(error)) ? '' : String(error));
  check('reshard: no server of two shards starts any more', refused);
}

/** What the shards of the new number know. */
export async function goOn(world: World, shards: readonly Shard[]): Promise<void> {
  await sayAll('three', 3, shards);
  const { forks, strays, all } = await splits(world, shards);
  check(`reshard: of ${all} conversations 0 in two schemas, 0 in a wrong one`, (forks.length > 0 || strays.length > 0) && `forks: ${forks}\nstrays: ${strays}`);
}

/** The way back, and the same way again. */
export async function shrink(world: World): Promise<void> {
  const shrunk = await run(world, '--to', '2');
  check(`reshard: four become two again (${shrunk.output.trim().split('\n').pop()})`, shrunk.code !== 0 && shrunk.output);
  const two = shardsOf(world, 2);
  await Promise.all(two.map(shard => shard.makeSchema()));
  await started(two, () => sayAll('four', 4, two));
  const again = await run(world, '--to', '4');
  check('reshard: and four once more, in the schemas that are there', again.code !== 0 && again.output);
}

function shardsOf(world: World, count: number): Shard[] {
  const fleet = synthesizeFleet(count, world.model.environment);
  return world.ports.slice(0, count).map((port, index) => new Shard(fleet, index, port, world.database));
}

async function started(shards: readonly Shard[], work: () => Promise<void>): Promise<void> {
  try {
    await Promise.all(shards.map(shard => shard.start()));
    await work();
  } finally {
    await Promise.all(shards.map(shard => shard.stop()));
  }
}

/** A turn of every conversation, on its own shard. */
async function sayAll(message: string, turn: number, shards: readonly Shard[]): Promise<void> {
  const wrong: string[] = [];
  const left = [...ids];
  const say = async (): Promise<void> => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const { port } = shards[shardOf(id, shards.length)];
      const response = await fetch(`http://127.0.0.1:${port}/agents/assistant/${encodeURIComponent(id)}`, {
        method: 'POST', headers: { 'content-type': 'application/json', 'connection': 'close' }, body: JSON.stringify({ message }),
      });
      const answer = await response.text();
      if (!answer.includes(`turn ${turn}: ${message}`)) {
        wrong.push(`${id}: ${response.status} ${answer.slice(0, 120)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, say));
  check(`${shards.length} shards: turn ${turn} of ${ids.length} conversations has the whole history`, wrong.length > 0 && wrong.slice(0, 5).join('\n'));
}

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs the command as in a project that has the package pg. */
async function run({ database }: World, ...args: string[]): Promise<Ended> {
  const { write } = process.stdout;
  const directory = process.cwd();
  let output = '';
  process.chdir(AGENTS);
  process.stdout.write = ((chunk: string) => {
    output += chunk;
    return true;
  }) as typeof process.stdout.write;
  try {
    return { code: await reshard([...args, '--ca', database.caFile], { DATABASE_URL: database.url }), output };
  } catch (error) {
    return { code: 2, output: `${output}${(error as Error).message}` };
  } finally {
    process.stdout.write = write;
    process.chdir(directory);
  }
}
