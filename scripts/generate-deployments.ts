import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { table, updateSection } from './sections';
import { GRACE_PERIOD_MARGIN } from '../src/invariants/grace-period-above-startup';
import { KEEP_ALIVE_MARGIN } from '../src/invariants/keep-alive-above-idle-timeout';
import { MAX_STOP_AND_START } from '../src/invariants/limits/box';
import { EXPRESS_GRACE_PERIOD, FARGATE_LIMITS } from '../src/invariants/limits/fargate';
import { ATTACHED_DEREGISTRATION_DELAY, DEFAULT_READ_TIMEOUT, IDLE_TIMEOUT_MARGIN, LOAD_BALANCER_LIMITS, LONG_DEREGISTRATION_DELAY, STREAM_HEARTBEAT } from '../src/invariants/limits/load-balancer';
import { SHUTDOWN_BOUND } from '../src/invariants/limits/server';
import { EXPRESS_OVERLAP } from '../src/invariants/one-live-owner';
import { READ_TIMEOUT_MARGIN } from '../src/invariants/read-timeout';
import { DEFAULT_BAKE_TIME } from '../src/timers/blue-green';
import { EXPRESS_TIMERS } from '../src/timers/express-timers';
import { HEALTH_CHECK, TimerChain, type PlatformTimers } from '../src/timers/timer-chain';

/** The page on timers and deployments, with their seconds between the lines `timers` and `deployments`. */
export const DEPLOYMENTS = join(__dirname, '../docs/timers-and-deployments.md');

/** Seconds at the least, with a server that boots and stops at once, and at the most. */
interface Range {
  readonly least: number;
  readonly most: number;
}

const sum = (...ranges: Range[]): Range => ({
  least: ranges.reduce((total, { least }) => total + least, 0),
  most: ranges.reduce((total, { most }) => total + most, 0),
});
const exactly = (seconds: number): Range => ({ least: seconds, most: seconds });
const upTo = (seconds: number): Range => ({ least: 0, most: seconds });
const show = ({ least, most }: Range): string => most === 0 ? 'none' : `${least}–${most} s`;

function phases(platform: PlatformTimers) {
  const timers = new TimerChain(new Stack(new App(), 'Timers'), {}, platform);
  const { interval, healthyThresholdCount } = timers.healthCheck;
  return {
    boot: upTo(timers.startupBudget.toSeconds()),
    healthy: exactly(interval.toSeconds() * healthyThresholdCount),
    drain: exactly(timers.deregistrationDelay.toSeconds()),
    stop: upTo(timers.stopTimeout.toSeconds()),
  };
}

/** The timers that a service has when its user states none, and the bounds of each. */
export function renderTimers(): string {
  const timers = new TimerChain(new Stack(new App(), 'Timers'), {}, { healthCheck: HEALTH_CHECK, onFargate: true });
  const { interval, timeout, healthyThresholdCount, unhealthyThresholdCount } = HEALTH_CHECK;
  const express = EXPRESS_TIMERS.healthCheck;
  const read = DEFAULT_READ_TIMEOUT.toSeconds();
  const boxStop = MAX_STOP_AND_START.toSeconds() - timers.startupBudget.toSeconds();
  const rows: [string, string, string][] = [
    ['`startupBudget`', `${timers.startupBudget.toSeconds()} s`, 'a Postgres that accepts connections and stays silent fails the boot only after 30.6 s'],
    ['health check', `every ${interval.toSeconds()} s, ${timeout.toSeconds()} s to answer, ${healthyThresholdCount} healthy, ${unhealthyThresholdCount} unhealthy (Express: ${
      [express.interval.toSeconds(), express.timeout.toSeconds(), express.healthyThresholdCount, express.unhealthyThresholdCount].join(', ')})`,
    `a task gets traffic within ${interval.toSeconds() * healthyThresholdCount} s, and loses it within ${interval.toSeconds() * unhealthyThresholdCount} s (Fargate)`],
    ['`healthCheckGracePeriod`', `${timers.gracePeriod.toSeconds()} s (startup + interval × healthy + ${GRACE_PERIOD_MARGIN.toSeconds()} s); ${EXPRESS_GRACE_PERIOD.toSeconds()} s on Express`,
      'ECS replaces a task that is still booting when this ends, again and again'],
    ['`longestRun`', `${timers.longestRun.toMinutes()} min`, 'a prompt answered as one JSON document sends no byte until it is done'],
    ['`idleTimeout`', `${timers.idleTimeout.toSeconds()} s (longest run + ${IDLE_TIMEOUT_MARGIN.toSeconds()} s), ${LOAD_BALANCER_LIMITS.idleTimeout.minimum}–${LOAD_BALANCER_LIMITS.idleTimeout.maximum} s`,
      'below the longest run the load balancer answers 504: a shorter one needs a shorter `longestRun`'],
    ['server keep-alive', `${timers.keepAlive.toSeconds()} s (idle timeout + ${KEEP_ALIVE_MARGIN.toSeconds()} s)`, 'below the idle timeout the load balancer answers sporadic 502s'],
    ['`deregistrationDelay`', `${timers.deregistrationDelay.toSeconds()} s; up to Flue 1.x \`longestRun\`, at most ${ATTACHED_DEREGISTRATION_DELAY.toSeconds()} s`,
      `ECS waits for it before it sends SIGTERM, so with \`recreate()\` it is downtime, and refused above ${LONG_DEREGISTRATION_DELAY.toSeconds()} s; SIGTERM ends prompts of Flue 0.10`],
    ['`stopTimeout`', `${timers.stopTimeout.toSeconds()} s, above ${SHUTDOWN_BOUND.toSeconds()} s and at most ${FARGATE_LIMITS.stopTimeout.maximum} s (box: ${boxStop} s)`,
      `the server's own shutdown takes up to ${SHUTDOWN_BOUND.toSeconds()} s`],
  ];
  return [
    table(['Timer', 'Default', 'Why'], rows),
    '',
    `A stream sends a heartbeat every ${STREAM_HEARTBEAT.toSeconds()} s, so it never reaches the idle timeout. Only an answer that stays silent does. Through CloudFront`,
    `\`longestRun\` is ${read - READ_TIMEOUT_MARGIN.toSeconds()} s by default, and must be at least ${READ_TIMEOUT_MARGIN.toSeconds()} s below \`readTimeout\`.`,
  ].join('\n');
}

