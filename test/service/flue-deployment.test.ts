import { FlueDeployment } from '../../src/service/flue-deployment';

test('recreate stops the old process before it starts the new one', () => {
  expect(FlueDeployment.recreate()).toMatchObject({ minHealthyPercent: 0, maxHealthyPercent: 100, overlaps: false, rollback: true });
});

test('rolling starts the new process before it stops the old one', () => {
  expect(FlueDeployment.rolling()).toMatchObject({ minHealthyPercent: 100, maxHealthyPercent: 200, overlaps: true, rollback: true });
});

test.each([
  ['recreate', FlueDeployment.recreate],
  ['rolling', FlueDeployment.rolling],
] as const)('%s goes back to the last good deployment unless told otherwise', (_, deployment) => {
  expect(deployment({}).rollback).toBe(true);
  expect(deployment({ rollback: true }).rollback).toBe(true);
  expect(deployment({ rollback: false }).rollback).toBe(false);
});
