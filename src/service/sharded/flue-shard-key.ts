import type { ShardKeyName } from '../../invariants/shards/partition';

/**
 * The key of a sharded service: what of an id decides on its shard.
 */
export class FlueShardKey {
  /**
   * The last character of the id, as a digit of base 36, whatever its case.
   *
   * Listener rules read it, with every exposure. Ids that end at random are spread evenly: UUIDs, ULIDs, nanoids, numbers. Ids that
   * all end alike, such as mail addresses, are not. `npx cdk-flue shard-skew` counts yours.
   */
  public static lastCharacter(): FlueShardKey {
    return new FlueShardKey('lastCharacter');
  }

  /**
   * A SHA-256 hash of the id: it spreads ids of any form, mail addresses too.
   *
   * A load balancer cannot hash, so a function of CloudFront does, for about 0.10 USD per million requests. The service throws without
   * FlueExposure.cloudFront(), and the longest reply is what CloudFront waits for.
   */
  public static sha256(): FlueShardKey {
    return new FlueShardKey('sha256');
  }

  private constructor(
    /** @internal */
    public readonly _name: ShardKeyName,
  ) {}
}
