import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Everything that the run writes: it goes with it. */
export const FOLDER = mkdtempSync(join(tmpdir(), 'cdk-flue-properties-'));
process.once('exit', () => rmSync(FOLDER, { recursive: true, force: true }));
