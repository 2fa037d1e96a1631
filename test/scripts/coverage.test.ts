import { join } from 'node:path';

const PROGRAM = join(__dirname, '..', 'support', 'newly-covered.cjs');

interface Counted {
  readonly s: { readonly [index: string]: number };
  readonly f: { readonly [index: string]: number };
  readonly b: { readonly [index: string]: readonly number[] };
}
interface Coverage { readonly [file: string]: Counted }

const counted = (counts: Partial<Counted>): Counted => ({ s: { 0: 0, 1: 0 }, f: { 0: 0 }, b: { 0: [0, 0] }, ...counts });

describe('what a test file adds to the coverage of its worker', () => {
  let newlyCovered: (coverage: Coverage) => Coverage;
  beforeEach(() => jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    ({ newlyCovered } = require(PROGRAM) as { newlyCovered: typeof newlyCovered });
  }));

  test('is everything in the first', () => {
    const coverage = { 'a.ts': counted({}), 'b.ts': counted({ s: { 0: 1, 1: 0 } }) };
    expect(newlyCovered(coverage)).toEqual(coverage);
  });

  test('is nothing of a source file in which it ran what another has run', () => {
    newlyCovered({ 'a.ts': counted({ s: { 0: 7, 1: 0 } }) });
    expect(newlyCovered({ 'a.ts': counted({ s: { 0: 1, 1: 0 } }) })).toEqual({});
  });

  test.each<[string, Partial<Counted>]>([
    ['statement', { s: { 0: 1, 1: 1 } }], ['function', { f: { 0: 1 } }], ['branch', { b: { 0: [0, 1] } }],
  ])('is a source file with one %s that none has run, and not twice', (_, counts) => {
    newlyCovered({ 'a.ts': counted({ s: { 0: 1, 1: 0 } }), 'b.ts': counted({}) });
    const coverage = { 'a.ts': counted(counts), 'b.ts': counted({}) };
    expect(newlyCovered(coverage)).toEqual({ 'a.ts': coverage['a.ts'] });
    expect(newlyCovered(coverage)).toEqual({});
  });
});
