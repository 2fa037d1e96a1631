import { deepStrictEqual, match, notStrictEqual, strictEqual } from 'node:assert/strict';
import { App, Stack } from 'aws-cdk-lib';
import { deployed } from './deployed';
import { paste, type Answer, type Call } from './stand-in';
import { FlueEc2Service, FlueExpressService, FlueFargateService, type FlueOperatorCommands, type FlueService } from '../../../src';
import { imageOf } from '../../service/support';
import '../../support/only-synthesize.cjs';

/** Pastes the commands for operators into a shell with the real AWS CLI, and compares each call and what is printed. */

const FAMILY = new FlueFargateService(new Stack(new App(), 'Test'), 'Agents', { image: imageOf(new Stack()) }).taskDefinition.family;
const CLUSTER = 'Test-Cluster-c3D4';
const SERVICE = 'Test-Service-e5F6';
const GROUP = 'Test-AgentsGroup-g7H8';
const TEMPLATE = 'lt-0a1b2c3d4e5f60718';
const task = (id: string) => `arn:aws:ecs:eu-central-1:111111111111:task/${CLUSTER}/${id}`;
const definition = (revision: number) => `arn:aws:ecs:eu-central-1:111111111111:task-definition/${FAMILY}:${revision}`;
const targetGroup = (name: string) => `arn:aws:elasticloadbalancing:eu-central-1:111111111111:targetgroup/${name}/0123456789abcdef`;

let passed = 0;
let failed = 0;

