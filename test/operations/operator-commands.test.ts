import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  FlueDatabase, FlueEc2Service, FlueExpressService, FlueFargateService, type FlueOperatorCommands, type FlueService, type FlueSingleServiceProps,
} from '../../src';
import { deployed } from './commands/deployed';
import { databaseOf, imageOf, refusalOf } from '../service/support';

type Extra = (stack: Stack) => Partial<FlueSingleServiceProps>;

const fargate = (stack: Stack, extra: Extra) => new FlueFargateService(stack, 'Agents', { image: imageOf(stack), enableExecuteCommand: true, ...extra(stack) });
const withoutShell = (stack: Stack, extra: Extra) => new FlueFargateService(stack, 'Agents', { image: imageOf(stack), ...extra(stack) });
const express = (stack: Stack, extra: Extra) => new FlueExpressService(stack, 'Agents', { image: imageOf(stack), ...extra(stack) });
const box = (stack: Stack, extra: Extra) => new FlueEc2Service(stack, 'Agents', { image: imageOf(stack), ...extra(stack) });

const withDatabase: Extra = stack => ({ database: new FlueDatabase(stack, 'Database', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }) }) });
const nothing: Extra = () => ({});

function commandsOf(serve: (stack: Stack, extra: Extra) => FlueService, extra: Extra) {
  const stack = new Stack(new App(), 'Test');
  const service = serve(stack, extra);
  const commands = service.addOperatorCommands();
  const template = Template.fromStack(stack);
  const outputs = Object.values<any>(template.findOutputs('*')).map(({ Value }) => deployed(Value));
  const given = Object.entries(commands).filter(([, command]) => command !== undefined);
  const resolved: unknown = Object.fromEntries(given.map(([name, command]) => [name, deployed(stack.resolve(command))]));
  return { stack, service, template, outputs, commands: resolved as FlueOperatorCommands };
}

/** Answers of the AWS CLI to the look-ups inside a command. */
const ANSWERS = {
  'list-tasks': 'arn:aws:ecs:eu-central-1:111111111111:task/Test-Cluster-c3D4/0123abcd',
  'describe-tasks': '0123abcd-456',
  'describe-auto-scaling-groups': 'i-0a1b2c3d',
};

