import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Connections, IConnectable } from 'aws-cdk-lib/aws-ec2';
import type { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup, QueryDefinition } from 'aws-cdk-lib/aws-logs';
import type { Schedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct, type IConstruct } from 'constructs';
import type { FlueSingleServiceProps } from './flue-service-props';
import { warnOfSameStack } from './same-stack';
import type { IFlueDatabase } from '../database/database';
import type { EventDoor, WayIn } from '../events/event-door';
import { FlueInbox } from '../events/flue-inbox';
import type { FlueInboxOptions } from '../events/flue-inbox-options';
import type { FlueScheduleOptions } from '../events/flue-schedule-options';
import { warnOfDatabase, warnOfHealthRoute, warnOfShell, warnOfTimer } from '../image/app-warnings';
import type { IFlueApp } from '../image/image';
import { secondsOf } from '../invariants/durations';
import { requireUsableKeys } from '../invariants/encryption-keys';
import { DEFAULT_HEALTH_CHECK_PATH, requireHealthCheckPath } from '../invariants/health-check-path';
import { refuse } from '../invariants/invariant';
import { requireListed } from '../invariants/limits/guard';
import { NETWORK_LIMITS } from '../invariants/limits/network';
import { warnOfSharedSchema } from '../invariants/schema-owner';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { requireNoCircle } from '../invariants/stack-circle';
import { markAsFlueServer } from '../invariants/template/flue-marker';
import { placed } from '../invariants/types/placed';
import { requireArguments, requireTypes } from '../invariants/types/require-types';
import { DEFAULT_THRESHOLDS, FlueAlarms, utilizationWatches, type FlueAlarmsOptions, type Thresholds, type Watch } from '../operations/alarms';
import { FlueLogQueries, type FlueLogQueriesOptions } from '../operations/log-queries';
import { OPERATOR_COMMANDS, outputCommands, tailLogsCommand, type FlueOperatorCommands, type PlatformCommands } from '../operations/operator-commands';
import type { FlueSandboxes } from '../sandboxes/flue-sandboxes';
import type { SandboxHost } from '../sandboxes/sandbox-access';
import type { TimerChain } from '../timers/timer-chain';

/** Ids under which the methods add what they make; a contract, like every construct id. */
const ALARMS = 'Alarms';
const LOG_QUERIES = 'LogQueries';
const INBOX = 'Inbox';

/**
 * A Flue server that runs somewhere.
 */
export interface IFlueService extends IConstruct, IConnectable, IGrantable {
  /** The URL at which clients reach the server, with its scheme and without a trailing slash. */
  readonly url: string;

  /** Log group that the server writes to. */
  readonly logGroup: ILogGroup;

  /**
   * CPU utilization, in percent of what the service has.
   *
   * @param props period, statistic and other options of the metric
   */
  metricCpuUtilization(props?: MetricOptions): Metric;

  /**
   * Memory utilization, in percent of what the service has.
   *
   * @param props period, statistic and other options of the metric
   */
  metricMemoryUtilization(props?: MetricOptions): Metric;
}

/**
 * A Flue server on AWS: what all platforms have in common.
 */
export abstract class FlueService extends Construct implements IFlueService {
  public abstract readonly url: string;
  public abstract readonly logGroup: ILogGroup;
  /** Network rules of the server. */
  public abstract readonly connections: Connections;
  /** The role of the server. Grant permissions to it. */
  public abstract readonly grantPrincipal: IPrincipal;

  /** The path of the health check. */
  public readonly healthCheckPath: string;

  /** @internal */
  protected readonly _database?: IFlueDatabase;

  private alarms?: FlueAlarms;
  private inbox?: FlueInbox;
  private sandboxes?: FlueSandboxes;
  private server?: Pick<EventDoor, 'timers' | 'app'>;

  protected constructor(scope: Construct, id: string, props: FlueSingleServiceProps) {
    super(placed(new.target.name, scope, id), id);
    requireTypes(this, 'FlueSingleServiceProps', props);
    // the variables have a guard that names them
    requireNoSecretTexts(this, { ...props, environment: undefined });
    requireUsableKeys(this, props);
    requireListed(this, props.securityGroups, NETWORK_LIMITS.securityGroups);
    requireNoCircle(this, 'securityGroups', props.securityGroups);
    this._database = props.database;
    this.healthCheckPath = props.healthCheckPath ?? DEFAULT_HEALTH_CHECK_PATH;
    requireHealthCheckPath(this, this.healthCheckPath);
  }

