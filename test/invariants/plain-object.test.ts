import { runInNewContext } from 'node:vm';
import { Duration } from 'aws-cdk-lib';
import { isPlainObject } from '../../src/invariants/plain-object';

test.each([
  ['a literal', { a: 1 }],
  ['one without a prototype', Object.create(null)],
  ['one of another realm', runInNewContext('({ a: 1 })')],
  ['what JSON holds', JSON.parse('{}')],
  ['what JSON holds in another realm', runInNewContext('JSON.parse("{}")')],
])('%s is plain', (_, given) => {
  expect(isPlainObject(given)).toBe(true);
});

test.each([
  ['a text', 'a'],
  ['null', null],
  ['undefined', undefined],
  ['a list', []],
  ['a list of another realm', runInNewContext('[]')],
  ['a map', new Map()],
  ['a map of another realm', runInNewContext('new Map()')],
  ['an object of a class', Duration.seconds(1)],
  ['a function', () => undefined],
])('%s is not', (_, given) => {
  expect(isPlainObject(given)).toBe(false);
});
