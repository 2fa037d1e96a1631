import { readFileSync } from 'node:fs';
import { COST, EXAMPLE_PRICES, examplePrice } from '../../scripts/generate-cost';
import { sectionIn } from '../../scripts/sections';
import { monthlyFloor } from '../../src/cli/price/monthly-floor';
import { synthesizeExamples } from '../support/examples';

const { agents } = synthesizeExamples('agents');

test('FlueChecks and AwsSolutions find nothing that is not acknowledged', () => {
  expect(agents!.violations).toMatchObject({ Flue: [], AwsSolutions: [] });
});

test('at most eight rules are acknowledged, and none of those that never may be', () => {
  const rules = new Set(agents!.acknowledged.filter(id => id.startsWith('AwsSolutions-')).map(id => id.slice('AwsSolutions-'.length).split('[')[0]));
  expect(rules.size).toBeGreaterThan(0);
  expect(rules.size).toBeLessThanOrEqual(8);
  for (const forbidden of ['RDS2', 'RDS10', 'RDS13', 'EC26', 'ECS4', 'ECS7']) {
    expect(rules).not.toContain(forbidden);
  }
});

test('no template holds a secret in plain text', () => {
  expect(agents!.stacks.length).toBeGreaterThan(0);
  for (const { template } of agents!.stacks) {
    expect(JSON.stringify(template)).not.toMatch(/sk-ant-|postgres(ql)?:\/\/[^"{]*:[^"{@]+@/);
  }
});

test('a box of t4g.small with 16 GiB, its address and a data volume costs 17.8', () => {
  const { total, unpriced } = monthlyFloor(agents!.stacks.find(({ id }) => id === 'FlueEc2Stack')!.template);
  expect(total).toBeCloseTo(12.264 + 1.28 + 3.65 + 0.64, 2);
  expect(unpriced).toEqual([]);
});

test('docs/cost.md has its price; otherwise run `npx projen generate:cost`', () => {
  expect(sectionIn(readFileSync(COST, 'utf8'), EXAMPLE_PRICES).split('\n')).toContain(`| \`agents\` | ${examplePrice('agents', agents!.stacks.map(({ template }) => template))} |`);
});
