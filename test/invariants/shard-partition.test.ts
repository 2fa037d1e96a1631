import { App, Stack, type CfnResource } from 'aws-cdk-lib';
import { changed, judge, PARAMETER, verdictOn, type Template } from './judge';
import { fargate } from './templates';
import { FlueDatabase, FlueImage, FlueNetwork, FlueShardedService } from '../../src';
import { SCHEMA_OWNER } from '../../src/invariants/schema-owner';
import { SHARD_PARTITION } from '../../src/invariants/shard-partition';
import { partitionRules } from '../../src/invariants/shards/partition';
import { shardGuardPreload } from '../../src/invariants/shards/shard-guard';

interface Rule {
  readonly shard?: number;
  readonly regexes: readonly unknown[];
}

const AGENTS = '^/agents/[^/]+/[^/]*';
const REST = '(/.*)?$';
const IDS = { shards: 2, agentPaths: ['/agents/*/'] };
const RULES: readonly Rule[] = partitionRules(IDS);
const [REFUSED, CODES] = RULES;
const NAMES = ['Service', 'Service1', 'Service2', 'Service3'];
const path = (...shards: number[]) => shards.map(shard => `Stack/Template/${NAMES[shard]}`).join(' and ');

/** A listener that shares ids out over services written by hand. */
function fleet(rules: readonly Rule[], shards = 2, change: (resources: Record<string, any>) => void = () => undefined): Template {
  return changed(fargate(), resources => {
    for (let shard = 1; shard < shards; shard++) {
      resources[`TargetGroup${shard}`] = JSON.parse(JSON.stringify(resources.TargetGroup));
      resources[`TaskDefinition${shard}`] = JSON.parse(JSON.stringify(resources.TaskDefinition));
      const service = resources[NAMES[shard]] = JSON.parse(JSON.stringify(resources.Service));
      service.Properties.TaskDefinition = { Ref: `TaskDefinition${shard}` };
      service.Properties.LoadBalancers[0].TargetGroupArn = { Ref: `TargetGroup${shard}` };
    }
    rules.forEach(({ shard, regexes }, index) => {
      resources[`Rule${index}`] = {
        Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
        Properties: {
          ListenerArn: { Ref: 'Listener' },
          Priority: index + 1,
          Conditions: [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: regexes } }],
          Actions: [shard === undefined ? { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '400' } }
            : { Type: 'forward', TargetGroupArn: { Ref: `TargetGroup${shard || ''}` } }],
        },
      };
    });
    change(resources);
  });
}
const verdict = (template: Template) => judge(SHARD_PARTITION, template, 'Listener');
/** Rules for two shards, with other regular expressions for the two. */
const classes = (first: unknown, second: unknown, codes: readonly Rule[] = [REFUSED, CODES]): Rule[] => [
  ...codes, { shard: 0, regexes: [first] }, { shard: 1, regexes: [second] },
];
const [even, odd] = RULES.slice(2).map(({ regexes }) => String(regexes[0]));

test.each([2, 4])('the rules of the library share out %i shards', shards => {
  expect(verdict(fleet(partitionRules({ shards, agentPaths: ['/agents/*/', '/v2/my.app/'] }), shards))).toBe('compliant');
});

test('FlueShardedService shares out its ids, and each shard has a schema of its own', () => {
  const stack = new Stack(new App(), 'Stack');
  const vpc = new FlueNetwork(stack, 'Network').vpc;
  const image = FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { caBundlePath: '/ca.pem' });
  const { listener, services } = new FlueShardedService(stack, 'Agents', { image, vpc, shards: 4, database: new FlueDatabase(stack, 'Database', { vpc }) });
  expect(verdictOn(SHARD_PARTITION, listener.node.defaultChild as CfnResource)).toBe('compliant');
  expect(services.map(({ service }) => verdictOn(SCHEMA_OWNER, service.node.defaultChild as CfnResource))).toEqual(services.map(() => 'compliant'));
});

test('shards that share a connection string are found', () => {
  const template = fleet(RULES, 2);
  expect([judge(SCHEMA_OWNER, template, 'Service'), judge(SHARD_PARTITION, template, 'Listener')]).toEqual([
    ['DATABASE_URL is also that of Stack/Template/Service1: several servers work on one schema'], 'compliant',
  ]);
});

