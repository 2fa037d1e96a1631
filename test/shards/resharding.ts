import { synthesizeFleet } from './fleet';
import { check, splits, type PostgresWorld } from './judge';
import { AGENTS, Shard } from './servers';
import { reshard } from '../../src/cli/shards/reshard';
import { hashedShardOf, shardOf, type ShardKeyName } from '../../src/invariants/shards/partition';

const CONVERSATIONS = 120;
/** Ids of several kinds, some of which a path has to write as codes. */
const ids = Array.from({ length: CONVERSATIONS }, (_, index) => [`customer-${index}`, `${index}-ü@`, `a/b-${index.toString(36)}`, `${index}_`, `${index}Z`][index % 5]);

/** Two shards become four, with the command that an operator runs. What must not be moved is not. */
export async function grow(world: PostgresWorld): Promise<void> {
  const two = shardsOf(world, 2);
  await Promise.all(two.map(shard => shard.makeSchema()));
  await started(two, async () => {
    await sayAll('one', 1, two);
    await sayAll('two', 2, two);
    const ended = await run(world, '--to', '4');
    check('reshard: servers that run are in the way', (ended.code !== 1 || !/shard0 has \d+ open connections: stop its server/.test(ended.output)) && ended.output);
  });
  await disconnected(two);
  await two[0].query('UPDATE flue_agent_submissions SET status = \'queued\' WHERE sequence = (SELECT min(sequence) FROM flue_agent_submissions)');
  await disconnected(two);
  const unsettled = await run(world, '--to', '4');
  await two[0].query('UPDATE flue_agent_submissions SET status = \'settled\' WHERE status = \'queued\'');
  await disconnected(two);
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
export async function goOn(shards: readonly Shard[]): Promise<void> {
  await sayAll('three', 3, shards);
  const { forks, strays, all } = await splits(shards);
  check(`reshard: of ${all} conversations 0 in two stores, 0 in a wrong one`, (forks.length > 0 || strays.length > 0) && `forks: ${forks}\nstrays: ${strays}`);
}

/** Two shards become four where a hash decides: of a second fleet in the same database, which is named. */
export async function growHashed(world: PostgresWorld): Promise<void> {
  const two = shardsOf(world, 2, 'sha256');
  await Promise.all(two.map(shard => shard.makeSchema()));
  await started(two, () => sayAll('one', 1, two, hashedShardOf));
  await disconnected(two);
  const unnamed = await run(world, '--to', '4');
  check('reshard: of two fleets one has to be named', (unnamed.code !== 2 || !/holds several fleets: (Agents, Hashed|Hashed, Agents)\./.test(unnamed.output)) && unnamed.output);
  const grown = await run(world, '--to', '4', '--fleet', 'Hashed');
  check(`reshard by sha256: ${grown.output.trim().split('\n').pop()}`, grown.code !== 0 && grown.output);
  const four = shardsOf(world, 4, 'sha256');
  await Promise.all(four.map(shard => shard.makeSchema()));
  // a server refuses the ids that its own guard takes for those of another shard
  await started(four, () => sayAll('two', 2, four, hashedShardOf));
  const { forks, strays, all, each } = await splits(four, hashedShardOf);
  check(`reshard by sha256: of ${all} conversations 0 in two stores, 0 in a wrong one (${each.join(', ')})`,
    (all !== ids.length || Math.min(...each) === 0 || forks.length > 0 || strays.length > 0) && `forks: ${forks}\nstrays: ${strays}`);
  const { strays: otherwise } = await splits(four);
  check('negative control: by the last character many would be in a wrong one', otherwise.length === 0 && 'the two keys do not differ');
}

/** The way back, and the same way again. */
export async function shrink(world: PostgresWorld, shards: readonly Shard[]): Promise<void> {
  await disconnected(shards);
  const shrunk = await run(world, '--to', '2', '--fleet', 'Agents');
  check(`reshard: four become two again (${shrunk.output.trim().split('\n').pop()})`, shrunk.code !== 0 && shrunk.output);
  const two = shardsOf(world, 2);
  await Promise.all(two.map(shard => shard.makeSchema()));
  await started(two, () => sayAll('four', 4, two));
  await disconnected(two);
  const again = await run(world, '--to', '4', '--fleet', 'Agents');
  check('reshard: and four once more, in the schemas that are there', again.code !== 0 && again.output);
}

function shardsOf(world: PostgresWorld, count: number, key: ShardKeyName = 'lastCharacter'): Shard[] {
  const fleet = synthesizeFleet({ shards: count, environment: world.model.environment, key });
  return world.ports.slice(0, count).map((port, index) => new Shard({ ...world, fleet, index, port, ...key === 'sha256' ? { name: 'hashed' } : {} }));
}

/** Waits until the database has noticed that nobody asks it any more. */
async function disconnected(shards: readonly Shard[]): Promise<void> {
  await Promise.all(shards.map(shard => shard.disconnected()));
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
async function sayAll(message: string, turn: number, shards: readonly Shard[], of = shardOf): Promise<void> {
  const wrong: string[] = [];
  const left = [...ids];
  const say = async (): Promise<void> => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const { port } = shards[of(id, shards.length)];
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
  check(`${shards.length} shards${of === shardOf ? '' : ' by sha256'}: turn ${turn} of ${ids.length} conversations has the whole history`, wrong.length > 0 && wrong.slice(0, 5).join('\n'));
}

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs the command as in a project that has the package pg. */
async function run({ database }: PostgresWorld, ...args: string[]): Promise<Ended> {
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
