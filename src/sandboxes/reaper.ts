import { Duration, Stack } from 'aws-cdk-lib';
import { Metric, Stats, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { OWNER_TAG, POOL_TAG } from './sandbox-access';
import { REAPER_INTERVAL } from '../invariants/limits/sandboxes';

/** Namespace and name of the metric that the reaper writes. */
const SANDBOX_NAMESPACE = 'CdkFlue/Sandboxes';
const RUNNING_SANDBOXES = 'RunningSandboxes';
/** Three runs of the reaper: one that is late is no fault. */
const METRIC_PERIOD = Duration.minutes(15);

/** An Express workflow ends after five minutes, before the next one begins. */
const TIMEOUT = Duration.minutes(4);
/** What ECS says of so many tasks is well within the payload of 256 KiB. */
const PAGE = 25;
/** A sandbox ends by itself at its time; the reaper stops it when it has not. */
const GRACE_SECONDS = 120;
const RETRY = [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 5, MaxAttempts: 3, BackoffRate: 2 }];
const call = (action: string, state: object) => ({ Type: 'Task', Resource: `arn:aws:states:::aws-sdk:${action}`, Retry: RETRY, ...state });

export interface ReaperProps {
  readonly pool: string;
  readonly clusterArn: string;
  readonly clusterName: string;
  readonly family: string;
  readonly maxLifetimeSeconds: number;
  readonly logRetention?: RetentionDays;
  readonly logEncryptionKey?: IKey;
}

/**
 * Stops the sandboxes that are too old, and those whose server is gone, and counts the others.
 *
 * A sandbox ends by itself when nobody speaks to it. The reaper is for the one that does not: it asks ECS what runs, keeps nothing in mind, and so finds
 * also what a server left that was killed.
 */
export class Reaper extends Construct {
  public readonly stateMachine: StateMachine;

  public constructor(scope: Construct, id: string, props: ReaperProps) {
    super(scope, id);
    const { partition, region, account } = Stack.of(this);
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      definitionBody: DefinitionBody.fromString(Stack.of(this).toJsonString(reaperDefinition(props, partition))),
      stateMachineType: StateMachineType.EXPRESS,
      timeout: TIMEOUT,
      // without one, nobody would know why an Express workflow failed
      logs: {
        destination: new LogGroup(this, 'LogGroup', { retention: props.logRetention ?? RetentionDays.ONE_MONTH, encryptionKey: props.logEncryptionKey }),
        level: LogLevel.ERROR,
        includeExecutionData: false,
      },
    });
    const allow = (actions: string[], resources: string[], conditions?: { [operator: string]: object }) =>
      this.stateMachine.addToRolePolicy(new PolicyStatement({ actions, resources, conditions }));
    const ofPool = { ArnEquals: { 'ecs:cluster': props.clusterArn } };
    allow(['ecs:ListTasks'], ['*'], ofPool);
    allow(['ecs:StopTask'], [`arn:${partition}:ecs:${region}:${account}:task/${props.clusterName}/*`],
      { ...ofPool, StringEquals: { [`aws:ResourceTag/${POOL_TAG}`]: props.pool } });
    // the servers that own sandboxes run in other clusters, and on instances
    allow(['ecs:DescribeTasks'], [`arn:${partition}:ecs:${region}:${account}:task/*`]);
    allow(['ec2:DescribeInstances'], ['*']);
    allow(['cloudwatch:PutMetricData'], ['*'], { StringEquals: { 'cloudwatch:namespace': SANDBOX_NAMESPACE } });
    new Schedule(this, 'Schedule', {
      description: 'Stops the sandboxes of a Flue server that are too old, or whose server is gone',
      schedule: ScheduleExpression.rate(REAPER_INTERVAL),
      target: new StepFunctionsStartExecution(this.stateMachine, { retryAttempts: 0 }),
    });
  }
}

/** The sandboxes of a pool that run, as its reaper counts them. */
export function runningSandboxes(scope: Construct, pool: string, props?: MetricOptions): Metric {
  return new Metric({
    namespace: SANDBOX_NAMESPACE,
    metricName: RUNNING_SANDBOXES,
    dimensionsMap: { Pool: pool },
    statistic: Stats.MAXIMUM,
    period: METRIC_PERIOD,
    ...props,
  }).attachTo(scope);
}

/**
 * The definition of the state machine, as AWS Step Functions takes it.
 *
 * Sandboxes are listed before their owners are looked at, so that no sandbox is young enough to have an owner that was not there yet.
 */
