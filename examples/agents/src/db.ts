import { postgres } from '@flue/postgres';
import type { PersistenceAdapter } from '@flue/runtime/adapter';
import { sqlite } from '@flue/runtime/node';
import { checkedDatabaseUrl } from './lib/database-url.ts';

const url = checkedDatabaseUrl(process.env.DATABASE_URL);

export const persistence = url === undefined ? 'memory' : 'postgres';

console.log(
  url === undefined
    ? '[agents] Persistence: memory. DATABASE_URL is not set, so all state is lost when this process stops.'
    : '[agents] Persistence: PostgreSQL, from DATABASE_URL.',
);

const adapter: PersistenceAdapter =
  url === undefined
    ? sqlite() // without a path this is an in-memory database
    : postgres({
        connectionString: url,
        // Every start re-runs CREATE ... IF NOT EXISTS, and the driver prints one notice per object by default.
        driverOptions: { onnotice: () => {} },
      });

export default adapter;
