import { createHash } from 'node:crypto';

/** The numbers of shards that there can be: when one grows to the next, each shard splits in two. */
export const SHARD_COUNTS = [2, 4, 8, 16];
/** The shard of all paths without an id, and of ids that end in no letter and no digit. */
export const HOME_SHARD = 0;
/** Most characters of a regular expression in a listener rule (Elastic Load Balancing guide, quotas). */
export const MAX_REGEX_LENGTH = 128;
/** In front of the id of an agent instance, in the routes of Flue. */
export const DEFAULT_AGENT_PATHS = ['/agents/*/'];

/** Where a hash of the id stands for the load balancer, which computes none. */
export const SHARD_HEADER = 'x-flue-shard';
/** Digits of a hash that are read as a number. */
export const HASH_DIGITS = 8;

/** What of an id decides on its shard. */
export const SHARD_KEYS = ['lastCharacter', 'sha256'] as const;
export type ShardKeyName = typeof SHARD_KEYS[number];

/** What an id is split by, in the order of their values. */
export const DIGITS = [...'0123456789abcdefghijklmnopqrstuvwxyz'];
/** What a client may also write as `%` and two digits, although it need not. A load balancer does not decode it. */
const PLAIN_AS_CODE = '%(2[dDeE]|3[0-9]|[46][1-9a-fA-F]|[57][0-9aA]|5[fF]|7[eE])';
const ANY_CODE = '%..';
/** What may follow the id. */
const REST = '(/.*)?$';

/** How the ids of agent instances are shared out, and under which paths they stand. */
export interface Partition {
  readonly shards: number;
  /** Each begins and ends with a slash; `*` is any one segment. */
  readonly agentPaths: readonly string[];
  /** The last character, unless it is said. */
  readonly key?: ShardKeyName;
}

/** Where the requests that match go. */
export interface PartitionRule {
  /** None: they are refused, because the load balancer cannot tell whose they are. */
  readonly shard?: number;
  readonly regexes: string[];
}

/** The shard of an id: its last character as a digit of base 36, whatever its case, modulo the number of shards. */
export function shardOf(id: string, shards: number): number {
  const end = endOf(id);
  return end === undefined ? HOME_SHARD : DIGITS.indexOf(end) % shards;
}

/** The last character of an id in lower case where it is a digit of base 36: the signs that only Unicode takes for such a letter are none. */
export function endOf(id: string): string | undefined {
  return /[0-9a-z]$/i.test(id) ? id.slice(-1).toLowerCase() : undefined;
}

/** The shard of an id by its hash, which spreads ids of any form. */
export function hashedShardOf(id: string, shards: number): number {
  return parseInt(createHash('sha256').update(id).digest('hex').slice(0, HASH_DIGITS), 16) % shards;
}

/** What each schema of a fleet says, so that no server starts beside one that was shared out otherwise. */
export function partitionName(shards: number, key: ShardKeyName = 'lastCharacter'): string {
  return `${key} of ${shards}`;
}

/** The rules of a load balancer, in their order. Whatever matches none of them goes to the home shard. */
export function partitionRules({ shards, agentPaths }: Partition): PartitionRule[] {
  const ending = (last: string) => agentPaths.map(path => `^${prefixOf(path)}[^/]*${last}${REST}`);
  return [
    { regexes: ending(PLAIN_AS_CODE) },
    // before the classes: a code ends in a letter or a digit too
    { shard: HOME_SHARD, regexes: ending(ANY_CODE) },
    ...Array.from({ length: shards }, (_, shard) => ({ shard, regexes: ending(`[${charactersOf(shard, shards)}]`) })),
  ];
}

/** Most characters of the regular expressions for a path, whichever the number of shards. */
export function longestRegex(agentPath: string): number {
  const regexes = SHARD_COUNTS.flatMap(shards => partitionRules({ shards, agentPaths: [agentPath] }).flatMap(rule => rule.regexes));
  return Math.max(...regexes.map(({ length }) => length));
}

function prefixOf(agentPath: string): string {
  return agentPath.replace(/\./g, '[.]').replace(/\*/g, '[^/]+');
}

function charactersOf(shard: number, shards: number): string {
  return DIGITS.filter((_, digit) => digit % shards === shard).flatMap(digit => [...new Set([digit, digit.toUpperCase()])]).join('');
}
