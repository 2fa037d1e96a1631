import { App, Duration, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { Secret as StoredSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { FlueExpressService, FlueFargateService, FlueImage, FlueTelemetry } from '../../../../src';
import { PSEUDO_PARAMETERS, readAssembly } from '../../../../src/cli/assembly/assembly';
import { findService } from '../../../../src/cli/rehearse/discovery/find-services';
import { assemblyWith, failureOf, fargateTemplate } from '../support';

const find = (directory: string, wanted?: string) => findService(readAssembly(directory, { pseudoParameters: PSEUDO_PARAMETERS }), wanted);

describe('the services of the library', () => {
  const app = new App({ analyticsReporting: false });
  const shared = new Stack(app, 'Shared');
  const stack = new Stack(app, 'Stack');
  const secret = new StoredSecret(shared, 'Key');
  const image = FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/owner/agents:1', { port: 9000 });
  const secrets = { KEY: Secret.fromSecretsManager(secret) };
  new FlueFargateService(stack, 'Fargate', { image, secrets, startupBudget: Duration.seconds(20), longestRun: Duration.seconds(100), environment: { TEAM: secret.secretName } });
  new FlueExpressService(stack, 'Express', { image, secrets });
  const directory = app.synth().directory;

  test('Fargate', () => {
    const { container, ...plan } = find(directory, 'Stack/Fargate');
    expect(plan).toEqual({
      path: 'Stack/Fargate',
      platform: 'ECS Fargate',
      memoryMiB: 1024,
      vcpu: 0.5,
      gracePeriodSeconds: 80,
      idleTimeoutSeconds: 160,
      startupBudgetSeconds: 20,
      longestRunSeconds: 100,
      healthCheck: { path: '/health', matcher: '200-299', intervalSeconds: 15, timeoutSeconds: 5, healthyCount: 2 },
    });
    expect(container).toMatchObject({ name: 'Main', port: 9000, secrets: ['KEY'], readOnlyRoot: false, init: true, stopTimeoutSeconds: 90 });
    expect(container.environment.PORT).toBe('9000');
    expect(Object.keys(container.environment)).toContain('TEAM');
    expect(container.environment.TEAM).toBeUndefined();
  });

  test('Express Mode', () => {
    expect(find(directory, '/Stack/Express/')).toMatchObject({
      platform: 'ECS Express Mode',
      memoryMiB: 1024,
      vcpu: 0.5,
      gracePeriodSeconds: 300,
      idleTimeoutSeconds: 660,
      startupBudgetSeconds: 60,
      healthCheck: { path: '/health', healthyCount: 5, intervalSeconds: 30 },
      container: { port: 9000 },
    });
  });

  test('several have to be chosen from', async () => {
    expect(await failureOf(() => find(directory))).toMatch(/^[^\n]* 2 [^\n]*\n[^\n]*\n {2}--service Stack\/Fargate {3}\(ECS Fargate\)\n {2}--service Stack\/Express {3}\(ECS Express Mode\)$/);
  });
});

test.each([['Fargate', FlueFargateService], ['Express Mode', FlueExpressService]])('a collector beside the server is not taken for it on %s', (_, Service) => {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Stack');
  new Service(stack, 'Agents', { image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/owner/agents:1'), telemetry: FlueTelemetry.adot() });
  expect(find(app.synth().directory).container).toMatchObject({ name: 'Main', port: 8080, init: true, stopTimeoutSeconds: 90 });
});

test('a service that nobody marked is Flue by its variable', () => {
  expect(find(assemblyWith({ Stack: { template: fargateTemplate() } }))).toMatchObject({
    path: 'Stack', idleTimeoutSeconds: 660, startupBudgetSeconds: 60, container: { stopTimeoutSeconds: 30, init: false },
  });
});

test('one that does not look like Flue can be named', async () => {
  const directory = assemblyWith({ Stack: { template: fargateTemplate({ Environment: [] }) } });
  expect(await failureOf(() => find(directory))).toMatch(/ no Flue service .*\n.*: --service Stack$/);
  expect(find(directory, 'Stack').path).toBe('Stack');
});

test('a container is Flue by its command or its package.json', () => {
  const byCommand = fargateTemplate({ Environment: [], Command: ['node', 'dist/server.mjs'], EntryPoint: ['/init'], User: 'node', ReadonlyRootFilesystem: true });
  expect(find(assemblyWith({ Stack: { template: byCommand } })).container)
    .toMatchObject({ command: ['node', 'dist/server.mjs'], entryPoint: ['/init'], user: 'node', readOnlyRoot: true });
  const byImage = assemblyWith({
    Stack: {
      template: fargateTemplate({ Environment: [], Image: { 'Fn::Sub': '${AWS::AccountId}.ecr/repo:hash' } }),
      dockerImages: { hash: { source: { directory: 'context' } } },
    },
  }, { 'context/package.json': { dependencies: { '@flue/runtime': '1' } } });
  expect(find(byImage).container.image?.directory).toMatch(/context$/);
});

test('an assembly without any service says what could be in one', async () => {
  const directory = assemblyWith({ Stack: { template: {} } });
  expect(await failureOf(() => find(directory))).toMatch('Synthesize an app with a FlueFargateService');
  expect(await failureOf(() => find(directory, 'Stack'))).toMatch('no service');
});

test('a service without a load balancer has neither health check nor idle timeout', () => {
  const plan = find(assemblyWith({ Stack: { template: fargateTemplate({ PortMappings: undefined }, { LoadBalancers: undefined, LaunchType: 'EC2' }) } }));
  expect(plan).toMatchObject({ platform: 'ECS on EC2', container: { port: 8080 } });
  expect([plan.healthCheck, plan.idleTimeoutSeconds]).toEqual([undefined, undefined]);
});

test('a target group that says nothing does what Elastic Load Balancing does, behind a rule and at the implicit idle timeout', () => {
  const template = fargateTemplate();
  template.Resources.Targets.Properties = {};
  template.Resources.LoadBalancer.Properties = {};
  template.Resources.Listener.Properties = { LoadBalancerArn: { Ref: 'LoadBalancer' }, DefaultActions: [] };
  template.Resources.Rule = {
    Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    Properties: { ListenerArn: { Ref: 'Listener' }, Actions: [{ ForwardConfig: { TargetGroups: [{ TargetGroupArn: { Ref: 'Targets' } }] } }] },
  };
  expect(find(assemblyWith({ Stack: { template } }))).toMatchObject({
    idleTimeoutSeconds: 60, healthCheck: { path: '/', matcher: '200', intervalSeconds: 30, timeoutSeconds: 5, healthyCount: 5 },
  });
});

test('a service whose task definition is elsewhere is none', async () => {
  const directory = assemblyWith({ Stack: { template: fargateTemplate({}, { TaskDefinition: 'arn:of:another' }) } });
  expect(await failureOf(() => find(directory))).toMatch('no Flue service');
});

test('a task definition without containers is none', async () => {
  const template = fargateTemplate();
  template.Resources.Task.Properties = {};
  expect(await failureOf(() => find(assemblyWith({ Stack: { template } })))).toMatch('no Flue service');
});

test('an Express service may state its container itself', () => {
  const template = {
    Resources: {
      Service: {
        Type: 'AWS::ECS::ExpressGatewayService',
        Properties: { Cpu: '1024', Memory: '2048', PrimaryContainer: { Image: 'a/b', Environment: [{ Name: 'MODEL_SPECIFIER', Value: 'x' }], Secrets: [{ Name: 'KEY' }] } },
      },
      Empty: { Type: 'AWS::ECS::ExpressGatewayService', Properties: {} },
    },
  };
  expect(find(assemblyWith({ Stack: { template } }))).toMatchObject({
    memoryMiB: 2048, vcpu: 1, idleTimeoutSeconds: 60, healthCheck: { path: '/health' }, container: { port: 80, secrets: ['KEY'], stopTimeoutSeconds: 30 },
  });
});
