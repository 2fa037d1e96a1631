import { Lazy, Stack } from 'aws-cdk-lib';
import { changed, judge, PARAMETER } from './judge';
import { container, express, fargate } from './templates';
import { requireWithin } from '../../src/invariants/limits/guard';
import { DEFAULT_PORT, IMAGE_LIMITS } from '../../src/invariants/limits/image';
import { PORT_AGREEMENT, requireSamePort } from '../../src/invariants/port-agreement';

describe('guards', () => {
  const later = Lazy.number({ produce: () => 0 });
  const port = (value: number) => () => requireWithin(new Stack(undefined, 'Stack'), value, IMAGE_LIMITS.port);
  const same = (value: number) => () => requireSamePort(new Stack(undefined, 'Stack'), value, { port: 8080, where: 'Dockerfile' });

  test.each([1, DEFAULT_PORT, 65535, later])('take port %p', value => {
    expect(port(value)).not.toThrow();
  });

  test.each([0, 65536, -1, 80.5, NaN])('refuse port %p', value => {
    expect(port(value)).toThrow(`[Stack] \`port\` must be a whole number from 1 to 65535, got: ${value}. Leave it out for 8080 (Flue-PortAgreement)`);
  });

  test('compare with what the image declares', () => {
    expect(same(8080)).not.toThrow();
    expect(same(later)).not.toThrow();
    expect(same(3000)).toThrow('`port` must be 8080, which Dockerfile declares, got: 3000. Pass `port: 8080`, or change Dockerfile');
  });
});

describe('rule', () => {
  const bound = (value: unknown) => container(({ Environment }) => { Environment[0].Value = value; });

  test.each<[value: unknown, expected: unknown]>([
    ['8080', 'compliant'],
    ['3000', ['container server binds PORT=3000 and publishes 8080']],
    [PARAMETER, 'not applicable'],
  ])('a container with PORT=%j', (value, expected) => {
    expect(judge(PORT_AGREEMENT, bound(value), 'TaskDefinition')).toEqual(expected);
  });

  test('a container that leaves the port to its image', () => {
    expect(judge(PORT_AGREEMENT, container(definition => { definition.Environment = []; }), 'TaskDefinition')).toBe('not applicable');
    expect(judge(PORT_AGREEMENT, container(definition => { delete definition.PortMappings; }), 'TaskDefinition')).toBe('not applicable');
    expect(judge(PORT_AGREEMENT, container(definition => { definition.PortMappings = [{ ContainerPort: PARAMETER }]; }), 'TaskDefinition')).toBe('not applicable');
  });

  const attached = (ContainerPort: unknown) => changed(fargate(), ({ Service, TargetGroup }) => {
    Service.Properties.LoadBalancers[0].ContainerPort = ContainerPort;
    TargetGroup.Properties.Port = ContainerPort;
  });

  test.each<[value: unknown, expected: unknown]>([
    [8080, 'compliant'],
    [80, ['the load balancer sends requests to port 80 of container server, which listens on 8080']],
    [PARAMETER, 'not applicable'],
  ])('a service whose load balancer is sent to %j', (value, expected) => {
    expect(judge(PORT_AGREEMENT, attached(value), 'Service')).toEqual(expected);
  });

  test('a service that sends the load balancer to another published port', () => {
    const template = changed(attached(9090), ({ TaskDefinition }) => {
      TaskDefinition.Properties.ContainerDefinitions[0].PortMappings.push({ ContainerPort: 9090 });
    });
    expect(judge(PORT_AGREEMENT, template, 'Service')).toEqual(['the load balancer sends requests to port 9090 of container server, which listens on 8080']);
  });

  test('one wrong variable is one finding', () => {
    expect(judge(PORT_AGREEMENT, bound('3000'), 'Service')).toBe('compliant');
    expect(judge(PORT_AGREEMENT, bound('3000'), 'TargetGroup')).toBe('compliant');
  });

  test('a task definition of another app is not known', () => {
    const template = changed(attached(80), ({ Service }) => { Service.Properties.TaskDefinition = PARAMETER; });
    expect(judge(PORT_AGREEMENT, template, 'Service')).toBe('out of scope');
  });

  test.each<[properties: object, expected: unknown]>([
    [{}, 'compliant'],
    [{ HealthCheckPort: 'traffic-port' }, 'compliant'],
    [{ HealthCheckPort: '8080' }, 'compliant'],
    [{ HealthCheckPort: '9000' }, ['[HealthCheckPort] HealthCheckPort is 9000, the container listens on 8080']],
    [{ Port: 80 }, 'compliant'],
    [{ Port: PARAMETER }, 'compliant'],
    [{ HealthCheckPort: PARAMETER }, 'not applicable'],
  ])('a target group with %j', (properties, expected) => {
    expect(judge(PORT_AGREEMENT, changed(fargate(), ({ TargetGroup }) => { Object.assign(TargetGroup.Properties, properties); }), 'TargetGroup')).toEqual(expected);
  });

  test('a target group whose health check asks a container beside the server', () => {
    const beside = (port: unknown) => changed(fargate(), ({ TargetGroup, TaskDefinition }) => {
      TargetGroup.Properties.HealthCheckPort = '9000';
      TaskDefinition.Properties.ContainerDefinitions.push({ Name: 'proxy', Image: 'envoy', PortMappings: [{ ContainerPort: port }] });
    });
    expect(judge(PORT_AGREEMENT, beside(9000), 'TargetGroup')).toBe('compliant');
    expect(judge(PORT_AGREEMENT, beside(PARAMETER), 'TargetGroup')).toBe('compliant');
    expect(judge(PORT_AGREEMENT, beside(9001), 'TargetGroup')).toEqual([expect.stringContaining('HealthCheckPort is 9000')]);
  });

  test.each<[port: unknown, variable: string, expected: unknown]>([
    [8080, '8080', 'compliant'],
    [80, '8080', ['container Main binds PORT=8080 and publishes 80']],
    [{ Ref: 'AWS::NoValue' }, '80', 'compliant'],
    [{ Ref: 'AWS::NoValue' }, '8080', ['container Main binds PORT=8080 and publishes 80']],
    [PARAMETER, '8080', 'not applicable'],
  ])('an Express service on %j with PORT=%s', (port, variable, expected) => {
    const template = changed(express(), ({ Express }) => {
      Express.Properties.PrimaryContainer.ContainerPort = port;
      Express.Properties.PrimaryContainer.Environment[0].Value = variable;
    });
    expect(judge(PORT_AGREEMENT, template, 'Express')).toEqual(expected);
  });
});
