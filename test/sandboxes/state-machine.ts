import jsonata from 'jsonata';

interface State {
  readonly Type: 'Pass' | 'Task' | 'Choice' | 'Map';
  readonly Resource?: string;
  readonly Arguments?: unknown;
  readonly Output?: unknown;
  readonly Items?: unknown;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Choices?: ReadonlyArray<{ readonly Condition: string; readonly Next: string }>;
  readonly Catch?: ReadonlyArray<{ readonly ErrorEquals: readonly string[]; readonly Output?: unknown; readonly Next: string }>;
  readonly ItemProcessor?: Machine;
}

export interface Machine {
  readonly StartAt: string;
  readonly States: { readonly [name: string]: State };
}

/** Does a call of the SDK integration, such as `ecs:listTasks`, and gives what AWS answers. */
export type Sdk = (action: string, input: never) => unknown;

/** What an SDK integration fails with. */
export class SdkError extends Error {
  public constructor(name: string) {
    super(name);
    this.name = name;
  }
}

interface States {
  readonly input: unknown;
  readonly result?: unknown;
}

/** Walks a definition in JSONata as AWS Step Functions does, as far as the reaper goes. Whatever else stands in it is refused. */
export async function walk(machine: Machine, sdk: Sdk, given: unknown = {}): Promise<unknown> {
  let value = given;
  let name: string | undefined = machine.StartAt;
  while (name !== undefined) {
    const state: State | undefined = machine.States[name];
    if (!state) {
      throw new Error(`there is no state ${name}`);
    }
    [value, name] = await step(state, sdk, value);
  }
  return value;
}

async function step(state: State, sdk: Sdk, input: unknown): Promise<[unknown, string | undefined]> {
  const output = async (result: unknown, template = state.Output) => template === undefined ? result : resolve(template, { input, result });
  switch (state.Type) {
    case 'Pass':
      return [await output(input), next(state)];
    case 'Choice':
      for (const { Condition, Next } of state.Choices!) {
        const holds = await resolve(Condition, { input });
        if (typeof holds !== 'boolean') {
          throw new Error(`a condition must be true or false, got: ${JSON.stringify(holds)} of ${Condition}`);
        }
        if (holds) {
          return [input, Next];
        }
      }
      return [input, state.Default];
    case 'Map': {
      const items = await resolve(state.Items, { input });
      if (!Array.isArray(items)) {
        throw new Error(`the items of a Map must be an array, got: ${JSON.stringify(items)}`);
      }
      return [await output(await Promise.all(items.map(item => walk(state.ItemProcessor!, sdk, item)))), next(state)];
    }
    case 'Task':
      return task(state, sdk, input, output);
  }
}

async function task(state: State, sdk: Sdk, input: unknown, output: (result: unknown) => Promise<unknown>): Promise<[unknown, string | undefined]> {
  const action = /^arn:aws:states:::aws-sdk:(\w+:\w+)$/.exec(state.Resource!)![1]!;
  const given = await resolve(state.Arguments, { input });
  let result: unknown;
  try {
    result = await sdk(action, given as never);
  } catch (error) {
    const caught = state.Catch?.find(({ ErrorEquals }) => ErrorEquals.some(name => name === 'States.ALL' || name === (error as Error).name));
    if (!caught) {
      throw error;
    }
    return [caught.Output === undefined ? input : await resolve(caught.Output, { input }), caught.Next];
  }
  return [await output(result), next(state)];
}

function next({ Next, End }: State): string | undefined {
  if ((Next === undefined) !== (End === true)) {
    throw new Error('a state must have one of Next and End');
  }
  return Next;
}

/** Evaluates the expressions in a template. One that comes to nothing fails the execution, as it does on AWS. */
async function resolve(template: unknown, states: States): Promise<unknown> {
  if (typeof template === 'string') {
    const [, expression] = /^\{%([^]*)%\}$/.exec(template) ?? [];
    if (expression === undefined) {
      return template;
    }
    const value: unknown = await jsonata(expression).evaluate({}, { states });
    if (value === undefined) {
      throw new Error(`the expression comes to nothing: ${expression}`);
    }
    return JSON.parse(JSON.stringify(value));
  }
  if (Array.isArray(template)) {
    return Promise.all(template.map(each => resolve(each, states)));
  }
  if (template !== null && typeof template === 'object') {
    return Object.fromEntries(await Promise.all(Object.entries(template).map(async ([name, each]) => [name, await resolve(each, states)] as const)));
  }
  return template;
}
