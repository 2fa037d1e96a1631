import type { Deployed } from './template';
import { SdkError, walk } from '../state-machine';

/** Calls an action of Amazon ECS, at the stand-in. */
export async function callEcs(endpoint: string, action: string, input: object): Promise<object> {
  const response = await fetch(endpoint, {
    method: 'POST', headers: { 'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}` }, body: JSON.stringify(input),
  });
  const answer = await response.json() as { __type?: string };
  if (!response.ok) {
    throw new SdkError(`Ecs.${answer.__type}`);
  }
  return answer;
}

/** Runs the state machine of the template, and returns how many sandboxes it counted. */
export async function reap(deployed: Deployed, endpoint: string): Promise<number | undefined> {
  let count: number | undefined;
  await walk(deployed.reaper, async (action, input: { readonly [name: string]: never }) => {
    switch (action) {
      case 'ecs:listTasks':
      case 'ecs:describeTasks':
      case 'ecs:stopTask':
        return forStepFunctions(await callEcs(endpoint, action.replace(/^ecs:./, letter => letter.at(-1)!.toUpperCase()), forEcs(input) as object));
      case 'cloudwatch:putMetricData':
        count = (input as unknown as { MetricData: [{ Value: number }] }).MetricData[0].Value;
        return {};
      default:
        throw new Error(`the reaper has no way to ${action}`);
    }
  });
  return count;
}

/** The integrations of Step Functions name every field with a capital, and write times as text. */
function forStepFunctions(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    return value.map(each => forStepFunctions(each));
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name[0]!.toUpperCase() + name.slice(1), forStepFunctions(each, name)]));
  }
  return key === 'createdAt' ? new Date(Number(value) * 1000).toISOString() : value;
}

function forEcs(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(forEcs);
  }
  return value !== null && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name[0]!.toLowerCase() + name.slice(1), forEcs(each)])) : value;
}
