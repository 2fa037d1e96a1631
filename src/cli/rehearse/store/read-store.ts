import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { StoreMarks } from './marks';
import { CliFailure, reasonOf } from '../../failure';
import { readAsked, type Row } from '../postgres/embedded';

const SQLITE = 'SQLite format 3\0';
const SQLITE_TABLES = String.raw`SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'flue\_%' ESCAPE '\'`;
const POSTGRES = /^postgres(ql)?:\/\//;
const POSTGRES_TABLES = String.raw`SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE 'flue\_%'`;

/** Runs a query of the store. */
export type Query = (text: string) => Promise<readonly Row[]>;

/**
 * Reads which Flue wrote a store, and changes nothing in it.
 *
 * @param file an SQLite database, or a file that holds the connection string of a Postgres
 * @param postgres finds the package with the driver of Postgres
 */
export async function readStore(file: string, postgres: () => string): Promise<StoreMarks> {
  if (firstBytes(file, SQLITE.length) === SQLITE) {
    return readSqlite(file);
  }
  const url = readFileSync(file, 'utf8').trim();
  if (!POSTGRES.test(url) || !URL.canParse(url)) {
    throw new CliFailure(`${file} is neither an SQLite database nor a file with a connection string that begins with postgresql://.`,
      'Pass a copy of the SQLite file of the server, or write DATABASE_URL of the service into a file and pass that.');
  }
  try {
    return await readAsked(postgres(), url, query => marksOf(query, POSTGRES_TABLES));
  } catch (error) {
    throw error instanceof CliFailure ? error : new CliFailure(`The Postgres of ${file} cannot be read: ${reasonOf(error).split(url).join('[secret]')}.`,
      'It must be reachable from this machine. For RDS, set NODE_EXTRA_CA_CERTS to the file with its certificate authorities.');
  }
}

async function readSqlite(file: string): Promise<StoreMarks> {
  const sqlite = process.getBuiltinModule?.('node:sqlite');
  if (!sqlite) {
    throw new CliFailure(`This Node.js (${process.version}) cannot read SQLite.`, 'Use Node.js 22.18 or later.');
  }
  try {
    const database = new sqlite.DatabaseSync(file, { readOnly: true });
    try {
      return await marksOf(async text => database.prepare(text).all() as Row[], SQLITE_TABLES);
    } finally {
      database.close();
    }
  } catch (error) {
    throw new CliFailure(`The SQLite database ${file} cannot be read: ${reasonOf(error)}.`, 'Copy it while the server is stopped, with its files -wal and -shm.');
  }
}

/** @param tables the query for the names of the tables of Flue */
async function marksOf(query: Query, tables: string): Promise<StoreMarks> {
  const names = (await query(tables)).map(({ name }) => name);
  const rows = names.includes('flue_meta') ? await query('SELECT key, value FROM flue_meta') : [];
  const mark = (key: string): string | undefined => rows.filter(row => row.key === key).map(({ value }) => String(value))[0];
  return { used: names.length > 0, format: mark('format_version'), schema: mark('schema_version') };
}

function firstBytes(file: string, count: number): string {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(count);
    return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, count, 0));
  } finally {
    closeSync(descriptor);
  }
}
