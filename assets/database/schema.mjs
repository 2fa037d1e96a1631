// Makes the role and the schema of a Flue server, before the server starts. It runs in the server's own image, so it has no dependency.
//
// SCHEMA_URL                        connection string of the server; its user is the name of the role and of the schema
// ADMIN_USER, ADMIN_PASSWORD        who may create roles and schemas there
// SCHEMA_FLEET, SCHEMA_PARTITION    for a server that shares its conversations out with others: who they are, and how
// SCHEMA_STACK                      for a schema that goes with a stack of CloudFormation: its id
//
// It is safe to run again, and by several at once: all it changes is one transaction behind one lock.
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, isIP } from 'node:net';
import { connect as encrypt } from 'node:tls';

const SSL_REQUEST = 80877103, PROTOCOL = 196608, SASL = 10;
// what keeps the server waiting for a database that is not there yet, in milliseconds, and what a silent one gets
const PATIENCE = 60000, PAUSE = 2000, SILENCE = 20000;
const STACK_ID = /^arn:[\w-]+:cloudformation:[\w-]+:\d+:stack\/[\w-]+\/[\w-]+$/;
const { SCHEMA_URL, ADMIN_USER, ADMIN_PASSWORD, SCHEMA_FLEET, SCHEMA_PARTITION, SCHEMA_STACK } = process.env;

const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const hash = data => createHash('sha256').update(data).digest();
const xor = (one, other) => one.map((byte, index) => byte ^ other[index]);
const int32 = number => { const bytes = Buffer.alloc(4); bytes.writeInt32BE(number); return bytes; };

// a message of the protocol: texts end with a zero byte, buffers are as they are
function message(type, ...parts) {
  const body = Buffer.concat(parts.map(part => typeof part === 'string' ? Buffer.from(`${part}\0`) : part));
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

async function* messagesOf(socket) {
  let held = Buffer.alloc(0);
  for await (const chunk of socket) {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 5 && held.length > held.readUInt32BE(1)) {
      const end = held.readUInt32BE(1) + 1;
      const type = String.fromCharCode(held[0]), body = held.subarray(5, end);
      held = held.subarray(end);
      if (type === 'E') {
        const fields = body.toString().split('\0');
        const field = key => fields.find(text => text.startsWith(key))?.slice(1) ?? '';
        throw new Error(`${field('M')} (${field('C')})`);
      }
      yield { type, body };
    }
  }
  throw new Error('Postgres closed the connection');
}

const limitSilence = socket => socket.setTimeout(SILENCE, () => socket.destroy(new Error(`Postgres was silent for ${SILENCE / 1000} s`)));

// a session over TLS, in which the name on the certificate is that of the host
async function open({ hostname, port, pathname }, user, password) {
  const plain = connect(Number(port || 5432), hostname);
  limitSilence(plain);
  await once(plain, 'connect');
  plain.write(message('', int32(SSL_REQUEST)));
  const [answer] = await once(plain, 'data');
  if (answer.toString() !== 'S') {
    throw new Error('Postgres does not offer TLS');
  }
  const socket = encrypt({ socket: plain, host: hostname, ...isIP(hostname) ? {} : { servername: hostname } });
  await once(socket, 'secureConnect');
  plain.setTimeout(0);
  limitSilence(socket);
  const messages = messagesOf(socket);
  const next = async type => {
    for (;;) {
      const { value } = await messages.next();
      if (value.type === type) {
        return value.body;
      }
    }
  };
  socket.write(message('', int32(PROTOCOL), 'user', user, 'database', decodeURIComponent(pathname.slice(1)), Buffer.from('\0')));
  await authenticate(password, next, (...parts) => socket.write(message('p', ...parts)));
  await next('Z');
  return {
    // the first column of the last row
    ask: async sql => {
      socket.write(message('Q', sql));
      let answer;
      for (;;) {
        const { value: { type, body } } = await messages.next();
        if (type === 'D') {
          answer = body.subarray(6, 6 + body.readInt32BE(2)).toString();
        } else if (type === 'Z') {
          return answer;
        }
      }
    },
    close: () => socket.end(message('X')),
  };
}

// SCRAM-SHA-256 (RFC 5802, RFC 7677): the password itself does not cross the network
async function authenticate(password, next, reply) {
  const request = await next('R');
  if (request.readInt32BE(0) !== SASL || !request.includes('SCRAM-SHA-256\0')) {
    throw new Error('Postgres must ask for SCRAM-SHA-256: set the password anew with password_encryption = scram-sha-256');
  }
  const nonce = randomBytes(18).toString('base64'), bare = `n=,r=${nonce}`, first = Buffer.from(`n,,${bare}`);
  reply('SCRAM-SHA-256', int32(first.length), first);
  const challenge = (await next('R')).subarray(4).toString();
  const { r, s, i } = Object.fromEntries(challenge.split(',').map(part => [part[0], part.slice(2)]));
  if (!r.startsWith(nonce)) {
    throw new Error('the answer belongs to another login');
  }
  const salted = saltedPassword(password, Buffer.from(s, 'base64'), Number(i));
  const key = hmac(salted, 'Client Key'), final = `c=biws,r=${r}`, said = `${bare},${challenge},${final}`;
  reply(Buffer.from(`${final},p=${xor(key, hmac(hash(key), said)).toString('base64')}`));
  if ((await next('R')).subarray(4).toString() !== `v=${hmac(hmac(salted, 'Server Key'), said).toString('base64')}`) {
    throw new Error('Postgres does not know the password that it asks for');
  }
}

