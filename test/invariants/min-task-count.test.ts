import { Lazy, Stack } from 'aws-cdk-lib';
import { changed, judge, PARAMETER } from './judge';
import { box, express, fargate, group } from './templates';
import { MIN_TASK_COUNT, requireTaskCounts } from '../../src/invariants/min-task-count';

describe('guard', () => {
  const guard = (minTasks: number, maxTasks: number) => () => requireTaskCounts(new Stack(undefined, 'Stack'), { minTasks, maxTasks });

  test.each([[1, 1], [1, 4], [4, 4], [Lazy.number({ produce: () => 0 }), 1], [5, Lazy.number({ produce: () => 1 })]])('takes %p to %p tasks', (min, max) => {
    expect(guard(min, max)).not.toThrow();
  });

  test.each([
    [0, 1, '[Stack] `minTasks` must be a whole number of at least 1, got: 0. Keep one process running: it holds the sessions and the open streams (Flue-MinTaskCount)'],
    [-1, 1, '`minTasks` must be a whole number of at least 1, got: -1'],
    [1.5, 2, '`minTasks` must be a whole number of at least 1, got: 1.5'],
    [1, 0, '`maxTasks` must be a whole number of at least 1, got: 0'],
    [3, 2, '`minTasks` must be at most `maxTasks` (2), got: 3. Raise `maxTasks` or lower `minTasks`'],
  ])('refuses %p to %p tasks', (min, max, message) => {
    expect(guard(min, max)).toThrow(message);
  });
});

describe('rule', () => {
  const service = (count: unknown) => changed(fargate(), ({ Service }) => { Service.Properties.DesiredCount = count; });
  const target = (count: unknown) => changed(fargate(), ({ ScalableTarget }) => { ScalableTarget.Properties.MinCapacity = count; });
  const gateway = (count: unknown) => changed(express(), ({ Express }) => { Express.Properties.ScalingTarget.MinTaskCount = count; });
  const boxes = (count: unknown) => changed(group(), ({ Group }) => { Group.Properties.MinSize = count; });

  test.each([
    ['a service', service, 'Service', 'DesiredCount'],
    ['a scalable target', target, 'ScalableTarget', 'MinCapacity'],
    ['an Express service', gateway, 'Express', 'MinTaskCount'],
    ['a group of boxes', boxes, 'Group', 'MinSize'],
  ])('%s', (_, template, id, name) => {
    expect(judge(MIN_TASK_COUNT, template(1), id)).toBe('compliant');
    expect(judge(MIN_TASK_COUNT, template('1'), id)).toBe('compliant');
    expect(judge(MIN_TASK_COUNT, template(0), id)).toEqual([`${name} is 0, must be at least 1`]);
    expect(judge(MIN_TASK_COUNT, template('0'), id)).toEqual([`${name} is 0, must be at least 1`]);
    expect(['not applicable', 'compliant']).toContain(judge(MIN_TASK_COUNT, template(PARAMETER), id));
  });

  test('a service that leaves the count out runs one task', () => {
    expect(judge(MIN_TASK_COUNT, service({ Ref: 'AWS::NoValue' }), 'Service')).toBe('compliant');
  });

  test('a daemon has no count', () => {
    const template = changed(service(0), ({ Service }) => { Service.Properties.SchedulingStrategy = 'DAEMON'; });
    expect(judge(MIN_TASK_COUNT, template, 'Service')).toBe('not applicable');
  });

  test('a schedule that scales to zero', () => {
    const template = changed(fargate(), ({ ScalableTarget }) => {
      ScalableTarget.Properties.ScheduledActions = [
        { ScheduledActionName: 'morning', Schedule: 'cron(0 6 * * ? *)', ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 1 } },
        { ScheduledActionName: 'night', Schedule: 'cron(0 20 * * ? *)', ScalableTargetAction: { MinCapacity: 0, MaxCapacity: 0 } },
      ];
    });
    expect(judge(MIN_TASK_COUNT, template, 'ScalableTarget')).toEqual(['[night] a scheduled action sets MinCapacity to 0, must be at least 1']);
  });

  test('a scheduled action of a group of boxes', () => {
    const template = changed(group(), resources => {
      resources.Night = {
        Type: 'AWS::AutoScaling::ScheduledAction',
        Properties: { AutoScalingGroupName: { Ref: 'Group' }, Recurrence: '0 20 * * *', MinSize: 0, DesiredCapacity: 0 },
      };
    });
    expect(judge(MIN_TASK_COUNT, template, 'Night')).toEqual([
      'MinSize is 0, must be at least 1',
      '[DesiredCapacity] DesiredCapacity is 0, must be at least 1',
    ]);
  });

  test('a group that lends its machines to ECS may be empty', () => {
    const template = changed(group(), resources => {
      resources.Group.Properties.MinSize = '0';
      resources.Capacity = {
        Type: 'AWS::ECS::CapacityProvider',
        Properties: { AutoScalingGroupProvider: { AutoScalingGroupArn: { Ref: 'Group' } } },
      };
    });
    expect(judge(MIN_TASK_COUNT, template, 'Group')).toBe('not applicable');
  });

  test('a lone instance has no count', () => {
    expect(judge(MIN_TASK_COUNT, box(), 'Instance')).toBe('out of scope');
  });
});

