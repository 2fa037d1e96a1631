import type { IConstruct } from 'constructs';
import { refuse, type Invariant } from './invariant';
import { AUTO_SCALING_GROUP, bootText } from './template/boxes';
import { maximumCapacity } from './template/capacity';
import { EXPRESS_SERVICE } from './template/containers';
import { SCALABLE_TARGET, SERVICE, type FlueServers } from './template/flue-servers';
import { namesStoreIn } from './template/stores';
import { UNKNOWN, type TemplateResource } from './template/value';
import { DATABASE_URL, namesStore } from './template/variables';
import { isUnknown } from './unknown';

export { DATABASE_URL, namesStore };

export const SHARED_STATE: Invariant = {
  id: 'SharedState',
  level: 'error',
  statement: 'More than one task needs a shared Postgres.',
  why: 'Without it, each process keeps its own sessions in memory, and a client that reaches another process finds none of them.',
  limit: `maximum capacity > 1 requires ${DATABASE_URL} from a secret`,
  source: 'Flue deployment guide for AWS, persistence',
  fix: `Pass a \`database\` (or ${DATABASE_URL} as a secret), or keep \`maxTasks\` at 1.`,
  rule: {
    resourceTypes: [SERVICE, SCALABLE_TARGET, EXPRESS_SERVICE, AUTO_SCALING_GROUP],
    check: (resource, servers) => {
      const capacity = maximumCapacity(resource, servers);
      const shared = capacity && hasSharedState(resource, servers);
      if (!capacity || capacity.count === UNKNOWN || shared === undefined) {
        return undefined;
      }
      return capacity.count <= 1 || shared ? [] : [{
        found: `${capacity.name} is ${capacity.count} and the server has no ${DATABASE_URL}: each process keeps its own sessions`,
        location: capacity.location,
      }];
    },
  },
};

/** Refuses a second task without shared state. */
export function requireSharedState(scope: IConstruct, { maxTasks, hasDatabase }: { readonly maxTasks: number; readonly hasDatabase: boolean }): void {
  if (!isUnknown(maxTasks) && maxTasks > 1 && !hasDatabase) {
    refuse(scope, `\`maxTasks\` must be 1 without a database, got: ${maxTasks}`,
      `Pass \`database\`, or ${DATABASE_URL} in \`secrets\`: sessions live in the memory of one process otherwise`, SHARED_STATE);
  }
}

/** Whether the processes of a service share a Postgres; undefined where only the deployment knows. */
function hasSharedState(resource: TemplateResource, servers: FlueServers): boolean | undefined {
  if (resource.type === AUTO_SCALING_GROUP) {
    const scripts = servers.launchedBy(resource).map(bootText);
    const told = scripts.some(script => script.match(/\b[A-Z][A-Z0-9_]*\b/g)?.some(namesStore));
    const fetched = scripts.length === 0 || scripts.some(script => /secretsmanager|ssm|env-?file|\bs3\b/i.test(script));
    return told || (fetched ? undefined : false);
  }
  const service = resource.type === SCALABLE_TARGET ? servers.scaledBy(resource) : resource;
  const owner = service && servers.containerOwnerOf(service);
  const answers = owner ? servers.serverContainers(owner).map(namesStoreIn) : [];
  return answers.includes(true) || (answers.length === 0 || answers.includes(undefined) ? undefined : false);
}
