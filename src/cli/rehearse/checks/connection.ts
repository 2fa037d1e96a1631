import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, seconds, skipped, type Check, type Outcome } from './check';
import { KEEP_ALIVE_MARGIN } from '../../../invariants/keep-alive-above-idle-timeout';
import { STREAM_HEARTBEAT } from '../../../invariants/limits/load-balancer';
import { saidIn } from '../log';
import { PROBES_FILE } from '../probes';
import type { Session } from '../session';

const noIdleTimeout = ({ plan }: Session): string | undefined =>
  plan.idleTimeoutSeconds === undefined ? 'no load balancer stands in front of it, or its idle timeout is known only at deployment' : undefined;

export const KEEP_ALIVE: Check = {
  id: 'keep-alive',
  title: 'It keeps idle connections longer than the load balancer',
  skip: noIdleTimeout,
  async run(session) {
    const idle = session.plan.idleTimeoutSeconds!;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      await session.health({ agent });
      const { headers } = await session.health({ agent });
      const stated = /timeout=(\d+)/.exec(String(headers['keep-alive'] ?? ''))?.[1];
      if (stated === undefined && headers.connection !== 'close') {
        return skipped('the server does not state how long it keeps a connection');
      }
      return judge(Number(stated ?? 0) > idle, stated === undefined ? 'closes every connection' : `Keep-Alive: timeout=${stated}`, `> ${idle} s`,
        `Set \`server.keepAliveTimeout\` above ${idle} s (${idle + KEEP_ALIVE_MARGIN.toSeconds()} s), as the constructs do with NODE_OPTIONS. If the server closes a connection that the load balancer is about to use, the client gets a 502.`);
    } finally {
      agent.destroy();
    }
  },
};

/** Why there is no stream to look at. */
export function noStream(session: Session): string | undefined {
  return session.probe('stream') ? undefined : `${PROBES_FILE} names no request \`stream\` that opens one`;
}

export const STREAM: Check = {
  id: 'stream',
  title: 'A silent stream outlives the idle timeout',
  skip: session => noStream(session) ?? noIdleTimeout(session),
  async run(session) {
    const probe = session.probe('stream')!;
    if (!await session.ensureServer()) {
      return skipped(session.startObstacle ?? 'the server did not start again');
    }
    const stream = session.stream = await session.openStream(probe);
    if (stream.status >= 300) {
      const said = saidIn(await stream.text(), Object.values(session.secrets));
      stream.close();
      return {
        status: 'fail',
        measured: `${probe.method} ${probe.path} answers ${stream.status}${said}`,
        limit: 'a 2xx stream',
        fix: `Correct \`stream\` in ${PROBES_FILE}, so that its request opens a stream.`,
      };
    }
    await sleep(session.holdSeconds * 1000);
    return judgeStream(stream, session);
  },
};

/** What a stream shows: a heartbeat below the idle timeout, or silence that only the declared longest run bounds. */
export function judgeStream(
  stream: { readonly isOpen: boolean; readonly openSeconds: number; readonly longestSilenceSeconds: number },
  { plan, holdSeconds }: Pick<Session, 'plan' | 'holdSeconds'>,
): Outcome {
  const idle = plan.idleTimeoutSeconds!;
  const limit = `idle timeout ${idle} s`;
  const silence = stream.longestSilenceSeconds;
  if (!stream.isOpen) {
    return {
      status: 'fail',
      measured: `closed by the server after ${seconds(stream.openSeconds)}`,
      limit,
      fix: `Keep the stream open while its run goes on; or give \`stream\` in ${PROBES_FILE} a run that lasts longer than --hold.`,
    };
  }
  // within the hold nothing came at the end: silence that no heartbeat has ended yet
  const heartbeat = silence < holdSeconds - 1;
  const raise = `Write a heartbeat into open streams (Flue does, every ${STREAM_HEARTBEAT.toSeconds()} s), or raise \`idleTimeout\` above the longest silence.`;
  if (heartbeat) {
    return judge(silence < idle, `open ${seconds(stream.openSeconds)}, silent for ${seconds(silence)} at most`, limit, raise);
  }
  const run = plan.longestRunSeconds;
  return judge(run === undefined ? silence < idle : run <= idle,
    `open and silent for ${seconds(silence)}${run === undefined ? '' : `; the longest run is ${run} s`}`, limit, raise);
}
