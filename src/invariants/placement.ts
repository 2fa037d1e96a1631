import { Resource, Stack, type ResourceEnvironment } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { refuse } from './invariant';
import { isPending, isUnknown } from './unknown';

interface Placement {
  readonly must: ReadonlyArray<'account' | 'region'>;
  readonly fix: string;
}

const ROLE: Placement = { must: ['account'], fix: 'AWS passes no role of another account to a service. Make one here, and let it assume the other one' };
const NETWORK: Placement = { must: ['account', 'region'], fix: 'Make the service in a stack of that account and region' };

const VOLUME: Placement = { must: ['account', 'region'], fix: 'EC2 attaches no volume of elsewhere. Make the service in the region of the volume, or begin a new volume with a copy of its snapshot in `dataVolumeSnapshot`' };
const BACKED_UP: Placement = { must: ['account', 'region'], fix: 'AWS Backup reads only what is in the account and region of its plan. Make a FlueBackups there' };

/** What AWS uses only beside the service, by the prop that takes it. */
const PLACEMENTS: { readonly [prop: string]: Placement } = {
  vpc: NETWORK,
  cluster: NETWORK,
  securityGroups: NETWORK,
  database: { must: ['account', 'region'], fix: 'A template reads nothing of a database of elsewhere. Put both into one account and region' },
  taskRole: ROLE,
  executionRole: ROLE,
  infrastructureRole: ROLE,
  role: ROLE,
  logGroup: { must: ['account', 'region'], fix: 'The agent that ships the logs writes to its own account and region. Pass a log group there' },
  accessLogsBucket: { must: ['region'], fix: 'A load balancer writes only to a bucket of its region. Pass one there' },
  alarms: { must: ['account', 'region'], fix: 'ECS asks only alarms of its account and region. Pass one there' },
  eventBus: { must: ['account', 'region'], fix: 'A rule stands on a bus of its account and region. Let a rule there send the events to a bus here' },
  topic: { must: ['region'], fix: 'Pass a topic of that region' },
  provider: { must: ['account'], fix: 'A role trusts only the providers of its account. Leave it out for a new one, or import the one there' },
  denyBedrockTo: { must: ['account'], fix: 'A budget acts only on roles of its account. Make one in the account of the role' },
  vault: { must: ['account', 'region'], fix: 'AWS Backup keeps what it makes in the account and region of its plan. Pass a vault there, and copy from it' },
  dataVolume: VOLUME,
  volume: BACKED_UP,
  volumes: BACKED_UP,
  databases: BACKED_UP,
};

/** Refuses what is given among props and stands in an account or region where AWS does not use it, as far as the app knows. */
export function requirePlacement(scope: IConstruct, props: object): void {
  for (const [prop, given] of Object.entries(props)) {
    if (Object.hasOwn(PLACEMENTS, prop)) {
      (Array.isArray(given) ? given : [given]).filter(item => Construct.isConstruct(item) && !isToBeFound(item))
        .forEach(item => requireBeside(scope, prop, item, PLACEMENTS[prop]!));
    }
  }
}

/** Whether a lookup has yet to find it: until then, it stands in an account of nobody. */
function isToBeFound(item: IConstruct): boolean {
  return Object.values(item).some(value => typeof value === 'string' && isPending(value));
}

function requireBeside(scope: IConstruct, prop: string, item: IConstruct, { must, fix }: Placement): void {
  const stack = Stack.of(scope);
  // what we make of several resources stands in its stack
  const env: ResourceEnvironment = { ...Resource.isResource(item) ? item.env : Stack.of(item), ...statedIn(item) };
  for (const part of must) {
    const [own, given] = [stack[part], env[part]];
    if (!isUnknown(own) && !isUnknown(given) && own !== given) {
      refuse(scope, `\`${prop}\` must be in the ${part} of the stack, ${own}, got: one in ${given}`, fix);
    }
  }
  // an import stands in the stack that imports it, and its zone says where it is
  const { availabilityZone: zone } = item as { readonly availabilityZone?: unknown };
  if (typeof zone === 'string' && must.includes('region') && !isUnknown(zone) && !isUnknown(stack.region) && !zone.startsWith(stack.region)) {
    refuse(scope, `\`${prop}\` must be in the region of the stack, ${stack.region}, got: one in the zone ${zone}`, fix);
  }
}

/** Where the ARN of an alarm or a provider says that it is: its import stands in the stack that imports it. */
function statedIn(item: IConstruct): Partial<ResourceEnvironment> {
  const { oidcProviderArn, alarmArn } = item as { readonly oidcProviderArn?: unknown; readonly alarmArn?: unknown };
  const arn = oidcProviderArn ?? alarmArn;
  const [, region, account] = typeof arn === 'string' ? /^arn:[^:]+:[^:]+:([a-z0-9-]*):(\d{12}):/.exec(arn) ?? [] : [];
  return { ...account ? { account } : {}, ...region ? { region } : {} };
}
