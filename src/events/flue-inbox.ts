import type { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, type Alarm, type Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Connections } from 'aws-cdk-lib/aws-ec2';
import type { Rule } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Schedule } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { buildDelivery, planDelivery } from './delivery';
import type { EventDoor } from './event-door';
import { buildEventPattern, requireEventPattern } from './event-pattern';
import type { FlueEventPatternOptions } from './flue-event-pattern-options';
import type { FlueInboxOptions } from './flue-inbox-options';
import type { FlueScheduleOptions } from './flue-schedule-options';
import type { FlueWebhookOptions } from './flue-webhook-options';
import { buildSchedule, requireSchedule, warnOfSchedule } from './schedule';
import { buildWebhook, requireWebhook } from './webhook';
import { warnOfUnknown } from '../image/app-warnings';
import type { IFlueApp } from '../image/image';
import { MAX_RECEIVES, OLDEST_EVENT_ALARM, QUEUE_RETENTION } from '../invariants/limits/events';
import { requireFreeId } from '../invariants/types/placed';
import { requireArguments } from '../invariants/types/require-types';
import { logSettings, type LogSettings } from '../logs/server-logs';
import { FlueAlarms, type Watch } from '../operations/alarms';
import { redriveCommand } from '../operations/operator-commands';

/**
 * The inbox of a Flue server: work that comes by itself waits here until the server takes it.
 *
 * You get it from `addInbox()` of a service. Schedules, webhooks, rules and programs put events into a FIFO queue of Amazon SQS. A function takes them out,
 * one at a time for each conversation, and sends them to the server. While a deployment replaces the server, they wait.
 *
 * It is a Lambda function because no target of AWS that waits reaches a server in a private network, and none can tell "later" from
 * "never". A 503, a refused connection and a server that is away mean later. Any other 4xx means never: the event goes to the dead letters
 * with its reason, and an alarm is raised. The function, not the number of attempts, decides that, because each deployment costs attempts.
 *
 * **Once.** Flue 2 knows each event by its key, and takes it once. Flue 0 and 1 know no key: an event becomes a dead letter if the
 * connection broke while the server worked on it, and you decide whether to send it again. If the function itself ends in the middle of
 * a request, SQS hands the event out a second time.
 *
 * **Cost.** Three alarms, 0.30 USD a month. Queue and function cost about 0.01 USD for a thousand events of ten seconds, without
 * the NAT gateway or the VPC endpoints that an internal server needs.
 *
 * **Durability.** An event waits up to `retryFor`, and a dead letter for 14 days.
 *
 * **Security.** The queues are encrypted and refuse plain HTTP. The function reads the token from AWS Secrets Manager.
 *
 * @example
 * const inbox = agents.addInbox({ token: apiToken });
 *
 * inbox.addSchedule('Nightly', {
 *   schedule: scheduler.ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN }),
 *   target: FlueEventTarget.agent('assistant', { message: 'Write the report of the day.' }),
 * });
 */
export class FlueInbox extends Construct {
  /** @internal */
  public static _of(door: EventDoor, id: string, options: FlueInboxOptions): FlueInbox {
    return new FlueInbox(door, id, options);
  }

  /** The FIFO queue in which events wait. Its groups are the conversations. */
  public readonly queue: Queue;

  /** The FIFO queue of the events that no server will take, each with its `Reason`. */
  public readonly deadLetterQueue: Queue;

  /**
   * The queue of what never came into the inbox: EventBridge could not send it for as long as it tries, as without a permission. It is no
   * FIFO queue, because EventBridge takes none.
   */
  public readonly undeliveredQueue: Queue;

  /** The function that sends the events to the server. */
  public readonly deliveryFunction: LambdaFunction;

  /** The alarms: for dead letters, for an event that waits for long, and for what never came into the inbox. */
  public readonly alarms: Alarm[];

  private readonly app: IFlueApp;
  /** @internal */
  public readonly _logs: LogSettings;
  /** @internal */
  public readonly _maxEventAge: Duration;

