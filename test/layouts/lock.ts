import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentIn, Lockfiles } from './lockfiles';
import { LAYOUTS } from '../image/layouts';

/** Writes the lockfiles that the layouts have in this repository. Needs the npm registry. */
async function main(): Promise<void> {
  const workplace = mkdtempSync(join(tmpdir(), 'cdk-flue-lockfiles-'));
  try {
    await new Lockfiles(workplace, environmentIn(workplace), true).keep(LAYOUTS);
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
