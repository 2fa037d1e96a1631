import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Finding, Invariant } from './invariant';
import { FARGATE_LIMITS } from './limits/fargate';
import { requireWithin } from './limits/guard';
import { DEFAULT_DEREGISTRATION_DELAY, LONG_DEREGISTRATION_DELAY, LOAD_BALANCER_LIMITS } from './limits/load-balancer';
import { DEFAULT_STOP_TIMEOUT, SERVER_LIMITS, SHUTDOWN_BOUND } from './limits/server';
import { attributeOf } from './template/attributes';
import { boxLocation, BOX_TYPES } from './template/boxes';
import { EXPRESS_SERVICE, TASK_DEFINITION, type Container } from './template/containers';
import { customizedAttribute, EXPRESS_TIMERS_TYPE } from './template/express-load-balancer';
import { allOf } from './template/findings';
import { SERVICE, type FlueServers } from './template/flue-servers';
import { TARGET_GROUP } from './template/routing';
import { flueUnits } from './template/traits';
import { orDefault, UNKNOWN, type TemplateResource } from './template/value';

/** Fargate sends SIGKILL this long after SIGTERM at the latest. */
export const MAX_FARGATE_STOP_TIMEOUT = Duration.seconds(FARGATE_LIMITS.stopTimeout.maximum);

/** Share of the tasks, in percent, with which no task stops before its successor is healthy. */
const WHOLE_SERVICE = 100;

/** The target group's attribute, and what holds when it is left out. */
export const DEREGISTRATION_DELAY_ATTRIBUTE = 'deregistration_delay.timeout_seconds';
export const IMPLICIT_DEREGISTRATION_DELAY = Duration.seconds(300);
/** When ECS kills a container that says nothing, and an Express primary container, which cannot say anything. */
export const IMPLICIT_STOP_TIMEOUT = Duration.seconds(30);

export const SHUTDOWN_TIME: Invariant = {
  id: 'ShutdownTime',
  level: 'error',
  statement: 'The server has time to finish: the stop timeout is longer than the server\'s own shutdown limit, and the deregistration delay is set and short.',
  why: 'By default, ECS kills a task 30 s after SIGTERM, before the server has finished. It sends SIGTERM only after the deregistration delay, so the default of 300 s is downtime.',
  limit: `stop timeout > ${SHUTDOWN_BOUND.toSeconds()} s and ≤ ${MAX_FARGATE_STOP_TIMEOUT.toSeconds()} s on Fargate (no cap on a box); deregistration delay explicit, ≤ ${LONG_DEREGISTRATION_DELAY.toSeconds()} s where the old task is drained before the new one starts, unless it is one of several shards`,
  source: 'Flue Node target documentation, shutdown; Amazon ECS developer guide, task lifecycle and Fargate stopTimeout',
  fix: `Set \`stopTimeout\` (${DEFAULT_STOP_TIMEOUT.toSeconds()} s) and \`deregistrationDelay\` (${DEFAULT_DEREGISTRATION_DELAY.toSeconds()} s).`,
  rule: {
    resourceTypes: [TASK_DEFINITION, EXPRESS_SERVICE, TARGET_GROUP, EXPRESS_TIMERS_TYPE, ...BOX_TYPES],
    check: (resource, servers) => {
      switch (resource.type) {
        case TARGET_GROUP:
          return judgeDraining(resource, servers);
        case EXPRESS_TIMERS_TYPE:
          return judgeCustomizer(resource);
        case TASK_DEFINITION:
        case EXPRESS_SERVICE:
          return allOf(...servers.serverContainers(resource).map(judgeStopTimeout));
        default:
          return judgeUnits(resource);
      }
    },
  },
};

/** Refuses a stop timeout that kills the server before its own bound, or that Fargate does not give. */
export function requireStopTimeout(scope: IConstruct, stopTimeout: Duration, onFargate = false): void {
  requireWithin(scope, stopTimeout, SERVER_LIMITS.stopTimeout);
  if (onFargate) {
    requireWithin(scope, stopTimeout, FARGATE_LIMITS.stopTimeout);
  }
}

/** Refuses a drain that is downtime, because the old task is stopped before the new one starts. */
export function requireShortDrain(scope: IConstruct, deregistrationDelay: Duration, minHealthyPercent: number): void {
  if (minHealthyPercent < WHOLE_SERVICE) {
    requireWithin(scope, deregistrationDelay, LOAD_BALANCER_LIMITS.deregistrationDelayOfRecreate);
  }
}

