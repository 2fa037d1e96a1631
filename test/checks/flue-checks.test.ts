import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, CfnParameter, CfnResource, NestedStack, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as patterns from 'aws-cdk-lib/aws-ecs-patterns';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import type { IConstruct } from 'constructs';
import { FlueChecks } from '../../src';
import { INVARIANTS } from '../../src/invariants';
import { markAsFlueServer } from '../../src/invariants/template/flue-marker';
import { changed, include } from '../invariants/judge';
import { express, fargate } from '../invariants/templates';

const ENV = { account: '111111111111', region: 'eu-west-1' };

function findings(app: IConstruct, services: IConstruct[] = [], scope: IConstruct = app): string[] {
  return new FlueChecks(undefined, { services }).validateScope(scope).violations
    .map(({ ruleName, violatingResources: [{ constructPath }] }) => `${ruleName} ${constructPath}`);
}

/** Synthesizes, and gives what the report says of the pack's findings. */
function synthesize(app: App): Array<{ ruleName: string; description: string; severity: string }> {
  jest.spyOn(console, 'error').mockImplementation();
  try {
    app.synth();
  } catch (error) {
    expect((error as Error).message).toContain('(Flue)');
  }
  const report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
  return report.pluginReports.filter((plugin: any) => plugin.pluginName === 'Flue').flatMap((plugin: any) => plugin.violations ?? []);
}

describe('the pack', () => {
  test('is a plugin of the CDK, and its errors end the synthesis', () => {
    const app = new App();
    include(changed(fargate(), ({ Service }) => { Service.Properties.DesiredCount = 0; }), new Stack(app, 'Stack'));
    Validations.of(app).addPlugins(new FlueChecks(app));
    expect(synthesize(app)).toEqual([expect.objectContaining({ ruleName: 'Flue-MinTaskCount', severity: 'error' })]);
    expect(() => app.synth()).toThrow('Stack/Template/Service: DesiredCount is 0, must be at least 1');
  });

  test('says what was found, where, and the way out', () => {
    const template = include(changed(fargate(), ({ Service }) => { Service.Properties.DesiredCount = 0; }));
    expect(new FlueChecks().validateScope(template.node.root)).toEqual({
      success: false,
      violations: [{
        ruleName: 'Flue-MinTaskCount',
        severity: 'error',
        description: 'Stack/Template/Service: DesiredCount is 0, must be at least 1. '
          + 'Set the desired count, `minTasks`, `minTaskCount` or `MinCapacity` to 1 or more.',
        violatingResources: [{ constructPath: 'Stack/Template/Service', locations: ['Properties/DesiredCount'] }],
      }],
    });
  });

  test('explains itself on demand', () => {
    const template = include(changed(fargate(), ({ Service }) => { Service.Properties.DesiredCount = 0; }));
    const [{ description }] = new FlueChecks(undefined, { verbose: true }).validateScope(template.node.root).violations;
    expect(description).toContain('to 1 or more. A service scaled to zero cuts every open stream');
  });

  test('describes each resource of a rule by itself', () => {
    const app = new App();
    for (const [id, count] of [['One', 2], ['Two', 3]] as const) {
      include(changed(fargate(), ({ ScalableTarget }) => { ScalableTarget.Properties.MaxCapacity = count; }), new Stack(app, id));
    }
    expect(new FlueChecks().validateScope(app).violations.map(({ description }) => description.split(':')[0] + description.split(':')[1]))
      .toEqual(expect.arrayContaining(['One/Template/ScalableTarget MaxCapacity is 2', 'Two/Template/ScalableTarget MaxCapacity is 3']));
  });

  test('warns of what is legal and risky', () => {
    const template = include(express());
    const severities = new FlueChecks().validateScope(template.node.root).violations.map(({ ruleName, severity }) => [ruleName, severity]);
    expect(severities).toEqual(expect.arrayContaining([['Flue-OneLiveOwner[overlap]', 'warning'], ['Flue-ShutdownTime', 'error']]));
    expect(INVARIANTS.filter(({ level }) => level === 'warning').map(({ id }) => id)).toEqual(['OneLiveOwner', 'EncryptedTransport', 'LogRetention']);
  });

  test('lets a synthesis pass with warnings only', () => {
    const app = new App();
    include(changed(fargate(), ({ Listener }) => { Object.assign(Listener.Properties, { Protocol: 'HTTP', Port: 80 }); }), new Stack(app, 'Stack'));
    Validations.of(app).addPlugins(new FlueChecks(app));
    expect(synthesize(app)).toEqual([expect.objectContaining({ ruleName: 'Flue-EncryptedTransport', severity: 'warning' })]);
    expect(() => app.synth()).not.toThrow();
  });

  test('reports only the scope it is given, and follows references out of it', () => {
    const app = new App();
    const broken = (id: string) => include(changed(fargate(), ({ Service }) => { Service.Properties.DesiredCount = 0; }), new Stack(app, id));
    const one = broken('One');
    broken('Two');
    expect(findings(app, [], one.stack)).toEqual(['Flue-MinTaskCount One/Template/Service']);
    expect(findings(app)).toHaveLength(2);
  });

  test('starts anew each time', () => {
    const template = include(changed(fargate(), ({ Service }) => { Service.Properties.DesiredCount = 0; }));
    const checks = new FlueChecks();
    checks.validateScope(template.node.root);
    (template.getResource('Service') as ecs.CfnService).desiredCount = 1;
    expect(checks.validateScope(template.node.root)).toEqual({ success: true, violations: [] });
  });

  test('reports a rule that fails as cdk-nag does, and goes on', () => {
    const rule = jest.spyOn(INVARIANTS[0].rule, 'check').mockImplementation(() => { throw new Error('broken'); });
    const template = include(changed(fargate(), ({ TargetGroup }) => { TargetGroup.Properties.TargetType = 'instance'; }));
    const violations = new FlueChecks().validateScope(template.node.root).violations.map(({ ruleName, description }) => [ruleName, description]);
    expect(violations).toEqual(expect.arrayContaining([
      ['Flue-MinTaskCount', expect.stringContaining('Rule threw an error')],
      ['Flue-IpTargetType', expect.stringContaining('TargetType is instance')],
    ]));
    rule.mockRestore();
  });
});

