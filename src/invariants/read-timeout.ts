import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { secondsOf } from './durations';
import { longestRunOf } from './idle-timeout';
import { refuse, type Finding, type Invariant } from './invariant';
import { requireWithin } from './limits/guard';
import { LOAD_BALANCER_LIMITS, STREAM_HEARTBEAT } from './limits/load-balancer';
import { allOf } from './template/findings';
import type { FlueServers } from './template/flue-servers';
import { DISTRIBUTION, LOAD_BALANCER } from './template/routing';
import { UNKNOWN, type TemplateResource, type TemplateValue } from './template/value';
import { isPending, isUnknown } from './unknown';

/** How far the longest run lies below the read timeout: the request is on its way before the server begins. */
export const READ_TIMEOUT_MARGIN = Duration.seconds(5);
/** What holds when a distribution leaves it out. */
const IMPLICIT_READ_TIMEOUT = Duration.seconds(30);

export const READ_TIMEOUT: Invariant = {
  id: 'ReadTimeout',
  level: 'error',
  statement: 'The read timeout of a CloudFront distribution in front is set, and longer than any read that stays silent.',
  why: 'A prompt answered as one JSON document sends no byte until it is done; at the implicit 30 s CloudFront answers in its place, with a 504.',
  limit: `> the ${STREAM_HEARTBEAT.toSeconds()} s stream heartbeat, ≥ the longest run`,
  source: 'Amazon CloudFront developer guide, response timeout of an origin; Flue streaming protocol',
  fix: 'Set `readTimeout` of the origin (`OriginReadTimeout`) above the longest run, or state a shorter `longestRun` where clients stream.',
  rule: {
    resourceTypes: [DISTRIBUTION],
    check: judgeDistribution,
  },
};

/** Refuses a read timeout that CloudFront does not take, or that cuts streams between two heartbeats. */
export function requireReadTimeout(scope: IConstruct, readTimeout: Duration): void {
  if (isUnknown(readTimeout, scope) && !isPending(readTimeout, scope)) {
    refuse(scope, '`readTimeout` must be known at synthesis, got: a token', 'The longest run follows it: pass a plain duration', READ_TIMEOUT);
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
      + 'as one JSON document is silent until it is done. Otherwise raise `readTimeout`, or use another exposure', READ_TIMEOUT);
  }
  return longestRun ?? Duration.seconds(most);
}

function judgeDistribution(distribution: TemplateResource, servers: FlueServers): Finding[] | undefined {
  const origins = distribution.at('DistributionConfig', 'Origins').list();
  return origins === UNKNOWN ? undefined : allOf(...origins.map((origin, index) => judgeOrigin(origin, index, servers)));
}

function judgeOrigin(origin: TemplateValue, index: number, servers: FlueServers): Finding[] | undefined {
  const loadBalancer = origin.at('DomainName').target(LOAD_BALANCER)?.resource;
  if (!loadBalancer || !servers.contains(loadBalancer)) {
    return undefined;
  }
  const kind = origin.at('VpcOriginConfig').absent ? 'CustomOriginConfig' : 'VpcOriginConfig';
  const timeout = origin.at(kind, 'OriginReadTimeout').number();
  if (timeout === UNKNOWN) {
    return undefined;
  }
  const problem = timeout === undefined
    ? `is left out, which means ${IMPLICIT_READ_TIMEOUT.toSeconds()} s`
    : tooShort(timeout, longestRunOf(servers.routing.registrantsBehind(loadBalancer), servers));
  return problem ? [{ found: `OriginReadTimeout ${problem}`, location: `Properties/DistributionConfig/Origins/${index}/${kind}` }] : [];
}

function tooShort(timeout: number, longestRun: number | undefined): string | undefined {
  if (timeout <= STREAM_HEARTBEAT.toSeconds()) {
    return `is ${timeout}, must be above the ${STREAM_HEARTBEAT.toSeconds()} s stream heartbeat`;
  }
  return longestRun !== undefined && timeout < longestRun ? `is ${timeout}, must be at least the longest run of ${longestRun} s` : undefined;
}
