import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFlueApp } from '../app/flue-app';
import { probesOf } from '../app/routes';
import { CliFailure } from '../failure';
import { PROBES_FILE } from './probes';

/** Writes the requests that try an app, by the routes in its sources; never over a file that exists. */
export function writeProbes(directory: string): string {
  const file = join(directory, PROBES_FILE);
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) {
    throw new CliFailure(`Nothing was written, because ${file} exists.`, 'Move it away to have it written anew.');
  }
  const probes = probesOf(readFlueApp(directory, { exclude: ['cdk'], wayOut: 'Nothing was written: `cdk synth` would stop with the same sentence.' }));
  if (probes === undefined) {
    throw new CliFailure(`No route of an agent or workflow was found in the sources of ${directory}.`,
      `Write ${PROBES_FILE} yourself, as on https://github.com/cdk-flue/cdk-flue/blob/main/docs/rehearse.md`);
  }
  const beside = `${file}.new`;
  try {
    writeFileSync(beside, `${JSON.stringify(probes, undefined, 2)}\n`, { flag: 'wx' });
    renameSync(beside, file);
  } finally {
    rmSync(beside, { force: true });
  }
  return file;
}
