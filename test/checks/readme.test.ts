import { readFileSync } from 'fs';
import * as path from 'path';

const read = (file: string) => readFileSync(path.join(__dirname, '..', '..', file), 'utf8');

test('the README names every finding on the defaults of ecs-patterns, and no other', () => {
  const idsIn = (text: string, pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, id]) => id))].sort();
  const section = read('README.md').split('### What the defaults get wrong')[1].split('\n## ')[0];
  const found = idsIn(read('docs/what-the-defaults-get-wrong.md'), /^\| `(Flue-[^`]+)`/gm);
  expect(found.length).toBeGreaterThan(0);
  expect(idsIn(section, /`(Flue-[^`]+)`/g)).toEqual(found);
});
