import { postgres } from '@flue/postgres';
import type { PersistenceAdapter } from '@flue/runtime/adapter';
import { sqlite } from '@flue/runtime/node';
import { checkedDatabaseUrl } from './lib/database-url.ts';

const url = checkedDatabaseUrl(process.env.DATABASE_URL);
const file = process.env.SQLITE_PATH || undefined;

export const persistence = url !== undefined ? 'postgres' : file !== undefined ? 'sqlite' : 'memory';

console.log({
  postgres: '[agents] Persistence: PostgreSQL, from DATABASE_URL.',
  sqlite: `[agents] Persistence: SQLite, in ${file}.`,
  memory: '[agents] Persistence: memory. Neither DATABASE_URL nor SQLITE_PATH is set, so all state is lost when this process stops.',
}[persistence]);

const adapter: PersistenceAdapter =
  url === undefined
    ? sqlite(file) // without a path this is an in-memory database
    : postgres({
        connectionString: url,
        // Every start re-runs CREATE ... IF NOT EXISTS, and the driver prints one notice per object by default.
        driverOptions: { onnotice: () => {} },
      });

export default adapter;
