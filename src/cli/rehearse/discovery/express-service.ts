import { containerOf, primaryContainerOf } from './container';
import { vcpuOf } from './ecs-service';
import type { Finder } from './finder';
import { DEFAULT_HEALTH_CHECK_PATH, HEALTHY_HTTP_CODES } from '../../../invariants/health-check-path';
import { IMPLICIT_IDLE_TIMEOUT } from '../../../invariants/idle-timeout';
import { EXPRESS_CONTAINER, EXPRESS_SERVICE, TASK_DEFINITION } from '../../../invariants/template/containers';
import { EXPRESS_TIMERS_TYPE } from '../../../invariants/template/express-load-balancer';
import { known, type TemplateResource } from '../../../invariants/template/value';
import { EXPRESS_TIMERS } from '../../../timers/express-timers';
import type { Assembly } from '../../assembly/assembly';

/** A service on ECS Express Mode, whose load balancer no template shows. */
export const EXPRESS: Finder = {
  type: EXPRESS_SERVICE,
  find(assembly, service) {
    const definition = service.at('TaskDefinitionArn').target(TASK_DEFINITION)?.resource;
    const sized = definition ?? service;
    const container = definition ? containerOf(assembly, definition, { name: EXPRESS_CONTAINER }) : primaryContainerOf(assembly, service);
    return container && {
      platform: 'ECS Express Mode',
      container,
      memoryMiB: known(sized.at('Memory').number()),
      vcpu: vcpuOf(sized),
      healthCheck: {
        path: known(service.at('HealthCheckPath').string()) ?? DEFAULT_HEALTH_CHECK_PATH,
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
function managedIdleTimeout(assembly: Assembly, service: TemplateResource): number | undefined {
  const custom = assembly.ofType(EXPRESS_TIMERS_TYPE).find(candidate => candidate.at('LoadBalancerArn').target(EXPRESS_SERVICE)?.resource === service);
  return custom && known(custom.at('IdleTimeoutSeconds').number());
}
