import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { table, updateSection } from './sections';
import { EXPRESS_OVERLAP } from '../src/invariants/one-live-owner';
import { DEFAULT_BAKE_TIME } from '../src/timers/blue-green';
import { EXPRESS_TIMERS } from '../src/timers/express-timers';
import { HEALTH_CHECK, TimerChain, type PlatformTimers } from '../src/timers/timer-chain';

/** The page on deployments, which has them in seconds between the lines `deployments`. */
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

/** How long each deployment takes, and what its seconds are made of. */
export function renderDeployments(): string {
  const { boot, healthy, drain, stop } = phases({ healthCheck: HEALTH_CHECK, onFargate: true });
  const express = phases(EXPRESS_TIMERS);
  const overlap = sum(boot, healthy, drain, stop);
  const none = upTo(0);
  const bake = exactly(DEFAULT_BAKE_TIME.toSeconds());
  const rows: [string, Range, Range, string][] = [
    ['`FlueDeployment.recreate()`', none, sum(drain, stop, boot, healthy), 'circuit breaker, alarms: a second gap of the same length'],
    ['`FlueDeployment.rolling()`', overlap, none, 'circuit breaker, alarms: no gap, a second overlap'],
    ['`FlueDeployment.rolling({ deferredCleanup: true })`', overlap, none, 'until the new task is healthy; nothing afterwards'],
    ['`FlueDeployment.blueGreen()`', sum(overlap, bake), none, 'within the bake time: the weights of a rule, in seconds; circuit breaker, alarms, lifecycle hooks'],
    ['`FlueExpressService`', sum(exactly(EXPRESS_OVERLAP.toSeconds()), express.drain, express.stop), none, 'by ECS, above 1 % of 4xx and 5xx answers'],
  ];
  return [
    table(['Deployment', 'Overlap', 'Gap', 'Rollback'], rows.map(([name, together, gap, rollback]) => [name, show(together), show(gap), rollback])),
    '',
    `Each number is a sum. The server takes up to \`startupBudget\` to boot (${show(boot)}). Two health checks take ${healthy.most} s`,
    `(Express: ${EXPRESS_TIMERS.healthCheck.healthyThresholdCount} checks, ${express.healthy.most} s). \`deregistrationDelay\` is ${drain.most} s. From SIGTERM to the end the server takes up to`,
    `\`stopTimeout\` (${show(stop)}), and \`bakeTime\` is ${bake.most} s.`,
  ].join('\n');
}

if (require.main === module) {
  updateSection(DEPLOYMENTS, 'deployments', renderDeployments());
}