  private constructor(door: EventDoor, id: string, options: FlueInboxOptions) {
    const plan = planDelivery(door, options);
    super(door.service, id);
    this.app = door.app;
    this._logs = logSettings(this, options);
    this._maxEventAge = plan.maxEventAge;
    const stored = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: QUEUE_RETENTION };
    const queue = { ...stored, fifo: true };
    this.deadLetterQueue = new Queue(this, 'DeadLetters', queue);
    this.queue = new Queue(this, 'Queue', {
      ...queue,
      contentBasedDeduplication: true,
      visibilityTimeout: plan.visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
    });
    this.undeliveredQueue = new Queue(this, 'Undelivered', stored);
    this.deliveryFunction = buildDelivery(this, door, plan, { queue: this.queue, deadLetterQueue: this.deadLetterQueue, logs: this._logs });
    this.node.defaultChild = this.queue;
    this.alarms = new FlueAlarms(this, 'Alarms', this._watches(), { topic: options.topic }).alarms;
  }

  /** Network rules of the function. Throws if it runs in no VPC. */
  public get connections(): Connections {
    return this.deliveryFunction.connections;
  }

  /**
   * Adds a schedule whose events wait in the inbox.
   *
   * Each fire is one event: it has the name of the schedule and the time, and SQS drops a second one. That Scheduler fires is the word of
   * AWS (at least once, within a minute of the time).
   *
   * Throws for a schedule that never fires, and for a target that no server has.
   *
   * @param id the id of the schedule below the inbox
   * @param options the time, and the agent or the workflow
   */
  public addSchedule(id: string, options: FlueScheduleOptions): Schedule {
    requireArguments('FlueInbox.addSchedule', { id, options }, this);
    requireFreeId(this, id);
    requireSchedule(this, options, this.app.flueMajor);
    warnOfSchedule(this, options);
    const { agent, workflow } = options.target._event.body;
    warnOfUnknown(this, this.app, workflow === undefined ? { agents: agent as string } : { workflows: workflow as string });
    return buildSchedule(this, id, this, options);
  }

  /**
   * Adds a webhook, and returns its URL: a POST route of an HTTP API, whose function verifies the sender and puts the body into the queue.
   *
   * It answers 2xx only when SQS has the event, and refuses more than 512 KiB. It costs 1.00 USD for a million requests, and
   * about as much for its function.
   *
   * Throws for a path that no route has, for a second webhook at one path, and for an agent that no path names.
   *
   * @param path the path of the route, such as `/hooks/github`; letters, digits and `_.~-` between slashes, 128 at most
   * @param options the agent, and the check of who sent it
   */
  public addWebhook(path: string, options: FlueWebhookOptions): string {
    requireArguments('FlueInbox.addWebhook', { path, options }, this);
    requireWebhook(this, path, options);
    warnOfUnknown(this, this.app, { agents: options.agentName });
    return buildWebhook(this, path, this, options);
  }

  /**
   * Adds a rule of Amazon EventBridge, whose events wait in the inbox: each is a message to an agent, as JSON, as it came.
   *
   * EventBridge hands an event over at least once. SQS drops a second one within five minutes, and Flue 2 knows it for good.
   *
   * Throws for a pattern that names nothing, and for an agent that no path names.
   *
   * @param id the id of the rule below the inbox
   * @param options which events, and the agent
   */
  public addEventPattern(id: string, options: FlueEventPatternOptions): Rule {
    requireArguments('FlueInbox.addEventPattern', { id, options }, this);
    requireFreeId(this, id);
    requireEventPattern(this, options);
    warnOfUnknown(this, this.app, { agents: options.agentName });
    return buildEventPattern(this, id, this, options);
  }

  /**
   * Lets a program put events into the queue.
   *
   * The body is JSON: `{ "agent": "assistant", "conversation": "customer-1", "message": "…" }`, or `{ "workflow": "report", "input": { … } }`.
   * The message group is the conversation, `assistant/customer-1`. Give each event an id of its own as the deduplication id, or two equal
   * events within five minutes are one.
   *
   * @param grantee the program
   */
  public grantSend(grantee: IGrantable): Grant {
    requireArguments('FlueInbox.grantSend', { grantee }, this);
    return this.queue.grantSendMessages(grantee);
  }

  /**
   * Number of dead letters. By default, the maximum over five minutes.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricDeadLetters(props?: MetricOptions): Metric {
    return this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, ...props });
  }

  /**
   * Age of the oldest event that waits. By default, the maximum over five minutes.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricOldestEventAge(props?: MetricOptions): Metric {
    return this.queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, ...props });
  }

  /**
   * Number of events that never came into the inbox. By default, the maximum over five minutes.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricUndelivered(props?: MetricOptions): Metric {
    return this.undeliveredQueue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, ...props });
  }

  /**
   * What alarms and dashboards watch.
   *
   * @internal
   */
  public _watches(): Watch[] {
    return [
      {
        id: 'DeadLetters',
        metric: period => this.metricDeadLetters({ period }),
        threshold: () => 1,
        comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        description: 'The Flue server will not take some events. They are in the dead letters, each with its reason.',
      },
      {
        id: 'OldestEvent',
        metric: period => this.metricOldestEventAge({ period }),
        threshold: () => OLDEST_EVENT_ALARM.toSeconds(),
        comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
        description: 'An event has waited for an hour: the Flue server is away, or has more to do than it can.',
      },
      {
        id: 'Undelivered',
        metric: period => this.metricUndelivered({ period }),
        threshold: () => 1,
        comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        description: 'Amazon EventBridge could not send some events to the inbox. They are in the queue of the undelivered ones.',
      },
    ];
  }

  /**
   * The command that puts the dead letters back into the queue.
   *
   * @internal
   */
  public _redriveCommand(): string {
    return redriveCommand(this, this.deadLetterQueue.queueArn);
  }
}
