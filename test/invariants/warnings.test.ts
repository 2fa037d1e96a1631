import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { PAGE, renderWarnings } from '../../scripts/generate-warnings';
import { withSection } from '../../scripts/sections';
import { Warning, WARNINGS } from '../../src/invariants/warnings';

const SRC = join(__dirname, '../../src');
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts') && file !== join('invariants', 'warnings.ts'))
  .map(file => ({ file, text: readFileSync(join(SRC, file), 'utf8') }));

test('docs/warnings.md says what the list says; otherwise run `npm run generate:warnings`', () => {
  const page = readFileSync(PAGE, 'utf8');
  expect(page).toBe(withSection(page, 'warnings', renderWarnings()));
});

test('every warning of the list is given by a construct', () => {
  const given = new Set(sources.flatMap(({ text }) => [...text.matchAll(/\bWARNINGS\.(\w+)/g)].map(([, name]) => name)));
  expect([...given].sort()).toEqual(Object.keys(WARNINGS).sort());
});

test('no construct gives a warning that is not on the list', () => {
  const elsewhere = sources.filter(({ text }) => /\baddWarning(V2)?\(|new Warning\b/.test(text)).map(({ file }) => file);
  expect(elsewhere).toEqual([]);
});

test.each(Object.values(WARNINGS).map(warning => [warning.id, warning] as const))('%s says what is wrong and what to do', (id, { when, shown: { says, fix } }) => {
  expect(id).toMatch(/^cdk-flue:[A-Z]\w+\.[a-z]\w+$/);
  expect(when).toMatch(/^[a-z`C].*[^.]$/);
  expect(says).toMatch(/^[A-Z`].*\.$/);
  expect(fix).toMatch(/^[A-Z].*\.$/);
  expect(`${says} ${fix}`).not.toMatch(/undefined|\[object/);
});

test('ids are unique', () => {
  expect(new Set(Object.values(WARNINGS).map(({ id }) => id)).size).toBe(Object.keys(WARNINGS).length);
});

test('a warning is given under its id, once for one text, and can be acknowledged', () => {
  const stack = new Stack(new App(), 'Stack');
  new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic' });
  const warning = new Warning<{ count: number }>('Test.many', {
    says: ({ count }) => `There are ${count}.`, when: 'there are many', fix: () => 'Remove some.', example: { count: 2 },
  });
  [3, 3, 4].forEach(count => warning.give(stack, { count }));
  const found = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('.')).map(({ entry }) => entry.data);
  expect(found).toEqual(['There are 3. Remove some. [ack: cdk-flue:Test.many]', 'There are 4. Remove some. [ack: cdk-flue:Test.many]']);
});
