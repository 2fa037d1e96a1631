import { Token } from 'aws-cdk-lib';
import {
  ApplicationListenerRule, ListenerAction, ListenerCondition, type ApplicationListener, type ApplicationTargetGroup,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IConstruct } from 'constructs';
import { refuse } from '../invariants/invariant';

/** What a rule of an Application Load Balancer takes, by the API reference of Elastic Load Balancing. */
const MAX_PATTERN_LENGTH = 128;
const PATTERN_CHARACTERS = /^[A-Za-z0-9_\-.$/~"'@:+&*?]*$/;
/** Values that the conditions of one rule may have together. */
export const MAX_CONDITION_VALUES = 5;
/** Matches whatever is asked for. */
const EVERYTHING = /^\/?[*?]*\*[*?]*$/;

/** Refuses paths that no rule could match, and such as would match everything. */
export function requirePathPatterns(scope: IConstruct, prop: string, paths: string[]): void {
  for (const path of paths.filter(candidate => !Token.isUnresolved(candidate))) {
    if (!path.startsWith('/')) {
      refuse(scope, `\`${prop}\` must begin with a slash, got: ${path || 'an empty path'}`, 'Write it as in `/webhooks/*`');
    }
    if (path.length > MAX_PATTERN_LENGTH || !PATTERN_CHARACTERS.test(path)) {
      refuse(scope, `\`${prop}\` must be at most ${MAX_PATTERN_LENGTH} letters, digits and _-.$/~"'@:+&*?, got: ${path.slice(0, MAX_PATTERN_LENGTH)}`,
        'A rule matches the path alone, without a query, as it is written');
    }
    if (EVERYTHING.test(path)) {
      refuse(scope, `\`${prop}\` must leave paths that need a sign-in, got: ${path}`, 'Leave out `auth` if nobody is to sign in');
    }
  }
}

/** The path of the health check as a pattern: rules do not see the query. */
export function patternOf(healthCheckPath: string): string {
  return Token.isUnresolved(healthCheckPath) ? healthCheckPath : healthCheckPath.split('?')[0];
}

/** Lets paths pass a listener that asks everyone else to sign in. */
export function addPublicPaths(listener: ApplicationListener, targetGroup: ApplicationTargetGroup, patterns: string[]): void {
  for (let start = 0, priority = 1; start < patterns.length; start += MAX_CONDITION_VALUES, priority++) {
    new ApplicationListenerRule(listener, `PublicPaths${priority}`, {
      listener,
      priority,
      conditions: [ListenerCondition.pathPatterns(patterns.slice(start, start + MAX_CONDITION_VALUES))],
      action: ListenerAction.forward([targetGroup]),
    });
  }
}