/** How long each deployment takes, and what its seconds are made of. */
export function renderDeployments(): string {
  const { boot, healthy, drain, stop } = phases({ healthCheck: HEALTH_CHECK, onFargate: true });
  const express = phases(EXPRESS_TIMERS);
  const overlap = sum(boot, healthy, drain, stop);
  const none = upTo(0);
  const bake = exactly(DEFAULT_BAKE_TIME.toSeconds());
  const ALL = 'all';
  const NOBODY = 'none';
  const rows: [string, Range, Range, string, string][] = [
    ['`FlueDeployment.recreate()`', none, sum(drain, stop, boot, healthy), ALL, 'circuit breaker, alarms: a second gap of the same length'],
    ['`FlueDeployment.rolling()`', overlap, none, NOBODY, 'circuit breaker, alarms: no gap, a second overlap'],
    ['`FlueDeployment.rolling({ deferredCleanup: true })`', overlap, none, NOBODY, 'until the new task is healthy; nothing afterwards'],
    ['`FlueDeployment.blueGreen()`', sum(overlap, bake), none, NOBODY, 'within the bake time: the weights of a rule, in seconds; circuit breaker, alarms, lifecycle hooks'],
    ['`FlueShardedService`, for each shard', none, sum(drain, stop, boot, healthy), 'one part in N at a time', 'circuit breaker, alarms: a second gap of that shard; the others go back after it'],
    ['`FlueExpressService`', sum(exactly(EXPRESS_OVERLAP.toSeconds()), express.drain, express.stop), none, NOBODY, 'by ECS, above 1 % of 4xx and 5xx answers'],
  ];
  return [
    table(['Deployment', 'Overlap', 'Gap', 'Ids in the gap', 'Rollback'], rows.map(([name, together, gap, ids, rollback]) => [name, show(together), show(gap), ids, rollback])),
    '',
    `Each number is a sum. The server takes up to \`startupBudget\` to boot (${show(boot)}). Two health checks take ${healthy.most} s`,
    `(Express: ${EXPRESS_TIMERS.healthCheck.healthyThresholdCount} checks, ${express.healthy.most} s). \`deregistrationDelay\` is ${drain.most} s. From SIGTERM to the end the server takes up to`,
    `\`stopTimeout\` (${show(stop)}), and \`bakeTime\` is ${bake.most} s. With Flue 0.10, add up to ${ATTACHED_DEREGISTRATION_DELAY.toSeconds() - drain.most} s for the longer \`deregistrationDelay\`.`,
  ].join('\n');
}

if (require.main === module) {
  updateSection(DEPLOYMENTS, 'timers', renderTimers());
  updateSection(DEPLOYMENTS, 'deployments', renderDeployments());
}
