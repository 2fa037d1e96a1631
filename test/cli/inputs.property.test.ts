import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { main } from '../../src/cli/main';
import { FLUE_0, FLUE_2 } from '../image/fixtures';

// each input declares an image
jest.setTimeout(120_000);

/** What can stand at a place in a directory. */
type Entry = string | { readonly directory: true } | { readonly linkTo: string };
type Shape = { readonly [path: string]: Entry };

const DIRECTORY: Entry = { directory: true };
const JSON_TEXTS = ['', 'null', '[]', '0', '"text"', '{', '\uFEFF{}', '{}', '{"dependencies": null}', '{"dependencies": {"@flue/runtime": 2}}', '{"scripts": [], "workspaces": {"packages": 1}}',
  '\0\u0001', '{"__proto__": {"x": 1}}', '{"packageManager": "pnpm"}', '{"engines": {"node": []}}', '{"workspaces": ["."]}', '[[[[[[[[[[]]]]]]]]]]'];
const MANIFESTS = ['{"artifacts": null}', '{"artifacts": []}', '{"artifacts": {"a": null}}', '{"artifacts": {"a": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}',
  '{"artifacts": {"a": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "none"}}}}',
  '{"artifacts": {"a": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "manifest.json"}}}}',
  '{"artifacts": {"a": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "template.json"}, "additionalMetadataFile": "package.json"}}}',
  '{"artifacts": {"a": {"type": "cdk:asset-manifest", "properties": {"file": "."}}}}'];
const TEMPLATES = ['{"Resources": {"S": {"Type": "AWS::ECS::Service", "Properties": null}}}', '{"Resources": {"S": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "S"}}}}}',
  '{"Parameters": {"P": {"Default": {"Ref": "P"}}}, "Resources": {"S": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "P"}}}}}',
  '{"Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "template.json"}}}}',
  '{"Resources": {"T": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [null, 1, {"PortMappings": {}}]}}, "S": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "T"}}}}}'];

const entry = (...texts: string[]): fc.Arbitrary<Entry | undefined> => fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Entry | undefined>(undefined, ...texts) },
  { weight: 1, arbitrary: fc.constant(DIRECTORY) },
  { weight: 1, arbitrary: fc.constantFrom('.', 'nowhere', 'package.json', '..', 'loop').map(linkTo => ({ linkTo })) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20, unit: 'binary' }) },
);

const ENTRIES: { readonly [path: string]: fc.Arbitrary<Entry | undefined> } = {
  'package.json': entry(...JSON_TEXTS),
  'package-lock.json': entry(...JSON_TEXTS),
  'pnpm-lock.yaml': entry('', 'a: [', '- 1'),
  'pnpm-workspace.yaml': entry('', 'packages: 1', 'packages: ["**"]', ':'),
  'tsconfig.json': entry(...JSON_TEXTS, '{"extends": "./tsconfig.json"}', '{"extends": 1}'),
  'vite.config.ts': entry('export default 1', 'export default {', 'export default x;'),
  'src/agents/a.ts': entry('export default 1;', 'const = ;', 'process.env.A_KEY;'),
  '.env.example': entry('A=1\n', '=', '\uFEFFB_TOKEN=x', '\0'),
  '.dockerignore': entry('[', '**', '!'),
  'Dockerfile': entry('', 'FROM', 'FROM node:22\nCMD ["node"]', 'RUN x'),
  'cdk': entry('a file'),
  'cdk/kept.txt': entry('kept'),
  'rehearse.json': entry(...JSON_TEXTS, '{"write": {}}'),
  'manifest.json': entry(...JSON_TEXTS, ...MANIFESTS),
  'template.json': entry(...JSON_TEXTS, ...TEMPLATES),
};

const shape: fc.Arbitrary<Shape> = fc.tuple(
  fc.constantFrom<Shape>({}, FLUE_0, FLUE_2, FLUE_2),
  fc.subarray(Object.keys(ENTRIES), { maxLength: 5 }).chain(paths => fc.record(Object.fromEntries(paths.map(path => [path, ENTRIES[path]])))),
).map(([base, changes]) => ({ ...base, ...changes }) as Shape);

