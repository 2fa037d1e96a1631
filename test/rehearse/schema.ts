import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FlueDatabase, FlueFargateService, FlueImage, FlueNetwork, FlueSchemaCleanup } from '../../src';
import { findPostgres, startPostgres } from '../../src/cli/rehearse/postgres/embedded';
import { freePort } from '../../src/cli/rehearse/runtime/port';
import { addSchemaOfFleet } from '../../src/database/flue-schema';

/**
 * Makes schemas as a task does: with the command and the variables of the synthesized container, on a real Postgres over verified TLS.
 *
 * Then a real Flue server works in one of them, with no more than its connection string. In the end the task of a FlueSchemaCleanup drops the
 * one whose stack is gone.
 */

const AGENTS = join(__dirname, '..', '..', 'examples', 'agents');
const PASSWORDS = { agents: 'agents-4d21f0', others: 'others-90ab77' };

type Check = (name: string, problem: string | undefined) => void;
type Variables = { readonly [name: string]: string };
interface Container {
  readonly Name: string;
  readonly EntryPoint: string[];
  readonly Command: string[];
  readonly Environment?: { readonly Name: string; readonly Value: string }[];
  readonly Secrets: { readonly Name: string }[];
}
interface Ended {
  readonly code: number | null;
  readonly output: string;
}

interface Containers {
  readonly alone: Container;
  readonly ofFour: Container;
  readonly ofEight: Container;
  readonly ofPreview: Container;
  readonly cleanup: Container;
}

/** The containers that make a schema, for a service by itself, for one of a fleet and for a preview; and the one that drops. */
function makers(): Containers {
  const stack = new Stack(new App(), 'Stack');
  const vpc = new FlueNetwork(stack, 'Network').vpc;
  const database = new FlueDatabase(stack, 'Database', { vpc });
  const image = FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { caBundlePath: '/ca.pem' });
  const fleet = (partition: string, schemaName: string) => addSchemaOfFleet(database, schemaName, {}, { fleet: 'fleet', partition });
  const schemas = { alone: database.addSchema('Agents'), ofFour: fleet('lastCharacter of 4', 'four'), ofEight: fleet('lastCharacter of 8', 'eight') };
  const shared = FlueDatabase.fromAdministratorSecret(stack, 'Shared', {
    administrator: Secret.fromSecretNameV2(stack, 'Administrator', 'administrator'), host: 'localhost', databaseName: 'flue', vpc,
  });
  const ofPreview = shared.addSchema('Preview', { removalPolicy: RemovalPolicy.DESTROY });
  new FlueSchemaCleanup(stack, 'Cleanup', { database: shared });
  Object.entries({ ...schemas, ofPreview }).forEach(([id, schema]) => new FlueFargateService(stack, id, { image, vpc, database: schema }));
  const definitions = Object.entries(Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition'));
  const of = (id: string, name = 'Schema'): Container => {
    const [, definition] = definitions.find(([logicalId]) => logicalId.startsWith(id))!;
    return definition.Properties.ContainerDefinitions.find(({ Name }: Container) => Name === name);
  };
  return { alone: of('alone'), ofFour: of('ofFour'), ofEight: of('ofEight'), ofPreview: of('ofPreview'), cleanup: of('Cleanup', 'Drop') };
}

async function run(container: Container, values: Variables, caFile: string, overrides: Variables = {}): Promise<Ended> {
  const stated = Object.fromEntries((container.Environment ?? []).map(({ Name, Value }) => [Name, Value]));
  const secrets = Object.fromEntries(container.Secrets.map(({ Name }) => [Name, values[Name]]));
  const [command, ...args] = [...container.EntryPoint, ...container.Command];
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...stated, ...secrets, ...overrides, NODE_EXTRA_CA_CERTS: caFile }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  [child.stdout, child.stderr].forEach(stream => stream.setEncoding('utf8').on('data', text => output += text));
  const [code] = await once(child, 'close');
  return { code, output };
}

