import type { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { secondsOf } from './durations';
import { refuse, type Finding, type Invariant } from './invariant';
import { requireWithin } from './limits/guard';
import { INTERMEDIARY_TIMERS } from './limits/intermediaries';
import { LOAD_BALANCER_LIMITS, MAX_IDLE_TIMEOUT, MIN_IDLE_TIMEOUT, STREAM_HEARTBEAT } from './limits/load-balancer';
import { attributeOf } from './template/attributes';
import { AWS_CALL, customizedAttribute, EXPRESS_TIMERS_TYPE } from './template/express-load-balancer';
import type { FlueServers } from './template/flue-servers';
import { LOAD_BALANCER } from './template/routing';
import { orDefault, UNKNOWN, type TemplateResource } from './template/value';

/** The load balancer's attribute, and what holds when it is left out. */
export const { property: IDLE_TIMEOUT_ATTRIBUTE, implicit: IMPLICIT_IDLE_TIMEOUT } = INTERMEDIARY_TIMERS.applicationLoadBalancer;

export const IDLE_TIMEOUT: Invariant = {
  id: 'IdleTimeout',
  level: 'error',
  statement: 'The load balancer\'s idle timeout is set, and longer than a reply stays silent.',
  why: 'A reply as one JSON document sends no byte until it is done. With the default of 60 s, the load balancer answers 504 in its place.',
  limit: `${MIN_IDLE_TIMEOUT.toSeconds()}–${MAX_IDLE_TIMEOUT.toSeconds()} s, > the ${STREAM_HEARTBEAT.toSeconds()} s stream heartbeat, ≥ the longest run`,
  source: 'Elastic Load Balancing guide, load balancer attributes; Flue streaming protocol',
  fix: 'Set `idleTimeout` (`idle_timeout.timeout_seconds`) above the longest run.',
  rule: {

    resourceTypes: [LOAD_BALANCER, EXPRESS_TIMERS_TYPE, AWS_CALL],
    check: (resource, servers) => resource.type === LOAD_BALANCER ? judgeLoadBalancer(resource, servers) : judgeCustomizer(resource, servers),
  },
};

export interface IdleTimeoutChain {
  readonly idleTimeout: Duration;
  readonly longestRun: Duration;
}

/** Refuses an idle timeout outside the platform's range, below the heartbeat or below the longest run. */
export function requireIdleTimeout(scope: IConstruct, chain: IdleTimeoutChain): void {
  const idle = requireWithin(scope, chain.idleTimeout, LOAD_BALANCER_LIMITS.idleTimeout);
  const run = secondsOf(chain.longestRun);
  if (idle !== undefined && run !== undefined && idle < run) {
    refuse(scope, `\`idleTimeout\` must be at least \`longestRun\` (${run} s), got: ${idle} s`,
      'Raise `idleTimeout`, or state a shorter `longestRun` if clients stream', IDLE_TIMEOUT);
  }
}

function judgeLoadBalancer(loadBalancer: TemplateResource, servers: FlueServers): Finding[] | undefined {
  const type = orDefault(loadBalancer.at('Type').string(), 'application');
  const idle = type === 'application' ? attributeOf(loadBalancer, IDLE_TIMEOUT_ATTRIBUTE).number() : UNKNOWN;
  if (idle === UNKNOWN) {
    return undefined;
  }
  const problem = idle === undefined
    ? `is left out, which means ${IMPLICIT_IDLE_TIMEOUT.toSeconds()} s`
    : outOfRange(idle, longestRunOf(servers.routing.registrantsBehind(loadBalancer), servers));
  return problem ? [{ found: `${IDLE_TIMEOUT_ATTRIBUTE} ${problem}`, location: `Properties/LoadBalancerAttributes/${IDLE_TIMEOUT_ATTRIBUTE}` }] : [];
}

/** The load balancer of Express Mode shows its timeout only where a custom resource sets it. */
function judgeCustomizer(custom: TemplateResource, servers: FlueServers): Finding[] | undefined {
  const idle = customizedAttribute(custom, IDLE_TIMEOUT_ATTRIBUTE);
  if (idle === undefined || idle === UNKNOWN) {
    return undefined;
  }
  const services = custom.at().targets().map(({ resource }) => resource);
  const problem = outOfRange(idle, longestRunOf(services, servers));
  return problem ? [{ found: `${IDLE_TIMEOUT_ATTRIBUTE} ${problem}`, location: 'Properties' }] : [];
}

/** The longest run that any of these services declares. */
export function longestRunOf(services: TemplateResource[], servers: FlueServers): number | undefined {
  const declared = services.map(service => servers.declaredFor(service)?.longestRunSeconds).filter(seconds => seconds !== undefined);
  return declared.length > 0 ? Math.max(...declared) : undefined;
}

function outOfRange(idle: number, longestRun: number | undefined): string | undefined {
  if (idle < MIN_IDLE_TIMEOUT.toSeconds() || idle > MAX_IDLE_TIMEOUT.toSeconds()) {
    return `is ${idle}, must be ${MIN_IDLE_TIMEOUT.toSeconds()}–${MAX_IDLE_TIMEOUT.toSeconds()}`;
  }
  if (idle <= STREAM_HEARTBEAT.toSeconds()) {
    return `is ${idle}, must be above the ${STREAM_HEARTBEAT.toSeconds()} s stream heartbeat`;
  }
  return longestRun !== undefined && idle < longestRun ? `is ${idle}, must be at least the longest run of ${longestRun} s` : undefined;
}
