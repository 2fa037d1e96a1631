import { readFileSync } from 'node:fs';
import { DEPLOYMENTS, renderDeployments, renderTimers } from '../../scripts/generate-deployments';
import { withSection } from '../../scripts/sections';

test.each([['timers', renderTimers], ['deployments', renderDeployments]])('docs/timers-and-deployments.md has the %s of the code; otherwise run `npm run generate:deployments`', (section, render) => {
  const page = readFileSync(DEPLOYMENTS, 'utf8');
  expect(page).toBe(withSection(page, section, render()));
});
