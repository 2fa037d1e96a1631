import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { EXPRESS_OVERLAP } from '../src/invariants/one-live-owner';
import { EXPRESS_TIMERS } from '../src/timers/express-timers';
import { DEFAULT_BAKE_TIME } from '../src/timers/flue-deployment';
import { HEALTH_CHECK, TimerChain, type PlatformTimers } from '../src/timers/timer-chain';

export const DEPLOYMENTS = join(__dirname, '../docs/deployments.md');

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

/** The whole of docs/deployments.md. */
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
    '<!-- Generated from the timers in src by scripts/generate-deployments.ts. Change the timers, not this file. -->',
    '',
    '# Deployments',
    '',
    'What a deployment does to a service with the default timers. *Gap* is the time in which nobody answers, and the pull of the image comes',
    'on top of it. *Overlap* is the time in which two processes are live on one schema: replies can be lost (Flue 0.10) or late (2.x), and each',
    'of its seconds is a second of a task paid twice. The shorter number is that of a server that boots and stops at once.',
    '',
    '| Deployment | Overlap | Gap | Rollback |',
    '| --- | --- | --- | --- |',
    ...rows.map(([name, together, gap, rollback]) => `| ${name} | ${show(together)} | ${show(gap)} | ${rollback} |`),
    '',
    `They are the sums of these: the boot takes up to \`startupBudget\` (${show(boot)}), two health checks ${healthy.most} s`,
    `(Express: ${EXPRESS_TIMERS.healthCheck.healthyThresholdCount} checks, ${express.healthy.most} s), \`deregistrationDelay\` ${drain.most} s, SIGTERM to the end up to \`stopTimeout\` (${show(stop)}),`,
    `and \`bakeTime\` ${bake.most} s. A stream that is open holds the whole \`deregistrationDelay\`; its client goes on at an offset.`,
    '',
    '- **`recreate()`** is the default: one process owns an agent instance. ECS may still start the new task while the old one handles SIGTERM.',
    '- **`rolling({ deferredCleanup: true, … })`** is for streams that must end by themselves: raise `deregistrationDelay` up to 3600 s. The',
    '  deployment does not wait for it, and the old process lives as long.',
    '- **`blueGreen()`** is for a new revision that must be tried before it has the traffic: `testPort` opens a listener to it, `lifecycleHooks`',
    '  call functions that judge it. During the bake time both are live. Changing a service to or from it is an update, not a replacement. The',
    '  weights of the rules belong to ECS: do not change the rules by hand, in the template or by tags of the stack (`cdk deploy --tags`). A',
    '  certificate for a service that had none makes new rules, with the weights of the first deployment: deploy it with `recreate()` first.',
    '- **`FlueEc2Service`** replaces its box: the old one ends before the new one begins, a gap of four to six minutes by estimate.',
    '- **Alarms.** `alarms` of a deployment fail it while one is raised; `addAlarms({ rollBackDeployments: true })` does so with the service\'s own.',
    '',
    'Sources: Amazon ECS developer guide (task lifecycle, blue/green deployments, early success criteria, Express Mode services); the timers of',
    'this library. None was measured on a live account.',
    '',
  ].join('\n');
}

if (require.main === module) {
  writeFileSync(DEPLOYMENTS, renderDeployments());
}
