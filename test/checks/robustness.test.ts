import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { App, CfnResource, Lazy, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { FlueChecks } from '../../src';
import { INVARIANTS } from '../../src/invariants';
import { AppTemplate } from '../../src/invariants/template/app-template';
import { FlueServers } from '../../src/invariants/template/flue-servers';
import { box, express, group, withDatabase } from '../invariants/templates';

/** What only the deployment knows. */
const LATER: unknown[] = [{ Ref: 'Unknown' }, { 'Fn::ImportValue': 'export' }, { 'Fn::If': ['Condition', { Ref: 'One' }, { Ref: 'Two' }] }];

/** What can stand in the place of any value. */
const STRANGE: unknown[] = [
  ...LATER,
  { Ref: 'AWS::NoValue' }, { 'Fn::ImportValue': { 'Fn::Sub': '${Unknown}-export' } }, { 'Fn::GetAtt': ['Unknown', 'Arn'] }, { 'Fn::GetAtt': 'Unknown.Arn' },
  { 'Fn::If': ['Condition', 'a', { Ref: 'AWS::NoValue' }] }, { 'Fn::FindInMap': ['Map', 'a', 'b'] }, { 'Fn::Select': [0, []] }, { 'Fn::Split': [',', { Ref: 'Unknown' }] },
  { 'Fn::Sub': ['${A}${B.C}', { A: { Ref: 'Unknown' } }] }, { 'Fn::Join': 'malformed' }, { 'Fn::Sub': 7 }, { 'Fn::If': [] }, { 'Fn::GetAtt': [] }, { 'Fn::Join': ['', { Ref: 'Unknown' }] },
  '{{resolve:ssm:/any}}', '', 'text', -1, 0, 1.5, true, null, [], {}, [null], [[]], [{}], { Key: {} },
];

/** Generic resources take a template as it is, however malformed. */
function judgeAll(template: any): string[] {
  const stack = new Stack(new App(), 'Stack');
  for (const [id, { Type, Properties, ...rest }] of Object.entries<any>(template.Resources)) {
    const resource = new CfnResource(stack, id, { type: Type, properties: Properties });
    Object.entries(rest).forEach(([key, value]) => key !== 'DependsOn' && resource.addOverride(key, value));
  }
  const servers = new FlueServers(new AppTemplate(stack.node.root, [stack]));
  return INVARIANTS.flatMap(invariant => servers.ofType(...invariant.rule.resourceTypes)
    .flatMap(resource => (invariant.rule.check(resource, servers) ?? []).map(({ detail }) => `${invariant.id}[${detail}] ${resource.path}`)));
}

/** Every place of a value, as the keys that lead there. */
function places(value: unknown, path: string[] = []): string[][] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, child]) => places(child, [...path, key])) : [];
  return path.length > 0 ? [path, ...inner] : inner;
}

function replaced(template: any, path: string[], value: unknown): any {
  const copy = JSON.parse(JSON.stringify(template));
  const last = path[path.length - 1];
  path.slice(0, -1).reduce((at, key) => at[key], copy)[last] = value;
  return copy;
}

const TEMPLATES: Array<[string, any]> = [['Fargate with its database', withDatabase()], ['Express Mode', express()], ['a box', box()], ['a group of boxes', group()]];

test.each(TEMPLATES)('no rule fails on anything that may stand in a template: %s', (_, template) => {
  let found = 0;
  const every = Object.entries<any>(template.Resources).flatMap(([id, { Properties }]) => places(Properties, [id, 'Properties']));
  every.forEach((path, index) => {
    // neighbouring places share the strange values among them
    for (const value of STRANGE.filter((__, turn) => turn % 4 === index % 4)) {
      expect(() => { found += judgeAll({ Resources: replaced(template.Resources, path, value) }).length; }).not.toThrow();
    }
  });
  expect(found).toBeGreaterThan(10);
});

test.each(TEMPLATES)('what only the deployment knows is no finding: %s', (_, template) => {
  const before = judgeAll(template);
  for (const [id, resource] of Object.entries<any>(template.Resources)) {
    for (const path of places(resource.Properties, [id, 'Properties'])) {
      for (const value of LATER) {
        const after = judgeAll({ Resources: replaced(template.Resources, path, value) });
        expect({ path, found: after.filter(finding => !before.includes(finding)) }).toEqual({ path, found: [] });
      }
    }
  }
});

test('a resource that cannot be rendered is not judged', () => {
  const stack = new Stack(new App(), 'Stack');
  const properties = (produce: () => unknown) => ({ ContainerDefinitions: [{ Name: 'server', Image: 'flue' }], Cpu: Lazy.any({ produce }) });
  const rendered = new CfnResource(stack, 'Rendered', { type: 'AWS::ECS::TaskDefinition', properties: properties(() => '256') });
  new CfnResource(stack, 'Broken', { type: 'AWS::ECS::TaskDefinition', properties: properties(() => { throw new Error('not yet'); }) });
  const { violations } = new FlueChecks(undefined, { services: [stack] }).validateScope(stack);
  expect(new Set(violations.map(({ violatingResources: [{ constructPath }] }) => constructPath))).toEqual(new Set([rendered.node.path]));
});

test('the corpus is read to its end', () => {
  const corpus = join(__dirname, 'corpus');
  const files = readdirSync(corpus).filter(file => /\.(yaml|json)$/.test(file));
  for (const file of files) {
    expect(readFileSync(join(corpus, file), 'utf8').length).toBeGreaterThan(500);
    const include = new CfnInclude(new Stack(new App(), 'Stack'), 'Template', { templateFile: join(corpus, file) });
    const servers = new FlueServers(new AppTemplate(include.node.root, [include]));
    const judged = INVARIANTS.flatMap(({ rule }) => servers.ofType(...rule.resourceTypes).map(resource => rule.check(resource, servers)));
    expect(judged.length).toBeGreaterThan(0);
  }
});
