import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { EXAMPLES } from './examples';
import { sectionIn, table, updateSection } from './sections';
import {
  FlueDatabase, FlueDatabaseEngine, FlueEc2Service, FlueEgress, FlueExposure, FlueExpressService, FlueFargateService, FlueImage, FlueNetwork,
  FlueShardedService, type FlueTaskProps,
} from '../src';
import { monthlyFloor, type Floor, type Template as Priced } from '../src/cli/price/monthly-floor';
import { PRICES, sandboxMinute, SOURCES } from '../src/cli/price/prices';
import { DEFAULT_CPU, DEFAULT_MEMORY_MIB } from '../src/invariants/fargate-size';
import { SHARD_COUNTS } from '../src/invariants/shards/partition';
import { connectionsFor } from '../src/service/sharded/fleet';
import { synthesizeExamples } from '../test/support/examples';

export const COST = resolve(__dirname, '..', 'docs', 'cost.md');
/** The section of docs/cost.md with the prices of the examples. */
export const EXAMPLE_PRICES = 'examples';
/** The page on shards, with its prices between the lines `prices`. */
export const SHARDING = resolve(__dirname, '..', 'docs', 'sharding.md');

/** A sandbox that says nothing of its size. */
export const DEFAULT_SANDBOX = { vcpu: DEFAULT_CPU / 1024, gb: DEFAULT_MEMORY_MIB / 1024 };

/** What a db.t4g.micro takes (src/database/connection-count.ts). */
const MICRO_CONNECTIONS = 79;

interface Variant {
  readonly name: string;
  readonly architecture: CpuArchitecture;
  /** The networks it can run in; all of them without a list. */
  readonly networks?: string[];
  serve(stack: Stack, props: FlueTaskProps): void;
}

interface Network {
  readonly name: string;
  readonly egress: () => FlueEgress;
}

interface Database {
  readonly name: string;
  readonly engine?: () => FlueDatabaseEngine;
}

const PUBLIC = 'public tasks';

const VARIANTS: Variant[] = [
  {
    name: 'Express',
    architecture: CpuArchitecture.X86_64,
    serve: (stack, props) => new FlueExpressService(stack, 'Agents', props),
  },
  {
    name: 'Fargate',
    architecture: CpuArchitecture.X86_64,
    serve: (stack, props) => new FlueFargateService(stack, 'Agents', props),
  },
  {
    name: 'Fargate, 0.25 vCPU and 0.5 GiB on ARM64',
    architecture: CpuArchitecture.ARM64,
    serve: (stack, props) => new FlueFargateService(stack, 'Agents', { ...props, cpu: 256, memoryLimitMiB: 512 }),
  },
  {
    name: 'Fargate through CloudFront',
    architecture: CpuArchitecture.X86_64,
    serve: (stack, props) => new FlueFargateService(stack, 'Agents', { ...props, exposure: FlueExposure.cloudFront() }),
  },
  {
    name: 'EC2, t4g.small',
    architecture: CpuArchitecture.ARM64,
    networks: [PUBLIC],
    serve: (stack, props) => new FlueEc2Service(stack, 'Agents', props),
  },
];

/** Another shape of the network is another entry here. */
const NETWORKS: Network[] = [
  { name: PUBLIC, egress: () => FlueEgress.publicAddresses() },
  { name: 'one NAT gateway', egress: () => FlueEgress.natGateways() },
  { name: 'VPC endpoints', egress: () => FlueEgress.vpcEndpoints() },
];

const DATABASES: Database[] = [
  { name: 'none' },
  { name: 'RDS db.t4g.micro', engine: () => FlueDatabaseEngine.postgres() },
  { name: 'RDS db.t4g.micro, two zones', engine: () => FlueDatabaseEngine.postgres({ multiAz: true }) },
  { name: 'Aurora, 0.5 ACU', engine: () => FlueDatabaseEngine.auroraServerless() },
];

/** What one combination costs. */
export interface Combination {
  readonly variant: string;
  readonly network: string;
  readonly database: string;
  readonly floor: Floor;
}

