import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { secondsOf } from './durations';
import { refuse, type Finding, type Invariant } from './invariant';
import { DEFAULT_STARTUP_BUDGET } from './limits/server';
import { AUTO_SCALING_GROUP } from './template/boxes';
import { TASK_DEFINITION, type Container } from './template/containers';
import { allOf } from './template/findings';
import { SERVICE, type FlueServers } from './template/flue-servers';
import { orDefault, UNKNOWN, type Maybe, type TemplateResource } from './template/value';

/** What a target group does when nothing is said. */
export const DEFAULT_INTERVAL_SECONDS = 30;
export const DEFAULT_HEALTHY_COUNT = 5;

/** What ECS does with a check in a container when nothing is said (Amazon ECS API reference, HealthCheck). */
const CONTAINER_CHECK = { Interval: 30, Retries: 3, StartPeriod: 0 } as const;

/** Margin that the default grace period adds to the time that a task needs to become healthy. */
export const GRACE_PERIOD_MARGIN = Duration.seconds(30);

export const GRACE_PERIOD_ABOVE_STARTUP: Invariant = {
  id: 'GracePeriodAboveStartup',
  level: 'error',
  statement: 'The health-check grace period is longer than the server takes to start and to be counted healthy, and a check in the container waits for the start, too.',
  why: 'ECS kills and replaces a task that is still starting when the grace period ends, again and again.',
  limit: 'grace period set, > startup budget, and ≥ check interval × healthy count; of a check in the container, start period + interval × retries > startup',
  source: 'Flue deployment guide for AWS, ECS on Fargate; Amazon ECS API reference, healthCheckGracePeriodSeconds and HealthCheck',
  fix: 'Set `healthCheckGracePeriod` (`HealthCheckGracePeriodSeconds`) above the startup time and above interval × healthy count.',
  rule: {

    resourceTypes: [SERVICE, AUTO_SCALING_GROUP, TASK_DEFINITION],
    check: (resource, servers) => {
      if (resource.type === TASK_DEFINITION) {
        return allOf(...servers.serverContainers(resource).map(container => judgeContainerCheck(container, servers)));
      }
      if (resource.type === SERVICE) {
        return resource.at('LoadBalancers').absent || servers.routing.attachmentsOf(resource).length === 0 ? undefined
          : judgeGracePeriod(resource, 'HealthCheckGracePeriodSeconds', servers);
      }
      return /ELB/.test(resource.at('HealthCheckType').text()) && !servers.isEcsCapacity(resource)
        ? judgeGracePeriod(resource, 'HealthCheckGracePeriod', servers) : undefined;
    },
  },
};

export interface GracePeriodChain {
  readonly gracePeriod: Duration;
  readonly startupBudget: Duration;
  readonly interval: Duration;
  readonly healthyThresholdCount: number;
}

/** Refuses a grace period that ends before a slow start does. */
export function requireGracePeriod(scope: IConstruct, chain: GracePeriodChain): void {
  const grace = secondsOf(chain.gracePeriod);
  const startup = secondsOf(chain.startupBudget);
  const interval = secondsOf(chain.interval);
  if (grace === undefined) {
    return;
  }
  if (startup !== undefined && grace <= startup) {
    refuse(scope, `\`healthCheckGracePeriod\` must be above \`startupBudget\` (${startup} s), got: ${grace} s`,
      `Set it to ${startup + GRACE_PERIOD_MARGIN.toSeconds()} s or more, or leave it out: the construct then derives it`, GRACE_PERIOD_ABOVE_STARTUP);
  }
  if (interval !== undefined && grace < interval * chain.healthyThresholdCount) {
    const healthy = interval * chain.healthyThresholdCount;
    refuse(scope, `\`healthCheckGracePeriod\` must be at least the time to healthy (${chain.healthyThresholdCount} checks × ${interval} s = ${healthy} s), got: ${grace} s`,
      `Set it to ${healthy + GRACE_PERIOD_MARGIN.toSeconds()} s or more, or leave it out: the construct then derives it`, GRACE_PERIOD_ABOVE_STARTUP);
  }
}

function judgeGracePeriod(resource: TemplateResource, key: string, servers: FlueServers): Finding[] | undefined {
  const grace = resource.at(key).number();
  const location = `Properties/${key}`;
  if (grace === UNKNOWN) {
    return undefined;
  }
  if (grace === undefined || grace === 0) {
    return [{ found: `${key} is ${grace ?? 'left out'}: a server that is still starting is killed`, location }];
  }
  const startup = servers.declaredFor(resource)?.startupBudgetSeconds;
  if (startup !== undefined && grace <= startup) {
    return [{ found: `${key} is ${grace}, must be above the startup budget of ${startup} s`, location }];
  }
  const slowest = Math.max(0, ...servers.routing.registeredIn(resource).map(timeToHealthy));
  return grace >= slowest ? [] : [{
    found: `${key} is ${grace}, must be at least the ${slowest} s after which the target group counts a task as healthy`,
    location,
  }];
}

/** Seconds until a target group counts a new target as healthy; 0 where only the deployment knows. */
function timeToHealthy(targetGroup: TemplateResource): number {
  const interval = orDefault(targetGroup.at('HealthCheckIntervalSeconds').number(), DEFAULT_INTERVAL_SECONDS);
  const count = orDefault(targetGroup.at('HealthyThresholdCount').number(), DEFAULT_HEALTHY_COUNT);
  return interval === UNKNOWN || count === UNKNOWN ? 0 : interval * count;
}

/** Judges a check that ECS makes in the container itself: without a start period it counts from the first second on. */
function judgeContainerCheck(container: Container, servers: FlueServers): Finding[] | undefined {
  const check = container.definition.at('HealthCheck');
  const services = servers.servicesOf(container.owner).filter(({ type }) => type === SERVICE);
  if (check.absent || services.length === 0 || /^NONE\b/.test(check.at('Command').text())) {
    return undefined;
  }
  const numberOf = (key: keyof typeof CONTAINER_CHECK): Maybe<number> => orDefault(check.at(key).number(), CONTAINER_CHECK[key]);
  const [interval, retries, startPeriod] = [numberOf('Interval'), numberOf('Retries'), numberOf('StartPeriod')];
  if (typeof interval !== 'number' || typeof retries !== 'number' || typeof startPeriod !== 'number') {
    return undefined;
  }
  const unhealthyAfter = startPeriod + interval * retries;
  return allOf(...services.map(service => judgeStart(container, service, unhealthyAfter, servers)));
}

function judgeStart(container: Container, service: TemplateResource, unhealthyAfter: number, servers: FlueServers): Finding[] | undefined {
  const grace = orDefault(service.at('HealthCheckGracePeriodSeconds').number(), 0);
  if (grace === UNKNOWN) {
    return undefined;
  }
  const declared = servers.declaredFor(service)?.startupBudgetSeconds;
  const startup = declared ?? DEFAULT_STARTUP_BUDGET.toSeconds();
  // whether a grace period is long enough is asked of the service
  return unhealthyAfter > startup || (declared === undefined ? grace > 0 : grace > startup) ? [] : [{
    detail: 'StartPeriod',
    found: `the health check of container ${String(container.name)} fails after ${unhealthyAfter} s, and the server may take ${startup} s to start`,
    location: `${container.location}/HealthCheck`,
    fix: `Set \`StartPeriod\` of the health check to ${Math.min(startup, 300)}, or leave the check to the load balancer.`,
  }];
}
