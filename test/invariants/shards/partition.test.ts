import {
  DEFAULT_AGENT_PATHS, hashedShardOf, HOME_SHARD, longestRegex, MAX_REGEX_LENGTH, partitionName, partitionRules, SHARD_COUNTS, shardOf,
} from '../../../src/invariants/shards/partition';

/** What a load balancer does with a path: the first rule that matches, the home shard otherwise. */
function routed(path: string, shards: number, agentPaths: readonly string[] = DEFAULT_AGENT_PATHS): number | 'refused' {
  const rule = partitionRules({ shards, agentPaths }).find(({ regexes }) => regexes.some(regex => new RegExp(regex).test(path)));
  return rule ? rule.shard ?? 'refused' : HOME_SHARD;
}

const ALPHANUMERIC = [...'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const ALL_ASCII = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));

describe.each(SHARD_COUNTS)('%i shards', shards => {
  test('a rule leads each encoded id to its shard', () => {
    for (const last of [...ALL_ASCII, 'ä', '/', '日', '😀']) {
      for (const id of [last, `a${last}`, `a b/ü${last}`, `%${last}`, `1.${last}`]) {
        const path = `/agents/assistant/${encodeURIComponent(id)}`;
        expect([id, routed(path, shards), routed(`${path}/abort`, shards)]).toEqual([id, shardOf(id, shards), shardOf(id, shards)]);
      }
    }
  });

  test('each letter and digit is in one class of one shard, and each shard has some', () => {
    const classes = partitionRules({ shards, agentPaths: DEFAULT_AGENT_PATHS }).slice(2);
    const matching = (last: string) => classes.filter(({ regexes }) => new RegExp(regexes[0]).test(`/agents/a/x${last}`));
    expect(ALPHANUMERIC.filter(last => matching(last).length !== 1)).toEqual([]);
    expect(classes.map(({ shard }) => shard)).toEqual(Array.from({ length: shards }, (_, shard) => shard));
  });

  test('an id that spells a plain character as a code is refused', () => {
    const coded = (character: string) => `%${character.charCodeAt(0).toString(16)}`;
    for (const last of [...ALPHANUMERIC, '-', '.', '_', '~']) {
      expect([last, routed(`/agents/a/x${coded(last)}`, shards)]).toEqual([last, 'refused']);
      expect([last, routed(`/agents/a/x${coded(last).toUpperCase()}/runs`, shards)]).toEqual([last, 'refused']);
    }
  });

  test('an id keeps its shard, or goes to the new one, when the shards double', () => {
    for (const last of ALPHANUMERIC) {
      expect([shardOf(last, shards), shardOf(last, shards) + shards]).toContain(shardOf(last, shards * 2));
    }
  });
});

test.each(['/health', '/workflows/x1', '/runs/x1', '/agents/assistant', '/agents/assistant/', '/', '/agents//x1'])('%s goes home', path => {
  expect(routed(path, 4)).toBe(HOME_SHARD);
});

test.each([['/agents/*/', '/agents/a/x1', 1], ['/api/v1.0/agents/*/', '/api/v1.0/agents/a/x1', 1], ['/api/v1.0/agents/*/', '/api/v1x0/agents/a/x1', 0]])(
  'the ids below %s are shared out: %s', (agentPath, path, shard) => {
    expect(routed(path, 4, [agentPath])).toBe(shard);
  });

test('a load balancer takes the rules', () => {
  expect(longestRegex(DEFAULT_AGENT_PATHS[0])).toBeLessThanOrEqual(MAX_REGEX_LENGTH);
  // 100 rules a load balancer
  expect(partitionRules({ shards: 16, agentPaths: DEFAULT_AGENT_PATHS }).length).toBeLessThanOrEqual(100);
  expect([partitionName(4), partitionName(8, 'sha256')]).toEqual(['lastCharacter of 4', 'sha256 of 8']);
});

/** The largest shard over the mean, of 4. */
function skewOf(idOf: (index: number) => string, shardOfId = shardOf): number {
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < 8000; index++) {
    counts[shardOfId(idOf(index), 4)]++;
  }
  return Math.max(...counts) / 2000;
}

test.each([
  ['hexadecimal', (index: number) => (index * 2654435761 % 4294967296).toString(16), 1.1],
  ['customer-n', (index: number) => `customer-${index}`, 1.21],
])('ids that are %s spread over the shards', (_, idOf, most) => {
  expect(skewOf(idOf)).toBeLessThan(most);
});

test('ids with one ending spread by their hash only', () => {
  expect(skewOf(index => `${index}@example.com`)).toBe(4);
  expect(skewOf(index => `${index}@example.com`, hashedShardOf)).toBeLessThan(1.05);
});

test.each(['a\u212A', 'a\u017F', 'a?', 'ü', '', 'a-'])('an id without a digit of base 36 at its end stays on the home shard: %j', id => {
  expect(SHARD_COUNTS.map(shards => shardOf(id, shards))).toEqual(SHARD_COUNTS.map(() => HOME_SHARD));
});
