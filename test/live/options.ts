import { parseArgs } from 'node:util';
import { HOSTS, type Host } from './stacks';

export const USAGE = `Usage: npm run verify:live -- [options]

Deploys the example agents to your AWS account, asks whether what the library promises holds there, and destroys them again.
It says first what it creates, what that costs an hour, and in which account and region; then it asks you.

  --yes           do not ask
  --only LIST     some of ${Object.keys(HOSTS).join(',')}; all of them otherwise
  --probes LIST   only these probes
  --region NAME   the region; that of your AWS configuration otherwise
  --image URI     an image of examples/agents; built with docker, or what CDK_DOCKER names, otherwise
  --from CIDR     who may reach the box; your own address otherwise, as checkip.amazonaws.com sees it
  --minutes N     after so many minutes the run ends and destroys what it made (default 120)
  --keep          leave everything running
  --destroy       only destroy: what a run left behind, by its tag; with --run of that run, otherwise of all
  --run ID        the name of the run; made up otherwise
  --report DIR    where the report goes (default docs/live)
  --emulated      against the emulator of npm run verify:deploy: nothing is created and no server runs

Credentials are those that the AWS SDK finds: variables, a profile, a role. You need python3 besides, for the SDK.
The exit code is 0 when every promise held, 1 when one did not, and 2 when the run could not be made.
`;

export interface Options {
  readonly hosts: readonly Host[];
  readonly probes?: readonly string[];
  readonly yes: boolean;
  readonly region?: string;
  readonly image?: string;
  readonly from?: string;
  readonly minutes: number;
  readonly keep: boolean;
  readonly destroy: boolean;
  readonly run?: string;
  readonly report: string;
  readonly emulated: boolean;
  readonly help: boolean;
}

/** What the run cannot do, in a sentence for who asked for it. */
export class Refusal extends Error {}

const MINUTES = { least: 10, most: 600 };
const CIDR = /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/;

/** Reads the command line; throws a `Refusal` that says how to write it. */
export function parseOptions(argv: readonly string[], probes: readonly string[]): Options {
  const { values } = attempt(() => parseArgs({
    args: [...argv],
    options: {
      yes: { type: 'boolean', default: false },
      only: { type: 'string' },
      probes: { type: 'string' },
      region: { type: 'string' },
      image: { type: 'string' },
      from: { type: 'string' },
      minutes: { type: 'string', default: '120' },
      keep: { type: 'boolean', default: false },
      destroy: { type: 'boolean', default: false },
      run: { type: 'string' },
      report: { type: 'string', default: 'docs/live' },
      emulated: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }));
  const { only, minutes, run, from, keep, destroy } = values;
  const budget = Number(minutes);
  if (!Number.isInteger(budget) || budget < MINUTES.least || budget > MINUTES.most) {
    throw new Refusal(`--minutes must be a whole number from ${MINUTES.least} to ${MINUTES.most}, got: ${minutes}.`);
  }
  if (run !== undefined && !/^[A-Za-z0-9]{4,12}$/.test(run)) {
    throw new Refusal(`--run must be 4 to 12 letters and digits, got: ${run}.`);
  }
  if (from !== undefined && !CIDR.test(from)) {
    throw new Refusal(`--from must be a range of IPv4 addresses such as 203.0.113.7/32, got: ${from}.`);
  }
  if (keep && destroy) {
    throw new Refusal('--keep and --destroy contradict each other: pass one of them.');
  }
  return {
    ...values,
    minutes: budget,
    hosts: only === undefined ? Object.keys(HOSTS) as Host[] : among('--only', only, Object.keys(HOSTS)) as Host[],
    probes: values.probes === undefined ? undefined : among('--probes', values.probes, probes),
  };
}

function among(option: string, list: string, known: readonly string[]): string[] {
  const names = list.split(',').filter(Boolean);
  const unknown = names.find(name => !known.includes(name));
  if (unknown !== undefined || names.length === 0) {
    throw new Refusal(`${option} must be some of ${known.join(', ')}, got: ${unknown ?? 'nothing'}.`);
  }
  return known.filter(name => names.includes(name));
}

function attempt<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Refusal(`${(error as Error).message.split('. ')[0]}.`);
  }
}
