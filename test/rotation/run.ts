import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Service, synthesizeTasks, type Task } from './task';
import { STEPS, Vault } from './vault';
import { findPostgres, startPostgres } from '../../src/cli/rehearse/postgres/embedded';
import { check, counted } from '../shards/judge';
import { Clients, LATE_IN_FAULTS_MS } from '../shards/load';
import { Model } from '../shards/model';
import '../support/only-synthesize.cjs';

/**
 * Passwords rotate under a real Flue server, on a real Postgres over verified TLS, with the containers of a synthesized task.
 *
 * A stand-in takes the four steps of the rotation function of AWS. The deployments that follow are those of `recreate()`.
 */

/** Replies that have to come between two rotations. */
const FEWEST_REPLIES = 15;
const AGENTS = join(__dirname, '..', '..', 'examples', 'agents');

interface World {
  readonly service: Service;
  readonly vault: Vault;
  readonly task: Task;
  readonly owner: string;
  readonly schema: string;
}

async function attempt(work: () => Promise<unknown>): Promise<string | undefined> {
  return work().then(() => undefined, error => (error as Error).message);
}

/** A migration as Flue makes one at its start: what one login has made, the other one changes. */
async function migrate({ vault, owner, schema }: World, round: number): Promise<string | undefined> {
  return vault.ask(vault.login, async query => {
    if (round === 1) {
      await query('CREATE TABLE migrated (id int)');
    }
    await query(`ALTER TABLE migrated ADD COLUMN of_${round} int`);
    const { rows } = await query('SELECT schemaname AS schema, tableowner AS owner, count(*)::int AS count FROM pg_tables '
      + 'WHERE tablename LIKE \'flue\\_%\' OR tablename = \'migrated\' GROUP BY 1, 2');
    const [found] = rows.filter(row => row.schema === schema);
    const ofOne = rows.filter(row => row.schema === schema).length === 1;
    return ofOne && found.owner === owner && Number(found.count) > 5 ? undefined : JSON.stringify(rows);
  });
}

/** Closes the connections of a login: its server opens new ones with the password that it has. */
async function disconnect({ vault }: World, username: string): Promise<void> {
  await vault.ask(vault.login, async query => {
    // the other login is a member of the owner alone, so its sessions end by the hand of the login itself
    await query('SET ROLE NONE');
    await query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${username}' AND pid <> pg_backend_pid()`);
  });
}

/** Rotates under a load of prompts; each rotation is followed by the deployment that it causes. */
async function underLoad(what: string, world: World, rotations: number): Promise<void> {
  const { service, vault, task } = world;
  const clients = new Clients({ port: service.port, shards: 1, concurrency: 4, turns: 3, lateMs: LATE_IN_FAULTS_MS });
  const away: { from: number; to: number }[] = [];
  const problems: string[] = [];
  const replies = async () => {
    const enough = clients.tally.milliseconds.length + FEWEST_REPLIES;
    for (let waited = 0; clients.tally.milliseconds.length < enough && waited < 600; waited++) {
      await sleep(100);
    }
  };
  for (let round = 1; round <= rotations; round++) {
    await replies();
    const before = vault.login.username;
    await vault.rotate();
    // the server still has the login whose turn is over
    problems.push(.../^turn 1: after/.test(await service.prompt(`${what}-${round}`, 'after')) ? [] : [`round ${round}: the server of ${before} does not answer`]);
    await replies();
    const from = Date.now();
    await service.deploy(task, vault.secretString);
    away.push({ from, to: Date.now() + 1000 });
    const migrated = await migrate(world, round);
    problems.push(...vault.login.username === before ? [`round ${round}: the login stayed ${before}`] : [], ...migrated ? [`round ${round}: ${migrated}`] : []);
    await replies();
  }
  const tally = await clients.stop();
  const own = tally.failures.filter(({ status, at }) => status === 503 && away.some(({ from, to }) => at >= from && at <= to));
  check(`${what}: ${rotations} rotations; of ${tally.prompts} prompts 0 lost, 0 late, 0 wrong, 0 cut, and none but the ${own.length} of the deployments refused`,
    (tally.milliseconds.length < rotations * FEWEST_REPLIES * 3 || tally.lost + tally.late + tally.wrong.length + tally.cut.size > 0
      || own.length !== tally.failures.length)
    && `${tally.milliseconds.length} answered, ${tally.lost} lost, ${tally.late} late, ${tally.cut.size} cut, ${tally.statuses}\n${tally.wrong.slice(0, 3).join('\n')}`);
  check(`${what}: after each rotation the server of the former login answers, and the next login migrates the tables of the owner`, problems.join('\n'));
}