  /**
   * A metric of the service.
   *
   * @param metricName its name in the namespace of the platform
   * @param props period, statistic and other options of the metric
   */
  public abstract metric(metricName: string, props?: MetricOptions): Metric;

  /**
   * CPU utilization, in percent of what the service has. By default, the mean over five minutes.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricCpuUtilization(props?: MetricOptions): Metric {
    return this.metric('CPUUtilization', props);
  }

  /**
   * Memory utilization, in percent of what the service has. By default, the mean over five minutes.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricMemoryUtilization(props?: MetricOptions): Metric {
    return this.metric('MemoryUtilization', props);
  }

  /**
   * Adds alarms for a server that is gone, or close to its limits.
   *
   * Every platform has alarms for memory and CPU utilization. Fargate adds missing tasks, unhealthy targets and 5xx answers,
   * Express adds missing tasks, and EC2 adds a server that does not answer. An alarm costs 0.10 USD a month.
   *
   * Throws for a threshold outside its range, and when it is called twice.
   *
   * @param options the thresholds and the topic
   */
  public addAlarms(options: FlueAlarmsOptions = {}): Alarm[] {
    requireArguments('FlueService.addAlarms', { options }, this);
    this.requireFirstCall('addAlarms', ALARMS);
    const judge = this._deploymentJudge();
    if (options.rollBackDeployments && !judge) {
      refuse(this, '`rollBackDeployments` must be left out on this platform, got: true',
        'ECS Express Mode and FlueEc2Service have their own checks of a deployment. Use FlueFargateService to choose the alarms');
    }
    this.alarms = new FlueAlarms(this, ALARMS, this._watches(), options);
    if (this.alarms.deploymentAlarmNames.length > 0) {
      judge?.(this.alarms.deploymentAlarmNames);
    }
    return this.alarms.alarms;
  }

  /**
   * How the platform is told of the alarms that fail a deployment; undefined where it takes none.
   *
   * @internal
   */
  protected _deploymentJudge(): ((alarmNames: string[]) => void) | undefined {
    return undefined;
  }

  /**
   * The thresholds that the alarms of the service have, or would have.
   *
   * @internal
   */
  public _alarmThresholds(): Thresholds {
    return this.alarms?.thresholds ?? DEFAULT_THRESHOLDS;
  }

  /**
   * Saves queries for CloudWatch Logs Insights: failed starts, unhandled rejections, prompts that failed or were interrupted,
   * and slow prompts.
   *
   * They search for the lines that Flue and Node.js write. Flue logs no durations. It exposes durations through `observe()`:
   * `Slow prompts` finds the events `operation` if your app writes each of them as a line of JSON. Saving a query costs
   * nothing. When you run one, you pay for the data that it reads.
   *
   * Throws when it is called twice.
   *
   * @param options the least duration of a slow prompt
   */
  public addLogQueries(options: FlueLogQueriesOptions = {}): QueryDefinition[] {
    requireArguments('FlueService.addLogQueries', { options }, this);
    this.requireFirstCall('addLogQueries', LOG_QUERIES);
    return new FlueLogQueries(this, LOG_QUERIES, [this.logGroup], options).queries;
  }

  /**
   * Adds an output for each operator command, such as following the logs, and returns the commands.
   *
   * Paste them into a POSIX shell with version 2 of the AWS CLI.
   *
   * Throws when it is called twice.
   */
  public addOperatorCommands(): FlueOperatorCommands {
    this.requireFirstCall('addOperatorCommands', OPERATOR_COMMANDS);
    return outputCommands(this, {
      tailLogs: tailLogsCommand(this, this.logGroup.logGroupName),
      ...this._operatorCommands(),
      redriveEvents: this.inbox?._redriveCommand(),
      ...this.sandboxes?._commands(),
    });
  }