const saltedPassword = (password, salt, rounds) => pbkdf2Sync(password.normalize('NFKC'), salt, rounds, 32, 'sha256');

// what Postgres stores of a password: the password itself is in no statement, and so in no log
function verifierOf(password, salt = randomBytes(16), rounds = 4096) {
  const salted = saltedPassword(password, salt, rounds);
  const [stored, server] = [hash(hmac(salted, 'Client Key')), hmac(salted, 'Server Key')].map(key => key.toString('base64'));
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${stored}:${server}`;
}

// what a role says of itself; one that goes with a stack names it
const MADE = 'made by cdk-flue for the schema of the same name';
const markOf = stack => stack ? `${MADE}, in ${stack}` : MADE;

function statements(role, password) {
  const fleet = SCHEMA_FLEET ? `cdk-flue fleet ${SCHEMA_FLEET}: ` : '';
  const wanted = fleet ? `'${fleet}${SCHEMA_PARTITION}'` : 'NULL';
  return `SELECT pg_advisory_xact_lock(hashtext('cdk-flue'));
DO $$
DECLARE
  wanted text := ${wanted};
  was text;
  other record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
    CREATE ROLE "${role}";
  ELSIF NOT starts_with(coalesce((SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = '${role}'), ''), '${MADE}') THEN
    RAISE EXCEPTION 'there is a role ${role} already, and cdk-flue did not make it: choose another schemaName';
  END IF;
  COMMENT ON ROLE "${role}" IS '${markOf(SCHEMA_STACK)}';
  GRANT "${role}" TO CURRENT_USER;
  SELECT pg_get_userbyid(nspowner) AS owner, obj_description(oid, 'pg_namespace') AS comment INTO other FROM pg_namespace WHERE nspname = '${role}';
  IF FOUND THEN
    was := CASE WHEN starts_with(other.comment, 'cdk-flue fleet ') THEN other.comment END;
    IF other.owner <> '${role}' THEN
      RAISE EXCEPTION 'the schema ${role} belongs to the role %: choose another schemaName', other.owner;
    ELSIF was IS DISTINCT FROM wanted THEN
      RAISE EXCEPTION 'the schema ${role} was made for "%", and this server is of "%": conversations would be split. Move them first',
        coalesce(was, 'one server'), coalesce(wanted, 'one server');
    END IF;
  ELSE
    CREATE SCHEMA "${role}" AUTHORIZATION "${role}";
  END IF;
  SELECT nspname AS schema, obj_description(oid, 'pg_namespace') AS comment INTO other FROM pg_namespace
    WHERE starts_with(obj_description(oid, 'pg_namespace'), '${fleet}') AND obj_description(oid, 'pg_namespace') <> wanted LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the schema % was made for "%", and this server is of "%": conversations would be split. Move them first',
      other.schema, other.comment, wanted;
  END IF;
  IF wanted IS NOT NULL THEN
    EXECUTE format('COMMENT ON SCHEMA "${role}" IS %L', wanted);
  END IF;
END $$;
ALTER ROLE "${role}" LOGIN PASSWORD '${verifierOf(password)}';
ALTER ROLE "${role}" SET search_path = "${role}"`;
}

// tries again while the database starts, moves or takes no more connections
async function openPatiently(url, user, password) {
  for (const end = Date.now() + PATIENCE; ;) {
    try {
      return await open(url, user, password);
    } catch (error) {
      if (Date.now() > end) {
        throw error;
      }
      console.error(`flue schema: ${error.message}: trying again`);
      await new Promise(resolve => setTimeout(resolve, PAUSE));
    }
  }
}

try {
  const url = new URL(SCHEMA_URL), role = url.username, password = decodeURIComponent(url.password);
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(role) || ![SCHEMA_FLEET, SCHEMA_PARTITION].every(text => /^[\w .-]*$/.test(text ?? ''))) {
    throw new Error('the names of the schema, the fleet and the partition must be plain');
  }
  if (SCHEMA_STACK && !STACK_ID.test(SCHEMA_STACK)) {
    throw new Error(`${SCHEMA_STACK} is no id of a stack`);
  }
  const administrator = await openPatiently(url, ADMIN_USER, ADMIN_PASSWORD);
  await administrator.ask(statements(role, password));
  administrator.close();
  // the server will log in like this
  const server = await open(url, role, password);
  const schema = await server.ask('SELECT current_schema()');
  server.close();
  if (schema !== role) {
    throw new Error(`the role ${role} finds the schema ${schema}`);
  }
  console.log(`flue schema: ${role} is there`);
} catch (error) {
  console.error(`flue schema: ${error.message}`);
  process.exitCode = 1;
}