export function reaperDefinition({ pool, clusterArn, family, maxLifetimeSeconds }: ReaperProps, partition = 'aws'): object {
  const sdk = (action: string, state: object) => {
    const task = call(action, state);
    return { ...task, Resource: task.Resource.replace('arn:aws:', `arn:${partition}:`) };
  };
  return {
    Comment: 'Stops the sandboxes of a Flue server that are too old, or whose server is gone',
    QueryLanguage: 'JSONata',
    StartAt: 'Begin',
    States: {
      'Begin': { Type: 'Pass', Output: { sandboxes: [], page: {} }, Next: 'List sandboxes' },
      'List sandboxes': sdk('ecs:listTasks', {
        Arguments: `{% $merge([{ 'Cluster': '${clusterArn}', 'Family': '${family}', 'DesiredStatus': 'RUNNING', 'MaxResults': ${PAGE} }, $states.input.page]) %}`,
        Output: {
          sandboxes: '{% $states.input.sandboxes %}',
          listed: '{% [$states.result.TaskArns] %}',
          page: '{% $exists($states.result.NextToken) ? { \'NextToken\': $states.result.NextToken } : {} %}',
        },
        Next: 'Is one listed?',
      }),
      'Is one listed?': {
        Type: 'Choice',
        Choices: [{ Condition: '{% $count($states.input.listed) > 0 %}', Next: 'Describe sandboxes' }],
        Default: 'Find owners',
      },
      'Describe sandboxes': sdk('ecs:describeTasks', {
        Arguments: { Cluster: clusterArn, Tasks: '{% $states.input.listed %}', Include: ['TAGS'] },
        Output: {
          sandboxes: '{% [$states.input.sandboxes, $states.result.Tasks.{'
            + ' \'task\': TaskArn, \'created\': $toMillis(CreatedAt), \'owner\': $string([Tags[Key=\''
            + `${OWNER_TAG}'].Value, ''][0]) }] %}`,
          page: '{% $states.input.page %}',
        },
        Next: 'Is there another page?',
      }),
      'Is there another page?': {
        Type: 'Choice',
        Choices: [{ Condition: '{% $exists($states.input.page.NextToken) %}', Next: 'List sandboxes' }],
        Default: 'Find owners',
      },
      'Find owners': {
        Type: 'Map',
        Items: '{% [$distinct($states.input.sandboxes.owner)] %}',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'What is it?',
          States: {
            'What is it?': {
              Type: 'Choice',
              Choices: [
                { Condition: '{% $contains($states.input, \':task/\') %}', Next: 'Describe its task' },
                { Condition: '{% $substring($states.input, 0, 2) = \'i-\' %}', Next: 'Describe its instance' },
              ],
              Default: 'It is not known',
            },
            'Describe its task': sdk('ecs:describeTasks', {
              Arguments: { Cluster: '{% $split($states.input, \'/\')[1] %}', Tasks: ['{% $states.input %}'] },
              Output: {
                owner: '{% $states.input %}',
                gone: '{% $count($states.result.Tasks[$not(LastStatus in [\'STOPPED\', \'DELETED\', \'DEPROVISIONING\'])]) = 0 %}',
              },
              Catch: [{ ErrorEquals: ['Ecs.ClusterNotFoundException'], Output: { owner: '{% $states.input %}', gone: true }, Next: 'Its cluster is gone' }],
              End: true,
            }),
            'Its cluster is gone': { Type: 'Pass', End: true },
            'Describe its instance': sdk('ec2:describeInstances', {
              Arguments: {
                Filters: [
                  { Name: 'instance-id', Values: ['{% $states.input %}'] }, { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping'] },
                ],
              },
              Output: { owner: '{% $states.input %}', gone: '{% $count($states.result.Reservations.Instances) = 0 %}' },
              End: true,
            }),
            'It is not known': { Type: 'Pass', Output: { owner: '{% $states.input %}', gone: false }, End: true },
          },
        },
        Output: { sandboxes: '{% $states.input.sandboxes %}', gone: '{% [$states.result[gone].owner] %}' },
        Next: 'Stop what is over',
      },
      'Stop what is over': {
        Type: 'Map',
        Items: `{% ( $gone := $states.input.gone; $oldest := $millis() - ${(maxLifetimeSeconds + GRACE_SECONDS) * 1000};`
          + ' [$states.input.sandboxes[created < $oldest or owner in $gone].task] ) %}',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'Stop it',
          States: {
            'Stop it': sdk('ecs:stopTask', {
              Arguments: { Cluster: clusterArn, Task: '{% $states.input %}', Reason: 'The sandbox is too old, or its server is gone' },
              Output: 1,
              // one that ended meanwhile must not keep the others; the next run comes back to what still runs
              Catch: [{ ErrorEquals: ['States.ALL'], Output: 0, Next: 'It stays for now' }],
              End: true,
            }),
            'It stays for now': { Type: 'Pass', End: true },
          },
        },
        Output: '{% $count($states.input.sandboxes) - $sum([0, $states.result]) %}',
        Next: 'Count the others',
      },
      'Count the others': sdk('cloudwatch:putMetricData', {
        Arguments: {
          Namespace: SANDBOX_NAMESPACE,
          MetricData: [{ MetricName: RUNNING_SANDBOXES, Dimensions: [{ Name: 'Pool', Value: pool }], Value: '{% $states.input %}', Unit: 'Count' }],
        },
        Output: {},
        End: true,
      }),
    },
  };
}
