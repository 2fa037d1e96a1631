/** The variable from which a Flue app's `db.ts` reads its Postgres connection string. */
export const DATABASE_URL = 'DATABASE_URL';
/** The variables that Postgres drivers read when there is no connection string. */
export const POSTGRES_HOST = 'PGHOST';
/** The variable that names the port the server binds. */
export const PORT = 'PORT';
/** The variable in which Node.js takes its options. */
export const NODE_OPTIONS = 'NODE_OPTIONS';
