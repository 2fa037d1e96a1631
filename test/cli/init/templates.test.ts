import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { INIT, initTemplates } from '../../../scripts/generate-init';

test('the starters are what the examples make of them: npx projen generate:init', () => {
  const written = readdirSync(INIT, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map((entry): [string, string] => {
      const file = join(entry.parentPath, entry.name);
      return [relative(INIT, file), readFileSync(file, 'utf8')];
    });
  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(initTemplates()));
});

test('the examples run with the same feature flags in both languages', () => {
  const context = (language: string): unknown =>
    (JSON.parse(readFileSync(join(__dirname, '../../../examples', language, 'cdk.json'), 'utf8')) as { context: unknown }).context;
  expect(context('python')).toEqual(context('typescript'));
});
