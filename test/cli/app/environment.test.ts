import { readingOf } from '../../../src/cli/app/environment';
import { SourceModule } from '../../../src/cli/app/source-module';

const read = (text: string, file: string = 'app.ts') => readingOf(new SourceModule(file, text));
const variables = (text: string, file?: string) => Object.fromEntries(read(text, file).variables);

test.each([
  ['a member', 'use(process.env.A_KEY);', { A_KEY: undefined }],
  ['a member in brackets', 'use(process.env[\'A_KEY\'], process.env?.["B"]);', { A_KEY: undefined, B: undefined }],
  ['one that TypeScript insists on', 'const x: string = process.env.A_KEY!;', { A_KEY: undefined }],
  ['a default', 'use(process.env.A ?? \'one\', process.env.B || 2, process.env.C ?? other());', { A: 'one', B: '2', C: undefined }],
  ['destructuring', 'const { A, B: b = \'two\', ...rest } = process.env;', { A: undefined, B: 'two' }],
  ['destructuring of a parameter', 'function start({ A = \'one\' } = process.env) {}', { A: 'one' }],
  ['destructuring of what is there', 'let A; ({ A } = process.env);', { A: undefined }],
  ['another name for the environment', 'const e = process.env; use(e.A); const { B } = e;', { A: undefined, B: undefined }],
  ['the module of the process', 'import { env } from \'node:process\'; use(env.A); const { B } = env;', { A: undefined, B: undefined }],
  ['the environment of the process', 'const { env: e } = process; use(e.A);', { A: undefined }],
  ['the process by its long name', 'use(globalThis.process.env.A);', { A: undefined }],
  ['a helper', 'use(requireEnv(\'A_KEY\'), config.env(\'B\', \'two\'), environment(\'not upper case\'));', { A_KEY: undefined, B: 'two' }],
  ['a question whether it is there', 'if (\'A\' in process.env) use();', { A: undefined }],
  ['a schema', 'const schema = z.object({ A_KEY: z.string(), port: z.number() });\nexport const settings = schema.parse(process.env);', { A_KEY: undefined }],
  ['no schema', 'const LABELS = { A_KEY: 1 };\nuse(process.env.B);', { B: undefined }],
  ['nothing of what is set', 'process.env.A = \'1\'; delete process.env.B; process.env.C ??= \'3\';', { C: undefined }],
  ['nothing of another environment', 'use(import.meta.env.A, c.env.B, process.argv.C);', {}],
])('it reads %s', (_, text, expected) => expect(variables(text)).toEqual(expected));

test('what is no module is searched as text', () => {
  expect(variables('const View = () => <p title="x">{process.env.A_KEY}{process.env[\'B\']}</p>;', 'view.tsx')).toEqual({ A_KEY: undefined, B: undefined });
});

test('models stand by their names', () => {
  expect(read('import x from \'openai/helpers\';\nuse(\'anthropic/claude-sonnet-4-6\', \'a/b c\', \'/path\');').models).toEqual(['anthropic/claude-sonnet-4-6']);
});
