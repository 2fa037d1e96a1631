import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SANDBOX_KINDS } from '../../../src/cli/init/options';
import { renderAdapter } from '../../../src/cli/init/sandbox';
import { main } from '../../../src/cli/main';
import { FLUE_0, FLUE_2, removeFixtures, temporaryDirectory, write } from '../../image/fixtures';
import { captureOutput } from '../capture-output';

const output = captureOutput();

afterEach(() => {
  removeFixtures();
});

test.each([
  ['0.10', FLUE_0, 0, 'Write `sandbox: fargateSandbox()` into'],
  ['2', FLUE_2, 2, 'Write `useSandbox(fargateSandbox())` into'],
] as const)('an app on Flue %s gets the adapter for its version among its sources, and nothing else', async (version, files, major, use) => {
  const directory = write(temporaryDirectory(), { ...files, 'src/app.ts': '' });
  const filesIn = () => readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const before = filesIn();
  expect(await main(['init', directory, '--sandbox'])).toBe(0);
  expect(filesIn().filter(file => !before.includes(file))).toEqual(['src/sandbox.ts']);
  expect(readFileSync(join(directory, 'src/sandbox.ts'), 'utf8')).toBe(renderAdapter(major));
  expect(output.stdout).toContain(`Next, for an app on Flue ${version}:\n  npm install @aws-sdk/client-ecs\n${use}`);
});

test('an app gets the adapter for the kind of its sandboxes', async () => {
  const directory = write(temporaryDirectory(), { ...FLUE_2, 'src/app.ts': '' });
  expect(await main(['init', directory, '--sandbox', '--sandbox-kind', 'code-interpreter'])).toBe(0);
  expect(readFileSync(join(directory, 'src/sandbox.ts'), 'utf8')).toBe(renderAdapter(2, 'code-interpreter'));
  expect(output.stdout).toContain('  npm install @aws-sdk/client-bedrock-agentcore\nWrite `useSandbox(codeInterpreterSandbox())` into');
});

test('no mark of the template is left, and the versions differ', () => {
  const versions = SANDBOX_KINDS.flatMap(kind => [renderAdapter(0, kind), renderAdapter(2, kind)]);
  expect(versions.filter(text => /\{\{|\}\}[/#]|\{\{\//.test(text))).toEqual([]);
  expect(new Set(versions).size).toBe(4);
});
