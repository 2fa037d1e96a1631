import { parseArgs } from 'node:util';
import { billingOf, type Billing } from './billing';
import { monthlyFloor, resourcesOf, type Cost, type Template } from './monthly-floor';
import { PRICES } from './prices';
import { readAssembly } from '../assembly/assembly';
import { CliFailure } from '../failure';

export const PRICE_USAGE = `Usage: cdk-flue price [cdk.out] [options]

Says what each stack that cdk synth wrote costs in a month in which nobody uses it, line by line.
The prices are those of ${PRICES.region}, on demand and without free tiers, looked up on ${PRICES.date}. Nothing is sent anywhere.

  --region NAME  the region whose prices to use: ${PRICES.region}, the only one whose prices are known
  --json         one JSON document on the standard output, and nothing else

What is billed by use, such as logs, requests and the model, comes on top. A resource whose price is not known is named.
The exit code is 0, and 2 when nothing could be priced.
`;

interface StackPrice {
  readonly stack: string;
  /** The region of the stack, where that is known, and not the one of the prices. */
  readonly deployedTo?: string;
  readonly costs: readonly Cost[];
  readonly total: number;
  /** What has a price that is not known. */
  readonly unknown: readonly string[];
  readonly billedByUse: readonly string[];
}

/** `cdk-flue price`: what each stack costs in a month in which nobody uses it. */
export async function price(argv: string[]): Promise<number> {
  const { directory, json } = parse(argv);
  const { templates } = readAssembly(directory);
  if (templates.length === 0) {
    throw new CliFailure(`The assembly in ${directory} has no stack.`, 'Pass the directory that `cdk synth` writes.');
  }
  const stacks = templates.map(template => ({ ...priceOf(template.path, template.json as Template), ...elsewhere(template.context.environment) }));
  const total = stacks.reduce((sum, stack) => sum + stack.total, 0);
  const { region, date } = PRICES;
  process.stdout.write(json ? `${JSON.stringify({ region, date, currency: 'USD', stacks, total }, undefined, 2)}\n` : table(stacks, total));
  return 0;
}

function parse(argv: string[]): { readonly directory: string; readonly json: boolean } {
  const help = 'Run `cdk-flue price --help` for the options.';
  try {
    const { values, positionals } = parseArgs({ args: argv, allowPositionals: true, options: { json: { type: 'boolean' }, region: { type: 'string' } } });
    if (positionals.length > 1 || positionals[0] === '') {
      throw new Error(`Pass one directory, got: ${JSON.stringify(positionals)}`);
    }
    if (values.region !== undefined && values.region !== PRICES.region) {
      throw new Error(`The prices of ${JSON.stringify(values.region)} are not known: there are those of ${PRICES.region}`);
    }
    return { directory: positionals[0] ?? 'cdk.out', json: values.json ?? false };
  } catch (error) {
    throw new CliFailure(`${(error as Error).message.split('. ')[0]}.`, help);
  }
}

function priceOf(stack: string, template: Template): StackPrice {
  const { costs, total, unpriced } = monthlyFloor(template);
  const types = resourcesOf(template).map(([, { Type }]) => Type);
  const of = (billing: Billing): string[] => [...new Set(types.filter(type => billingOf(type) === billing))].sort()
    .map(type => `${types.filter(other => other === type).length} × ${type}`);
  return { stack, costs, total, unknown: [...unpriced, ...of('unknown')], billedByUse: of('by use') };
}

/** The region of `account/region`, if it is another one than that of the prices. */
function elsewhere(environment = ''): Pick<StackPrice, 'deployedTo'> {
  const [, region] = environment.split('/');
  return region === undefined || region === PRICES.region ? {} : { deployedTo: region };
}

function table(stacks: readonly StackPrice[], total: number): string {
  const usd = (amount: number): string => amount.toFixed(2).padStart(10);
  const heading = `USD a month in ${PRICES.region}, prices of ${PRICES.date}, without traffic\n`;
  const parts = stacks.map(({ stack, deployedTo, costs, total: sum, unknown, billedByUse }) => [
    `\n${stack}\n`,
    ...costs.map(cost => `${usd(cost.usd)}  ${cost.what}\n`),
    ...unknown.map(what => `         ?  ${what}: its price is not known here\n`),
    `${usd(sum)}  ${stack}${unknown.length > 0 ? ', without what is not known' : ''}\n`,
    ...deployedTo === undefined ? [] : [`            at the prices of ${PRICES.region}, although it is for ${deployedTo}\n`],
    ...billedByUse.length > 0 ? [`            billed by use: ${billedByUse.join(', ')}\n`] : [],
  ].join(''));
  return `${heading}${parts.join('')}\n${usd(total)}  all stacks\n`;
}