  /**
   * Adds an inbox: events wait in a queue until the server takes them, also while a deployment replaces it.
   *
   * Throws when it is called twice, or after `addSchedule()`, which adds one.
   *
   * @param options the token of the app, and how the inbox delivers
   */
  public addInbox(options: FlueInboxOptions = {}): FlueInbox {
    requireArguments('FlueService.addInbox', { options }, this);
    this.requireFirstCall('addInbox', INBOX);
    this.inbox = FlueInbox._of({ service: this, url: this.url, way: this._wayIn(), ...this.server! }, INBOX, options);
    return this.inbox;
  }

  /**
   * Adds a schedule that sends a message to an agent, or runs a workflow.
   *
   * Its events wait in the inbox of the service, so none is lost while the server is replaced. A timer in the process would be. If the app
   * asks for a token, call `addInbox()` first.
   *
   * Throws for a schedule that never fires, and for a target that no server has.
   *
   * @param id the id of the schedule below the inbox
   * @param options the time, and the agent or the workflow
   */
  public addSchedule(id: string, options: FlueScheduleOptions): Schedule {
    requireArguments('FlueService.addSchedule', { id, options }, this);
    return (this.inbox ?? this.addInbox()).addSchedule(id, options);
  }

  /**
   * Lets the agents of the server run their shells in sandboxes: each session in one of its own.
   *
   * The server gets the variables that the adapter of the app reads, which begin with `SANDBOX_`, a rule to the sandboxes, and permission to run, describe and
   * stop those of this pool. Several servers may share a pool.
   *
   * Throws when it is called twice, for a pool in another VPC, and if `environment` or `secrets` hold one of the variables.
   *
   * @param pool the pool of sandboxes
   */
  public addSandboxes(pool: FlueSandboxes): void {
    requireArguments('FlueService.addSandboxes', { pool }, this);
    if (this.sandboxes) {
      refuse(this, '`addSandboxes()` must be called once, got: a second call', 'A server has one pool: leave the second call out');
    }
    this.sandboxes = pool;
    pool._admit(this, this._sandboxHost());
  }

  /**
   * What a server that starts sandboxes is to its pool.
   *
   * @internal
   */
  protected abstract _sandboxHost(): SandboxHost;

  /**
   * How an inbox comes to the server.
   *
   * @internal
   */
  protected _wayIn(): WayIn {
    return {};
  }

  /**
   * What alarms of the inbox watch, for the dashboard.
   *
   * @internal
   */
  public _inboxWatches(): Watch[] {
    return this.inbox?._watches() ?? [];
  }

  /**
   * What an operator can do on the platform.
   *
   * @internal
   */
  protected abstract _operatorCommands(): PlatformCommands;

  /**
   * What alarms of the service watch.
   *
   * @internal
   */
  public _watches(): Watch[] {
    return utilizationWatches({
      memory: options => this.metricMemoryUtilization(options),
      cpu: options => this.metricCpuUtilization(options),
    });
  }

  /**
   * What a finished service tells the checks, and what its image warns of, unless another service has said it of the same image.
   *
   * @internal
   */
  protected _declare(image: IFlueApp, timers: TimerChain, hasDatabase: boolean, warnsOfImage = true): void {
    this.server = { timers, app: image };
    markAsFlueServer(this, {
      startupBudgetSeconds: secondsOf(timers.startupBudget),
      longestRunSeconds: secondsOf(timers.longestRun),
    });
    if (warnsOfImage) {
      warnOfHealthRoute(this, image, this.healthCheckPath);
      warnOfTimer(this, image);
      warnOfShell(this, image);
    }
    warnOfSameStack(this, this._database);
    if (hasDatabase) {
      this.node.addValidation({
        validate: () => {
          warnOfSharedSchema(this);
          return [];
        },
      });
      if (warnsOfImage) {
        warnOfDatabase(this, image, this._database?.usesRdsCertificates);
      }
    }
  }

  private requireFirstCall(method: string, childId: string): void {
    if (this.node.tryFindChild(childId)) {
      refuse(this, `\`${method}()\` must be called once, got: a second call`, 'Use what the first call returned, and pass all options to it');
    }
  }
}
