import { readdirSync, readFileSync } from 'fs';
import * as path from 'path';

const read = (file: string) => readFileSync(path.join(__dirname, '..', '..', file), 'utf8');

test('the README names every finding on the defaults of ecs-patterns, and no other', () => {
  const idsIn = (text: string, pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, id]) => id))].sort();
  const section = read('README.md').split('### What the defaults get wrong')[1].split('\n## ')[0];
  const found = idsIn(read('docs/what-the-defaults-get-wrong.md'), /^\| `(Flue-[^`]+)`/gm);
  expect(found.length).toBeGreaterThan(0);
  expect(idsIn(section, /`(Flue-[^`]+)`/g)).toEqual(found);
});

test('the README names every warning that a construct gives', () => {
  const sources = readdirSync(path.join(__dirname, '../../src'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const given = new Set(sources.flatMap(file => [...read(`src/${file}`).matchAll(/'(cdk-flue:\w+\.\w+)'/g)].map(([, id]) => id)));
  const table = read('README.md').split('## Warnings')[1].split('\n## ')[0];
  expect(given.size).toBeGreaterThan(5);
  expect([...given].filter(id => !table.includes(`| \`${id}\` |`))).toEqual([]);
});
