import { Duration, Names } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData, type IMetric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { requireWithin } from '../invariants/limits/guard';
import { MAX_ALARM_NAME_PREFIX, OPERATIONS_LIMITS } from '../invariants/limits/operations';
import { WARNINGS, type Warning } from '../invariants/warnings';

/** Period over which an alarm looks at a metric. */
const ALARM_PERIOD = Duration.minutes(1);
/** Minutes, of the last ten or five, in which use must be too high. */
const SUSTAINED = { evaluationPeriods: 10, datapointsToAlarm: 8 };
const SEVERAL = 3;
/** Minutes more than these that an alarm looks back on. */
const SLACK = 2;

/**
 * Options of the alarms of a service: their thresholds and their topic.
 */
export interface FlueAlarmsOptions {
  /**
   * The topic that gets a message when an alarm is raised, and when it is over.
   *
   * The construct allows CloudWatch to use the key of the topic. It cannot change the policy of an imported key, and warns you of it.
   *
   * @default - none: the alarms notify no one, and the service warns you of it
   */
  readonly topic?: ITopic;

  /**
   * Memory utilization of the server, in percent, above which an alarm is raised; 1–99.
   *
   * Throws outside the range.
   *
   * @default 85
   */
  readonly memoryUtilizationPercent?: number;

  /**
   * CPU utilization of the server, in percent, above which an alarm is raised; 1–99.
   *
   * Throws outside the range.
   *
   * @default 90
   */
  readonly cpuUtilizationPercent?: number;

  /**
   * Number of 5xx answers in a minute, from the server or its load balancer, at which an alarm is raised.
   *
   * Throws below 1. On a platform that does not report 5xx answers, it has no effect.
   *
   * @default 5
   */
  readonly serverErrorsPerMinute?: number;

  /**
   * Whether a deployment fails if the alarm for failed health checks or for 5xx answers is raised during it. ECS then rolls it
   * back unless `deployment` says otherwise.
   *
   * The alarms then have fixed names, because the service refers to them before they exist. Throws on ECS Express Mode, which
   * has its own alarms for deployments, and on EC2.
   *
   * @default false
   */
  readonly rollBackDeployments?: boolean;
}

/** What an alarm watches, before the thresholds are known. */
export interface Watch {
  readonly id: string;
  readonly metric: (period: Duration) => IMetric;
  readonly threshold: (thresholds: Thresholds) => number;
  readonly comparison: ComparisonOperator;
  readonly description: string;
  /** Whether silence of the metric is itself the fault. */
  readonly missingIsBad?: boolean;
  readonly sustained?: boolean;
  /** Whole minutes in which a server that only starts may look like this. */
  readonly startupMinutes?: number;
  /** Whether it can tell a bad deployment from a good one. */
  readonly judgesDeployment?: boolean;
  readonly caution?: Warning;
}

export interface Thresholds {
  readonly memoryUtilizationPercent: number;
  readonly cpuUtilizationPercent: number;
  readonly serverErrorsPerMinute: number;
}

/** Thresholds of alarms for which nobody stated any. Fargate kills a server that uses 100 % of its memory. */
export const DEFAULT_THRESHOLDS: Thresholds = { memoryUtilizationPercent: 85, cpuUtilizationPercent: 90, serverErrorsPerMinute: 5 };

/** The metrics that every platform has. */
export interface UtilizationMetrics {
  readonly memory: (options: MetricOptions) => IMetric;
  readonly cpu: (options: MetricOptions) => IMetric;
}

/** What is watched on every platform. */
export function utilizationWatches({ memory, cpu }: UtilizationMetrics): Watch[] {
  return [
    {
      id: 'Memory',
      metric: period => memory({ period, statistic: Stats.MAXIMUM }),
      threshold: ({ memoryUtilizationPercent }) => memoryUtilizationPercent,
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      description: 'The Flue server uses nearly all of its memory. When none is left, it is killed, and its open prompts end with it.',
    },
    {
      id: 'Cpu',
      metric: period => cpu({ period }),
      threshold: ({ cpuUtilizationPercent }) => cpuUtilizationPercent,
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      description: 'The Flue server has used nearly all of its CPU for minutes. Its health check may soon time out.',
      sustained: true,
    },
  ];
}

/** How long it must last: several minutes, and longer than a start. */
function longerThan(startupMinutes = 0): { readonly evaluationPeriods: number; readonly datapointsToAlarm: number } {
  const datapointsToAlarm = Math.max(SEVERAL, startupMinutes + 1);
  return { datapointsToAlarm, evaluationPeriods: datapointsToAlarm + SLACK };
}

/** Raises an alarm for each watch of a service. */
export class FlueAlarms extends Construct {
  public readonly alarms: Alarm[];
  /** Names of the alarms that judge a deployment, known before the alarms exist. */
  public readonly deploymentAlarmNames: string[] = [];
  public readonly thresholds: Thresholds;

  public constructor(scope: Construct, id: string, watches: Watch[], props: FlueAlarmsOptions) {
    const thresholds: Thresholds = {
      memoryUtilizationPercent: props.memoryUtilizationPercent ?? DEFAULT_THRESHOLDS.memoryUtilizationPercent,
      cpuUtilizationPercent: props.cpuUtilizationPercent ?? DEFAULT_THRESHOLDS.cpuUtilizationPercent,
      serverErrorsPerMinute: props.serverErrorsPerMinute ?? DEFAULT_THRESHOLDS.serverErrorsPerMinute,
    };
    for (const limit of Object.values(OPERATIONS_LIMITS)) {
      requireWithin(scope, thresholds[limit.prop], limit);
    }
    super(scope, id);
    this.thresholds = thresholds;
    this.alarms = watches.map(watch => {
      const judges = props.rollBackDeployments && watch.judgesDeployment;
      const alarmName = judges ? `${Names.uniqueResourceName(this, { maxLength: MAX_ALARM_NAME_PREFIX, separator: '-' })}-${watch.id}` : undefined;
      if (alarmName) {
        this.deploymentAlarmNames.push(alarmName);
      }
      const alarm = new Alarm(this, watch.id, {
        alarmName,
        metric: watch.metric(ALARM_PERIOD),
        threshold: watch.threshold(thresholds),
        comparisonOperator: watch.comparison,
        alarmDescription: watch.description,
        treatMissingData: watch.missingIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
        ...watch.sustained ? SUSTAINED : longerThan(watch.startupMinutes),
      });
      if (props.topic) {
        alarm.addAlarmAction(new SnsAction(props.topic));
        alarm.addOkAction(new SnsAction(props.topic));
      }
      return alarm;
    });
    watches.forEach(({ caution }) => caution?.give(scope));
    if (props.topic) {
      this.allowKey(scope, props.topic);
    } else {
      WARNINGS.alarmsWithoutTopic.give(scope);
    }
  }
  /** CloudWatch publishes as itself, and a topic with a key takes only what comes from whoever may use the key. */
  private allowKey(scope: Construct, { masterKey, node }: ITopic): void {
    const ofKey = masterKey?.addToResourcePolicy(new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
    }));
    if (ofKey?.statementAdded === false) {
      WARNINGS.alarmsTopicKey.give(scope, { topic: node.path });
    }
  }
}
