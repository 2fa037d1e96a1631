import {
  ListenerAction, ListenerCondition, type ApplicationListener, type ApplicationTargetGroup,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IConstruct } from 'constructs';
import { buildRule } from './listener-rule';
import { refuse } from '../invariants/invariant';
import { requireWritten } from '../invariants/limits/guard';
import type { TextLimit } from '../invariants/limits/limit';
import { LOAD_BALANCER_LIMITS, MAX_CONDITION_VALUES } from '../invariants/limits/load-balancer';
import { isUnknown } from '../invariants/unknown';

/** Matches whatever is asked for. */
const EVERYTHING = /^\/?[*?]*\*[*?]*$/;

/** What the messages on paths say of a prop. */
interface PathProp {
  readonly limit?: TextLimit;
  /** What to do in place of a path that matches everything. */
  readonly insteadOfAll?: string;
}

/** Refuses paths that no rule could match, and such as would match everything. */
export function requirePathPatterns(scope: IConstruct, prop: string, paths: string[], of: PathProp = {}): void {
  const { limit = LOAD_BALANCER_LIMITS.publicPaths, insteadOfAll = 'Leave out `auth` if everyone may call' } = of;
  if (isUnknown(paths)) {
    refuse(scope, `\`${prop}\` must be a list whose length is known at synthesis, got: one known only at deployment`,
      `A rule takes ${MAX_CONDITION_VALUES} paths, so the number of rules depends on it. Write out the list; a single path may be a token`);
  }
  for (const path of paths.filter(candidate => !isUnknown(candidate))) {
    if (!path.startsWith('/')) {
      refuse(scope, `\`${prop}\` must begin with a slash, got: ${path || 'an empty path'}`, 'Write it as in `/webhooks/*`');
    }
    requireWritten(scope, path, { ...limit, prop });
    if (EVERYTHING.test(path)) {
      refuse(scope, `\`${prop}\` must not match every path, got: ${path}`, insteadOfAll);
    }
  }
}

/** The path of the health check as a pattern: rules do not see the query. */
export function patternOf(healthCheckPath: string): string {
  return isUnknown(healthCheckPath) ? healthCheckPath : healthCheckPath.split('?')[0];
}

/** Lets paths pass a listener that authenticates everyone else. */
export function addPublicPaths(listener: ApplicationListener, targetGroup: ApplicationTargetGroup, given: string[]): void {
  // a condition takes no value twice
  const patterns = [...new Set(given)];
  for (let start = 0, priority = 1; start < patterns.length; start += MAX_CONDITION_VALUES, priority++) {
    buildRule(listener, `PublicPaths${priority}`, {
      listener,
      priority,
      conditions: [ListenerCondition.pathPatterns(patterns.slice(start, start + MAX_CONDITION_VALUES))],
      action: ListenerAction.forward([targetGroup]),
    });
  }
}
