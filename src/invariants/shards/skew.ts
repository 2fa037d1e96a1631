import { endOf, hashedShardOf, SHARD_COUNTS, shardOf, type ShardKeyName } from './partition';

/** The shards of the largest fleet: they tell those of every smaller one, because the numbers are powers of two. */
const MOST_SHARDS = Math.max(...SHARD_COUNTS);

/** Ids for each shard below which chance alone makes one shard twice as large as another. */
export const FEWEST_IDS = 20;
/** From here on the largest shard is a sign that the key does not split the ids. */
export const LARGEST_TO_MEAN = 2;

/** How the ids fall on a number of shards. */
export interface Spread {
  readonly shards: number;
  readonly counts: readonly number[];
  /** Ids of the largest shard by those of a mean one; 1 is even. */
  readonly largestToMean: number;
  /** Whether there are too few ids to tell. */
  readonly judged: boolean;
  readonly even: boolean;
}

/** Counts ids by the shard they belong to, for every number of shards at once. */
export class SkewCounter {
  /** Ids that stay on the home shard, however many shards there are: they end in no letter and no digit, and the key is the end. */
  public unsplit = 0;
  private readonly byShard = Array.from({ length: MOST_SHARDS }, () => 0);

  public constructor(private readonly key: ShardKeyName = 'lastCharacter') {}

  public add(id: string): void {
    if (this.key === 'lastCharacter' && endOf(id) === undefined) {
      this.unsplit += 1;
    }
    this.byShard[(this.key === 'sha256' ? hashedShardOf : shardOf)(id, MOST_SHARDS)] += 1;
  }

  public get ids(): number {
    return sum(this.byShard);
  }

  public spreads(): Spread[] {
    return SHARD_COUNTS.map(shards => {
      const counts = Array.from({ length: shards }, () => 0);
      this.byShard.forEach((count, shard) => { counts[shard % shards] += count; });
      const largestToMean = this.ids === 0 ? 1 : Math.max(...counts) * shards / this.ids;
      const judged = this.ids >= FEWEST_IDS * shards;
      return { shards, counts, largestToMean, judged, even: !judged || largestToMean < LARGEST_TO_MEAN };
    });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
