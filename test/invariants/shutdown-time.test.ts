import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { changed, judge, PARAMETER } from './judge';
import { box, express, fargate } from './templates';
import { requireWithin } from '../../src/invariants/limits/guard';
import { LOAD_BALANCER_LIMITS } from '../../src/invariants/limits/load-balancer';
import { requireShortDrain, requireStopTimeout, SHUTDOWN_TIME } from '../../src/invariants/shutdown-time';

const later = Duration.seconds(Lazy.number({ produce: () => 1 }));

describe('guards', () => {
  const stop = (seconds: number | Duration, onFargate = false) => () =>
    requireStopTimeout(new Stack(undefined, 'Stack'), typeof seconds === 'number' ? Duration.seconds(seconds) : seconds, onFargate);

  test.each([[61, true], [120, true], [121, false], [later, true]])('take %p s, on Fargate: %p', (seconds, onFargate) => {
    expect(stop(seconds, onFargate)).not.toThrow();
  });

  test.each([
    [60, true, '[Stack] `stopTimeout` must be above 60 s, the server\'s own shutdown bound, got: 60 s. Leave it out for 90 s (Flue-ShutdownTime)'],
    [121, true, '`stopTimeout` must be at most 120 s on Fargate, got: 121 s. Runs that take longer must survive a restart'],
  ])('refuse %p s', (seconds, onFargate, message) => {
    expect(stop(seconds, onFargate)).toThrow(message);
  });

  const delay = (duration: Duration) => () => requireWithin(new Stack(undefined, 'Stack'), duration, LOAD_BALANCER_LIMITS.deregistrationDelay);

  test.each([Duration.seconds(0), Duration.seconds(3600), later])('take a delay of %s', duration => {
    expect(delay(duration)).not.toThrow();
  });

  test.each([[Duration.seconds(3601), '3601'], [Duration.millis(1500), '1.5']])('refuse a delay of %s', (duration, got) => {
    expect(delay(duration)).toThrow(`\`deregistrationDelay\` must be 0–3600 whole seconds, got: ${got} s. Leave it out for 15 s, or up to 60 s with Flue 0 and 1: ECS drains before it sends SIGTERM`);
  });
});

describe('a drain before the new task starts', () => {
  const drain = (duration: Duration, minHealthyPercent: number) => () => requireShortDrain(new Stack(undefined, 'Stack'), duration, minHealthyPercent);

  test.each<[Duration, number]>([
    [Duration.seconds(120), 0], [Duration.seconds(3600), 100], [later, 0],
  ])('may last %s with %s percent healthy', (duration, percent) => {
    expect(drain(duration, percent)).not.toThrow();
  });

  test.each([0, 99])('is refused above two minutes with %s percent healthy', percent => {
    expect(drain(Duration.seconds(121), percent)).toThrow('[Stack] `deregistrationDelay` must be at most 120 s where FlueFargateService drains the old task '
      + 'before the new one starts, got: 121 s. For longer streams pass `deployment: FlueDeployment.rolling(…)`, which keeps the old task until the new one '
      + 'is healthy (Flue-ShutdownTime)');
  });
});

