import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { MathExpression, type Alarm, type Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Connections, type IConnectable, type IVpc } from 'aws-cdk-lib/aws-ec2';
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import { HttpCodeTarget, type ApplicationListener, type ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Role, ServicePrincipal, type IGrantable, type IPrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup, QueryDefinition } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Schedule } from 'aws-cdk-lib/aws-scheduler';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { planFleet, type Fleet } from './fleet';
import type { FlueShardedServiceProps } from './flue-sharded-service-props';
import { addSchemaOfFleet } from '../../database/flue-schema';
import { FlueExposure } from '../../edge/flue-exposure';
import { FurtherShard, type HomeEdge } from '../../edge/further-shard';
import { ShardRules } from '../../edge/shard-rules';
import type { FlueInbox } from '../../events/flue-inbox';
import type { FlueInboxOptions } from '../../events/flue-inbox-options';
import type { FlueScheduleOptions } from '../../events/flue-schedule-options';
import { warnOfDispatch } from '../../image/app-warnings';
import { refuse } from '../../invariants/invariant';
import { requireNoSecretTexts } from '../../invariants/secrets-only';
import { HOME_SHARD, partitionName } from '../../invariants/shards/partition';
import { placed } from '../../invariants/types/placed';
import { requireArguments, requireTypes } from '../../invariants/types/require-types';
import { settled } from '../../invariants/unknown';
import type { FlueAlarmsOptions } from '../../operations/alarms';
import { FlueLogQueries, type FlueLogQueriesOptions } from '../../operations/log-queries';
import type { FlueOperatorCommands } from '../../operations/operator-commands';
import type { FlueSandboxes } from '../../sandboxes/flue-sandboxes';
import { FlueFargateService } from '../fargate/flue-fargate-service';
import type { FlueFargateServiceProps } from '../fargate/flue-fargate-service-props';
import { Redeployment } from '../redeployment';

/** Ids of what a fleet makes; a contract, like every construct id. */
const LOG_QUERIES = 'LogQueries';
const RULES = 'Rules';
const shardId = (shard: number): string => `Shard${shard}`;

/**
 * A Flue server that is shared out over several tasks: each answers for its part of the ids of agent instances, and keeps them in a
 * schema of its own.
 *
 * One process for each schema is as far as a Flue server goes: two on one schema lose replies. Shards are 2, 4, 8 or 16 services of
 * one task each behind one load balancer, whose rules read the id in the path. If a shard is away, its ids get 503 and all others go
 * on; no other shard answers for it. A server refuses an id of another shard with 421, so no rule can split a conversation.
 *
 * Paths without an id go to the home shard, `services[0]`: workflows, webhooks and the health check. `dispatch()` works within one
 * shard. A deployment replaces one shard after the other, each drained first, for as long as `longestRun` up to Flue 1.x.
 *
 * Try a larger task first: shards need more processor for the servers, and do not lift the limit of the database.
 *
 * **Cost.** About 128 USD a month with four shards of the default size and a db.t4g.micro, without traffic; 22.5 for each further shard (us-east-1,
 * 2026-09-26).
 *
 * **Durability.** As with FlueFargateService: without `database`, each shard keeps its sessions in memory.
 *
 * **Security.** All shards have one task role and one security group. Otherwise as with FlueFargateService.
 *
 * @example
 * const agents = new FlueShardedService(this, 'Agents', {
 *   image: new FlueImage(this, 'Image', { directory: '../my-agents' }),
 *   database: new FlueDatabase(this, 'Database', { vpc }),
 *   shards: 4,
 * });
 */
export class FlueShardedService extends Construct implements IConnectable, IGrantable {
  /** The services of the shards, each with one task. The first is the home shard. */
  public readonly services: FlueFargateService[];
  /** The home shard: it answers for all paths without an id, and has the load balancer. */
  public readonly home: FlueFargateService;
  /** The URL at which clients reach the shards, with its scheme and without a trailing slash. */
  public readonly url: string;
  /** Network rules of the shards. */
  public readonly connections: Connections;
  /** The role of the shards. Grant permissions to it. */
  public readonly grantPrincipal: IPrincipal;
  /** The role of the shards. */
  public readonly taskRole: IRole;
  /** The log groups of the shards. */
  public readonly logGroups: ILogGroup[];
  /** The cluster that the shards run in. */
  public readonly cluster: ICluster;
  /** The VPC that the shards run in. */
  public readonly vpc: IVpc;
  /** The load balancer in front of the shards. */
  public readonly loadBalancer: ApplicationLoadBalancer;
  /** The listener whose rules send each request to its shard. Rules of your own with a priority below 1000 come before them. */
  public readonly listener: ApplicationListener;

  /**
   * The listener that redirects HTTP to HTTPS.
   *
   * @default - the service has no certificate
   */
  public readonly redirectListener?: ApplicationListener;

  /**
   * The certificate of the HTTPS listener.
   *
   * @default - the listener is plain HTTP
   */
  public readonly certificate?: ICertificate;

