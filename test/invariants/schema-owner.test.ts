import { App, CfnResource, Duration, NestedStack, Stack, Stage, Validations, type StackProps } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { EcsTask } from 'aws-cdk-lib/aws-events-targets';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { EcsRunFargateTask } from 'aws-cdk-lib/aws-scheduler-targets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { SynthesisMessage } from 'aws-cdk-lib/cx-api';
import { changed, include, judge, verdictOn, type Template } from './judge';
import { express, fargate } from './templates';
import {
  FlueChecks, FlueDatabase, FlueEc2Service, FlueEventTarget, FlueExpressService, FlueFargateService,
  FlueNetwork, FlueShardedService, type IFlueDatabase,
} from '../../src';
import { SCHEMA_OWNER } from '../../src/invariants/schema-owner';
import { WARNINGS } from '../../src/invariants/warnings';
import { databaseOf, imageOf } from '../service/support';

const KEY = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:key-AbCdEf';
const shared = (...others: string[]) => [`DATABASE_URL is also that of ${others.join(', ')}: several servers work on one schema`];
const path = (logicalId: string) => `Stack/Template/${logicalId}`;
const copyOf = (value: unknown) => JSON.parse(JSON.stringify(value));
const PUBLIC = { subnetType: SubnetType.PUBLIC };
const urlIn = (definition: any) => definition.Properties.ContainerDefinitions[0].Secrets.find(({ Name }: any) => Name === 'DATABASE_URL');

/** Two services with a task definition each; the second one reads its connection string from here. */
function two(valueFrom: unknown, change: (resources: Record<string, any>, template: Template) => void = () => undefined): Template {
  return changed(fargate(), (resources, template) => {
    resources.OtherDefinition = copyOf(resources.TaskDefinition);
    urlIn(resources.OtherDefinition).ValueFrom = valueFrom;
    resources.Other = copyOf(resources.Service);
    Object.assign(resources.Other.Properties, { ServiceName: 'flue-others', TaskDefinition: { Ref: 'OtherDefinition' }, LoadBalancers: undefined });
    change(resources, template);
  });
}

