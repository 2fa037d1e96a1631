import {
  ListenerAction, ListenerCondition, type ApplicationListener, type ApplicationListenerRule, type ApplicationTargetGroup, type CfnListenerRule,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import type { FlueAuth } from './flue-auth';
import { buildRule } from './listener-rule';
import { MAX_CONDITION_VALUES } from '../invariants/limits/load-balancer';
import { partitionRules, SHARD_HEADER, type Partition } from '../invariants/shards/partition';

/** Priorities of the rules: after the paths that need no sign-in, with room for rules of the user before, between and behind. */
const FIRST_HOME_PRIORITY = 1001;
const FIRST_SHARD_PRIORITY = 2001;

/** What an id that only looks different is answered with. */
const UNREADABLE = 'Write the id of the agent instance as it is: this one has plain characters as codes.';

/** A condition on the path that aws-cdk-lib 2.262 has no L2 for. */
class PathRegexes extends ListenerCondition {
  public constructor(private readonly regexes: string[]) {
    super();
  }

  public renderRawCondition(): CfnListenerRule.RuleConditionProperty {
    return { field: 'path-pattern', pathPatternConfig: { regexValues: this.regexes } };
  }
}

export interface ShardRulesProps {
  readonly listener: ApplicationListener;
  readonly partition: Partition;
  readonly auth?: FlueAuth;
}

/** What sends requests to a shard, or to none: they are refused then. */
interface ShardRule {
  readonly shard?: number;
  readonly condition: ListenerCondition;
}

/** The rules in their order, as the key asks for them. */
function rulesOf(partition: Partition): ShardRule[] {
  return partition.key === 'sha256'
    ? Array.from({ length: partition.shards }, (_, shard) => ({ shard, condition: ListenerCondition.httpHeader(SHARD_HEADER, [`${shard}`]) }))
    : partitionRules(partition).map(({ shard, regexes }) => ({ shard, condition: new PathRegexes(regexes) }));
}

/** The rules of a listener that send each request to the shard of its id. */
export class ShardRules {
  private readonly rules: ShardRule[];

  /** @param scope holds the rules and nothing else */
  public constructor(private readonly scope: Construct, private readonly props: ShardRulesProps) {
    this.rules = rulesOf(props.partition);
  }

  /** The rules of the home shard, which is also where the listener sends what no rule matches; and that for requests of no shard. */
  public addHome(targetGroup: ApplicationTargetGroup, homePaths: string[]): ApplicationListenerRule[] {
    const ofPaths = chunked(homePaths, MAX_CONDITION_VALUES).map((paths, index) => this.add(
      `HomePaths${index + 1}`, FIRST_HOME_PRIORITY + index, ListenerCondition.pathPatterns(paths), this.forward(targetGroup),
    ));
    const refused = this.rules.flatMap((rule, index) => rule.shard !== undefined ? [] : this.addRule(
      'Unreadable', index, ListenerAction.fixedResponse(400, { contentType: 'text/plain', messageBody: UNREADABLE }),
    ));
    return [...ofPaths, ...refused, ...this.addShard(0, targetGroup)];
  }

  /** The rules that send the ids of a shard to it. */
  public addShard(shard: number, targetGroup: ApplicationTargetGroup): ApplicationListenerRule[] {
    const own = this.rules.flatMap((rule, index) => rule.shard === shard ? [index] : []);
    return own.map((index, position) => this.addRule(`Shard${shard}${position === own.length - 1 ? '' : 'Codes'}`, index, this.forward(targetGroup)));
  }

  private addRule(id: string, index: number, action: ListenerAction): ApplicationListenerRule {
    return this.add(id, FIRST_SHARD_PRIORITY + index, this.rules[index].condition, action);
  }

  private add(id: string, priority: number, condition: ListenerCondition, action: ListenerAction): ApplicationListenerRule {
    return buildRule(this.scope, id, { listener: this.props.listener, priority, conditions: [condition], action });
  }

  private forward(targetGroup: ApplicationTargetGroup): ListenerAction {
    const forward = ListenerAction.forward([targetGroup]);
    return this.props.auth ? this.props.auth._authenticate(this.scope, forward) : forward;
  }
}

function chunked<T>(list: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));
}
