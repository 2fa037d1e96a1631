import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../src/cli/main';

let directory: string;
let output: { stdout: string; stderr: string };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cdk-flue-init-'));
  writeFileSync(join(directory, 'package.json'), '{ "dependencies": { "@flue/runtime": "2.0.3" } }');
  output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    jest.spyOn(process[name], 'write').mockImplementation(chunk => {
      output[name] += String(chunk);
      return true;
    });
  }
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

test('it writes a CDK app beside the Flue app and says what comes next', async () => {
  expect(await main(['init', directory, '--language', 'python'])).toBe(0);
  expect(readdirSync(join(directory, 'cdk')).sort()).toEqual(['.gitignore', 'app.py', 'cdk.json', 'flue_agents', 'requirements.txt']);
  expect(output.stdout).toMatch(/Next:\n {2}cd .*cdk\n[^]*pip install -r requirements.txt\n/);
});

test('a second time it refuses without a stack', async () => {
  expect(await main(['init', directory])).toBe(0);
  expect(await main(['init', directory])).toBe(2);
  expect(output.stderr).toMatch(/^Nothing was written, because .* already holds \.gitignore, [^\n]*\nMove what is there[^\n]*\n$/);
});

test('it says how it is used', async () => {
  expect(await main(['init', '--help'])).toBe(0);
  expect(output.stdout).toContain('--variant NAME');
});
