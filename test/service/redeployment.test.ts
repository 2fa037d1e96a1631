import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { FlueDatabase, FlueEc2Service, FlueExpressService, FlueFargateService, FlueImage, FlueModel, FlueNetwork, FlueShardedService, type FlueFargateServiceProps } from '../../src';
import { newStack } from '../database/helpers';

const MACHINE = 'AWS::StepFunctions::StateMachine';
const SCHEDULE = 'AWS::Scheduler::Schedule';

function parts(stack: Stack) {
  return { image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { caBundlePath: '/ca.pem' }), vpc: new FlueNetwork(stack, 'Network').vpc };
}

function fargate(props: (stack: Stack) => Partial<FlueFargateServiceProps>): { service: FlueFargateService; template: Template } {
  const stack = newStack();
  const service = new FlueFargateService(stack, 'Agents', { ...parts(stack), ...props(stack) });
  return { service, template: Template.fromStack(stack) };
}

const named = (stack: Stack, name: string) => EcsSecret.fromSecretsManager(Secret.fromSecretNameV2(stack, name, name), 'field');
const rotating = (stack: Stack, vpc = new FlueNetwork(stack, 'Data').vpc) => new FlueDatabase(stack, 'Database', { vpc, rotation: {} });

/** What the role of the state machine may do, but for the logs that Step Functions writes. */
function allowed(template: Template): { actions: string[]; resources: string }[] {
  const [policy] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => /StateMachineRoleDefaultPolicy/.test(id)).map(([, it]) => it);
  return policy.Properties.PolicyDocument.Statement.map(({ Action, Resource }: { Action: string | string[]; Resource: unknown }) => ({
    actions: [Action].flat(), resources: JSON.stringify(Resource),
  })).filter(({ actions }: { actions: string[] }) => !actions[0]!.startsWith('logs:'));
}

test('nothing is watched by itself', () => {
  const { service, template } = fargate(stack => ({ secrets: { KEY: named(stack, 'key') } }));
  template.resourceCountIs(MACHINE, 0);
  template.resourceCountIs(SCHEDULE, 0);
  expect(service.redeployment).toBeUndefined();
});

describe('a login that rotates', () => {
  test('is watched by itself, every 15 minutes, and no other secret is', () => {
    const { service, template } = fargate(stack => {
      const database = rotating(stack);
      return { vpc: database.vpc, database, secrets: { KEY: named(stack, 'key') } };
    });
    template.hasResourceProperties(SCHEDULE, { ScheduleExpression: 'rate(15 minutes)', State: 'ENABLED' });
    const secrets = allowed(template).filter(({ actions }) => actions[0]!.startsWith('secretsmanager:'));
    expect(secrets.map(({ resources }) => resources)).toEqual(Array(2).fill('{"Ref":"DatabaseUrlF879C7EE"}'));
    expect(service.redeployment).toBeDefined();
  });

  test('is made a connection string by the server, and by none whose password stays', () => {
    const optionsOf = (rotation?: object) => {
      const { template } = fargate(stack => {
        const database = new FlueDatabase(stack, 'Database', { vpc: new FlueNetwork(stack, 'Data').vpc, rotation });
        return { vpc: database.vpc, database };
      });
      const [{ Properties }] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
      const main = Properties.ContainerDefinitions.find(({ Name }: { Name: string }) => Name === 'Main');
      return main.Environment.find(({ Name }: { Name: string }) => Name === 'NODE_OPTIONS').Value as string;
    };
    expect(optionsOf({})).toContain('JSON.parse(text)');
    expect(optionsOf()).not.toContain('JSON.parse');
  });

  test('cannot be passed around the service, which has it made', () => {
    expect(() => fargate(stack => {
      const database = rotating(stack);
      return { vpc: database.vpc, secrets: { DATABASE_URL: database.url } };
    })).toThrow('`secrets` must not hold the login of a database that rotates its passwords, got: DATABASE_URL. Pass the database itself as `database`');
  });

  test('is refused on a box, which nothing would start anew', () => {
    const stack = newStack();
    const { image, vpc } = parts(stack);
    expect(() => new FlueEc2Service(stack, 'Agents', { image, vpc, database: rotating(stack, vpc) })).toThrow('`database` must keep its passwords on EC2, got: one with `rotation`');
  });
});

