/** The variable from which a Flue app's `db.ts` reads its Postgres connection string. */
export const DATABASE_URL = 'DATABASE_URL';
/** The variables that Postgres drivers read when there is no connection string. */
export const POSTGRES_HOST = 'PGHOST';
/** Names by which apps know a connection string, `DATABASE_URL` among them. */
const STORE_URL = /^(FLUE_)?(DATABASE|POSTGRES(QL)?|PG|DB)_?((PRISMA|PRIVATE|DIRECT)_)?(URL|URI|DSN|CONN(ECTION)?_?STR(ING)?)(_(NON_POOLING|UNPOOLED))?$/;
/** The variable that names the port the server binds. */
export const PORT = 'PORT';
/** The variable in which Node.js takes its options. */
export const NODE_OPTIONS = 'NODE_OPTIONS';

/** Whether a variable of this name says which Postgres keeps the state of a server. */
export function namesStore(name: string): boolean {
  return isStoreUrl(name) || name === POSTGRES_HOST;
}

/** Whether a variable of this name holds a connection string. */
export function isStoreUrl(name: string): boolean {
  return STORE_URL.test(name);
}
