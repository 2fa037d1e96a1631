import type { FlueShardKey } from './flue-shard-key';
import type { IFlueSchemaHost } from '../../database/flue-schema';
import type { FlueFargateBaseProps } from '../fargate/flue-fargate-service-props';

/**
 * Properties of a Flue server that is shared out over several tasks.
 */
export interface FlueShardedServiceProps extends FlueFargateBaseProps {
  /**
   * The number of shards: 2, 4, 8 or 16.
   *
   * If you change it, conversations have to move to other schemas: `npx cdk-flue reshard` does it while no server runs. Without that,
   * no new server starts, because the schemas say for how many shards they were made.
   *
   * Throws for any other number, for one known only at deployment, and for more shards than the instance class of `database` has
   * connections for.
   */
  readonly shards: number;

  /**
   * The Postgres in which each shard gets a schema of its own: a FlueDatabase, or one that FlueDatabase.fromAdministratorSecret() gives.
   *
   * @default - none: each shard keeps its state in memory
   */
  readonly database?: IFlueSchemaHost;

  /**
   * The key of the shards: what of an id decides on its shard.
   *
   * If you change it, conversations have to move, as with `shards`.
   *
   * Throws for `sha256()` with another exposure than FlueExposure.cloudFront().
   *
   * @default FlueShardKey.lastCharacter()
   */
  readonly shardKey?: FlueShardKey;

  /**
   * The paths in front of the ids of agent instances, one to five. `*` is any one segment.
   *
   * Change it if your app mounts Flue below a prefix, which then comes first.
   *
   * Throws for a path that does not begin and end with a slash, for other characters than letters, digits and `_.~-`, for one that
   * makes a rule too long, for a list known only at deployment, and if `healthCheckPath`, or a public path of `auth`, lies below one.
   *
   * @default - that of Flue: /agents/, the agent, and a slash
   */
  readonly agentPaths?: string[];

  /**
   * The paths that the home shard answers, although they lie below `agentPaths`, at most 50. `*` is any text, `?` any character.
   *
   * Name the paths of webhooks that dispatch to agents in the process. All paths without an id go to the home shard anyway.
   *
   * Throws for a path without a leading slash, for characters that no rule takes, for one that matches every path, and for one known
   * only at deployment.
   *
   * @default - none
   */
  readonly homePaths?: string[];
}
