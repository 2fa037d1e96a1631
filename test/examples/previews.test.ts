import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { synthesizeExamples, type Example } from '../support/examples';

jest.mock('cdk-flue', () => ({}), { virtual: true });
// an ES module, which TypeScript lets no other kind import
const { stackId } = jest.requireActual<{ stackId: (app: App, id: string) => string }>('../../examples/typescript/lib/stage');

const PREVIEW = `feature/${'long-'.repeat(30)}`;
const NAME = `agents=${encodeURIComponent(PREVIEW)}`;
const { agents, [NAME]: preview } = synthesizeExamples('agents', NAME);
const idOf = (context: unknown): string => stackId(new App({ context: { preview: context } }), 'Data');
const words = (text: string): RegExp => new RegExp(`^Preview-${text}-[0-9a-f]{10}-Data$`);

/** A stack of the preview, and the one of production that it stands for. */
const pairs = preview!.stacks.map(stack => [stack, agents!.stacks.find(({ id }) => stack.id.endsWith(`-${id}`))!] as const);
const resourcesOf = ({ template }: { template: unknown }) => (template as { readonly Resources: Record<string, any> }).Resources;
const only = (type: string) => preview!.stacks.flatMap(stack => Object.values(resourcesOf(stack)).filter(({ Type }) => Type === `AWS::${type}`));

describe('a preview of the example', () => {
  test('has each stack of production under a name of its own, which CloudFormation takes', () => {
    expect(pairs.map(([, production]) => production.id).sort()).toEqual(agents!.stacks.map(({ id }) => id).sort());
    for (const [stack] of pairs) {
      expect(stack.stackName).toMatch(/^Preview-feature-long-long-long-[a-z0-9-]+-Flue\w+$/);
      expect(stack.stackName.length).toBeLessThanOrEqual(128);
    }
  });

  test('takes nothing of production, whose stacks it never names', () => {
    for (const [stack] of pairs) {
      expect(JSON.stringify(stack.template)).not.toMatch(/"Flue(Data|Fargate|Express|Ec2)Stack:/);
      expect(stack.dependencies.filter(({ id }) => id.startsWith('Flue'))).toEqual([]);
    }
    expect(only('RDS::DBInstance')).toHaveLength(1);
  });

  test('keeps nothing, where production does', () => {
    const kept = (stack: { template: unknown }) => Object.values(resourcesOf(stack)).filter(({ DeletionPolicy }) => ['Retain', 'Snapshot', 'RetainExceptOnCreate'].includes(DeletionPolicy));
    expect(pairs.flatMap(([stack]) => kept(stack))).toEqual([]);
    expect(pairs.flatMap(([, production]) => kept(production)).length).toBeGreaterThan(0);
    expect(only('RDS::DBInstance')[0].Properties.DeletionProtection).toBe(false);
  });

  test('protects no stack from a deletion, where production protects what the servers share', () => {
    const protectedOf = ({ stacks }: Example) => stacks.filter(({ terminationProtection }) => terminationProtection).map(({ id }) => id);
    expect(protectedOf(preview!)).toEqual([]);
    expect(protectedOf(agents!)).toEqual(['FlueDataStack']);
  });

  test('has tasks of the smallest size', () => {
    expect(only('ECS::TaskDefinition').map(({ Properties: { Cpu, Memory } }) => [Cpu, Memory])).toEqual([['256', '512'], ['256', '512']]);
  });

  test('ends in three days, and the stack that the others import an hour after them', () => {
    const endOf = (stack: { template: unknown }): number => {
      const schedule = Object.values(resourcesOf(stack)).find(({ Type }) => Type === 'AWS::Scheduler::Schedule');
      return Date.parse(`${/^at\((.*)\)$/.exec(schedule.Properties.ScheduleExpression)![1]}Z`);
    };
    const [data, ...rest] = [...pairs].sort(([, a], [, b]) => Number(b.id === 'FlueDataStack') - Number(a.id === 'FlueDataStack')).map(([stack]) => endOf(stack));
    const last = Math.max(...rest);
    expect(last - Date.now()).toBeLessThanOrEqual(3 * 24 * 3600 * 1000);
    expect(last - Date.now()).toBeGreaterThan((3 * 24 - 1) * 3600 * 1000);
    expect(data! - last).toBeGreaterThan(3000 * 1000);
  });

  test('FlueChecks and AwsSolutions find nothing that is not acknowledged, and no warning of ours is left', () => {
    expect(preview!.violations).toMatchObject({ Flue: [], AwsSolutions: [] });
    expect(preview!.stacks.flatMap(({ messages }) => messages).filter(({ entry }) => String(entry.data).includes('cdk-flue:'))).toEqual([]);
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
];

test.each(NAMES)('the preview %s has a name of its own', (name, expected) => {
  expect(idOf(name)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
});

test('two branches never share a name, and a branch never takes that of a pull request', () => {
  const ids = NAMES.map(([name]) => idOf(name));
  expect(new Set(ids).size).toBe(ids.length);
  // the name of one is no way to the name of another
  expect(idOf(idOf('feature/search').replace(/^Preview-|-Data$/g, ''))).not.toBe(idOf('feature/search'));
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
from flue_agents.stage import stack_id
app = lambda preview: types.SimpleNamespace(node=types.SimpleNamespace(try_get_context=lambda key: preview))
names = [stack_id(app(preview), "Data") for preview in json.loads(sys.argv[1])]
try:
    stack_id(app(""), "Data")
except ValueError as error:
    names.append(str(error))
print(json.dumps([*names, stack_id(app(None), "Data")]))
`;
const hasPython = spawnSync('python3', ['--version']).status === 0;

(hasPython ? test : test.skip)('Python gives the same names, and refuses the same', () => {
  const { stdout, stderr } = spawnSync('python3', ['-B', '-c', PYTHON, JSON.stringify(NAMES.map(([name]) => name))], { cwd: join(__dirname, '../../examples/python'), encoding: 'utf8' });
  expect(stderr).toBe('');
  const names = JSON.parse(stdout) as string[];
  expect(names.slice(0, NAMES.length)).toEqual(NAMES.map(([name]) => idOf(name)));
  expect(names.slice(NAMES.length)).toEqual([expect.stringMatching(/^The context `preview` must be .*, as text, got: ''\. Pass -c preview=17\.$/), 'Data']);
});
