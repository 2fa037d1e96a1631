import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentIn, Lockfiles } from './lockfiles';
import { write } from '../image/fixtures';
import { LAYOUTS } from '../image/layouts';

/** Writes the layout of a name, with its lockfile, into a directory. */
async function main([name, directory]: readonly string[]): Promise<void> {
  const layout = LAYOUTS.find((candidate) => candidate.name === name);
  if (layout === undefined || directory === undefined) {
    throw new Error(`Usage: write.ts NAME DIRECTORY, with one of these names:\n${LAYOUTS.map((candidate) => candidate.name).join('\n')}`);
  }
  const workplace = mkdtempSync(join(tmpdir(), 'cdk-flue-layout-'));
  try {
    write(directory, await new Lockfiles(workplace, environmentIn(workplace), false).complete(layout));
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
