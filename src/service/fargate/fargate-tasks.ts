import { AvailabilityZoneRebalancing, FargateService, PropagatedTagSource, type ScalableTaskCount } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { DeploymentAlarms } from './deployment-alarms';
import type { FlueFargateServiceProps } from './flue-fargate-service-props';
import type { ServerEdge } from '../../edge/exposure-strategy';
import { needsPublicIp } from '../../network/network';
import type { FlueDeployment } from '../../timers/flue-deployment';
import type { TrafficShift } from '../../timers/replacement-strategy';
import { CONTAINER_NAME } from '../task-definition';
import { DEFAULT_TARGET_CPU_PERCENT, type TaskFoundation, type TaskPlan } from '../task-plan';

/** What tasks are run from, and behind. */
export interface TaskSurroundings {
  readonly plan: TaskPlan;
  readonly foundation: TaskFoundation;
  readonly deployment: FlueDeployment;
  readonly deploymentAlarms: DeploymentAlarms;
  readonly edge: ServerEdge;
  readonly shift?: TrafficShift;
}

/** The tasks that run, and what scales them. */
export interface RunningTasks {
  readonly service: FargateService;
  readonly scaling?: ScalableTaskCount;
}

/** Runs tasks on Fargate behind their edge, replaced as the deployment says. */
export function runTasks(scope: Construct, props: FlueFargateServiceProps, surroundings: TaskSurroundings): RunningTasks {
  const { plan, foundation, deployment, deploymentAlarms, edge, shift } = surroundings;
  const scales = plan.maxTasks !== plan.minTasks;
  const service = new FargateService(scope, 'Service', {
    cluster: foundation.cluster,
    taskDefinition: foundation.taskDefinition,
    // with a scalable target a count in the template would reset it at every deployment
    desiredCount: scales ? undefined : plan.minTasks,
    minHealthyPercent: deployment.minHealthyPercent,
    maxHealthyPercent: deployment.maxHealthyPercent,
    circuitBreaker: { enable: true, rollback: deployment.rollback },
    deploymentAlarms: deploymentAlarms.config,
    ...deployment._replacement.serviceProps(scope),
    healthCheckGracePeriod: plan.timers.gracePeriod,
    // rebalancing stops a healthy process to move it, and its sessions with it
    availabilityZoneRebalancing: AvailabilityZoneRebalancing.DISABLED,
    assignPublicIp: needsPublicIp(foundation.vpc, foundation.selectedSubnets),
    vpcSubnets: foundation.vpcSubnets,
    securityGroups: foundation.securityGroups,
    enableExecuteCommand: props.enableExecuteCommand ?? false,
    enableECSManagedTags: true,
    propagateTags: PropagatedTagSource.SERVICE,
  });
  edge.targetGroup.addTarget(service.loadBalancerTarget({
    containerName: CONTAINER_NAME, containerPort: props.image.port, alternateTarget: shift?.alternateTarget,
  }));
  deployment._replacement.finish(service);
  // ECS refuses a target group that no listener uses yet; and a task that starts before its role may read the secrets fails
  service.node.addDependency(edge.ready, foundation.taskDefinition.obtainExecutionRole(), foundation.selectedSubnets.internetConnectivityEstablished);
  return { service, scaling: scales ? scale(service, props, plan) : undefined };
}

function scale(service: FargateService, props: FlueFargateServiceProps, plan: TaskPlan): ScalableTaskCount {
  const scaling = service.autoScaleTaskCount({ minCapacity: plan.minTasks, maxCapacity: plan.maxTasks });
  scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: props.targetCpuUtilizationPercent ?? DEFAULT_TARGET_CPU_PERCENT });
  return scaling;
}
