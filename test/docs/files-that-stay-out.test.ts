import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretFileKind } from '../../src/image/secret-files';
import { BUILD_CONFIGURATIONS, SECRET_FILES } from '../../src/invariants/secret-file-kinds';
import { LEFT_OUT } from '../image/secret-files';

const PAGE = readFileSync(join(__dirname, '../../docs/image.md'), 'utf8');
const TABLE = /\n## Files that stay out\n([^]*?)\n## /.exec(PAGE)![1];
const CONTENTS = [...new Set(LEFT_OUT.map(([, content]) => content))];
const namesIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name.replace('*', 'any'));
const ROWS = [...TABLE.matchAll(/^\| (?!What|---)(.+?) \| (.+?) \| (.+?) \|$/gm)].map(([, what, such, unlike]) => [what.split(',')[0], namesIn(such), namesIn(unlike)] as const);

test('the page on the image has a row for every kind of file that stays out, and for no other', () => {
  expect(ROWS.map(([kind]) => kind)).toEqual([...new Set(SECRET_FILES.map(({ kind }) => kind))]);
});

test.each(ROWS)('the names in the row of %s are what it says', (kind, such, unlike) => {
  expect(such.length).toBeGreaterThan(0);
  expect(such.filter((name) => !CONTENTS.some((content) => secretFileKind(name, () => content) === kind))).toEqual([]);
  expect(unlike.length).toBeGreaterThan(0);
  expect(unlike.filter((name) => secretFileKind(name, () => '{}') !== undefined)).toEqual([]);
});

test('every configuration of a registry that may name a variable is on the page', () => {
  const named = BUILD_CONFIGURATIONS.filter(({ kind }) => /npm or pnpm|of Yarn$|Bun/.test(kind)).map(({ names }) => names[0]);
  expect(named.length).toBe(3);
  expect(named.filter((name) => !PAGE.includes(`\`${name}\``))).toEqual([]);
});
