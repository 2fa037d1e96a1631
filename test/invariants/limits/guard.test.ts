import { Duration, Lazy, Size, Stack } from 'aws-cdk-lib';
import { requireListed, requireWithin, requireWritten } from '../../../src/invariants/limits/guard';
import { DAYS, GIBIBYTES, listOf, MEBIBYTES, MINUTES, SECONDS, within, written, type NumberLimit } from '../../../src/invariants/limits/limit';

const LATER = Lazy.number({ produce: () => 1 });
const COMMON = { prop: 'prop', of: ['Props'], source: 'a source', fix: 'Leave it out' };

type Spec = Partial<Omit<NumberLimit, 'allowed'>>;
const limitOf = (spec: Spec) => within({ ...COMMON, ...spec });
const guard = (given: Parameters<typeof requireWithin>[1], spec: Spec) => requireWithin(new Stack(undefined, 'Stack'), given, limitOf(spec));

test.each<[string, Spec]>([
  ['a whole number from 1 to 9', { minimum: 1, maximum: 9, step: 1 }],
  ['from 1 to 99', { minimum: 1, maximum: 99 }],
  ['at least 1', { minimum: 1 }],
  ['a whole number of at least 1', { minimum: 1, step: 1 }],
  ['one of 256, 512', { values: [256, 512] }],
  ['0, 1 or 5 s', { values: [0, 1, 5], unit: SECONDS }],
  ['1–35 whole days', { minimum: 1, maximum: 35, step: 1, unit: DAYS }],
  ['1024–4096 MiB in steps of 1024', { minimum: 1024, maximum: 4096, step: 1024, unit: MEBIBYTES }],
  ['1024–4096 MiB', { minimum: 1024, maximum: 4096, unit: MEBIBYTES }],
  ['above 0 and at most 10 s', { above: 0, maximum: 10, unit: SECONDS }],
  ['above 60 s, its bound', { above: 60, unit: SECONDS, note: ', its bound' }],
  ['at most 120 s on Fargate', { maximum: 120, unit: SECONDS, note: ' on Fargate' }],
  ['a whole number from 1 to 9 other than 2, 3 and 4', { minimum: 1, maximum: 9, step: 1, except: [2, 3, 4] }],
  ['a whole number of at least 1 other than 2 and 3', { minimum: 1, step: 1, except: [2, 3] }],
])('says %s', (allowed, spec) => {
  expect(limitOf(spec).allowed).toBe(allowed);
});

test.each<[string, Parameters<typeof requireWithin>[1], Spec, number | undefined]>([
  ['nothing', undefined, { minimum: 1 }, undefined],
  ['the minimum', 1, { minimum: 1, maximum: 9 }, 1],
  ['the maximum', 9, { minimum: 1, maximum: 9 }, 9],
  ['a step', 1.5, { minimum: 1, maximum: 9, step: 0.5 }, 1.5],
  ['a value', 512, { values: [256, 512] }, 512],
  ['a little above', Duration.millis(1), { above: 0, unit: SECONDS }, 0.001],
  ['a duration in another unit', Duration.hours(48), { minimum: 1, maximum: 2, step: 1, unit: DAYS }, 2],
  ['minutes', Duration.seconds(120), { minimum: 1, maximum: 2, step: 1, unit: MINUTES }, 2],
  ['a size in another unit', Size.mebibytes(2048), { minimum: 1, maximum: 2, step: 1, unit: GIBIBYTES }, 2],
  ['a number known only at deployment', LATER, { minimum: 5 }, undefined],
  ['a duration known only at deployment', Duration.seconds(LATER), { minimum: 5, unit: SECONDS }, undefined],
  ['a size known only at deployment', Size.gibibytes(LATER), { minimum: 5, unit: GIBIBYTES }, undefined],
])('takes %s', (_, given, spec, value) => {
  expect(guard(given, spec)).toBe(value);
});

