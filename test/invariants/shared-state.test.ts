import { Lazy, Stack } from 'aws-cdk-lib';
import { changed, judge, PARAMETER } from './judge';
import { express, fargate, group } from './templates';
import { requireSharedState, SHARED_STATE } from '../../src/invariants/shared-state';

describe('guard', () => {
  const guard = (maxTasks: number, hasDatabase: boolean) => () => requireSharedState(new Stack(undefined, 'Stack'), { maxTasks, hasDatabase });

  test.each([[1, false], [1, true], [2, true], [Lazy.number({ produce: () => 2 }), false]])('takes %p tasks, database %p', (tasks, database) => {
    expect(guard(tasks, database)).not.toThrow();
  });

  test('refuses two tasks without a database', () => {
    expect(guard(2, false)).toThrow('[Stack] `maxTasks` must be 1 without a database, got: 2. '
      + 'Pass `database`, or DATABASE_URL in `secrets`: sessions live in the memory of one process otherwise (Flue-SharedState)');
  });
});

describe('rule', () => {
  const stateless = () => changed(fargate(), ({ TaskDefinition }) => { TaskDefinition.Properties.ContainerDefinitions[0].Secrets = []; });

  test.each<[where: string, id: string, name: string, set: (resources: any, count: unknown) => void]>([
    ['a service', 'Service', 'DesiredCount', ({ Service }, count) => { Service.Properties.DesiredCount = count; }],
    ['a scalable target', 'ScalableTarget', 'MaxCapacity', ({ ScalableTarget }, count) => { ScalableTarget.Properties.MaxCapacity = count; }],
  ])('%s', (_, id, name, set) => {
    const found = [`${name} is 2 and the server has no DATABASE_URL: each process keeps its own sessions`];
    expect(judge(SHARED_STATE, changed(stateless(), resources => set(resources, 1)), id)).toBe('compliant');
    expect(judge(SHARED_STATE, changed(stateless(), resources => set(resources, 2)), id)).toEqual(found);
    expect(judge(SHARED_STATE, changed(fargate(), resources => set(resources, 2)), id)).toBe('compliant');
    expect(judge(SHARED_STATE, changed(stateless(), resources => set(resources, PARAMETER)), id)).toBe('not applicable');
  });

  test.each([
    ['Join', { 'Fn::Join': ['/', ['service', 'agents', { 'Fn::GetAtt': ['Service', 'Name'] }]] }],
    ['the name of the service', 'service/agents/flue-agents'],
    ['a part of its ARN', { 'Fn::Join': ['', ['service/', { 'Fn::Select': [1, { 'Fn::Split': ['/', { Ref: 'Service' }] }] }]] }],
  ])('a scalable target that names its service by %s', (_, id) => {
    const template = changed(stateless(), ({ ScalableTarget }) => { Object.assign(ScalableTarget.Properties, { MaxCapacity: 3, ResourceId: id }); });
    expect(judge(SHARED_STATE, template, 'ScalableTarget')).toHaveLength(1);
  });

  test('a scalable target of something else', () => {
    const template = changed(stateless(), ({ ScalableTarget }) => { Object.assign(ScalableTarget.Properties, { MaxCapacity: 3, ResourceId: 'service/agents/other' }); });
    expect(judge(SHARED_STATE, template, 'ScalableTarget')).toBe('out of scope');
  });

  test.each<[what: string, change: (container: any) => void, expected: 'compliant' | 'not applicable']>([
    ['the host of Postgres', ({ Environment }) => Environment.push({ Name: 'PGHOST', Value: 'db' }), 'compliant'],
    ['a connection string by another name', ({ Secrets }) => Secrets.push({ Name: 'POSTGRES_URL', ValueFrom: '/flue/url' }), 'compliant'],
    ['a plain DATABASE_URL, which another rule judges', ({ Environment }) => Environment.push({ Name: 'DATABASE_URL', Value: 'x' }), 'compliant'],
    ['secrets known only at deployment', definition => { definition.Secrets = PARAMETER; }, 'not applicable'],
    ['a file of variables', definition => { definition.EnvironmentFiles = [{ Type: 's3', Value: 'arn:aws:s3:::bucket/agents.env' }]; }, 'not applicable'],
  ])('two tasks with %s', (_, change, expected) => {
    const template = changed(stateless(), ({ TaskDefinition, Service }) => {
      Service.Properties.DesiredCount = 2;
      change(TaskDefinition.Properties.ContainerDefinitions[0]);
    });
    expect(judge(SHARED_STATE, template, 'Service')).toBe(expected);
  });

  test('an Express service', () => {
    const gateway = (count: unknown, secrets: unknown[]) => changed(express(), ({ Express }) => {
      Express.Properties.ScalingTarget.MaxTaskCount = count;
      Express.Properties.PrimaryContainer.Secrets = secrets;
    });
    expect(judge(SHARED_STATE, gateway(4, []), 'Express')).toHaveLength(1);
    expect(judge(SHARED_STATE, gateway(4, [{ Name: 'DATABASE_URL', ValueFrom: 'arn:x' }]), 'Express')).toBe('compliant');
    expect(judge(SHARED_STATE, gateway(PARAMETER, []), 'Express')).toBe('not applicable');
    expect(judge(SHARED_STATE, gateway({ Ref: 'AWS::NoValue' }, []), 'Express')).toBe('not applicable');
  });

  test('an Express service with a task definition', () => {
    const template = changed(express(), (resources, whole) => {
      whole.Resources.Task = changed(stateless(), () => {}).Resources.TaskDefinition;
      delete whole.Resources.Task.Properties.ContainerDefinitions[0].LogConfiguration;
      const { Express } = resources;
      delete Express.Properties.PrimaryContainer;
      Express.Properties.TaskDefinitionArn = { Ref: 'Task' };
      Express.Properties.ScalingTarget.MaxTaskCount = 2;
    });
    expect(judge(SHARED_STATE, template, 'Express')).toHaveLength(1);
  });

  test('a group of boxes', () => {
    const boxes = (count: string, script?: string) => changed(group(), ({ Group, LaunchTemplate }) => {
      Group.Properties.MaxSize = count;
      LaunchTemplate.Properties.LaunchTemplateData.UserData = script ? { 'Fn::Base64': script } : LaunchTemplate.Properties.LaunchTemplateData.UserData;
    });
    expect(judge(SHARED_STATE, boxes('2'), 'Group')).toBe('compliant');
    expect(judge(SHARED_STATE, boxes('1', 'docker run --init flue-agents'), 'Group')).toBe('compliant');
    expect(judge(SHARED_STATE, boxes('2', 'docker run --init flue-agents'), 'Group')).toHaveLength(1);
    expect(judge(SHARED_STATE, boxes('2', 'docker run --init --env-file /run/env flue-agents'), 'Group')).toBe('not applicable');
  });
});
