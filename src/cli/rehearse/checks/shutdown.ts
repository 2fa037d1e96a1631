import { Agent } from 'node:http';
import { judge, seconds, skipped, type Check, type Outcome } from './check';
import { noStream } from './connection';
import type { RunningServer } from '../runtime/runtime';
import type { Session } from '../session';

const FIX = 'Have the process handle SIGTERM and close its connections. Start it without a shell or npm in between, as in `CMD ["node", "dist/server.mjs"]`.';

async function terminate(session: Session, server: RunningServer): Promise<Outcome> {
  const limit = session.plan.container.stopTimeoutSeconds;
  const ended = await session.terminate(server);
  return judge(ended !== undefined,
    ended ? `ends after ${seconds(ended.seconds)} (${ended.exit.signal ?? `exit code ${ended.exit.code}`})` : `still runs after ${limit} s`, `stop timeout ${limit} s`, FIX);
}

export const SIGTERM: Check = {
  id: 'sigterm',
  title: 'SIGTERM ends it while idle',
  async run(session) {
    const server = session.server;
    if (!server) {
      return skipped('the server had ended already');
    }
    const agent = new Agent({ keepAlive: true });
    try {
      // a load balancer leaves idle connections behind
      await session.health({ agent }).catch(() => undefined);
      return await terminate(session, server);
    } finally {
      agent.destroy();
    }
  },
};

export const SIGTERM_STREAM: Check = {
  id: 'sigterm-stream',
  title: 'SIGTERM ends it with a stream open',
  skip: session => noStream(session) ?? (session.failed.has('sigterm') ? 'SIGTERM does not even end it while idle' : undefined),
  async run(session) {
    const server = await session.ensureServer();
    if (!server) {
      return skipped(session.startObstacle ?? 'the server did not start again');
    }
    session.stream = session.stream?.isOpen ? session.stream : await session.openStream(session.probe('stream')!);
    if (session.stream.status >= 300 || !session.stream.isOpen) {
      return skipped('the stream that the request `stream` opens does not stay open');
    }
    try {
      return await terminate(session, server);
    } finally {
      session.stream.close();
    }
  },
};