describe('two services', () => {
  test.each<[what: string, valueFrom: unknown]>([
    ['the same secret', { Ref: 'DatabaseUrl' }],
    ['the same secret in a substitution', { 'Fn::Sub': '${DatabaseUrl}' }],
    ['the same secret by its other attribute', { 'Fn::GetAtt': ['DatabaseUrl', 'Id'] }],
    ['the same secret with an empty field', { 'Fn::Join': ['', [{ Ref: 'DatabaseUrl' }, ':::']] }],
  ])('with %s', (_, valueFrom) => {
    expect(judge(SCHEMA_OWNER, two(valueFrom), 'Service')).toEqual(shared(path('Other')));
    expect(judge(SCHEMA_OWNER, two(valueFrom), 'Other')).toEqual(shared(path('Service')));
  });

  test.each<[what: string, valueFrom: unknown]>([
    ['another secret', { Ref: 'OtherUrl' }],
    ['another field of it', { 'Fn::Join': ['', [{ Ref: 'DatabaseUrl' }, ':other::']] }],
    ['a parameter', { Ref: 'Parameter' }],
    ['an import that nothing exports', { 'Fn::ImportValue': 'url' }],
    ['one of two secrets, by a condition', { 'Fn::If': ['Prod', { Ref: 'DatabaseUrl' }, { Ref: 'OtherUrl' }] }],
  ])('with %s', (_, valueFrom) => {
    const template = two(valueFrom, (resources, whole) => {
      resources.OtherUrl = copyOf(resources.DatabaseUrl);
      whole.Conditions = { Prod: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] } };
    });
    expect(judge(SCHEMA_OWNER, template, 'Service')).toBe('compliant');
    expect(judge(SCHEMA_OWNER, template, 'Other')).toBe('compliant');
  });

  test.each<[what: string, valueFrom: unknown]>([
    ['the same parameter', { Ref: 'Parameter' }],
    ['the same import', { 'Fn::ImportValue': 'url' }],
    ['the same condition', { 'Fn::If': ['Prod', 'arn:a', 'arn:b'] }],
    ['the same ARN', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:url-AbCdEf'],
    ['the same name', '/flue/url'],
  ])('that only the deployment tells, with %s', (_, valueFrom) => {
    const template = two(valueFrom, ({ TaskDefinition }, whole) => {
      urlIn(TaskDefinition).ValueFrom = valueFrom;
      whole.Conditions = { Prod: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] } };
    });
    expect(judge(SCHEMA_OWNER, template, 'Service')).toEqual(shared(path('Other')));
  });

  test('of which one has no connection string, or one in plain text', () => {
    const template = two({ Ref: 'DatabaseUrl' }, ({ OtherDefinition }) => {
      OtherDefinition.Properties.ContainerDefinitions[0].Secrets.pop();
    });
    expect(judge(SCHEMA_OWNER, template, 'Service')).toBe('compliant');
    expect(judge(SCHEMA_OWNER, template, 'Other')).toBe('not applicable');
    const plain = (url: string) => two('', ({ TaskDefinition, OtherDefinition }) => [TaskDefinition, OtherDefinition].forEach((definition, index) => {
      const [container] = definition.Properties.ContainerDefinitions;
      container.Secrets.pop();
      container.Environment.push({ Name: 'DATABASE_URL', Value: index === 0 ? 'postgres://db/a' : url });
    }));
    expect(judge(SCHEMA_OWNER, plain('postgres://db/a'), 'Service')).toEqual(shared(path('Other')));
    expect(judge(SCHEMA_OWNER, plain('postgres://db/b'), 'Service')).toBe('compliant');
  });

  test('of which one runs nothing', () => {
    const atRest = (count: unknown, more?: object) => two({ Ref: 'DatabaseUrl' }, resources => {
      resources.Other.Properties.DesiredCount = count;
      Object.assign(resources, more);
    });
    expect(judge(SCHEMA_OWNER, atRest(0), 'Service')).toBe('compliant');
    expect(judge(SCHEMA_OWNER, atRest(1), 'Service')).toEqual(shared(path('Other')));
    expect(judge(SCHEMA_OWNER, atRest({ Ref: 'Parameter' }), 'Service')).toEqual(shared(path('Other')));
    const scaling = {
      Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
      Properties: { ResourceId: 'service/agents/flue-others', MinCapacity: 0, MaxCapacity: 1, ScalableDimension: 'ecs:service:DesiredCount', ServiceNamespace: 'ecs' },
    };
    expect(judge(SCHEMA_OWNER, atRest(0, { Scaling: scaling }), 'Service')).toEqual(shared(path('Other')));
  });

  test('of which one is no Flue server', () => {
    const worker = two({ Ref: 'DatabaseUrl' }, ({ OtherDefinition }) => {
      const [container] = OtherDefinition.Properties.ContainerDefinitions;
      Object.assign(container, { Image: 'ghcr.io/acme/reports:1', Environment: [] });
    });
    expect(judge(SCHEMA_OWNER, worker, 'Service')).toBe('compliant');
    expect(judge(SCHEMA_OWNER, worker, 'Other')).toBe('out of scope');
  });

  test('of one task definition', () => {
    const template = two('', ({ Other }) => { Other.Properties.TaskDefinition = { Ref: 'TaskDefinition' }; });
    expect(judge(SCHEMA_OWNER, template, 'Service')).toEqual(shared(path('Other')));
  });

  test('name three others at most', () => {
    const template = two({ Ref: 'DatabaseUrl' }, resources => {
      for (const id of ['Third', 'Fourth', 'Fifth']) {
        resources[id] = copyOf(resources.Other);
      }
    });
    expect(judge(SCHEMA_OWNER, template, 'Service')).toEqual(shared(path('Fifth'), path('Fourth'), path('Other'), '1 more'));
  });
});

