import { Fn } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Connections, type IVpc, type SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import { CfnExpressGatewayService, type ContainerDefinition, type FargateTaskDefinition, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { ManagedPolicy, Role, ServicePrincipal, type IPrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ExpressLoadBalancer } from './express-load-balancer';
import type { WayIn } from '../../events/event-door';
import { warnScaleOut } from '../../invariants/one-live-owner';
import { mayBePublic } from '../../invariants/subnets';
import { requireTypes } from '../../invariants/types/require-types';
import { settled } from '../../invariants/unknown';
import { WARNINGS } from '../../invariants/warnings';
import { connectToDatabase } from '../../network/network';
import type { Watch } from '../../operations/alarms';
import { ecsCommands } from '../../operations/ecs-commands';
import type { PlatformCommands } from '../../operations/operator-commands';
import type { SandboxHost } from '../../sandboxes/sandbox-access';
import { EXPRESS_TIMERS } from '../../timers/express-timers';
import { TimerChain } from '../../timers/timer-chain';
import { FlueService } from '../flue-service';
import { Redeployment } from '../redeployment';
import { runningTasksMetric, runningTasksWatch } from '../running-tasks';
import { sandboxHostOf } from '../sandbox-host';
import { namesIn } from '../server-environment';
import { CONTAINER_NAME } from '../task-definition';
import { DEFAULT_TARGET_CPU_PERCENT, ecsMetric, layFoundation, planTasks } from '../task-plan';
import type { FlueTaskProps } from '../task-props';

const INFRASTRUCTURE_POLICY = 'service-role/AmazonECSInfrastructureRoleforExpressGatewayServices';

/**
 * Properties of a Flue server on ECS Express Mode.
 */
export interface FlueExpressServiceProps extends FlueTaskProps {
  /**
   * The role with which ECS manages the load balancer, its certificate, security groups, scaling and alarms.
   *
   * If you change the role, CloudFormation replaces the service.
   *
   * @default - a new one that only ECS can assume, with the managed policy for it
   */
  readonly infrastructureRole?: IRole;
}

/**
 * A Flue server on ECS Express Mode: HTTPS without a domain of yours, on a load balancer that ECS manages.
 *
 * Up to 25 services of a VPC share that load balancer. ECS has no property for its idle timeout, so a custom resource raises
 * it. The custom resource never lowers it, not even when you delete the service. In public subnets the service is public, in
 * private ones internal. You cannot add a custom domain, a sign-in or a web ACL.
 *
 * A deployment is a canary: the old and the new server are live together for at least six minutes. ECS rolls it back if more
 * than 1 % of the answers are 4xx or 5xx, so answers of 401 and 404 can roll back a deployment that works.
 *
 * **Cost.** About 45 USD a month with the defaults, without traffic, for the first service of a VPC and 22 for each other
 * (us-east-1, 2026-09-26). Container Insights of the cluster add 5–8.
 *
 * **Durability.** Without `database`, sessions are lost whenever the task is replaced, and every deployment replaces it. With a
 * database they stay, but prompts in flight during a deployment can be lost or answered late.
 *
 * **Security.** Secrets are references only. In public subnets, everyone on the internet can reach the endpoint, and agent
 * routes have no authentication but the app's own.
 *
 * @example
 * const agents = new FlueExpressService(this, 'Agents', {
 *   image: new FlueImage(this, 'Image', { directory: '../my-agents' }),
 *   secrets: { ANTHROPIC_API_KEY: ecs.Secret.fromSecretsManager(providerKey) },
 * });
 */
export class FlueExpressService extends FlueService {
  public readonly url: string;
  public readonly logGroup: ILogGroup;
  public readonly connections: Connections;
  public readonly grantPrincipal: IPrincipal;

  /** The Express Mode service. */
  public readonly service: CfnExpressGatewayService;
  /** The task definition that the service runs. */
  public readonly taskDefinition: FargateTaskDefinition;
  /** The container of the server. */
  public readonly container: ContainerDefinition;
  /** The cluster that the service runs in. */
  public readonly cluster: ICluster;
  /** The VPC that the service runs in. */
  public readonly vpc: IVpc;
  /** The role with which ECS manages the load balancer, scaling and alarms of the service. */
  public readonly infrastructureRole: IRole;

  /**
   * What looks whether a secret has changed, and deploys the service then. Start it to have it look at once.
   *
   * @default - no secret is watched
   */
  public readonly redeployment?: StateMachine;

  private readonly minTasks: number;
  private readonly wayIn: WayIn;
  private readonly named: string[];
  private readonly subnets: SelectedSubnets;

  public constructor(scope: Construct, id: string, props: FlueExpressServiceProps) {
    super(scope, id, props);
    requireTypes(this, 'FlueExpressServiceProps', props);
    props = settled(this, props);

    const timers = new TimerChain(this, props, { ...EXPRESS_TIMERS, flueMajor: props.image.flueMajor });
    const plan = planTasks(this, props, timers);
    this.minTasks = plan.minTasks;
    this.named = namesIn(plan.server);

    const foundation = layFoundation(this, props, plan);
    this.subnets = foundation.selectedSubnets;
    this.vpc = foundation.vpc;
    this.cluster = foundation.cluster;
    this.taskDefinition = foundation.taskDefinition;
    this.container = foundation.container;
    this.logGroup = foundation.logGroup;
    this.grantPrincipal = this.taskDefinition.taskRole;
    this.connections = new Connections({ securityGroups: foundation.securityGroups });
    this.infrastructureRole = props.infrastructureRole ?? new Role(this, 'InfrastructureRole', {
      assumedBy: new ServicePrincipal('ecs.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(INFRASTRUCTURE_POLICY)],
    });

    this.service = new CfnExpressGatewayService(this, 'Service', {
      cluster: this.cluster.clusterName,
      infrastructureRoleArn: this.infrastructureRole.roleArn,
      taskDefinitionArn: this.taskDefinition.taskDefinitionArn,
      healthCheckPath: this.healthCheckPath,
      networkConfiguration: {
        subnets: foundation.selectedSubnets.subnetIds,
        securityGroups: foundation.securityGroups.map(group => group.securityGroupId),
      },
      scalingTarget: {
        minTaskCount: plan.minTasks,
        maxTaskCount: plan.maxTasks,
        autoScalingMetric: 'AVERAGE_CPU',
        autoScalingTargetValue: props.targetCpuUtilizationPercent ?? DEFAULT_TARGET_CPU_PERCENT,
      },
    });
    // tags can be given only at creation: one that the app adds later would replace the service
    this.service.addPropertyDeletionOverride('Tags');
    // a reference to a role does not wait for the policies attached to it
    this.service.node.addDependency(this.infrastructureRole, this.taskDefinition.obtainExecutionRole(), this.taskDefinition.taskRole,
      foundation.selectedSubnets.internetConnectivityEstablished);
    this.node.defaultChild = this.service;

    new ExpressLoadBalancer(this, 'ManagedLoadBalancer', {
      service: this.service,
      taskDefinitionArn: this.taskDefinition.taskDefinitionArn,
      idleTimeout: timers.idleTimeout,
      deregistrationDelay: timers.deregistrationDelay,
    });
    if (props.database) {
      connectToDatabase(foundation.securityGroups, props.database);
    }
    plan.server.model?.grant(this);
    this.redeployment = Redeployment.of(this, [
      { cluster: this.cluster.clusterName, service: this.service.attrServiceArn, secrets: plan.watched },
    ], props);
    this.url = `https://${this.service.attrEndpoint}`;
    this.wayIn = mayBePublic(this.vpc, foundation.selectedSubnets) ? {} : { vpc: this.vpc, vpcSubnets: foundation.vpcSubnets };

    warnScaleOut(this, plan.maxTasks);
    WARNINGS.overlap.give(this, { what: 'ECS Express Mode deploys by canary' });
    if (mayBePublic(this.vpc, foundation.selectedSubnets)) {
      WARNINGS.publicWithoutAuthentication.give(this, { way: 'Pass private subnets in `vpcSubnets`, or use FlueFargateService with `auth`' });
    }
    this._declare(props.image, timers, plan.server.hasDatabase);
  }

  public metric(metricName: string, props?: MetricOptions): Metric {
    return ecsMetric(this, this.cluster.clusterName, this.serviceName, metricName, props);
  }

  /**
   * Number of running tasks, as Container Insights counts them. By default, the minimum over five minutes.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricRunningTasks(props?: MetricOptions): Metric {
    return runningTasksMetric(this, this.cluster.clusterName, this.serviceName, props);
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
      serviceName: this.serviceName,
      family: this.taskDefinition.family,
      containerName: CONTAINER_NAME,
      expressServiceArn: this.service.attrServiceArn,
    });
  }

  /** @internal */
  public _watches(): Watch[] {
    return [...super._watches(), runningTasksWatch(props => this.metricRunningTasks(props), this.minTasks, this.cluster)];
  }

  private get serviceName(): string {
    // arn:…:service/<cluster>/<name>
    return Fn.select(2, Fn.split('/', this.service.attrServiceArn));
  }
}
