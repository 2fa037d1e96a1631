import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFlueApp } from '../app/flue-app';
import type { ImageOptions } from '../app/image-options';
import { probesOf } from '../app/routes';
import { CliFailure } from '../failure';
import { PROBES_FILE } from './probes';

/** Writes the requests that try an app, by the routes in its sources; never over a file that exists. */
export function writeProbes(directory: string, image: ImageOptions = {}): string {
  const file = join(directory, PROBES_FILE);
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) {
    throw new CliFailure(`Nothing was written, because ${file} exists.`, 'To have it written again, move it away first.');
  }
  const probes = probesOf(readFlueApp(directory, {
    image, exclude: ['cdk'], wayOut: 'Nothing was written, because `cdk synth` would refuse the app for the same reason.',
  }));
  if (probes === undefined) {
    throw new CliFailure(`cdk-flue found no route of an agent or workflow in the sources of ${directory}.`,
      `Write ${PROBES_FILE} yourself, as described on https://github.com/cdk-flue/cdk-flue/blob/main/docs/rehearse.md`);
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
