import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { secondsOf } from '../invariants/durations';
import { GRACE_PERIOD_ABOVE_STARTUP, GRACE_PERIOD_MARGIN, requireGracePeriod } from '../invariants/grace-period-above-startup';
import { IDLE_TIMEOUT, requireIdleTimeout } from '../invariants/idle-timeout';
import { refuse } from '../invariants/invariant';
import { KEEP_ALIVE_MARGIN } from '../invariants/keep-alive-above-idle-timeout';
import { requireWithin } from '../invariants/limits/guard';
import { ATTACHED_DEREGISTRATION_DELAY, DEFAULT_DEREGISTRATION_DELAY, IDLE_TIMEOUT_MARGIN, LOAD_BALANCER_LIMITS, MAX_IDLE_TIMEOUT } from '../invariants/limits/load-balancer';
import { DEFAULT_STARTUP_BUDGET, DEFAULT_STOP_TIMEOUT, LAST_MAJOR_WITH_ATTACHED_PROMPTS, SERVER_LIMITS } from '../invariants/limits/server';
import { requireStopTimeout } from '../invariants/shutdown-time';

export const DEFAULT_LONGEST_RUN = Duration.minutes(10);

/** How a load balancer decides that a server is alive. */
export interface HealthCheckTimers {
  readonly interval: Duration;
  readonly timeout: Duration;
  readonly healthyThresholdCount: number;
  readonly unhealthyThresholdCount: number;
}

/** In rotation within 30 s of the first answer, out of it within 45 s of the last. */
export const HEALTH_CHECK: HealthCheckTimers = {
  interval: Duration.seconds(15),
  timeout: Duration.seconds(5),
  healthyThresholdCount: 2,
  unhealthyThresholdCount: 3,
};

/** The durations a user may state; everything else follows from them. */
export interface StatedTimers {
  readonly startupBudget?: Duration;
  readonly healthCheckGracePeriod?: Duration;
  readonly longestRun?: Duration;
  readonly idleTimeout?: Duration;
  readonly stopTimeout?: Duration;
  readonly deregistrationDelay?: Duration;
}

/** What the platform fixes. */
export interface PlatformTimers {
  readonly healthCheck: HealthCheckTimers;
  /** The grace period of a platform that takes none. */
  readonly gracePeriod?: Duration;
  /** Whether it is Fargate, which kills a task some time after SIGTERM at the latest. */
  readonly onFargate?: boolean;
  /** The Flue of the image, where it is known. */
  readonly flueMajor?: number;
  /** Whether the server is one of several that share out the ids: while it drains, the others answer. */
  readonly isShard?: boolean;
}

/**
 * The one-minute periods in which the load balancer may count a task as unhealthy that only starts: from the failures that make it unhealthy
 * to the successes that make it healthy. Undefined where the startup is known only at deployment.
 */
export function unhealthyStartupMinutes({ startupBudget, healthCheck }: Pick<TimerChain, 'startupBudget' | 'healthCheck'>): number | undefined {
  const startup = secondsOf(startupBudget);
  const { interval, healthyThresholdCount, unhealthyThresholdCount } = healthCheck;
  const unhealthy = startup === undefined ? undefined : startup + interval.toSeconds() * (healthyThresholdCount - unhealthyThresholdCount);
  // a period that is touched counts whole
  return unhealthy === undefined || unhealthy <= 0 ? undefined : Math.ceil(unhealthy / 60) + 1;
}

/** Every duration of a server's life, derived from those stated; a chain that contradicts itself cannot be made. */
export class TimerChain {
  public readonly startupBudget: Duration;
  public readonly healthCheck: HealthCheckTimers;
  public readonly gracePeriod: Duration;
  public readonly longestRun: Duration;
  public readonly idleTimeout: Duration;
  public readonly keepAlive: Duration;
  public readonly deregistrationDelay: Duration;
  public readonly stopTimeout: Duration;

