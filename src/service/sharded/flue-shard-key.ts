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

  private constructor(
    /** @internal */
    public readonly _name: 'lastCharacter',
  ) {}
}
