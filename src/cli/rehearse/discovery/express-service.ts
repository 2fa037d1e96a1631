import { containerOf, primaryContainerOf } from './container';
import { vcpuOf } from './ecs-service';
import type { Finder } from './finder';
import { DEFAULT_HEALTH_CHECK_PATH, HEALTHY_HTTP_CODES } from '../../../invariants/health-check-path';
import { IMPLICIT_IDLE_TIMEOUT } from '../../../invariants/idle-timeout';
import { EXPRESS_CONTAINER, EXPRESS_SERVICE, TASK_DEFINITION } from '../../../invariants/template/containers';
import { EXPRESS_TIMERS_TYPE } from '../../../invariants/template/express-load-balancer';
import { EXPRESS_TIMERS } from '../../../timers/express-timers';
import type { Assembly } from '../assembly/assembly';
import type { Resource } from '../assembly/template';

/** A service on ECS Express Mode, whose load balancer no template shows. */
export const EXPRESS: Finder = {
  type: EXPRESS_SERVICE,
  find(assembly, service) {
    const { template, properties } = service;
    const target = template.target(properties.TaskDefinitionArn);
    const definition = target?.type === TASK_DEFINITION ? target : undefined;
    const sized = definition ?? service;
    const container = definition ? containerOf(assembly, definition, { name: EXPRESS_CONTAINER })
      : properties.PrimaryContainer === undefined ? undefined : primaryContainerOf(assembly, service);
    return container && {
      platform: 'ECS Express Mode',
      container,
      memoryMiB: sized.template.number(sized.properties.Memory),
      vcpu: vcpuOf(sized),
      healthCheck: {
        path: template.text(properties.HealthCheckPath) ?? DEFAULT_HEALTH_CHECK_PATH,
        matcher: HEALTHY_HTTP_CODES,
        intervalSeconds: EXPRESS_TIMERS.healthCheck.interval.toSeconds(),
        timeoutSeconds: EXPRESS_TIMERS.healthCheck.timeout.toSeconds(),
        healthyCount: EXPRESS_TIMERS.healthCheck.healthyThresholdCount,
      },
      gracePeriodSeconds: EXPRESS_TIMERS.gracePeriod.toSeconds(),
      idleTimeoutSeconds: managedIdleTimeout(assembly, service) ?? IMPLICIT_IDLE_TIMEOUT.toSeconds(),
    };
  },
};

/** What the library's custom resource raises the managed load balancer's idle timeout to. */
function managedIdleTimeout(assembly: Assembly, service: Resource): number | undefined {
  const custom = assembly.templates.flatMap(({ resources }) => resources)
    .filter(({ type }) => type === EXPRESS_TIMERS_TYPE)
    .find(({ template, properties }) => {
      const target = template.target(properties.LoadBalancerArn);
      return target?.template === service.template && target.logicalId === service.logicalId;
    });
  return custom?.template.number(custom.properties.IdleTimeoutSeconds);
}
