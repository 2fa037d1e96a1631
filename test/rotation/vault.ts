import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Database } from '../../src/cli/rehearse/postgres/database';

/** What a secret of a login holds. */
export interface Login {
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly port: string;
  readonly dbname: string;
}

export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
export type Step = typeof STEPS[number];

/** Names the other of two logins, as the rotation function of AWS does. */
const otherOf = (username: string): string => username.endsWith('_clone') ? username.slice(0, -6) : `${username}_clone`;

/**
 * A secret with its versions, and what rotates it.
 *
 * The function of AWS needs Python, its libraries and a Secrets Manager. This one takes its four steps, as its published source does
 * them: another login with a new password, set by the administrator after the current login has proven itself, tried, made the current one.
 */
export class Vault {
  private current: Login;
  private pending?: Login;

  public constructor(private readonly postgresManifest: string, private readonly database: Database, login: string) {
    const { hostname, port, pathname } = new URL(database.url);
    this.current = { username: login, password: newPassword(), host: hostname, port, dbname: pathname.slice(1) };
  }

  /** The secret as ECS hands it to a container. */
  public get secretString(): string {
    return JSON.stringify({ engine: 'postgres', ...this.current, ssl: true, masterarn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:master-AbCdEf' });
  }

  public get login(): Login {
    return this.current;
  }

  /** Rotates, or goes on with a rotation that failed. Returns whether it came to its end, which it does not where a step fails. */
  public async rotate(failing?: Step): Promise<boolean> {
    for (const step of STEPS) {
      if (step === failing) {
        return false;
      }
      await this[step]();
    }
    return true;
  }

  private async createSecret(): Promise<void> {
    this.pending ??= { ...this.current, username: otherOf(this.current.username), password: newPassword() };
  }

  private async setSecret(): Promise<void> {
    const { pending, current } = this;
    if (!pending || await this.canLogIn(pending)) {
      return;
    }
    if (!await this.canLogIn(current)) {
      throw new Error(`${current.username} cannot log in with the current password`);
    }
    const { username, password } = new URL(this.database.url);
    await this.ask({ ...current, username, password }, async query => {
      const { rows } = await query(`SELECT 1 FROM pg_roles WHERE rolname = '${pending.username}'`);
      if (rows.length === 0) {
        await query(`CREATE ROLE "${pending.username}" WITH LOGIN PASSWORD '${quoted(pending.password)}'`);
        await query(`GRANT "${current.username}" TO "${pending.username}"`);
      } else {
        await query(`ALTER USER "${pending.username}" WITH PASSWORD '${quoted(pending.password)}'`);
      }
    });
  }

  private async testSecret(): Promise<void> {
    if (this.pending && !await this.canLogIn(this.pending)) {
      throw new Error(`${this.pending.username} cannot log in with the new password`);
    }
  }

  private async finishSecret(): Promise<void> {
    this.current = this.pending ?? this.current;
    this.pending = undefined;
  }

  private canLogIn(login: Login): Promise<boolean> {
    return this.ask(login, query => query('SELECT now()')).then(() => true, () => false);
  }

  /** Asks as a login; the certificate is verified by the authority of the rehearsal, as RDS has its own. */
  public async ask<T>(login: Login, use: (query: (sql: string) => Promise<{ rows: { [column: string]: unknown }[] }>) => Promise<T>): Promise<T> {
    const { Client } = createRequire(this.postgresManifest)('pg');
    const client = new Client({
      host: login.host,
      port: Number(login.port),
      user: login.username,
      password: login.password,
      database: login.dbname,
      ssl: { rejectUnauthorized: false },
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await use(sql => client.query(sql));
    } finally {
      await client.end();
    }
  }
}

/** With what the function of AWS leaves in: all but `/ @ " ' \`. A URL cannot hold these as they are. */
function newPassword(): string {
  return `${randomBytes(12).toString('hex')}#%?:&=+ [x]`;
}

function quoted(text: string): string {
  return text.replace(/'/g, '\'\'');
}
