import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findPostgres, startPostgres } from '../../src/cli/rehearse/postgres/embedded';
import { readStore } from '../../src/cli/rehearse/store/read-store';

const META = 'CREATE TABLE flue_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)';
const SUBMISSIONS = 'CREATE TABLE flue_agent_submissions (id TEXT)';
const marked = (key: string, value: string): string[] => [META, SUBMISSIONS, `INSERT INTO flue_meta VALUES ('${key}', '${value}')`];

/** What each Flue leaves in a store, as far as it says who wrote it. */
export const STORES = {
  empty: ['CREATE TABLE fluent (id TEXT)'],
  /** Of Flue 0.x. */
  unmarked: [SUBMISSIONS],
  /** Of 1.0.0-beta.9. */
  beta: marked('schema_version', '5'),
  /** The last schema that Flue 2 refuses, and the one that it takes over. */
  last: marked('schema_version', '7'),
  adopted: marked('schema_version', '8'),
  /** Of Flue 2.0 and 2.1. */
  current: marked('format_version', '1'),
  later: marked('format_version', '2'),
};

/** Makes an SQLite database. */
export function sqliteWith(file: string, statements: readonly string[]): string {
  const database = new (process.getBuiltinModule('node:sqlite').DatabaseSync)(file);
  statements.forEach(statement => database.exec(statement));
  database.close();
  return file;
}

/** Reads stores of a real Postgres over TLS, each in a schema of its own. */
export async function readStores(work: string, check: (name: string, problem: string | undefined) => void): Promise<void> {
  const manifest = findPostgres([join(__dirname, '..', '..', 'examples', 'agents')]);
  const postgres = await startPostgres(manifest, 'localhost');
  const { Client } = createRequire(manifest)('pg');
  const url = new URL(postgres.url);
  // the authority of this Postgres is no default of this process
  url.searchParams.set('sslrootcert', postgres.caFile);
  const client = new Client({ connectionString: url.href });
  try {
    await client.connect();
    for (const [name, statements] of Object.entries(STORES)) {
      for (const statement of [`CREATE SCHEMA "${name}"`, `SET search_path = "${name}"`, ...statements]) {
        await client.query(statement);
      }
    }
    const file = join(work, 'store-url');
    for (const [name, statements] of Object.entries(STORES)) {
      url.searchParams.set('search_path', name);
      writeFileSync(file, `${url.href}\n`);
      const [fromPostgres, fromSqlite] = await Promise.all([readStore(file, () => manifest), readStore(sqliteWith(join(work, `${name}.db`), statements), () => manifest)]);
      const [got, wanted] = [fromPostgres, fromSqlite].map(marks => JSON.stringify(marks));
      check(`store: Postgres and SQLite tell the same of the one called ${name}: ${wanted}`, got === wanted ? undefined : `Postgres: ${got}`);
    }
  } finally {
    await client.end().catch(() => undefined);
    await postgres.close();
  }
}
