import { AUTO_SCALING_GROUP } from './boxes';
import { EXPRESS_SERVICE } from './containers';
import { SCALABLE_TARGET, type FlueServers } from './flue-servers';
import { UNKNOWN, type TemplateResource, type Unknown } from './value';

/** How many processes a resource allows at once. */
export interface Capacity {
  readonly name: string;
  readonly count: number | Unknown;
  readonly location: string;
}

/** The most processes of a server that a resource allows; undefined where it does not say. */
export function maximumCapacity(resource: TemplateResource, servers: FlueServers): Capacity | undefined {
  if (resource.type === AUTO_SCALING_GROUP && servers.isEcsCapacity(resource)) {
    return undefined;
  }
  const keys = resource.type === AUTO_SCALING_GROUP ? ['MaxSize']
    : resource.type === SCALABLE_TARGET ? ['MaxCapacity']
      : resource.type === EXPRESS_SERVICE ? ['ScalingTarget', 'MaxTaskCount'] : ['DesiredCount'];
  const count = resource.at(...keys).number();
  return count === undefined ? undefined : { name: keys[keys.length - 1], count, location: ['Properties', ...keys].join('/') };
}

/** The most tasks that run of a service between deployments; one where nothing is said. */
export function steadyTasks(service: TemplateResource, servers: FlueServers): number | Unknown {
  const counts = [service, ...servers.scalableTargetsOf(service)].flatMap(resource => maximumCapacity(resource, servers)?.count ?? []);
  return counts.includes(UNKNOWN) ? UNKNOWN : Math.max(1, ...counts.filter(count => typeof count === 'number'));
}
