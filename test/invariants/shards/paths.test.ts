import { agentPathReachedBy, canBothMatch } from '../../../src/invariants/shards/paths';

test.each<[one: string, other: string, expected: boolean]>([
  ['/a', '/a', true], ['/a', '/A', true], ['/a', '/b', false], ['/a', '/a/', false], ['', '', true], ['', 'a', false], ['', '*', true],
  ['/a*', '/ab', true], ['/a*', '/b*', false], ['*b', 'a*', true], ['/a?', '/a', false], ['/a?', '/ab', true], ['?', '*', true],
  ['/x/*/z', '/x/y/*', true], ['/x/*/z', '/*/y', false], ['*a*b*c*', '*c*b*a*', true], ['/agents/*/?*', '/agents/*', true],
])('%s and %s have a path in common: %s', (one, other, expected) => {
  expect([canBothMatch(one, other), canBothMatch(other, one)]).toEqual([expected, expected]);
});

test('patterns that could be tried without end are judged at once', () => {
  expect(canBothMatch(`${'*a'.repeat(60)}b`, `${'*a'.repeat(60)}c`)).toBe(false);
});

test.each<[pattern: string, expected: string | undefined]>([
  ['/agents/a/x1', '/agents/*/'], ['/agents/*', '/agents/*/'], ['/*/callback', '/agents/*/'], ['/t/agents/*', '/t/agents/*/'],
  ['/agents/a', undefined], ['/agents/a/', undefined], ['/webhooks/*', undefined], ['/health', undefined],
])('%s reaches below %s', (pattern, expected) => {
  expect(agentPathReachedBy(pattern, ['/agents/*/', '/t/agents/*/'])).toBe(expected);
});
