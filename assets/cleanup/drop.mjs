// Drops the schemas and the roles that went with a stack of CloudFormation, after the stack is gone.
//
// STACK                                              the id of the stack
// DATABASE_HOST, DATABASE_PORT, DATABASE_NAME        where the schemas are
//
// It follows the program that makes a schema, whose functions and variables it has. It drops what names this one stack: one that was
// made anew under the same name has another id.
const { STACK, DATABASE_HOST, DATABASE_PORT, DATABASE_NAME } = process.env;

const ofStack = () => `shobj_description(oid, 'pg_authid') = '${markOf(STACK)}'`;

// the sessions of a server that was stopped may take a while to end
const dropping = () => `SELECT pg_advisory_xact_lock(hashtext('cdk-flue'));
DO $$
DECLARE
  role text;
BEGIN
  FOR role IN SELECT rolname FROM pg_roles WHERE ${ofStack()} LOOP
    EXECUTE format('GRANT %I TO CURRENT_USER', role);
    EXECUTE format('ALTER ROLE %I NOLOGIN', role);
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = role;
    EXECUTE format('DROP OWNED BY %I CASCADE', role);
    EXECUTE format('DROP ROLE %I', role);
  END LOOP;
END $$`;

try {
  if (!STACK_ID.test(STACK ?? '')) {
    throw new Error(`${STACK} is no id of a stack`);
  }
  const url = { hostname: DATABASE_HOST, port: DATABASE_PORT, pathname: `/${encodeURIComponent(DATABASE_NAME)}` };
  const administrator = await openPatiently(url, ADMIN_USER, ADMIN_PASSWORD);
  const roles = await administrator.ask(`SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM pg_roles WHERE ${ofStack()} HAVING count(*) > 0`);
  if (roles) {
    await administrator.ask(dropping());
  }
  administrator.close();
  console.log(roles ? `flue schema: dropped ${roles} of ${STACK}` : `flue schema: ${STACK} had none`);
} catch (error) {
  console.error(`flue schema: ${error.message}`);
  process.exitCode = 1;
}
