import { HEALTH, PORT_BOUND, STARTUP } from './boot';
import { judge, seconds, type Check, type Outcome } from './check';
import { SECRETS } from './secrets';
import { DATABASE_USED, WRITE } from './state';
import { DATABASE_URL } from '../../../invariants/template/variables';
import { CliFailure } from '../../failure';
import type { ServicePlan } from '../discovery/service-plan';
import { within } from '../runtime/runtime';
import type { Session } from '../session';

/** How long the drill waits for state. */
const PATIENCE_MS = 5000;
const LOG = 'Read the log of the server.';

/** Without state that was written and a way to ask for it, a restored database shows nothing. */
function nothingToRestore(session: Session): string | undefined {
  const needed = (['write', 'read'] as const).find(name => !session.probe(name));
  return needed ? `the probes name no request \`${needed}\`` : ['database', 'write'].some(id => session.failed.has(id)) ? 'no state was accepted' : undefined;
}
const noBackup = (session: Session): string | undefined => session.backup ? undefined : 'there is no backup';

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** Starts the server anew on the database that there is now. */
async function restart(session: Session): Promise<Outcome | undefined> {
  await session.kill();
  const boot = await session.boot(session.plan.startupBudgetSeconds);
  return boot.bound === undefined ? { status: 'fail', measured: 'the server does not start', limit: 'a start', fix: LOG, log: session.tail(boot.server) } : undefined;
}

async function read(session: Session, expected: boolean, fix: string): Promise<Outcome> {
  const probe = session.probe('read')!;
  // a server that lost its database may answer an error, late, or not at all
  const answer = await within(session.send(probe).catch(() => undefined), PATIENCE_MS);
  const isThere = answer !== undefined && isSuccess(answer.status);
  return judge(isThere === expected, `${probe.method} ${probe.path} answers ${answer?.status ?? 'nothing'}`, expected ? '2xx' : 'no 2xx', fix);
}

const BACKUP: Check = {
  id: 'backup',
  title: 'The database is copied while the server runs',
  skip: nothingToRestore,
  async run(session) {
    const started = performance.now();
    session.backup = await session.database!.backUp();
    return judge(session.backup.bytes > 0, `${Math.ceil(session.backup.bytes / 1e6)} MB in ${seconds((performance.now() - started) / 1000)}`, 'a copy', LOG);
  },
};

/** The drill proves nothing where the state would be there without the backup. */
const LOSS: Check = {
  id: 'loss',
  title: 'Without that database, the state is gone',
  skip: noBackup,
  async run(session) {
    await session.database!.destroy();
    return read(session, false, 'Have the app read its state from the database: what is in memory is lost with the process.');
  },
};

const RESTORED: Check = {
  id: 'restore',
  title: 'A new database with the copy has the state',
  skip: noBackup,
  async run(session) {
    const started = performance.now();
    session.database = await session.backup!.restore();
    const outcome = await restart(session) ?? await read(session, true, 'Have `db.ts` export the Postgres adapter, so that the state is in the database.');
    return outcome.status === 'pass' ? { ...outcome, measured: `${outcome.measured}, ${seconds((performance.now() - started) / 1000)} after the restore began` } : outcome;
  },
};

const GOES_ON: Check = {
  id: 'continue',
  title: 'The restored server accepts more',
  skip: session => noBackup(session) ?? (session.failed.has('restore') ? 'the state was not restored' : undefined),
  async run(session) {
    const probe = session.probe('write')!;
    const answer = await session.write();
    const outcome = judge(isSuccess(answer!.status), `${probe.method} ${probe.path} answers ${answer!.status}`, '2xx', LOG, { log: session.tail(session.server!) });
    return outcome.status === 'pass' ? read(session, true, LOG) : outcome;
  },
};

/** Refuses a drill of a service that keeps its state in memory. */
export function requireDatabase({ container }: ServicePlan): void {
  if (!container.secrets.includes(DATABASE_URL)) {
    throw new CliFailure('The service has no DATABASE_URL, so there is no database to restore.', 'Give the service a `database`: what is in memory cannot be restored.');
  }
}

/** A drill of a restore, in its order. */
export const RESTORE_CHECKS: readonly Check[] = [PORT_BOUND, STARTUP, HEALTH, DATABASE_USED, WRITE, BACKUP, LOSS, RESTORED, GOES_ON, SECRETS];
