import { readFileSync } from 'fs';
import * as path from 'path';

const read = (file: string) => readFileSync(path.join(__dirname, '..', '..', file), 'utf8');

test('the README is short enough to be read', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(250);
});

test('the page on FlueChecks says how many findings the defaults of ecs-patterns have', () => {
  const findings = read('docs/what-the-defaults-get-wrong.md').match(/^\| `Flue-/gm)!;
  const words: Record<number, string> = { 10: 'ten', 11: 'eleven', 12: 'twelve', 13: 'thirteen', 14: 'fourteen' };
  expect(read('docs/checks.md')).toContain(`has ${words[findings.length]} findings`);
});
