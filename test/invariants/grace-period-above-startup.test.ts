import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { changed, include, judge, PARAMETER, verdictOn } from './judge';
import { fargate, group } from './templates';
import { GRACE_PERIOD_ABOVE_STARTUP, requireGracePeriod } from '../../src/invariants/grace-period-above-startup';
import { markAsFlueServer } from '../../src/invariants/template/flue-marker';

describe('guard', () => {
  const guard = (grace: number | Duration, startup: number, interval = 15, count = 2) => () => requireGracePeriod(new Stack(undefined, 'Stack'), {
    gracePeriod: typeof grace === 'number' ? Duration.seconds(grace) : grace,
    startupBudget: Duration.seconds(startup),
    interval: Duration.seconds(interval),
    healthyThresholdCount: count,
  });

  test.each([[61, 60], [30, 29], [Duration.seconds(Lazy.number({ produce: () => 1 })), 60]])('takes %p s for a startup of %p s', (grace, startup) => {
    expect(guard(grace, startup)).not.toThrow();
  });

  test.each([
    [60, 60, '[Stack] `healthCheckGracePeriod` must be above `startupBudget` (60 s), got: 60 s. Set it to 90 s or more, or leave it out: the construct then derives it (Flue-GracePeriodAboveStartup)'],
    [29, 20, '`healthCheckGracePeriod` must be at least the time to healthy (2 checks × 15 s = 30 s), got: 29 s. Set it to 60 s or more'],
  ])('refuses %p s for a startup of %p s', (grace, startup, message) => {
    expect(guard(grace, startup)).toThrow(message);
  });

  test('judges what it knows of a chain', () => {
    const later = Duration.seconds(Lazy.number({ produce: () => 1 }));
    const chain = { gracePeriod: Duration.seconds(10), startupBudget: later, interval: later, healthyThresholdCount: 2 };
    expect(() => requireGracePeriod(new Stack(), chain)).not.toThrow();
  });
});

