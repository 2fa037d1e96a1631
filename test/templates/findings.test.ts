import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ACCEPTED } from './accepted';
import { findingsDocument } from './findings';

test('docs/findings.md is what the accepted findings say: npm run generate:findings', () => {
  expect(readFileSync(resolve(__dirname, '..', '..', 'docs', 'findings.md'), 'utf8')).toBe(findingsDocument());
});

test('no finding is accepted twice, and none without a reason', () => {
  const all = ACCEPTED.flatMap(({ judge, rules, types = ['*'], templates }) => rules.flatMap(rule => types.map(type => `${judge} ${rule} ${type} ${templates}`)));
  expect(new Set(all).size).toBe(all.length);
  expect(ACCEPTED.filter(({ reason }) => !/\.$/.test(reason) || reason.length < 40)).toEqual([]);
});
