import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { secondsOf } from '../invariants/durations';
import { GRACE_PERIOD_ABOVE_STARTUP, GRACE_PERIOD_MARGIN, requireGracePeriod } from '../invariants/grace-period-above-startup';
import { IDLE_TIMEOUT, IDLE_TIMEOUT_MARGIN, MAX_IDLE_TIMEOUT, requireIdleTimeout, requireLongestRun } from '../invariants/idle-timeout';
import { refuse } from '../invariants/invariant';
import { KEEP_ALIVE_MARGIN } from '../invariants/keep-alive-above-idle-timeout';
import { DEFAULT_DEREGISTRATION_DELAY, DEFAULT_STOP_TIMEOUT, requireDeregistrationDelay, requireStopTimeout } from '../invariants/shutdown-time';

/** The first 200 takes under a second; a Postgres that accepts and stays silent fails the boot only after 30.6 s. */
export const DEFAULT_STARTUP_BUDGET = Duration.seconds(60);
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
  /** The longest time between SIGTERM and SIGKILL that the platform gives. */
  readonly maxStopTimeout?: Duration;
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
    this.longestRun = stated.longestRun ?? stated.idleTimeout ?? DEFAULT_LONGEST_RUN;
    this.idleTimeout = this.deriveIdleTimeout(scope, stated);
    this.keepAlive = deriveKeepAlive(this.idleTimeout);
    this.deregistrationDelay = stated.deregistrationDelay ?? DEFAULT_DEREGISTRATION_DELAY;
    this.stopTimeout = stated.stopTimeout ?? DEFAULT_STOP_TIMEOUT;

    requireGracePeriod(scope, {
      gracePeriod: this.gracePeriod,
      startupBudget: this.startupBudget,
      interval: this.healthCheck.interval,
      healthyThresholdCount: this.healthCheck.healthyThresholdCount,
    });
    requireIdleTimeout(scope, { idleTimeout: this.idleTimeout, longestRun: this.longestRun });
    requireDeregistrationDelay(scope, this.deregistrationDelay);
    requireStopTimeout(scope, this.stopTimeout, platform.maxStopTimeout);
  }

  private deriveGracePeriod(scope: IConstruct, stated: StatedTimers, platform: PlatformTimers): Duration {
    const startup = secondsOf(this.startupBudget);
    if (startup !== undefined && startup <= 0) {
      refuse(scope, `\`startupBudget\` must be above 0, got: ${startup} s`,
        `Leave it out for ${DEFAULT_STARTUP_BUDGET.toSeconds()} s`, GRACE_PERIOD_ABOVE_STARTUP);
    }
    if (platform.gracePeriod) {
      this.refuseGracePeriodOfPlatform(scope, platform.gracePeriod, stated.healthCheckGracePeriod, startup);
      return platform.gracePeriod;
    }
    if (stated.healthCheckGracePeriod) {
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
    if (stated.longestRun) {
      requireLongestRun(scope, stated.longestRun);
    }
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

/** An idle timeout known only at deployment gets the keep-alive that suits every one. */
function deriveKeepAlive(idleTimeout: Duration): Duration {
  return Duration.seconds((secondsOf(idleTimeout) ?? MAX_IDLE_TIMEOUT.toSeconds()) + KEEP_ALIVE_MARGIN.toSeconds());
}
