import type { Finding, Invariant } from './invariant';
import { DIGITS, shardOf } from './shards/partition';
import { prefixOfIds, RoutedIds, type Flaw, type Route } from './shards/routes';
import type { FlueServers } from './template/flue-servers';
import { LISTENER, LISTENER_RULE } from './template/routing';
import { UNKNOWN, type TemplateResource, type TemplateValue } from './template/value';

export const SHARD_PARTITION: Invariant = {
  id: 'ShardPartition',
  level: 'error',
  statement: 'The rules of a listener that share ids out over several Flue servers send each id to one of them, however its path is written.',
  why: 'A server keeps the conversations of its ids in a schema of its own. An id that reaches two servers has two conversations, and each server answers from one of them.',
  limit: 'each server reached; each end of an id matched by the rules of one server; a server for all other ids; the same server for `/abort` and for `%31`, or none; no weights; the ids that the guard of the server takes',
  source: 'our measurements of forked conversations, Flue 0.10.2; Elastic Load Balancing guide, listener rules',
  fix: 'Use FlueShardedService, or write the rules as it does: classes of last characters that do not overlap, `(/.*)?$` behind the id, a rule that refuses plain characters as codes, and a default action that forwards to one shard.',
  rule: {
    resourceTypes: [LISTENER],
    check: (listener, servers) => {
      const rules = servers.app.ofType(LISTENER_RULE).filter(rule => servers.routing.listenerOf(rule) === listener);
      const splitting = rules.filter(rule => listed(conditionsOf(rule), 'RegexValues').length > 0);
      const shards = new Set(splitting.flatMap(rule => serversBehind(rule, servers)));
      return shards.size < 2 ? undefined : judge(listener, rules, splitting, servers);
    },
  },
};

/** How many ends of ids a sentence names. */
const NAMED = 6;
const LOCATION = 'Properties/DefaultActions';
const KEYS = ['RegexValues', 'Values'] as const;
type Key = typeof KEYS[number];

function judge(
  listener: TemplateResource, rules: readonly TemplateResource[], splitting: readonly TemplateResource[], servers: FlueServers,
): Finding[] | undefined {
  const weighted = [...splitting, listener].filter(forwarder => serversBehind(forwarder, servers).length > 1);
  if (weighted.length > 0) {
    return [{
      detail: 'weights',
      found: `${weighted.map(({ path }) => path).join(', ')} forwards to ${serversBehind(weighted[0], servers).join(' and ')}: each request goes to either`,
      location: LOCATION,
    }];
  }
  const ids = routedIds(listener, rules, splitting, servers);
  return ids && [...ids.flaws().map(finding), ...judgeGuards(ids, splitting, servers)];
}

/** Undefined where only the deployment knows a rule, or where something other than the path decides. */
function routedIds(
  listener: TemplateResource, rules: readonly TemplateResource[], splitting: readonly TemplateResource[], servers: FlueServers,
): RoutedIds | undefined {
  const known = rules.map(rule => ({ rule, priority: rule.at('Priority').number(), route: routeOf(rule, servers) }));
  const prefixes = splitting.flatMap(rule => listed(conditionsOf(rule), 'RegexValues').map(prefixOfIds));
  if (rules.some(isUnknown) || known.some(({ priority }) => typeof priority !== 'number') || prefixes.some(prefix => prefix === undefined)
    || known.some(({ rule, route }) => splitting.includes(rule) && route === undefined)) {
    return undefined;
  }
  const routes = known.sort((a, b) => Number(a.priority) - Number(b.priority)).flatMap(({ route }) => route ?? []);
  try {
    return new RoutedIds(routes, targetOf(listener, servers), [...new Set(prefixes)] as string[]);
  } catch {
    return undefined;
  }
}

function routeOf(rule: TemplateResource, servers: FlueServers): Route | undefined {
  const conditions = conditionsOf(rule);
  if (conditions.some(condition => condition.at('Field').string() !== 'path-pattern')) {
    return undefined;
  }
  const regexes = listed(conditions, 'RegexValues');
  const patterns = listed(conditions, 'Values');
  // a rule with several conditions asks for all of them
  return conditions.length !== 1 || regexes.length + patterns.length === 0 ? undefined : { regexes, patterns, to: targetOf(rule, servers) };
}

