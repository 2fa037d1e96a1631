import { Duration, Lazy } from 'aws-cdk-lib';
import { TimerChain, type PlatformTimers, type StatedTimers } from '../../src/timers/timer-chain';
import { deployTimeDuration, EXPRESS, FARGATE, newStack, refusalOf } from '../service/support';

const s = (seconds: number) => Duration.seconds(seconds);

function chain(stated: StatedTimers = {}, platform: PlatformTimers = FARGATE): TimerChain {
  return new TimerChain(newStack(), stated, platform);
}

function refusal(stated: StatedTimers, platform: PlatformTimers = FARGATE): string {
  return refusalOf(() => chain(stated, platform));
}

describe('defaults', () => {
  test.each<[Exclude<keyof TimerChain, 'healthCheck'>, number]>([
    ['startupBudget', 60],
    ['gracePeriod', 120],
    ['longestRun', 600],
    ['idleTimeout', 660],
    ['keepAlive', 670],
    ['deregistrationDelay', 15],
    ['stopTimeout', 90],
  ])('%s is %d s', (timer, seconds) => {
    expect(chain()[timer].toSeconds()).toBe(seconds);
  });

  test.each<[flueMajor: number | undefined, longestRun: Duration | undefined, delay: number]>([
    [undefined, undefined, 15],
    [2, undefined, 15],
    [2, Duration.seconds(50), 15],
    [1, undefined, 60],
    [0, undefined, 60],
    [0, Duration.seconds(61), 60],
    [0, Duration.seconds(59), 59],
    [0, Duration.millis(30_500), 31],
    [0, Duration.seconds(14), 15],
  ])('on Flue %p a longest run of %p gets a drain of %d s', (flueMajor, longestRun, delay) => {
    expect(chain({ longestRun }, { ...FARGATE, flueMajor }).deregistrationDelay.toSeconds()).toBe(delay);
  });

  test('a drain that is stated stays, and one for runs that only the deployment knows is the longest', () => {
    expect(chain({ deregistrationDelay: Duration.seconds(5) }, { ...FARGATE, flueMajor: 0 }).deregistrationDelay.toSeconds()).toBe(5);
    const longestRun = Duration.seconds(Lazy.number({ produce: () => 30 }));
    expect(chain({ longestRun, idleTimeout: Duration.seconds(90) }, { ...FARGATE, flueMajor: 0 }).deregistrationDelay.toSeconds()).toBe(60);
  });

  test('the health check asks every 15 s, waits 5 s, and counts 2 and 3 answers', () => {
    const { healthCheck } = chain();
    expect(healthCheck.interval.toSeconds()).toBe(15);
    expect(healthCheck.timeout.toSeconds()).toBe(5);
    expect(healthCheck.healthyThresholdCount).toBe(2);
    expect(healthCheck.unhealthyThresholdCount).toBe(3);
  });
});

describe('what follows from what is stated', () => {
  test('the grace period follows the startup budget', () => {
    expect(chain({ startupBudget: s(200) }).gracePeriod.toSeconds()).toBe(260);
  });

  test('the grace period follows the time to healthy of the platform', () => {
    const healthCheck = { ...FARGATE.healthCheck, interval: s(30), healthyThresholdCount: 5 };
    expect(chain({}, { ...FARGATE, healthCheck }).gracePeriod.toSeconds()).toBe(240);
  });

  test('a startup budget in fractions of a second is rounded up', () => {
    expect(chain({ startupBudget: Duration.millis(1500) }).gracePeriod.toSeconds()).toBe(62);
  });

  test('the idle timeout and the keep-alive follow the longest run', () => {
    const timers = chain({ longestRun: Duration.minutes(20) });
    expect(timers.idleTimeout.toSeconds()).toBe(1260);
    expect(timers.keepAlive.toSeconds()).toBe(1270);
  });

  test('a longest run in fractions of a second is rounded up', () => {
    expect(chain({ longestRun: Duration.millis(10_500) }).idleTimeout.toSeconds()).toBe(71);
  });

  test('the keep-alive follows a stated idle timeout, and the longest run does not', () => {
    const timers = chain({ idleTimeout: s(1000) });
    expect(timers.longestRun.toSeconds()).toBe(600);
    expect(timers.keepAlive.toSeconds()).toBe(1010);
  });
});

