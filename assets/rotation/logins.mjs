// Makes what a rotated password needs, before the server starts: an owner who does not log in, and two logins that take turns.
//
// SCHEMA_URL                      the secret of the login whose turn it is, as JSON
// SCHEMA_OWNER                    the role that owns the schema of the same name, or with SCHEMA_IN_PUBLIC the tables in `public`
// SCHEMA_LOGIN                    the name of the first login; the second one has `_clone` behind it, as the rotation function of AWS names it
//
// It follows the program that makes a schema, whose functions and variables it has.
const { SCHEMA_OWNER, SCHEMA_LOGIN, SCHEMA_IN_PUBLIC } = process.env;

// what `flue` owned before its password rotated; the server of that time is a member of the owner, and works on
const adoption = owner => `SELECT pg_advisory_xact_lock(hashtext('cdk-flue'));
DO $$
DECLARE
  made text := '${MADE}';
  held record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${owner}') THEN
    CREATE ROLE "${owner}";
    EXECUTE format('COMMENT ON ROLE "${owner}" IS %L', made);
  ELSIF (SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = '${owner}') IS DISTINCT FROM made THEN
    RAISE EXCEPTION 'there is a role ${owner} already, and cdk-flue did not make it: rename it';
  END IF;
  GRANT "${owner}" TO CURRENT_USER;
  GRANT USAGE, CREATE ON SCHEMA public TO "${owner}";
  FOR held IN SELECT oid::regclass AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S') AND pg_get_userbyid(relowner) = current_user
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype IN ('a', 'i', 'e'))
  LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO "${owner}"', held.name);
  END LOOP;
END $$`;

const logins = (owner, schema, names) => `DO $$
DECLARE
  made text := 'made by cdk-flue to log in as ${owner}';
  login text;
BEGIN
  FOREACH login IN ARRAY ARRAY['${names.join('\', \'')}'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', login);
      EXECUTE format('COMMENT ON ROLE %I IS %L', login, made);
    ELSIF (SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = login) IS DISTINCT FROM made THEN
      RAISE EXCEPTION 'there is a role % already, and cdk-flue did not make it: choose another schemaName', login;
    END IF;
    EXECUTE format('GRANT "${owner}" TO %I', login);
    EXECUTE format('ALTER ROLE %I SET role = "${owner}"', login);
    EXECUTE format('ALTER ROLE %I SET search_path = "${schema}"', login);
  END LOOP;
  IF NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = '${owner}') THEN
    ALTER ROLE "${owner}" NOLOGIN;
  END IF;
END $$`;

const refusesPassword = error => /\(28P01\)$/.test(error.message);

try {
  const { username, password, host, port, dbname } = JSON.parse(SCHEMA_URL), names = [SCHEMA_LOGIN, `${SCHEMA_LOGIN}_clone`];
  if (![SCHEMA_OWNER, ...names].every(name => /^[a-z_][a-z0-9_]{0,62}$/.test(name)) || !names.includes(username)
    || ![SCHEMA_FLEET, SCHEMA_PARTITION].every(text => /^[\w .-]*$/.test(text ?? ''))) {
    throw new Error('the names of the schema, its logins, the fleet and the partition must be plain');
  }
  const url = { hostname: host, port, pathname: `/${encodeURIComponent(dbname)}` }, schema = SCHEMA_IN_PUBLIC ? 'public' : SCHEMA_OWNER;
  const administrator = await openPatiently(url, ADMIN_USER, ADMIN_PASSWORD);
  // of the statements that make a schema, those that let its owner log in are left out
  const ownership = SCHEMA_IN_PUBLIC ? adoption(SCHEMA_OWNER) : statements(SCHEMA_OWNER, '').split('\nALTER ROLE')[0].replace(/;$/, '');
  await administrator.ask(`${ownership};\n${logins(SCHEMA_OWNER, schema, names)}`);
  // The password is what the rotation set. A login that has just been made has none yet, and one of a restored backup has an older one.
  const server = await open(url, username, password).catch(async error => {
    if (!refusesPassword(error)) {
      throw error;
    }
    await administrator.ask(`ALTER ROLE "${username}" PASSWORD '${verifierOf(password)}'`);
    return open(url, username, password);
  });
  administrator.close();
  const found = await server.ask('SELECT current_user || \' in \' || current_schema()');
  server.close();
  if (found !== `${SCHEMA_OWNER} in ${schema}`) {
    throw new Error(`the login ${username} works as ${found}`);
  }
  console.log(`flue schema: ${username} works as ${found}`);
} catch (error) {
  console.error(`flue schema: ${error.message}`);
  process.exitCode = 1;
}