/** A process of the example, whose output is kept. */
class Running {
  public static start(args: string[], environment: Variables): Running {
    const node = join(AGENTS, 'node_modules', 'node', 'bin', 'node');
    return new Running(spawn(node, args, { cwd: AGENTS, env: { PATH: process.env.PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  public output = '';

  private constructor(private readonly child: ChildProcess) {
    [child.stdout!, child.stderr!].forEach(stream => stream.setEncoding('utf8').on('data', text => this.output += text));
  }

  public async says(pattern: RegExp): Promise<RegExpMatchArray[]> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const found = [...this.output.matchAll(pattern)];
      if (found.length > 0) {
        await sleep(100);
        return [...this.output.matchAll(pattern)];
      }
      await sleep(100);
    }
    throw new Error(`nothing like ${pattern} in:\n${this.output}`);
  }

  public async stop(): Promise<void> {
    const ended = this.child.exitCode === null ? once(this.child, 'close') : undefined;
    this.child.kill('SIGTERM');
    await ended;
  }
}

/** A prompt to the server, and its reply. */
async function ask(port: number, message: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/agents/assistant/customer-1`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }), signal: AbortSignal.timeout(30_000),
  });
  const body = await response.json() as { result?: { text?: string } };
  return body.result?.text ?? `${response.status}: ${JSON.stringify(body)}`;
}

async function serve(environment: Variables, message: string): Promise<string> {
  const port = await freePort();
  const server = Running.start(['dist/server.mjs'], { ...environment, PORT: String(port) });
  try {
    for (let attempt = 0; attempt < 150 && !(await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.ok; attempt++) {
      await sleep(100);
    }
    return await ask(port, message).catch(error => `${error}\n${server.output}`);
  } finally {
    await server.stop();
  }
}

export async function makeSchemas(check: Check): Promise<void> {
  const manifest = findPostgres([AGENTS]);
  const postgres = await startPostgres(manifest, 'localhost');
  const administrator = new URL(postgres.url);
  const { Client } = createRequire(manifest)('pg');
  const urlOf = (role: string, password: string): string => {
    const url = new URL(postgres.url);
    Object.assign(url, { username: role, password });
    return url.href;
  };
  const values = (role: string, password: string): Variables => ({
    SCHEMA_URL: urlOf(role, password), ADMIN_USER: administrator.username, ADMIN_PASSWORD: postgres.password,
  });
  /** What a role is told by Postgres, or refused. */
  const query = async (role: string, password: string, sql: string): Promise<string> => {
    const client = new Client({ host: 'localhost', port: Number(administrator.port), user: role, password, database: postgres.name, ssl: { rejectUnauthorized: false } });
    try {
      await client.connect();
      return JSON.stringify((await client.query(sql)).rows);
    } catch (error) {
      return (error as Error).message;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const said = (ended: Ended, code: number, pattern: RegExp) => ended.code === code && pattern.test(ended.output) ? undefined : `exit code ${ended.code}: ${ended.output}`;
  const equal = (got: string, wanted: string) => got === wanted ? undefined : got;
  const { alone, ofFour, ofEight, ofPreview, cleanup } = makers();
  /** A preview is made, made again after it was closed and opened, and dropped. */
  const dropSchemas = async (): Promise<void> => {
    const [first, second, none] = ['a1', 'b2', 'c3'].map(id => `arn:aws:cloudformation:eu-central-1:111122223333:stack/Preview-17/${id}`);
    const asMaster = (role: string): Variables => ({ SCHEMA_URL: urlOf(role, 'p'), ADMIN_USER: 'master', ADMIN_PASSWORD: 'm' });
    const makeFor = (role: string, SCHEMA_STACK: string) => run(ofPreview, asMaster(role), postgres.caFile, { SCHEMA_STACK });
    const drop = (STACK: string) => run(cleanup, asMaster('pr_17'), postgres.caFile, {
      STACK, DATABASE_HOST: administrator.hostname, DATABASE_PORT: administrator.port, DATABASE_NAME: postgres.name,
    });
    const rest = async (): Promise<string> => JSON.parse(await query(administrator.username, postgres.password,
      'SELECT rolname FROM pg_roles WHERE shobj_description(oid, \'pg_authid\') LIKE \'made by cdk-flue%\' UNION SELECT nspname || \'.\' FROM pg_namespace '
      + 'WHERE pg_get_userbyid(nspowner) IN (\'agents\', \'others\', \'pr_17\', \'pr_18\') ORDER BY 1')).map(({ rolname }: any) => rolname).join(' ');
    const among = (...names: string[]) => names.flatMap(text => text.split(' ')).sort().join(' ');
    const before = await rest();
    // as on RDS, whose administrator makes roles and is no superuser
    const madeMaster = await query(administrator.username, postgres.password,
      `CREATE ROLE master LOGIN CREATEROLE PASSWORD 'm'; GRANT CREATE ON DATABASE "${postgres.name}" TO master`);
    check('drop: an administrator is no superuser', equal(madeMaster, 'undefined'));

    check('drop: previews get schemas that name their stack', said(await makeFor('pr_17', first), 0, /pr_17 is there/) ?? said(await makeFor('pr_18', none), 0, /pr_18 is there/));
    check('drop: a stack without a schema takes nothing along', said(await drop(second), 0, /Preview-17\/b2 had none/)
      ?? equal(await rest(), among(before, 'pr_17 pr_17. pr_18 pr_18.')));
    check('drop: a preview that is made anew keeps its conversations when the end of the old one is told late',
      equal(await query('pr_17', 'p', 'CREATE TABLE kept AS SELECT 1 AS one'), '[]')
        ?? said(await makeFor('pr_17', second), 0, /pr_17 is there/) ?? said(await drop(first), 0, /had none/)
        ?? equal(await query('pr_17', 'p', 'SELECT one FROM kept'), '[{"one":1}]'));

    check('drop: a schema that is to stay after all names no stack any more', said(await run(alone, asMaster('pr_18'), postgres.caFile), 0, /pr_18 is there/)
      ?? said(await drop(none), 0, /had none/) ?? said(await makeFor('pr_18', none), 0, /pr_18 is there/));

    const open = new Client({ host: 'localhost', port: Number(administrator.port), user: 'pr_17', password: 'p', database: postgres.name, ssl: { rejectUnauthorized: false } });
    open.on('error', () => undefined);
    await open.connect();
    const dropped = await drop(second);
    check('drop: the schema of a stack that is gone goes, with its role, its tables and its sessions', said(dropped, 0, /dropped pr_17 of arn:/)
      ?? equal(await rest(), among(before, 'pr_18 pr_18.'))
      ?? await open.query('SELECT 1').then(() => 'its session works on', () => undefined));
    await open.end().catch(() => undefined);
    check('drop: no password is printed', /\bm\b/.test(dropped.output) ? dropped.output : undefined);
    check('drop: told twice, it finds nothing', said(await drop(second), 0, /had none/));
    check('drop: no schema that stays with its database is one of a stack', said(await drop(none), 0, /dropped pr_18/) ?? equal(await rest(), before));
    check('drop: what is no stack is refused', said(await drop('\' OR true --'), 1, /is no id of a stack/) ?? equal(await rest(), before));
    check('drop: a schema of no stack is none of them', said(await makeFor('pr_18', '\''), 1, /is no id of a stack/) ?? equal(await rest(), before));
  };
  try {
    const started = Date.now();
    const make = (role: keyof typeof PASSWORDS) => run(alone, values(role, PASSWORDS[role]), postgres.caFile);
    const four = await Promise.all([make('agents'), make('agents'), make('agents'), make('agents')]);
    check(`schema: four containers make it at once (${((Date.now() - started) / 1000).toFixed(1)} s)`, four.map(ended => said(ended, 0, /agents is there/)).find(Boolean));
    check('schema: a container that runs again finds it', said(await make('agents'), 0, /agents is there/));
    const printed = [...four, await make('others')].map(({ output }) => output).join('');
    check('schema: no password is printed', [postgres.password, ...Object.values(PASSWORDS)].some(secret => printed.includes(secret)) ? printed : undefined);

    const asAgents = (sql: string) => query('agents', PASSWORDS.agents, sql);
    check('schema: the role works in its own', equal(await asAgents('SELECT current_user AS role, current_schema() AS schema'), '[{"role":"agents","schema":"agents"}]'));
    check('schema: it is no superuser, and makes no roles', equal(await asAgents('SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user'),
      '[{"rolsuper":false,"rolcreaterole":false}]'));
    check('schema: it can create nothing in public', equal(await asAgents('CREATE TABLE public.planted (id int)'), 'permission denied for schema public'));
    check('schema: it can create nothing in the schema of another', equal(await asAgents('CREATE TABLE others.planted (id int)'), 'permission denied for schema others'));
    const stranger = await query('agents', 'wrong', 'SELECT 1');
    check('schema: nobody logs in with another password', /password authentication failed/.test(stranger) ? undefined : stranger);

    const otherAuthority = run(alone, values('agents', PASSWORDS.agents), join(__dirname, 'run.ts'));
    const models = Running.start(['test/support/echo-model.ts'], {});
    try {
      const model = Object.fromEntries((await models.says(/^export (\w+)=(.*)$/gm)).map(([, name, value]) => [name, value]));
      const environment = {
        ...model, DATABASE_URL: urlOf('agents', PASSWORDS.agents), NODE_EXTRA_CA_CERTS: postgres.caFile, NODE_OPTIONS: '--unhandled-rejections=warn',
      };
      check('schema: a Flue server answers in it', equal(await serve(environment, 'hello'), 'turn 1: hello'));
      check('schema: the next one goes on, after the container has run once more', said(await make('agents'), 0, /agents is there/)
        ?? equal(await serve(environment, 'again'), 'turn 2: again'));
      const others = { ...environment, DATABASE_URL: urlOf('others', PASSWORDS.others) };
      check('schema: the server of another begins by itself', equal(await serve(others, 'hello'), 'turn 1: hello'));
    } finally {
      await models.stop();
    }
    const tables = JSON.parse(await asAgents('SELECT schemaname, count(*)::int AS tables FROM pg_tables WHERE schemaname IN (\'public\', \'agents\', \'others\') GROUP BY 1 ORDER BY 1'));
    check('schema: each has the tables of its server, and public none', tables.length === 2 && tables.every(({ schemaname, tables: count }: any) => schemaname !== 'public' && count >= 3)
      ? undefined : JSON.stringify(tables));
    check('schema: the tables of another cannot be read', equal(await asAgents(`SELECT * FROM others.${JSON.parse(
      await asAgents('SELECT tablename FROM pg_tables WHERE schemaname = \'others\' LIMIT 1'))[0].tablename}`), 'permission denied for schema others'));

    check('schema: a role that was there is not taken over', said(await run(alone, values(administrator.username, 'x'), postgres.caFile), 1, /cdk-flue did not make it/));
    check('schema: a fleet agrees on its partition', said(await run(ofFour, values('shard0', 'a'), postgres.caFile), 0, /shard0 is there/)
      ?? said(await run(ofFour, values('shard1', 'b'), postgres.caFile), 0, /shard1 is there/));
    for (const [what, container, role] of [['its own schema', ofEight, 'shard0'], ['a neighbour', ofEight, 'shard7'], ['no fleet', alone, 'shard1']] as const) {
      check(`schema: another partition is refused, by ${what}`, said(await run(container, values(role, 'a'), postgres.caFile), 1, /conversations would be split/));
    }
    await dropSchemas();
    const refused = await otherAuthority;
    check('schema: a certificate of another authority is refused, for a minute', said(refused, 1, /certificate/));
  } finally {
    await postgres.close();
  }
}