describe('two services whose connection string has another name', () => {
  const also = (name: string) => [`${name} is also that of ${path('Other')}: several servers work on one schema`];
  type Variables = { readonly [name: string]: unknown };
  /** A text that stands for a reference is a secret; what begins with `=` is plain. */
  const told = (first: Variables, second: Variables) => two('', ({ TaskDefinition, OtherDefinition, DatabaseUrl }) => [TaskDefinition, OtherDefinition].forEach((definition, index) => {
    DatabaseUrl.Properties = { SecretString: { 'Fn::Join': ['', ['postgresql://flue:', { Ref: 'Parameter' }, '@db.example.com/flue?sslmode=verify-full']] } };
    const [container] = definition.Properties.ContainerDefinitions;
    container.Secrets = container.Secrets.filter(({ Name }: any) => Name !== 'DATABASE_URL');
    for (const [Name, value] of Object.entries(index === 0 ? first : second)) {
      typeof value === 'string' && value.startsWith('=') ? container.Environment.push({ Name, Value: value.slice(1) }) : container.Secrets.push({ Name, ValueFrom: value });
    }
  }));
  const secret = { Ref: 'DatabaseUrl' };
  const field = (name: string, of: string = 'DatabaseUrl') => ({ 'Fn::Join': ['', [{ Ref: of }, `:${name}::`]] });
  const parts = (more: Variables = {}): Variables => ({ PGHOST: '=db.example.com', PGUSER: '=flue', PGPASSWORD: field('password'), ...more });

  test.each<[what: string, name: string, first: Variables, second: Variables]>([
    ['the same name', 'POSTGRES_URL', { POSTGRES_URL: secret }, { POSTGRES_URL: secret }],
    ['a name each', 'DATABASE_URL', { DATABASE_URL: secret }, { PG_CONNECTION_STRING: secret }],
    ['a name that says nothing, and a secret of the template', 'STATE', { STATE: secret }, { DATABASE_URL: secret }],
    ['a field that says so', 'POSTGRES_URL', { POSTGRES_URL: field('url') }, { DATABASE_URI: field('url') }],
    ['the same plain text', 'DB_DSN', { DB_DSN: '=postgres://db/a' }, { ELSEWHERE: '=postgres://db/a' }],
    ['the parts of one', 'PGHOST', parts(), parts()],
    ['the parts by other names', 'PGHOST', parts(), { POSTGRES_HOST: '=db.example.com', POSTGRES_USERNAME: '=flue', POSTGRES_PASSWORD: field('password') }],
    ['the parts of one in fields', 'PGHOST', { PGHOST: field('host'), PGPASSWORD: field('password'), PGDATABASE: field('dbname') }, { PGHOST: field('host'), PGPASSWORD: field('pw'), PGDATABASE: field('dbname') }],
    ['the parts without a password', 'PGHOST', { PGHOST: '=db', PGUSER: '=flue' }, { PGUSER: '=flue', PGHOST: '=db' }],
  ])('%s', (_, name, first, second) => {
    expect(judge(SCHEMA_OWNER, told(first, second), 'Service')).toEqual(also(name));
  });

  test.each<[what: string, first: Variables, second: Variables]>([
    ['another secret', { POSTGRES_URL: secret }, { POSTGRES_URL: { Ref: 'Parameter' } }],
    ['that of another server beside its own', { DATABASE_URL: KEY, POSTGRES_URL: secret }, { DATABASE_URL: secret }],
    ['a name that is a part of a longer one', { ANALYTICS_DATABASE_URL: `${KEY}x` }, { ANALYTICS_DATABASE_URL: `${KEY}x` }],
    ['a key of a provider', { ANTHROPIC_API_KEY: KEY }, { ANTHROPIC_API_KEY: KEY }],
    ['another database', parts({ PGDATABASE: '=a' }), parts({ PGDATABASE: '=b' })],
    ['another schema', parts({ PGOPTIONS: '=-c search_path=a' }), parts({ PGOPTIONS: '=-c search_path=b' })],
    ['another role', parts(), parts({ PGPASSWORD: field('password', 'Parameter') })],
    ['another user without a password', { PGHOST: '=db', PGUSER: '=a' }, { PGHOST: '=db', PGUSER: '=b' }],
  ])('is apart with %s', (_, first, second) => {
    expect(judge(SCHEMA_OWNER, told(first, second), 'Service')).toMatch(/^(compliant|not applicable)$/);
  });
});

test('one service is alone, however many tasks it has', () => {
  expect(judge(SCHEMA_OWNER, fargate(), 'Service')).toBe('compliant');
  expect(judge(SCHEMA_OWNER, changed(fargate(), ({ Service }) => { Service.Properties.DesiredCount = 3; }), 'Service')).toBe('compliant');
});

