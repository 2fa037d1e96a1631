import type { Call } from './cloud';
import { TAG } from './stacks';

interface Stack {
  readonly StackName: string;
  readonly StackStatus: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** How often in a row nothing may move: something may still use a stack, such as the load balancer that Express Mode takes down late. */
const QUIET_ROUNDS = 6;
/** Two hours of rounds in which something moves. */
const ROUNDS = 480;
const PAUSE_SECONDS = 15;
const QUIET_PAUSE_SECONDS = 60;
const BUSY = /^(DELETE|ROLLBACK|UPDATE_ROLLBACK|UPDATE_COMPLETE_CLEANUP|UPDATE_ROLLBACK_COMPLETE_CLEANUP)_IN_PROGRESS$/;

export interface Destroyed {
  /** Names of stacks that are gone. */
  readonly gone: readonly string[];
  /** What is still there, and why. */
  readonly left: readonly string[];
}

/** The one command that destroys what a run made. */
export function commandFor(run: string, region: string): string {
  return `npm run verify:live -- --destroy --yes --run ${run} --region ${region}`;
}

/** The stacks of a run, or of every run. */
export async function stacksOfRun(call: Call, run: string | undefined): Promise<Stack[]> {
  const { Stacks = [] } = await call('cloudformation', 'describe_stacks') as { Stacks?: Stack[] };
  return Stacks.filter(({ StackName, Tags = [] }) => {
    const of = Tags.find(({ Key }) => Key === TAG)?.Value ?? /^FlueLive([A-Za-z0-9]+)-/.exec(StackName)?.[1];
    return of !== undefined && (run === undefined || of === run);
  });
}

/**
 * Deletes the stacks of a run, by CloudFormation alone: neither a synthesis nor the state of this process is needed.
 *
 * A stack that is still being made is waited for or deleted as it is; one that others import from is tried again when they are gone.
 */
export async function destroyRun(
  call: Call, run: string | undefined, pause: (seconds: number) => Promise<void>, say: (line: string) => void = () => undefined,
): Promise<Destroyed> {
  const gone: string[] = [];
  const reasons = new Map<string, string>();
  let stacks = await stacksOfRun(call, run);
  for (let round = 0, quiet = 0; stacks.length > 0 && quiet < QUIET_ROUNDS && round < ROUNDS; round++) {
    for (const stack of stacks.filter(({ StackStatus }) => !BUSY.test(StackStatus))) {
      await deleteOne(call, stack).catch((error: Error) => reasons.set(stack.StackName, error.message));
    }
    const after = await stacksOfRun(call, run);
    for (const { StackName } of stacks.filter(stack => !after.some(({ StackName: name }) => name === stack.StackName))) {
      gone.push(StackName);
      say(`destroyed ${StackName}`);
    }
    const moves = after.length < stacks.length || after.some(({ StackStatus }) => BUSY.test(StackStatus));
    quiet = moves ? 0 : quiet + 1;
    if (after.length > 0) await pause(moves ? PAUSE_SECONDS : QUIET_PAUSE_SECONDS);
    stacks = after;
  }
  return { gone, left: stacks.map(({ StackName, StackStatus }) => `stack ${StackName}, ${StackStatus}${reasons.has(StackName) ? `: ${reasons.get(StackName)}` : ''}`) };
}

function deleteOne(call: Call, { StackName, StackStatus }: Stack): Promise<unknown> {
  // CloudFormation deletes no stack in the middle of an update.
  return call('cloudformation', StackStatus === 'UPDATE_IN_PROGRESS' ? 'cancel_update_stack' : 'delete_stack', { StackName });
}

/** What still carries the tag of a run, whatever its stack says: names of resources. */
export async function taggedLeftovers(call: Call, run: string): Promise<string[]> {
  const { ResourceTagMappingList = [] } = await call('resourcegroupstaggingapi', 'get_resources', { TagFilters: [{ Key: TAG, Values: [run] }] });
  return (ResourceTagMappingList as { ResourceARN: string }[]).map(({ ResourceARN }) => ResourceARN);
}