describe('a secret that changes', () => {
  const { template } = fargate(stack => ({
    secrets: {
      OWN: EcsSecret.fromSecretsManager(new Secret(stack, 'Own')),
      FIELD: named(stack, 'key'),
      AGAIN: named(stack, 'again'),
      COMPLETE: EcsSecret.fromSecretsManager(Secret.fromSecretCompleteArn(stack, 'Complete', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:complete-AbCdEf'), 'x'),
      PARAMETER: EcsSecret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(stack, 'Parameter', { parameterName: '/parameter' })),
    },
    model: FlueModel.anthropic(named(stack, 'model')),
    redeployOnSecretChange: { interval: Duration.minutes(5) },
  }));

  test('is looked for as often as the user says', () => {
    template.hasResourceProperties(SCHEDULE, { ScheduleExpression: 'rate(5 minutes)' });
  });

  test('is one of Secrets Manager, of the app or of the model', () => {
    const [{ resources }] = allowed(template).filter(({ actions }) => actions[0] === 'secretsmanager:describeSecret');
    expect(JSON.parse(resources)).toHaveLength(5);
    ['key-??????', 'again-??????', 'model-??????', 'secret:complete-AbCdEf"', 'OwnF'].forEach(part => expect(resources).toContain(part.replace('OwnF', '"Ref":"Own')));
    expect(resources).not.toMatch(/parameter|field|complete-AbCdEf-/);
  });

  test('lets the role do no more than look, and deploy this service', () => {
    expect(allowed(template).map(({ actions }) => actions)).toEqual([
      ['ecs:updateService'], ['ecs:describeServices'], ['secretsmanager:listSecretVersionIds'], ['secretsmanager:describeSecret'],
    ]);
    const [service] = Object.keys(template.findResources('AWS::ECS::Service'));
    allowed(template).slice(0, 2).forEach(({ resources }) => expect(resources).toBe(`{"Ref":"${service}"}`));
  });

  test('is compared without its value, which stands in no log', () => {
    template.hasResourceProperties(MACHINE, { StateMachineType: 'EXPRESS', LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false } });
    expect(JSON.stringify(template.findResources(MACHINE))).not.toMatch(/getSecretValue/i);
    template.hasResourceProperties('AWS::Logs::LogGroup', Match.objectLike({ RetentionInDays: 30 }));
  });
});

test('a service of ECS Express Mode is deployed by its ARN', () => {
  const stack = newStack();
  const service = new FlueExpressService(stack, 'Agents', { ...parts(stack), secrets: { KEY: named(stack, 'key') }, redeployOnSecretChange: {} });
  expect(service.redeployment).toBeDefined();
  expect(JSON.stringify(allowed(Template.fromStack(stack)))).toContain('ServiceArn');
});

test('the shards of a fleet are watched together, so that one is deployed at a time', () => {
  const stack = newStack();
  const { image, vpc } = parts(stack);
  const service = new FlueShardedService(stack, 'Agents', { image, vpc, shards: 2, database: rotating(stack, vpc) });
  const template = Template.fromStack(stack);
  template.resourceCountIs(MACHINE, 1);
  expect(service.redeployment).toBeDefined();
  const definition = JSON.stringify(Object.values(template.findResources(MACHINE))[0]!.Properties.DefinitionString);
  expect(definition).toContain('$not(true in $states.input.busy)');
  expect(service.services.map(({ redeployment }) => redeployment)).toEqual([undefined, undefined]);
  expect(JSON.parse(allowed(template).find(({ actions }) => actions[0] === 'ecs:updateService')!.resources)).toHaveLength(2);
});

test.each([[4, '`interval` must be 5–1440 whole minutes, got: 4 minutes'], [1441, '`interval` must be 5–1440 whole minutes, got: 1441 minutes']])('refuses an interval of %s minutes', (minutes, message) => {
  expect(() => fargate(stack => ({ secrets: { KEY: named(stack, 'key') }, redeployOnSecretChange: { interval: Duration.minutes(minutes) } }))).toThrow(message);
});

test('takes an interval of a day', () => {
  fargate(stack => ({ secrets: { KEY: named(stack, 'key') }, redeployOnSecretChange: { interval: Duration.days(1) } }))
    .template.hasResourceProperties(SCHEDULE, { ScheduleExpression: 'rate(1 day)' });
});

test('refuses to watch where no secret can be watched', () => {
  expect(() => fargate(() => ({ redeployOnSecretChange: {} }))).toThrow('`redeployOnSecretChange` must be left out without a secret of Secrets Manager, got: options');
});
