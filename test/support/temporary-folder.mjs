import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { roomy } from '../../scripts/roomy.mjs';

/** What a run of all tests keeps at a time, about; most of it are small files. */
const BYTES = 2 ** 28;

/** Gives a run of Jest and its workers a temporary folder of their own, which goes with the run: every `new App()` leaves one in it. */
export default function temporaryFolder() {
  const directory = mkdtempSync(join(roomy(BYTES), 'cdk-flue-jest-'));
  process.env.TMPDIR = process.env.TMP = process.env.TEMP = directory;
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
}