describe('acknowledgements', () => {
  const secrets = () => include(changed(fargate(), ({ TaskDefinition }) => {
    TaskDefinition.Properties.ContainerDefinitions[0].Environment.push({ Name: 'API_KEY', Value: 'a' }, { Name: 'TOKEN', Value: 'b' });
  }));
  const [API_KEY, TOKEN] = ['API_KEY', 'TOKEN'].map(name => `Flue-SecretsOnly[${name}] Stack/Template/TaskDefinition`);

  test.each<[where: string, at: (template: ReturnType<typeof secrets>) => IConstruct]>([
    ['the resource', template => template.getResource('TaskDefinition')],
    ['an ancestor', template => template],
    ['the stack', template => template.stack],
    ['the app', template => template.node.root],
  ])('of one finding on %s', (_, at) => {
    const template = secrets();
    Validations.of(at(template)).acknowledge({ id: 'Flue-SecretsOnly[API_KEY]', reason: 'a key for tests' });
    expect(findings(template.node.root)).toEqual([TOKEN]);
  });

  test('of the rule without a detail leave its details, as with every pack of cdk-nag', () => {
    const template = secrets();
    Validations.of(template).acknowledge({ id: 'Flue-SecretsOnly', reason: 'no detail' });
    expect(findings(template.node.root)).toEqual([API_KEY, TOKEN]);
  });

  test('elsewhere do not count', () => {
    const template = secrets();
    Validations.of(template.getResource('Service')).acknowledge({ id: 'Flue-SecretsOnly[API_KEY]', reason: 'the wrong place' });
    expect(findings(template.node.root)).toEqual([API_KEY, TOKEN]);
  });

  test('hold in a synthesis in the form that its report advises', () => {
    const app = new App();
    const template = include(changed(fargate(), ({ Service }) => { Service.Properties.DesiredCount = 0; }), new Stack(app, 'Stack'));
    Validations.of(app).addPlugins(new FlueChecks(app));
    Validations.of(template).acknowledge({ id: 'Flue::Flue-MinTaskCount', reason: 'asleep' });
    expect(() => app.synth()).not.toThrow();
  });

  test('hold in a synthesis, and can be written into the template', () => {
    const app = new App();
    const template = include(changed(fargate(), ({ Service }) => { Service.Properties.DesiredCount = 0; }), new Stack(app, 'Stack'));
    Validations.of(app).addPlugins(new FlueChecks(app, { writeSuppressionsToCloudFormation: true }));
    Validations.of(template).acknowledge({ id: 'Flue-MinTaskCount', reason: 'asleep' });
    expect(synthesize(app)).toEqual([]);
    expect(JSON.stringify(app.synth().getStackByName('Stack').template)).toContain('{"id":"Flue-MinTaskCount","reason":"asleep"}');
  });
});