describe('limits', () => {
  test.each<[string, StatedTimers]>([
    ['an idle timeout just above the heartbeat', { idleTimeout: s(16), longestRun: s(16) }],
    ['an idle timeout as long as the run that nobody stated', { idleTimeout: s(600) }],
    ['the longest idle timeout', { idleTimeout: s(4000) }],
    ['an idle timeout as long as the longest run', { idleTimeout: s(300), longestRun: s(300) }],
    ['the shortest run', { longestRun: s(1) }],
    ['the longest run', { longestRun: s(3940) }],
    ['a stop timeout just above the shutdown bound', { stopTimeout: s(61) }],
    ['the longest stop timeout', { stopTimeout: s(120) }],
    ['a grace period just above the startup budget', { startupBudget: s(60), healthCheckGracePeriod: s(61) }],
    ['a grace period as long as the time to healthy', { startupBudget: s(5), healthCheckGracePeriod: s(30) }],
    ['the shortest startup budget', { startupBudget: s(1) }],
    ['no deregistration delay', { deregistrationDelay: s(0) }],
    ['the longest deregistration delay', { deregistrationDelay: s(3600) }],
  ])('%s passes', (_, stated) => {
    expect(refusal(stated)).toBe('');
  });

  const idleRange = (got: number) => `\`idleTimeout\` must be 16–4000 whole seconds, above the 15 s stream heartbeat, got: ${got} s. Leave it out`;
  const run = (got: number) => `\`longestRun\` must be above 0 and at most 3940 s, because a load balancer waits at most 4000 s for a silent reply, got: ${got} s`;
  const delay = (got: number) => `\`deregistrationDelay\` must be 0–3600 whole seconds, got: ${got} s. Leave it out for 15 s, or up to 60 s with Flue 0 and 1`;

  test.each<[string, StatedTimers, string]>([
    ['idle timeout 0', { idleTimeout: s(0) }, idleRange(0)],
    ['idle timeout 1', { idleTimeout: s(1) }, idleRange(1)],
    ['idle timeout 15', { idleTimeout: s(15) }, idleRange(15)],
    ['idle timeout 4001', { idleTimeout: s(4001) }, idleRange(4001)],
    ['idle timeout 100.5', { idleTimeout: Duration.millis(100_500) }, idleRange(100.5)],
    ['idle timeout below the run that nobody stated', { idleTimeout: s(599) }, '`idleTimeout` must be at least `longestRun` (600 s), got: 599 s'],
    ['idle timeout below the run', { idleTimeout: s(299), longestRun: s(300) }, '`idleTimeout` must be at least `longestRun` (300 s), got: 299 s'],
    ['longest run 0', { longestRun: s(0) }, run(0)],
    ['longest run 3941', { longestRun: s(3941) }, run(3941)],
    ['stop timeout 60', { stopTimeout: s(60) }, '`stopTimeout` must be above 60 s, the server\'s own shutdown bound, got: 60 s. Leave it out for 90 s'],
    ['stop timeout 121', { stopTimeout: s(121) }, '`stopTimeout` must be at most 120 s on Fargate, got: 121 s'],
    ['grace period 60', { healthCheckGracePeriod: s(60) }, '`healthCheckGracePeriod` must be above `startupBudget` (60 s), got: 60 s. Set it to 90 s or more'],
    ['grace period 29', { startupBudget: s(5), healthCheckGracePeriod: s(29) },
      '`healthCheckGracePeriod` must be at least the time to healthy (2 checks × 15 s = 30 s), got: 29 s. Set it to 60 s or more'],
    ['startup budget 0', { startupBudget: s(0) }, '`startupBudget` must be above 0 s, got: 0 s. Leave it out for 60 s'],
    ['deregistration delay 3601', { deregistrationDelay: s(3601) }, delay(3601)],
    ['deregistration delay 1.5', { deregistrationDelay: Duration.millis(1500) }, delay(1.5)],
  ])('%s is refused', (_, stated, message) => {
    expect(refusal(stated)).toContain(`[Agents] ${message}`);
  });

  test.each<[StatedTimers, string]>([
    [{ idleTimeout: s(15) }, 'Flue-IdleTimeout'],
    [{ longestRun: s(3941) }, 'Flue-IdleTimeout'],
    [{ stopTimeout: s(60) }, 'Flue-ShutdownTime'],
    [{ deregistrationDelay: s(3601) }, 'Flue-ShutdownTime'],
    [{ healthCheckGracePeriod: s(60) }, 'Flue-GracePeriodAboveStartup'],
  ])('%j names the rule %s', (stated, id) => {
    expect(refusal(stated)).toMatch(new RegExp(`\\(${id}\\)$`));
  });

  test('a platform without a cap takes a longer stop timeout', () => {
    expect(chain({ stopTimeout: s(600) }, { healthCheck: FARGATE.healthCheck }).stopTimeout.toSeconds()).toBe(600);
  });
});

