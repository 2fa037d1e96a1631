import { readFileSync } from 'node:fs';
import { DEPLOYMENTS, renderDeployments } from '../../scripts/generate-deployments';

test('docs/deployments.md is what the timers say; otherwise run `npm run generate:deployments`', () => {
  expect(readFileSync(DEPLOYMENTS, 'utf8')).toBe(renderDeployments());
});
