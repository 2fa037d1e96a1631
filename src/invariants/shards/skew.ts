import { endOf, SHARD_COUNTS, shardOf } from './partition';

/** Stands for every end that is no digit of base 36. */
const OTHER = '-';

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
  private readonly byEnd = new Map<string, number>();

  public add(id: string): void {
    // the key reads no more of an id than its end
    const end = endOf(id) ?? OTHER;
    this.byEnd.set(end, (this.byEnd.get(end) ?? 0) + 1);
  }

  public get ids(): number {
    return sum([...this.byEnd.values()]);
  }

  /** Ids that stay on the home shard, however many shards there are: they end in no letter and no digit. */
  public get unsplit(): number {
    return sum([...this.byEnd].filter(([end]) => end === OTHER).map(([, count]) => count));
  }

  public spreads(): Spread[] {
    return SHARD_COUNTS.map(shards => {
      const counts = Array.from({ length: shards }, () => 0);
      this.byEnd.forEach((count, end) => { counts[shardOf(end, shards)] += count; });
      const largestToMean = this.ids === 0 ? 1 : Math.max(...counts) * shards / this.ids;
      const judged = this.ids >= FEWEST_IDS * shards;
      return { shards, counts, largestToMean, judged, even: !judged || largestToMean < LARGEST_TO_MEAN };
    });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
