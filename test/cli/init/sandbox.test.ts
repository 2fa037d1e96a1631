import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { SANDBOX_KINDS } from '../../../src/cli/init/options';
import { renderAdapter } from '../../../src/cli/init/sandbox';
import { main } from '../../../src/cli/main';
import { FLUE_0, FLUE_2, removeFixtures, temporaryDirectory, write } from '../../image/fixtures';
import { captureOutput } from '../capture-output';

jest.setTimeout(120000);

const ROOT = join(__dirname, '../../..');
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

const RUNTIMES = [
  ['0.10', 0, join(ROOT, 'examples/agents/node_modules/@flue/runtime')],
  ['2', 2, join(ROOT, 'test/events/delivery/flue-2/node_modules/@flue/runtime')],
] as const;

/** What the compiler says of the adapter beside a runtime of Flue, as in an app with strict types. */
function complaints(kind: typeof SANDBOX_KINDS[number], major: number, runtime: string): string[] {
  const file = join(ROOT, 'test/cli/init', `adapter-${major}.ts`);
  const adapter = renderAdapter(major, kind);
  const options: ts.CompilerOptions = {
    strict: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    noEmit: true,
    skipLibCheck: true,
    erasableSyntaxOnly: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = name => name === file || fileExists(name);
  host.readFile = name => name === file ? adapter : readFile(name);
  host.getSourceFile = (name, ...how) => name === file ? ts.createSourceFile(name, adapter, how[0], true) : getSourceFile(name, ...how);
  host.resolveModuleNameLiterals = (names, containing, _, compilerOptions) => names.map(({ text }) => {
    const from = containing === file && text === '@flue/runtime' ? join(runtime, '../../../app.ts') : containing;
    return ts.resolveModuleName(text, from, compilerOptions, host);
  });
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ messageText, start }) =>
    `${program.getSourceFile(file)!.getLineAndCharacterOfPosition(start ?? 0).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}

for (const [version, major, runtime] of RUNTIMES) {
  const isThere = existsSync(runtime);
  test(`the types are those of Flue ${version}`, () => {
    if (!isThere) {
      expect(process.env.NEEDS_FLUE).toBeUndefined();
      return;
    }
    for (const kind of SANDBOX_KINDS) {
      expect({ kind, found: complaints(kind, major, runtime) }).toEqual({ kind, found: [] });
      expect(complaints(kind, major === 0 ? 2 : 0, runtime)).not.toEqual([]);
    }
  });
}
