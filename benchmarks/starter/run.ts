/**
 * What the synthesis of a starter takes with Node itself, and what it takes with ts-node.
 *
 *   npx ts-node --project tsconfig.dev.json benchmarks/starter/run.ts [pairs]
 *
 * Both run the starter of `cdk-flue init --variant fargate` by the command that its cdk.json names, or named while it was
 * CommonJS, and must write the same template. Their order alternates from pair to pair.
 */
import { execSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { readStarter, writeStarter, type Starter } from '../../src/cli/init/starter';

const ROOT = resolve(__dirname, '../..');
const DEFAULT_PAIRS = 5;

/** The starter as it was for ts-node. */
function commonJs(starter: Starter): Starter {
  const rewritten = new Map([...starter].map(([file, text]) => [file, text
    .replace(/(from '\..*)\.ts';/g, '$1\';').replaceAll('import.meta.dirname', '__dirname').replace('  "type": "module",\n', '')]));
  return rewritten.set('tsconfig.json', JSON.stringify({
    compilerOptions: { target: 'ES2022', module: 'CommonJS', moduleResolution: 'node10', ignoreDeprecations: '6.0', types: ['node'], strict: true, skipLibCheck: true },
    include: ['bin/**/*.ts', 'lib/**/*.ts'],
  }));
}

/** Writes a starter beside the example agents, where the packages of this repository are found. */
function place(directory: string, starter: Starter): string {
  const app = join(directory, 'app');
  for (const file of ['package.json', 'package-lock.json', 'src', 'flue.config.ts', 'tsconfig.json']) {
    cpSync(join(ROOT, 'examples/agents', file), join(app, file), { recursive: true });
  }
  const cdk = join(app, 'cdk');
  writeStarter(starter, cdk);
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  mkdirSync(join(cdk, 'node_modules'));
  symlinkSync(ROOT, join(cdk, 'node_modules/cdk-flue'));
  return cdk;
}

/** Milliseconds that a synthesis takes, and the template that it writes. */
function synthesize(cwd: string, command: string): { readonly time: number; readonly template: string } {
  const outdir = join(cwd, 'cdk.out');
  const { context } = JSON.parse(readFileSync(join(cwd, 'cdk.json'), 'utf8')) as { context: object };
  const env = {
    ...process.env,
    PATH: [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter),
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify(context),
  };
  const start = process.hrtime.bigint();
  execSync(command, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const time = Number(process.hrtime.bigint() - start) / 1e6;
  const template = readFileSync(join(outdir, 'FlueFargateStack.template.json'), 'utf8');
  rmSync(outdir, { recursive: true });
  return { time, template };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function main(): void {
  if (!existsSync(join(ROOT, 'lib/index.js'))) throw new Error('The library is not compiled. Run `npx projen compile` first.');
  const pairs = Number(process.argv[2] ?? DEFAULT_PAIRS);
  const directory = mkdtempSync(join(tmpdir(), 'flue-starter-'));
  try {
    const starter = readStarter({ language: 'typescript', variant: 'fargate' });
    const [node, tsNode] = ([['node', starter], ['ts-node', commonJs(starter)]] as const).map(([name, files]) => place(join(directory, name), files));
    const { app } = JSON.parse(starter.get('cdk.json')!) as { app: string };
    const contenders = [
      { name: 'node', run: () => synthesize(node, app), times: [] as number[] },
      { name: 'ts-node', run: () => synthesize(tsNode, 'npx ts-node --prefer-ts-exts bin/agents.ts'), times: [] as number[] },
    ];
    const [first, second] = contenders.map(({ run }) => run()); // fills the file cache
    if (first.template !== second.template) throw new Error('The two write different templates.');
    const before = loadavg()[0];
    for (let pair = 0; pair < pairs; pair++) {
      for (const { name, run, times } of pair % 2 === 0 ? contenders : [...contenders].reverse()) {
        times.push(run().time);
        console.error(`pair ${pair + 1}, ${name}: ${times.at(-1)!.toFixed(0)} ms`);
      }
    }
    const ratios = contenders[0].times.map((time, pair) => time / contenders[1].times[pair]);
    console.log(`${new Date().toISOString().slice(0, 10)}, ${pairs} pairs, Node ${process.version}, ${cpus().length} x ${cpus()[0].model}, `
      + `load ${before.toFixed(1)} before and ${loadavg()[0].toFixed(1)} after\n`);
    console.log('| | ms (range) | ratio, paired (range) |\n|---|---:|---:|');
    const range = (values: number[], digits: number) =>
      `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`;
    console.log(`| node | ${range(contenders[0].times, 0)} | ${range(ratios, 2)} |`);
    console.log(`| ts-node | ${range(contenders[1].times, 0)} | 1 |`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

main();