/** Synthesizes every combination, and prices its template. */
export function combinations(): Combination[] {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk-flue-cost-'));
  try {
    const app = new App({ outdir, analyticsReporting: false });
    const stacks = VARIANTS.flatMap((variant, v) => NETWORKS.filter(({ name }) => variant.networks?.includes(name) ?? true)
      .flatMap((network, n) => DATABASES.map((database, d) => {
        const stack = combine(app, `Cost${v}${n}${d}`, variant, network, database);
        return { stack, variant, network, database };
      })));
    const assembly = app.synth();
    return stacks.map(({ stack, variant, network, database }) => {
      const { template } = assembly.getStackArtifact(stack.artifactId);
      return { variant: variant.name, network: network.name, database: database.name, floor: monthlyFloor(template) };
    });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function combine(app: App, id: string, variant: Variant, network: Network, { engine }: Database): Stack {
  const stack = new Stack(app, id);
  const { vpc, serverSubnets: vpcSubnets } = new FlueNetwork(stack, 'Network', { egress: network.egress() });
  const image = FlueImage.fromRegistry(stack, 'Image', 'public.ecr.aws/example/agents:1', { cpuArchitecture: variant.architecture, caBundlePath: '/ca.pem' });
  variant.serve(stack, { image, vpc, vpcSubnets, database: engine && new FlueDatabase(stack, 'Database', { vpc, engine: engine() }) });
  return stack;
}

function totals(all: Combination[]): string {
  const rows = new Map<string, string[]>();
  for (const { variant, network, floor } of all) {
    const key = `${variant} | ${network}`;
    const cell = floor.unpriced.length > 0 ? `${floor.total.toFixed(2)} and more` : floor.total.toFixed(2);
    rows.set(key, [...rows.get(key) ?? [variant, network], cell]);
  }
  return table(['Server', 'Network', ...DATABASES.map(({ name }) => name)], [...rows.values()]);
}

function parts(all: Combination[]): string {
  return table(['Server', 'Network', 'Its parts without a database'], all.filter(({ database }) => database === DATABASES[0]!.name)
    .map(({ variant, network, floor }) => [variant, network, floor.costs.map(({ what, usd }) => `${what}: ${usd.toFixed(2)}`).join('; ')]));
}

function unitPrices(): string {
  return table(['Price of', 'Per', 'USD', 'Source', 'Date'], Object.entries(SOURCES).flatMap(([name, { what, unit, except = {}, ...usual }]) => {
    const price: number | Record<string, number> = PRICES[name as keyof typeof SOURCES];
    return Object.entries(typeof price === 'number' ? { '': price } : price).map(([kind, usd]) => {
      const { source, date } = except[kind] ?? usual;
      return [kind ? `${what}, ${kind}` : what, unit, `${usd}`, source, date];
    });
  }));
}

/** The whole of docs/cost.md. */
export function costDocument(): string {
  const all = combinations();
  const { containerInsightsServiceMonth: insights, creditVcpuHour: credits } = PRICES;
  return [
    '<!-- Generated by scripts/generate-cost.ts from src/cli/price/prices.ts and the templates of the library. Change these, not this file. -->',
    '',
    '# What it costs',
    '',
    `USD a month of ${PRICES.hoursPerMonth} hours in ${PRICES.region}, for a server that nobody uses: one task or one box, everything else at its default, without`,
    'free tiers. Each number is the sum over the resources of a template that the library synthesizes for that combination.',
    '',
    totals(all),
    '',
    '- **Not included:** the model, and what you pay by use: traffic, capacity units of the load balancer, data through a NAT gateway, logs, custom',
    '  metrics, storage of Aurora, and backups beyond the size of the database.',
    `- **Container Insights** are on in the cluster that a service makes, and not in the table: about ${insights['at least']}–${insights['at most']} USD a month for one service. To do`,
    '  without, pass a `cluster` of your own.',
    '- **VPC endpoints** are the four that a server needs. Amazon Bedrock needs one more. The server cannot reach a provider on the internet.',
    '- **Express** shares its load balancer and the addresses of it with up to 25 services of the VPC; the table counts all of it for the first service.',
    '- **EC2** is always in a public subnet. The sum includes its disk of 16 GB, and no data volume. Its `t4g` and `t3` instances are *unlimited*: a server',
    `  that keeps its CPU above the baseline (20 % of a small one) pays ${credits.t4g.toFixed(2)} (t4g) or ${credits.t3.toFixed(2)} USD (t3) more for each vCPU and hour.`,
    '- **Aurora** at 0.5 ACU is at its lowest: with `minCapacity: 0` it pauses only while no server runs, because a running one keeps',
    '  connections open. Each reader costs as much as the writer.',
    `- **\`rotation\`** adds no secret. Where no subnet has a route to the internet, its functions need an endpoint in one zone: ${(PRICES.interfaceEndpointZoneHour * PRICES.hoursPerMonth).toFixed(2)}.`,
    '  Behind NAT gateways, as in the example `production`, it adds less than 0.10: runs of the functions, and of what deploys after them.',
    `- **Sandboxes** on Fargate are ${sandboxMinute(DEFAULT_SANDBOX).toFixed(4)} USD a minute each at their default size. Their pool adds three VPC endpoints, if the VPC has none:`,
    `  ${(3 * 2 * PRICES.interfaceEndpointZoneHour * PRICES.hoursPerMonth).toFixed(1)} in two zones, and an alarm: ${PRICES.alarmMonth.toFixed(2)}. Those of a code interpreter cost nothing while no session runs.`,
    `  Each service of \`FlueSandboxEgress.vpcEndpoints()\` is one endpoint more: ${(2 * PRICES.interfaceEndpointZoneHour * PRICES.hoursPerMonth).toFixed(1)} in two zones, and ${PRICES.interfaceEndpointGb} for each GB.`,
    '',
    '## The examples',
    '',
    'USD a month of all stacks of each [example](../examples/typescript), as `npx cdk-flue price` says it.',
    '',
    `<!-- ${EXAMPLE_PRICES}:begin -->`,
    // a synthesis of all examples takes longer than the rest of the page
    sectionIn(readFileSync(COST, 'utf8'), EXAMPLE_PRICES),
    `<!-- ${EXAMPLE_PRICES}:end -->`,
    '',
    '## Your own stacks',
    '',
    '`npx cdk-flue price` says the same of the stacks that `cdk synth` wrote into `cdk.out`, line by line. It names each resource whose price is not known',
    'here, what is billed by use, and each stack that is for another region than the prices. `--json` prints a document for programs.',
    '',
    '## Parts',
    '',
    parts(all),
    '',
    '## Unit prices',
    '',
    'Where the source is a page of somebody else, AWS\'s own list was not at hand: [an open question](open-questions.md#prices). Check what matters to you before you',
    'rely on it.',
    '',
    unitPrices(),
    '',
  ].join('\n');
}

/** What an example costs, as docs/cost.md has it. */
export function examplePrice(name: string, templates: readonly Priced[]): string {
  const floors = templates.map(template => monthlyFloor(template));
  const unpriced = floors.flatMap(floor => floor.unpriced);
  if (unpriced.length > 0) throw new Error(`${name} has no price for ${unpriced.join(', ')}`);
  return floors.reduce((sum, { total }) => sum + total, 0).toFixed(2);
}

/** What all examples cost. */
function renderExamplePrices(): string {
  const examples = Object.entries(synthesizeExamples(...Object.keys(EXAMPLES)));
  return table(['Example', 'USD a month'], examples.map(([name, { stacks }]) => [`\`${name}\``, examplePrice(name, stacks.map(({ template }) => template))]));
}

/** What shards cost, as templates of the library say it. */
export function renderShardPrices(): string {
  const sizes = [
    { architecture: CpuArchitecture.X86_64 },
    { architecture: CpuArchitecture.ARM64, cpu: 256, memoryLimitMiB: 512 },
  ];
  const priceOf = (shards: number, { architecture, ...size }: typeof sizes[number], hasDatabase: boolean): string => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Shards');
    const { vpc } = new FlueNetwork(stack, 'Network', { egress: FlueEgress.publicAddresses() });
    const image = FlueImage.fromRegistry(stack, 'Image', 'public.ecr.aws/example/agents:1', { cpuArchitecture: architecture, caBundlePath: '/ca.pem' });
    new FlueShardedService(stack, 'Agents', { image, vpc, shards, ...size, database: hasDatabase ? new FlueDatabase(stack, 'Database', { vpc }) : undefined });
    return monthlyFloor(Template.fromStack(stack).toJSON()).total.toFixed(2);
  };
  const rows = SHARD_COUNTS.map(shards => [`${shards}`, ...sizes.flatMap(size => [
    priceOf(shards, size, false), connectionsFor(shards) > MICRO_CONNECTIONS ? 'a larger instance' : priceOf(shards, size, true),
  ])]);
  return table(['Shards', '0.5 vCPU, 1 GiB', 'with a db.t4g.micro', '0.25 vCPU, 0.5 GiB, ARM64', 'with a db.t4g.micro'], rows);
}

if (require.main === module) {
  updateSection(SHARDING, 'prices', renderShardPrices());
  writeFileSync(COST, costDocument());
  updateSection(COST, EXAMPLE_PRICES, renderExamplePrices());
}
