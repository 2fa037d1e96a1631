import { setTimeout as sleep } from 'node:timers/promises';
import { judge, seconds, skipped, type Check, type Outcome } from './check';
import { DATABASE_URL } from '../../../invariants/template/variables';
import { shows } from '../redact';
import { within } from '../runtime/runtime';
import type { Session } from '../session';

const noDatabase = ({ database }: Session): string | undefined => database ? undefined : 'the service has no DATABASE_URL';
const noStart = (session: Session): string | undefined => noDatabase(session) ?? session.startObstacle;

/** How long a server may take to work again when its database is back. */
const RECOVERY_MS = 10_000;
/** A process that ends of an outage does it at once, or when a request meets it. */
const SETTLE_MS = 500;

export const OUTAGE: Check = {
  id: 'outage',
  title: 'The server survives a restart of Postgres',
  skip: noStart,
  async run(session) {
    const server = await session.ensureServer();
    if (!server) {
      return skipped('the server did not start again');
    }
    const away = performance.now();
    await session.database!.stop();
    const met = await session.write().then(answer => `a write then answers ${answer?.status}`, (error: Error) => `a write then gets ${error.message}`);
    const stream = session.probe('stream');
    // on Flue 0.10 a prompt, unlike a workflow, leaves a rejection unhandled
    await (stream && session.openStream(stream).then(opened => opened.close(), () => undefined));
    await sleep(SETTLE_MS);
    const alive = !server.hasExited;
    await session.database!.start();
    const gone = `away for ${seconds((performance.now() - away) / 1000)}`;
    if (!alive || server.hasExited) {
      return {
        status: 'fail',
        measured: `the process ended while Postgres was ${gone}`,
        limit: 'survives',
        fix: 'On Flue 0.10, set NODE_OPTIONS=--unhandled-rejections=warn, as the constructs do. On Flue 2, add `pool.on(\'error\', …)` in db.ts.',
        log: session.tail(server),
      };
    }
    return recover(session, `survives Postgres ${gone}${session.probe('write') ? `; ${met}` : ''}`);
  },
};

async function recover(session: Session, survived: string): Promise<Outcome> {
  const back = performance.now();
  const limit = `survives, and works within ${RECOVERY_MS / 1000} s`;
  while (performance.now() - back < RECOVERY_MS) {
    const answer = session.probe('write') ? await session.write().catch(() => undefined) : await session.health().catch(() => undefined);
    if (answer && answer.status >= 200 && answer.status < 300) {
      return { status: 'pass', measured: `${survived}; works ${seconds((performance.now() - back) / 1000)} after it is back`, limit };
    }
    if (session.server === undefined) {
      break;
    }
    await sleep(200);
  }
  return {
    status: 'fail',
    measured: `${survived}; does not work again`,
    limit,
    fix: 'Use a pool that replaces lost connections.',
    log: session.server && session.tail(session.server),
  };
}

export const DATABASE_URL_UNSET: Check = {
  id: 'database-url-unset',
  title: `The server reports that ${DATABASE_URL} is unset`,
  skip: noStart,
  async run(session) {
    const boot = await startWith(session, undefined);
    const says = session.tail(boot.server).length > 0 && (boot.exited || boot.server.output.includes(DATABASE_URL));
    return judge(says, `${boot.exited ? boot.how : 'starts'}${!says ? `, and does not name ${DATABASE_URL}` : boot.exited ? ', with a message' : `, and names ${DATABASE_URL}`}`, `ends with a message, or names ${DATABASE_URL} in the log`,
      `Have the server log that ${DATABASE_URL} is not set and where it keeps its state instead, or end with an error.`, { log: session.tail(boot.server) });
  },
};

export const DATABASE_URL_WRONG: Check = {
  id: 'database-url-wrong',
  title: `A wrong ${DATABASE_URL} ends the server, which does not print it`,
  skip: noStart,
  async run(session) {
    const { database } = session;
    const password = 'Wr0ng-rehearsal-password';
    const wrong: [string, string][] = [
      ['a wrong password', database!.url.replace(encodeURIComponent(database!.password), password)],
      // what a password that nobody encoded makes of it
      ['an unencoded password', database!.url.replace(encodeURIComponent(database!.password), `12/${password}`)],
    ];
    const measured: string[] = [];
    for (const [what, url] of wrong) {
      const { server, exited, how } = await startWith(session, url);
      measured.push(`${what}: ${how}`);
      const printed = shows(server.output, password);
      if (!exited || printed || server.output.trim() === '') {
        return {
          status: 'fail',
          measured: `${what}: ${printed ? 'prints it' : exited ? 'ends without a message' : 'keeps running'}`,
          limit: 'ends, says why, and prints no password',
          fix: printed ? `Check ${DATABASE_URL} before you pass it to the driver, and throw an error without the value. The error of the driver quotes it.`
            : 'Have the server connect once before it listens, and end when that fails.',
          log: session.tail(server).split(password).join('[secret]'),
        };
      }
    }
    return { status: 'pass', measured: measured.join('; '), limit: 'ends, says why, and prints no password' };
  },
};

/** Starts a server with another connection string, and waits until it has ended or answers. */
async function startWith(session: Session, url: string | undefined) {
  await session.kill();
  const boot = await session.boot(session.plan.startupBudgetSeconds, { [DATABASE_URL]: url });
  const exit = await within(boot.server.exited, SETTLE_MS);
  await session.kill(boot.server);
  const took = seconds((performance.now() - boot.server.startedAt) / 1000);
  return { server: boot.server, exited: exit !== undefined && exit.code !== 0, how: exit ? `ends with ${exit.signal ?? exit.code} after ${took}` : 'stays up' };
}
