import { changed, judge, PARAMETER } from './judge';
import { fargate } from './templates';
import { IP_TARGET_TYPE } from '../../src/invariants/ip-target-type';

const typed = (type: unknown) => changed(fargate(), ({ TargetGroup }) => { TargetGroup.Properties.TargetType = type; });

test.each([
  ['ip', 'compliant'],
  ['instance', ['TargetType is instance, must be ip for the awsvpc service Stack/Template/Service']],
  [{ Ref: 'AWS::NoValue' }, ['TargetType is left out, which means instance, must be ip for the awsvpc service Stack/Template/Service']],
  [PARAMETER, 'not applicable'],
])('a target group of type %j for an awsvpc service', (type, expected) => {
  expect(judge(IP_TARGET_TYPE, typed(type), 'TargetGroup')).toEqual(expected);
});

test('a service on the bridge network registers instances', () => {
  const template = changed(typed('instance'), ({ TaskDefinition, Service }) => {
    TaskDefinition.Properties.NetworkMode = 'bridge';
    delete Service.Properties.LaunchType;
    delete Service.Properties.NetworkConfiguration;
  });
  expect(judge(IP_TARGET_TYPE, template, 'TargetGroup')).toBe('not applicable');
});

test.each(['LaunchType', 'NetworkConfiguration'])('without the network mode of the task definition, %s tells', key => {
  const template = changed(typed('instance'), ({ TaskDefinition, Service }) => {
    delete TaskDefinition.Properties.NetworkMode;
    ['LaunchType', 'NetworkConfiguration'].filter(other => other !== key).forEach(other => delete Service.Properties[other]);
  });
  expect(judge(IP_TARGET_TYPE, template, 'TargetGroup')).toHaveLength(1);
});

test('the alternate target group of a blue/green service counts too', () => {
  const template = changed(fargate(), resources => {
    resources.Green = JSON.parse(JSON.stringify(resources.TargetGroup));
    resources.Green.Properties.TargetType = 'instance';
    resources.Service.Properties.LoadBalancers[0].AdvancedConfiguration = {
      AlternateTargetGroupArn: { Ref: 'Green' },
      ProductionListenerRule: 'arn:rule',
      RoleArn: 'arn:role',
    };
  });
  expect(judge(IP_TARGET_TYPE, template, 'Green')).toHaveLength(1);
});