/** Breaks rotations off. The server that runs, the next one, and the same rotation once more must work. */
async function brokenOff(what: string, { service, vault, task }: World): Promise<void> {
  for (const step of STEPS) {
    const problems: string[] = [];
    const ended = await vault.rotate(step);
    const id = `${what}-${step}`;
    const running = await service.prompt(id, 'running');
    const next = await attempt(() => service.deploy(task, vault.secretString)) ?? await service.prompt(id, 'next');
    const again = await attempt(() => vault.rotate());
    problems.push(...[
      ended && 'it came to its end', !/^turn 1: running/.test(running) && `running: ${running}`, !/^turn 2: next/.test(next) && `next: ${next}`, again && `once more: ${again}`,
    ].flatMap(problem => problem || []));
    await service.deploy(task, vault.secretString);
    check(`${what}: a rotation that fails at ${step} leaves a server that works and one that starts, and ends the next time`, problems.join('\n'));
  }
}

async function main(): Promise<void> {
  const manifest = findPostgres([AGENTS]);
  const database = await startPostgres(manifest, 'localhost');
  const model = await Model.start();
  const service = await Service.listen(database, model.environment);
  try {
    const tasks = synthesizeTasks();
    const ofDatabase: World = { service, vault: new Vault(manifest, database, 'flue_owner_login'), task: tasks.rotating, owner: 'flue_owner', schema: 'public' };
    await service.deploy(tasks.plain, database.url);
    const first = await service.prompt('kept', 'first');
    await service.deploy(ofDatabase.task, ofDatabase.vault.secretString);
    const second = await service.prompt('kept', 'second');
    check('switched on: the conversation of a database without rotation goes on', (!/^turn 1: first/.test(first) || !/^turn 2: second/.test(second)) && `${first}\n${second}`);
    await underLoad('database', ofDatabase, 3);
    await brokenOff('database', ofDatabase);
    await service.deploy(tasks.plain, database.url);
    const third = await service.prompt('kept', 'third');
    check('switched off: the conversation goes on', !/^turn 3: third/.test(third) && third);

    const ofSchema: World = { service, vault: new Vault(manifest, database, 'agents_login'), task: tasks.rotatingSchema, owner: 'agents', schema: 'agents' };
    const plainSchema = Object.assign(new URL(database.url), { username: 'agents', password: 'of-agents' }).href;
    await service.deploy(tasks.schema, plainSchema);
    await service.prompt('kept-too', 'first');
    await service.deploy(ofSchema.task, ofSchema.vault.secretString);
    const inSchema = await service.prompt('kept-too', 'second');
    check('schema, switched on: the conversation goes on', !/^turn 2: second/.test(inSchema) && inSchema);
    const former = await attempt(() => ofSchema.vault.ask({ ...ofSchema.vault.login, username: 'agents', password: 'of-agents' }, query => query('SELECT 1')));
    check('schema, switched on: the role that owns it does not log in any more', !/not permitted to log in/.test(former ?? '') && `got: ${former ?? 'a session'}`);
    await brokenOff('schema', ofSchema);
    // CloudFormation has removed the secret of before, and makes one with another password
    await service.deploy(tasks.schema, plainSchema.replace('of-agents', 'of-agents-again'));
    const another = await service.prompt('kept-too', 'third');
    const forgotten = await attempt(() => ofSchema.vault.ask({ ...ofSchema.vault.login, username: 'agents', password: 'of-agents' }, query => query('SELECT 1')));
    check('schema, switched off: the conversation goes on with another password, and the former one is refused',
      (!/^turn 3: third/.test(another) || !/password authentication failed/.test(forgotten ?? '')) && `${another}\n${forgotten ?? 'a session'}`);
    await service.deploy(ofSchema.task, ofSchema.vault.secretString);
    const onAgain = await service.prompt('kept-too', 'fourth');
    check('schema, switched on again: the conversation goes on', !/^turn 4: fourth/.test(onAgain) && onAgain);

    // what the design rests on, left out
    const of = ofSchema.vault.login;
    await disconnect(ofSchema, of.username);
    await ofSchema.vault.rotate();
    const once = await service.prompt('control', 'one rotation');
    await ofSchema.vault.rotate();
    await disconnect(ofSchema, of.username);
    const twice = await service.prompt('control', 'two rotations');
    check('control: a server that starts anew on its connections works after one rotation, and not after a second one without a deployment',
      (!/one rotation$/.test(once) || /two rotations$/.test(twice)) && `${once}\n${twice}`);
    await service.stop();
    const bare = new Vault(manifest, database, 'bare');
    const { username, password } = new URL(database.url);
    await ofSchema.vault.ask({ ...bare.login, username, password }, async query => {
      await query(`CREATE ROLE bare LOGIN PASSWORD '${bare.login.password}'`);
      await query('CREATE SCHEMA bare');
      await query('GRANT USAGE, CREATE ON SCHEMA bare TO bare');
      await query('ALTER ROLE bare SET search_path = bare');
    });
    await service.start(tasks.rotatingSchema.server, bare.secretString);
    await bare.rotate();
    const clone = await attempt(() => service.deploy({ server: tasks.rotatingSchema.server }, bare.secretString));
    check('control: a server whose second login the function made by itself does not start', clone === undefined && 'it did');
  } finally {
    await service.close();
    model.close();
    await database.close();
  }
  console.log(`${counted.passed} passed, ${counted.failed} failed`);
  process.exitCode = counted.failed === 0 ? 0 : 1;
}

void main();
