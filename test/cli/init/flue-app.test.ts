import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireFlueApp } from '../../../src/cli/init/flue-app';

let directory: string;
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cdk-flue-init-')); });
afterEach(() => rmSync(directory, { recursive: true }));

const manifest = (content: string) => writeFileSync(join(directory, 'package.json'), content);

test('a package that depends on Flue is a Flue app', () => {
  manifest('{ "dependencies": { "@flue/runtime": "2.0.3" } }');
  expect(() => requireFlueApp(directory)).not.toThrow();
});

test.each([
  ['{}', 'its package.json depends on no @flue package'],
  ['{ "devDependencies": { "@flue/cli": "2.0.3" } }', 'its package.json depends on no @flue package'],
  ['{', 'package.json is not JSON'],
])('%s is none', (content, reason) => {
  manifest(content);
  expect(() => requireFlueApp(directory)).toThrow(reason);
});

test('a directory without a package.json is none', () => {
  expect(() => requireFlueApp(directory)).toThrow('it holds no package.json');
});