  /**
   * The distribution in front of the load balancer.
   *
   * @default - the exposure is not FlueExposure.cloudFront()
   */
  public readonly distribution?: Distribution;

  /**
   * The bucket that the load balancer writes its access logs to.
   *
   * @default - it writes none
   */
  public readonly accessLogsBucket?: IBucket;

  /**
   * What looks whether a secret has changed, and deploys one shard at a time then. Start it to have it look at once.
   *
   * @default - no secret is watched
   */
  public readonly redeployment?: StateMachine;

  public constructor(scope: Construct, id: string, props: FlueShardedServiceProps) {
    super(placed('FlueShardedService', scope, id), id);
    requireTypes(this, 'FlueShardedServiceProps', props);
    requireNoSecretTexts(this, { ...props, environment: undefined });
    props = settled(this, props);
    const fleet = planFleet(this, props);
    const { way, partition } = fleet;

    this.taskRole = props.taskRole ?? new Role(this, 'TaskRole', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    this.grantPrincipal = this.taskRole;
    this.home = this.addShard(fleet, HOME_SHARD, {
      ...ofServers(props),
      ...ofEdge(props),
      taskRole: this.taskRole,
      exposure: FlueExposure._ofShard({ ...partition, shard: HOME_SHARD }, way),
    });
    this.vpc = this.home.vpc;
    this.cluster = this.home.cluster;
    this.url = this.home.url;
    this.loadBalancer = this.home.loadBalancer;
    this.listener = this.home.listener;
    this.redirectListener = this.home.redirectListener;
    this.certificate = this.home.certificate;
    this.distribution = this.home.distribution;
    this.accessLogsBucket = this.home.accessLogsBucket;
    this.node.defaultChild = this.home.node.defaultChild;

    const rules = new ShardRules(new Construct(this, RULES), { listener: this.listener, partition, auth: props.auth });
    // until they exist, the listener sends the ids of all shards to the home shard
    this.home.service.node.addDependency(...rules.addHome(this.home.targetGroup, [...partition.homePaths]));
    const edge: HomeEdge = { way, url: this.url, rules, loadBalancer: this.loadBalancer, listener: this.listener };
    const { vpc, cluster, connections: { securityGroups } } = { vpc: this.vpc, cluster: this.cluster, connections: this.home.connections };
    const further = Array.from({ length: partition.shards - 1 }, (_, index) => this.addShard(fleet, index + 1, {
      ...ofServers(props),
      vpc,
      cluster,
      securityGroups,
      taskRole: this.taskRole,
      exposure: FlueExposure._ofShard({ ...partition, shard: index + 1 }, new FurtherShard(edge, index + 1)),
    }));
    this.services = [this.home, ...further];
    this.redeployment = Redeployment.of(this, this.services.map(({ _watched }) => _watched), props);
    warnOfDispatch(this, props.image);
    // one after another: a deployment takes one part of the ids away at a time
    further.forEach((shard, index) => shard.service.node.addDependency(this.services[index].service));
    this.connections = new Connections({ securityGroups });
    this.logGroups = [...new Set(this.services.map(({ logGroup }) => logGroup))];
  }

  /** CPU utilization of the shard that has most of it, in percent of its task. By default, the mean over five minutes. */
  public metricCpuUtilization(props?: MetricOptions): MathExpression {
    return this.combine('MAX', 'cpu', 'CPU utilization, busiest shard', service => service.metricCpuUtilization(props), props);
  }

  /** Memory utilization of the shard that has most of it, in percent of its task. By default, the mean over five minutes. */
  public metricMemoryUtilization(props?: MetricOptions): MathExpression {
    return this.combine('MAX', 'memory', 'Memory utilization, fullest shard', service => service.metricMemoryUtilization(props), props);
  }

  /** Number of running tasks, as Container Insights counts them: one for each shard if all is well. */
  public metricRunningTasks(props?: MetricOptions): MathExpression {
    return this.combine('SUM', 'running', 'Running tasks', service => service.metricRunningTasks(props), props);
  }

  /** Number of tasks that fail the health check of the load balancer. */
  public metricUnhealthyHosts(props?: MetricOptions): MathExpression {
    return this.combine('SUM', 'unhealthy', 'Unhealthy hosts', service => service.metricUnhealthyHosts(props), props);
  }

  /**
   * Time from a request to the first byte of its answer, over all shards. A reply as one JSON document sends no byte until it is done.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricTargetResponseTime(props?: MetricOptions): Metric {
    return this.loadBalancer.metrics.targetResponseTime(props).attachTo(this);
  }

  /**
   * Number of answers of all shards with a status of 5xx. By default, the sum over five minutes.
   *
   * @param props period, statistic and other options of the metric
   */
  public metric5xx(props?: MetricOptions): Metric {
    return this.loadBalancer.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, props).attachTo(this);
  }

