import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { secondsOf } from './durations';
import { refuse, type Invariant } from './invariant';

/** Time between healthy-in-theory and killed: what the default grace period adds to what it must cover. */
export const GRACE_PERIOD_MARGIN = Duration.seconds(30);

export const GRACE_PERIOD_ABOVE_STARTUP: Invariant = {
  id: 'GracePeriodAboveStartup',
  level: 'error',
  statement: 'The health-check grace period is longer than the server takes to start and to be counted healthy.',
  why: 'A task that is still booting when the grace period ends is killed and replaced, for ever.',
  limit: 'grace period set, > startup budget, and ≥ check interval × healthy count',
  source: 'Flue deployment guide for AWS, ECS on Fargate; Amazon ECS API reference, healthCheckGracePeriodSeconds',
  fix: 'Set `healthCheckGracePeriod` (`HealthCheckGracePeriodSeconds`) above the startup time and above interval × healthy count.',
};

export interface GracePeriodChain {
  readonly gracePeriod: Duration;
  readonly startupBudget: Duration;
  readonly interval: Duration;
  readonly healthyThresholdCount: number;
}

/** Refuses a grace period that a slow boot outlives. */
export function requireGracePeriod(scope: IConstruct, chain: GracePeriodChain): void {
  const grace = secondsOf(chain.gracePeriod);
  const startup = secondsOf(chain.startupBudget);
  const interval = secondsOf(chain.interval);
  if (grace === undefined) {
    return;
  }
  if (startup !== undefined && grace <= startup) {
    refuse(scope, `\`healthCheckGracePeriod\` must be above \`startupBudget\` (${startup} s), got: ${grace} s`,
      `Set it to ${startup + GRACE_PERIOD_MARGIN.toSeconds()} s or more, or leave it out to have it derived`, GRACE_PERIOD_ABOVE_STARTUP);
  }
  if (interval !== undefined && grace < interval * chain.healthyThresholdCount) {
    const healthy = interval * chain.healthyThresholdCount;
    refuse(scope, `\`healthCheckGracePeriod\` must be at least the time to healthy (${chain.healthyThresholdCount} checks × ${interval} s = ${healthy} s), got: ${grace} s`,
      `Set it to ${healthy + GRACE_PERIOD_MARGIN.toSeconds()} s or more, or leave it out to have it derived`, GRACE_PERIOD_ABOVE_STARTUP);
  }
}
