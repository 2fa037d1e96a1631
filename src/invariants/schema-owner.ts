import { Stage } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Finding, Invariant } from './invariant';
import { isFindingAcknowledged } from './stated-findings';
import { AppTemplate } from './template/app-template';
import { AUTO_SCALING_GROUP, boxProperty, INSTANCE } from './template/boxes';
import { maximumCapacity } from './template/capacity';
import { containersOf, EXPRESS_SERVICE } from './template/containers';
import { FlueServers, SERVICE } from './template/flue-servers';
import { memoize } from './template/memoize';
import { FILLED } from './template/references';
import { keyOf, storesOf, type Store } from './template/stores';
import { LAUNCHER_TYPES, launchesOf } from './template/task-launchers';
import type { TemplateResource } from './template/value';
import { DATABASE_URL, isStoreUrl } from './template/variables';
import { WARNINGS } from './warnings';

export const SCHEMA_OWNER: Invariant = {
  id: 'SchemaOwner',
  level: 'error',
  statement: `One server has the ${DATABASE_URL} of a schema.`,
  why: 'Each process takes itself for the owner of what it finds in its schema. Two servers on one schema lose replies on Flue 0.10, and delay them on 2.x.',
  limit: `one service, box or started task for each connection string, in ${DATABASE_URL} or another variable, counted over the whole app; what else reads the connection string of a FlueDatabase counts too`,
  source: 'our measurements of two processes on one schema, Flue 0.10.2 and 2.1',
  fix: `Give each server a schema of its own: \`database.addSchema(…)\`, or another ${DATABASE_URL}. `
    + 'If each server sets a schema of its own on its connections, acknowledge this finding.',
  rule: {
    resourceTypes: [SERVICE, EXPRESS_SERVICE, AUTO_SCALING_GROUP, INSTANCE, ...LAUNCHER_TYPES],
    check: (resource, servers) => {
      const owned = ownershipOf(servers).filter(({ owner }) => owner === resource);
      if (owned.length === 0) {
        return undefined;
      }
      const shared = owned.find(({ key }) => coOwners(servers, key, resource).length > 0);
      return shared ? [judge(shared, coOwners(servers, shared.key, resource))] : [];
    },
  },
};

/** A server that works on a store. */
interface Ownership extends Store {
  /** What keeps or starts the server. */
  readonly owner: TemplateResource;
  readonly location: string;
}

/** How many others a sentence names. */
const NAMED = 3;

function judge({ name, location }: Ownership, others: string[]): Finding {
  return { found: `${name} is also that of ${listed(others)}: several servers work on one schema`, location };
}

function listed(paths: string[]): string {
  return [...paths.slice(0, NAMED), ...paths.length > NAMED ? [`${paths.length - NAMED} more`] : []].join(', ');
}

/** The paths of the others that keep or start a server with this store; the resource itself where it starts several. */
function coOwners(servers: FlueServers, key: string, resource: TemplateResource): string[] {
  const all = ownershipOf(servers).filter(candidate => candidate.key === key).map(({ owner }) => owner);
  const others = all.filter(owner => owner !== resource).map(({ path }) => path);
  const own = all.length - others.length;
  return [...own > 1 ? [`${own - 1} more of its own tasks`] : [], ...new Set(others)].sort();
}

const ownershipOf = memoize((servers: FlueServers): Ownership[] => [
  ...servers.app.ofType(SERVICE, EXPRESS_SERVICE).filter(service => !isAtRest(service, servers)).flatMap(service => {
    const owner = servers.containerOwnerOf(service);
    const location = owner === service ? 'Properties/PrimaryContainer' : 'Properties/TaskDefinition';
    const stores = !owner ? [] : servers.contains(service) ? ownStores(owner, servers) : madeStores(owner);
    return stores.map(store => ({ owner: service, ...store, location }));
  }),
  ...servers.ofType(AUTO_SCALING_GROUP, INSTANCE).flatMap(user => {
    const boxes = user.type === INSTANCE ? [user, ...servers.launchedBy(user)] : servers.launchedBy(user);
    return distinct(boxes.flatMap(storesInBox)).map(store => ({ owner: user, ...store, location: 'Properties' }));
  }),
  ...servers.ofType(...LAUNCHER_TYPES).flatMap(launcher => launchesOf(launcher)
    .filter(({ overridden, definition }) => !overridden && servers.contains(definition))
    .flatMap(({ definition, location }) => ownStores(definition, servers).map(store => ({ owner: launcher, ...store, location })))),
]);

