import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pagesAsModules } from '../../scripts/stage-snippets';

const ROOT = join(__dirname, '..', '..');

test('every page is a module of its own name, so that a broken snippet is named by its page', () => {
  const pages = pagesAsModules(ROOT);
  const top = readdirSync(join(ROOT, 'docs')).filter(name => name.endsWith('.md')).map(name => `docs/${name}`);
  expect(top.length).toBeGreaterThan(0);
  expect(Object.keys(pages)).toEqual(expect.arrayContaining([...top, 'docs/decisions/0012-edge.md']));
  for (const [page, { readme }] of Object.entries(pages)) expect(readme.markdown).toBe(readFileSync(join(ROOT, page), 'utf8'));
});
