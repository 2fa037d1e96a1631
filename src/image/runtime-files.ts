import * as fs from 'node:fs';
import * as path from 'node:path';
import type { IConstruct } from 'constructs';
import { READ_BY_LOCAL } from './app/working-directory';
import { isNeverStaged } from './build-context';
import { readSmall, secretFileKind } from './secret-files';
import { refuse } from '../invariants/invariant';
import { WARNINGS } from '../invariants/warnings';

/** Folders that come along where the source reads in them. */
const READ_BY_APPS = ['prompts', 'skills'];

/** What an image holds for the server to read from its working directory. */
export interface RuntimeFiles {
  /** Files and folders, relative to the app. */
  readonly places: readonly string[];
  /** Every file of them. */
  readonly files: readonly string[];
}

/** Finds what the server reads beside its build, after the refusal of an `include` that cannot be in the image. */
export function runtimeFiles(scope: IConstruct, directory: string, include: readonly string[] = [], reads: readonly string[] = []): RuntimeFiles {
  const added = include.map((given) => {
    const place = path.posix.normalize(given.split(path.sep).join('/')).replace(/\/$/, '');
    const way = 'Name a file or a folder of the app, relative to `directory`, as in `include: [\'prompts\']`';
    if (path.isAbsolute(given) || place === '.' || place.startsWith('..') || !fs.existsSync(path.join(directory, place))) {
      refuse(scope, `\`include\` must name what is in \`directory\`, got: ${given || 'an empty string'}`, way);
    }
    if (isNeverStaged(place)) {
      refuse(scope, `\`include\` must not name what never enters an image, got: ${given}`, 'Pass what it sets in the service\'s `environment` and `secrets`');
    }
    return place;
  });
  const besides = reads.filter((read) => READ_BY_LOCAL.includes(path.posix.basename(read)));
  const used = READ_BY_APPS.filter((name) => reads.some((read) => isAt(name, read)));
  const places = [...new Set([...READ_BY_LOCAL, ...besides, ...used, ...added])].sort();
  const found = places.map((place) => ({ place, files: filesOf(directory, place) })).filter(({ files }) => files.length > 0);
  return { places: found.map(({ place }) => place), files: found.flatMap(({ files }) => files) };
}

/** Warns of what the source reads from the working directory, and what is there and not where the server runs. */
export function warnOfMissingFiles(
  scope: IConstruct, directory: string, reads: readonly string[], isThere: (place: string) => boolean, fix: string,
): void {
  const missing = reads.filter((read) => fs.existsSync(path.join(directory, read)) && !isThere(read));
  if (missing.length > 0) {
    WARNINGS.filesNotInImage.give(scope, { files: missing, fix });
  }
}

/** Whether a path is a place, or lies in it. */
export function isAt(place: string, read: string): boolean {
  return read === place || read.startsWith(`${place}/`);
}

function filesOf(directory: string, place: string): string[] {
  const absolute = path.join(directory, place);
  const stat = fs.statSync(absolute, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) {
    return stat?.isFile() && secretFileKind(place, () => readSmall(absolute)) === undefined ? [place] : [];
  }
  return fs.readdirSync(absolute).filter((name) => !isNeverStaged(name)).flatMap((name) => filesOf(directory, path.posix.join(place, name)));
}