describe('the grace period that ECS Express Mode fixes', () => {
  test('is 300 s', () => {
    expect(chain({}, EXPRESS).gracePeriod.toSeconds()).toBe(300);
  });

  test('cannot be stated', () => {
    expect(refusal({ healthCheckGracePeriod: s(300) }, EXPRESS)).toContain(
      '`healthCheckGracePeriod` must be left out on ECS Express Mode, which fixes it at 300 s, got: 5 minutes. Use FlueFargateService');
  });

  test('admits a startup budget of 299 s', () => {
    expect(refusal({ startupBudget: s(299) }, EXPRESS)).toBe('');
  });

  test.each([300, 301])('refuses a startup budget of %d s', seconds => {
    expect(refusal({ startupBudget: s(seconds) }, EXPRESS)).toContain(
      `\`startupBudget\` must be below the grace period of ECS Express Mode (300 s), got: ${seconds} s. Use FlueFargateService`);
  });

  test('admits a startup budget known only at deployment', () => {
    expect(refusal({ startupBudget: deployTimeDuration() }, EXPRESS)).toBe('');
  });
});

describe('durations known only at deployment', () => {
  const later = deployTimeDuration();

  test('all of them pass', () => {
    const stated = {
      startupBudget: later, healthCheckGracePeriod: later, longestRun: later, idleTimeout: later, stopTimeout: later, deregistrationDelay: later,
    };
    const { healthCheckGracePeriod, ...others } = stated;
    expect(chain(stated)).toMatchObject({ ...others, gracePeriod: healthCheckGracePeriod });
  });

  test.each<keyof StatedTimers>(['healthCheckGracePeriod', 'idleTimeout', 'stopTimeout', 'deregistrationDelay'])('%s passes alone', timer => {
    expect(refusal({ [timer]: later })).toBe('');
  });

  test('an idle timeout gets the keep-alive that suits every one', () => {
    expect(chain({ idleTimeout: later }).keepAlive.toSeconds()).toBe(4010);
  });

  test('a startup budget needs a grace period', () => {
    expect(refusal({ startupBudget: later })).toContain(
      '`healthCheckGracePeriod` must be given when `startupBudget` is known only at deployment, got: none. State both');
    expect(refusal({ startupBudget: later, healthCheckGracePeriod: s(100) })).toBe('');
  });

  test('a longest run needs an idle timeout', () => {
    expect(refusal({ longestRun: later })).toContain('`idleTimeout` must be given when `longestRun` is known only at deployment, got: none. State both');
    expect(refusal({ longestRun: later, idleTimeout: s(100) })).toBe('');
  });
});