describe('rule', () => {
  const period = (seconds: unknown, targetGroup: object = {}) => changed(fargate(), ({ Service, TargetGroup }) => {
    Service.Properties.HealthCheckGracePeriodSeconds = seconds;
    Object.assign(TargetGroup.Properties, targetGroup);
  });

  test.each([
    [30, 'compliant'],
    [29, ['HealthCheckGracePeriodSeconds is 29, must be at least the 30 s after which the target group counts a task as healthy']],
    [0, ['HealthCheckGracePeriodSeconds is 0: a server that is still starting is killed']],
    [{ Ref: 'AWS::NoValue' }, ['HealthCheckGracePeriodSeconds is left out: a server that is still starting is killed']],
    [PARAMETER, 'not applicable'],
  ])('a grace period of %j', (seconds, expected) => {
    expect(judge(GRACE_PERIOD_ABOVE_STARTUP, period(seconds), 'Service')).toEqual(expected);
  });

  test('a target group that says nothing takes 5 checks of 30 s', () => {
    const silent = { HealthCheckIntervalSeconds: { Ref: 'AWS::NoValue' }, HealthyThresholdCount: { Ref: 'AWS::NoValue' } };
    expect(judge(GRACE_PERIOD_ABOVE_STARTUP, period(150, silent), 'Service')).toBe('compliant');
    expect(judge(GRACE_PERIOD_ABOVE_STARTUP, period(149, silent), 'Service')).toHaveLength(1);
  });

  test('a target group known only at deployment is not judged', () => {
    expect(judge(GRACE_PERIOD_ABOVE_STARTUP, period(1, { HealthyThresholdCount: PARAMETER }), 'Service')).toBe('compliant');
    const imported = changed(period(1), ({ Service }) => { Service.Properties.LoadBalancers[0].TargetGroupArn = { 'Fn::ImportValue': 'elsewhere' }; });
    expect(judge(GRACE_PERIOD_ABOVE_STARTUP, imported, 'Service')).toBe('compliant');
  });

  test('a declared startup budget counts', () => {
    for (const [seconds, expected] of [[61, 'compliant'], [60, ['HealthCheckGracePeriodSeconds is 60, must be above the startup budget of 60 s']]] as const) {
      const template = include(period(seconds));
      markAsFlueServer(template, { startupBudgetSeconds: 60 });
      expect(verdictOn(GRACE_PERIOD_ABOVE_STARTUP, template.getResource('Service'))).toEqual(expected);
    }
  });

  const checked = (check: object | undefined, service: object = {}) => changed(fargate(), ({ TaskDefinition, Service }) => {
    TaskDefinition.Properties.ContainerDefinitions[0].HealthCheck = check && { Command: ['CMD-SHELL', 'curl -f http://localhost:8080/health'], ...check };
    Object.assign(Service.Properties, { HealthCheckGracePeriodSeconds: 0, ...service });
  });
  const EARLY = (seconds: number, startup = 60) => [`[StartPeriod] the health check of container server fails after ${seconds} s, and the server may take ${startup} s to start`];

  test.each<[what: string, template: ReturnType<typeof fargate>, expected: unknown]>([
    ['none', checked(undefined), 'not applicable'],
    ['one that says nothing, which fails after 3 checks of 30 s', checked({}), 'compliant'],
    ['one that fails at the end of the start', checked({ Interval: 20 }), EARLY(60)],
    ['one that fails a second after the start', checked({ Interval: 61, Retries: 1 }), 'compliant'],
    ['one that asks often', checked({ Interval: 5, Retries: 2 }), EARLY(10)],
    ['one that waits for the start', checked({ Interval: 5, Retries: 2, StartPeriod: 60 }), 'compliant'],
    ['one that waits too short', checked({ Interval: 5, Retries: 2, StartPeriod: 50 }), EARLY(60)],
    ['one that asks often in a service with a grace period', checked({ Interval: 5, Retries: 2 }, { HealthCheckGracePeriodSeconds: 120 }), 'compliant'],
    ['one of a service whose grace period only the deployment knows', checked({ Interval: 5, Retries: 2 }, { HealthCheckGracePeriodSeconds: PARAMETER }), 'not applicable'],
    ['one that is switched off', checked({ Command: ['NONE'], Interval: 5, Retries: 1 }), 'not applicable'],
    ['an interval that only the deployment knows', checked({ Interval: PARAMETER }), 'not applicable'],
    ['retries that only the deployment knows', checked({ Interval: 5, Retries: PARAMETER }), 'not applicable'],
    ['a start period that only the deployment knows', checked({ Interval: 5, Retries: 2, StartPeriod: PARAMETER }), 'not applicable'],
    ['one of a task that no service here runs', changed(checked({ Interval: 5, Retries: 1 }), ({ Service }) => { Service.Properties.TaskDefinition = 'another'; }), 'not applicable'],
  ])('of checks in the container: %s', (_, template, expected) => {
    expect(judge(GRACE_PERIOD_ABOVE_STARTUP, template, 'TaskDefinition')).toEqual(expected);
  });

  test.each([[179, EARLY(10, 180)], [180, EARLY(10, 180)], [181, 'compliant']])('a grace period of %p s keeps a check in the container from a declared startup of 180 s', (grace, expected) => {
    const template = include(checked({ Interval: 5, Retries: 2 }, { HealthCheckGracePeriodSeconds: grace }));
    markAsFlueServer(template, { startupBudgetSeconds: 180 });
    expect(verdictOn(GRACE_PERIOD_ABOVE_STARTUP, template.getResource('TaskDefinition'))).toEqual(expected);
  });

  test('a service without a load balancer needs none', () => {
    const template = changed(period({ Ref: 'AWS::NoValue' }), ({ Service }) => { delete Service.Properties.LoadBalancers; });
    expect(judge(GRACE_PERIOD_ABOVE_STARTUP, template, 'Service')).toBe('not applicable');
  });

  test('a group of boxes needs one when the load balancer checks it', () => {
    const boxes = (properties: object) => changed(group(), ({ Group }) => { Object.assign(Group.Properties, properties); });
    expect(judge(GRACE_PERIOD_ABOVE_STARTUP, boxes({}), 'Group')).toBe('not applicable');
    expect(judge(GRACE_PERIOD_ABOVE_STARTUP, boxes({ HealthCheckType: 'ELB' }), 'Group')).toHaveLength(1);
    expect(judge(GRACE_PERIOD_ABOVE_STARTUP, boxes({ HealthCheckType: 'ELB', HealthCheckGracePeriod: 300 }), 'Group')).toBe('compliant');
  });
});