test.each<[string, Rule[], unknown]>([
  ['none', [], 'not applicable'],
  ['one shard', [{ shard: 1, regexes: [odd] }], 'not applicable'],
  ['a regular expression of another form', classes(even, `^/(agents|tools)/[^/]*[13]${REST}`), 'not applicable'],
  ['a regular expression that only the deployment knows', [...RULES, { shard: 1, regexes: [PARAMETER] }], 'not applicable'],
  ['what is no regular expression', classes(even, `${AGENTS}[1${REST}`), 'not applicable'],
  ['classes that overlap', classes(even, odd.replace('[1', '[01')), [`[overlap] ids that end in 0 match the rules of ${path(0, 1)}`]],
  ['a class that lacks what the default action takes', classes(even.replace('[02', '[0'), odd), 'compliant'],
  ['no rest behind the id', classes(even, odd.replace(REST, '$')),
    [`[subpath] ids that end in 1 3 5 7 9 b and 25 more reach ${path(1, 0)}: one with the id alone, the other with \`/abort\` behind it`]],
  ['no rule for codes', classes(even, odd, []), [expect.stringMatching(/^\[spelling\] ids that end in a b c .* reach .*Service.* and .*Service/)]],
  ['nothing for one shard', [REFUSED, CODES, { shard: 0, regexes: [`${AGENTS}[0-9a-zA-Z]${REST}`] }, { shard: 1, regexes: [`${AGENTS}%..${REST}`] }],
    [`[idle] no id reaches ${path(1)}`]],
])('rules by hand: %s', (_, rules, expected) => {
  expect(verdict(fleet(rules))).toEqual(expected);
});

test.each<[string, (resources: Record<string, any>) => void, unknown]>([
  ['a default action that answers by itself', ({ Listener }) => {
    Listener.Properties.DefaultActions = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }];
  }, ['[gap] ids that end in - _ . ~ @ reach none of the servers that the rules name']],
  ['weights', ({ Rule2 }) => {
    const group = (shard: string) => ({ TargetGroupArn: { Ref: `TargetGroup${shard}` }, Weight: 1 });
    Rule2.Properties.Actions = [{ Type: 'forward', ForwardConfig: { TargetGroups: [group(''), group('1')] } }];
  }, [`[weights] Stack/Template/Rule2 forwards to ${path(0, 1)}: each request goes to either`]],
  ['a rule for all paths, first', resources => {
    resources.All = JSON.parse(JSON.stringify(resources.Rule2));
    resources.All.Properties.Priority = '0';
    resources.All.Properties.Conditions = [{ Field: 'path-pattern', Values: ['/agents/*'] }];
  }, [`[idle] no id reaches ${path(1)}`]],
  ['a priority that only the deployment knows', ({ Rule2 }) => { Rule2.Properties.Priority = PARAMETER; }, 'not applicable'],
  ['a host beside the path', ({ Rule2 }) => {
    Rule2.Properties.Conditions.push({ Field: 'host-header', HostHeaderConfig: { Values: ['a.example'] } });
  }, 'not applicable'],
  ['a rule for another host', resources => {
    resources.Other = JSON.parse(JSON.stringify(resources.Rule3));
    Object.assign(resources.Other.Properties, { Priority: 9, Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: ['a.example'] } }] });
  }, 'compliant'],
  ['servers that are no Flue servers', resources => {
    for (const id of ['TaskDefinition', 'TaskDefinition1']) {
      const [container] = resources[id].Properties.ContainerDefinitions;
      Object.assign(container, { Image: 'nginx:1', Environment: [], Secrets: [] });
    }
  }, 'out of scope'],
])('rules by hand, with %s', (_, change, expected) => {
  expect(verdict(fleet(RULES, 2, change))).toEqual(expected);
});

test.each([[[0, 1], 'compliant'], [[1, 0], [expect.stringMatching(/^\[guard\] ids that end in 0 1 2 3 4 5 and 30 more reach .* and .*, which refuses them with 421$/)]]])(
  'guards for the shards %j', (own, expected) => {
    expect(verdict(fleet(RULES, 2, resources => ['TaskDefinition', 'TaskDefinition1'].forEach((id, index) => {
      const options = resources[id].Properties.ContainerDefinitions[0].Environment.find(({ Name }: any) => Name === 'NODE_OPTIONS');
      options.Value += ` ${shardGuardPreload({ ...IDS, shard: own[index], homePaths: [] })}`;
    })))).toEqual(expected);
  });
