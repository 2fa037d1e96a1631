import { join } from 'node:path';
import { directoryWith, failureOf } from './support';
import { flueMajorIn } from '../../../src/cli/rehearse/app-directory';
import { STORE } from '../../../src/cli/rehearse/checks/store';
import type { Session } from '../../../src/cli/rehearse/session';
import type { StoreMarks } from '../../../src/cli/rehearse/store/marks';
import { judgeStore } from '../../../src/cli/rehearse/store/origin';
import { readStore } from '../../../src/cli/rehearse/store/read-store';
import { sqliteWith, STORES } from '../../rehearse/store';

const IN_WORDS = {
  'empty': STORES.empty, 'of 0.x': STORES.unmarked, 'of a beta': STORES.beta, 'of schema 7': STORES.last, 'of schema 8': STORES.adopted, 'of 2.x': STORES.current, 'of a later format': STORES.later,
};
type Store = keyof typeof IN_WORDS;

const storeWith = (statements: readonly string[]): string => sqliteWith(join(directoryWith({ keep: '' }), 'flue.db'), statements);

const noDriver = (): string => {
  throw new Error('the driver of Postgres is not needed');
};

describe('the store that is there', () => {
  test.each<[Store, number, string, RegExp]>([
    ['empty', 0, 'pass', /^$/],
    ['empty', 2, 'pass', /^$/],
    ['of 0.x', 0, 'pass', /^$/],
    ['of 0.x', 1, 'fail', /does not start on that store/],
    ['of 0.x', 2, 'fail', /new, empty one/],
    ['of a beta', 0, 'fail', /older Flue cannot read/],
    ['of a beta', 1, 'warn', /schema of its own release/],
    ['of a beta', 2, 'fail', /does not start on that store/],
    ['of schema 7', 2, 'fail', /does not start on that store/],
    ['of schema 8', 2, 'warn', /Take a snapshot first/],
    ['of schema 8', 1, 'fail', /older Flue cannot read/],
    ['of 2.x', 0, 'fail', /from before the upgrade/],
    ['of 2.x', 2, 'pass', /^$/],
    ['of 2.x', 3, 'pass', /^$/],
    ['of a later format', 2, 'warn', /release notes/],
  ])('%s, met by Flue %d: %s', async (name, major, status, fix) => {
    const file = storeWith(IN_WORDS[name]);
    const outcome = judgeStore(await readStore(file, noDriver), major);
    expect(outcome.status).toBe(status);
    expect(outcome.fix ?? '').toMatch(fix);
    expect(outcome.measured).toMatch(`the app has Flue ${major}.x`);
  });

  test('is read and not changed', async () => {
    const file = storeWith(STORES.beta);
    expect(await readStore(file, noDriver)).toEqual({ used: true, format: undefined, schema: '5' });
    expect(await readStore(file, noDriver)).toEqual({ used: true, format: undefined, schema: '5' });
  });

  test('is not judged where nothing tells the Flue of the app', async () => {
    const run = (flueMajor?: number) => STORE.run({ store: { marks: { used: true }, flueMajor } } as unknown as Session);
    expect(await run()).toEqual({ status: 'skip', reason: expect.stringContaining('no package.json') });
    expect(await run(0)).toMatchObject({ status: 'pass' });
  });

  test('is refused where it is none', async () => {
    const at = (content: string) => failureOf(() => readStore(join(directoryWith({ store: content }), 'store'), noDriver));
    expect(await at('mysql://u:hidden@h/d')).toMatch(/neither an SQLite database nor .*postgresql:\/\/\.\n/);
    expect(await at('mysql://u:hidden@h/d')).not.toMatch('hidden');
    expect(await at('')).toMatch(/neither an SQLite database/);
    expect(await at(`SQLite format 3\0${'broken '.repeat(200)}`)).toMatch(/cannot be read: file is not a database/);
    expect(await failureOf(() => readStore('/none/store', noDriver))).toMatch(/ENOENT/);
  });
});

/** Stands where the driver of Postgres is looked for; answers as a Postgres with these marks does. */
const driverFor = ({ used, format }: StoreMarks, fails = ''): string => join(directoryWith({
  'node_modules/pg/package.json': { main: 'index.js' },
  'node_modules/pg/index.js': `
    exports.Client = class {
      constructor(options) { this.options = options; }
      on() {}
      async connect() { if (${JSON.stringify(fails)}) throw new Error(${JSON.stringify(fails)}); }
      async query(text, values) {
        if (text.includes('search_path')) this.schema = values[0];
        if (text.includes('pg_tables') && this.schema !== 'agents') throw new Error('in the schema ' + this.schema);
        return { rows: text.includes('pg_tables') ? ${used ? "[{ name: 'flue_meta' }]" : '[]'} : text.includes('flue_meta') ? [{ key: 'format_version', value: '${format}' }] : [] };
      }
      async end() {}
    };`,
  'package.json': {},
}), 'package.json');

describe('a Postgres', () => {
  const url = 'postgresql://flue:hidden@db.example.com:5432/flue?sslmode=verify-full&search_path=agents';
  const file = join(directoryWith({ url: `${url}\n` }), 'url');

  test('is read through its driver, in the schema of the service', async () => {
    expect(await readStore(file, () => driverFor({ used: true, format: '1' }))).toEqual({ used: true, format: '1', schema: undefined });
    expect(await readStore(file, () => driverFor({ used: false }))).toEqual({ used: false, format: undefined, schema: undefined });
  });

  test('that cannot be reached is reported without its password', async () => {
    const said = await failureOf(() => readStore(file, () => driverFor({ used: true }, `no route to ${url}`)));
    expect(said).toMatch(/The Postgres of .* cannot be read: no route to \[secret\]\.\n.*NODE_EXTRA_CA_CERTS/);
    expect(said).not.toMatch('hidden');
  });
});

test('the Flue of an app comes from its manifests', () => {
  const app = (version: string) => directoryWith({
    'package.json': { name: 'app', dependencies: { '@flue/runtime': version } },
    'package-lock.json': { lockfileVersion: 3, packages: { '': { dependencies: { '@flue/runtime': version } }, 'node_modules/@flue/runtime': { version } } },
  });
  expect(flueMajorIn(app('0.10.2'))).toBe(0);
  expect(flueMajorIn(app('2.0.3'))).toBe(2);
  expect(flueMajorIn(undefined)).toBeUndefined();
  expect(flueMajorIn(directoryWith({ keep: '' }))).toBeUndefined();
});
