import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INVARIANTS } from '../../../src/invariants';
import { LIMITS } from '../../../src/invariants/limits';
import type { ListLimit, NumberLimit, TextLimit } from '../../../src/invariants/limits/limit';
import { programOf, publicParameters, publicProps } from '../../support/public-api';

const SRC = join(__dirname, '..', '..', '..', 'src');
const PROGRAM = programOf([]);
const PROPS = [...publicProps(PROGRAM), ...publicParameters(PROGRAM)];
const ranges = LIMITS as ReadonlyArray<Partial<NumberLimit & TextLimit & ListLimit> & typeof LIMITS[number]>;

test('every file of limits is printed', () => {
  const files = readdirSync(join(SRC, 'invariants', 'limits'));
  const groups = files.filter(file => !['index.ts', 'limit.ts', 'guard.ts', 'intermediaries.ts'].includes(file))
    .flatMap(file => Object.entries(jest.requireActual<Record<string, object>>(join(SRC, 'invariants', 'limits', file))).filter(([name]) => name.endsWith('_LIMITS')));
  expect(groups.length).toBe(files.length - 4);
  expect(new Set(groups.flatMap(([, group]) => Object.values(group)))).toEqual(new Set(LIMITS));
});

describe.each(ranges.flatMap(limit => limit.of.map(struct => [`${struct}.${limit.prop}`, limit.allowed, struct, limit] as const)))('%s: %s', (_name, _allowed, struct, limit) => {
  // the factories of a class can share a parameter
  const doc = PROPS.filter(prop => prop.struct === struct && prop.name === limit.prop).map(prop => prop.doc).join('\n') || undefined;

  test('is of a public prop whose docs say that it throws', () => {
    expect(doc).toMatch(/\b[Tt]hrows?\b/);
  });

  test('is what the docs state, where they state a range', () => {
    const allowed = ranges.filter(({ of, prop }) => of.includes(struct) && prop === limit.prop).map(({ minimum, maximum }) => `${minimum}–${maximum}`);
    for (const [stated] of doc?.matchAll(/\d+–\d+/g) ?? []) {
      expect(limit.pattern || limit.least !== undefined ? limit.allowed : allowed.join()).toContain(stated);
    }
  });

  test('says what is allowed, why and what to do', () => {
    expect(limit.allowed).toMatch(/^[^.\s].*[^.\s]$/);
    expect(limit.source).toMatch(/\S.*[^.\s]$/);
    if (limit.fix !== undefined) {
      expect(limit.fix).toMatch(/^[A-Z].*[^.\s]$/);
    }
  });
});

test('limits that are part of a rule name one', () => {
  const rules = ranges.flatMap(({ rule }) => rule ?? []);
  expect(rules.length).toBeGreaterThan(5);
  expect(INVARIANTS.map(({ id }) => id)).toEqual(expect.arrayContaining(rules));
});

test('no constructor judges a number by itself', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts') && !file.startsWith('cli'));
  const judging = files.filter(file => /Number\.is(Safe)?(Integer|Finite)\(/.test(readFileSync(join(SRC, file), 'utf8')));
  expect(judging).toEqual([join('invariants', 'limits', 'guard.ts')]);
});
