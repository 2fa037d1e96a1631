import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { REASONS } from '../../examples/typescript/lib/acknowledgements';
import { buildAgents } from '../../examples/typescript/lib/app';
import { monthlyFloor } from '../../scripts/monthly-floor';
import { FlueChecks } from '../../src';

const app = new App({ analyticsReporting: false });
buildAgents(app);
const stacks = app.node.children.filter(Stack.isStack);

test('FlueChecks finds nothing that is not acknowledged', () => {
  expect(new FlueChecks(app).validateScope(app).violations).toEqual([]);
});

test('at most eight rules are acknowledged, and none of those that never may be', () => {
  const rules = new Set(Object.keys(REASONS).map(id => id.split('[')[0]));
  expect(rules.size).toBeLessThanOrEqual(8);
  for (const forbidden of ['RDS2', 'RDS10', 'RDS13', 'EC26', 'ECS4', 'ECS7']) {
    expect(rules).not.toContain(forbidden);
  }
});

test('no template holds a secret in plain text', () => {
  for (const stack of stacks) {
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/sk-ant-|postgres(ql)?:\/\/[^"{]*:[^"{@]+@/);
  }
});

test('a box of t4g.small with 16 GiB, its address and a data volume costs 17.8', () => {
  const { total, unpriced } = monthlyFloor(Template.fromStack(app.node.findChild('FlueEc2Stack') as Stack).toJSON());
  expect(total).toBeCloseTo(12.264 + 1.28 + 3.65 + 0.64, 2);
  expect(unpriced).toEqual([]);
});
