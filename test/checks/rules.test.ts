import { existsSync, readFileSync } from 'fs';
import { join } from 'path';
import { CHECKS, renderRules, renderTable, RULES } from '../../scripts/generate-rules';
import { withSection } from '../../scripts/sections';
import { INVARIANTS } from '../../src/invariants';

const REGENERATE = 'run `npm run generate:rules`';

test(`RULES.md is what the invariants say; otherwise ${REGENERATE}`, () => {
  expect(readFileSync(RULES, 'utf8')).toBe(renderRules());
});

test(`the table of docs/checks.md is what the invariants say; otherwise ${REGENERATE}`, () => {
  const page = readFileSync(CHECKS, 'utf8');
  expect(page).toBe(withSection(page, 'rules', renderTable()));
});

describe.each(INVARIANTS.map(invariant => [invariant.id, invariant] as const))('%s', (id, invariant) => {
  test('says everything a reader needs, in whole sentences', () => {
    expect(id).toMatch(/^[A-Z][A-Za-z]+$/);
    for (const sentence of [invariant.statement, invariant.why, invariant.fix]) {
      expect(sentence).toMatch(/^[A-Z`].*\.$/);
    }
    for (const text of [invariant.limit, invariant.source]) {
      expect(text).toMatch(/\S/);
      expect(text).not.toMatch(/[.\n]$/);
    }
  });

  test('stands in a file of its own, with its guard and its rule', () => {
    const file = id.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
    const source = readFileSync(join(__dirname, '..', '..', 'src', 'invariants', `${file}.ts`), 'utf8');
    expect(source).toContain(`id: '${id}'`);
    expect(source).toMatch(/^ {2}rule: \{$/m);
    expect(invariant.rule.resourceTypes.length).toBeGreaterThan(0);
    expect(existsSync(join(__dirname, '..', 'invariants', `${file}.test.ts`))).toBe(true);
  });
});

test('ids are unique', () => {
  expect(new Set(INVARIANTS.map(({ id }) => id)).size).toBe(INVARIANTS.length);
});
