import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives a run of Jest and its workers a temporary folder of their own, which goes with the run: every `new App()` leaves one in it. */
export default function temporaryFolder(): void {
  const directory = mkdtempSync(join(tmpdir(), 'cdk-flue-jest-'));
  process.env.TMPDIR = process.env.TMP = process.env.TEMP = directory;
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
}
