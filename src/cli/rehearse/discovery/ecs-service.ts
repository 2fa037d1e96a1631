import { containerOf } from './container';
import type { Finder } from './finder';
import type { HealthCheckPlan } from './service-plan';
import { DEFAULT_HEALTHY_COUNT, DEFAULT_INTERVAL_SECONDS } from '../../../invariants/grace-period-above-startup';
import { IDLE_TIMEOUT_ATTRIBUTE, IMPLICIT_IDLE_TIMEOUT } from '../../../invariants/idle-timeout';
import { TASK_DEFINITION } from '../../../invariants/template/containers';
import { SERVICE } from '../../../invariants/template/flue-servers';
import { LISTENER, LISTENER_RULE, LOAD_BALANCER, TARGET_GROUP } from '../../../invariants/template/routing';
import type { Assembly } from '../assembly/assembly';
import { fields, items, type Json, type Resource } from '../assembly/template';

/** What a target group does when nothing is said (Elastic Load Balancing API reference, CreateTargetGroup). */
const DEFAULT_TIMEOUT_SECONDS = 5;
const DEFAULT_MATCHER = '200';

/** A service on ECS, behind a load balancer or without one. */
export const ECS_SERVICE: Finder = {
  type: SERVICE,
  find(assembly, service) {
    const { template, properties } = service;
    const definition = template.target(properties.TaskDefinition);
    if (definition?.type !== TASK_DEFINITION) {
      return undefined;
    }
    const attachment = items(properties.LoadBalancers).map(fields).find(({ TargetGroupArn }) => TargetGroupArn !== undefined) ?? {};
    const targetGroup = template.target(attachment.TargetGroupArn);
    const container = containerOf(assembly, definition, {
      name: template.text(attachment.ContainerName),
      port: template.number(attachment.ContainerPort),
    });
    return container && {
      platform: template.text(properties.LaunchType) === 'EC2' ? 'ECS on EC2' : 'ECS Fargate',
      container,
      memoryMiB: definition.template.number(definition.properties.Memory),
      vcpu: vcpuOf(definition),
      healthCheck: targetGroup?.type === TARGET_GROUP ? healthCheckOf(targetGroup) : undefined,
      gracePeriodSeconds: template.number(properties.HealthCheckGracePeriodSeconds),
      idleTimeoutSeconds: targetGroup && idleTimeoutOf(assembly, targetGroup),
    };
  },
};

/** Share of a processor, in vCPU. */
export function vcpuOf({ template, properties }: Resource): number | undefined {
  const units = template.number(properties.Cpu);
  return units === undefined ? undefined : units / 1024;
}

function healthCheckOf({ template, properties }: Resource): HealthCheckPlan {
  return {
    path: template.text(properties.HealthCheckPath) ?? '/',
    matcher: template.text(fields(properties.Matcher).HttpCode) ?? DEFAULT_MATCHER,
    intervalSeconds: template.number(properties.HealthCheckIntervalSeconds) ?? DEFAULT_INTERVAL_SECONDS,
    timeoutSeconds: template.number(properties.HealthCheckTimeoutSeconds) ?? DEFAULT_TIMEOUT_SECONDS,
    healthyCount: template.number(properties.HealthyThresholdCount) ?? DEFAULT_HEALTHY_COUNT,
  };
}

/** The idle timeout of the load balancer whose listener forwards to a target group. */
function idleTimeoutOf(assembly: Assembly, targetGroup: Resource): number | undefined {
  const all = assembly.templates.flatMap(({ resources }) => resources);
  const forwards = (resource: Resource): boolean => arnsIn(resource.properties).some(arn => {
    const target = resource.template.target(arn);
    return target?.template === targetGroup.template && target.logicalId === targetGroup.logicalId;
  });
  for (const listener of all.filter(({ type }) => type === LISTENER || type === LISTENER_RULE).filter(forwards)) {
    const owner = listener.type === LISTENER ? listener : listener.template.target(listener.properties.ListenerArn);
    const loadBalancer = owner && owner.template.target(owner.properties.LoadBalancerArn);
    if (loadBalancer?.type === LOAD_BALANCER) {
      const attribute = items(loadBalancer.properties.LoadBalancerAttributes).map(fields)
        .find(({ Key }) => Key === IDLE_TIMEOUT_ATTRIBUTE);
      return attribute ? loadBalancer.template.number(attribute.Value) : IMPLICIT_IDLE_TIMEOUT.toSeconds();
    }
  }
  return undefined;
}

function arnsIn({ DefaultActions, Actions }: { readonly [name: string]: Json }): Json[] {
  return [...items(DefaultActions), ...items(Actions)].map(fields).flatMap(({ TargetGroupArn, ForwardConfig }) => [
    TargetGroupArn, ...items(fields(ForwardConfig).TargetGroups).map(group => fields(group).TargetGroupArn),
  ]).filter(arn => arn !== undefined);
}
