import { Annotations } from 'aws-cdk-lib';
import type { Duration } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Connections, IConnectable, ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup, QueryDefinition, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import type { FlueModel } from './flue-model';
import type { TimerChain } from './timer-chain';
import type { IFlueDatabase } from '../database/database';
import type { IFlueImage } from '../image/image';
import { secondsOf } from '../invariants/durations';
import { DEFAULT_HEALTH_CHECK_PATH, requireHealthCheckPath } from '../invariants/health-check-path';
import { refuse } from '../invariants/invariant';
import { markAsFlueServer } from '../invariants/template/flue-marker';
import { DEFAULT_THRESHOLDS, FlueAlarms, utilizationWatches, type FlueAlarmsProps, type Thresholds, type Watch } from '../operations/alarms';
import { FlueLogQueries } from '../operations/log-queries';
import { outputCommands, tailLogsCommand, type FlueOperatorCommands } from '../operations/operator-commands';


/**
 * A Flue server that runs somewhere.
 */
export interface IFlueService extends IConstruct, IConnectable, IGrantable {
  /** Address at which clients reach the server, with its scheme and without a trailing slash. */
  readonly url: string;

  /** Log group that the server writes to. */
  readonly logGroup: ILogGroup;
}

/**
 * Properties that every way of running a Flue server takes.
 */
export interface FlueServiceProps {
  /** The image to run: built from an app directory, or one that exists; on EC2 a FlueBuild as well. */
  readonly image: IFlueImage;

  /**
   * The VPC to run in.
   *
   * Throws when `cluster` or `database` is in another one.
   *
   * @default - the VPC of `cluster` or `database`; without either a new one with two availability zones, public and isolated subnets, an S3 gateway endpoint and no NAT gateway
   */
  readonly vpc?: IVpc;

  /**
   * The subnets that the server runs in.
   *
   * FlueEc2Service takes the first of them, which must be public.
   *
   * @default - private subnets with a way out if the VPC has any, its public subnets otherwise; on EC2 always public ones
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the server.
   *
   * @default - a new one that admits only the load balancer; on EC2 the peers of `exposure`
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * Variables that are secret, as references that are resolved when the server starts.
   *
   * A secret that changes is seen by the next process, not by the running one.
   * Throws for a name that is reserved or also in `environment`.
   *
   * @default - none
   */
  readonly secrets?: { [name: string]: Secret };

  /**
   * Variables in plain text, readable by everyone who may describe the service.
   *
   * Throws for a name or a value that looks like a secret, and for a reserved name.
   *
   * @default - none besides those the server needs
   */
  readonly environment?: { [name: string]: string };

  /**
   * The Postgres that holds sessions, submissions and runs; its URL reaches the server as `DATABASE_URL`.
   *
   * @default - none; state lives in the memory of the process, or on the data volume of FlueEc2Service
   */
  readonly database?: IFlueDatabase;

  /**
   * The model that agents think with, and its key.
   *
   * @default - the app chooses; its key must be in `secrets`
   */
  readonly model?: FlueModel;

  /**
   * Path that the health check asks; the app must define it and answer 2xx without a redirect.
   *
   * Throws for `/`, a path without a leading slash, and a URL.
   *
   * @default '/health'
   */
  readonly healthCheckPath?: string;

  /**
   * Time from the start of the process to its first healthy answer, at most.
   *
   * @default Duration.seconds(60)
   */
  readonly startupBudget?: Duration;

  /**
   * Time during which failed health checks of a new process are ignored.
   *
   * Throws when it is not above `startupBudget` or does not cover the time to healthy; on ECS Express Mode,
   * which fixes it at 300 s, it must be left out.
   *
   * @default - `startupBudget` + check interval × healthy count + 30 s: 120 s
   */
  readonly healthCheckGracePeriod?: Duration;

  /**
   * Time that the longest prompt takes to answer; a reply as one JSON document sends no byte until then.
   *
   * Throws above 3940 s, the longest that a load balancer waits with a margin of 60 s, and above what
   * FlueExposure.cloudFront() or throughListener() waits.
   *
   * @default - 10 minutes, or what FlueExposure.cloudFront() and throughListener() leave
   */
  readonly longestRun?: Duration;

  /**
   * Time that the load balancer keeps a silent connection, 16–4000 s.
   *
   * Throws outside the range, below `longestRun`, and with FlueExposure.throughListener(), which states it itself.
   *
   * @default - `longestRun` + 60 s
   */
  readonly idleTimeout?: Duration;

  /**
   * Time between SIGTERM and SIGKILL.
   *
   * Throws at or below the server's own shutdown bound of 60 s and, on Fargate, above 120 s. EC2 has no such cap: it may
   * be as long as the longest run, up to 2700 s together with `startupBudget`.
   *
   * @default Duration.seconds(90)
   */
  readonly stopTimeout?: Duration;

