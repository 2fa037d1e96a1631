import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Finding, Invariant } from './invariant';
import { AUTO_SCALING_GROUP } from './template/boxes';
import { maximumCapacity, steadyTasks } from './template/capacity';
import { EXPRESS_SERVICE } from './template/containers';
import { allOf } from './template/findings';
import { SCALABLE_TARGET, SERVICE, type FlueServers } from './template/flue-servers';
import { orDefault, UNKNOWN, type TemplateResource } from './template/value';
import { isUnknown } from './unknown';
import { WARNINGS } from './warnings';

export const ONE_LIVE_OWNER: Invariant = {
  id: 'OneLiveOwner',
  level: 'warning',
  statement: 'Only one live process runs an agent instance.',
  why: 'Postgres lets another server take over; it does not let two servers work at once. Two processes on one schema lose 0.5–3.5 % of replies on Flue 0.10.2, and deliver 1–4 % of them 30–60 s late on 2.x, even with perfect stickiness.',
  limit: 'maximum capacity 1, and a deployment that stops the old process before it starts the new one',
  source: 'measured on Flue 0.10.2 and 2.0.3 with PostgreSQL 15; Flue Node target documentation',
  fix: 'Keep `maxTasks` at 1 and deploy with `FlueDeployment.recreate()` (MinimumHealthyPercent 0, MaximumPercent 100), or acknowledge the warning and say why late replies are acceptable.',
  rule: {
    resourceTypes: [SERVICE, SCALABLE_TARGET, EXPRESS_SERVICE, AUTO_SCALING_GROUP],
    check: (resource, servers) => allOf(judgeCapacity(resource, servers), judgeOverlap(resource, servers)),
  },
};

/** Shortest overlap of a deployment on ECS Express Mode: canary and bake time, fixed by ECS (Amazon ECS developer guide). */
export const EXPRESS_OVERLAP = Duration.minutes(6);

/** Warns of more than one live process at a time. */
export function warnScaleOut(scope: IConstruct, maxTasks: number): void {
  if (!isUnknown(maxTasks) && maxTasks > 1) {
    WARNINGS.scaleOut.give(scope, { maxTasks });
  }
}

/** What the findings on one resource are told apart by; the same words as in the warnings of the constructs. */
const SCALE_OUT = 'scaleOut';
const OVERLAP = 'overlap';

function judgeCapacity(resource: TemplateResource, servers: FlueServers): Finding[] | undefined {
  const capacity = maximumCapacity(resource, servers);
  if (!capacity || capacity.count === UNKNOWN) {
    return undefined;
  }
  return capacity.count <= 1 ? [] : [{
    detail: SCALE_OUT,
    found: `${capacity.name} is ${capacity.count}: several live processes`,
    location: capacity.location,
  }];
}

/** Strategies that keep the old and the new revision live together. */
const GRADUAL = ['BLUE_GREEN', 'LINEAR', 'CANARY'];

function judgeOverlap(resource: TemplateResource, servers: FlueServers): Finding[] | undefined {
  switch (resource.type) {
    case EXPRESS_SERVICE:
      return [{
        detail: OVERLAP,
        found: `ECS Express Mode deploys as a canary: the old and the new process are live together for at least ${EXPRESS_OVERLAP.toMinutes()} minutes`,
        location: 'Properties',
        fix: 'Use FlueFargateService with `FlueDeployment.recreate()`, or acknowledge the warning and say why late replies are acceptable.',
      }];
    case SERVICE:
      return judgeDeployment(resource, servers);
    case AUTO_SCALING_GROUP:
      return resource.section('UpdatePolicy').at('AutoScalingReplacingUpdate', 'WillReplace').boolean() !== true ? undefined : [{
        detail: OVERLAP,
        found: 'the update policy starts a new group before the old one ends',
        location: 'UpdatePolicy/AutoScalingReplacingUpdate',
      }];
    default:
      return undefined;
  }
}

function judgeDeployment(service: TemplateResource, servers: FlueServers): Finding[] | undefined {
  const controller = orDefault(service.at('DeploymentController', 'Type').string(), 'ECS');
  const strategy = orDefault(service.at('DeploymentConfiguration', 'Strategy').string(), 'ROLLING');
  const maximum = orDefault(service.at('DeploymentConfiguration', 'MaximumPercent').number(), 200);
  const tasks = steadyTasks(service, servers);
  const finding = (found: string, location: string): Finding[] => [{ detail: OVERLAP, found: `${found}: the old and the new process are live together`, location }];
  if (controller === 'CODE_DEPLOY') {
    return finding('the deployment controller is CODE_DEPLOY', 'Properties/DeploymentController');
  }
  if (typeof strategy === 'string' && GRADUAL.includes(strategy)) {
    return finding(`the deployment strategy is ${strategy}`, 'Properties/DeploymentConfiguration/Strategy');
  }
  if (controller !== 'ECS' || strategy === UNKNOWN || maximum === UNKNOWN || tasks === UNKNOWN) {
    return undefined;
  }
  // ECS rounds the upper limit down to whole tasks
  return Math.floor(tasks * maximum / 100) <= tasks ? []
    : finding(`MaximumPercent is ${maximum}, must be 100`, 'Properties/DeploymentConfiguration/MaximumPercent');
}
