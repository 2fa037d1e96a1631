import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { pool, serverImage } from './support';
import { FlueFargateService } from '../../src';
import { reaperDefinition } from '../../src/sandboxes/reaper';

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Choices?: { readonly Next: string }[];
  readonly Catch?: { readonly Next: string }[];
  readonly ItemProcessor?: Machine;
}
interface Machine {
  readonly StartAt: string;
  readonly States: { readonly [name: string]: State };
}

const machine = reaperDefinition({ pool: 'Pool', clusterArn: 'arn:cluster', clusterName: 'cluster', family: 'sandbox', maxLifetimeSeconds: 3600 }) as Machine;

const machinesIn = (one: Machine): Machine[] => [
  one, ...Object.values(one.States).flatMap(({ ItemProcessor }) => ItemProcessor ? machinesIn(ItemProcessor) : []),
];

test('every state is reached, leads to one that exists, and has an end', () => {
  const machines = machinesIn(machine);
  expect(machines).toHaveLength(3);
  for (const { StartAt, States } of machines) {
    const led = Object.values(States).flatMap(({ Next, Default, Choices = [], Catch = [] }) =>
      [Next, Default, ...[...Choices, ...Catch].map(one => one.Next)]);
    expect([...new Set([StartAt, ...led.filter(name => name !== undefined)])].sort()).toEqual(Object.keys(States).sort());
    expect(Object.values(States).filter(({ Type, Next, End }) => Type !== 'Choice' && (Next === undefined) !== (End === true))).toEqual([]);
  }
});

test('it lists before it looks at owners, and does nothing but what its role allows', () => {
  const called = machinesIn(machine).flatMap(({ States }) => Object.values(States)).flatMap(({ Resource }) => Resource ?? []);
  expect([...new Set(called)].sort()).toEqual([
    'arn:aws:states:::aws-sdk:cloudwatch:putMetricData', 'arn:aws:states:::aws-sdk:ec2:describeInstances', 'arn:aws:states:::aws-sdk:ecs:describeTasks',
    'arn:aws:states:::aws-sdk:ecs:listTasks', 'arn:aws:states:::aws-sdk:ecs:stopTask',
  ]);
  expect(called[0]).toMatch(/listTasks$/);
});

test('a sandbox has two minutes to end by itself after its time', () => {
  expect(JSON.stringify(machine)).toContain(`$millis() - ${(3600 + 120) * 1000};`);
});

/** The statements of the role of the state machine. */
function statements(stack: Stack): { Action: string; Resource: unknown; Condition?: unknown }[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(({ Properties }) => /ecs:ListTasks/.test(JSON.stringify(Properties)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

test('its role stops sandboxes of the pool alone, and writes one namespace', () => {
  const { stack, sandboxes } = pool();
  const cluster = stack.resolve(sandboxes.cluster.clusterArn);
  const of = (action: string) => statements(stack).filter(({ Action }) => Action === action);
  expect(of('ecs:StopTask')).toMatchObject([{
    Condition: { ArnEquals: { 'ecs:cluster': cluster }, StringEquals: { 'aws:ResourceTag/cdk-flue:sandbox': sandboxes.poolName } },
  }]);
  expect(JSON.stringify(of('ecs:StopTask')[0].Resource)).toMatch(/:task\/.*\/\*"/);
  expect(of('ecs:ListTasks')).toMatchObject([{ Condition: { ArnEquals: { 'ecs:cluster': cluster } } }]);
  expect(of('cloudwatch:PutMetricData')).toMatchObject([{ Condition: { StringEquals: { 'cloudwatch:namespace': 'CdkFlue/Sandboxes' } } }]);
  expect(statements(stack).map(({ Action }) => Action).flat().filter(action => /^(ecs|ec2|iam):/.test(action)).sort())
    .toEqual(['ec2:DescribeInstances', 'ecs:DescribeTasks', 'ecs:ListTasks', 'ecs:StopTask']);
});

test('it looks every five minutes, and ends before the next time', () => {
  const template = Template.fromStack(pool().stack);
  template.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(5 minutes)' });
  template.hasResourceProperties('AWS::StepFunctions::StateMachine', { StateMachineType: 'EXPRESS' });
  const [{ Properties }] = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
  expect(JSON.stringify(Properties.DefinitionString)).toContain('\\"QueryLanguage\\":\\"JSONata\\"');
});

test('an operator lists and ends the sandboxes of a pool that the server has', () => {
  const { stack, vpc, sandboxes } = pool();
  const agents = new FlueFargateService(stack, 'Agents', { image: serverImage(stack), vpc });
  agents.addSandboxes(sandboxes);
  const { listSandboxes, endSandboxes } = agents.addOperatorCommands();
  const family = sandboxes.taskDefinition.family;
  for (const command of [listSandboxes!, endSandboxes!]) {
    expect(command).toContain(`ecs list-tasks --region eu-west-1 --cluster ${sandboxes.cluster.clusterName} --family ${family} --desired-status RUNNING`);
  }
  expect(listSandboxes).toContain('ecs describe-tasks --region eu-west-1');
  expect(endSandboxes).toMatch(/xargs -r -n 1 aws ecs stop-task .* --task$/);
  expect(Object.keys(Template.fromStack(stack).findOutputs('*')).filter(id => /Sandboxes/.test(id))).toHaveLength(2);

  const other = pool();
  expect(new FlueFargateService(other.stack, 'Agents', { image: serverImage(other.stack), vpc: other.vpc }).addOperatorCommands().listSandboxes).toBeUndefined();
});
