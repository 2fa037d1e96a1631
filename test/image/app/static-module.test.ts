import { Call, literalOf, memberOf, StaticModule } from '../../../src/image/app/static-module';
import { UNKNOWN } from '../../../src/image/app/unknown-value';

const exported = (text: string, file = '/app/flue.config.ts') => new StaticModule(file, text).exported;
const member = (text: string, ...names: string[]) => names.reduce(memberOf, exported(text));

describe('a member of a configuration', () => {
  test.each<[string, string, unknown]>([
    ['text', 'export default { output: \'./out\' }', './out'],
    ['text of a template', 'export default { output: `./out` }', './out'],
    ['behind defineConfig', 'import { defineConfig } from \'@flue/cli/config\';\nexport default defineConfig({ output: "out" })', 'out'],
    ['behind a function', 'export default defineConfig(({ mode }) => ({ output: \'out\' }))', 'out'],
    ['behind a function with a body', 'export default defineConfig(async ({ mode }) => { const env = load(mode); return { output: \'out\' }; })', 'out'],
    ['of a constant', 'const config = { output: \'out\' };\nexport default config', 'out'],
    ['in a constant', 'const out: string = \'out\';\nexport default { output: out as string } satisfies Config', 'out'],
    ['in a member of a constant', 'const paths = { out: \'out\' } as const;\nexport default { output: paths.out }', 'out'],
    ['that a spread object brings', 'const base = { output: \'out\' };\nexport default { ...base, target: \'node\' }', 'out'],
    ['that a named export spreads', 'export const base = { output: \'out\' };\nexport default { ...base }', 'out'],
    ['of module.exports', 'module.exports = { output: \'out\' }', 'out'],
    ['joined', 'import path from \'node:path\';\nexport default { output: path.resolve(__dirname, \'../out\') }', '/out'],
    ['resolved from where it runs', 'import { resolve } from \'node:path\';\nexport default { output: resolve(\'out\') }', '/app/out'],
    ['relative to import.meta.dirname', 'import { join } from \'node:path\';\nexport default { output: join(import.meta.dirname, \'out\') }', '/app/out'],
    ['relative to import.meta.url', 'export default { output: fileURLToPath(new URL(\'./out\', import.meta.url)) }', '/app/out'],
    ['relative to the directory of import.meta.url', 'const here = dirname(fileURLToPath(import.meta.url));\nexport default { output: join(here, \'out\') }', '/app/out'],
    ['of a template with constants', 'const base = \'build\';\nexport default { output: `${base}/server` }', 'build/server'],
    ['put together', 'const dirs = { out: \'build\' } as const;\nexport default { output: dirs.out + \'/server\' }', 'build/server'],
    ['that is not there', 'export default { target: \'node\' }', undefined],
    ['that is undefined', 'export default { output: undefined }', undefined],
    ['that is a flag', 'export default { output: !true }', false],
    ['that is a number', 'export default { output: -1 }', -1],
  ])('is read: %s', (_, text, value) => {
    expect(member(text, 'output')).toBe(value);
  });

  test.each<[string, string]>([
    ['from the environment', 'export default { output: process.env.OUT ?? \'dist\' }'],
    ['of a condition', 'export default { output: isTest ? \'a\' : \'b\' }'],
    ['beside a spread call', 'export default { ...shared() }'],
    ['beside a spread name', 'import { shared } from \'./shared\';\nexport default { ...shared }'],
    ['beside a computed name', 'export default { [name]: \'out\' }'],
    ['of a function with branches', 'export default defineConfig(({ mode }) => { if (mode) return { output: \'a\' }; return { output: \'b\' }; })'],
    ['of another function', 'export default shared({ output: \'a\' })'],
    ['of a variable that changes', 'let out = \'a\';\nexport default { output: out }'],
    ['of no default export', 'export const config = { output: \'a\' }'],
    ['put together with what is not', 'export default { output: process.env.BASE + \'/out\' }'],
    ['of a sum', 'export default { output: 1 + 2 }'],
    ['of a template with a part to fill in', 'export default { output: `${name}/out` }'],
  ])('is not known: one %s', (_, text) => {
    expect(member(text, 'output')).toBe(UNKNOWN);
  });

  test('is what a call is made of', () => {
    expect(member('export default { output: pick(\'a\', b) }', 'output')).toEqual(new Call('pick', ['a', UNKNOWN]));
    expect(member('export default { build: { outDir: \'x\' } }', 'build', 'outDir')).toBe('x');
    expect(member('export default { build: [1] }', 'build')).toEqual([1]);
  });
});

test.each<[string, string]>([['TypeScript that Node.js cannot load', 'enum A { B }\nexport default {}'], ['no module', 'export default {']])('%s is refused', (_, text) => {
  expect(() => exported(text)).toThrow();
});

test('JavaScript is not taken for TypeScript', () => {
  expect(memberOf(exported('export default { output: \'a\' }', '/app/flue.config.mjs'), 'output')).toBe('a');
  expect(() => exported('const a: string = 1; export default {}', '/app/flue.config.js')).toThrow();
});

describe('calls of a plugin', () => {
  const callsOf = (text: string) => new StaticModule('/app/vite.config.ts', `import { flue as f } from '@flue/vite';\nimport { cloudflare } from '@cloudflare/vite-plugin';\n${text}`);

  test('are found by what is imported', () => {
    expect(callsOf('export default { plugins: [f({ db: \'src/db.ts\' })] }').callsOf('@flue/vite')).toEqual({ calls: [new Call('f', [{ db: 'src/db.ts' }])], always: true });
    expect(callsOf('export default { plugins: [f(), flue()] }').callsOf('@cloudflare/vite-plugin')).toEqual({ calls: [], always: true });
  });

  test.each(['plugins: [f(), ...(process.env.CF ? [cloudflare()] : [])]', 'plugins: [f(), process.env.CF && cloudflare()]'])('may depend on something: %s', (plugins) => {
    expect(callsOf(`export default { ${plugins} }`).callsOf('@cloudflare/vite-plugin')).toMatchObject({ calls: [{ callee: 'cloudflare' }], always: false });
  });
});

describe('a literal', () => {
  test('may have comments and trailing commas', () => {
    expect(literalOf('{ // a\n "a": [1, -2, null, true,], /* b */ "b": { "c": "d", }, }')).toEqual({ a: [1, -2, null, true], b: { c: 'd' } });
  });

  test('is nothing that runs', () => {
    expect(() => literalOf('{ "a": process.exit(1) }')).toThrow('CallExpression is no literal');
  });
});
