import { readdirSync } from 'fs';
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { FlueChecks } from '../../src';
import { EXPECTED } from './corpus/expected';
import { INVARIANTS } from '../../src/invariants';

const CORPUS = join(__dirname, 'corpus');
const templates = readdirSync(CORPUS).filter(file => /\.(yaml|json)$/.test(file)).sort();

/** What the pack finds on a template as it stands, as `<logical id> <finding>`. */
function findingsOn(file: string): string[] {
  const stack = new Stack(new App(), 'Stack');
  new CfnInclude(stack, 'Template', { templateFile: join(CORPUS, file) });
  return new FlueChecks().validateScope(stack.node.root).violations
    .map(({ ruleName, violatingResources: [{ constructPath }] }) => `${constructPath!.replace('Stack/Template/', '')} ${ruleName.replace('Flue-', '')}`)
    .sort();
}

function expectedOn(file: string): string[] {
  return Object.entries(EXPECTED[file]).flatMap(([logicalId, findings]) => findings.map(finding => `${logicalId} ${finding}`)).sort();
}

test('every template has its list of findings', () => {
  expect(Object.keys(EXPECTED)).toEqual(templates);
  expect(templates.length).toBeGreaterThanOrEqual(12);
});

test.each(templates)('%s', file => {
  expect(findingsOn(file)).toEqual(expectedOn(file));
});

test('precision and recall', () => {
  const lists = templates.map(file => ({ found: findingsOn(file), expected: expectedOn(file) }));
  const found = lists.flatMap(list => list.found).length;
  const expected = lists.flatMap(list => list.expected).length;
  const correct = lists.flatMap(list => list.found.filter(finding => list.expected.includes(finding))).length;
  process.stdout.write(`FlueChecks on ${templates.length} templates: ${found} findings, precision ${(correct / found).toFixed(3)}, recall ${(correct / expected).toFixed(3)}\n`);
  expect(correct / found).toBe(1);
  expect(correct / expected).toBe(1);
});

test('every invariant is broken somewhere in the corpus', () => {
  const broken = new Set(Object.values(EXPECTED).flatMap(resources => Object.values(resources).flat()).map(finding => finding.replace(/\[.*/, '')));
  expect([...broken].sort()).toEqual(INVARIANTS.map(({ id }) => id).sort());
});
