import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goLane } from './lanes/go';
import { javaLane } from './lanes/java';
import { nodeLane } from './lanes/node';
import { pythonLane } from './lanes/python';
import { rangeLane } from './lanes/range';
import { tarballLane } from './lanes/tarball';
import { Bench } from './lib/bench';
import { packTarball } from './lib/packing';
import { synthesizeReference } from './lib/reference';
import { Report } from './lib/report';
import { ROOT, run } from './lib/shell';

/**
 * Packs the library for every language and uses each package as a team would: in a fresh project outside the repository.
 * With arguments, only the lanes of these names.
 */

const LANES: Record<string, (bench: Bench) => Promise<void>> = {
  tarball: tarballLane,
  python: pythonLane,
  go: goLane,
  node: nodeLane,
  java: javaLane,
  range: rangeLane,
};
/** Processors that the CI machine has; a lane is mostly one process. */
const AT_ONCE = 2;

async function main(names: string[]): Promise<boolean> {
  const unknown = names.filter(name => !(name in LANES));
  if (unknown.length > 0) throw new Error(`No such lane: ${unknown.join(', ')}. There are ${Object.keys(LANES).join(', ')}.`);
  const directory = mkdtempSync(join(tmpdir(), 'cdk-flue-consumers-'));
  const report = new Report();
  const bench = new Bench(report, directory);

  // As on the machine of a user: what one process has compiled of its modules, the next ones read.
  delete process.env.PYTHONDONTWRITEBYTECODE;

  if (!process.env.CI || !existsSync(join(ROOT, '.jsii'))) await run('npx', ['projen', 'compile'], { cwd: ROOT });
  await packTarball(bench);
  const queue = Object.keys(LANES).filter(name => names.length === 0 || names.includes(name));
  await report.check('build in the repository', () => synthesizeReference(bench));

  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) await LANES[name](bench);
  }));

  const failed = report.count('failed');
  const skipped = report.count('SKIPPED');
  console.log(`\n${report}\n`);
  if (skipped > 0) console.log(`${skipped} SKIPPED: this machine lacks the tools, CI must have them`);
  console.log(`${report.count('passed')} passed, ${failed} failed`);
  // The last kernel of jsii may still write down what it has compiled.
  if (failed === 0) await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  else console.log(`The projects of the consumers are kept in ${directory}`);
  return failed === 0;
}

main(process.argv.slice(2)).then(
  passed => { process.exitCode = passed ? 0 : 1; },
  error => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
