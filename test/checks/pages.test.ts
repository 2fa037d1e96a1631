import { readdirSync, readFileSync } from 'fs';
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

test('the page on warnings names every warning that a construct gives', () => {
  const sources = readdirSync(path.join(__dirname, '../../src'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const given = new Set(sources.flatMap(file => [...read(`src/${file}`).matchAll(/'(cdk-flue:\w+\.\w+)'/g)].map(([, id]) => id)));
  const table = read('docs/warnings.md');
  expect(given.size).toBeGreaterThan(5);
  expect([...given].filter(id => !table.includes(`| \`${id}\` |`))).toEqual([]);
});
