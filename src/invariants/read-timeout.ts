import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { secondsOf } from './durations';
import { longestRunOf } from './idle-timeout';
import { refuse, type Finding, type Invariant } from './invariant';
import { requireWithin } from './limits/guard';
import { INTERMEDIARY_TIMERS, type IntermediaryTimer } from './limits/intermediaries';
import { LOAD_BALANCER_LIMITS, STREAM_HEARTBEAT } from './limits/load-balancer';
import { allOf } from './template/findings';
import { SERVICE, type FlueServers } from './template/flue-servers';
import { INTERMEDIARY_TYPES, timersInFront, type TimerInFront } from './template/intermediaries';
import { UNKNOWN, type TemplateResource } from './template/value';
import { isPending, isUnknown } from './unknown';

/** How far the longest run lies below the read timeout: the request is on its way before the server begins. */
export const READ_TIMEOUT_MARGIN = Duration.seconds(5);

/** `OriginReadTimeout` of CloudFront (30 s where it is left out). */
function inWords({ name, property, implicit, fixed }: IntermediaryTimer): string {
  const seconds = implicit ? `${implicit.toSeconds()} s` : 'none';
  return fixed ? `${property} through ${name} (${seconds})` : `\`${property}\` of ${name} (${seconds} where it is left out)`;
}

export const READ_TIMEOUT: Invariant = {
  id: 'ReadTimeout',
  level: 'error',
  statement: 'Every proxy between clients and the server waits longer than a reply stays silent.',
  why: 'A reply as one JSON document sends no byte until it is done. With their defaults, Service Connect ends it after 15 s, API Gateway after 29 or 30 s, and CloudFront after 30 s, with a 504.',
  limit: `> the ${STREAM_HEARTBEAT.toSeconds()} s stream heartbeat, ≥ the longest run; ${Object.values(INTERMEDIARY_TIMERS).slice(1).map(inWords).join(', ')}`,
  source: `${[...new Set(Object.values(INTERMEDIARY_TIMERS).slice(1).map(({ source }) => source))].join('; ')}; Flue streaming protocol`,
  fix: 'Set the timer above the longest run, or state a shorter `longestRun` where clients stream.',
  rule: {
    resourceTypes: INTERMEDIARY_TYPES,
    check: (resource, servers) => allOf(...timersInFront(resource, servers)?.map(timer => judgeTimer(timer, resource, servers)) ?? []),
  },
};

/** Refuses a read timeout that CloudFront does not take, or that cuts streams between two heartbeats. */
export function requireReadTimeout(scope: IConstruct, readTimeout: Duration): void {
  if (isUnknown(readTimeout, scope) && !isPending(readTimeout, scope)) {
    refuse(scope, '`readTimeout` must be known at synthesis, got: a token', 'The construct derives `longestRun` from it: pass a plain duration', READ_TIMEOUT);
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
      `Let clients of long prompts stream: a stream sends a heartbeat every ${STREAM_HEARTBEAT.toSeconds()} s and may last. Or let them read the result later: only a reply `
      + 'as one JSON document is silent until it is done. Otherwise raise `readTimeout`, or use another exposure', READ_TIMEOUT);
  }
  return longestRun ?? Duration.seconds(most);
}

/** A reply that is one document takes longer than this sooner or later; what is set below it was set for something else. */
const SHORT_REPLY = Duration.seconds(60);

function judgeTimer({ timer, seconds, location, behind }: TimerInFront, resource: TemplateResource, servers: FlueServers): Finding[] | undefined {
  if (seconds === UNKNOWN) {
    return undefined;
  }
  const problem = problemOf(timer, seconds, longestRunOf(behind, servers));
  return problem === undefined ? [] : [{
    // a service has several timers, and an origin of CloudFront two
    detail: resource.type === SERVICE || timer.property === INTERMEDIARY_TIMERS.cloudFrontWhole.property ? timer.property : undefined,
    found: problem,
    location,
    fix: timer.fix,
  }];
}

function problemOf(timer: IntermediaryTimer, stated: number | undefined, longestRun: number | undefined): string | undefined {
  const implicit = timer.implicit?.toSeconds() ?? Infinity;
  const seconds = stated ?? implicit;
  const [minimum, maximum] = [timer.minimum.toSeconds({ integral: false }), timer.maximum?.toSeconds() ?? Infinity] as const;
  if (timer.zeroDisables && seconds === 0) {
    return undefined;
  }
  const subject = timer.fixed ? `${timer.property} is ${implicit} s` : stated === undefined ? `${timer.property} is left out, which means ${implicit} s`
    : `${timer.property} is ${stated}`;
  if (stated !== undefined && (stated < minimum || stated > maximum)) {
    return `${subject}, must be ${timer.maximum ? `${minimum}–${maximum}` : `at least ${minimum}`} s`;
  }
  if (stated !== undefined && stated <= STREAM_HEARTBEAT.toSeconds()) {
    return `${subject}, must be above the ${STREAM_HEARTBEAT.toSeconds()} s stream heartbeat`;
  }
  if (longestRun !== undefined) {
    return seconds < longestRun ? `${subject}, must be at least the longest run of ${longestRun} s` : undefined;
  }
  const isShort = seconds < SHORT_REPLY.toSeconds();
  return isShort && stated === undefined ? subject : isShort && timer.wholeReply ? `${subject}, after which ${timer.name} ends every reply` : undefined;
}
