import { main } from '../../../src/cli/main';
import { reshard } from '../../../src/cli/shards/reshard';
import { KEYS, move } from '../../../src/cli/shards/reshard-sql';
import { captureOutput } from '../capture-output';

const output = captureOutput();
const { DATABASE_URL: given } = process.env;

beforeEach(() => {
  delete process.env.DATABASE_URL;
});
afterAll(() => {
  if (given !== undefined) {
    process.env.DATABASE_URL = given;
  }
});

test.each<[string, string[], RegExp]>([
  ['no number', [], /^--to must be one of 2, 4, 8, 16, got: nothing\n.*--help/],
  ['one shard', ['--to', '1'], /^--to must be one of 2, 4, 8, 16, got: 1\n/],
  ['no power of two', ['--to', '6'], /^--to must be one of 2, 4, 8, 16, got: 6\n/],
  ['an option that is not there', ['--from', '2'], /^Unknown option '--from'\.\n/],
  ['a tunnel without a port', ['--to', '4', '--through', 'localhost'], /^--through must be an address and a port, such as 127\.0\.0\.1:5432, got: localhost\n/],
  ['no connection string', ['--to', '4'], /^The variable DATABASE_URL is not set\.\n.*administrator/],
])('%s is refused in a sentence', async (_, args, message) => {
  expect(await main(['reshard', ...args])).toBe(2);
  expect(output.stderr).toMatch(message);
});

test.each(['mysql://a:secret@host/db', 'secret', 'postgres://host/db', 'postgres://a:secret@host'])('%s is no connection string, and is not repeated', async url => {
  await expect(reshard(['--to', '4'], { DATABASE_URL: url })).rejects.toThrow(/^DATABASE_URL is no connection string of Postgres with a user and a database\.\n/);
  await expect(reshard(['--to', '4'], { DATABASE_URL: url })).rejects.not.toThrow(/secret/);
});

test('without the driver the command says how to get it', async () => {
  await expect(reshard(['--to', '4'], { DATABASE_URL: 'postgres://a:b@localhost/c' })).rejects.toThrow(/^The package pg, .* is not installed\.\nInstall it in this project: npm i -D pg$/);
});

test.each(KEYS)('with the key %s, what moves is what is deleted, in an order that no reference breaks', key => {
  const statements = move({ from: 'a0', to: 'a"2', shard: 2, shards: 4, fleet: { name: 'A', key, schemas: ['a0', 'a1'] }, columns: ['submission_id'] });
  const condition = (statement: string) => statement.replace(/^.*? WHERE /s, '').replace(/ ORDER BY sequence$/, '');
  const of = (verb: string) => statements.filter(statement => statement.startsWith(verb)).map(condition).sort();
  expect(of('INSERT')).toHaveLength(4);
  expect(of('INSERT')).toEqual(of('DELETE'));
  expect(statements.every(statement => /^(INSERT INTO "a""2"|DELETE FROM "a0")\./.test(statement))).toBe(true);
  // its rows are found by those of the journals
  const chunks = statements.findIndex(statement => /^DELETE FROM "a0"."flue_agent_stream_chunks"/.test(statement));
  expect(chunks).toBeLessThan(statements.findIndex(statement => /^DELETE FROM "a0"."flue_agent_turn_journals"/.test(statement)));
});