describe('what starts a task beside its service', () => {
  const definition = { Ref: 'TaskDefinition' };
  const role = 'arn:aws:iam::111111111111:role/launcher';
  const LAUNCHERS: [string, any][] = [
    ['a rule', { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'rate(1 hour)', Targets: [{ Id: 'a', Arn: 'c', EcsParameters: { TaskDefinitionArn: definition } }] } }],
    ['a schedule', { Type: 'AWS::Scheduler::Schedule', Properties: { FlexibleTimeWindow: { Mode: 'OFF' }, ScheduleExpression: 'rate(1 hour)', Target: { Arn: 'c', RoleArn: role, EcsParameters: { TaskDefinitionArn: definition } } } }],
    ['a pipe', { Type: 'AWS::Pipes::Pipe', Properties: { RoleArn: role, Source: 'arn:a', Target: 'arn:b', TargetParameters: { EcsTaskParameters: { TaskDefinitionArn: definition } } } }],
    ['a state machine that is no text', {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: { RoleArn: role, Definition: { StartAt: 'A', States: { A: { Type: 'Task', Resource: 'arn:aws:states:::ecs:runTask.sync', Parameters: { TaskDefinition: definition }, End: true } } } },
    }],
    ['a state machine', {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: { RoleArn: role, DefinitionString: { 'Fn::Sub': '{"Resource":"arn:aws:states:::ecs:runTask.sync","Parameters":{"TaskDefinition":"${TaskDefinition}"}}' } },
    }],
  ];

  test.each(LAUNCHERS)('%s', (_, launcher) => {
    const template = changed(fargate(), resources => { resources.Launcher = launcher; });
    expect(judge(SCHEMA_OWNER, template, 'Launcher')).toEqual(shared(path('Service')));
    expect(judge(SCHEMA_OWNER, template, 'Service')).toEqual(shared(path('Launcher')));
  });

  test('is another owner without any service, if it does so twice', () => {
    const [, rule] = LAUNCHERS[0];
    const template = changed(fargate(), resources => {
      for (const id of Object.keys(resources).filter(key => !/^(TaskDefinition|DatabaseUrl|Logs)$/.test(key))) {
        delete resources[id];
      }
      resources.Launcher = copyOf(rule);
      resources.Launcher.Properties.Targets.push({ ...rule.Properties.Targets[0], Id: 'b' });
    });
    expect(judge(SCHEMA_OWNER, template, 'Launcher')).toEqual(shared('1 more of its own tasks'));
  });

  test.each<[string, (properties: any) => void]>([
    ['runs another command', properties => { properties.Targets[0].Input = '{"containerOverrides":[{"name":"server","command":["node","migrate.js"]}]}'; }],
    ['is switched off', properties => { properties.State = 'DISABLED'; }],
    ['starts something else', properties => { properties.Targets[0].EcsParameters.TaskDefinitionArn = 'arn:aws:ecs:eu-west-1:111111111111:task-definition/other:1'; }],
  ])('is none if it %s', (_, change) => {
    const template = changed(fargate(), resources => {
      resources.Launcher = copyOf(LAUNCHERS[0][1]);
      change(resources.Launcher.Properties);
    });
    expect(judge(SCHEMA_OWNER, template, 'Service')).toBe('compliant');
  });

  test.each<[string, (stack: Stack, cluster: ecs.ICluster, taskDefinition: ecs.FargateTaskDefinition) => void]>([
    ['a rule of EventBridge', (stack, cluster, taskDefinition) => {
      new Rule(stack, 'Launcher', { schedule: Schedule.rate(Duration.hours(1)), targets: [new EcsTask({ cluster, taskDefinition, subnetSelection: PUBLIC })] });
    }],
    ['a schedule', (stack, cluster, taskDefinition) => {
      new scheduler.Schedule(stack, 'Launcher', { schedule: scheduler.ScheduleExpression.rate(Duration.hours(1)), target: new EcsRunFargateTask(cluster, { taskDefinition, vpcSubnets: PUBLIC, assignPublicIp: true }) });
    }],
  ])('is found in the app of a service: %s', (_, launch) => {
    const found = (launches: boolean) => {
      const app = new App();
      const stack = new Stack(app, 'Stack');
      const agents = new FlueFargateService(stack, 'Agents', { image: imageOf(stack, { caBundlePath: '/ca.pem' }), database: databaseOf(stack) });
      if (launches) {
        launch(stack, agents.cluster, agents.taskDefinition as ecs.FargateTaskDefinition);
      }
      // what comes by itself is no second owner
      agents.addSchedule('Nightly', { schedule: scheduler.ScheduleExpression.rate(Duration.hours(1)), target: FlueEventTarget.agent('assistant', { message: 'Go.' }) });
      const { violations } = new FlueChecks(app).validateScope(app);
      return violations.filter(({ ruleName }) => ruleName === 'Flue-SchemaOwner').flatMap(({ violatingResources }) => violatingResources.map(({ constructPath }) => constructPath));
    };
    expect(found(true)).toEqual(expect.arrayContaining(['Stack/Launcher/Resource', expect.stringMatching(/^Stack\/Agents\/.*Service/)]));
    expect(found(false)).toEqual([]);
  });

  test('is out of scope if it starts no Flue server', () => {
    const template = changed(fargate(), resources => {
      resources.Launcher = { Type: 'AWS::Events::Rule', Properties: { Targets: [{ Id: 'a', Arn: 'arn:aws:sqs:eu-west-1:111111111111:queue' }] } };
    });
    expect(judge(SCHEMA_OWNER, template, 'Launcher')).toBe('out of scope');
  });
});