  /**
   * Number of answers of the load balancer itself with a status of 5xx: 503 for the ids of a shard that is away. By default, the sum
   * over five minutes.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricLoadBalancer5xx(props?: MetricOptions): Metric {
    return this.home.metricLoadBalancer5xx(props);
  }

  /**
   * Adds the alarms of a service to each shard, and returns them all. An alarm costs 0.10 USD a month, and a shard has about five.
   *
   * Throws for a threshold outside its range, and when it is called twice.
   *
   * @param options the thresholds and the topic
   */
  public addAlarms(options: FlueAlarmsOptions = {}): Alarm[] {
    requireArguments('FlueShardedService.addAlarms', { options }, this);
    return this.services.flatMap(service => service.addAlarms(options));
  }

  /**
   * Saves queries for CloudWatch Logs Insights, each over the logs of all shards.
   *
   * Throws when it is called twice.
   *
   * @param options the least duration of a slow prompt
   */
  public addLogQueries(options: FlueLogQueriesOptions = {}): QueryDefinition[] {
    requireArguments('FlueShardedService.addLogQueries', { options }, this);
    if (this.node.tryFindChild(LOG_QUERIES)) {
      refuse(this, '`addLogQueries()` must be called once, got: a second call', 'Use what the first call returned, and pass all options to it');
    }
    return new FlueLogQueries(this, LOG_QUERIES, this.logGroups, options).queries;
  }

  /**
   * Adds an output for each operator command of each shard, and returns the commands in the order of `services`.
   *
   * Throws when it is called twice.
   */
  public addOperatorCommands(): FlueOperatorCommands[] {
    return this.services.map(service => service.addOperatorCommands());
  }

  /**
   * Adds an inbox for the shards: the rules of the load balancer send each event to the shard of its conversation.
   *
   * Throws when it is called twice, or after `addSchedule()`, which adds one.
   *
   * @param options the token of the app, and how the inbox delivers
   */
  public addInbox(options: FlueInboxOptions = {}): FlueInbox {
    requireArguments('FlueShardedService.addInbox', { options }, this);
    return this.home.addInbox(options);
  }

  /**
   * Adds a schedule that sends a message to an agent, or runs a workflow. Workflows run on the home shard.
   *
   * Throws for a schedule that never fires, and for a target that no server has.
   *
   * @param id the id of the schedule below the inbox
   * @param options the time, and the agent or the workflow
   */
  public addSchedule(id: string, options: FlueScheduleOptions): Schedule {
    requireArguments('FlueShardedService.addSchedule', { id, options }, this);
    return this.home.addSchedule(id, options);
  }

  /**
   * Lets the agents of all shards run their shells in sandboxes: each session in one of its own.
   *
   * Throws when it is called twice, for a pool in another VPC, and if `environment` or `secrets` hold a variable of the sandboxes.
   *
   * @param pool the pool of sandboxes; `maxConcurrent` of it holds for each shard
   */
  public addSandboxes(pool: FlueSandboxes): void {
    requireArguments('FlueShardedService.addSandboxes', { pool }, this);
    this.services.forEach(service => service.addSandboxes(pool));
  }

  private addShard({ schemas, partition }: Fleet, shard: number, props: FlueFargateServiceProps): FlueFargateService {
    const id = shardId(shard);
    const name = this.node.id.replace(/[^A-Za-z0-9]+/g, '');
    const database = schemas && addSchemaOfFleet(schemas, `${name}${id}`, {}, { fleet: name, partition: partitionName(partition.shards, partition.key) });
    return new FlueFargateService(this, id, { ...props, database });
  }

  private combine(
    how: 'MAX' | 'SUM', id: string, label: string, metricOf: (service: FlueFargateService) => Metric, props: MetricOptions = {},
  ): MathExpression {
    const metrics = this.services.map((service, shard): [string, Metric] => [`${id}${shard}`, metricOf(service)]);
    return new MathExpression({
      expression: `${how}([${metrics.map(([name]) => name).join(', ')}])`,
      usingMetrics: Object.fromEntries(metrics),
      label: props.label ?? label,
      color: props.color,
      period: props.period ?? metrics[0][1].period,
    });
  }
}

/** What only the home shard gets. */
function ofEdge(props: FlueShardedServiceProps) {
  const { auth, certificate, domainName, hostedZone, sslPolicy, accessLogs, accessLogsBucket, webAcl, loadBalancerDeletionProtection } = props;
  return { auth, certificate, domainName, hostedZone, sslPolicy, accessLogs, accessLogsBucket, webAcl, loadBalancerDeletionProtection };
}

/** What each shard gets. */
function ofServers(props: FlueShardedServiceProps): FlueFargateServiceProps {
  const {
    shards: _shards, shardKey: _key, agentPaths: _agents, homePaths: _home, database: _database, exposure: _exposure,
    auth: _auth, certificate: _certificate, domainName: _domain, hostedZone: _zone, sslPolicy: _policy, accessLogs: _logs, accessLogsBucket: _bucket,
    webAcl: _acl, loadBalancerDeletionProtection: _protection, ...rest
  } = props;
  return rest;
}
