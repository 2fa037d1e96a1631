import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { main } from '../../../src/cli/main';
import { shardSkew } from '../../../src/cli/shards/skew';
import { hashedShardOf } from '../../../src/invariants/shards/partition';
import { captureOutput } from '../capture-output';

let directory: string;
const output = captureOutput();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cdk-flue-skew-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function fileOf(ids: readonly string[], end = '\n'): string {
  const file = join(directory, 'ids');
  writeFileSync(file, ids.map(id => `${id}${end}`).join(''));
  return file;
}
const numbered = (count: number, suffix = '') => Array.from({ length: count }, (_, index) => `customer-${index.toString(36)}${suffix}`);

test.each([
  ['base 36 digits', numbered(20 * 36 * 4), 0, 1],
  ['one suffix', numbered(400, '-prod'), 1, 4],
  // letters of top-level domains
  ['e-mail', numbered(400, '@acme.com'), 1, 4],
])('ids of one kind: %s', async (_, ids, code, largestToMean) => {
  expect(await main(['shard-skew', fileOf(ids), '--json'])).toBe(code);
  const { spreads, ...counted } = JSON.parse(output.stdout);
  expect(counted).toEqual({ key: 'lastCharacter', ids: ids.length, unsplit: 0 });
  expect(spreads.map(({ shards }: { shards: number }) => shards)).toEqual([2, 4, 8, 16]);
  expect(spreads[1]).toMatchObject({ shards: 4, judged: true, even: code === 0 });
  expect(spreads[1].largestToMean).toBeCloseTo(largestToMean, 1);
});

test.each([
  ['one suffix', numbered(400, '-prod'), 0, 1],
  ['ends that are no letters', numbered(400, '?'), 0, 1],
  ['one id', Array.from({ length: 400 }, () => 'a'), 1, 4],
])('by their hash: %s', async (_, ids, code, largestToMean) => {
  expect(await main(['shard-skew', fileOf(ids), '--key', 'sha256', '--json'])).toBe(code);
  const { spreads, ...counted } = JSON.parse(output.stdout);
  expect(counted).toEqual({ key: 'sha256', ids: 400, unsplit: 0 });
  for (const { shards, counts } of spreads) {
    expect(counts).toEqual(Array.from({ length: shards }, (__, shard) => ids.filter(id => hashedShardOf(id, shards) === shard).length));
  }
  expect(Math.round(spreads[1].largestToMean)).toBe(largestToMean);
});

test('the table says that it counted hashes', async () => {
  expect(await main(['shard-skew', fileOf(['c?']), '--key', 'sha256'])).toBe(0);
  expect(output.stdout).toMatch(/^1 ids, by their hash\.$/m);
  output.stdout = '';
  expect(await main(['shard-skew', fileOf(['c?']), '--key', 'lastCharacter'])).toBe(0);
  expect(output.stdout).toMatch(/^1 ids\. 1 of them end in no letter/m);
});

test.each([['\n'], ['\r\n']])('lines end in %j, empty ones do not count, and an end that is no letter stays home', async end => {
  expect(await main(['shard-skew', fileOf(['a', '', 'b', 'c?', 'ü', 'A'], end), '--json'])).toBe(0);
  expect(JSON.parse(output.stdout)).toMatchObject({ ids: 5, unsplit: 2, spreads: [{ counts: [4, 1] }, { counts: [2, 0, 2, 1] }, {}, {}] });
});

test.each([
  [39, 'too few ids to tell', 0],
  [40, 'uneven', 1],
])('%i ids on two shards: %s', async (count, verdict, code) => {
  expect(await main(['shard-skew', fileOf(Array.from({ length: count }, () => 'a'))])).toBe(code);
  expect(output.stdout).toMatch(new RegExp(`^ +2 +2.00 +${verdict} +${count} +0$`, 'm'));
  expect(output.stdout).toMatch(new RegExp(`^${count} ids. 0 of them end in no letter`, 'm'));
});

test('ids come from the standard input', async () => {
  expect(await shardSkew([], Readable.from(['one\ntwo\n', 'three']))).toBe(0);
  expect(output.stdout).toMatch(/^3 ids\./m);
});

test.each([
  ['a terminal', [], /^There are no ids on the standard input\.\nName a file/],
  ['no file', ['/nowhere/ids'], /^\/nowhere\/ids cannot be read: it does not exist\.\n/],
  ['two files', ['a', 'b'], /^Pass one file at most, got: a b\.\n.*--help/],
  ['an empty name', [''], /^The name of the file is an empty string\.\n/],
  ['a key that is not there', ['--key', 'md5'], /^`--key` must be lastCharacter or sha256, got: md5\.\n.*--help/],
  ['an empty key', ['--key', ''], /^`--key` must be lastCharacter or sha256, got: \.\n/],
  ['an option that is not there', ['--nope'], /^Unknown option '--nope'\.\n/],
])('%s is refused in a sentence', async (_, args, message) => {
  Object.defineProperty(process.stdin, 'isTTY', { value: true, configurable: true });
  expect(await main(['shard-skew', ...args])).toBe(2);
  expect(output.stderr).toMatch(message);
});

test('an empty file is refused', async () => {
  expect(await main(['shard-skew', fileOf([''])])).toBe(2);
  expect(output.stderr).toMatch(/ids holds no ids\.\nPass one id a line\.\n$/);
});
