import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureOfSystem, reasonOf } from '../../src/cli/failure';

let directory: string;
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cdk-flue-failure-')); });
afterEach(() => rmSync(directory, { recursive: true }));

const sentence = (act: () => unknown): string | undefined => {
  try {
    act();
  } catch (error) {
    return failureOfSystem(error)?.problem;
  }
  return undefined;
};

test('what the system says of a file is a sentence', () => {
  const at = (name: string): string => join(directory, name);
  symlinkSync(at('loop'), at('loop'));
  writeFileSync(at('file'), '');
  expect(sentence(() => readFileSync(at('none')))).toBe(`${at('none')} cannot be read: it does not exist.`);
  expect(sentence(() => readFileSync(at('loop')))).toMatch(/loop cannot be read: .*symbolic links/);
  expect(sentence(() => readFileSync(at('file/below')))).toBe(`${at('file/below')} cannot be read: a part of its path is a file.`);
  expect(sentence(() => readFileSync(directory))).toBe('A file cannot be read: it is a directory.');
  expect(sentence(() => mkdirSync(at('file')))).toBe(`${at('file')} cannot be written: it exists already.`);
  expect(sentence(() => readFileSync(at('n'.repeat(300))))).toMatch(/cannot be read: its name is too long\.$/);
});

test('an error of another kind is none of the system', () => {
  for (const error of [new Error('x'), undefined, null, 'text', { code: 'ERR_X', syscall: 'open' }, { code: 1 }]) {
    expect(failureOfSystem(error)).toBeUndefined();
  }
  expect(failureOfSystem({ code: 'EWEIRD', syscall: 'open', path: '/x' })!.problem).toBe('/x cannot be read: the system says EWEIRD.');
});

test.each([
  [new Error('one\ntwo'), 'one'],
  ['text', 'text'],
  [undefined, 'undefined'],
  [{ code: 'EISDIR', syscall: 'read' }, 'it cannot be read: it is a directory'],
])('the reason is one line: %s', (error, reason) => expect(reasonOf(error)).toBe(reason));
