import { judge, seconds, skipped, type Check } from './check';
import type { Answer } from '../http/request';
import { saidIn } from '../log';
import { PROBES_FILE } from '../probes';
import type { Session } from '../session';

const noDatabase = ({ database }: Session): string | undefined => database ? undefined : 'the service has no DATABASE_URL';

/** The server's own reason for an answer that is no success. */
function refusalOf({ secrets }: Session, { status, body }: Answer): string {
  return status >= 300 ? saidIn(body, Object.values(secrets)) : '';
}

export const DATABASE_USED: Check = {
  id: 'database',
  title: 'It keeps its state in the database, over verified TLS',
  skip: noDatabase,
  async run({ database }) {
    const { tables, plain } = await database!.inspect();
    if (plain > 0) {
      return { status: 'fail', measured: `${plain} connections without TLS`, limit: 'TLS', fix: 'Pass DATABASE_URL to the driver unchanged. It ends in sslmode=verify-full.' };
    }
    return judge(tables > 0, `${tables} tables in ${database!.name}`, '≥ 1 table',
      'Add a `db.ts` that passes DATABASE_URL to `@flue/postgres`. Without it, the server keeps its state in memory.');
  },
};

/** Writes before the restart that the check of SIGTERM makes. */
export const WRITE: Check = {
  id: 'write',
  title: 'It accepts state',
  skip: session => session.probe('write') ? undefined : `${PROBES_FILE} names no request \`write\` that makes some`,
  async run(session) {
    const probe = session.probe('write')!;
    const answer = await session.write();
    return judge(answer!.status >= 200 && answer!.status < 300, `${probe.method} ${probe.path} answers ${answer!.status} after ${seconds(answer!.milliseconds / 1000)}${refusalOf(session, answer!)}`, '2xx',
      `Correct \`write\` in ${PROBES_FILE}, or the route that it calls.`, { log: session.tail(session.server!) });
  },
};

export const RESTART: Check = {
  id: 'restart',
  title: 'State accepted before a restart is there after it',
  skip: session => session.failed.has('write') || !session.probe('write') ? 'no state was accepted' : session.startObstacle,
  async run(session) {
    const probe = session.probe('read');
    if (!probe) {
      return skipped(`${PROBES_FILE} names no request \`read\` that asks for it`);
    }
    await session.kill();
    const boot = await session.boot(session.plan.startupBudgetSeconds);
    if (boot.bound === undefined) {
      return { status: 'fail', measured: 'the server does not start a second time', limit: 'a restart', fix: 'Read the log of the server.', log: session.tail(boot.server) };
    }
    const answer = await session.send(probe);
    const kept = answer.status >= 200 && answer.status < 300;
    const measured = `${probe.method} ${probe.path} answers ${answer.status}${refusalOf(session, answer)}`;
    if (!session.database) {
      return { status: 'pass', measured: `${measured}: the state is ${kept ? 'kept' : 'lost'}`, limit: 'none: without a database, a restart loses the state' };
    }
    return judge(kept, measured, '2xx', 'Have `db.ts` export the Postgres adapter, so that the state is in the database.');
  },
};
