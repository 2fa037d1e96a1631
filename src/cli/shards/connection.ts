import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { CliFailure, reasonOf } from '../failure';

/** The part of the `pg` package that is used. It is no dependency: few who use the library need it. */
interface PgClient {
  connect(): Promise<void>;
  query(text: string): Promise<{ rows: unknown[] }>;
  end(): Promise<void>;
  on(event: 'error', listener: () => void): void;
}

export interface ConnectionOptions {
  /** Of the administrator. */
  readonly url: string;
  /** Where a tunnel to the host of the URL begins, as `address:port`. */
  readonly through?: string;
  /** PEM file with certificate authorities, beside those of Node.js. */
  readonly ca?: string;
}

/** A session with Postgres over verified TLS. */
export class Connection {
  public static async open(options: ConnectionOptions): Promise<Connection> {
    const url = parse(options.url);
    const { Client } = findPg();
    const [host, port] = options.through?.split(':') ?? [url.hostname, url.port || '5432'];
    const client: PgClient = new Client({
      host,
      port: Number(port),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: decodeURIComponent(url.pathname.slice(1)),
      ssl: { servername: url.hostname, ...options.ca === undefined ? {} : { ca: readFileSync(options.ca, 'utf8') } },
      connectionTimeoutMillis: 20_000,
      application_name: 'cdk-flue reshard',
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      throw new CliFailure(`Postgres at ${host}:${port} cannot be reached: ${reasonOf(error)}.`,
        'Check DATABASE_URL and the network. If its certificate is not trusted, pass the authorities with --ca. For a private database, open a tunnel and pass --through.');
    }
    return new Connection(client);
  }

  private constructor(private readonly client: PgClient) {}

  public async rows<T>(sql: string): Promise<T[]> {
    try {
      return (await this.client.query(sql)).rows as T[];
    } catch (error) {
      throw new CliFailure(`Postgres refuses: ${reasonOf(error)}.`, 'Nothing was changed. DATABASE_URL must be that of the administrator who made the schemas.');
    }
  }

  /** Does all of it, or nothing. */
  public async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.rows('BEGIN');
    try {
      const result = await work();
      await this.rows('COMMIT');
      return result;
    } catch (error) {
      await this.rows('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  public close(): Promise<void> {
    return this.client.end().catch(() => undefined);
  }
}

function parse(text: string): URL {
  try {
    const url = new URL(text);
    if (/^postgres(ql)?:$/.test(url.protocol) && url.username !== '' && url.pathname.length > 1) {
      return url;
    }
  } catch {
    // the text may hold the password: it is not repeated
  }
  throw new CliFailure('DATABASE_URL is no connection string of Postgres with a user and a database.', 'Write postgresql://USER:PASSWORD@HOST:5432/DATABASE.');
}

/** From the project of the user, or from here. */
function findPg(): { readonly Client: new (options: object) => PgClient } {
  for (const directory of [process.cwd(), __dirname]) {
    const require = createRequire(join(resolve(directory), 'package.json'));
    try {
      const entry = require.resolve('pg');
      if (existsSync(entry)) {
        return require(entry) as { readonly Client: new (options: object) => PgClient };
      }
    } catch {
      // the next one
    }
  }
  throw new CliFailure('The package pg, with which the command speaks to Postgres, is not installed.', 'Install it in this project: npm i -D pg');
}
