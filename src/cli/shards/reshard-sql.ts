/** How Postgres computes the shard of an id, for each key that a schema can name. The home shard has what ends in no letter and no digit. */
const SHARD_OF: { readonly [key: string]: (id: string, shards: number) => string } = {
  lastCharacter: (id, shards) => `(CASE WHEN right(${id}, 1) COLLATE "C" ~ '^[0-9A-Za-z]$'
    THEN (position(lower(right(${id}, 1)) IN '0123456789abcdefghijklmnopqrstuvwxyz') - 1) % ${shards} ELSE 0 END)`,
  sha256: (id, shards) => `((('x' || substr(encode(sha256(convert_to(${id}, 'UTF8')), 'hex'), 1, 8))::bit(32)::bigint & 4294967295) % ${shards})`,
};
export const KEYS = Object.keys(SHARD_OF);

const SESSIONS = 'flue_sessions';
const SUBMISSIONS = 'flue_agent_submissions';
const JOURNALS = 'flue_agent_turn_journals';
const CHUNKS = 'flue_agent_stream_chunks';
const DELETIONS = 'flue_agent_session_deletions';
/** What a conversation consists of. Each is made in a new schema as it is in the old one. */
export const MOVED = [SESSIONS, SUBMISSIONS, JOURNALS, CHUNKS];
/** What belongs to no conversation: it stays where it is, and the server makes the tables anew elsewhere. */
export const STAYING = [DELETIONS, 'flue_agent_dispatch_receipts', 'flue_runs', 'flue_run_events', 'flue_run_registry'];

/** The key of a session is a word and a JSON list, which begins with the id of the agent instance. */
const READABLE_KEY = '^[^\\[]*\\["';
const instanceOf = (column: string): string => `((regexp_replace(${column}, '^[^\\[]*', ''))::jsonb ->> 0)`;

/** One partition of a fleet, and the schemas of its shards in their order. */
export interface Fleet {
  readonly name: string;
  readonly key: string;
  readonly schemas: readonly string[];
}

export function commentOf({ name: fleet, key, schemas }: Fleet): string {
  return `cdk-flue fleet ${fleet}: ${key} of ${schemas.length}`;
}

/** The schemas of fleets, with what they say of themselves. */
export const FLEETS = `SELECT nspname AS schema, obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace
  WHERE starts_with(obj_description(oid, 'pg_namespace'), 'cdk-flue fleet ') ORDER BY nspname`;

/** The tables of Flue in some schemas. */
export const tablesIn = (schemas: readonly string[]): string =>
  `SELECT schemaname AS schema, tablename AS table FROM pg_tables WHERE schemaname IN (${schemas.map(quoted).join(', ')}) AND tablename LIKE 'flue\\_%'`;

/** The servers that are connected. */
export const connectionsOf = (schemas: readonly string[]): string =>
  `SELECT usename AS role, count(*)::int AS count FROM pg_stat_activity WHERE usename IN (${schemas.map(quoted).join(', ')}) GROUP BY 1 ORDER BY 1`;

/** What is under way in a schema, what cannot be read, and how many conversations there are. */
export const stateOf = (schema: string): string => `SELECT
  (SELECT count(*)::int FROM ${table(schema, SUBMISSIONS)} WHERE status <> 'settled') AS unsettled,
  (SELECT count(*)::int FROM ${table(schema, DELETIONS)}) AS deletions,
  (SELECT count(*)::int FROM ${table(schema, SESSIONS)} WHERE id !~ '${READABLE_KEY}')
    + (SELECT count(*)::int FROM ${table(schema, SUBMISSIONS)} WHERE session_key !~ '${READABLE_KEY}') AS unreadable,
  (SELECT count(*)::int FROM ${table(schema, SESSIONS)}) AS sessions`;

/** How many conversations of a schema belong to each shard of another number. */
export const sharesOf = (schema: string, { key }: Fleet, shards: number): string =>
  `SELECT ${SHARD_OF[key](instanceOf('id'), shards)}::int AS shard, count(*)::int AS sessions FROM ${table(schema, SESSIONS)} GROUP BY 1 ORDER BY 1`;

