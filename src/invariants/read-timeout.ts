import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { secondsOf } from './durations';
import { IDLE_TIMEOUT } from './idle-timeout';
import { refuse } from './invariant';
import { requireWithin } from './limits/guard';
import { LOAD_BALANCER_LIMITS, STREAM_HEARTBEAT } from './limits/load-balancer';

/** How far the longest run lies below the read timeout: the request is on its way before the server begins. */
export const READ_TIMEOUT_MARGIN = Duration.seconds(5);

/** Refuses a read timeout that CloudFront does not take, or that cuts streams between two heartbeats. */
export function requireReadTimeout(scope: IConstruct, readTimeout: Duration): void {
  if (readTimeout.isUnresolved()) {
    refuse(scope, '`readTimeout` must be known at synthesis, got: a token', 'The longest run follows it: pass a plain duration', IDLE_TIMEOUT);
  }
  requireWithin(scope, readTimeout, LOAD_BALANCER_LIMITS.readTimeout);
}

/** The longest run behind CloudFront: as stated, or what the read timeout leaves. */
export function longestRunBehind(scope: IConstruct, readTimeout: Duration, longestRun?: Duration): Duration {
  const timeout = readTimeout.toSeconds();
  const most = timeout - READ_TIMEOUT_MARGIN.toSeconds();
  const run = longestRun && secondsOf(longestRun);
  if (run !== undefined && run > most) {
    refuse(scope, `\`longestRun\` must be at most ${most} s behind CloudFront, which waits ${timeout} s for the next byte of a reply, got: ${run} s`,
      `Let clients of long prompts stream, which sends a heartbeat every ${STREAM_HEARTBEAT.toSeconds()} s and runs as long as it likes, or read the result back later: only a reply `
      + 'as one JSON document is silent until it is done. Otherwise raise `readTimeout`, or use another exposure', IDLE_TIMEOUT);
  }
  return longestRun ?? Duration.seconds(most);
}
