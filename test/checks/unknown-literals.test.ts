import { readdirSync } from 'fs';
import { join } from 'path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import * as fc from 'fast-check';
import { FlueChecks } from '../../src';
import { INVARIANTS } from '../../src/invariants';
import { judge } from '../../src/invariants/judgement';
import { AppTemplate } from '../../src/invariants/template/app-template';
import { FlueServers } from '../../src/invariants/template/flue-servers';

const CORPUS = join(__dirname, 'corpus');
const FILES = readdirSync(CORPUS).filter(file => /\.(yaml|json)$/.test(file)).sort();
const SEED = 20261126;

type Resources = Record<string, { Type: string; Properties?: unknown }>;

function resourcesOf(file: string): Resources {
  const app = new App();
  new CfnInclude(new Stack(app, 'Stack'), 'Template', { templateFile: join(CORPUS, file) });
  const { Resources } = app.synth().getStackByName('Stack').template as { Resources: Resources };
  return JSON.parse(JSON.stringify(Resources)) as Resources;
}

/** The resources as generic ones, which take whatever stands in a template. */
function build(resources: Resources, stack: Stack = new Stack(new App(), 'Stack')): Stack {
  for (const [id, { Type, Properties, ...rest }] of Object.entries(resources)) {
    const resource = new CfnResource(stack, id, { type: Type, properties: Properties as Record<string, unknown> });
    Object.entries(rest).forEach(([key, value]) => key !== 'DependsOn' && resource.addOverride(key, value));
  }
  return stack;
}

/** By rule: the same fault may be told under another name, or of another resource, where a literal is not known any more. */
function findings(resources: Resources): string[] {
  const stack = build(resources);
  const servers = new FlueServers(new AppTemplate(stack.node.root));
  return judge(servers).map(({ invariant }) => invariant.id);
}

/** The places of the literals of a value, as the keys that lead there. */
function literals(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) {
    return [path];
  }
  // what a function is given is no literal of the template
  return Object.keys(value).some(key => key === 'Ref' || key.startsWith('Fn::')) ? []
    : Object.entries(value).flatMap(([key, child]) => literals(child, [...path, key]));
}

function withUnknown(resources: Resources, path: string[]): Resources {
  const copy = JSON.parse(JSON.stringify(resources)) as any;
  path.slice(0, -1).reduce((at, key) => at[key], copy)[path.at(-1)!] = { Ref: 'Parameter' };
  return copy as Resources;
}

let tried = 0;

test.each(FILES)('no alarm where a literal is not known: %s', file => {
  const resources = resourcesOf(file);
  const before = findings(resources);
  const places = Object.entries(resources).flatMap(([id, { Properties }]) => literals(Properties, [id, 'Properties']));
  for (const place of places) {
    tried++;
    expect({ place, found: findings(withUnknown(resources, place)).filter(finding => !before.includes(finding)) }).toEqual({ place, found: [] });
  }
});

test('literals of the whole corpus were tried', () => {
  expect(tried).toBeGreaterThan(900);
});

/** Anything that may stand in a template, functions of CloudFormation and malformed ones among it. */
const { value } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>('', 'server', 'flue', '8080', 8080, 0, -1, 1.5, true, false, null, 'postgres://db/flue', '{{resolve:secretsmanager:x}}', 'MODEL_SPECIFIER', 'ip', 'HTTP'),
    fc.constantFrom<unknown>({ Ref: 'A' }, { Ref: 'AWS::NoValue' }, { 'Fn::GetAtt': ['B', 'Arn'] }, { 'Fn::GetAtt': 'C.D' }, { 'Fn::Sub': '${A}-${B.C}' }, { 'Fn::ImportValue': 'x' }),
    fc.record({ 'Fn::If': fc.array(tie('value'), { maxLength: 4 }) }),
    fc.record({ 'Fn::Join': fc.tuple(fc.constantFrom('', ','), tie('value')) }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(
      'Name', 'Value', 'ValueFrom', 'Key', 'Environment', 'Secrets', 'Image', 'Command', 'PortMappings', 'ContainerPort', 'Properties', 'Targets', 'TargetGroupArn', 'Id', 'Type', 'Timeout',
    ), tie('value'), { maxKeys: 4 }),
  ),
}));
const TYPES = [...new Set(INVARIANTS.flatMap(({ rule }) => rule.resourceTypes))];
const PROPERTIES = [
  'ContainerDefinitions', 'TaskDefinition', 'LoadBalancers', 'DefaultActions', 'LoadBalancerArn', 'Targets', 'TargetGroupAttributes', 'UserData', 'Tags', 'SecretString', 'Integration',
  'IntegrationUri', 'ServiceConnectConfiguration', 'DistributionConfig', 'PrimaryContainer', 'Target', 'ScheduledActions', 'LaunchTemplateData', 'Environment', 'DBClusterIdentifier',
];
const template = fc.dictionary(fc.constantFrom('A', 'B', 'C', 'D', 'E'), fc.record({
  Type: fc.constantFrom(...TYPES), Properties: fc.dictionary(fc.constantFrom(...PROPERTIES), value, { maxKeys: 6 }), Metadata: fc.constantFrom({}, { 'cdk-flue': 'server' }),
}), { minKeys: 1 });

test('no template makes the checks fail', () => {
  let violations = 0;
  fc.assert(fc.property(template, resources => {
    const stack = build(resources as Resources);
    violations += new FlueChecks(undefined, { services: [stack] }).validateScope(stack).violations.length;
  }), { seed: SEED, numRuns: 400 });
  expect(violations).toBeGreaterThan(100);
});
