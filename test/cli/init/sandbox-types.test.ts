import { execFileSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SANDBOX_KINDS } from '../../../src/cli/init/options';
import { renderAdapter } from '../../../src/cli/init/sandbox';
import { removeFixtures, temporaryDirectory, write } from '../../image/fixtures';

jest.setTimeout(120000);

const ROOT = join(__dirname, '../../..');
const MAJORS = [0, 2];
const OPTIONS = {
  strict: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noEmit: true,
  skipLibCheck: true,
  erasableSyntaxOnly: true,
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  types: ['node'],
};

afterEach(() => {
  removeFixtures();
});

/** What the compiler says of the adapters of all kinds and versions beside a runtime of Flue, as in an app with strict types. */
function complaints(runtime: string): string[] {
  const app = write(temporaryDirectory(), {
    'tsconfig.json': JSON.stringify({ compilerOptions: OPTIONS, include: ['*.ts'] }),
    'node_modules/@flue/README.md': '',
    ...Object.fromEntries(MAJORS.flatMap(major => SANDBOX_KINDS.map(kind => [`${kind}-${major}.ts`, renderAdapter(major, kind)]))),
  });
  symlinkSync(runtime, join(app, 'node_modules/@flue/runtime'));
  ['@aws-sdk', '@types'].forEach(scope => symlinkSync(join(ROOT, 'node_modules', scope), join(app, 'node_modules', scope)));
  const compiler = join(dirname(require.resolve('typescript-7/package.json')), 'bin/tsc');
  try {
    execFileSync(process.execPath, [compiler, '--pretty', 'false', '--project', app], { cwd: app, encoding: 'utf8' });
    return [];
  } catch (error) {
    return (error as { stdout: string }).stdout.trim().split('\n').filter(line => !line.startsWith(' '));
  }
}

test.each([
  ['0.10', 0, join(ROOT, 'examples/agents/node_modules/@flue/runtime')],
  ['2', 2, join(ROOT, 'test/events/delivery/flue-2/node_modules/@flue/runtime')],
] as const)('the types are those of Flue %s', (_, major, runtime) => {
  if (!existsSync(runtime)) {
    expect(process.env.NEEDS_FLUE).toBeUndefined();
    return;
  }
  const found = complaints(runtime);
  const other = SANDBOX_KINDS.map(kind => `${kind}-${major === 0 ? 2 : 0}.ts`);
  expect(found.filter(line => !other.some(file => line.startsWith(`${file}(`)))).toEqual([]);
  expect(other.filter(file => !found.some(line => line.startsWith(`${file}(`)))).toEqual([]);
});