describe('rule on schedules', () => {
  const scheduled = (action: string, input: unknown) => changed(fargate(), resources => {
    resources.Night = {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        FlexibleTimeWindow: { Mode: 'OFF' },
        ScheduleExpression: 'cron(0 20 * * ? *)',
        Target: { Arn: `arn:aws:scheduler:::aws-sdk:${action}`, RoleArn: 'arn:aws:iam::111111111111:role/night', Input: input },
      },
    };
  });
  const update = (count: unknown) => ({ 'Fn::Sub': `{"Cluster":"agents","Service":"$\{Service.Name}","DesiredCount":${String(count)}}` });

  test.each<[action: string, input: unknown, expected: unknown]>([
    ['ecs:updateService', update(0), ['the schedule calls updateService with DesiredCount 0, must be at least 1']],
    ['ecs:updateService', '{"Service":"flue-agents","DesiredCount":0}', ['the schedule calls updateService with DesiredCount 0, must be at least 1']],
    ['ecs:updateService', update(1), 'compliant'],
    ['ecs:updateService', update(10), 'compliant'],
    ['ecs:updateService', update('${Parameter}'), 'compliant'],
    ['ecs:deleteService', update(1), ['the schedule calls deleteService, which ends the server']],
    ['applicationautoscaling:registerScalableTarget', '{"ResourceId":"service/agents/flue-agents","MinCapacity":0,"MaxCapacity":1}',
      ['the schedule calls registerScalableTarget with MinCapacity 0, must be at least 1']],
    ['ecs:describeServices', update(0), 'not applicable'],
    ['ecs:updateService', '{"Service":"another","DesiredCount":0}', 'out of scope'],
  ])('%s with %j', (action, input, expected) => {
    expect(judge(MIN_TASK_COUNT, scheduled(action, input), 'Night')).toEqual(expected);
  });

  test('that stop a box, or leave a group without one', () => {
    const stopped = changed(box(), resources => {
      resources.Night = scheduled('ec2:stopInstances', { 'Fn::Sub': '{"InstanceIds":["${Instance}"]}' }).Resources.Night;
    });
    expect(judge(MIN_TASK_COUNT, stopped, 'Night')).toEqual(['the schedule calls stopInstances, which ends the server']);
    const emptied = changed(group(), resources => {
      resources.Night = { Type: 'AWS::AutoScaling::ScheduledAction', Properties: { AutoScalingGroupName: { Ref: 'Group' }, Recurrence: '0 20 * * *', MaxSize: 0 } };
    });
    expect(judge(MIN_TASK_COUNT, emptied, 'Night')).toEqual(['MaxSize is 0, must be at least 1']);
  });
});
