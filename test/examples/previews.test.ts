import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { synthesizeExamples, type Example } from '../support/examples';

jest.mock('cdk-flue', () => ({}), { virtual: true });
// an ES module, which TypeScript lets no other kind import
const { stackId, schemaOptions, previewPort } = jest.requireActual<{
  readonly stackId: (app: App, id: string) => string;
  readonly schemaOptions: (app: App, server: string) => { readonly schemaName?: string };
  readonly previewPort: (app: App) => number;
}>('../../examples/typescript/lib/stage');

const PREVIEW = `feature/${'long-'.repeat(30)}`;
const NAME = `agents=${encodeURIComponent(PREVIEW)}`;
const { agents, 'agents=base': base, 'agents=17': other, [NAME]: preview } = synthesizeExamples('agents', 'agents=base', 'agents=17', NAME);
const appOf = (context: unknown): App => new App({ context: { preview: context } });
const idOf = (context: unknown): string => stackId(appOf(context), 'Data');
const schemaOf = (context: string): string => schemaOptions(appOf(context), 'fargate').schemaName!;
const portOf = (context: string): number => previewPort(appOf(context));
const words = (text: string): RegExp => new RegExp(`^Preview-${text}-[0-9a-f]{10}-Data$`);

/** A stack of the preview, and the one of production that it stands for. */
const pairs = preview!.stacks.map(stack => [stack, agents!.stacks.find(({ id }) => stack.id.endsWith(`-${id}`))!] as const);
const resourcesOf = ({ template }: { template: unknown }) => (template as { readonly Resources: Record<string, any> }).Resources;
const allOf = ({ stacks }: Example, type: string) => stacks.flatMap(stack => Object.values(resourcesOf(stack)).filter(({ Type }) => Type === `AWS::${type}`));
const typesOf = ({ stacks }: Example): string[] => stacks.flatMap(stack => Object.values(resourcesOf(stack)).map(({ Type }) => Type as string));
const isKept = ({ DeletionPolicy }: { readonly DeletionPolicy?: string }): boolean => ['Retain', 'Snapshot', 'RetainExceptOnCreate'].includes(DeletionPolicy!);
const keptOf = ({ stacks }: Example) => stacks.flatMap(stack => Object.values(resourcesOf(stack)).filter(isKept));
/** Names that a template takes from other stacks. */
const importsOf = ({ stacks }: Example): string[] => {
  const templates = stacks.map(({ template }) => JSON.stringify(template)).join('');
  return [...new Set([...templates.matchAll(/"Fn::ImportValue":"([^"]*)"/g)].map(([, name]) => name!))].sort();
};
const outputsOf = ({ template }: { template: unknown }) => Object.values((template as { readonly Outputs?: Record<string, any> }).Outputs ?? {});
const exportsOf = ({ stacks }: Example): string[] => stacks.flatMap(stack => outputsOf(stack).flatMap(({ Export }) => Export?.Name ?? [])).sort();
const ourWarnings = ({ stacks }: Example) => stacks.flatMap(({ messages }) => messages).filter(({ entry }) => String(entry.data).includes('cdk-flue:'));

describe('what the previews of the example share', () => {
  test('is one stack with a network, a database, its secrets and a load balancer, and no server', () => {
    expect(base!.stacks.map(({ id }) => id)).toEqual(['Preview-Base-FlueDataStack']);
    const count = ['EC2::VPC', 'RDS::DBInstance', 'ElasticLoadBalancingV2::LoadBalancer', 'ElasticLoadBalancingV2::Listener', 'ECS::Service'].map(type => allOf(base!, type).length);
    expect(count).toEqual([1, 1, 1, 0, 0]);
  });

  test('exports what previews import, all of it and no more', () => {
    // without the route tables of a network that is imported, the CDK warns, and no template of the example needs them
    expect([...importsOf(preview!), 'Preview-Base-RouteTables'].sort()).toEqual(exportsOf(base!));
    expect(importsOf(base!)).toEqual([]);
  });

  test('can be deleted, keeps nothing, and has no end of its own', () => {
    expect([base!.stacks[0]!.terminationProtection ?? false, allOf(base!, 'RDS::DBInstance')[0].Properties.DeletionProtection]).toEqual([false, false]);
    expect(keptOf(base!)).toEqual([]);
    expect(allOf(base!, 'Scheduler::Schedule')).toEqual([]);
  });

  test('admits nobody by itself', () => {
    expect(JSON.stringify(allOf(base!, 'EC2::SecurityGroup'))).not.toContain('SecurityGroupIngress');
    expect(allOf(base!, 'EC2::SecurityGroupIngress').filter(({ Properties }) => Properties.CidrIp !== undefined)).toEqual([]);
  });
});

describe('a preview of the example', () => {
  test('has each server of production under a name of its own, which CloudFormation takes', () => {
    expect(pairs.map(([, production]) => production.id).sort()).toEqual(agents!.stacks.map(({ id }) => id).filter(id => id !== 'FlueDataStack').sort());
    for (const [stack] of pairs) {
      expect(stack.stackName).toMatch(/^Preview-feature-long-long-long-[a-z0-9-]+-Flue\w+$/);
      expect(stack.stackName.length).toBeLessThanOrEqual(128);
    }
  });

  test('takes nothing of production, and makes neither network nor database nor load balancer', () => {
    expect(importsOf(preview!).filter(name => !name.startsWith('Preview-Base-'))).toEqual([]);
    expect(preview!.stacks.flatMap(({ dependencies }) => dependencies.map(({ id }) => id)).filter(id => /Stack$/.test(id))).toEqual([]);
    expect(typesOf(preview!).filter(type => /^AWS::(RDS|EC2::(VPC|Subnet|NatGateway)|ElasticLoadBalancingV2::LoadBalancer)/.test(type))).toEqual([]);
  });

  test('opens a port of the load balancer, which no other preview has, and leads it to its server', () => {
    for (const [example, port] of [[other!, 20017], [preview!, portOf(PREVIEW)]] as const) {
      const [listener, rule, url] = [allOf(example, 'ElasticLoadBalancingV2::Listener'), allOf(example, 'ElasticLoadBalancingV2::ListenerRule'), example.stacks.map(({ template }) => JSON.stringify(template.Outputs))];
      expect(listener.map(({ Properties: { Port, LoadBalancerArn } }) => [Port, LoadBalancerArn])).toEqual([[port, { 'Fn::ImportValue': 'Preview-Base-LoadBalancer' }]]);
      expect(rule).toHaveLength(1);
      expect(url.filter(output => output.includes(`":${port}"`))).toHaveLength(1);
      const admitted = allOf(example, 'EC2::SecurityGroupIngress').filter(({ Properties: { CidrIp } }) => CidrIp !== undefined);
      expect(admitted.map(({ Properties: { GroupId, FromPort, ToPort } }) => [GroupId, FromPort, ToPort])).toEqual([[{ 'Fn::ImportValue': 'Preview-Base-LoadBalancerGroup' }, port, port]]);
    }
  });

  test('has a schema for each of its servers with a database, under its own name', () => {
    const roles = (example: Example) => [...new Set(JSON.stringify(allOf(example, 'SecretsManager::Secret')).match(/preview_\w+/g))].sort();
    expect(roles(other!)).toEqual(['preview_17_express', 'preview_17_fargate']);
    expect(roles(preview!)).toEqual([schemaOf(PREVIEW).replace('fargate', 'express'), schemaOf(PREVIEW)]);
  });

  test('keeps nothing, where production does', () => {
    expect(keptOf(preview!)).toEqual([]);
    expect(keptOf(agents!).length).toBeGreaterThan(0);
  });

  test('protects no stack from a deletion, where production protects what the servers share', () => {
    const protectedOf = ({ stacks }: Example) => stacks.filter(({ terminationProtection }) => terminationProtection).map(({ id }) => id);
    expect(protectedOf(preview!)).toEqual([]);
    expect(protectedOf(agents!)).toEqual(['FlueDataStack']);
  });

  test('has tasks of the smallest size', () => {
    expect(allOf(preview!, 'ECS::TaskDefinition').map(({ Properties: { Cpu, Memory } }) => [Cpu, Memory])).toEqual([['256', '512'], ['256', '512']]);
  });

  test('ends in three days, each stack by itself', () => {
    const ends = preview!.stacks.flatMap(stack => Object.values(resourcesOf(stack)).filter(({ Type }) => Type === 'AWS::Scheduler::Schedule')
      .map(({ Properties }) => Date.parse(`${/^at\((.*)\)$/.exec(Properties.ScheduleExpression)![1]}Z`)));
    expect(ends).toHaveLength(3);
    for (const end of ends) {
      expect(end - Date.now()).toBeLessThanOrEqual(3 * 24 * 3600 * 1000);
      expect(end - Date.now()).toBeGreaterThan((3 * 24 - 1) * 3600 * 1000);
    }
  });

  test.each([['preview', preview!], ['base', base!]])('FlueChecks and AwsSolutions find nothing that is not acknowledged, and no warning of ours is left: %s', (_, example) => {
    expect(example.violations).toMatchObject({ Flue: [], AwsSolutions: [] });
    expect(ourWarnings(example)).toEqual([]);
  });
});

/** Both edges of what stays as it is and of what is cut, and branches that their words alone would not tell apart. */
const NAMES: [string, string | RegExp][] = [
  ['0', 'Preview-0-Data'],
  ['999999999', 'Preview-999999999-Data'],
  ['1234567890', words('1234567890')],
  ['017', 'Preview-017-Data'],
  ['17-', words('17')],
  ['feature/search', words('feature-search')],
  ['feature-search', words('feature-search')],
  ['Feature//Search', words('feature-search')],
  ['x'.repeat(24), words('x{24}')],
  ['x'.repeat(25), words('x{24}')],
  [`${'x'.repeat(23)}-y`, words('x{23}')],
  ['-', words('branch')],
  ['分支', words('branch')],
  ['支分', words('branch')],
  ['branch', words('branch')],
  ['base', 'Preview-Base-Data'],
  ['Base', words('base')],
];
/** Both edges of the ports of pull requests; the others have one of the branches. */
const PORTS: [string, number | undefined][] = [['1', 20001], ['17', 20017], ['30000', 50000], ['30001', undefined], ['0', undefined], ['017', undefined], ['feature/search', undefined]];

test.each(NAMES)('the preview %s has a name of its own', (name, expected) => {
  expect(idOf(name)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
});

test('two branches never share a name, and a branch never takes that of a pull request', () => {
  const ids = NAMES.map(([name]) => idOf(name));
  expect(new Set(ids).size).toBe(ids.length);
  // the name of one is no way to the name of another
  expect(idOf(idOf('feature/search').replace(/^Preview-|-Data$/g, ''))).not.toBe(idOf('feature/search'));
});

test.each(PORTS)('the preview %s has a port that browsers open', (name, port) => {
  expect(portOf(name)).toBe(port ?? portOf(name));
  if (port === undefined) {
    expect(portOf(name)).toBeGreaterThan(50000);
    expect(portOf(name)).toBeLessThanOrEqual(65000);
  }
});

test('two previews never share a schema, whose name Postgres takes whole', () => {
  const schemas = NAMES.filter(([name]) => name !== 'base').map(([name]) => schemaOf(name));
  expect(new Set(schemas).size).toBe(schemas.length);
  schemas.forEach(schema => expect(schema).toMatch(/^preview_[a-z0-9_]{1,55}$/));
  expect(schemaOptions(new App(), 'fargate')).toEqual({});
});

test('without a preview the id is as it was', () => {
  expect(stackId(new App(), 'Data')).toBe('Data');
});

test.each([[''], [17], [true]])('%p is refused, since it must not deploy production', context => {
  expect(() => idOf(context)).toThrow(`The context \`preview\` must be a branch, or the number of a pull request, as text, got: ${JSON.stringify(context)}. Pass -c preview=17.`);
});

const PYTHON = `
import json, sys, types
from unittest.mock import MagicMock
for name in ["aws_cdk", "cdk_flue", "constructs"]:
    sys.modules[name] = MagicMock()
from flue_agents.stage import preview_port, schema_options, stack_id
app = lambda preview: types.SimpleNamespace(node=types.SimpleNamespace(try_get_context=lambda key: preview))
previews = json.loads(sys.argv[1])
names = [[stack_id(app(preview), "Data"), schema_options(app(preview), "fargate").get("schema_name"), preview_port(app(preview))] for preview in previews]
try:
    stack_id(app(""), "Data")
except ValueError as error:
    names.append(str(error))
print(json.dumps([*names, stack_id(app(None), "Data"), schema_options(app(None), "fargate")]))
`;
const hasPython = spawnSync('python3', ['--version']).status === 0;

(hasPython ? test : test.skip)('Python gives the same names, schemas and ports, and refuses the same', () => {
  const previews = [...NAMES, ...PORTS].map(([name]) => name);
  const { stdout, stderr } = spawnSync('python3', ['-B', '-c', PYTHON, JSON.stringify(previews)], { cwd: join(__dirname, '../../examples/python'), encoding: 'utf8' });
  expect(stderr).toBe('');
  const names = JSON.parse(stdout) as unknown[];
  expect(names.slice(0, previews.length)).toEqual(previews.map(name => [idOf(name), name === 'base' ? null : schemaOf(name), portOf(name)]));
  expect(names.slice(previews.length)).toEqual([expect.stringMatching(/^The context `preview` must be .*, as text, got: ''\. Pass -c preview=17\.$/), 'Data', {}]);
});