async function check(name: string, judge: () => Promise<void>): Promise<void> {
  try {
    await judge();
    passed++;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}\n${(error as Error).message.replace(/^/gm, '     ')}`);
  }
}

function commandsOf(serve: (stack: Stack) => FlueService): FlueOperatorCommands {
  const stack = new Stack(new App(), 'Test');
  return stack.resolve(serve(stack).addOperatorCommands());
}

const fargate = commandsOf(stack => new FlueFargateService(stack, 'Agents', { image: imageOf(stack) }));
const express = commandsOf(stack => new FlueExpressService(stack, 'Agents', { image: imageOf(stack) }));
const box = commandsOf(stack => new FlueEc2Service(stack, 'Agents', { image: imageOf(stack) }));


/** The documents that a command prints one after another. */
const documentsIn = (text: string): unknown[] => text.trim().split(/\n(?=[[{])/).map(document => JSON.parse(document));
const query = (operation: string, result: string) => `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`;

/** What ECS says of a task definition; the last four cannot be registered. */
const REGISTERED = {
  family: FAMILY,
  networkMode: 'awsvpc',
  containerDefinitions: [{ name: 'Main', image: 'ghcr.io/owner/agents:1.1.0', secrets: [{ name: 'KEY', valueFrom: 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:key' }] }],
  volumes: [{ name: 'tmp', host: {} }],
  requiresCompatibilities: ['FARGATE'],
  cpu: '512',
  memory: '1024',
  runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
  taskRoleArn: 'arn:aws:iam::111111111111:role/task',
  executionRoleArn: 'arn:aws:iam::111111111111:role/execution',
  ephemeralStorage: { sizeInGiB: 30 },
};
const DESCRIBED = { ...REGISTERED, revision: 3, status: 'INACTIVE', registeredAt: 1795700000, requiresAttributes: [{ name: 'ecs.capability' }] };

function ofEcs([operation, parameters]: Call, known: { running: string[]; stopped: string[] }): Answer | undefined {
  const { desiredStatus, status, taskDefinition, tasks } = parameters as Record<string, any>;
  switch (operation) {
    case 'eu-central-1 ecs:DescribeServices':
      return {
        services: [{
          status: 'ACTIVE',
          desiredCount: 1,
          runningCount: 1,
          pendingCount: 0,
          deployments: [{ status: 'PRIMARY', rolloutState: 'IN_PROGRESS', rolloutStateReason: 'in progress', taskDefinition: definition(4), runningCount: 1, failedTasks: 2, createdAt: 1795700100 }],
          events: [1, 2, 3, 4].map(number => ({ createdAt: 1795700000 + number, message: `event ${number}` })),
          loadBalancers: [{ targetGroupArn: targetGroup('blue'), advancedConfiguration: { alternateTargetGroupArn: targetGroup('green') } }, { targetGroupArn: targetGroup('other') }],
        }],
      };
    case 'eu-central-1 ecs:ListTasks':
      return { taskArns: desiredStatus === 'RUNNING' ? known.running : known.stopped };
    case 'eu-central-1 ecs:DescribeTasks':
      return {
        tasks: tasks.map((taskArn: string, index: number) => (known.running.includes(taskArn)
          ? { taskArn, taskDefinitionArn: definition(4), lastStatus: 'RUNNING', healthStatus: 'HEALTHY', startedAt: 1795700200 }
          : { taskArn, ...index === 0 ? {} : { stoppedAt: 1795700000 - index, stopCode: 'EssentialContainerExited', stoppedReason: `reason ${index}`, containers: [{ name: 'Main', exitCode: index, reason: 'oom' }] } })),
      };
    case 'eu-central-1 elasticloadbalancing:DescribeTargetHealth':
      return query('DescribeTargetHealth', '<TargetHealthDescriptions><member><Target><Id>10.0.0.7</Id></Target>'
        + '<TargetHealth><State>unhealthy</State><Description>Health checks failed</Description></TargetHealth></member></TargetHealthDescriptions>');
    case 'eu-central-1 ecs:ListTaskDefinitions':
      return { taskDefinitionArns: status === 'ACTIVE' ? [definition(4)] : [definition(3), definition(2)] };
    case 'eu-central-1 ecs:DescribeTaskDefinition':
      return taskDefinition.endsWith(':9') ? undefined : { taskDefinition: { ...DESCRIBED, revision: Number(taskDefinition.split(':').pop()) } };
    case 'eu-central-1 ecs:RegisterTaskDefinition':
      return { taskDefinition: { taskDefinitionArn: definition(5) } };
    case 'eu-central-1 ecs:UpdateService':
      return { service: { taskDefinition: definition(5) } };
    case 'eu-central-1 ecs:UpdateExpressGatewayService':
      return { service: { serviceArn: 'arn:express' } };
    default:
      return undefined;
  }
}

const atEcs = (known = { running: [task('a'), task('b')], stopped: [task('c'), task('d'), task('e')] }) => (...call: Call) => ofEcs(call, known);

const OF_BOX: Record<string, string> = {
  'eu-central-1 autoscaling:DescribeAutoScalingGroups': query('DescribeAutoScalingGroups', '<AutoScalingGroups><member><Instances><member>'
    + '<InstanceId>i-1</InstanceId><LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus>'
    + '<LaunchTemplate><Version>4</Version></LaunchTemplate></member></Instances></member></AutoScalingGroups>'),
  'eu-central-1 autoscaling:DescribeInstanceRefreshes': query('DescribeInstanceRefreshes', ['InProgress', 'Successful'].map(status =>
    `<member><Status>${status}</Status><StatusReason>waiting</StatusReason><PercentageComplete>0</PercentageComplete><StartTime>2026-11-27T01:00:00Z</StartTime></member>`).join('')
    .replace(/^.*$/s, members => `<InstanceRefreshes>${members}</InstanceRefreshes>`)),
  'eu-central-1 autoscaling:DescribeScalingActivities': query('DescribeScalingActivities', `<Activities>${['Launching a new EC2 instance: i-1', 'Terminating EC2 instance: i-0'].map(what =>
    `<member><Description>${what}</Description><Cause>an instance refresh</Cause><EndTime>2026-11-27T01:02:00Z</EndTime></member>`).join('')}</Activities>`),
  'eu-central-1 autoscaling:StartInstanceRefresh': query('StartInstanceRefresh', '<InstanceRefreshId>r-1</InstanceRefreshId>'),
  'eu-central-1 ec2:DescribeLaunchTemplateVersions': `<DescribeLaunchTemplateVersionsResponse><launchTemplateVersionSet>${[3, 4].map(version =>
    `<item><versionNumber>${version}</versionNumber><createTime>2026-11-2${version}T00:00:00Z</createTime><launchTemplateData><userData>${
      Buffer.from(`#!/bin/bash\nSTACK='Test'\nIMAGE='ghcr.io/owner/agents:1.${version}.0'\nPORT='8080'\n`).toString('base64')}</userData></launchTemplateData></item>`).join('')
  }</launchTemplateVersionSet></DescribeLaunchTemplateVersionsResponse>`,
};

const atBox = (operation: string): Answer | undefined => (operation === 'eu-central-1 monitoring:GetMetricStatistics'
  ? { Label: 'Healthy', Datapoints: [2, 1].map(minute => ({ Timestamp: 1795700000 + 60 * minute, Minimum: minute - 1, Unit: 'None' })) }
  : OF_BOX[operation]);

async function main(): Promise<void> {
  await check('a stand-in of this proof judges: the CLI refuses an option that it does not know', async () => {
    const { status, calls } = await paste('aws ecs describe-services --region eu-central-1 --service Test --clutser Test', atEcs());
    notStrictEqual(status, 0);
    deepStrictEqual(calls, []);
  });

  await check('status on Fargate: tasks, deployment, targets of every group, the last stop', async () => {
    const { status, stdout, stderr, calls } = await paste(fargate.status, atEcs());
    strictEqual(stderr, '');
    strictEqual(status, 0);
    const describe: Call = ['eu-central-1 ecs:DescribeServices', { cluster: CLUSTER, services: [SERVICE] }];
    deepStrictEqual(calls, [
      describe,
      ['eu-central-1 ecs:ListTasks', { cluster: CLUSTER, serviceName: SERVICE, desiredStatus: 'RUNNING' }],
      ['eu-central-1 ecs:DescribeTasks', { cluster: CLUSTER, tasks: [task('a'), task('b')] }],
      describe,
      ...['blue', 'green', 'other'].map((name): Call => ['eu-central-1 elasticloadbalancing:DescribeTargetHealth', { TargetGroupArn: targetGroup(name) }]),
      ['eu-central-1 ecs:ListTasks', { cluster: CLUSTER, serviceName: SERVICE, desiredStatus: 'STOPPED' }],
      ['eu-central-1 ecs:DescribeTasks', { cluster: CLUSTER, tasks: [task('c'), task('d'), task('e')] }],
    ]);
    const [service, running, ...rest] = documentsIn(stdout) as any[];
    deepStrictEqual([service.desired, service.running, service.deployments[0].rollout, service.deployments[0].failed, service.events.length], [1, 1, 'IN_PROGRESS', 2, 3]);
    deepStrictEqual(running.map((one: any) => [one.task, one.status, one.health]), [[task('a'), 'RUNNING', 'HEALTHY'], [task('b'), 'RUNNING', 'HEALTHY']]);
    deepStrictEqual(rest.slice(0, 3), Array(3).fill([{ target: '10.0.0.7', health: 'unhealthy', reason: 'Health checks failed' }]));
    // the task that is still stopping comes first and has no time; the one after it stopped last
    deepStrictEqual([rest[3].task, rest[3].reason, rest[3].containers], [task('d'), 'reason 1', [{ name: 'Main', exit: 1, reason: 'oom' }]]);
  });

  await check('releases on Fargate: of both states, the newest first, with time and image', async () => {
    const { status, stdout, calls } = await paste(fargate.releases, atEcs());
    strictEqual(status, 0);
    const list = (state: string): Call => ['eu-central-1 ecs:ListTaskDefinitions', { familyPrefix: FAMILY, status: state, sort: 'DESC' }];
    deepStrictEqual(calls.slice().sort(), [
      list('ACTIVE'), list('INACTIVE'), ...[4, 3, 2].map((revision): Call => ['eu-central-1 ecs:DescribeTaskDefinition', { taskDefinition: definition(revision) }]),
    ].sort());
    const lines = stdout.trim().split('\n').map(line => line.split('\t'));
    deepStrictEqual(lines.map(([revision, , image]) => [revision, image]), ['4', '3', '2'].map(revision => [revision, 'ghcr.io/owner/agents:1.1.0']));
    lines.forEach(([, time]) => match(time, /^(1795700000|2026-)/));
  });

  await check('status and releases on Express are those of Fargate', async () => {
    deepStrictEqual([express.status, express.releases].map(deployed), [fargate.status, fargate.releases].map(deployed));
  });

  for (const [platform, commands] of [['Fargate', fargate], ['Express', express]] as const) {
    await check(`roll back on ${platform}: a copy of exactly what was registered, and the service that runs it`, async () => {
      const { status, stderr, calls } = await paste(commands.rollBack, atEcs(), { REVISION: '3' });
      strictEqual(stderr, '');
      strictEqual(status, 0);
      deepStrictEqual(calls, [
        ['eu-central-1 ecs:DescribeTaskDefinition', { taskDefinition: `${FAMILY}:3` }],
        ['eu-central-1 ecs:RegisterTaskDefinition', REGISTERED],
        platform === 'Fargate'
          ? ['eu-central-1 ecs:UpdateService', { cluster: CLUSTER, service: SERVICE, taskDefinition: definition(5) }]
          : ['eu-central-1 ecs:UpdateExpressGatewayService', { serviceArn: `arn:aws:ecs:eu-central-1:111111111111:service/${CLUSTER}/${SERVICE}`, taskDefinitionArn: definition(5) }],
      ]);
    });
  }

  await check('status with no task: nothing is asked about tasks that do not exist', async () => {
    const { status, stderr, calls } = await paste(fargate.status, atEcs({ running: [], stopped: [] }));
    strictEqual(stderr, '');
    strictEqual(status, 0);
    deepStrictEqual(calls.filter(([operation]) => operation.endsWith(':DescribeTasks')), []);
  });

  await check('roll back to a revision that does not exist: nothing is registered or changed', async () => {
    const { status, calls } = await paste(fargate.rollBack, atEcs(), { REVISION: '9' });
    notStrictEqual(status, 0);
    deepStrictEqual(calls.map(([operation]) => operation), ['eu-central-1 ecs:DescribeTaskDefinition']);
  });

  await check('a new server of the same definition', async () => {
    const { status, calls } = await paste(fargate.redeploy, atEcs());
    strictEqual(status, 0);
    deepStrictEqual(calls, [['eu-central-1 ecs:UpdateService', { cluster: CLUSTER, service: SERVICE, forceNewDeployment: true }]]);
  });

  await check('status on EC2: the box, its health, the deployment, the last stop', async () => {
    const { status, stdout, stderr, calls } = await paste(box.status, atBox);
    strictEqual(stderr, '');
    strictEqual(status, 0);
    deepStrictEqual(calls.map(([operation, { StartTime: _start, EndTime: _end, ...rest }]) => [operation.split(':')[1], rest]), [
      ['DescribeAutoScalingGroups', { 'AutoScalingGroupNames.member.1': GROUP }],
      ['GetMetricStatistics', { Namespace: 'Flue', MetricName: 'Healthy', Dimensions: [{ Name: 'Server', Value: (calls[1][1].Dimensions as any)[0].Value }], Statistics: ['Minimum'], Period: 60 }],
      ['DescribeInstanceRefreshes', { AutoScalingGroupName: GROUP }],
      ['DescribeScalingActivities', { AutoScalingGroupName: GROUP }],
    ]);
    match((calls[1][1].Dimensions as any)[0].Value, /^Test\/Agents-[0-9a-f]{6}$/);
    const [group, healthy, refresh, stopped] = documentsIn(stdout) as any[];
    deepStrictEqual(group, [{ box: 'i-1', release: '4', state: 'InService', health: 'Healthy' }]);
    deepStrictEqual(healthy.map((one: any) => one.healthy), [0, 1]);
    deepStrictEqual(refresh.map((one: any) => [one.deployment, one.percent]), [['InProgress', 0]]);
    deepStrictEqual([stopped.what, stopped.reason], ['Terminating EC2 instance: i-0', 'an instance refresh']);
  });

  await check('releases on EC2: versions of the launch template, the newest first, with time and image', async () => {
    const { status, stdout, calls } = await paste(box.releases, atBox);
    strictEqual(status, 0);
    deepStrictEqual(calls, [['eu-central-1 ec2:DescribeLaunchTemplateVersions', { LaunchTemplateId: TEMPLATE }]]);
    const lines = stdout.trim().split('\n').map(line => line.split('\t'));
    deepStrictEqual(lines.map(([revision, , image]) => [revision, image]), ['4', '3'].map(version => [version, `IMAGE='ghcr.io/owner/agents:1.${version}.0'`]));
    lines.forEach(([, time]) => match(time, /^2026-11-2[34]T/));
  });

  await check('roll back on EC2: never two boxes', async () => {
    const { status, calls } = await paste(box.rollBack, atBox, { REVISION: '3' });
    strictEqual(status, 0);
    deepStrictEqual(calls, [['eu-central-1 autoscaling:StartInstanceRefresh', {
      'AutoScalingGroupName': GROUP,
      'DesiredConfiguration.LaunchTemplate.LaunchTemplateId': TEMPLATE,
      'DesiredConfiguration.LaunchTemplate.Version': '3',
      'Preferences.MinHealthyPercentage': '0',
    }]]);
  });

  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

void main();