/** Whether a service is told to run nothing, and nothing scales it. */
function isAtRest(service: TemplateResource, servers: FlueServers): boolean {
  return [service, ...servers.scalableTargetsOf(service)].every(resource => maximumCapacity(resource, servers)?.count === 0);
}

/** The stores of the servers in a task definition, or in an Express service. */
function ownStores(owner: TemplateResource, servers: FlueServers): Store[] {
  return distinct(servers.serverContainers(owner).flatMap(storesOf));
}

/** The schemas of a FlueDatabase that a service works on which shows in no other way that it is a Flue server. */
function madeStores(owner: TemplateResource): Store[] {
  return distinct(containersOf(owner).flatMap(container => storesOf(container).filter(({ name }) => container.variables
    .some(variable => variable.name === name && isStoreUrl(name) && variable.value.targets().some(({ resource }) => resource.scopes.database)))));
}

function distinct(stores: Store[]): Store[] {
  return [...new Map(stores.map(store => [store.key, store])).values()];
}

/** The connection strings that a boot script names: one reference on the line of the variable. */
function storesInBox(box: TemplateResource): Store[] {
  const userData = boxProperty(box, 'UserData');
  const lines = (userData.identity() ?? '').split('\n').filter(line => !/^\s*#/.test(line));
  const named = lines.flatMap(line => [...new Set(line.match(/\b[A-Z][A-Z0-9_]*\b/g)?.filter(isStoreUrl))].map(name => ({ name, line })));
  const stores = named.flatMap(({ name, line }) => {
    const stated = new RegExp(`"${name}"\\s*:\\s*"((?:${FILLED}|[^"$])+)"`).exec(line)?.[1];
    const [reference, ...more] = [...new Set(line.match(/\$\{[^{} ]+\.Ref\}|arn:[^\s"']+:secret:[^\s"']+/g) ?? [])];
    // a program between the secret and the variable may take any part of it
    const key = keyOf(stated ?? (more.length === 0 && !/\bjq\b|python|\||:\w+:/.test(line.replace(reference, '')) ? reference : undefined), userData);
    return key === undefined ? [] : { name, key };
  });
  const official = stores.filter(({ name }) => name === DATABASE_URL);
  return official.length > 0 ? official : stores;
}

/** The servers of a stage, for as long as one synthesis asks. */
const known = new WeakMap<IConstruct, { readonly servers: FlueServers; readonly asked: Set<IConstruct> }>();

/** Warns of a server whose connection string another has too, where FlueChecks does not look. */
export function warnOfSharedSchema(scope: IConstruct): void {
  const id = `Flue-${SCHEMA_OWNER.id}`;
  const stages = scope.node.scopes.filter(candidate => Stage.isStage(candidate));
  if (isFindingAcknowledged(scope, id) || stages.some(hasFlueChecks)) {
    return;
  }
  const servers = serversAround(scope, stages[stages.length - 1] ?? scope.node.root);
  for (const { owner, name, key } of ownershipOf(servers).filter(candidate => `${candidate.owner.path}/`.startsWith(`${scope.node.path}/`))) {
    const others = coOwners(servers, key, owner);
    if (others.length > 0) {
      WARNINGS.sharedSchema.give(scope, { name, others: listed(others) });
    }
  }
}

/** CDK has no public name for the plugins of a stage. */
function hasFlueChecks(stage: IConstruct): boolean {
  const { _validationPlugins: plugins } = stage as { readonly _validationPlugins?: readonly { readonly name: string }[] };
  return plugins?.some(({ name }) => name === 'Flue') ?? false;
}

/** A scope that asks a second time belongs to another synthesis. */
function serversAround(scope: IConstruct, stage: IConstruct): FlueServers {
  let entry = known.get(stage);
  if (!entry || entry.asked.has(scope)) {
    known.set(stage, entry = { servers: new FlueServers(new AppTemplate(stage)), asked: new Set() });
  }
  entry.asked.add(scope);
  return entry.servers;
}