describe('a box', () => {
  const withBox = (line: unknown) => changed(fargate(), resources => {
    resources.Box = {
      Type: 'AWS::EC2::Instance',
      Properties: { UserData: { 'Fn::Base64': { 'Fn::Sub': `#!/bin/bash\n${String(line)}\ndocker run --env DATABASE_URL ghcr.io/acme/flue-agents:1\n` } } },
    };
  });

  test.each([
    'export DATABASE_URL=$(aws secretsmanager get-secret-value --secret-id ${DatabaseUrl} --query SecretString --output text)',
    '{ "DATABASE_URL": "${DatabaseUrl}" }',
    '{ "POSTGRES_URL": "${DatabaseUrl}" }',
  ])('reads the secret of a service: %s', line => {
    expect(judge(SCHEMA_OWNER, withBox(line), 'Box')).toEqual([shared(path('Service'))[0].replace('DATABASE_URL', /[A-Z]+_URL/.exec(line)![0])]);
    expect(judge(SCHEMA_OWNER, withBox(line), 'Service')).toEqual(shared(path('Box')));
  });

  test.each([
    'export DATABASE_URL=$(aws secretsmanager get-secret-value --secret-id ${DatabaseUrl} --query SecretString --output text | jq -r .other)',
    'export DATABASE_URL=$(fetch ${DatabaseUrl} ${Logs})',
    '{ "DATABASE_URL": "${DatabaseUrl}:other::" }',
    '# DATABASE_URL comes from ${DatabaseUrl}',
    'export OTHER_URL=${DatabaseUrl}',
  ])('may read another: %s', line => {
    expect(judge(SCHEMA_OWNER, withBox(line), 'Service')).toBe('compliant');
  });

});

test('an Express service is an owner', () => {
  const second = (url: string) => changed(express(), resources => {
    resources.Second = copyOf(resources.Express);
    resources.Second.Properties.PrimaryContainer.Secrets[0].ValueFrom = url;
  });
  expect(judge(SCHEMA_OWNER, second('arn:aws:secretsmanager:eu-west-1:111111111111:secret:url-AbCdEf'), 'Express')).toEqual(shared(path('Second')));
  expect(judge(SCHEMA_OWNER, second('arn:aws:secretsmanager:eu-west-1:111111111111:secret:other-AbCdEf'), 'Express')).toBe('compliant');
});

