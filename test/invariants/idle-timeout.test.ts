import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { changed, include, judge, PARAMETER, verdictOn } from './judge';
import { customized, fargate } from './templates';
import { IDLE_TIMEOUT, requireIdleTimeout } from '../../src/invariants/idle-timeout';
import { requireWithin } from '../../src/invariants/limits/guard';
import { LOAD_BALANCER_LIMITS } from '../../src/invariants/limits/load-balancer';
import { markAsFlueServer } from '../../src/invariants/template/flue-marker';

const later = Duration.seconds(Lazy.number({ produce: () => 1 }));
const stack = () => new Stack(undefined, 'Stack');

describe('guard of the longest run', () => {
  const guard = (run: Duration) => () => requireWithin(stack(), run, LOAD_BALANCER_LIMITS.longestRun);

  test.each([[1], [3940]])('takes %p s', seconds => {
    expect(guard(Duration.seconds(seconds))).not.toThrow();
  });

  test.each([[0], [3941]])('refuses %p s', seconds => {
    expect(guard(Duration.seconds(seconds))).toThrow(
      `[Stack] \`longestRun\` must be above 0 and at most 3940 s, because a load balancer waits at most 4000 s for a silent reply, got: ${seconds} s. `
      + 'For longer runs, let clients stream, or let them read the result later, from the address in the answer to their request (Flue-IdleTimeout)');
  });

  test('passes what only the deployment knows', () => {
    expect(guard(later)).not.toThrow();
  });
});

describe('guard', () => {
  const guard = (idle: Duration, run: Duration) => () => requireIdleTimeout(stack(), { idleTimeout: idle, longestRun: run });

  test.each([[16, 16], [4000, 3940], [660, 600]])('takes %p s for a longest run of %p s', (idle, run) => {
    expect(guard(Duration.seconds(idle), Duration.seconds(run))).not.toThrow();
  });

  test.each([
    [0, 1, '`idleTimeout` must be 16–4000 whole seconds, above the 15 s stream heartbeat, got: 0 s. '
      + 'Leave it out: the construct derives it from `longestRun`. Below the heartbeat, streams are cut (Flue-IdleTimeout)'],
    [4001, 1, '`idleTimeout` must be 16–4000 whole seconds, above the 15 s stream heartbeat, got: 4001 s'],
    [15, 1, '`idleTimeout` must be 16–4000 whole seconds, above the 15 s stream heartbeat, got: 15 s'],
    [599, 600, '`idleTimeout` must be at least `longestRun` (600 s), got: 599 s. Raise `idleTimeout`, or state a shorter `longestRun` if clients stream'],
  ])('refuses %p s for a longest run of %p s', (idle, run, message) => {
    expect(guard(Duration.seconds(idle), Duration.seconds(run))).toThrow(message);
  });

  test('refuses fractions of a second', () => {
    expect(guard(Duration.millis(20_500), Duration.seconds(1))).toThrow('got: 20.5 s');
  });

  test('passes what only the deployment knows', () => {
    expect(guard(later, Duration.seconds(600))).not.toThrow();
    expect(guard(Duration.seconds(20), later)).not.toThrow();
  });
});

describe('rule', () => {
  const idle = (value: unknown) => changed(fargate(), ({ LoadBalancer }) => { LoadBalancer.Properties.LoadBalancerAttributes[0].Value = value; });

  test.each([
    ['16', 'compliant'],
    ['4000', 'compliant'],
    ['15', ['idle_timeout.timeout_seconds is 15, must be above the 15 s stream heartbeat']],
    ['0', ['idle_timeout.timeout_seconds is 0, must be 1–4000']],
    ['4001', ['idle_timeout.timeout_seconds is 4001, must be 1–4000']],
    [PARAMETER, 'not applicable'],
  ])('an idle timeout of %j', (value, expected) => {
    expect(judge(IDLE_TIMEOUT, idle(value), 'LoadBalancer')).toEqual(expected);
  });

  test('one that is left out', () => {
    const template = changed(fargate(), ({ LoadBalancer }) => { delete LoadBalancer.Properties.LoadBalancerAttributes; });
    expect(judge(IDLE_TIMEOUT, template, 'LoadBalancer')).toEqual(['idle_timeout.timeout_seconds is left out, which means 60 s']);
  });

  test.each([
    ['the whole list', { 'Fn::If': ['Condition', [], [{ Key: 'a', Value: 'b' }]] }],
    ['an entry', [{ 'Fn::If': ['Condition', { Key: 'idle_timeout.timeout_seconds', Value: '660' }, { Ref: 'AWS::NoValue' }] }]],
  ])('one that could stand in %s', (_, attributes) => {
    const template = changed(fargate(), ({ LoadBalancer }, whole) => {
      whole.Conditions = { Condition: { 'Fn::Equals': [PARAMETER, 'yes'] } };
      LoadBalancer.Properties.LoadBalancerAttributes = attributes;
    });
    expect(judge(IDLE_TIMEOUT, template, 'LoadBalancer')).toBe('not applicable');
  });

  test('a declared longest run counts, across listener and target group', () => {
    for (const [seconds, expected] of [['600', 'compliant'], ['599', ['idle_timeout.timeout_seconds is 599, must be at least the longest run of 600 s']]] as const) {
      const template = include(idle(seconds));
      markAsFlueServer(template.getResource('Service'), { longestRunSeconds: 600 });
      expect(verdictOn(IDLE_TIMEOUT, template.getResource('LoadBalancer'))).toEqual(expected);
    }
  });

  test.each<[value: string, expected: unknown]>([
    ['660', 'compliant'],
    ['15', ['idle_timeout.timeout_seconds is 15, must be above the 15 s stream heartbeat']],
    ['later', 'not applicable'],
  ])('the load balancer of Express Mode, by a call that sets it to %s', (value, expected) => {
    expect(judge(IDLE_TIMEOUT, customized({ 'idle_timeout.timeout_seconds': value }), 'Call')).toEqual(expected);
  });

  test('a call that sets something else', () => {
    expect(judge(IDLE_TIMEOUT, customized({ 'routing.http2.enabled': 'true' }), 'Call')).toBe('not applicable');
    const elsewhere = changed(customized({ 'idle_timeout.timeout_seconds': '5' }), ({ Call }) => { Call.Properties.Create = 'idle_timeout.timeout_seconds'; });
    expect(judge(IDLE_TIMEOUT, elsewhere, 'Call')).toBe('out of scope');
  });

  test('a network load balancer has another timeout', () => {
    const template = changed(fargate(), ({ LoadBalancer }) => { LoadBalancer.Properties.Type = 'network'; });
    expect(judge(IDLE_TIMEOUT, template, 'LoadBalancer')).toBe('not applicable');
  });
});
