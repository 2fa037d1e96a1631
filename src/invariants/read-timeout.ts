import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { secondsOf } from './durations';
import { IDLE_TIMEOUT, STREAM_HEARTBEAT } from './idle-timeout';
import { refuse } from './invariant';

/** Time that CloudFront waits for the next byte of its origin unless told otherwise here: what every account may set. */
export const DEFAULT_READ_TIMEOUT = Duration.seconds(60);
/**
 * The most that aws-cdk-lib lets a VPC origin wait. The API reference of CloudFront (VpcOriginConfig, OriginReadTimeout)
 * names 120 s; what is above the quota of the account is refused at deployment.
 */
export const MAX_READ_TIMEOUT = Duration.seconds(180);
/** How far the longest run lies below the read timeout: the request is on its way before the server begins. */
export const READ_TIMEOUT_MARGIN = Duration.seconds(5);

/** Refuses a read timeout that CloudFront does not take, or that cuts streams between two heartbeats. */
export function requireReadTimeout(scope: IConstruct, readTimeout: Duration): void {
  const seconds = secondsOf(readTimeout);
  const [heartbeat, most] = [STREAM_HEARTBEAT.toSeconds(), MAX_READ_TIMEOUT.toSeconds()];
  if (seconds === undefined) {
    refuse(scope, '`readTimeout` must be known at synthesis, got: a token', 'The longest run follows it: pass a plain duration', IDLE_TIMEOUT);
  }
  if (!(Number.isInteger(seconds) && seconds > heartbeat && seconds <= most)) {
    refuse(scope, `\`readTimeout\` must be ${heartbeat + 1}–${most} whole seconds, above the ${heartbeat} s stream heartbeat, got: ${seconds} s`,
      `Leave it out for ${DEFAULT_READ_TIMEOUT.toSeconds()} s`, IDLE_TIMEOUT);
  }
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