function judgeStopTimeout(container: Container): Finding[] | undefined {
  if (container.express) {
    return [{
      found: `a primary container is killed ${IMPLICIT_STOP_TIMEOUT.toSeconds()} s after SIGTERM, must be above ${SHUTDOWN_BOUND.toSeconds()} s`,
      location: container.location,
      fix: 'Give the service a task definition of its own (`TaskDefinitionArn`) with a StopTimeout, as FlueExpressService does.',
    }];
  }
  const stop = container.definition.at('StopTimeout').number();
  if (stop === UNKNOWN) {
    return undefined;
  }
  const location = `${container.location}/StopTimeout`;
  const subject = `StopTimeout of container ${String(container.name)}`;
  const bound = SHUTDOWN_BOUND.toSeconds();
  if (stop === undefined) {
    return [{ found: `${subject} is left out, which means ${IMPLICIT_STOP_TIMEOUT.toSeconds()} s, must be above ${bound} s`, location }];
  }
  if (stop <= bound) {
    return [{ found: `${subject} is ${stop}, must be above ${bound}`, location }];
  }
  const maximum = MAX_FARGATE_STOP_TIMEOUT.toSeconds();
  return stop > maximum && runsOnFargate(container.owner)
    ? [{ found: `${subject} is ${stop}, must be at most ${maximum} on Fargate`, location }]
    : [];
}

/** Whether a task definition is one for Fargate. */
export function runsOnFargate(definition: TemplateResource): boolean {
  const compatibilities = definition.at('RequiresCompatibilities').list();
  return compatibilities !== UNKNOWN && compatibilities.some(value => value.string() === 'FARGATE');
}

/** How long a box gives the server, where its boot script says so; there is no cap on a box. */
const STOP_SECONDS = /\bTimeoutStopSec=(\d+)(?:s|sec)?[ \t]*$|\bdocker stop (?:-t|--time|--timeout)[ =](\d+)\b|\s--stop-timeout[ =](\d+)\b/gm;

function judgeUnits(box: TemplateResource): Finding[] | undefined {
  const stated = flueUnits(box).flatMap(unit => [...unit.matchAll(STOP_SECONDS)]);
  const bound = SHUTDOWN_BOUND.toSeconds();
  const short = stated.find(([, ...seconds]) => Number(seconds.find(Boolean)) <= bound);
  return stated.length === 0 ? undefined : !short ? [] : [{
    found: `the box kills the server early (${short[0].trim()}), must be above ${bound} s`,
    location: `${boxLocation(box)}/UserData`,
    fix: `Give it ${DEFAULT_STOP_TIMEOUT.toSeconds()} s or more; on a box it may be as long as the longest run.`,
  }];
}

/** Only ECS drains before it stops; a box stops without. */
function judgeDraining(targetGroup: TemplateResource, servers: FlueServers): Finding[] | undefined {
  const registrants = servers.routing.registrantsOf(targetGroup);
  const drains = registrants.some(({ type }) => type === SERVICE) || (registrants.length === 0 && targetGroup.at('TargetType').string() === 'ip');
  const delay = attributeOf(targetGroup, DEREGISTRATION_DELAY_ATTRIBUTE).number();
  if (!drains || delay === UNKNOWN) {
    return undefined;
  }
  const location = `Properties/TargetGroupAttributes/${DEREGISTRATION_DELAY_ATTRIBUTE}`;
  const maximum = LONG_DEREGISTRATION_DELAY.toSeconds();
  if (delay === undefined) {
    return [{ found: `${DEREGISTRATION_DELAY_ATTRIBUTE} is left out, which means ${IMPLICIT_DEREGISTRATION_DELAY.toSeconds()} s, must be at most ${maximum} s`, location }];
  }
  return delay <= maximum || (registrants.length > 0 && registrants.every(keepsTheOldTask)) || servers.routing.isShard(targetGroup) ? []
    : [{ found: `${DEREGISTRATION_DELAY_ATTRIBUTE} is ${delay}, must be at most ${maximum}`, location }];
}

/** Where the new task is healthy before the old one drains, a long drain is not downtime. */
function keepsTheOldTask(service: TemplateResource): boolean {
  const minimum = orDefault(service.at('DeploymentConfiguration', 'MinimumHealthyPercent').number(), WHOLE_SERVICE);
  return service.type === SERVICE && minimum !== UNKNOWN && minimum >= WHOLE_SERVICE;
}

/** Express Mode keeps the old task until the new one is healthy, so a long drain is no downtime; the default of 300 s is reported all the same, because no one chose it. */
function judgeCustomizer(custom: TemplateResource): Finding[] | undefined {
  const delay = customizedAttribute(custom, DEREGISTRATION_DELAY_ATTRIBUTE);
  return delay === UNKNOWN ? undefined : delay !== undefined ? [] : [{
    found: `${DEREGISTRATION_DELAY_ATTRIBUTE} is left out, which means ${IMPLICIT_DEREGISTRATION_DELAY.toSeconds()} s, must be explicit`,
    location: 'Properties',
  }];
}
