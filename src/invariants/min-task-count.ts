import type { IConstruct } from 'constructs';
import { refuse, type Finding, type Invariant } from './invariant';
import { requireWithin } from './limits/guard';
import { MIN_TASKS, SERVER_LIMITS } from './limits/server';
import { AUTO_SCALING_GROUP } from './template/boxes';
import { EXPRESS_SERVICE } from './template/containers';
import { allOf } from './template/findings';
import { SCALABLE_TARGET, SERVICE } from './template/flue-servers';
import { SCHEDULE } from './template/task-launchers';
import { UNKNOWN, type TemplateResource } from './template/value';
import { isUnknown } from './unknown';

const SCHEDULED_ACTION = 'AWS::AutoScaling::ScheduledAction';

export const MIN_TASK_COUNT: Invariant = {
  id: 'MinTaskCount',
  level: 'error',
  statement: 'At least one server process is always running.',
  why: 'A service scaled to zero cuts every open stream, forgets the sessions it holds in memory, and on ECS Express Mode does not come back.',
  limit: `desired, minimum and scalable-target capacity ≥ ${MIN_TASKS}, in every scheduled action and call too`,
  source: 'Flue deployment guide for AWS, scaling',
  fix: `Set the desired count, \`minTasks\`, \`minTaskCount\` or \`MinCapacity\` to ${MIN_TASKS} or more.`,
  rule: {

    resourceTypes: [SERVICE, SCALABLE_TARGET, EXPRESS_SERVICE, AUTO_SCALING_GROUP, SCHEDULED_ACTION, SCHEDULE],
    check: (resource, servers) => {
      switch (resource.type) {
        case SERVICE:
          return resource.at('SchedulingStrategy').string() === 'DAEMON' ? undefined : belowMinimum(resource, ['DesiredCount']);
        case SCALABLE_TARGET:
          return allOf(belowMinimum(resource, ['MinCapacity']), scheduledBelowMinimum(resource));
        case EXPRESS_SERVICE:
          return belowMinimum(resource, ['ScalingTarget', 'MinTaskCount']);
        case SCHEDULE:
          return judgeCall(resource);
        default: {
          const group = resource.type === AUTO_SCALING_GROUP ? resource : resource.at('AutoScalingGroupName').target(AUTO_SCALING_GROUP)?.resource;
          return !group || servers.isEcsCapacity(group) ? undefined : judgeGroupSizes(resource);
        }
      }
    },
  },
};

/** A maximum of none needs no finding of its own beside a minimum of none. */
function judgeGroupSizes(resource: TemplateResource): Finding[] | undefined {
  const sizes = allOf(belowMinimum(resource, ['MinSize']), belowMinimum(resource, ['DesiredCapacity']));
  return sizes?.length ? sizes : allOf(sizes, belowMinimum(resource, ['MaxSize']));
}

export interface TaskCounts {
  readonly minTasks: number;
  readonly maxTasks: number;
}

/** Refuses a service that could have no process, or a minimum above its maximum. */
export function requireTaskCounts(scope: IConstruct, { minTasks, maxTasks }: TaskCounts): void {
  requireWithin(scope, minTasks, SERVER_LIMITS.minTasks);
  requireWithin(scope, maxTasks, SERVER_LIMITS.maxTasks);
  if (!isUnknown(minTasks) && !isUnknown(maxTasks) && minTasks > maxTasks) {
    refuse(scope, `\`minTasks\` must be at most \`maxTasks\` (${maxTasks}), got: ${minTasks}`,
      'Raise `maxTasks` or lower `minTasks`', MIN_TASK_COUNT);
  }
}

/** A count left out is one, or what is already running. */
function belowMinimum(resource: TemplateResource, keys: string[]): Finding[] | undefined {
  const count = resource.at(...keys).number();
  if (count === UNKNOWN) {
    return undefined;
  }
  const name = keys[keys.length - 1];
  return count === undefined || count >= MIN_TASKS ? [] : [{
    detail: name === 'DesiredCapacity' ? name : undefined,
    found: `${name} is ${count}, must be at least ${MIN_TASKS}`,
    location: ['Properties', ...keys].join('/'),
  }];
}

function scheduledBelowMinimum(target: TemplateResource): Finding[] | undefined {
  const actions = target.at('ScheduledActions').list();
  return actions === UNKNOWN ? undefined : actions.flatMap((action, index) => {
    const name = action.at('ScheduledActionName').string();
    return ['MinCapacity', 'MaxCapacity']
      .filter(key => action.at('ScalableTargetAction', key).number() === 0)
      .map(key => ({
        detail: typeof name === 'string' ? name : `ScheduledActions/${index}`,
        found: `a scheduled action sets ${key} to 0, must be at least ${MIN_TASKS}`,
        location: `Properties/ScheduledActions/${index}`,
      }))
      .slice(0, 1);
  });
}

/** Calls of EventBridge Scheduler that end the last process whatever they are given. */
const ENDING_CALL = /:aws-sdk:(ec2:(stop|terminate)Instances|ecs:delete(ExpressGateway)?Service|autoscaling:deleteAutoScalingGroup)$/i;
/** Calls that set how many processes run. */
const COUNTING_CALL = /:aws-sdk:(ecs:update(ExpressGateway)?Service|applicationautoscaling:(registerScalableTarget|putScheduledAction)|autoscaling:\w+)$/i;
const ZERO = /"(DesiredCount|MinCapacity|MaxCapacity|MinSize|MaxSize|DesiredCapacity|MinTaskCount|MaxTaskCount)"\s*:\s*"?0(?![\d.])/i;

function judgeCall(schedule: TemplateResource): Finding[] | undefined {
  const call = schedule.at('Target', 'Arn').text();
  const action = call.split(':').at(-1);
  const location = 'Properties/Target/Input';
  const fix = 'Remove the schedule: clients that are connected at that time lose the stream, and the work in flight.';
  if (ENDING_CALL.test(call)) {
    return [{ found: `the schedule calls ${action}, which ends the server`, location, fix }];
  }
  if (!COUNTING_CALL.test(call)) {
    return undefined;
  }
  const key = ZERO.exec(schedule.at('Target', 'Input').text())?.[1];
  return key === undefined ? [] : [{ found: `the schedule calls ${action} with ${key} 0, must be at least ${MIN_TASKS}`, location, fix }];
}
