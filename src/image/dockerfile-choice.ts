import * as fs from 'node:fs';
import * as path from 'node:path';
import { statOf } from './app/files';
import type { Refuse } from './app/refusal';
import type { FlueDockerfile } from './flue-dockerfile';
import { isUnknown } from '../invariants/unknown';

/** The name that Docker takes by itself. */
export const DOCKERFILE = 'Dockerfile';

/** Path of the app's own Dockerfile, with forward slashes, or undefined where the provided one is used. */
export function findOwnDockerfile(refuse: Refuse, directory: string, dockerfile: FlueDockerfile | undefined): string | undefined {
  const chosen = dockerfile?._file;
  if (isUnknown(directory) || dockerfile !== undefined && chosen === undefined) {
    return undefined;
  }
  const relative = path.normalize(chosen ?? DOCKERFILE).split(path.sep).join('/');
  const exists = statOf(path.join(directory, relative))?.isFile() === true;
  const outside = path.isAbsolute(relative) || relative.startsWith('../');
  if (chosen !== undefined && fs.existsSync(directory) && (outside || !exists)) {
    refuse(`\`dockerfile\` must be a Dockerfile within \`directory\`, got: ${chosen}`,
      'Write its path relative to `directory`, or use `FlueDockerfile.provided()`');
  }
  return exists && !outside ? relative : undefined;
}
