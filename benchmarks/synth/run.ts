/**
 * What FlueFargateService costs at synthesis, in time and memory, against the same stack in plain L2s and against aws-ecs-patterns.
 *
 *   npx ts-node --project tsconfig.dev.json benchmarks/synth/run.ts [--rounds N]
 *
 * Each measurement is a Node process of its own, on plain JavaScript: ts-node runs only this file. In every round
 * each count of services is measured once per contender, A B C, so that what else the machine does hits all alike.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as ts from 'typescript';
import type { Sample } from './app';

const ROOT = resolve(__dirname, '../..');
const LIB = join(ROOT, 'lib');
const CONTENDERS = ['flue', 'l2', 'patterns'] as const;
const COUNTS = [1, 10, 50];
const DEFAULT_ROUNDS = 5;
const TARGET_RATIO = 1.1;

type Contender = typeof CONTENDERS[number];

interface Measurement extends Sample {
  /** Milliseconds from the start of the process to its end. */
  readonly process: number;
}

function newest(directory: string, extension: string): number {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith(extension))
    .reduce((time, entry) => Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

function requireLibrary(): void {
  if (!existsSync(join(LIB, 'index.js'))) {
    console.error('The library is not compiled. Run `npx projen compile` first.');
    process.exit(2);
  }
  if (newest(join(ROOT, 'src'), '.ts') > newest(LIB, '.js')) {
    console.error('Warning: src is newer than lib. `npx projen compile` measures the current sources.');
  }
}

function rounds(): number {
  const at = process.argv.indexOf('--rounds');
  const value = at < 0 ? DEFAULT_ROUNDS : Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) {
    console.error('--rounds takes a whole number from 1.');
    process.exit(2);
  }
  return value;
}

/** Translates the contenders to JavaScript in `directory`. */
function transpile(directory: string): void {
  mkdirSync(join(directory, 'contenders'));
  for (const file of ['app', ...CONTENDERS.map(name => join('contenders', name))]) {
    const { outputText } = ts.transpileModule(readFileSync(join(__dirname, `${file}.ts`), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    writeFileSync(join(directory, `${file}.js`), outputText);
  }
}

function measure(directory: string, contender: Contender, services: number): Measurement {
  const outdir = mkdtempSync(join(directory, 'out-'));
  const start = process.hrtime.bigint();
  const child = spawnSync(process.execPath, [join(directory, 'contenders', `${contender}.js`), `${services}`, outdir], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, NODE_PATH: join(ROOT, 'node_modules'), CDK_FLUE_LIB: join(directory, 'lib') },
  });
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
  rmSync(outdir, { recursive: true });
  if (child.status !== 0) {
    throw new Error(`${contender} with ${services} services failed: ${child.stderr}`);
  }
  return { ...JSON.parse(child.stdout), process: elapsed };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function total(resources: Record<string, number>): number {
  return Object.values(resources).reduce((sum, count) => sum + count, 0);
}

function differences(ours: Record<string, number>, theirs: Record<string, number>): string[] {
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort()
    .filter(type => ours[type] !== theirs[type])
    .map(type => `${type}: ${theirs[type] ?? 0} instead of ${ours[type] ?? 0}`);
}

function main(): void {
  const count = rounds();
  requireLibrary();
  const directory = mkdtempSync(join(tmpdir(), 'flue-synth-'));
  const samples = new Map<string, Measurement[]>();
  const of = (contender: Contender, services: number) => samples.get(`${contender} ${services}`)!;
  const loadBefore = loadavg()[0];
  try {
    cpSync(LIB, join(directory, 'lib'), { recursive: true }); // a compilation during the run changes nothing
    transpile(directory);
    CONTENDERS.forEach(contender => measure(directory, contender, 1)); // fills the file cache
    for (let round = 0; round < count; round++) {
      for (const services of COUNTS) {
        for (const contender of CONTENDERS) {
          const key = `${contender} ${services}`;
          const sample = measure(directory, contender, services);
          samples.set(key, [...samples.get(key) ?? [], sample]);
          console.error(`round ${round + 1}, ${key}: ${sample.synthesis.toFixed(0)} ms, ${total(sample.resources)} resources`);
        }
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }

  console.log(`${new Date().toISOString().slice(0, 10)}, ${count} rounds, Node ${process.version}, ${cpus().length} x ${cpus()[0].model}, `
    + `load ${loadBefore.toFixed(1)} before and ${loadavg()[0].toFixed(1)} after\n`);
  console.log('| services | contender | resources | build + synth, ms (range) | ratio | process, ms (range) | ratio | peak memory, MiB | ratio |');
  console.log('|---:|---|---:|---:|---:|---:|---:|---:|---:|');
  const cell = (values: number[]) => `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
  for (const services of COUNTS) {
    for (const contender of CONTENDERS) {
      const pick = (name: Contender, key: 'synthesis' | 'process' | 'memory') => of(name, services).map(sample => sample[key]);
      const ratio = (key: 'synthesis' | 'process' | 'memory') => (median(pick(contender, key)) / median(pick('l2', key))).toFixed(2);
      console.log(`| ${services} | ${contender} | ${total(of(contender, services)[0].resources)} `
        + `| ${cell(pick(contender, 'synthesis'))} | ${ratio('synthesis')} | ${cell(pick(contender, 'process'))} | ${ratio('process')} `
        + `| ${median(pick(contender, 'memory')).toFixed(0)} | ${ratio('memory')} |`);
    }
  }

  console.log('\n| contender | ms per service, 10 | ms per service, 50 | 50 / 10 | ms per further service, 10 to 50 |\n|---|---:|---:|---:|---:|');
  for (const contender of CONTENDERS) {
    const [ten, fifty] = [10, 50].map(services => median(of(contender, services).map(sample => sample.synthesis)));
    console.log(`| ${contender} | ${(ten / 10).toFixed(1)} | ${(fifty / 50).toFixed(1)} | ${(fifty / 50 / (ten / 10)).toFixed(2)} | ${((fifty - ten) / 40).toFixed(1)} |`);
  }

  console.log();
  for (const services of COUNTS) {
    for (const contender of CONTENDERS.filter(name => name !== 'flue')) {
      const differ = differences(of('flue', services)[0].resources, of(contender, services)[0].resources);
      console.log(`${services} services, ${contender}: ${differ.length ? `resources differ from flue, ${differ.join(', ')}` : 'the same resources as flue, type by type'}`);
      if (contender === 'l2' && differ.length) {
        process.exitCode = 1;
      }
    }
    const ratios = (['synthesis', 'process'] as const).map(key =>
      median(of('flue', services).map(sample => sample[key])) / median(of('l2', services).map(sample => sample[key])));
    if (Math.max(...ratios) > TARGET_RATIO) {
      console.log(`${services} services: above the target of ${TARGET_RATIO} x plain L2s.`);
      process.exitCode = 1;
    }
  }
}

main();