describe('across the app', () => {
  const env = { account: '111111111111', region: 'eu-west-1' };
  function service(scope: Stack, url: ecs.Secret, id = 'Agents'): CfnResource {
    const definition = new ecs.FargateTaskDefinition(scope, `${id}Task`);
    definition.addContainer('server', { image: ecs.ContainerImage.fromRegistry('ghcr.io/acme/flue-agents:1'), secrets: { DATABASE_URL: url } });
    return new ecs.CfnService(scope, id, { cluster: 'c', taskDefinition: definition.taskDefinitionArn });
  }

  test('a secret of another stack is the same secret', () => {
    const app = new App();
    const data = new Stack(app, 'Data');
    const secret = new Secret(data, 'Url');
    const [one, other] = ['One', 'Other'].map(id => service(new Stack(app, id), ecs.Secret.fromSecretsManager(secret)));
    expect(verdictOn(SCHEMA_OWNER, one)).toEqual(shared(other.node.path));
  });

  test('a secret of the stack above is the same in a nested one', () => {
    const stack = new Stack(new App(), 'Stack');
    const secret = new Secret(stack, 'Url');
    const one = service(stack, ecs.Secret.fromSecretsManager(secret));
    const other = service(new NestedStack(stack, 'Nested'), ecs.Secret.fromSecretsManager(secret));
    expect(verdictOn(SCHEMA_OWNER, one)).toEqual(shared(other.node.path));
    expect(verdictOn(SCHEMA_OWNER, other)).toEqual(shared(one.node.path));
  });

  test.each<[string, StackProps, StackProps, boolean]>([
    ['one account and region', { env }, { env }, true],
    ['two regions', { env }, { env: { ...env, region: 'us-east-1' } }, false],
    ['accounts that only the deployment knows', {}, {}, false],
  ])('a secret and a parameter by name, in %s', (_, first, second, same) => {
    const secrets = [
      (stack: Stack) => ecs.Secret.fromSecretsManager(Secret.fromSecretNameV2(stack, 'Url', 'neon'), 'url'),
      (stack: Stack) => ecs.Secret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(stack, 'Url', { parameterName: '/url' })),
    ];
    for (const secret of secrets) {
      const app = new App();
      const [one, other] = [first, second].map((props, index) => {
        const stack = new Stack(app, `Stack${index}`, props);
        return service(stack, secret(stack));
      });
      expect(verdictOn(SCHEMA_OWNER, one)).toEqual(same ? shared(other.node.path) : 'compliant');
    }
  });

  const ARN = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:';
  type Reference = (stack: Stack, id: string) => ecs.Secret;
  const complete = (end: string, field?: string): Reference => (stack, id) =>
    ecs.Secret.fromSecretsManager(Secret.fromSecretCompleteArn(stack, id, ARN + end), field);
  const partial = (name: string): Reference => (stack, id) => ecs.Secret.fromSecretsManager(Secret.fromSecretPartialArn(stack, id, ARN + name));
  const byName = (name: string, field?: string): Reference => (stack, id) =>
    ecs.Secret.fromSecretsManager(Secret.fromSecretNameV2(stack, id, name), field);
  const made = (secretName?: string): Reference => (stack, id) => ecs.Secret.fromSecretsManager(new Secret(stack, id, { secretName }));
  const parameter = (parameterName: string): Reference => (stack, id) =>
    ecs.Secret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(stack, id, { parameterName }));
  const madeParameter = (parameterName?: string): Reference => (stack, id) =>
    ecs.Secret.fromSsmParameter(new StringParameter(stack, id, { parameterName, stringValue: 'later' }));
  const bare = (arn: string): Reference => (stack, id) => {
    const secret = parameter('/flue/url')(stack, id);
    return { ...secret, arn, grantRead: grantee => secret.grantRead(grantee) };
  };

  /** Two services in one stack, each of which has a reference of its own. */
  function verdictOnTwo(first: Reference, second: Reference, props: StackProps = { env }) {
    const stack = new Stack(new App(), 'Stack', props);
    const [one] = [first, second].map((reference, index) => service(stack, reference(stack, `Url${index}`), `Agents${index}`));
    return verdictOn(SCHEMA_OWNER, one);
  }

  test.each<[what: string, first: Reference, second: Reference]>([
    ['its complete and its partial ARN', complete('url-AbCdEf'), partial('url')],
    ['its partial ARN and its name', partial('flue/url'), byName('flue/url')],
    ['its name and its complete ARN, a field each', byName('url', 'uri'), complete('url-AbCdEf', 'uri')],
    ['itself and its name', made('url'), byName('url')],
    ['itself and its complete ARN', made('url'), complete('url-AbCdEf')],
    ['the version that ECS takes anyhow', bare(`${ARN}url-AbCdEf:uri:AWSCURRENT:`), complete('url-AbCdEf', 'uri')],
    ['the name and the ARN of a parameter', parameter('/flue/url'), bare('arn:aws:ssm:eu-west-1:111111111111:parameter/flue/url')],
    ['a parameter without a slash', parameter('url'), bare('arn:aws:ssm:eu-west-1:111111111111:parameter/url')],
    ['the name of a parameter in the place of its ARN', parameter('/flue/url'), bare('/flue/url')],
    ['a parameter itself and its name', madeParameter('/flue/url'), parameter('/flue/url')],
  ])('one entry by %s', (_, first, second) => {
    expect(verdictOnTwo(first, second)).toEqual(shared('Stack/Agents1'));
    expect(verdictOnTwo(second, first)).toEqual(shared('Stack/Agents1'));
  });

  test('one entry by its name, where only the deployment knows account and region', () => {
    expect(verdictOnTwo(made('url'), byName('url'), {})).toEqual(shared('Stack/Agents1'));
    expect(verdictOnTwo(byName('url'), complete('url-AbCdEf'), {})).toBe('compliant');
  });

  test.each<[what: string, first: Reference, second: Reference]>([
    ['by names', byName('url'), byName('url2')],
    ['of which the name of one begins that of the other', partial('flue'), partial('flue-orders')],
    ['that differ in a word of six letters', bare(`${ARN}flue-orders`), bare(`${ARN}flue-people`)],
    ['by complete ARNs', complete('url-AbCdEf'), complete('other-AbCdEf')],
    ['in another region', byName('url'), bare('arn:aws:secretsmanager:eu-west-2:111111111111:secret:url-AbCdEf')],
    ['in another account', byName('url'), bare('arn:aws:secretsmanager:eu-west-1:222222222222:secret:url-AbCdEf')],
    ['of which one is a field', byName('url', 'uri'), complete('url-AbCdEf')],
    ['of which one is an earlier version', bare(`${ARN}url-AbCdEf:uri:AWSPREVIOUS:`), complete('url-AbCdEf', 'uri')],
    ['without names', made(), made()],
    ['of two stores', byName('url'), parameter('url')],
    ['that are parameters', madeParameter(), madeParameter()],
    ['that are parameters by name', parameter('/flue/url'), parameter('/flue/url2')],
  ])('two entries %s', (_, first, second) => {
    expect(verdictOnTwo(first, second)).toBe('compliant');
  });

  test('a secret that is attached to its database is the same secret', () => {
    const attached = changed(two({ Ref: 'Attachment' }), resources => {
      resources.Attachment = { Type: 'AWS::SecretsManager::SecretTargetAttachment', Properties: { SecretId: { Ref: 'DatabaseUrl' }, TargetId: 'db', TargetType: 'AWS::RDS::DBInstance' } };
    });
    expect(judge(SCHEMA_OWNER, attached, 'Service')).toEqual(shared(path('Other')));
  });

  test.each<[what: string, first: Reference, second: Reference, same: boolean]>([
    ['the name and the ARN of one secret', byName('url'), complete('url-AbCdEf'), true],
    ['the names of two secrets', byName('url'), byName('url2'), false],
    ['the name of one parameter', parameter('/flue/url'), parameter('/flue/url'), true],
  ])('two boxes by %s', (_, first, second, same) => {
    const stack = new Stack(new App(), 'Stack', { env });
    [first, second].forEach((reference, index) => {
      const image = imageOf(new Stack(stack, `Image${index}`), { caBundlePath: '/ca.pem' });
      new FlueEc2Service(stack, `Box${index}`, { image, secrets: { DATABASE_URL: reference(stack, `Url${index}`) } });
    });
    const { violations } = new FlueChecks(stack.node.root).validateScope(stack.node.root);
    expect(violations.filter(({ ruleName }) => ruleName === 'Flue-SchemaOwner')).toHaveLength(same ? 2 : 0);
  });

  test('a parameter of one template is not that of another', () => {
    const template = changed(fargate(), ({ TaskDefinition }) => { urlIn(TaskDefinition).ValueFrom = { Ref: 'Parameter' }; });
    const app = new App();
    const [one] = ['One', 'Two'].map(id => include(template, new Stack(app, id)));
    expect(verdictOn(SCHEMA_OWNER, one.getResource('Service'))).toBe('compliant');
  });
});

