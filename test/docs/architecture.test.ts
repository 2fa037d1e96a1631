import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

test('the page on the architecture says what every folder of src holds, and of no other', () => {
  const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name).sort();
  const said = [...page.matchAll(/^\| `src\/(\w+)`/gm)].map(([, name]) => name).sort();
  expect(folders.length).toBeGreaterThan(8);
  expect(said).toEqual(folders);
});
