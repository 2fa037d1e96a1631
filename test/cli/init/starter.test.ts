import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStarter, writeStarter } from '../../../src/cli/init/starter';

let directory: string;
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cdk-flue-init-')); });
afterEach(() => rmSync(directory, { recursive: true }));

const LANGUAGES = ['typescript', 'python'] as const;
const VARIANTS = ['express', 'fargate', 'ec2'] as const;
const COMBINATIONS = LANGUAGES.flatMap(language => VARIANTS.map(variant => ({ language, variant })));

test.each(COMBINATIONS)('the starter in $language on $variant is whole', starter => {
  const text = [...readStarter(starter).values()].join('\n');
  expect(text).toContain('FlueChecks(app)');
  expect(text).not.toMatch(/\{\{|(?<!\.)acknowledge|AwsSolutions/i);
  const others = ['FlueExpressS', 'FlueFargateS', 'FlueEc2S'].filter(name => !name.toLowerCase().includes(starter.variant));
  others.forEach(other => expect(text).not.toContain(other));
  // The box keeps its state in a file and would only pay for a database.
  expect(text.includes('FlueDatabase')).toBe(starter.variant !== 'ec2');
});

test.each(VARIANTS)('Node runs the starter in TypeScript on %s as it is, and comes with it', variant => {
  const starter = readStarter({ language: 'typescript', variant });
  expect(JSON.parse(starter.get('cdk.json')!)).toMatchObject({ app: 'node bin/agents.ts' });
  expect(JSON.parse(starter.get('package.json')!)).toMatchObject({ type: 'module', devDependencies: { node: expect.stringMatching(/^\^22\.(1[89]|[2-9]\d)\./) } });
  const imports = [...starter].filter(([file]) => file.endsWith('.ts')).flatMap(([, text]) => [...text.matchAll(/ from '(\..*)'/g)].map(([, path]) => path));
  expect(imports.length).toBeGreaterThan(3);
  imports.forEach(path => expect(path).toMatch(/\.ts$/));
});

test.each(LANGUAGES)('what is not to be committed is named: %s', language => {
  expect(readStarter({ language, variant: 'express' }).get('.gitignore')).toContain('cdk.out/');
});

test('a starter of one language is of one version of the library', () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8')) as { version: string };
  expect(readStarter({ language: 'typescript', variant: 'express' }).get('package.json')).toContain(`"cdk-flue": "^${version}"`);
  expect(readStarter({ language: 'python', variant: 'express' }).get('requirements.txt')).toContain(`cdk-flue>=${version}\n`);
});

test('a variant that is not there yet is refused, with those that are', () => {
  const unknown = 'lambda' as 'express';
  expect(() => readStarter({ language: 'python', variant: unknown })).toThrow(/The variant lambda is not available for python.*\nAvailable: .*ec2, express, fargate/);
});

test('it is written as it was read', () => {
  const starter = readStarter({ language: 'typescript', variant: 'fargate' });
  writeStarter(starter, join(directory, 'cdk'));
  for (const [file, content] of starter) {
    expect(readFileSync(join(directory, 'cdk', file), 'utf8')).toBe(content);
  }
});

test('a starter that cannot be written whole is not written at all', () => {
  const broken = new Map([['a.txt', 'a'], ['a.txt/below', 'b']]);
  expect(() => writeStarter(broken, join(directory, 'cdk'))).toThrow(/^Nothing was written, because of .*cdk: it cannot be written: /);
  expect(readdirSync(directory)).toEqual([]);
});

test('variables whose names come to one id get two', () => {
  const variables = ['A_KEY', 'a_key'].map(name => ({ name, isSecret: true }));
  const data = readStarter({ language: 'typescript', variant: 'fargate' }, { variables, sourcesAtRoot: false }).get('lib/data-stack.ts')!;
  expect(new Set([...data.matchAll(/new Secret\(this, '(\w+)'/g)].map(([, id]) => id)).size).toBe(2);
});

test('where one file exists, nothing is written', () => {
  writeFileSync(join(directory, 'cdk.json'), 'mine');
  expect(() => writeStarter(readStarter({ language: 'python', variant: 'fargate' }), directory))
    .toThrow(`Nothing was written, because ${directory} already holds cdk.json.`);
  expect(readdirSync(directory)).toEqual(['cdk.json']);
  expect(existsSync(join(directory, 'app.py'))).toBe(false);
});

describe('an error of the system, whoever runs the command', () => {
  // the module itself: the names of an import cannot be replaced
  const fs = jest.requireActual<{ [name: string]: () => unknown }>('node:fs');
  afterEach(() => jest.restoreAllMocks());

  test.each<[string, string, RegExp]>([
    ['readdirSync', 'EACCES', /cdk: it cannot be read: permission is denied\.$/],
    ['mkdirSync', 'EACCES', /cdk: it cannot be written: permission is denied\.$/],
    ['mkdirSync', 'EROFS', /cdk: it cannot be written: its file system is read-only\.$/],
    ['writeFileSync', 'ENOSPC', /cdk: it cannot be written: the disk is full\.$/],
    ['rmdirSync', 'EACCES', /cdk: it cannot be written: permission is denied\.$/],
    ['renameSync', 'EACCES', /cdk: it cannot be written: permission is denied\.$/],
  ])('from %s (%s) is one sentence, and leaves what was there', (name, code, message) => {
    const target = join(directory, 'cdk');
    mkdirSync(target);
    const starter = readStarter({ language: 'typescript', variant: 'fargate' });
    const syscall = { readdirSync: 'scandir', mkdirSync: 'mkdir', writeFileSync: 'write', rmdirSync: 'rmdir', renameSync: 'rename' }[name];
    const spy = jest.spyOn(fs, name).mockImplementationOnce(() => {
      throw Object.assign(new Error(`${code}: injected`), { code, syscall, path: target });
    });
    let said = '';
    try {
      writeStarter(starter, target);
    } catch (error) {
      said = (error as { problem: string }).problem;
    }
    spy.mockRestore();
    expect(said).toMatch(/^Nothing was written, because of /);
    expect(said).toMatch(message);
    expect(readdirSync(directory)).toEqual(['cdk']);
    expect(readdirSync(target)).toEqual([]);
  });
});
