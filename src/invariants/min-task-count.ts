import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse, type Invariant } from './invariant';

/** Fewest processes that keep sessions and streams alive. */
export const MIN_TASKS = 1;

export const MIN_TASK_COUNT: Invariant = {
  id: 'MinTaskCount',
  level: 'error',
  statement: 'At least one server process is always running.',
  why: 'A service scaled to zero cuts every open stream, forgets the sessions it holds in memory, and on ECS Express Mode does not come back.',
  limit: `desired, minimum and scalable-target capacity ≥ ${MIN_TASKS}`,
  source: 'Flue deployment guide for AWS, scaling',
  fix: `Set the desired count, \`minTasks\`, \`minTaskCount\` or \`MinCapacity\` to ${MIN_TASKS} or more.`,
};

export interface TaskCounts {
  readonly minTasks: number;
  readonly maxTasks: number;
}

/** Refuses a service that could have no process, or a minimum above its maximum. */
export function requireTaskCounts(scope: IConstruct, { minTasks, maxTasks }: TaskCounts): void {
  for (const [prop, count] of [['minTasks', minTasks], ['maxTasks', maxTasks]] as const) {
    if (!Token.isUnresolved(count) && (!Number.isInteger(count) || count < MIN_TASKS)) {
      refuse(scope, `\`${prop}\` must be a whole number of at least ${MIN_TASKS}, got: ${count}`,
        'Keep one process running: it holds the sessions and the open streams', MIN_TASK_COUNT);
    }
  }
  if (!Token.isUnresolved(minTasks) && !Token.isUnresolved(maxTasks) && minTasks > maxTasks) {
    refuse(scope, `\`minTasks\` must be at most \`maxTasks\` (${maxTasks}), got: ${minTasks}`,
      'Raise `maxTasks` or lower `minTasks`', MIN_TASK_COUNT);
  }
}