const word = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('init', 'rehearse', 'restore-drill', 'shard-skew', 'reshard', '--to', '4', '--key', 'sha256', 'check', 'price', '--json', '--sarif', '--language', 'python', '--variant', 'ec2', 'fargate', '--app', '--service', '--secrets', '--probes', '--port', '0', '80', '--hold',
      '--write-probes', '--debugging', '--', '-', '-x', '', 'DIR', 'DIR', 'DIR', 'DIR/package.json', 'DIR/none', 'DIR/cdk', 'DIR/loop'),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }).map(text => text.replace(/\0/g, '')) },
  { weight: 1, arbitrary: fc.constant('n'.repeat(300)) },
);
const command = fc.oneof(
  fc.tuple(fc.constant(['init', 'DIR']), fc.array(word, { maxLength: 3 })),
  fc.tuple(fc.constantFrom(['rehearse', 'DIR'], ['rehearse', 'DIR', '--app', 'DIR'], ['rehearse', '--write-probes', '--app', 'DIR']), fc.array(word, { maxLength: 3 })),
  fc.tuple(fc.constantFrom<string[]>(['init'], ['rehearse', 'DIR'], ['check', 'DIR'], ['check', 'DIR/template.json'], ['price', 'DIR'], ['shard-skew', 'DIR/package.json'], []), fc.array(word, { maxLength: 4 })),
).map(([first, rest]) => [...first, ...rest]);

/** Writes a shape as far as its parts allow. */
function make(root: string, files: Shape): void {
  symlinkSync(join(root, 'loop'), join(root, 'loop'));
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    try {
      mkdirSync(dirname(file), { recursive: true });
      if (content === undefined) {
        continue;
      }
      if (typeof content === 'string') {
        writeFileSync(file, content);
      } else if ('linkTo' in content) {
        symlinkSync(join(root, content.linkTo), file);
      } else {
        mkdirSync(file, { recursive: true });
      }
    } catch {
      // a file stands where this one needs a directory
    }
  }
}

/** Every path of a directory, links not followed. */
function listing(root: string): string[] {
  return readdirSync(root, { withFileTypes: true }).flatMap(item => {
    const path = join(root, item.name);
    return item.isDirectory() ? [path, ...listing(path)] : [path];
  }).sort();
}

// no command waits for input
beforeAll(() => Object.defineProperty(process.stdin, 'isTTY', { value: true, configurable: true }));

test('no input ends in a stack trace, or leaves a part of a starter', async () => {
  const ended: { [code: number]: number } = {};
  let written = 0;
  const home = process.cwd();
  await fc.assert(fc.asyncProperty(shape, command, async (files, words) => {
    const root = mkdtempSync(join(tmpdir(), 'cdk-flue-inputs-'));
    const output = { stdout: '', stderr: '' };
    const spies = (['stdout', 'stderr'] as const).map(name => jest.spyOn(process[name], 'write').mockImplementation(chunk => {
      output[name] += String(chunk);
      return true;
    }));
    try {
      make(root, files);
      process.chdir(root);
      const before = listing(root);
      const argv = words.map(part => part.replace(/^DIR/, root));
      const code = await main(argv);
      ended[code] = (ended[code] ?? 0) + 1;
      expect([0, 1, 2]).toContain(code);
      expect(output.stderr).not.toMatch(/^\s+at .*[:(]|TypeError|RangeError|\[object /m);
      if (code === 2) {
        expect(output.stderr).toMatch(/\S/);
        if (argv.includes('--json') && ['init', 'rehearse', 'restore-drill', 'shard-skew', 'check', 'price'].includes(argv[0])) {
          expect(JSON.parse(output.stdout)).toEqual({ error: expect.any(String), fix: expect.any(String), exitCode: 2 });
        }
        expect(listing(root)).toEqual(before);
      } else if (listing(root).length > before.length) {
        written++;
        const starter = readdirSync(root).filter(name => name.startsWith('.cdk-flue-'));
        expect(starter).toEqual([]);
        expect(existsSync(join(root, 'cdk/cdk.json')) || lstatSync(join(root, 'rehearse.json')).isFile()).toBe(true);
      }
    } finally {
      process.chdir(home);
      spies.forEach(spy => spy.mockRestore());
      rmSync(root, { recursive: true, force: true });
    }
  }), { numRuns: 500, seed: 16, endOnFailure: true });
  // both sides are met
  expect(ended[2]).toBeGreaterThan(250);
  expect(written).toBeGreaterThan(20);
});