  public constructor(scope: IConstruct, stated: StatedTimers, platform: PlatformTimers) {
    this.healthCheck = platform.healthCheck;
    this.startupBudget = stated.startupBudget ?? DEFAULT_STARTUP_BUDGET;
    this.gracePeriod = this.deriveGracePeriod(scope, stated, platform);
    this.longestRun = stated.longestRun ?? DEFAULT_LONGEST_RUN;
    this.idleTimeout = this.deriveIdleTimeout(scope, stated);
    this.keepAlive = deriveKeepAlive(this.idleTimeout);
    this.deregistrationDelay = stated.deregistrationDelay ?? deriveDeregistrationDelay(this.longestRun, platform);
    this.stopTimeout = stated.stopTimeout ?? DEFAULT_STOP_TIMEOUT;

    requireGracePeriod(scope, {
      gracePeriod: this.gracePeriod,
      startupBudget: this.startupBudget,
      interval: this.healthCheck.interval,
      healthyThresholdCount: this.healthCheck.healthyThresholdCount,
    });
    requireIdleTimeout(scope, { idleTimeout: this.idleTimeout, longestRun: this.longestRun });
    requireWithin(scope, this.deregistrationDelay, LOAD_BALANCER_LIMITS.deregistrationDelay);
    requireStopTimeout(scope, this.stopTimeout, platform.onFargate);
  }

  private deriveGracePeriod(scope: IConstruct, stated: StatedTimers, platform: PlatformTimers): Duration {
    const startup = requireWithin(scope, this.startupBudget, SERVER_LIMITS.startupBudget);
    if (platform.gracePeriod) {
      this.refuseGracePeriodOfPlatform(scope, platform.gracePeriod, stated.healthCheckGracePeriod, startup);
      return platform.gracePeriod;
    }
    if (stated.healthCheckGracePeriod) {
      requireWithin(scope, stated.healthCheckGracePeriod, SERVER_LIMITS.healthCheckGracePeriod);
      return stated.healthCheckGracePeriod;
    }
    if (startup === undefined) {
      refuse(scope, '`healthCheckGracePeriod` must be given when `startupBudget` is known only at deployment, got: none',
        'State both', GRACE_PERIOD_ABOVE_STARTUP);
    }
    const healthy = this.healthCheck.interval.toSeconds() * this.healthCheck.healthyThresholdCount;
    return Duration.seconds(Math.ceil(startup) + healthy + GRACE_PERIOD_MARGIN.toSeconds());
  }

  private refuseGracePeriodOfPlatform(scope: IConstruct, fixed: Duration, stated: Duration | undefined, startup: number | undefined): void {
    if (stated) {
      refuse(scope, `\`healthCheckGracePeriod\` must be left out on ECS Express Mode, which fixes it at ${fixed.toSeconds()} s, got: ${stated.toHumanString()}`,
        'Use FlueFargateService to choose it', GRACE_PERIOD_ABOVE_STARTUP);
    }
    if (startup !== undefined && startup >= fixed.toSeconds()) {
      refuse(scope, `\`startupBudget\` must be below the grace period of ECS Express Mode (${fixed.toSeconds()} s), got: ${startup} s`,
        'Use FlueFargateService, whose grace period follows the budget', GRACE_PERIOD_ABOVE_STARTUP);
    }
  }

  private deriveIdleTimeout(scope: IConstruct, stated: StatedTimers): Duration {
    requireWithin(scope, stated.longestRun, LOAD_BALANCER_LIMITS.longestRun);
    if (stated.idleTimeout) {
      return stated.idleTimeout;
    }
    const run = secondsOf(this.longestRun);
    if (run === undefined) {
      refuse(scope, '`idleTimeout` must be given when `longestRun` is known only at deployment, got: none', 'State both', IDLE_TIMEOUT);
    }
    return Duration.seconds(Math.ceil(run) + IDLE_TIMEOUT_MARGIN.toSeconds());
  }
}

/** Long enough for the replies that are still to come on an open connection, as far as the downtime of a deployment may be for that. */
function deriveDeregistrationDelay(longestRun: Duration, { flueMajor, isShard }: PlatformTimers): Duration {
  if (flueMajor === undefined || flueMajor > LAST_MAJOR_WITH_ATTACHED_PROMPTS) {
    return DEFAULT_DEREGISTRATION_DELAY;
  }
  const least = DEFAULT_DEREGISTRATION_DELAY.toSeconds();
  const most = isShard ? LOAD_BALANCER_LIMITS.deregistrationDelay.maximum : ATTACHED_DEREGISTRATION_DELAY.toSeconds();
  return Duration.seconds(Math.min(most, Math.max(least, Math.ceil(secondsOf(longestRun) ?? most))));
}

/** An idle timeout known only at deployment gets the keep-alive that suits every one. */
function deriveKeepAlive(idleTimeout: Duration): Duration {
  return Duration.seconds((secondsOf(idleTimeout) ?? MAX_IDLE_TIMEOUT.toSeconds()) + KEEP_ALIVE_MARGIN.toSeconds());
}
