import fc from 'fast-check';
import { appDirectory, BUILT_0, FLUE_0, newBuild, newImage, removeFixtures, stagedFiles, type Files } from './fixtures';
import { HARMLESS, LEFT_OUT, REFUSED, RANDOM } from './secret-files';
import type { FlueImageProps } from '../../src';
import { SECRET_FILES } from '../../src/invariants/secret-file-kinds';

afterEach(removeFixtures);

const OWN: Files = { ...FLUE_0, Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY . .\nUSER node\nCMD ["node", "dist/server.mjs"]\n' };
const OWN_FILES = Object.keys(OWN).sort();
const imageOf = (files: Files, props: Partial<FlueImageProps> = {}) => newImage(appDirectory(OWN, files), props);

describe('what an own `COPY . .` copies', () => {
  const everywhere = (cases: readonly (readonly [string, string, ...unknown[]])[]) =>
    Object.fromEntries(cases.flatMap(([path, content]) => [[path, content], [`packages/member/${path}`, content]]));

  test('is no file of secrets, whatever .dockerignore says', () => {
    const files = everywhere(LEFT_OUT);
    expect(stagedFiles(imageOf({ ...files, '.dockerignore': Object.keys(files).map((path) => `!${path}`).join('\n') }))).toEqual(OWN_FILES);
  });

  test('is every file that is only like one', () => {
    const files = everywhere(HARMLESS);
    expect(stagedFiles(imageOf(files))).toEqual([...OWN_FILES, ...Object.keys(files)].sort());
  });

  test.each(REFUSED)('is refused with a secret in %s', (path, content, found) => {
    expect(() => imageOf({ [path]: content })).toThrow(found);
  });

  test('is as before when what was refused is named in `exclude`', () => {
    const files = everywhere(REFUSED);
    expect(stagedFiles(imageOf(files, { exclude: Object.keys(files) }))).toEqual(OWN_FILES.filter((path) => !(path in files)));
  });

  test('has no secret of a kind that no case shows', () => {
    const shown = new Set(LEFT_OUT.map(([path]) => path.toLowerCase()));
    const unseen = SECRET_FILES.filter(({ names }) => !names.some((name) => [...shown].some((path) =>
      new RegExp(`(^|/)${name.replace(/[.+?^$()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*')}`, 'i').test(path))));
    expect(unseen.map(({ names }) => names)).toEqual([]);
  });
});

describe('the way out of a refusal', () => {
  test('of a token in .npmrc is followed', () => {
    const files = { '.npmrc': '//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n' };
    expect(stagedFiles(imageOf(files, { buildSecrets: { NPM_TOKEN: 'env=NPM_TOKEN' } }))).toContain('.npmrc');
  });

  test('of a key that opens nothing is followed', () => {
    const line = `const key = 'sk-ant-api03-${RANDOM}';`;
    expect(() => imageOf({ 'src/a.ts': line })).toThrow(/name the file in `exclude`; a value that opens nothing may have the comment `gitleaks:allow` on its line \(Flue-SecretsOnly\)$/);
    expect(stagedFiles(imageOf({ 'src/a.ts': `${line} // gitleaks:allow` }))).toContain('src/a.ts');
  });
});

test('a build without a container is refused with a secret in what it carries', () => {
  const key = `const key = 'sk-ant-api03-${RANDOM}';`;
  expect(() => newBuild(appDirectory(BUILT_0, { 'dist/server.mjs': key }))).toThrow(/an Anthropic key in line 1 of dist\/server\.mjs/);
  expect(stagedFiles(newBuild(appDirectory(BUILT_0, { 'src/key.ts': key, 'dist/.env': 'A=1' })))).not.toContain('dist/.env');
});

describe('for any folder and any spelling', () => {
  const folder = fc.array(fc.constantFrom('packages', 'apps', 'config', 'deploy', 'a b', 'src', 'ü', '.github', 'test'), { maxLength: 3 }).map((parts) => parts.map((part) => `${part}/`).join(''));
  const spelled = (path: string) => fc.constantFrom(path, path.toUpperCase(), path.replace(/[a-z]/, (letter) => letter.toUpperCase()));
  const ignore = fc.constantFrom('', '!**', '!**/*\n!**/.*', 'docs', 'node_modules\n!.env');
  const runs = { seed: 15, numRuns: 20, endOnFailure: true };

  test('a secret never enters', () => {
    const secret = fc.constantFrom(...LEFT_OUT).chain(([path, content]) => fc.record({ path: spelled(path), content: fc.constant(content) }));
    fc.assert(fc.property(folder, secret, ignore, (where, { path, content }, ignored) => {
      expect(stagedFiles(imageOf({ [`${where}${path}`]: content, '.dockerignore': ignored }))).toEqual(OWN_FILES);
    }), runs);
  });

  test('what holds none always does', () => {
    const some = fc.uniqueArray(fc.constantFrom(...HARMLESS), { minLength: 1, maxLength: 5, selector: ([path]) => path });
    fc.assert(fc.property(folder, some, (where, files) => {
      const added = Object.fromEntries(files.map(([path, content]) => [`${where}${path}`, content]));
      expect(stagedFiles(imageOf(added))).toEqual([...OWN_FILES, ...Object.keys(added)].sort());
    }), runs);
  });

  test('a key between other text is found, and never in a text without one', () => {
    const letter = fc.constantFrom(...'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789');
    const key = fc.array(letter, { minLength: 44, maxLength: 60 }).map((letters) => letters.join('')).filter((text) => /\d/.test(text) && /[a-z]/i.test(text));
    const word = fc.constantFrom('const', 'a', '=', '(', ')', '\n', '//', 'https://example.com/x', '"text"', 'password=', 'sk-', 'ghp_', 'AKIA');
    const words = fc.array(word, { maxLength: 30 }).map((parts) => parts.join(' '));
    const prefix = fc.constantFrom('sk-ant-api03-', 'sk-proj-', 'ghp_', 'hf_', 'npm_', 'glpat-', 'AIza');
    fc.assert(fc.property(words, prefix, key, (text, begin, random) => {
      fc.pre(!/example|sample|your|change|replace|dummy|fake|mock|test|demo|insert|here|todo|(.)\1{3}|abcdef|qwerty|nota/i.test(random));
      expect(() => imageOf({ 'src/a.ts': `${text}\n"${begin}${random}"` })).toThrow(/what looks like an? .* in line \d+ of src\/a\.ts/);
      expect(stagedFiles(imageOf({ 'src/a.ts': text }))).toContain('src/a.ts');
    }), { ...runs, numRuns: 15 });
  });
});

test('a pattern that reads on over a whole file starts at its beginning, or a lockfile would take minutes', () => {
  const patterns = SECRET_FILES.flatMap(({ holds = [], unless }) => [...holds, ...unless ? [unless] : []]).map(({ source }) => source);
  expect(patterns.length).toBeGreaterThan(4);
  expect(patterns.filter((source) => source.includes('[^]') && !source.startsWith('^'))).toEqual([]);
});
