import { App, CfnResource, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { changed, judge, PARAMETER, verdictOn } from './judge';
import { express, fargate } from './templates';
import { LOG_RETENTION } from '../../src/invariants/log-retention';

test.each<[days: unknown, expected: unknown]>([
  [1, 'compliant'],
  [3653, 'compliant'],
  [{ Ref: 'AWS::NoValue' }, ['the log group keeps its events for ever']],
  [PARAMETER, 'not applicable'],
])('a log group that keeps its events for %j days', (days, expected) => {
  for (const template of [fargate(), express()]) {
    expect(judge(LOG_RETENTION, changed(template, ({ Logs }) => { Logs.Properties.RetentionInDays = days; }), 'Logs')).toEqual(expected);
  }
});

test('a log group of something else', () => {
  const template = changed(fargate(), resources => { resources.Other = { Type: 'AWS::Logs::LogGroup' }; });
  expect(judge(LOG_RETENTION, template, 'Other')).toBe('out of scope');
});

describe('a group that the log driver makes', () => {
  const driver = (options: object, more: object = {}) => changed(fargate(), resources => {
    Object.assign(resources, more);
    resources.TaskDefinition.Properties.ContainerDefinitions[0].LogConfiguration = { LogDriver: 'awslogs', Options: options };
  });
  const made = { 'awslogs-group': '/ecs/flue', 'awslogs-create-group': 'true' };

  test.each<[options: object, expected: unknown]>([
    [made, ['the log driver creates the log group /ecs/flue, which keeps its events for ever']],
    [{ 'awslogs-group': '/ecs/flue' }, 'not applicable'],
    [{ ...made, 'awslogs-group': PARAMETER }, 'not applicable'],
  ])('%j', (options, expected) => {
    expect(judge(LOG_RETENTION, driver(options), 'TaskDefinition')).toEqual(expected);
  });

  test('is one of the template, or may be', () => {
    for (const name of ['/ecs/flue', PARAMETER]) {
      expect(judge(LOG_RETENTION, driver(made, { Known: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: name, RetentionInDays: 7 } } }), 'TaskDefinition'))
        .toBe('not applicable');
    }
  });
});

test('an Express service that makes its own', () => {
  expect(judge(LOG_RETENTION, express(), 'Express')).toBe('not applicable');
  const template = changed(express(), ({ Express }) => { delete Express.Properties.PrimaryContainer.AwsLogsConfiguration; });
  expect(judge(LOG_RETENTION, template, 'Express')).toEqual(['the service creates its own log group, which keeps its events for ever']);
});

test('the log group of the CDK\'s log driver', () => {
  const task = new ecs.FargateTaskDefinition(new Stack(new App(), 'Stack'), 'Task');
  task.addContainer('server', { image: ecs.ContainerImage.fromRegistry('flue'), logging: ecs.LogDriver.awsLogs({ streamPrefix: 'flue' }) });
  const group = task.node.findAll().find(node => CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::Logs::LogGroup') as CfnResource;
  expect(verdictOn(LOG_RETENTION, group)).toEqual(['the log group keeps its events for ever']);
});
