import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Connections, IVpc, SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import type { ContainerDefinition, FargateService, FargateTaskDefinition, ICluster, ScalableTaskCount } from 'aws-cdk-lib/aws-ecs';
import {
  HttpCodeElb, HttpCodeTarget, type ApplicationListener, type ApplicationListenerRule, type ApplicationLoadBalancer, type ApplicationTargetGroup,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { DeploymentAlarms } from './deployment-alarms';
import { runTasks } from './fargate-tasks';
import type { FlueFargateServiceProps } from './flue-fargate-service-props';
import type { ServerEdge } from '../../edge/exposure-strategy';
import { FlueExposure } from '../../edge/flue-exposure';
import type { WayIn } from '../../events/event-door';
import { refuse } from '../../invariants/invariant';
import { warnScaleOut } from '../../invariants/one-live-owner';
import { requirePlacement } from '../../invariants/placement';
import { requireShortDrain } from '../../invariants/shutdown-time';
import { requireTypes } from '../../invariants/types/require-types';
import { settled } from '../../invariants/unknown';
import { WARNINGS } from '../../invariants/warnings';
import { connectToDatabase } from '../../network/network';
import type { Watch } from '../../operations/alarms';
import { ecsCommands } from '../../operations/ecs-commands';
import { loadBalancerWatches, unhealthyHostsOf } from '../../operations/load-balancer-watches';
import type { PlatformCommands } from '../../operations/operator-commands';
import type { SandboxHost } from '../../sandboxes/sandbox-access';
import { FlueDeployment } from '../../timers/flue-deployment';
import { HEALTH_CHECK, TimerChain, unhealthyStartupMinutes } from '../../timers/timer-chain';
import { FlueService } from '../flue-service';
import { wayThrough } from '../inbox-way';
import { Redeployment, type WatchedService } from '../redeployment';
import { runningTasksMetric, runningTasksWatch } from '../running-tasks';
import { sandboxHostOf } from '../sandbox-host';
import { namesIn } from '../server-environment';
import { CONTAINER_NAME } from '../task-definition';
import { ecsMetric, layFoundation, planTasks } from '../task-plan';

/**
 * A Flue server on ECS Fargate behind an Application Load Balancer, a new one or an existing one.
 *
 * **Cost.** About 45 USD a month with the defaults, without traffic: a task of 0.5 vCPU and 1 GiB (18.0), the load balancer
 * (16.4) and three public addresses (11.0); 34.6 with 0.25 vCPU and 0.5 GiB on ARM64, 38 through CloudFront, 22 with an
 * existing load balancer (us-east-1, 2026-09-26). Container Insights of the cluster add 5–8.
 *
 * **Durability.** Without `database`, sessions are lost whenever the task is replaced, and Fargate replaces tasks by itself.
 * With a database they stay.
 *
 * **Security.** Secrets are references only, and only the load balancer can reach the tasks. Agent routes have no
 * authentication but the app's own, unless you pass `auth`.
 *
 * @example
 * const agents = new FlueFargateService(this, 'Agents', {
 *   image: new FlueImage(this, 'Image', { directory: '../my-agents' }),
 *   secrets: { ANTHROPIC_API_KEY: ecs.Secret.fromSecretsManager(providerKey) },
 * });
 */
export class FlueFargateService extends FlueService {
  public readonly url: string;
  public readonly logGroup: ILogGroup;
  public readonly connections: Connections;
  public readonly grantPrincipal: IPrincipal;

  /** The ECS service. */
  public readonly service: FargateService;
  /** The task definition that the service runs. */
  public readonly taskDefinition: FargateTaskDefinition;
  /** The container of the server. */
  public readonly container: ContainerDefinition;
  /** The cluster that the service runs in. */
  public readonly cluster: ICluster;
  /** The VPC that the service runs in. */
  public readonly vpc: IVpc;
  /** The target group that the tasks register in. */
  public readonly targetGroup: ApplicationTargetGroup;

  /**
   * The listener that redirects HTTP to HTTPS.
   *
   * @default - the service has no certificate
   */
  public readonly redirectListener?: ApplicationListener;

  /**
   * The rule of a shared listener that forwards to the server.
   *
   * @default - the service created its own load balancer
   */
  public readonly listenerRule?: ApplicationListenerRule;

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
   * The scaling of the service, for policies of your own.
   *
   * @default - `maxTasks` is `minTasks`: nothing scales
   */
  public readonly scaling?: ScalableTaskCount;

  /**
   * The second target group of a blue/green deployment. Revisions alternate between the two groups.
   *
   * @default - the deployment is not blue/green
   */
  public readonly alternateTargetGroup?: ApplicationTargetGroup;

  /**
   * The listener on which the next revision answers before it gets the traffic.
   *
   * @default - the deployment is not blue/green, or has no `testPort`
   */
  public readonly testListener?: ApplicationListener;

  /**
   * What looks whether a secret has changed, and deploys the service then. Start it to have it look at once.
   *
   * @default - no secret is watched
   */
  public readonly redeployment?: StateMachine;

  /** @internal */
  public readonly _watched: WatchedService;

  private readonly minTasks: number;
  private readonly deploymentAlarms: DeploymentAlarms;
  private readonly hasShell: boolean;
  private readonly startupMinutes?: number;
  private readonly edge: ServerEdge;
  private readonly wayIn: WayIn;
  private readonly named: string[];
  private readonly subnets: SelectedSubnets;

  public constructor(scope: Construct, id: string, props: FlueFargateServiceProps) {
    super(scope, id, props);
    requireTypes(this, 'FlueFargateServiceProps', props);
    props = settled(this, props);

    const { _strategy: exposure, _shard: shard } = props.exposure ?? FlueExposure.open();
    exposure.require(this, props, this.healthCheckPath);
    const timers = new TimerChain(this, exposure.timers(this, props), {
      healthCheck: HEALTH_CHECK, onFargate: true, flueMajor: props.image.flueMajor, isShard: shard !== undefined,
    });
    const plan = planTasks(this, props, timers, { vpc: exposure.vpc(), shard });
    this.minTasks = plan.minTasks;
    this.named = namesIn(plan.server);
    this.startupMinutes = unhealthyStartupMinutes(timers);
    if (props.readonlyRootFilesystem && props.enableExecuteCommand) {
      refuse(this, '`enableExecuteCommand` must be left out with `readonlyRootFilesystem`, got: both',
        'The agent of ECS Exec writes to the root file system: choose one of the two');
    }
    this.hasShell = props.enableExecuteCommand ?? false;
    const deployment = props.deployment ?? FlueDeployment.recreate();
    if (!shard) {
      requireShortDrain(this, timers.deregistrationDelay, deployment.minHealthyPercent);
    }
    requirePlacement(this, { alarms: deployment.alarms });
    this.deploymentAlarms = new DeploymentAlarms(deployment);
    deployment._replacement.require(this, exposure.fixedRules(props));
    exposure.requireNetwork(this, props, plan.vpc);

    const foundation = layFoundation(this, props, plan, {
      enableExecuteCommand: props.enableExecuteCommand, ownsLoadBalancer: exposure.ownsLoadBalancer,
    });
    this.subnets = foundation.selectedSubnets;
    this.vpc = foundation.vpc;
    this.cluster = foundation.cluster;
    this.taskDefinition = foundation.taskDefinition;
    this.container = foundation.container;
    this.logGroup = foundation.logGroup;
    this.grantPrincipal = this.taskDefinition.taskRole;

    this.edge = exposure.build(this, props, {
      vpc: this.vpc, healthCheckPath: this.healthCheckPath, timers,
    }, foundation.vpcSubnets);
    this.url = this.edge.url;
    this.targetGroup = this.edge.targetGroup;
    this.redirectListener = this.edge.redirectListener;
    this.listenerRule = this.edge.listenerRule;
    this.certificate = this.edge.certificate;
    this.distribution = this.edge.distribution;
    this.accessLogsBucket = this.edge.accessLogsBucket;
    const shift = deployment._replacement.shift(this.edge);
    this.alternateTargetGroup = shift?.alternateTargetGroup;
    this.testListener = shift?.testListener;

    const { deploymentAlarms, edge } = this;
    const { service, scaling } = runTasks(this, props, { plan, foundation, deployment, deploymentAlarms, edge, shift });
    this.service = service;
    this.scaling = scaling;
    this.connections = this.service.connections;
    this.node.defaultChild = this.service;

    if (props.database) {
      connectToDatabase(foundation.securityGroups, props.database);
    }
    plan.server.model?.grant(this);
    this._watched = { cluster: this.cluster.clusterName, service: this.service.serviceArn, secrets: plan.watched };
    // the shards of a fleet are deployed one after the other, and so watched together
    this.redeployment = shard ? undefined : Redeployment.of(this, [this._watched], props);

    warnScaleOut(this, plan.maxTasks);
    if (deployment.overlaps) {
      WARNINGS.overlap.give(this, { what: `\`deployment\` is ${deployment._replacement.name}` });
    }
    if (this.url.startsWith('http://') && !this.edge.sharesUrl) {
      WARNINGS.fargatePlainHttp.give(this);
    }
    exposure.warnPublic(this, props);
    this.wayIn = wayThrough(exposure, this.edge, { vpc: this.vpc, vpcSubnets: foundation.vpcSubnets, auth: props.auth });
    this._declare(props.image, timers, plan.server.hasDatabase, !this.edge.sharesUrl);
  }

  /** The load balancer in front of the service. Throws if the service shares an existing one. */
  public get loadBalancer(): ApplicationLoadBalancer {
    return this.edge.own('loadBalancer').loadBalancer;
  }

  /** The listener that forwards to the server. Throws if the service shares an existing one. */
  public get listener(): ApplicationListener {
    return this.edge.own('listener').listener;
  }

  public metric(metricName: string, props?: MetricOptions): Metric {
    return ecsMetric(this, this.cluster.clusterName, this.service.serviceName, metricName, props);
  }

  /**
   * Number of running tasks, as Container Insights counts them. By default, the minimum over five minutes.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricRunningTasks(props?: MetricOptions): Metric {
    return runningTasksMetric(this, this.cluster.clusterName, this.service.serviceName, props);
  }

  /**
   * Number of tasks that fail the health check of the load balancer. By default, the maximum over five minutes.
   *
   * With blue/green, it counts the tasks in `targetGroup` only. Every second revision registers in `alternateTargetGroup` instead.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricUnhealthyHosts(props?: MetricOptions): Metric {
    return unhealthyHostsOf(this.targetGroup, props).attachTo(this);
  }

  /**
   * Time from a request to the first byte of its answer. A reply as one JSON document sends no byte until it is done.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricTargetResponseTime(props?: MetricOptions): Metric {
    return this.responder.metrics.targetResponseTime(props).attachTo(this);
  }

  /**
   * Number of answers of the server with a status of 5xx. By default, the sum over five minutes.
   *
   * @param props period, statistic and other options of the metric
   */
  public metric5xx(props?: MetricOptions): Metric {
    return this.responder.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, props).attachTo(this);
  }

  /**
   * Number of answers of the load balancer itself with a status of 5xx, such as 502 when the server closed the connection. By default,
   * the sum over five minutes. Throws if the service shares a load balancer, because its errors cannot be attributed
   * to one service.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricLoadBalancer5xx(props?: MetricOptions): Metric {
    return this.loadBalancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, props).attachTo(this);
  }

  /** What sees every answer: with two target groups that take turns, the load balancer. */
  private get responder(): ApplicationLoadBalancer | ApplicationTargetGroup {
    return this.alternateTargetGroup ? this.loadBalancer : this.targetGroup;
  }

  /** @internal */
  protected _deploymentJudge(): (alarmNames: string[]) => void {
    return names => this.deploymentAlarms.add(this.service, names);
  }

  /** @internal */
  protected _sandboxHost(): SandboxHost {
    return sandboxHostOf(this, this, this.named, this.subnets);
  }

  /** @internal */
  protected _wayIn(): WayIn {
    return this.wayIn;
  }

  /** @internal */
  protected _operatorCommands(): PlatformCommands {
    return ecsCommands(this, {
      clusterName: this.cluster.clusterName,
      serviceName: this.service.serviceName,
      family: this.taskDefinition.family,
      containerName: CONTAINER_NAME,
      hasShell: this.hasShell,
      database: this._database,
    });
  }

  /** @internal */
  public _watches(): Watch[] {
    return [
      ...super._watches(),
      runningTasksWatch(props => this.metricRunningTasks(props), this.minTasks, this.cluster),
      ...loadBalancerWatches({
        unhealthyHosts: props => this.metricUnhealthyHosts(props),
        unhealthyAlternates: this.alternateTargetGroup && (props => unhealthyHostsOf(this.alternateTargetGroup!, props)),
        startupMinutes: this.startupMinutes,
        serverErrors: props => this.metric5xx(props),
        loadBalancerErrors: this.listenerRule ? undefined : props => this.metricLoadBalancer5xx(props),
      }),
    ];
  }
}