export const rowsOf = (schema: string, tableName: string): string => `SELECT count(*)::int AS rows FROM ${table(schema, tableName)}`;

/** No server of the fleet starts meanwhile: the container that makes its schema waits for this lock. */
export const LOCK = 'SELECT pg_advisory_xact_lock(hashtext(\'cdk-flue\'))';

/** What the container writes on a role that it made. */
const MADE = '\'made by cdk-flue for the schema of the same name\'';

/** Makes the role and the schema of a further shard, as the container of its server would; that one sets the password. */
export function makeSchema(schema: string): string[] {
  return [
    `DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${quoted(schema)}) THEN
        CREATE ROLE ${name(schema)};
        COMMENT ON ROLE ${name(schema)} IS ${MADE};
      ELSIF (SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = ${quoted(schema)}) IS DISTINCT FROM ${MADE} THEN
        RAISE EXCEPTION 'there is a role ${schema} already, and cdk-flue did not make it';
      END IF;
    END $$`,
    `GRANT ${name(schema)} TO CURRENT_USER`,
    `CREATE SCHEMA IF NOT EXISTS ${name(schema)} AUTHORIZATION ${name(schema)}`,
  ];
}

/** Makes the tables of conversations in a schema that lacks them. */
export function makeTables(from: string, to: string): string[] {
  return MOVED.flatMap(each => [
    `CREATE TABLE IF NOT EXISTS ${table(to, each)} (LIKE ${table(from, each)} INCLUDING ALL)`,
    `ALTER TABLE ${table(to, each)} OWNER TO ${name(to)}`,
  ]);
}

/**
 * Moves the conversations of one shard, and leaves the others. The numbers of submissions only say their order, so they are given
 * anew: the same number may be taken.
 *
 * @param columns the columns of submissions, without their number
 */
export function move({ from, to, shard, fleet, shards, columns }: Move): string[] {
  const list = columns.map(name).join(', ');
  const moved = `${SHARD_OF[fleet.key](instanceOf('session_key'), shards)} = ${shard}`;
  const chunks = `stream_key IN (SELECT stream_key FROM ${table(from, JOURNALS)} WHERE ${moved})`;
  const sessions = `${SHARD_OF[fleet.key](instanceOf('id'), shards)} = ${shard}`;
  return [
    `INSERT INTO ${table(to, SESSIONS)} SELECT * FROM ${table(from, SESSIONS)} WHERE ${sessions}`,
    `INSERT INTO ${table(to, SUBMISSIONS)} (${list}) SELECT ${list} FROM ${table(from, SUBMISSIONS)} WHERE ${moved} ORDER BY sequence`,
    `INSERT INTO ${table(to, CHUNKS)} SELECT * FROM ${table(from, CHUNKS)} WHERE ${chunks}`,
    `INSERT INTO ${table(to, JOURNALS)} SELECT * FROM ${table(from, JOURNALS)} WHERE ${moved}`,
    `DELETE FROM ${table(from, CHUNKS)} WHERE ${chunks}`,
    `DELETE FROM ${table(from, JOURNALS)} WHERE ${moved}`,
    `DELETE FROM ${table(from, SUBMISSIONS)} WHERE ${moved}`,
    `DELETE FROM ${table(from, SESSIONS)} WHERE ${sessions}`,
  ];
}

export interface Move {
  readonly from: string;
  readonly to: string;
  readonly shard: number;
  readonly fleet: Fleet;
  readonly shards: number;
  readonly columns: readonly string[];
}

export const columnsOf = (schema: string): string =>
  `SELECT column_name AS column FROM information_schema.columns WHERE table_schema = ${quoted(schema)} AND table_name = '${SUBMISSIONS}'
    AND column_name <> 'sequence' ORDER BY ordinal_position`;

export const comment = (schema: string, text: string | undefined): string => `COMMENT ON SCHEMA ${name(schema)} IS ${text === undefined ? 'NULL' : quoted(text)}`;

function table(schema: string, tableName: string): string {
  return `${name(schema)}.${name(tableName)}`;
}

function name(identifier: string): string {
  return `"${identifier.replace(/"/g, '""')}"`;
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, '\'\'')}'`;
}
