import { Resource, Stack, type IResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse } from './invariant';
import { isUnknown } from './unknown';

interface Placement {
  readonly must: ReadonlyArray<'account' | 'region'>;
  readonly fix: string;
}

const ROLE: Placement = { must: ['account'], fix: 'AWS passes no role of another account to a service. Make one here, and let it assume the other one' };
const NETWORK: Placement = { must: ['account', 'region'], fix: 'Make the service in a stack of that account and region' };

/** What AWS uses only beside the service, by the prop that takes it. */
const PLACEMENTS: { readonly [prop: string]: Placement } = {
  vpc: NETWORK,
  cluster: NETWORK,
  securityGroups: NETWORK,
  taskRole: ROLE,
  executionRole: ROLE,
  infrastructureRole: ROLE,
  role: ROLE,
  logGroup: { must: ['account', 'region'], fix: 'The agent that ships the logs writes to its own account and region. Pass a log group there' },
  accessLogsBucket: { must: ['region'], fix: 'A load balancer writes only to a bucket of its region. Pass one there' },
  eventBus: { must: ['account', 'region'], fix: 'A rule stands on a bus of its account and region. Let a rule there send the events to a bus here' },
  topic: { must: ['region'], fix: 'An alarm notifies only a topic of its region. Pass one there' },
};

/** Refuses what is given among props and stands in an account or region where AWS does not use it, as far as the app knows. */
export function requirePlacement(scope: IConstruct, props: object): void {
  for (const [prop, given] of Object.entries(props)) {
    if (Object.hasOwn(PLACEMENTS, prop)) {
      (Array.isArray(given) ? given : [given]).filter(isResource).forEach(resource => requireBeside(scope, prop, resource, PLACEMENTS[prop]!));
    }
  }
}

function requireBeside(scope: IConstruct, prop: string, { env }: IResource, { must, fix }: Placement): void {
  const stack = Stack.of(scope);
  for (const part of must) {
    const [own, given] = [stack[part], env[part]];
    if (!isUnknown(own) && !isUnknown(given) && own !== given) {
      refuse(scope, `\`${prop}\` must be in the ${part} of the stack, ${own}, got: one in ${given}`, fix);
    }
  }
}

function isResource(given: unknown): given is IResource {
  return given !== undefined && given !== null && Resource.isResource(given as IConstruct);
}
