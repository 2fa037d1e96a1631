import type { IPeer } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { refuseWithoutLoadBalancer, type EdgeProps, type ExposureStrategy, type OwnEdge, type ServerEdge } from './exposure-strategy';
import type { ShardRules } from './shard-rules';
import { buildTargetGroup, type ServerTargetGroupProps } from './target-group';
import type { StatedTimers } from '../timers/timer-chain';

/** The load balancer of the home shard, as the others find it. */
export interface HomeEdge extends OwnEdge {
  readonly way: ExposureStrategy;
  readonly url: string;
  readonly rules: ShardRules;
}

/** The way to a shard behind the load balancer of the home shard. */
export class FurtherShard implements ExposureStrategy {
  public readonly internetFacing = false;
  // that of the home shard is in the same stack
  public readonly ownsLoadBalancer = true;
  public readonly peers: IPeer[] = [];
  public readonly given = {};

  public constructor(private readonly home: HomeEdge, private readonly shard: number) {}

  public require(): void {
    // the home shard has the props of the edge
  }

  public timers(scope: Construct, stated: StatedTimers): StatedTimers {
    return this.home.way.timers(scope, stated);
  }

  public vpc(): undefined {
    return undefined;
  }

  public requireNetwork(): void {
    // the home shard is in the same one
  }

  public fixedRules(): undefined {
    return undefined;
  }

  public build(scope: Construct, _: EdgeProps, target: ServerTargetGroupProps): ServerEdge {
    const { url, rules, loadBalancer, listener } = this.home;
    const targetGroup = buildTargetGroup(scope, target);
    const [listenerRule] = rules.addShard(this.shard, targetGroup);
    return { targetGroup, listenerRule, ready: listenerRule, url, sharesUrl: true, own: () => ({ loadBalancer, listener }) };
  }

  public warnPublic(): void {
    // the home shard does
  }

  public directClients(scope: Construct): never {
    return refuseWithoutLoadBalancer(scope, 'a shard');
  }
}
