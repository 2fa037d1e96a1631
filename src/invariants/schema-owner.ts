import { Stage } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Finding, Invariant } from './invariant';
import { isFindingAcknowledged } from './stated-findings';
import { AppTemplate } from './template/app-template';
import { AUTO_SCALING_GROUP, boxProperty, INSTANCE } from './template/boxes';
import { maximumCapacity } from './template/capacity';
import { EXPRESS_SERVICE } from './template/containers';
import { FlueServers, SERVICE } from './template/flue-servers';
import { memoize } from './template/memoize';
import { LAUNCHER_TYPES, launchesOf } from './template/task-launchers';
import { UNKNOWN, type TemplateResource, type TemplateValue } from './template/value';
import { DATABASE_URL } from './template/variables';
import { WARNINGS } from './warnings';

export const SCHEMA_OWNER: Invariant = {
  id: 'SchemaOwner',
  level: 'error',
  statement: `One server has the ${DATABASE_URL} of a schema.`,
  why: 'Each process takes itself for the owner of what it finds in its schema. Two servers on one schema lose replies on Flue 0.10, and delay them on 2.x.',
  limit: `one service, box or started task for each ${DATABASE_URL}, counted over the whole app`,
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
      const shared = owned.find(({ url }) => coOwners(servers, url, resource).length > 0);
      return shared ? [judge(shared, coOwners(servers, shared.url, resource))] : [];
    },
  },
};

/** A server that reads a connection string. */
interface Ownership {
  /** What keeps or starts the server. */
  readonly owner: TemplateResource;
  readonly location: string;
  /** What the connection string is told apart by. */
  readonly url: string;
}

/** How many others a sentence names. */
const NAMED = 3;

function judge({ location }: Ownership, others: string[]): Finding {
  return { found: `${DATABASE_URL} is also that of ${listed(others)}: several servers work on one schema`, location };
}

function listed(paths: string[]): string {
  return [...paths.slice(0, NAMED), ...paths.length > NAMED ? [`${paths.length - NAMED} more`] : []].join(', ');
}

/** The paths of the others that keep or start a server with this connection string; the resource itself where it starts several. */
function coOwners(servers: FlueServers, url: string, resource: TemplateResource): string[] {
  const all = ownershipOf(servers).filter(candidate => candidate.url === url).map(({ owner }) => owner);
  const others = all.filter(owner => owner !== resource).map(({ path }) => path);
  const own = all.length - others.length;
  return [...own > 1 ? [`${own - 1} more of its own tasks`] : [], ...new Set(others)].sort();
}

const ownershipOf = memoize((servers: FlueServers): Ownership[] => [
  ...servers.ofType(SERVICE, EXPRESS_SERVICE).filter(service => !isAtRest(service, servers)).flatMap(service => {
    const owner = servers.containerOwnerOf(service);
    const location = owner === service ? 'Properties/PrimaryContainer' : 'Properties/TaskDefinition';
    return owner ? urlsOf(owner, servers).map(url => ({ owner: service, url, location })) : [];
  }),
  ...servers.ofType(AUTO_SCALING_GROUP, INSTANCE).flatMap(user => {
    const boxes = user.type === INSTANCE ? [user, ...servers.launchedBy(user)] : servers.launchedBy(user);
    return [...new Set(boxes.flatMap(urlsInBox))].map(url => ({ owner: user, url, location: 'Properties' }));
  }),
  ...servers.ofType(...LAUNCHER_TYPES).flatMap(launcher => launchesOf(launcher)
    .filter(({ overridden, definition }) => !overridden && servers.contains(definition))
    .flatMap(({ definition, location }) => urlsOf(definition, servers).map(url => ({ owner: launcher, url, location })))),
]);

/** Whether a service is told to run nothing, and nothing scales it. */
function isAtRest(service: TemplateResource, servers: FlueServers): boolean {
  return [service, ...servers.scalableTargetsOf(service)].every(resource => maximumCapacity(resource, servers)?.count === 0);
}

/** The connection strings of the servers in a task definition, or in an Express service. */
function urlsOf(owner: TemplateResource, servers: FlueServers): string[] {
  const variables = servers.serverContainers(owner).map(container => container.variable(DATABASE_URL));
  return [...new Set(variables.flatMap(variable =>
    variable === undefined || variable === UNKNOWN ? [] : keyOf(variable.value.identity(), variable.value) ?? []))];
}

/** A reference by which servers of the whole app can be compared; undefined where it cannot be resolved. */
function keyOf(identity: string | undefined, { where }: TemplateValue): string | undefined {
  // the version of a secret may be left out
  const text = identity?.replace(/:+$/, '');
  return text === undefined || text === '' ? undefined
    : /^(arn:|\$\{)/.test(text) ? text
      : where === undefined ? undefined : `${where} ${text}`;
}

/** The connection strings that a boot script names: one reference on the line of the variable. */
function urlsInBox(box: TemplateResource): string[] {
  const userData = boxProperty(box, 'UserData');
  const lines = (userData.identity() ?? '').split('\n').filter(line => new RegExp(`\\b${DATABASE_URL}\\b`).test(line) && !/^\s*#/.test(line));
  return [...new Set(lines.flatMap(line => {
    const stated = new RegExp(`"${DATABASE_URL}"\\s*:\\s*"([^"]+)"`).exec(line)?.[1];
    const [reference, ...more] = [...new Set(line.match(/\$\{[^{} ]+\.Ref\}|arn:[^\s"']+:secret:[^\s"']+/g) ?? [])];
    // a program between the secret and the variable may take any part of it
    return keyOf(stated ?? (more.length === 0 && !/\bjq\b|python|\||:\w+:/.test(line.replace(reference, '')) ? reference : undefined), userData) ?? [];
  }))];
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
  for (const { owner, url } of ownershipOf(servers).filter(candidate => `${candidate.owner.path}/`.startsWith(`${scope.node.path}/`))) {
    const others = coOwners(servers, url, owner);
    if (others.length > 0) {
      WARNINGS.sharedSchema.give(scope, { others: listed(others) });
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