describe('what is judged', () => {
  const silent = () => changed(fargate(), ({ TaskDefinition, Service }) => {
    const [container] = TaskDefinition.Properties.ContainerDefinitions;
    container.Image = 'acme/agents';
    container.Environment = [];
    Service.Properties.DesiredCount = 0;
  });
  const FOUND = ['Flue-KeepAliveAboveIdleTimeout Stack/Template/TaskDefinition', 'Flue-MinTaskCount Stack/Template/Service'];

  test('is nothing of an app without a server', () => {
    expect(findings(include(silent()).node.root)).toEqual([]);
  });

  test.each<[how: string, mark: (container: any, resources: any) => void]>([
    ['MODEL_SPECIFIER', container => container.Environment.push({ Name: 'MODEL_SPECIFIER', Value: 'x' })],
    ['MODEL_SPECIFIER as a secret', container => container.Secrets.push({ Name: 'MODEL_SPECIFIER', ValueFrom: 'arn:x' })],
    ['a variable of Flue', container => container.Environment.push({ Name: 'FLUE_LOG_LEVEL', Value: 'debug' })],
    ['the built server', container => { container.Command = ['node', '--enable-source-maps', 'dist/server.mjs']; }],
    ['the built server by its path', container => { container.EntryPoint = ['node', '/app/dist/server.mjs']; }],
    ['an image', container => { container.Image = 'acme/flue-agents:1'; }],
    ['an image by its digest', container => { container.Image = 'flue@sha256:0123'; }],
    ['a repository of the app', (container, resources) => {
      resources.Repository = { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: 'flue' } };
      container.Image = { 'Fn::Sub': '${Repository.RepositoryUri}:1' };
    }],
    ['a label', container => { container.DockerLabels = { 'cdk-flue': 'server' }; }],
    ['a tag', (_, resources) => { resources.TaskDefinition.Properties.Tags = [{ Key: 'cdk-flue', Value: 'server' }]; }],
    ['metadata', (_, resources) => { resources.TaskDefinition.Metadata = { 'cdk-flue': 'server' }; }],
    ['metadata of the service', (_, resources) => { resources.Service.Metadata = { 'cdk-flue': { server: true } }; }],
  ])('is a server that shows itself by %s', (_, mark) => {
    const template = changed(silent(), resources => mark(resources.TaskDefinition.Properties.ContainerDefinitions[0], resources));
    expect(findings(include(template).node.root).sort()).toEqual(FOUND);
  });

  test.each<[what: string, change: (container: any) => void]>([
    ['ships logs', container => { container.Image = 'fluent/fluentd:v1.17'; }],
    ['routes logs', container => { container.Image = 'public.ecr.aws/aws-observability/aws-for-fluent-bit:stable'; }],
    ['is a client', container => container.Environment.push({ Name: 'FLUE_URL', Value: 'https://agents' }, { Name: 'FLUE_API_TOKEN', Value: 'x' })],
    ['runs another bundle', container => { container.Command = ['node', 'dist/server.mjs.map', 'mydist/server.mjs']; }],
    ['says nothing', container => { container.Image = { Ref: 'Parameter' }; }],
  ])('is not a container that %s', (_, change) => {
    const template = changed(silent(), ({ TaskDefinition }) => change(TaskDefinition.Properties.ContainerDefinitions[0]));
    expect(findings(include(template).node.root)).toEqual([]);
  });

  test.each<[what: string, name: (template: ReturnType<typeof include>) => IConstruct]>([
    ['the service', template => template.getResource('Service')],
    ['the included template', template => template],
    ['the stack', template => template.stack],
  ])('is %s that the user names, and what it refers to', (_, name) => {
    const template = include(silent());
    expect(findings(template.node.root, [name(template)]).sort()).toEqual(FOUND);
  });

  test('is a construct that is marked', () => {
    const template = include(silent());
    markAsFlueServer(template.getResource('Service'));
    expect(findings(template.node.root).sort()).toEqual(FOUND);
    expect(JSON.stringify((template.node.root as App).synth().getStackByName('Stack').template)).not.toContain('cdk-flue');
  });

  test('is a marked construct beside an unmarked one', () => {
    const stack = new Stack(new App(), 'Stack', { env: ENV });
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: new ec2.Vpc(stack, 'Vpc') });
    const service = (id: string) => new patterns.ApplicationLoadBalancedFargateService(stack, id, {
      cluster, taskImageOptions: { image: ecs.ContainerImage.fromRegistry('acme/web') },
    });
    service('Shop');
    markAsFlueServer(service('Agents'));
    const found = findings(stack.node.root);
    expect(found.length).toBeGreaterThan(5);
    expect(found.filter(finding => !finding.includes('Stack/Agents/'))).toEqual([]);
  });
});

