import { isWorldRange } from '../../src/invariants/world-range';

test.each([
  '0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '203.0.113.7/0', '8.0.0.0/7', '0000::/0', '2000::/3', '2600::/15', ' 0.0.0.0/0 ', '::/00',
])('%s is the internet', range => {
  expect(isWorldRange(range)).toBe(true);
});

test.each([
  '10.0.0.0/8', '8.0.0.0/8', '203.0.113.0/24', '203.0.113.7/32', '2600::/16', '2001:db8::/32', 'fc00::/7', 'FD00::/8', '0.0.0.0', '::', '', 'pl-11111111', '1.2.3/0', 'sg-1/0',
])('%j is not', range => {
  expect(isWorldRange(range)).toBe(false);
});
