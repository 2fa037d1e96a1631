import { App, CfnResource, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { changed, judge, PARAMETER } from './judge';
import { express, fargate, group } from './templates';
import { ONE_LIVE_OWNER, warnScaleOut } from '../../src/invariants/one-live-owner';
import { WARNINGS } from '../../src/invariants/warnings';

describe('warnings', () => {
  test.each([[1, 0], [2, 1], [Lazy.number({ produce: () => 2 }), 0]])('of %p tasks', (tasks, count) => {
    const stack = new Stack(new App(), 'Stack');
    new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic' });
    warnScaleOut(stack, tasks);
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('`maxTasks` is 2\\. .*cdk-flue:OneLiveOwner.scaleOut'))).toHaveLength(count);
  });

  test('of an overlap, by ids that are acknowledged one by one', () => {
    const stack = new Stack(new App(), 'Stack');
    new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic' });
    warnScaleOut(stack, 2);
    WARNINGS.overlap.give(stack, { what: 'A rolling deployment' });
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('A rolling deployment: the old and the new process are live together'));
    expect(WARNINGS.scaleOut.id).toBe('cdk-flue:OneLiveOwner.scaleOut');
    expect(WARNINGS.overlap.id).toBe('cdk-flue:OneLiveOwner.overlap');
  });
});

describe('rule', () => {
  const percent = (maximum: unknown, count: unknown = 1) => changed(fargate(), ({ Service }) => {
    Service.Properties.DesiredCount = count;
    Service.Properties.DeploymentConfiguration = { MinimumHealthyPercent: 0, MaximumPercent: maximum };
  });
  const overlap = (what: string) => `[overlap] ${what}: the old and the new process are live together`;

  test.each<[maximum: unknown, count: unknown, expected: unknown]>([
    [100, 1, 'compliant'],
    [199, 1, 'compliant'],
    [200, 1, [overlap('MaximumPercent is 200, must be 100')]],
    [{ Ref: 'AWS::NoValue' }, 1, [overlap('MaximumPercent is 200, must be 100')]],
    [100, 2, ['[scaleOut] DesiredCount is 2: several live processes']],
    [149, 2, ['[scaleOut] DesiredCount is 2: several live processes']],
    [150, 2, ['[scaleOut] DesiredCount is 2: several live processes', overlap('MaximumPercent is 150, must be 100')]],
    [PARAMETER, 1, 'compliant'],
    [200, PARAMETER, 'not applicable'],
  ])('a service with MaximumPercent %j and DesiredCount %j', (maximum, count, expected) => {
    expect(judge(ONE_LIVE_OWNER, percent(maximum, count), 'Service')).toEqual(expected);
  });

  test.each(['BLUE_GREEN', 'LINEAR', 'CANARY'])('a %s deployment', strategy => {
    const template = changed(fargate(), ({ Service }) => { Service.Properties.DeploymentConfiguration.Strategy = strategy; });
    expect(judge(ONE_LIVE_OWNER, template, 'Service')).toEqual([overlap(`the deployment strategy is ${strategy}`)]);
  });

  test.each<[controller: unknown, expected: unknown]>([
    ['ECS', 'compliant'],
    ['CODE_DEPLOY', [overlap('the deployment controller is CODE_DEPLOY')]],
    ['EXTERNAL', 'compliant'],
    [PARAMETER, 'compliant'],
  ])('a deployment by %j', (controller, expected) => {
    const template = changed(fargate(), ({ Service }) => { Service.Properties.DeploymentController = { Type: controller }; });
    expect(judge(ONE_LIVE_OWNER, template, 'Service')).toEqual(expected);
  });

  test('a scalable target', () => {
    const target = (count: unknown) => changed(fargate(), ({ ScalableTarget }) => { ScalableTarget.Properties.MaxCapacity = count; });
    expect(judge(ONE_LIVE_OWNER, target(1), 'ScalableTarget')).toBe('compliant');
    expect(judge(ONE_LIVE_OWNER, target(2), 'ScalableTarget')).toEqual(['[scaleOut] MaxCapacity is 2: several live processes']);
    expect(judge(ONE_LIVE_OWNER, target(PARAMETER), 'ScalableTarget')).toBe('not applicable');
  });

  test('an Express service, which always overlaps', () => {
    const canary = '[overlap] ECS Express Mode deploys as a canary: the old and the new process are live together for at least 6 minutes';
    const gateway = (count: unknown) => changed(express(), ({ Express }) => { Express.Properties.ScalingTarget.MaxTaskCount = count; });
    expect(judge(ONE_LIVE_OWNER, gateway(1), 'Express')).toEqual([canary]);
    expect(judge(ONE_LIVE_OWNER, gateway(PARAMETER), 'Express')).toEqual([canary]);
    expect(judge(ONE_LIVE_OWNER, gateway(2), 'Express')).toEqual(['[scaleOut] MaxTaskCount is 2: several live processes', canary]);
  });

  test('a group of boxes', () => {
    const boxes = (size: unknown, policy?: object) => changed(group(), ({ Group }) => {
      Group.Properties.MaxSize = size;
      Group.UpdatePolicy = policy;
    });
    expect(judge(ONE_LIVE_OWNER, boxes('1'), 'Group')).toBe('compliant');
    expect(judge(ONE_LIVE_OWNER, boxes('2'), 'Group')).toEqual(['[scaleOut] MaxSize is 2: several live processes']);
    expect(judge(ONE_LIVE_OWNER, boxes(PARAMETER), 'Group')).toBe('not applicable');
    expect(judge(ONE_LIVE_OWNER, boxes('1', { AutoScalingReplacingUpdate: { WillReplace: true } }), 'Group'))
      .toEqual(['[overlap] the update policy starts a new group before the old one ends']);
  });
});
