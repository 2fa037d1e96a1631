import { readFileSync } from 'node:fs';
import { DEPLOYMENTS, renderDeployments } from '../../scripts/generate-deployments';
import { withSection } from '../../scripts/sections';

test('docs/timers-and-deployments.md says what the timers say; otherwise run `npm run generate:deployments`', () => {
  const page = readFileSync(DEPLOYMENTS, 'utf8');
  expect(page).toBe(withSection(page, 'deployments', renderDeployments()));
});
