import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { FlueShardedServiceProps } from './flue-sharded-service-props';
import { connectionsOf } from '../../database/connection-count';
import type { IFlueSchemaHost } from '../../database/flue-schema';
import type { ExposureStrategy } from '../../edge/exposure-strategy';
import { FlueExposure } from '../../edge/flue-exposure';
import { patternOf, requirePathPatterns } from '../../edge/public-paths';
import { refuse } from '../../invariants/invariant';
import { requireListed, requireWithin, requireWritten } from '../../invariants/limits/guard';
import { SHARD_LIMITS } from '../../invariants/limits/shards';
import { DEFAULT_AGENT_PATHS, SHARD_COUNTS } from '../../invariants/shards/partition';
import { agentPathReachedBy } from '../../invariants/shards/paths';
import type { ShardOfFleet } from '../../invariants/shards/shard-guard';
import { DATABASE_URL } from '../../invariants/shared-state';
import { isUnknown } from '../../invariants/unknown';

/** Connections that the pool of a Flue 0.10.2 takes at most (measured: ten for each shard). */
const CONNECTIONS_OF_A_SHARD = 10;
/** For the one that makes a schema, for operators, and for what the engine keeps. */
const RESERVED_CONNECTIONS = 10;

/** The connections that a database has to take. */
export function connectionsFor(shards: number): number {
  return shards * CONNECTIONS_OF_A_SHARD + RESERVED_CONNECTIONS;
}

/** What the shards of a service have in common, checked in full before the first resource exists. */
export interface Fleet {
  readonly way: ExposureStrategy;
  readonly partition: Omit<ShardOfFleet, 'shard'>;
  readonly schemas?: IFlueSchemaHost;
}

/** Refuses what would split a conversation, or leave a shard without its state. */
export function planFleet(scope: Construct, props: FlueShardedServiceProps): Fleet {
  const { shards, agentPaths = DEFAULT_AGENT_PATHS, homePaths = [] } = props;
  requireWithin(scope, shards, SHARD_LIMITS.shards);
  requireKnown(scope, 'agentPaths', agentPaths);
  requireListed(scope, agentPaths, SHARD_LIMITS.agentPathCount);
  agentPaths.forEach(path => requireWritten(scope, path, SHARD_LIMITS.agentPaths));
  requireKnown(scope, 'homePaths', homePaths);
  requireListed(scope, homePaths, SHARD_LIMITS.homePathCount);
  requirePathPatterns(scope, 'homePaths', homePaths, {
    limit: SHARD_LIMITS.homePaths, insteadOfAll: 'Leave out what does not lie below `agentPaths`: the home shard answers it anyway',
  });
  const key = props.shardKey?._name;
  const partition = { shards, agentPaths, homePaths, ...key === 'sha256' ? { key } : {} };

  const { _strategy: way } = props.exposure ?? FlueExposure.open();
  if (!way.ownsLoadBalancer) {
    refuse(scope, '`exposure` must make a load balancer, got: FlueExposure.throughListener(…)',
      'The rules of the shards take most of the rules that a load balancer may have. Use another exposure, or FlueFargateService');
  }
  requireOutsideAgentPaths(scope, props, partition);

  if (props.secrets && DATABASE_URL in props.secrets) {
    refuse(scope, `\`secrets\` must not hold ${DATABASE_URL}, got: one for ${shards} shards`,
      'Two processes on one schema lose replies. Pass a FlueDatabase as `database`: each shard gets a schema of it');
  }
  if (props.database) {
    requireConnections(scope, props.database, shards);
  }
  return {
    way: key === 'sha256' ? hashingWay(scope, way, partition) : way,
    partition,
    schemas: props.database,
  };
}

function hashingWay(scope: Construct, way: ExposureStrategy, partition: Fleet['partition']): ExposureStrategy {
  return way.hashing?.(partition) ?? refuse(scope, '`shardKey` must be FlueShardKey.lastCharacter() with this `exposure`, got: FlueShardKey.sha256()',
    'A load balancer cannot hash: pass `exposure: FlueExposure.cloudFront()`, in which a function does');
}

/** Refuses public paths below which ids stand: their rules come first, and lead to the home shard. */
function requireOutsideAgentPaths(
  scope: Construct, { auth, healthCheckPath }: FlueShardedServiceProps, { agentPaths, homePaths }: Fleet['partition'],
): void {
  const publicPaths = auth?._options.publicPaths ?? [];
  const candidates = [
    ...Token.isUnresolved(publicPaths) ? [] : publicPaths.map(path => ({ prop: 'publicPaths', path })),
    ...healthCheckPath === undefined ? [] : [{ prop: 'healthCheckPath', path: patternOf(healthCheckPath) }],
  ];
  for (const { prop, path } of candidates.filter(candidate => !homePaths.includes(candidate.path))) {
    const reached = isUnknown(path) ? undefined : agentPathReachedBy(path, agentPaths);
    if (reached !== undefined) {
      refuse(scope, `\`${prop}\` must not lie below a path of agents (${reached}), got: ${path}`,
        prop === 'publicPaths' ? 'The home shard would answer for the ids of others. Name it in `homePaths` too if it should'
          : 'The shards would take its last part for an id. Name a path of its own, such as `/health`');
    }
  }
}

function requireKnown(scope: Construct, prop: string, paths: readonly string[]): void {
  if (Token.isUnresolved(paths) || paths.some(path => isUnknown(path))) {
    refuse(scope, `\`${prop}\` must be known at synthesis, got: a value known only at deployment`,
      'The rules of the load balancer and the guard in each server are made of it: write it out');
  }
}

/** Refuses more shards than a database has connections for. */
function requireConnections(scope: Construct, database: IFlueSchemaHost, shards: number): void {
  const found = connectionsOf(database);
  const needed = connectionsFor(shards);
  if (found && found.connections < needed) {
    refuse(scope, `\`shards\` must be at most ${Math.max(0, ...SHARD_COUNTS.filter(count => connectionsFor(count) <= found.connections))} with ${database.node.path}, got: ${shards}. `
      + `Its server takes ${found.connections} connections, because ${found.because}; ${shards} shards need ${needed}`,
    'Choose a larger `instanceType` in `FlueDatabaseEngine.postgres(…)`, or fewer shards');
  }
}