/** Whether only the deployment knows for which paths a rule is. */
function isUnknown(rule: TemplateResource): boolean {
  const paths = conditionsOf(rule).flatMap(condition => KEYS.flatMap(key => placesOf(condition, key)));
  return rule.at('Conditions').list() === UNKNOWN || paths.some(value => {
    const list = value.list();
    return list === UNKNOWN || list.some(item => item.string() === UNKNOWN);
  });
}

/** The server that a rule forwards to, or the target group where it holds none of Flue. */
function targetOf(forwarder: TemplateResource, servers: FlueServers): string | undefined {
  return serversBehind(forwarder, servers)[0] ?? servers.routing.forwardedBy(forwarder)[0]?.path;
}

function serversBehind(forwarder: TemplateResource, servers: FlueServers): string[] {
  return servers.routing.registrantsThrough(forwarder).filter(registrant => servers.contains(registrant)).map(({ path }) => path);
}

function conditionsOf(rule: TemplateResource): TemplateValue[] {
  const conditions = rule.at('Conditions').list();
  return conditions === UNKNOWN ? [] : conditions;
}

/** CloudFormation has two places for what a condition on the path holds. */
function placesOf(condition: TemplateValue, key: Key): TemplateValue[] {
  return [condition.at('PathPatternConfig', key), condition.at(key)];
}

function listed(conditions: readonly TemplateValue[], key: Key): string[] {
  return conditions.flatMap(condition => placesOf(condition, key)).flatMap(value => {
    const list = value.list();
    const texts = list === UNKNOWN ? [] : list.map(item => item.string());
    return texts.flatMap(text => typeof text === 'string' ? text : []);
  });
}

function finding({ kind, ends, servers }: Flaw): Finding {
  const ids = `ids that end in ${ends.slice(0, NAMED).join(' ')}${ends.length > NAMED ? ` and ${ends.length - NAMED} more` : ''}`;
  const names = servers.join(' and ');
  const found = {
    overlap: `${ids} match the rules of ${names}`,
    gap: `${ids} reach none of the servers that the rules name`,
    subpath: `${ids} reach ${names}: one with the id alone, the other with \`/abort\` behind it`,
    spelling: `${ids} reach ${names}: one if the end is written as it is, the other if it is written as a code`,
    idle: `no id reaches ${names}`,
  };
  return { detail: kind, found: found[kind], location: LOCATION };
}

/** What the guard of a server says of its part, where it has one. */
function judgeGuards(ids: RoutedIds, splitting: readonly TemplateResource[], servers: FlueServers): Finding[] {
  const guards = new Map(splitting.flatMap(rule => servers.routing.registrantsThrough(rule)).flatMap(server => {
    const guard = guardOf(server, servers);
    return guard ? [[server.path, guard] as const] : [];
  }));
  const wrong = DIGITS.filter(end => ids.serversOf(end).some(server => {
    const guard = guards.get(server);
    return guard !== undefined && shardOf(end, guard.of) !== guard.own;
  }));
  return wrong.length === 0 ? [] : [{
    detail: 'guard',
    found: `ids that end in ${wrong.slice(0, NAMED).join(' ')}${wrong.length > NAMED ? ` and ${wrong.length - NAMED} more` : ''} `
      + `reach ${[...new Set(wrong.flatMap(end => ids.serversOf(end)))].join(' and ')}, which refuses them with 421`,
    location: LOCATION,
  }];
}

function guardOf(server: TemplateResource, servers: FlueServers): { readonly own: number; readonly of: number } | undefined {
  const owner = servers.containerOwnerOf(server);
  const options = owner ? servers.serverContainers(owner).map(container => container.variable('NODE_OPTIONS')) : [];
  const [text] = options.flatMap(variable => variable === undefined || variable === UNKNOWN ? [] : variable.value.text());
  const [, own, of] = /own=(\d+),of=(\d+),/.exec(text ?? '') ?? [];
  return own === undefined ? undefined : { own: Number(own), of: Number(of) };
}
