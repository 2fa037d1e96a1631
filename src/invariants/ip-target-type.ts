import type { Invariant } from './invariant';
import { SERVICE, type FlueServers } from './template/flue-servers';
import { TARGET_GROUP } from './template/routing';
import { UNKNOWN, type TemplateResource } from './template/value';

export const IP_TARGET_TYPE: Invariant = {
  id: 'IpTargetType',
  level: 'error',
  statement: 'A service with `awsvpc` networking registers in target groups of type `ip`.',
  why: 'Each task has its own network interface. In a target group of type `instance`, a task never becomes healthy, and the deployment never ends.',
  limit: 'TargetType `ip`',
  source: 'Flue deployment guide for AWS, ECS on Fargate; Amazon ECS developer guide, load balancing',
  fix: 'Set `TargetType: ip` on the target group.',
  rule: {

    resourceTypes: [TARGET_GROUP],
    check: (targetGroup, servers) => {
      const service = servers.routing.registrantsOf(targetGroup).find(registrant => usesAwsvpc(registrant, servers));
      const type = targetGroup.at('TargetType').string();
      if (!service || type === UNKNOWN) {
        return undefined;
      }
      return type === 'ip' ? [] : [{
        found: `TargetType is ${type ?? 'left out, which means instance'}, must be ip for the awsvpc service ${service.path}`,
        location: 'Properties/TargetType',
      }];
    },
  },
};

/** Whether each task of a service has a network interface of its own. */
export function usesAwsvpc(service: TemplateResource, servers: FlueServers): boolean {
  return service.type === SERVICE && (servers.taskDefinitionOf(service)?.at('NetworkMode').string() === 'awsvpc'
    || !service.at('NetworkConfiguration', 'AwsvpcConfiguration').absent
    || service.at('LaunchType').string() === 'FARGATE');
}