describe('our constructs', () => {
  type Services = (stack: Stack, database: FlueDatabase) => unknown;
  const imageFor = (stack: Stack, id: string) => imageOf(new Stack(stack, `${id}Image`), { caBundlePath: '/ca.pem' });
  const fargateOn = (stack: Stack, id: string, database: IFlueDatabase) =>
    new FlueFargateService(stack, id, { image: imageFor(stack, id), database });

  function synthesize(services: Services, checks: boolean, prepare: (app: App) => void = () => undefined) {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    if (checks) {
      Validations.of(app).addPlugins(new FlueChecks(app));
    }
    services(stack, new FlueDatabase(stack, 'Database', { vpc: new FlueNetwork(stack, 'Network').vpc }));
    prepare(app);
    jest.spyOn(console, 'error').mockImplementation();
    let messages: readonly SynthesisMessage[] = [];
    try {
      messages = app.synth().getStackByName('Stack').messages;
    } catch (error) {
      // FlueChecks found something, and the errors below are it
      expect(String(error)).toContain('Flue-SchemaOwner');
    }
    const warned = messages.filter(({ entry }) => /SchemaOwner\.shared/.test(String(entry.data))).map(({ id }) => id.slice(1));
    const errors = new FlueChecks(app).validateScope(app).violations.filter(({ ruleName }) => ruleName === 'Flue-SchemaOwner');
    return { warned, errors: errors.flatMap(({ violatingResources }) => violatingResources.map(({ constructPath }) => constructPath)) };
  }

  const sharing: Services = (stack, database) => {
    fargateOn(stack, 'One', database);
    new FlueExpressService(stack, 'Two', { image: imageFor(stack, 'Two'), database });
    new FlueEc2Service(stack, 'Three', { image: imageFor(stack, 'Three'), database });
  };
  const apart: Services = (stack, database) => {
    fargateOn(stack, 'One', database);
    new FlueExpressService(stack, 'Two', { image: imageFor(stack, 'Two'), database: database.addSchema('Two') });
    new FlueEc2Service(stack, 'Three', { image: imageFor(stack, 'Three'), database: database.addSchema('Three') });
  };

  test('that share a database warn, each with the others', () => {
    expect(synthesize(sharing, false).warned).toEqual(['Stack/One', 'Stack/Two', 'Stack/Three']);
  });

  test('that share a database are errors of FlueChecks, and of nothing else', () => {
    const { warned, errors } = synthesize(sharing, true);
    expect(warned).toEqual([]);
    expect(errors).toEqual(['Stack/One/Service/Service', 'Stack/Two/Service', 'Stack/Three/Group/ASG']);
  });

  test.each([false, true])('with a schema each are quiet, FlueChecks: %s', checks => {
    expect(synthesize(apart, checks)).toEqual({ warned: [], errors: [] });
  });

  test.each([false, true])('that set a schema themselves are quiet once that is said, FlueChecks: %s', checks => {
    const say = (app: App) => Validations.of(app).acknowledge({ id: 'Flue-SchemaOwner', reason: 'Each sets its own schema.' });
    const acknowledged = synthesize(sharing, checks, say);
    expect(acknowledged.warned).toEqual([]);
  });

  test('count a service that is written by hand', () => {
    const { warned } = synthesize((stack, database) => {
      fargateOn(stack, 'One', database);
      const definition = new ecs.FargateTaskDefinition(stack, 'Task');
      const image = ecs.ContainerImage.fromRegistry('ghcr.io/acme/flue-agents:1');
      definition.addContainer('server', { image, secrets: { DATABASE_URL: database.url } });
      new ecs.CfnService(stack, 'ByHand', { cluster: 'c', taskDefinition: definition.taskDefinitionArn });
    }, false);
    expect(warned).toEqual(['Stack/One']);
  });

  /** A service beside ours whose image says nothing of Flue. */
  const beside = (stack: Stack, secrets: Record<string, ecs.Secret>, desiredCount = 1) => {
    const definition = new ecs.FargateTaskDefinition(stack, 'Task');
    definition.addContainer('worker', { image: ecs.ContainerImage.fromRegistry('ghcr.io/acme/worker:1'), secrets });
    new ecs.CfnService(stack, 'Worker', { cluster: 'c', taskDefinition: definition.taskDefinitionArn, desiredCount });
  };

  test.each([false, true])('count what else reads the connection string of a FlueDatabase, FlueChecks: %s', checks => {
    const { warned, errors } = synthesize((stack, database) => {
      const schema = database.addSchema('Support');
      fargateOn(stack, 'One', schema);
      beside(stack, { DATABASE_URL: schema.url });
    }, checks);
    expect(warned).toEqual(checks ? [] : ['Stack/One']);
    expect(errors).toEqual(['Stack/One/Service/Service']);
  });

  test.each<[what: string, services: Services]>([
    ['reads its password only', (stack, database) => {
      fargateOn(stack, 'One', database);
      beside(stack, { DB_SECRET: ecs.Secret.fromSecretsManager(database.secret) });
    }],
    ['runs nothing', (stack, database) => {
      fargateOn(stack, 'One', database);
      beside(stack, { DATABASE_URL: database.url }, 0);
    }],
    ['reads a database that is not ours alone', stack => {
      const database = databaseOf(new Stack(stack, 'Elsewhere'));
      fargateOn(stack, 'One', database);
      beside(stack, { DATABASE_URL: database.url });
    }],
  ])('do not count a service that %s', (_, services) => {
    expect(synthesize(services, false)).toEqual({ warned: [], errors: [] });
  });

  test('that share a connection string under names of their own warn', () => {
    const { warned } = synthesize((stack, database) => {
      new FlueFargateService(stack, 'One', { image: imageFor(stack, 'One'), secrets: { POSTGRES_URL: database.url } });
      new FlueEc2Service(stack, 'Two', { image: imageFor(stack, 'Two'), secrets: { PG_URL: database.url } });
    }, false);
    expect(warned).toEqual(['Stack/One', 'Stack/Two']);
  });

  test('of a fleet that has no database of its own warn too', () => {
    const { warned } = synthesize((stack, database) => {
      new FlueShardedService(stack, 'Agents', { image: imageFor(stack, 'Agents'), shards: 2, secrets: { POSTGRES_URL: database.url } });
    }, false);
    expect(warned).toEqual(['Stack/Agents/Shard0', 'Stack/Agents/Shard1']);
  });

  test('of two stages do not see each other', () => {
    const app = new App();
    const stacks = ['Dev', 'Prod'].map(id => {
      const stack = new Stack(new Stage(app, id), 'Stack');
      fargateOn(stack, 'One', databaseOf(stack));
      return stack;
    });
    stacks.forEach(stack => Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('SchemaOwner')));
  });

  test('find a sibling that was added after the first synthesis', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const database = databaseOf(stack);
    fargateOn(stack, 'One', database);
    app.synth();
    fargateOn(stack, 'Two', database);
    const messages = app.synth({ force: true }).getStackByName('Stack').messages.filter(({ entry }) => /SchemaOwner\.shared/.test(String(entry.data)));
    expect(messages.map(({ id }) => id)).toEqual(['/Stack/One', '/Stack/Two']);
    expect(WARNINGS.sharedSchema.id).toBe('cdk-flue:SchemaOwner.shared');
  });
});
