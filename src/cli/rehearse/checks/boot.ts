import { networkInterfaces } from 'node:os';
import { judge, seconds, skipped, type Check } from './check';
import { DEFAULT_HEALTH_CHECK_PATH } from '../../../invariants/health-check-path';
import { saidIn } from '../log';
import { accepts } from '../runtime/port';
import type { Session } from '../session';

/** How long a server is waited for that misses its budget, to say how long it takes. */
const PATIENCE = 3;
/** A task has a part of a slow processor, a laptop whole fast ones. */
const GRACE_FACTOR = 2;

/** Seconds until the server answered the first request. */
export function startupOf({ firstBoot }: Session): number | undefined {
  return firstBoot?.healthy ?? firstBoot?.answered ?? firstBoot?.bound;
}

export const PORT_BOUND: Check = {
  id: 'port',
  title: 'The server listens on the container port',
  async run(session) {
    const budget = session.plan.startupBudgetSeconds;
    const boot = session.firstBoot = await session.boot(Math.max(budget, Math.min(session.plan.gracePeriodSeconds ?? budget, budget * PATIENCE)));
    const limit = `port ${session.port}`;
    if (boot.exit) {
      const cause = session.cause(boot.server);
      return {
        status: 'fail',
        measured: `ended with ${boot.exit.signal ?? `exit code ${boot.exit.code}`} after ${seconds((performance.now() - boot.server.startedAt) / 1000)}${cause ? `: ${cause}` : ''}`,
        limit,
        fix: 'Fix the error in the log. The task gets the same environment, so it would fail in the same way.',
        log: session.tail(boot.server),
        ends: 'the server does not start',
      };
    }
    if (boot.bound !== undefined) {
      return { status: 'pass', measured: `bound after ${seconds(boot.bound)}`, limit };
    }
    const elsewhere = (await boot.server.inspect())?.listeners ?? [];
    await session.kill(boot.server);
    return {
      status: 'fail',
      measured: elsewhere.length > 0 ? `listens on ${elsewhere.join(' and ')}` : 'nothing listens',
      limit,
      fix: 'Have the server listen on `process.env.PORT`, or state the port that it listens on, in `port` of the image or in the container.',
      log: session.tail(boot.server),
      ends: 'the server is not on its port',
    };
  },
};

export const INTERFACES: Check = {
  id: 'interfaces',
  title: 'It is reachable from outside the task',
  async run(session) {
    const address = outerAddress();
    return address === undefined ? skipped('this machine has only a loopback address') : judge(
      await accepts(address, session.port),
      await accepts(address, session.port) ? `accepts on ${address}` : `accepts on 127.0.0.1 only, not on ${address}`,
      'every interface',
      'Have the server listen without a host name, or on 0.0.0.0. A load balancer connects from outside the task.',
    );
  },
};

/** An address that only a server on every interface answers; on Linux the whole 127.0.0.0/8 leads here. */
function outerAddress(): string | undefined {
  const outer = Object.values(networkInterfaces()).flat().find(entry => entry && !entry.internal && entry.family === 'IPv4');
  return outer?.address ?? (process.platform === 'linux' ? '127.0.0.2' : undefined);
}

export const STARTUP: Check = {
  id: 'startup',
  title: 'It answers within the startup budget',
  async run(session) {
    const budget = session.plan.startupBudgetSeconds;
    const startup = startupOf(session)!;
    return judge(startup <= budget, `${seconds(startup)} to the first answer`, `≤ ${budget} s`,
      `Have the server do less before it listens, or raise \`startupBudget\` and the grace period above ${Math.ceil(startup)} s.`);
  },
};

export const GRACE_PERIOD: Check = {
  id: 'grace-period',
  title: 'The grace period is longer than the start, with a margin',
  skip: ({ plan }) => plan.gracePeriodSeconds === undefined ? 'the service has no health-check grace period' : undefined,
  async run(session) {
    const startup = startupOf(session)!;
    const grace = session.plan.gracePeriodSeconds!;
    return judge(grace >= startup * GRACE_FACTOR, `${seconds(startup)} to start, ${grace} s of grace`, `≥ ${GRACE_FACTOR} × the start`,
      `Raise \`healthCheckGracePeriod\` above ${Math.ceil(startup * GRACE_FACTOR)} s. A task is slower than this machine.`);
  },
};

export const HEALTH: Check = {
  id: 'health',
  title: 'The health check passes',
  skip: ({ plan }) => plan.healthCheck ? undefined : 'no load balancer checks its health',
  async run(session) {
    const { path, matcher, timeoutSeconds, healthyCount } = session.plan.healthCheck!;
    const limit = `${healthyCount} × ${matcher} within ${timeoutSeconds} s`;
    const times: number[] = [];
    for (let count = 0; count < healthyCount; count++) {
      try {
        const answer = await session.health();
        if (!session.isHealthy(answer)) {
          const { location } = answer.headers;
          return {
            status: 'fail',
            measured: `GET ${path} answers ${answer.status}${location ? `, to ${location}` : saidIn(answer.body, Object.values(session.secrets))}`,
            limit,
            fix: location ? `Answer ${path} itself with 200. The load balancer does not follow redirects.`
              : `Define ${path} in app.ts, because Flue generates no route for it. Or name the path that your app has in \`healthCheckPath\`, such as ${DEFAULT_HEALTH_CHECK_PATH}.`,
          };
        }
        times.push(answer.milliseconds);
      } catch (error) {
        return { status: 'fail', measured: `GET ${path}: ${(error as Error).message}`, limit, fix: `Have ${path} answer at once, without waiting for a database or a model.` };
      }
    }
    return { status: 'pass', measured: `GET ${path} is healthy ${times.length} times, ${Math.round(Math.max(...times))} ms at most`, limit };
  },
};
