import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ComparisonOperator, Stats, type Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Connections, IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  AvailabilityZoneRebalancing, FargateService, PropagatedTagSource,
  type ContainerDefinition, type FargateTaskDefinition, type ICluster, type ScalableTaskCount,
} from 'aws-cdk-lib/aws-ecs';
import {
  HttpCodeElb, HttpCodeTarget, type ApplicationListener, type ApplicationLoadBalancer, type ApplicationTargetGroup,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { FlueDeployment } from './flue-deployment';
import type { FlueFargateServiceProps } from './flue-fargate-service-props';
import { FlueService } from './flue-service';
import { CONTAINER_NAME } from './task-definition';
import { DEFAULT_TARGET_CPU_PERCENT, ecsMetric, layFoundation, planTasks, runningTasksMetric, runningTasksWatch } from './task-plan';
import { HEALTH_CHECK, TimerChain } from './timer-chain';
import { accessLogsBucketOf, requireAccessLogs } from '../edge/access-logs';
import { FlueExposure } from '../edge/flue-exposure';
import { addRecord, certificateOf, requireDomain, requireHttpsForAuth, requireHttpsForPolicy } from '../edge/https';
import { buildLoadBalancer } from '../edge/load-balancer';
import { warnPublicWithoutAuthentication } from '../edge/public-access';
import { requireWebAclScope } from '../edge/web-acl';
import { warnOverlap, warnScaleOut } from '../invariants/one-live-owner';
import { MAX_FARGATE_STOP_TIMEOUT } from '../invariants/shutdown-time';
import { connectToDatabase, loadBalancerSubnets, needsPublicIp } from '../network/network';
import type { Watch } from '../operations/alarms';

/** Id of the warning about agents on plain HTTP; public, never renamed. */
const PLAIN_HTTP_WARNING = 'cdk-flue:FlueFargateService.plainHttp';

/**
 * A Flue server on ECS Fargate behind an Application Load Balancer of its own.
 *
 * Cost: about 45 USD a month with the defaults, without traffic: a task of 0.5 vCPU and 1 GiB (18.0), the load
 * balancer (16.4) and three public addresses (11.0); 34.6 with 0.25 vCPU and 0.5 GiB on ARM64 (us-east-1, 2026-09-26).
 *
 * Durability: without `database` the state of every session is gone when the task is replaced, and Fargate
 * replaces tasks by itself; with one it survives.
 *
 * Security: secrets only by reference, tasks reachable from the load balancer only, and agent routes without
 * any authentication but the app's own.
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
  /** The load balancer in front of the service. */
  public readonly loadBalancer: ApplicationLoadBalancer;
  /** The listener that forwards to the server. */
  public readonly listener: ApplicationListener;
  /** The target group that the tasks register in. */
  public readonly targetGroup: ApplicationTargetGroup;

  /**
   * The listener that sends HTTP to HTTPS.
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

  private readonly minTasks: number;

  public constructor(scope: Construct, id: string, props: FlueFargateServiceProps) {
    super(scope, id, props);

    const timers = new TimerChain(this, props, { healthCheck: HEALTH_CHECK, maxStopTimeout: MAX_FARGATE_STOP_TIMEOUT });
    const plan = planTasks(this, props, timers);
    this.minTasks = plan.minTasks;
    const deployment = props.deployment ?? FlueDeployment.recreate();
    const exposure = props.exposure ?? FlueExposure.open();
    requireDomain(this, props);
    requireHttpsForPolicy(this, props);
    requireHttpsForAuth(this, { ...props, healthCheckPath: this.healthCheckPath });
    requireAccessLogs(this, props);
    requireWebAclScope(this, 'webAcl', props.webAcl, 'REGIONAL');
    if (plan.vpc) {
      loadBalancerSubnets(this, plan.vpc, exposure.internetFacing, {});
    }

    const foundation = layFoundation(this, props, plan, { enableExecuteCommand: props.enableExecuteCommand });
    this.vpc = foundation.vpc;
    this.cluster = foundation.cluster;
    this.taskDefinition = foundation.taskDefinition;
    this.container = foundation.container;
    this.logGroup = foundation.logGroup;
    this.grantPrincipal = this.taskDefinition.taskRole;

    this.certificate = certificateOf(this, props);
    this.accessLogsBucket = accessLogsBucketOf(this, props);
    const edge = buildLoadBalancer(this, {
      vpc: this.vpc,
      vpcSubnets: loadBalancerSubnets(this, this.vpc, exposure.internetFacing, foundation.vpcSubnets),
      exposure,
      certificate: this.certificate,
      port: props.image.port,
      healthCheckPath: this.healthCheckPath,
      timers,
      sslPolicy: props.sslPolicy,
      accessLogsBucket: this.accessLogsBucket,
      webAcl: props.webAcl,
      auth: props.auth,
      deletionProtection: props.loadBalancerDeletionProtection,
    });
    this.loadBalancer = edge.loadBalancer;
    this.listener = edge.listener;
    this.redirectListener = edge.redirectListener;
    this.targetGroup = edge.targetGroup;
    addRecord(this, this.loadBalancer, props);

    const scales = plan.maxTasks !== plan.minTasks;
    this.service = new FargateService(this, 'Service', {
      cluster: this.cluster,
      taskDefinition: this.taskDefinition,
      // with a scalable target a count in the template would reset it at every deployment
      desiredCount: scales ? undefined : plan.minTasks,
      minHealthyPercent: deployment.minHealthyPercent,
      maxHealthyPercent: deployment.maxHealthyPercent,
      circuitBreaker: { enable: true, rollback: deployment.rollback },
      healthCheckGracePeriod: timers.gracePeriod,
      // rebalancing stops a healthy process to move it, and its sessions with it
      availabilityZoneRebalancing: AvailabilityZoneRebalancing.DISABLED,
      assignPublicIp: needsPublicIp(this.vpc, foundation.selectedSubnets),
      vpcSubnets: foundation.vpcSubnets,
      securityGroups: foundation.securityGroups,
      enableExecuteCommand: props.enableExecuteCommand ?? false,
      enableECSManagedTags: true,
      propagateTags: PropagatedTagSource.SERVICE,
    });
    this.targetGroup.addTarget(this.service.loadBalancerTarget({ containerName: CONTAINER_NAME, containerPort: props.image.port }));
    // ECS refuses a target group that no listener uses yet
    this.service.node.addDependency(this.listener, foundation.selectedSubnets.internetConnectivityEstablished);
    this.connections = this.service.connections;
    this.node.defaultChild = this.service;

    if (scales) {
      this.scaling = this.service.autoScaleTaskCount({ minCapacity: plan.minTasks, maxCapacity: plan.maxTasks });
      this.scaling.scaleOnCpuUtilization('Cpu', {
        targetUtilizationPercent: props.targetCpuUtilizationPercent ?? DEFAULT_TARGET_CPU_PERCENT,
      });
    }
    if (props.database) {
      connectToDatabase(foundation.securityGroups, props.database);
    }
    props.model?._bind(this).grant(this);

    const scheme = this.certificate ? 'https' : 'http';
    this.url = `${scheme}://${props.domainName ?? this.loadBalancer.loadBalancerDnsName}`;

    warnScaleOut(this, plan.maxTasks);
    if (deployment.overlaps) {
      warnOverlap(this, '`deployment` is rolling');
    }
    if (!this.certificate) {
      this._warn(PLAIN_HTTP_WARNING, 'The listener is plain HTTP: prompts, replies and the app\'s own tokens cross the network unencrypted. '
        + 'Pass `certificate`, or `domainName` with `hostedZone`, or put an edge with TLS in front and acknowledge this warning.');
    }
    if (exposure._admitsEveryone && !props.auth) {
      warnPublicWithoutAuthentication(this, 'Pass `auth`, name who may connect in `exposure`');
    }
    this._declare(props, timers, plan.server.hasDatabase);
  }

  public metric(metricName: string, props?: MetricOptions): Metric {
    return ecsMetric(this, this.cluster.clusterName, this.service.serviceName, metricName, props);
  }

  /**
   * Tasks that run, as Container Insights counts them; the least of five minutes unless told otherwise.
   *
   * @param props how to look at it
   */
  public metricRunningTasks(props?: MetricOptions): Metric {
    return runningTasksMetric(this, this.cluster.clusterName, this.service.serviceName, props);
  }

  /**
   * Tasks that fail the health check of the load balancer; the most of five minutes unless told otherwise.
   *
   * @param props how to look at it
   */
  public metricUnhealthyHosts(props?: MetricOptions): Metric {
    return this.targetGroup.metrics.unhealthyHostCount({ statistic: Stats.MAXIMUM, ...props }).attachTo(this);
  }

  /**
   * Time from a request to the first byte of its answer; an attached reply sends none before it is done.
   *
   * @param props how to look at it
   */
  public metricTargetResponseTime(props?: MetricOptions): Metric {
    return this.targetGroup.metrics.targetResponseTime(props).attachTo(this);
  }

  /**
   * Answers of the server with a status of 5xx; their sum over five minutes unless told otherwise.
   *
   * @param props how to look at it
   */
  public metric5xx(props?: MetricOptions): Metric {
    return this.targetGroup.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, props).attachTo(this);
  }

  /**
   * Answers of the load balancer itself with a status of 5xx, such as the 502 of a server that hung up; their sum
   * over five minutes unless told otherwise.
   *
   * @param props how to look at it
   */
  public metricLoadBalancer5xx(props?: MetricOptions): Metric {
    return this.loadBalancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, props).attachTo(this);
  }

  /** @internal */
  protected _watches(): Watch[] {
    return [
      ...super._watches(),
      runningTasksWatch(props => this.metricRunningTasks(props), this.minTasks),
      {
        id: 'UnhealthyHosts',
        metric: period => this.metricUnhealthyHosts({ period }),
        threshold: () => 1,
        comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        description: 'A Flue server has failed its health check for minutes.',
      },
      {
        id: 'ServerErrors',
        metric: period => this.metric5xx({ period }),
        threshold: ({ serverErrorsPerMinute }) => serverErrorsPerMinute,
        comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        description: 'The Flue server answers with errors.',
      },
      {
        id: 'LoadBalancerErrors',
        metric: period => this.metricLoadBalancer5xx({ period }),
        threshold: ({ serverErrorsPerMinute }) => serverErrorsPerMinute,
        comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        description: 'The load balancer answers with errors of its own: no Flue server is there, or it hung up.',
      },
    ];
  }
}