test.each<[string, Parameters<typeof requireWithin>[1], Spec, string]>([
  ['below', 0, { minimum: 1 }, '0'],
  ['above', 10, { minimum: 1, maximum: 9 }, '10'],
  ['between the steps', 1.25, { minimum: 1, maximum: 9, step: 0.5 }, '1.25'],
  ['no value', 300, { values: [256, 512] }, '300'],
  ['the excluded bound', Duration.seconds(0), { above: 0, unit: SECONDS }, '0 s'],
  ['an exception', 2, { minimum: 1, except: [2, 3] }, '2'],
  ['no number', NaN, { minimum: 1 }, 'NaN'],
  ['infinity', Infinity, { minimum: 1 }, 'Infinity'],
  ['a part of a unit', Duration.hours(36), { minimum: 1, step: 1, unit: DAYS }, '1.5 days, which are no whole days'],
  ['a part of a GiB', Size.mebibytes(512), { minimum: 0, step: 1, unit: GIBIBYTES }, '0.5 GiB, which are no whole GiB'],
  ['what has to be known', LATER, { minimum: 1, atSynthesis: true }, 'a value known only at deployment'],
])('refuses %s', (_, given, spec, got) => {
  expect(() => guard(given, spec)).toThrow(`[Stack] \`prop\` must be ${limitOf(spec).allowed}, got: ${got}. Leave it out`);
});

test('a refusal names the rule, and a better way out where there is one', () => {
  const stack = new Stack(undefined, 'Stack');
  expect(() => requireWithin(stack, 0, limitOf({ minimum: 1, rule: 'MinTaskCount' }), { fix: 'Take 1' })).toThrow(/got: 0\. Take 1 \(Flue-MinTaskCount\)$/);
});

describe('a text', () => {
  const text = (given: string) => () => requireWritten(new Stack(undefined, 'Stack'), given, written({ ...COMMON, pattern: /^[a-z]+$/, length: 200 }, 'letters'));

  test.each(['a', 'a'.repeat(200), Lazy.string({ produce: () => '?' })])('takes %s', given => {
    expect(text(given)).not.toThrow();
  });

  test.each([['', 'an empty string'], ['A', 'A'], ['a'.repeat(201), 'a'.repeat(128)]])('refuses %p', (given, got) => {
    expect(text(given)).toThrow(`[Stack] \`prop\` must be letters, got: ${got}. Leave it out`);
  });
});

describe('a list', () => {
  const list = (given: unknown[]) => requireListed(new Stack(undefined, 'Stack'), given, listOf({ ...COMMON, least: 1, most: 3 }, 'things'));
  const [one, other] = ['One', 'Other'].map(id => new Stack(undefined, id));

  test.each<[string, unknown[]]>([['one', ['a']], ['three', [one, other, 'a']], ['two that a lookup has yet to find', ['dummy-value-for-a', 'dummy-value-for-a']],
    ['tokens', [Lazy.string({ produce: () => 'a' }), Lazy.string({ produce: () => 'a' })]]])('of %s passes', (_, given) => {
    expect(() => list(given)).not.toThrow();
  });

  test('may name one thing twice where that does no harm', () => {
    const harmless = listOf({ ...COMMON, least: 1, mayRepeat: true }, 'things');
    expect(() => requireListed(new Stack(undefined, 'Stack'), ['a', 'a'], harmless)).not.toThrow();
  });

  test.each<[string, unknown[], string]>([
    ['nothing', [], '`prop` must be a list of 1–3 things, got: 0. Leave it out'],
    ['four', ['a', 'b', 'c', 'd'], '`prop` must be a list of 1–3 things, got: 4. Leave it out'],
    ['a text twice', ['a', 'b', 'a'], '`prop` must name each once, got: a twice. Leave the second one out'],
    ['a construct twice', [one, one], '`prop` must name each once, got: One twice. Leave the second one out'],
  ])('of %s is refused', (_, given, message) => {
    expect(() => list(given)).toThrow(`[Stack] ${message}`);
  });
});
