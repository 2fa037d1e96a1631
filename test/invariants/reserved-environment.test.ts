import { Stack } from 'aws-cdk-lib';
import { changed, judge, PARAMETER } from './judge';
import { box, container, express, fargate } from './templates';
import { isReservedName, RESERVED_ENVIRONMENT, requireFreeNames } from '../../src/invariants/reserved-environment';

test.each([['FLUE_MODE', true], ['FLUE_INTERNAL_CLI_IPC', true], ['FLUE_CLI_TARGET', true], ['FLUE_CLI_', true], ['FLUE_MODEL', false], ['MY_FLUE_MODE', false]])(
  '%s is reserved: %p', (name, reserved) => {
    expect(isReservedName(name)).toBe(reserved);
  });

describe('guard', () => {
  const guard = (...names: string[]) => () => requireFreeNames(new Stack(undefined, 'Stack'), 'environment', names, [{ name: 'PORT', instead: 'Use `port`' }]);

  test('takes names of the app', () => {
    expect(guard('MODEL_SPECIFIER', 'FLUE_MODEL')).not.toThrow();
  });

  test('refuses what Flue keeps for itself', () => {
    expect(guard('A', 'FLUE_CLI_NAME')).toThrow('[Stack] `environment` must not hold a variable that Flue reserves for itself, got: FLUE_CLI_NAME. With any `FLUE_CLI_*`');
  });

  test('refuses what the construct sets', () => {
    expect(guard('PORT')).toThrow('`environment` must not hold a variable that the construct sets, got: PORT. Use `port` (Flue-ReservedEnvironment)');
  });
});

describe('rule', () => {

  test('on a task definition', () => {
    expect(judge(RESERVED_ENVIRONMENT, fargate(), 'TaskDefinition')).toBe('compliant');
    const set = container(({ Environment, Secrets }) => {
      Environment.push({ Name: 'FLUE_MODE', Value: PARAMETER }, { Name: 'FLUE_REGION', Value: 'x' });
      Secrets.push({ Name: 'FLUE_CLI_TARGET', ValueFrom: 'arn:x' });
    });
    expect(judge(RESERVED_ENVIRONMENT, set, 'TaskDefinition')).toEqual(['[FLUE_MODE] FLUE_MODE is set', '[FLUE_CLI_TARGET] FLUE_CLI_TARGET is set']);
  });

  test('on a name that only the deployment knows', () => {
    expect(judge(RESERVED_ENVIRONMENT, container(({ Environment }) => Environment.push({ Name: PARAMETER, Value: 'x' })), 'TaskDefinition')).toBe('compliant');
    expect(judge(RESERVED_ENVIRONMENT, changed(container(definition => { definition.Environment = PARAMETER; }), () => {}), 'TaskDefinition')).toBe('compliant');
  });

  test('on a sidecar, which is no server', () => {
    const template = changed(fargate(), ({ TaskDefinition }) => {
      TaskDefinition.Properties.ContainerDefinitions.push({ Name: 'tools', Image: 'busybox', Environment: [{ Name: 'OTHER', Value: 'x' }] });
    });
    expect(judge(RESERVED_ENVIRONMENT, template, 'TaskDefinition')).toBe('compliant');
  });

  test('on an Express service', () => {
    const template = changed(express(), ({ Express }) => { Express.Properties.PrimaryContainer.Environment.push({ Name: 'FLUE_MODE', Value: 'local' }); });
    expect(judge(RESERVED_ENVIRONMENT, template, 'Express')).toEqual(['[FLUE_MODE] FLUE_MODE is set']);
  });

  test('on a box', () => {
    expect(judge(RESERVED_ENVIRONMENT, box(), 'Instance')).toBe('compliant');
    const template = changed(box(), ({ Instance }) => {
      Instance.Properties.UserData = { 'Fn::Base64': 'docker run --init -e FLUE_MODE=local flue-agents' };
    });
    expect(judge(RESERVED_ENVIRONMENT, template, 'Instance')).toEqual(['[FLUE_MODE] FLUE_MODE is set']);
  });
});
