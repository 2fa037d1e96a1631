import { App } from 'aws-cdk-lib';
import { buildAgents } from '../../examples/typescript/lib/app';
import { FlueChecks } from '../../src';

test('the example has no finding', () => {
  const app = new App();
  buildAgents(app);
  expect(new FlueChecks().validateScope(app)).toEqual({ success: true, violations: [] });
});
