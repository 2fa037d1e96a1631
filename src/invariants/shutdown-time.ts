import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { secondsOf } from './durations';
import { refuse, type Invariant } from './invariant';

/** The server's own watchdog ends the process this long after SIGTERM. */
export const SHUTDOWN_BOUND = Duration.seconds(60);
export const DEFAULT_STOP_TIMEOUT = Duration.seconds(90);
/** Fargate sends SIGKILL this long after SIGTERM at the latest. */
export const MAX_FARGATE_STOP_TIMEOUT = Duration.seconds(120);
export const DEFAULT_DEREGISTRATION_DELAY = Duration.seconds(15);
/** Range of the target group's `deregistration_delay.timeout_seconds`. */
export const MAX_DEREGISTRATION_DELAY = Duration.seconds(3600);
/** Above this a deregistration delay is downtime of a `recreate` deployment rather than a drain. */
export const LONG_DEREGISTRATION_DELAY = Duration.seconds(120);

export const SHUTDOWN_TIME: Invariant = {
  id: 'ShutdownTime',
  level: 'error',
  statement: 'The server has the time to finish: the stop timeout exceeds its own shutdown bound, and draining is short and explicit.',
  why: 'ECS kills a task 30 s after SIGTERM by default, in the middle of settling; and it drains before SIGTERM, so the implicit 300 s are downtime.',
  limit: `stop timeout > ${SHUTDOWN_BOUND.toSeconds()} s and ≤ ${MAX_FARGATE_STOP_TIMEOUT.toSeconds()} s on Fargate; deregistration delay explicit, ≤ ${LONG_DEREGISTRATION_DELAY.toSeconds()} s`,
  source: 'Flue Node target documentation, shutdown; Amazon ECS developer guide, task lifecycle and Fargate stopTimeout',
  fix: `Set \`stopTimeout\` (${DEFAULT_STOP_TIMEOUT.toSeconds()} s) and \`deregistrationDelay\` (${DEFAULT_DEREGISTRATION_DELAY.toSeconds()} s).`,
};

/** Refuses a stop timeout that kills the server before its own bound, or that Fargate does not give. */
export function requireStopTimeout(scope: IConstruct, stopTimeout: Duration, maximum?: Duration): void {
  const stop = secondsOf(stopTimeout);
  if (stop === undefined) {
    return;
  }
  if (stop <= SHUTDOWN_BOUND.toSeconds()) {
    refuse(scope, `\`stopTimeout\` must be above the server's own shutdown bound of ${SHUTDOWN_BOUND.toSeconds()} s, got: ${stop} s`,
      `Leave it out for ${DEFAULT_STOP_TIMEOUT.toSeconds()} s`, SHUTDOWN_TIME);
  }
  if (maximum && stop > maximum.toSeconds()) {
    refuse(scope, `\`stopTimeout\` must be at most ${maximum.toSeconds()} s on Fargate, got: ${stop} s`,
      'Runs that take longer must survive a restart: attach a `database`, or run on FlueEc2Service, which has no such cap', SHUTDOWN_TIME);
  }
}

/** Refuses a deregistration delay outside the platform's range. */
export function requireDeregistrationDelay(scope: IConstruct, delay: Duration): void {
  const seconds = secondsOf(delay);
  if (seconds !== undefined && (seconds > MAX_DEREGISTRATION_DELAY.toSeconds() || !Number.isInteger(seconds))) {
    refuse(scope, `\`deregistrationDelay\` must be 0–${MAX_DEREGISTRATION_DELAY.toSeconds()} whole seconds, got: ${seconds} s`,
      `Leave it out for ${DEFAULT_DEREGISTRATION_DELAY.toSeconds()} s: ECS drains before it sends SIGTERM`, SHUTDOWN_TIME);
  }
}
