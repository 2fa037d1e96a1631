import { containerOf } from './container';
import type { Finder } from './finder';
import type { HealthCheckPlan } from './service-plan';
import { DEFAULT_HEALTHY_COUNT, DEFAULT_INTERVAL_SECONDS } from '../../../invariants/grace-period-above-startup';
import { IDLE_TIMEOUT_ATTRIBUTE, IMPLICIT_IDLE_TIMEOUT } from '../../../invariants/idle-timeout';
import { attributeOf } from '../../../invariants/template/attributes';
import { TASK_DEFINITION } from '../../../invariants/template/containers';
import { SERVICE } from '../../../invariants/template/flue-servers';
import { Routing } from '../../../invariants/template/routing';
import { known, type TemplateResource } from '../../../invariants/template/value';

/** What a target group does when nothing is said (Elastic Load Balancing API reference, CreateTargetGroup). */
const DEFAULT_TIMEOUT_SECONDS = 5;
const DEFAULT_MATCHER = '200';

/** A service on ECS, behind a load balancer or without one. */
export const ECS_SERVICE: Finder = {
  type: SERVICE,
  find(assembly, service) {
    const definition = service.at('TaskDefinition').target(TASK_DEFINITION)?.resource;
    if (!definition) {
      return undefined;
    }
    const routing = new Routing(assembly);
    const attachments = routing.attachmentsOf(service);
    const attachment = attachments.find(({ targetGroups }) => targetGroups.length > 0) ?? attachments[0];
    const [targetGroup] = attachment?.targetGroups ?? [];
    const container = containerOf(assembly, definition, { name: known(attachment?.containerName), port: known(attachment?.containerPort) });
    return container && {
      platform: service.at('LaunchType').string() === 'EC2' ? 'ECS on EC2' : 'ECS Fargate',
      container,
      memoryMiB: known(definition.at('Memory').number()),
      vcpu: vcpuOf(definition),
      healthCheck: targetGroup && healthCheckOf(targetGroup),
      gracePeriodSeconds: known(service.at('HealthCheckGracePeriodSeconds').number()),
      idleTimeoutSeconds: targetGroup && idleTimeoutOf(routing, targetGroup),
    };
  },
};

/** Share of a processor, in vCPU. */
export function vcpuOf(resource: TemplateResource): number | undefined {
  const units = known(resource.at('Cpu').number());
  return units === undefined ? undefined : units / 1024;
}

function healthCheckOf(targetGroup: TemplateResource): HealthCheckPlan {
  return {
    path: known(targetGroup.at('HealthCheckPath').string()) ?? '/',
    matcher: known(targetGroup.at('Matcher', 'HttpCode').string()) ?? DEFAULT_MATCHER,
    intervalSeconds: known(targetGroup.at('HealthCheckIntervalSeconds').number()) ?? DEFAULT_INTERVAL_SECONDS,
    timeoutSeconds: known(targetGroup.at('HealthCheckTimeoutSeconds').number()) ?? DEFAULT_TIMEOUT_SECONDS,
    healthyCount: known(targetGroup.at('HealthyThresholdCount').number()) ?? DEFAULT_HEALTHY_COUNT,
  };
}

/** The idle timeout of the load balancer whose listener forwards to a target group. */
function idleTimeoutOf(routing: Routing, targetGroup: TemplateResource): number | undefined {
  const [loadBalancer] = routing.forwardersTo(targetGroup).flatMap(forwarder => routing.loadBalancerOf(forwarder) ?? []);
  const idleTimeout = loadBalancer && attributeOf(loadBalancer, IDLE_TIMEOUT_ATTRIBUTE);
  return idleTimeout && (idleTimeout.absent ? IMPLICIT_IDLE_TIMEOUT.toSeconds() : known(idleTimeout.number()));
}