  /**
   * Time that logs are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * Key that the logs are encrypted with; prompts and replies may stand in them.
   *
   * A key of this app gets a statement that lets CloudWatch Logs use it. The policy of an imported key cannot be changed from
   * here: it must admit `logs.<region>.amazonaws.com` already, or the log group cannot be created.
   *
   * @default - the key of CloudWatch Logs
   */
  readonly logEncryptionKey?: IKey;
}

/**
 * A Flue server on AWS: what every way of running one has in common.
 */
export abstract class FlueService extends Construct implements IFlueService {
  public abstract readonly url: string;
  public abstract readonly logGroup: ILogGroup;
  public abstract readonly connections: Connections;
  public abstract readonly grantPrincipal: IPrincipal;

  /** Path that the health check asks. */
  public readonly healthCheckPath: string;

  /** @internal */
  protected readonly _database?: IFlueDatabase;

  private alarms?: FlueAlarms;

  protected constructor(scope: Construct, id: string, props: FlueServiceProps) {
    super(scope, id);
    this._database = props.database;
    this.healthCheckPath = props.healthCheckPath ?? DEFAULT_HEALTH_CHECK_PATH;
    requireHealthCheckPath(this, this.healthCheckPath);
  }

  /**
   * A metric of the service.
   *
   * @param metricName its name in the namespace of the platform
   * @param props how to look at it
   */
  public abstract metric(metricName: string, props?: MetricOptions): Metric;

  /**
   * Processor use, in percent of what the service has; the mean over five minutes unless told otherwise.
   *
   * @param props how to look at it
   */
  public metricCpuUtilization(props?: MetricOptions): Metric {
    return this.metric('CPUUtilization', props);
  }

  /**
   * Memory use, in percent of what the service has; the mean over five minutes unless told otherwise.
   *
   * @param props how to look at it
   */
  public metricMemoryUtilization(props?: MetricOptions): Metric {
    return this.metric('MemoryUtilization', props);
  }

  /**
   * Raises alarms when the server is gone, or close to its limits.
   *
   * Memory and processor use on every platform, and what else the platform reports: missing tasks, unhealthy targets
   * and failed answers on Fargate, missing tasks on Express, a server that does not answer on EC2. An alarm costs 0.10 USD a month.
   *
   * Throws for a threshold outside its range, and when it is called twice.
   *
   * @param props thresholds, and who is told
   */
  public addAlarms(props: FlueAlarmsProps = {}): Alarm[] {
    const judge = this._deploymentJudge();
    if (props.rollBackDeployments && !judge) {
      refuse(this, '`rollBackDeployments` must be left out on this platform, got: true',
        'ECS Express Mode and a box judge their deployments by themselves; use FlueFargateService to choose the alarms');
    }
    this.alarms = new FlueAlarms(this, 'Alarms', this._watches(), props);
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
   * Saves queries for CloudWatch Logs Insights: boots that failed, rejections that nobody handled, prompts that failed or were
   * interrupted.
   *
   * They look for what Flue and Node.js write; Flue writes nothing of how long a prompt took. A query that is saved costs
   * nothing, one that is run is paid by the data it reads.
   *
   * Throws when it is called twice.
   */
  public addLogQueries(): QueryDefinition[] {
    return new FlueLogQueries(this, 'LogQueries', this.logGroup).queries;
  }

  /**
   * Adds an output for each command with which an operator reaches the server, and returns the commands.
   *
   * They work as they are in a POSIX shell with version 2 of the AWS CLI. Another call adds nothing.
   */
  public operatorCommands(): FlueOperatorCommands {
    return outputCommands(this, this._operatorCommands());
  }

  /**
   * What an operator can do on the platform.
   *
   * @internal
   */
  protected _operatorCommands(): FlueOperatorCommands {
    return { tailLogs: tailLogsCommand(this, this.logGroup.logGroupName) };
  }

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
   * What a finished service tells the checks, and what its image warns of.
   *
   * @internal
   */
  protected _declare(props: FlueServiceProps, timers: TimerChain, hasDatabase: boolean): void {
    markAsFlueServer(this, {
      startupBudgetSeconds: secondsOf(timers.startupBudget),
      longestRunSeconds: secondsOf(timers.longestRun),
    });
    props.image.checkHealthRoute(this, this.healthCheckPath);
    if (hasDatabase) {
      props.image.checkDatabaseSupport(this, props.database?.usesRdsCertificates);
    }
  }

  /** @internal */
  protected _warn(id: string, message: string): void {
    Annotations.of(this).addWarningV2(id, message);
  }
}
