import { listOf, within, written } from './limit';
import { MAX_CONDITION_VALUES } from './load-balancer';
import { longestRegex, MAX_REGEX_LENGTH, SHARD_COUNTS } from '../shards/partition';

const OF = ['FlueShardedServiceProps'];
/** Listener rules of one load balancer (Elastic Load Balancing guide, quotas): what is left beside the shards and the paths that need no sign-in. */
const MOST_HOME_PATHS = 50;

export const SHARD_LIMITS = {
  shards: within({
    prop: 'shards',
    of: OF,
    values: SHARD_COUNTS,
    atSynthesis: true,
    source: 'decision 0022: when their number doubles, each shard splits in two',
    fix: 'Choose one of them: you can double it later, in a window in which nothing runs',
  }),
  agentPathCount: listOf({
    prop: 'agentPaths',
    of: OF,
    least: 1,
    most: MAX_CONDITION_VALUES,
    source: 'Elastic Load Balancing guide, quotas: values of the conditions of a rule',
    fix: 'Write several of them as one with `*`, which stands for one segment',
  }, 'paths'),
  agentPaths: written({
    prop: 'agentPaths',
    of: OF,
    pattern: /^\/((\*|[A-Za-z0-9_.~-]+)\/)+$/,
    length: MAX_REGEX_LENGTH,
    accepts: path => longestRegex(path) <= MAX_REGEX_LENGTH,
    source: `Elastic Load Balancing guide, rule conditions: ${MAX_REGEX_LENGTH} characters of a regular expression`,
    fix: 'Write what stands before the id, as in `/agents/*/`; shorten it if it is long',
  }, 'paths of letters, digits and _.~- that begin and end with a slash, in which `*` is a whole segment'),
  homePathCount: listOf({
    prop: 'homePaths',
    of: OF,
    least: 0,
    most: MOST_HOME_PATHS,
    source: 'Elastic Load Balancing guide, quotas: rules of a load balancer',
    fix: 'Write several of them as one with `*`',
  }, 'paths'),
  homePaths: written({
    prop: 'homePaths',
    of: OF,
    pattern: /^[A-Za-z0-9_\-.$/~"'@:+&*?]*$/,
    length: 128,
    source: 'Elastic Load Balancing API reference, PathPatternConditionConfig',
    fix: 'Write the path alone: a rule does not see the query',
  }, 'at most 128 letters, digits and _-.$/~"\'@:+&*?'),
};