/** Runs a command by the shell, with an AWS CLI that writes down how it was called. */
function callsOf(command: string): string[][] {
  const directory = mkdtempSync(join(tmpdir(), 'operator-'));
  try {
    const log = join(directory, 'calls');
    const answers = Object.entries(ANSWERS).map(([operation, answer]) => `${operation}) echo ${answer} ;;`);
    writeFileSync(join(directory, 'aws'), [
      '#!/bin/sh', `for word in "$@"; do printf '%s\\n' "$word" >>'${log}'; done`, `echo >>'${log}'`, 'case "$2" in', ...answers, 'esac',
    ].join('\n'));
    chmodSync(join(directory, 'aws'), 0o755);
    execFileSync('/bin/sh', ['-c', command], { env: { PATH: `${directory}:${process.env.PATH}` } });
    return readFileSync(log, 'utf8').trimEnd().split('\n\n').map(call => call.split('\n'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const REGION = ['--region', 'eu-central-1'];
const CLUSTER = ['--cluster', 'Test-Cluster-c3D4'];
const LIST_TASKS = ['ecs', 'list-tasks', ...REGION, ...CLUSTER, '--service-name', 'Test-Service-e5F6', '--desired-status', 'RUNNING', '--query', 'taskArns[0]', '--output', 'text'];
const FORWARD = ['--document-name', 'AWS-StartPortForwardingSessionToRemoteHost', '--parameters',
  '{"host":["database.abc.eu-central-1.rds.amazonaws.com"],"portNumber":["5432"],"localPortNumber":["5432"]}'];
const FIND_BOX = ['autoscaling', 'describe-auto-scaling-groups', ...REGION, '--auto-scaling-group-names', 'Test-AgentsGroup-g7H8',
  '--query', 'AutoScalingGroups[0].Instances[?LifecycleState==\'InService\'].InstanceId | [0]', '--output', 'text'];

describe.each([['Fargate', fargate], ['Express', express], ['EC2', box]])('commands on %s', (_, serve) => {
  test('follow the logs', () => {
    expect(callsOf(commandsOf(serve, nothing).commands.tailLogs)).toEqual([['logs', 'tail', ...REGION, 'Test-AgentsLogGroup-a1B2', '--follow']]);
  });

  test('roll back to no release that nobody has chosen', () => {
    const run = spawnSync('/bin/sh', ['-c', commandsOf(serve, nothing).commands.rollBack], { encoding: 'utf8', env: { PATH: '/nowhere' } });
    expect(run).toMatchObject({ stdout: '', stderr: expect.stringContaining('REVISION: Set it to a revision that the command in the output Releases prints') });
    expect(run.status).not.toBe(0);
  });

  test('stand in one output each, with a description, and only on request', () => {
    const { template, outputs, commands } = commandsOf(serve, withDatabase);
    expect(outputs.sort()).toEqual(Object.values(commands).sort());
    for (const output of Object.values(template.findOutputs('*'))) {
      expect(output.Description).toMatch(/Flue server/);
    }
    const stack = new Stack(new App(), 'Test');
    serve(stack, nothing);
    Template.fromStack(stack).templateMatches({ Outputs: Match.absent() });
  });

  test('are added once', () => {
    const stack = new Stack(new App(), 'Test');
    const service = serve(stack, nothing);
    service.addOperatorCommands();
    expect(refusalOf(() => service.addOperatorCommands())).toBe(
      '[Test/Agents] `addOperatorCommands()` must be called once, got: a second call. Use what the first call returned, and pass all options to it',
    );
  });
});

describe.each([['Fargate', withoutShell], ['Express', express]])('commands on %s', (_, serve) => {
  test('force a deployment', () => {
    expect(callsOf(commandsOf(serve, nothing).commands.redeploy!)).toEqual([
      ['ecs', 'update-service', ...REGION, ...CLUSTER, '--service', 'Test-Service-e5F6', '--force-new-deployment'],
    ]);
  });

  test('open neither a shell nor a way to the database without ECS Exec', () => {
    expect(Object.keys(commandsOf(serve, withDatabase).commands).sort()).toEqual(['redeploy', 'releases', 'rollBack', 'status', 'tailLogs']);
  });
});

describe('commands on Fargate with ECS Exec', () => {
  test('open a shell in the running task', () => {
    expect(callsOf(commandsOf(fargate, nothing).commands.openShell!)).toEqual([
      LIST_TASKS,
      ['ecs', 'execute-command', ...REGION, ...CLUSTER, '--task', ANSWERS['list-tasks'], '--container', 'Main', '--interactive', '--command', '/bin/sh'],
    ]);
  });

  test('forward the port of the database through the task', () => {
    expect(callsOf(commandsOf(fargate, withDatabase).commands.forwardDatabase!)).toEqual([
      LIST_TASKS,
      ['ecs', 'describe-tasks', ...REGION, ...CLUSTER, '--tasks', ANSWERS['list-tasks'], '--query', 'tasks[0].containers[?name==\'Main\'].runtimeId | [0]', '--output', 'text'],
      ['ssm', 'start-session', ...REGION, '--target', 'ecs:Test-Cluster-c3D4_0123abcd_0123abcd-456', ...FORWARD],
    ]);
  });
});

describe('commands on EC2', () => {
  test('replace the box without a second one beside it', () => {
    expect(callsOf(commandsOf(box, nothing).commands.redeploy!)).toEqual([
      ['autoscaling', 'start-instance-refresh', ...REGION, '--auto-scaling-group-name', 'Test-AgentsGroup-g7H8', '--preferences', 'MinHealthyPercentage=0'],
    ]);
  });

  test('open a shell on the box', () => {
    expect(callsOf(commandsOf(box, nothing).commands.openShell!)).toEqual([FIND_BOX, ['ssm', 'start-session', ...REGION, '--target', 'i-0a1b2c3d']]);
  });

  test('forward the port of the database through the box', () => {
    expect(callsOf(commandsOf(box, withDatabase).commands.forwardDatabase!)).toEqual([
      FIND_BOX, ['ssm', 'start-session', ...REGION, '--target', 'i-0a1b2c3d', ...FORWARD],
    ]);
  });
});

describe.each([['Fargate', fargate], ['EC2', box]])('the database of %s', (_, serve) => {
  test('is not forwarded when only its connection string is known', () => {
    expect(commandsOf(serve, stack => ({ database: databaseOf(stack) })).commands).not.toHaveProperty('forwardDatabase');
  });

  test('is forwarded on the port it has', () => {
    const { commands } = commandsOf(serve, stack => ({
      database: new FlueDatabase(stack, 'Database', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }), port: 6543 }),
    }));
    expect(commands.forwardDatabase).toContain('"portNumber":["6543"],"localPortNumber":["6543"]');
  });

  test('may stand in another stack, which exports its host', () => {
    const app = new App();
    const data = new Stack(app, 'Data');
    const run = new Stack(app, 'Run');
    const database = new FlueDatabase(data, 'Database', { vpc: new Vpc(data, 'Vpc', { maxAzs: 2, natGateways: 0 }) });
    serve(run, () => ({ database })).addOperatorCommands();
    const [command] = Object.values(Template.fromStack(run).findOutputs('*', { Description: Match.stringLikeRegexp('database') }));
    expect(JSON.stringify(command)).toMatch(/Fn::ImportValue.*Endpoint/);
  });
});
