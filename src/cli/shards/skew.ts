import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { SHARD_COUNTS, SHARD_KEYS, type ShardKeyName } from '../../invariants/shards/partition';
import { FEWEST_IDS, LARGEST_TO_MEAN, SkewCounter, type Spread } from '../../invariants/shards/skew';
import { CliFailure } from '../failure';

export const SHARD_SKEW_USAGE = `Usage: cdk-flue shard-skew [file] [options]

Counts how the ids of agent instances would fall on ${SHARD_COUNTS.join(', ')} shards.
It reads one id a line from the file, or from the standard input: cdk-flue shard-skew < ids
Each line counts. Repeat an id as often as it is asked for, such as in an access log, and you count requests.

  --key <name>   what of an id decides: lastCharacter, or sha256 for FlueShardKey.sha256() (default: lastCharacter)
  --json         one JSON document on the standard output, and nothing else

By its last character, an id that ends in no letter and no digit stays on shard 0, however many shards there are.
A number of shards is judged from ${FEWEST_IDS} ids a shard on. Its spread is uneven if the largest shard has ${LARGEST_TO_MEAN} times the mean or more.
Uneven shards cost speed, never a conversation.

The exit code is 0 when every spread that is judged is even, 1 when one is not, 2 when the ids cannot be read.
`;

/** `cdk-flue shard-skew`: the exit code says whether a spread is uneven. */
export async function shardSkew(argv: string[], stdin: NodeJS.ReadableStream & { isTTY?: boolean } = process.stdin): Promise<number> {
  const { file, json, key } = parse(argv);
  if (file === undefined && stdin.isTTY) {
    throw new CliFailure('There are no ids on the standard input.', 'Name a file with one id a line, or write `cdk-flue shard-skew < ids`.');
  }
  const counter = new SkewCounter(key);
  for await (const id of createInterface({ input: file === undefined ? stdin : createReadStream(file), crlfDelay: Infinity })) {
    if (id !== '') {
      counter.add(id);
    }
  }
  if (counter.ids === 0) {
    throw new CliFailure(`${file ?? 'The standard input'} holds no ids.`, 'Pass one id a line.');
  }
  const spreads = counter.spreads();
  process.stdout.write(json ? document(key, counter, spreads) : table(key, counter, spreads));
  return spreads.every(({ even }) => even) ? 0 : 1;
}

function parse(argv: string[]): { readonly file?: string; readonly json: boolean; readonly key: ShardKeyName } {
  const help = 'Run `cdk-flue shard-skew --help` for the options.';
  try {
    const { values, positionals } = parseArgs({ args: argv, allowPositionals: true, options: { json: { type: 'boolean' }, key: { type: 'string' } } });
    if (positionals.length > 1) {
      throw new Error(`Pass one file at most, got: ${positionals.join(' ')}`);
    }
    if (positionals[0] === '') {
      throw new Error('The name of the file is an empty string');
    }
    const key = values.key === undefined ? SHARD_KEYS[0] : SHARD_KEYS.find(name => name === values.key);
    if (key === undefined) {
      throw new Error(`\`--key\` must be ${SHARD_KEYS.join(' or ')}, got: ${values.key}`);
    }
    return { file: positionals[0], json: values.json ?? false, key };
  } catch (error) {
    throw new CliFailure(`${(error as Error).message.split('. ')[0]}.`, help);
  }
}

function document(key: ShardKeyName, { ids, unsplit }: SkewCounter, spreads: readonly Spread[]): string {
  return `${JSON.stringify({ key, ids, unsplit, spreads }, undefined, 2)}\n`;
}

function table(key: ShardKeyName, { ids, unsplit }: SkewCounter, spreads: readonly Spread[]): string {
  const width = String(ids).length;
  const lines = spreads.map(({ shards, counts, largestToMean, judged, even }) => {
    const verdict = !judged ? 'too few ids to tell' : even ? 'even' : 'uneven';
    return `${String(shards).padStart(6)}  ${largestToMean.toFixed(2).padStart(12)}  ${verdict.padEnd(19)}  ${counts.map(count => String(count).padStart(width)).join(' ')}\n`;
  });
  return `shards  largest/mean  ${'spread'.padEnd(19)}  ids of each shard\n${lines.join('')}\n`
    + (key === 'sha256' ? `${ids} ids, by their hash.\n` : `${ids} ids. ${unsplit} of them end in no letter and no digit, and stay on shard 0.\n`);
}