describe('rule', () => {
  const stops = (seconds: unknown, compatibilities: unknown = ['FARGATE']) => changed(fargate(), ({ TaskDefinition }) => {
    TaskDefinition.Properties.ContainerDefinitions[0].StopTimeout = seconds;
    TaskDefinition.Properties.RequiresCompatibilities = compatibilities;
  });

  test.each<[seconds: unknown, compatibilities: unknown, expected: unknown]>([
    [61, ['FARGATE'], 'compliant'],
    [120, ['FARGATE'], 'compliant'],
    [60, ['FARGATE'], ['StopTimeout of container server is 60, must be above 60']],
    [121, ['FARGATE'], ['StopTimeout of container server is 121, must be at most 120 on Fargate']],
    [121, ['EC2'], 'compliant'],
    [121, PARAMETER, 'compliant'],
    [{ Ref: 'AWS::NoValue' }, ['FARGATE'], ['StopTimeout of container server is left out, which means 30 s, must be above 60 s']],
    [PARAMETER, ['FARGATE'], 'not applicable'],
  ])('a stop timeout of %j on %j', (seconds, compatibilities, expected) => {
    expect(judge(SHUTDOWN_TIME, stops(seconds, compatibilities), 'TaskDefinition')).toEqual(expected);
  });

  test('a sidecar may stop at once', () => {
    const template = changed(fargate(), ({ TaskDefinition }) => { TaskDefinition.Properties.ContainerDefinitions.push({ Name: 'proxy', Image: 'envoy', StopTimeout: 2 }); });
    expect(judge(SHUTDOWN_TIME, template, 'TaskDefinition')).toBe('compliant');
  });

  test('an Express primary container cannot say', () => {
    expect(judge(SHUTDOWN_TIME, express(), 'Express')).toEqual(['a primary container is killed 30 s after SIGTERM, must be above 60 s']);
    const template = changed(express(), ({ Express }) => {
      delete Express.Properties.PrimaryContainer;
      Express.Properties.TaskDefinitionArn = PARAMETER;
      Express.Metadata = { 'cdk-flue': 'server' };
    });
    expect(judge(SHUTDOWN_TIME, template, 'Express')).toBe('not applicable');
  });

  const drains = (attributes: unknown) => changed(fargate(), ({ TargetGroup }) => { TargetGroup.Properties.TargetGroupAttributes = attributes; });
  const delayed = (Value: unknown) => drains([{ Key: 'stickiness.enabled', Value: 'false' }, { Key: 'deregistration_delay.timeout_seconds', Value }]);

  test.each<[delay: unknown, expected: unknown]>([
    ['0', 'compliant'],
    ['120', 'compliant'],
    ['121', ['deregistration_delay.timeout_seconds is 121, must be at most 120']],
    [PARAMETER, 'not applicable'],
  ])('a deregistration delay of %j', (delay, expected) => {
    expect(judge(SHUTDOWN_TIME, delayed(delay), 'TargetGroup')).toEqual(expected);
  });

  const path = (...regexes: string[]) => ({ Field: 'path-pattern', PathPatternConfig: { RegexValues: regexes } });
  const header = (name: string) => ({ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: name, Values: ['1'] } });
  const ruled = (condition: object, other: object, target = 'Second') => changed(delayed('3600'), resources => {
    const rule = (Priority: number, Condition: object, Ref: string) => ({
      Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
      Properties: { ListenerArn: { Ref: 'Listener' }, Priority, Conditions: [Condition], Actions: [{ Type: 'forward', TargetGroupArn: { Ref } }] },
    });
    resources.Second = structuredClone(resources.TargetGroup);
    resources.OwnRule = rule(1, condition, 'TargetGroup');
    resources.OtherRule = rule(2, other, target);
  });
  const LONG = ['deregistration_delay.timeout_seconds is 3600, must be at most 120'];

  test.each<[name: string, template: ReturnType<typeof ruled>, expected: unknown]>([
    ['with a part of the paths', ruled(path('[02]$'), path('[13]$')), 'compliant'],
    ['with a part of the hashes', ruled(header('x-flue-shard'), header('x-flue-shard')), 'compliant'],
    ['with all parts of the paths', ruled(path('[02]$'), path('[13]$'), 'TargetGroup'), LONG],
    ['with no part of the paths', ruled({ Field: 'path-pattern', PathPatternConfig: { Values: ['/a'] } }, path('[13]$')), LONG],
    ['with a header of something else', ruled(header('x-team'), header('x-team')), LONG],
  ])('a long drain of a target group %s', (_, template, expected) => {
    expect(judge(SHUTDOWN_TIME, template, 'TargetGroup')).toEqual(expected);
  });

  test('a deregistration delay that is left out', () => {
    expect(judge(SHUTDOWN_TIME, drains(undefined), 'TargetGroup')).toEqual([
      'deregistration_delay.timeout_seconds is left out, which means 300 s, must be at most 120 s',
    ]);
    expect(judge(SHUTDOWN_TIME, drains(PARAMETER), 'TargetGroup')).toBe('not applicable');
  });

  test.each<[delay: unknown, expected: unknown]>([
    [120, 'compliant'],
    [3600, 'compliant'],
    [PARAMETER, 'not applicable'],
    [{ Ref: 'AWS::NoValue' }, ['deregistration_delay.timeout_seconds is left out, which means 300 s, must be explicit']],
  ])('the target groups of Express Mode, which keeps the old task, with a delay of %j', (delay, expected) => {
    const template = changed(express(), resources => {
      resources.Timers = {
        Type: 'Custom::FlueExpressLoadBalancerTimers',
        Properties: {
          ServiceToken: 'arn:aws:lambda:eu-west-1:111111111111:function:timers',
          LoadBalancerArn: { 'Fn::GetAtt': ['Express', 'ECSManagedResourceArns.IngressPath.LoadBalancerArn'] },
          DeregistrationDelaySeconds: delay,
        },
      };
    });
    expect(judge(SHUTDOWN_TIME, template, 'Timers')).toEqual(expected);
  });

  const unit = (...lines: string[]) => ['[Unit]', 'Description=x', '[Service]', ...lines, ''].join('\n');
  const boots = (script: string) => changed(box(), ({ Instance }) => { Instance.Properties.UserData = { 'Fn::Base64': script }; });
  const early = (what: string) => [`the box kills the server early (${what}), must be above 60 s`];

  test.each<[script: string, expected: unknown]>([
    [unit('ExecStart=/usr/bin/node dist/server.mjs', 'TimeoutStopSec=60'), early('TimeoutStopSec=60')],
    [unit('ExecStart=/usr/bin/node dist/server.mjs', 'TimeoutStopSec=61s'), 'compliant'],
    [unit('ExecStart=/usr/bin/node dist/server.mjs', 'TimeoutStopSec=3600'), 'compliant'],
    [unit('ExecStart=/usr/bin/node dist/server.mjs', 'TimeoutStopSec=infinity'), 'not applicable'],
    [unit('ExecStart=/usr/bin/node dist/server.mjs'), 'not applicable'],
    [unit('ExecStart=/usr/bin/docker run flue-agents', 'ExecStop=/usr/bin/docker stop -t 10 agents', 'TimeoutStopSec=90'), early('docker stop -t 10')],
    ['docker run -d --stop-timeout 30 flue-agents', early('--stop-timeout 30')],
    ['docker run -d --stop-timeout=90 flue-agents', 'compliant'],
    [unit('ExecStart=/usr/bin/docker run caddy', 'TimeoutStopSec=10') + unit('ExecStart=/usr/bin/docker run flue-agents', 'TimeoutStopSec=120'), 'compliant'],
  ])('a box that boots with %j', (script, expected) => {
    expect(judge(SHUTDOWN_TIME, boots(script), 'Instance')).toEqual(expected);
  });

  test('a box is not drained by ECS', () => {
    const template = changed(box(), resources => {
      resources.TargetGroup = { Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: { Port: 8080, Protocol: 'HTTP', VpcId: 'vpc-1', Targets: [{ Id: { Ref: 'Instance' } }] } };
    });
    expect(judge(SHUTDOWN_TIME, template, 'TargetGroup')).toBe('not applicable');
  });
});