describe('references', () => {
  function spread(app: App): { network: Stack; tasks: Stack; services: Stack } {
    const [network, tasks, services] = ['Network', 'Tasks', 'Services'].map(id => new Stack(app, id, { env: ENV }));
    const vpc = new ec2.Vpc(network, 'Vpc', { availabilityZones: ['eu-west-1a', 'eu-west-1b'] });
    const balancer = new elb.ApplicationLoadBalancer(network, 'Balancer', { vpc });
    const task = new ecs.FargateTaskDefinition(tasks, 'Task');
    task.addContainer('server', { image: ecs.ContainerImage.fromRegistry('acme/flue'), portMappings: [{ containerPort: 8080 }] });
    const service = new ecs.FargateService(services, 'Service', { cluster: new ecs.Cluster(services, 'Cluster', { vpc }), taskDefinition: task });
    const targets = new elb.ApplicationTargetGroup(services, 'Targets', { vpc, port: 8080, targets: [service] });
    new elb.ApplicationListener(services, 'Listener', { loadBalancer: balancer, port: 80, open: false, defaultTargetGroups: [targets] });
    return { network, tasks, services };
  }
  const ACROSS = expect.arrayContaining([
    'Flue-IdleTimeout Network/Balancer/Resource',
    'Flue-KeepAliveAboveIdleTimeout Tasks/Task/Resource',
    'Flue-HealthCheckPath Services/Targets/Resource',
    'Flue-GracePeriodAboveStartup Services/Service/Service',
  ]);

  test('across stacks, before synthesis', () => {
    const app = new App();
    spread(app);
    expect(findings(app)).toEqual(ACROSS);
  });

  test('across stacks, in a synthesis and after it', () => {
    const app = new App();
    spread(app);
    Validations.of(app).addPlugins(new FlueChecks(app));
    expect(synthesize(app).map(({ ruleName }) => ruleName)).toEqual(expect.arrayContaining([
      'Flue-IdleTimeout', 'Flue-KeepAliveAboveIdleTimeout', 'Flue-HealthCheckPath', 'Flue-GracePeriodAboveStartup',
    ]));
    expect(findings(app)).toEqual(ACROSS);
  });

  test('to a stack that has the same logical ids', () => {
    const app = new App();
    const [one, two] = ['One', 'Two'].map(id => new Stack(app, id, { env: ENV }));
    const tasks = [one, two].map(stack => {
      const task = new ecs.FargateTaskDefinition(stack, 'Task');
      task.addContainer('web', { image: ecs.ContainerImage.fromRegistry(stack === one ? 'acme/web' : 'acme/flue') });
      return task;
    });
    const service = new ecs.CfnService(one, 'Service', { taskDefinition: tasks[1].taskDefinitionArn, desiredCount: 0 });
    new ecs.CfnService(one, 'Other', { taskDefinition: tasks[0].taskDefinitionArn, desiredCount: 0 });
    expect(findings(app).filter(finding => finding.includes('MinTaskCount'))).toEqual([`Flue-MinTaskCount ${service.node.path}`]);
  });

  test('into nested stacks and out of them', () => {
    const app = new App();
    const parent = new Stack(app, 'Parent');
    const task = new ecs.FargateTaskDefinition(parent, 'Task');
    task.addContainer('server', { image: ecs.ContainerImage.fromRegistry('acme/flue') });
    new ecs.CfnService(new NestedStack(parent, 'Nested'), 'Service', { taskDefinition: task.taskDefinitionArn, desiredCount: 0 });
    expect(findings(app)).toContain('Flue-MinTaskCount Parent/Nested/Service');
    app.synth();
    expect(findings(app)).toContain('Flue-MinTaskCount Parent/Nested/Service');
  });

  test('through the parameters and outputs of nested stacks that a template wrote down', () => {
    const directory = mkdtempSync(join(tmpdir(), 'nested-'));
    const write = (name: string, template: object) => {
      writeFileSync(join(directory, name), JSON.stringify(template));
      return join(directory, name);
    };
    const nested = (Parameters: object = {}) => ({ Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'https://example.com', Parameters } });
    const { TaskDefinition, Logs, DatabaseUrl } = fargate().Resources;
    const stack = new Stack(new App(), 'Stack');
    new CfnInclude(stack, 'Template', {
      templateFile: write('root.json', { Resources: { Tasks: nested(), Services: nested({ Task: { 'Fn::GetAtt': ['Tasks', 'Outputs.Task'] } }) } }),
      loadNestedStacks: {
        Tasks: { templateFile: write('tasks.json', { Resources: { TaskDefinition, Logs, DatabaseUrl }, Outputs: { Task: { Value: { Ref: 'TaskDefinition' } } } }) },
        Services: {
          templateFile: write('services.json', {
            Parameters: { Task: { Type: 'String' } },
            Resources: { Service: { Type: 'AWS::ECS::Service', Properties: { TaskDefinition: { Ref: 'Task' }, DesiredCount: 0 } } },
          }),
        },
      },
    });
    rmSync(directory, { recursive: true });
    expect(findings(stack.node.root).map(finding => finding.replace(/ .*\//, ' ')).sort()).toEqual(['Flue-MinTaskCount Service', 'Flue-OneLiveOwner[overlap] Service']);
  });

  test('by an export\'s name that a template wrote down', () => {
    const app = new App();
    const template = changed(fargate(), (_, whole) => {
      (whole as any).Outputs = { Task: { Value: { Ref: 'TaskDefinition' }, Export: { Name: 'flue-task' } } };
    });
    include(template, new Stack(app, 'Tasks'));
    const other = new Stack(app, 'Services');
    new CfnResource(other, 'Service', { type: 'AWS::ECS::Service', properties: { TaskDefinition: { 'Fn::ImportValue': 'flue-task' }, DesiredCount: 0 } });
    new CfnResource(other, 'Foreign', { type: 'AWS::ECS::Service', properties: { TaskDefinition: { 'Fn::ImportValue': 'other-task' }, DesiredCount: 0 } });
    expect(findings(app).sort()).toEqual(['Flue-MinTaskCount Services/Service', 'Flue-OneLiveOwner[overlap] Services/Service']);
  });

  test('see through generic resources, overrides and aspects of any kind', () => {
    const stack = new Stack(new App(), 'Stack');
    const task = new CfnResource(stack, 'Task', {
      type: 'AWS::ECS::TaskDefinition',
      properties: { ContainerDefinitions: [{ Name: 'server', Image: 'flue', StopTimeout: 90, LinuxParameters: { InitProcessEnabled: true } }] },
    });
    expect(findings(stack.node.root)).toEqual([]);
    task.addPropertyOverride('ContainerDefinitions.0.StopTimeout', 10);
    expect(findings(stack.node.root)).toEqual(['Flue-ShutdownTime Stack/Task']);
    task.addOverride('Type', 'AWS::ECS::TaskDefinition');
    task.addPropertyOverride('ContainerDefinitions.0.StopTimeout', new CfnParameter(stack, 'Parameter', { type: 'Number' }).valueAsNumber);
    expect(findings(stack.node.root)).toEqual([]);
  });
});
