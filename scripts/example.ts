import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, Validations } from 'aws-cdk-lib';
import { EXAMPLES, exampleApp } from './examples';
import { monthlyFloor, type Template } from '../src/cli/price/monthly-floor';
import { PRICES } from '../src/cli/price/prices';

/** Synthesizes an example app offline and says what it creates, what is accepted and what it costs: `example.ts [name…]`. */

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = (text: string): string => colour ? `\u001b[1m${text}\u001b[0m` : text;
const dim = (text: string): string => colour ? `\u001b[2m${text}\u001b[0m` : text;
const usd = (amount: number): string => amount.toFixed(2).padStart(8);

function acknowledged(stack: Stack): [string, string][] {
  const found = new Map<string, string>();
  for (const { node } of stack.node.findAll()) {
    for (const { type, data } of node.metadata) {
      if (type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY) {
        for (const [id, reason] of Object.entries(data as Record<string, string>)) found.set(id, reason);
      }
    }
  }
  return [...found].sort(([a], [b]) => a.localeCompare(b));
}

function describe(name: string, stack: Stack, template: Template & { Outputs?: Record<string, unknown> }): void {
  const types = Object.values(template.Resources ?? {}).map(({ Type }) => Type).filter(type => type !== 'AWS::CDK::Metadata');
  const counts = new Map<string, number>();
  types.forEach(type => counts.set(type, (counts.get(type) ?? 0) + 1));
  console.log(`\n${bold(stack.stackName)}  ${dim(stack.templateOptions.description ?? '')}`);
  console.log(`  ${types.length} resources: ${[...counts].sort().map(([type, count]) => `${count} ${type.replace('AWS::', '')}`).join(', ')}`);
  const outputs = Object.keys(template.Outputs ?? {}).filter(output => output === 'Url');
  console.log(`  URL output: ${outputs.join(', ') || 'none, the agents run in the other stacks'}`);
  console.log('  Acknowledged findings:');
  acknowledged(stack).forEach(([id, reason]) => console.log(`    ${id}\n      ${dim(reason)}`));
  const { costs, total, unpriced } = monthlyFloor(template);
  console.log(`  Monthly floor, ${PRICES.region}, prices of ${PRICES.date} (${PRICES.source}); no traffic, no logs:`);
  costs.forEach(cost => console.log(`    ${usd(cost.usd)}  ${cost.what}`));
  unpriced.forEach(what => console.log(`           ?  ${what}`));
  console.log(`    ${bold(usd(total))}  USD a month`);
  const app = name === Object.keys(EXAMPLES)[0] ? '' : ` --app 'node bin/${name}.ts'`;
  console.log(`  Next: cd examples/typescript && npx cdk deploy${app} ${stack.stackName}`);
}

async function synthesize(name: string, outdir: string): Promise<void> {
  const app = await exampleApp(name, { outdir });
  const assembly = app.synth();
  const stacks = app.node.children.filter(Stack.isStack);
  stacks.forEach(stack => describe(name, stack, assembly.getStackArtifact(stack.artifactId).template));
  // A plugin that finds an error makes the synthesis end with an exit code of its own.
  const unexpected = assembly.stacks.flatMap(stack => stack.messages).filter(({ level }) => level !== 'info');
  unexpected.forEach(({ id, entry }) => console.error(`${id}: ${entry.data}`));
  if (unexpected.some(({ level, id: path, entry }) => level === 'error' || /cdk-flue:/.test(`${path} ${entry.data}`))) process.exitCode = 1;
}

async function main(): Promise<void> {
  const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(EXAMPLES).slice(0, 1);
  const outdir = mkdtempSync(join(tmpdir(), 'cdk-flue-example-'));
  try {
    for (const name of names) {
      if (!(name in EXAMPLES)) throw new Error(`There is no example ${name}. There are ${Object.keys(EXAMPLES).join(', ')}.`);
      if (names.length > 1) console.log(`\n${bold(`=== ${name}`)}`);
      await synthesize(name, join(outdir, name));
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
  if (!process.exitCode) console.log('\nEvery finding of the rule packs is fixed or acknowledged.');
}

void main();
