import { existsSync, readdirSync, readFileSync, type Dirent } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { AppDirectory, type AppDirectoryOptions } from '../../image/app-directory';
import { CliFailure } from '../failure';

const SERVER = 'server.mjs';
const MAX_DEPTH = 4;
const MAX_VISITS = 2000;
const SKIPPED = ['node_modules', 'cdk.out', 'dist'];

/**
 * The directory of the app that a service runs: the one given, or the one whose package.json the image's context holds.
 *
 * @param contextDirectory where the app lies in the context
 */
export function findApp(given: string | undefined, contextDirectory: string | undefined, assemblyDirectory: string): string {
  if (given !== undefined) {
    const directory = resolve(given);
    if (!existsSync(join(directory, 'package.json')) && !existsSync(join(directory, 'dist', SERVER))) {
      throw new CliFailure(`There is no app in ${directory}: it holds no package.json.`, 'Pass the directory of the Flue app as --app.');
    }
    return directory;
  }
  const manifest = contextDirectory && join(contextDirectory, 'package.json');
  if (manifest === undefined || !existsSync(manifest)) {
    throw new CliFailure('cdk-flue cannot tell where the app is, because the assembly does not build the image of the service.',
      'Pass the directory of the built app as --app DIR, or an image as --image REF.');
  }
  const found = search(dirname(assemblyDirectory), readFileSync(manifest));
  if (found.length !== 1) {
    throw new CliFailure(
      found.length === 0 ? `No app near ${assemblyDirectory} has the package.json of the image.` : `${found.length} apps have the package.json of the image.`,
      `Pass one as --app DIR${found.map(directory => `\n  --app ${relative(process.cwd(), directory) || '.'}`).join('')}`,
    );
  }
  return found[0];
}

/** Refuses an app directory without its build; `build` is the command of its image, where that is known. */
export function requireBuilt(directory: string, server: string, build?: string): void {
  const here = relative(process.cwd(), directory) || '.';
  if (!existsSync(join(directory, server))) {
    throw new CliFailure(`The app in ${directory} is not built: there is no ${server}.`, `Build it: cd ${here} && ${buildOf(directory, server, build)}`);
  }
  if (!existsSync(join(directory, 'node_modules')) && existsSync(join(directory, 'package-lock.json'))) {
    throw new CliFailure(`The dependencies of the app in ${directory} are not installed.`, `Install them: cd ${here} && npm ci`);
  }
}

/** The server that the build of an app leaves, by its configuration; what `flue build` and `vite build` leave where that does not tell. */
export function builtServer(directory: string): string {
  for (const ownDockerfile of [false, true]) {
    try {
      return join(read(directory, { ownDockerfile }).output, SERVER);
    } catch (error) {
      if (!(error instanceof CliFailure)) {
        throw error;
      }
    }
  }
  return join('dist', SERVER);
}

/** Major version of the Flue of an app, where its manifests tell. */
export function flueMajorIn(directory: string | undefined): number | undefined {
  try {
    return directory === undefined ? undefined : read(directory, { ownDockerfile: true }).flueMajor;
  } catch (error) {
    if (error instanceof CliFailure) {
      return undefined;
    }
    throw error;
  }
}

/** How people install and build an app, or the sentence of what no image could be built from either. */
function buildOf(directory: string, server: string, build?: string): string {
  // what the image says of the build needs no second reading
  const app = read(directory, { buildCommand: build, outputDirectory: dirname(server) === '.' ? undefined : dirname(server) });
  app.requireFlue();
  const { name } = app.installation.manager;
  return `${name === 'npm' ? 'npm ci' : `${name} install`} && ${app.build.command}`;
}

function read(directory: string, options: AppDirectoryOptions): AppDirectory {
  return new AppDirectory((problem, way) => {
    throw new CliFailure(`${problem}.`, way);
  }, directory, options);
}

/** The directories nearest to an assembly that hold exactly this package.json. */
function search(start: string, manifest: Buffer): string[] {
  const skipped: string[] = [];
  // an app is often a sibling of the directory that holds the CDK app
  for (const root of new Set([process.cwd(), start, dirname(start)])) {
    const found = searchBelow(root, manifest, skipped);
    if (found.length > 0) {
      return found;
    }
    skipped.push(root);
  }
  return [];
}

/** Level by level, and not for ever: the neighbourhood may be a home directory. */
function searchBelow(root: string, manifest: Buffer, skipped: readonly string[]): string[] {
  const found: string[] = [];
  let visited = 0;
  for (let level = [root], depth = 0; depth <= MAX_DEPTH; depth++) {
    const next: string[] = [];
    for (const directory of level) {
      if (visited++ >= MAX_VISITS) {
        return found;
      }
      const entries = list(directory);
      const has = (name: string): boolean => entries.some(entry => entry.isFile() && entry.name === name);
      if (has('manifest.json') && has('tree.json')) {
        // an assembly, whose assets are copies
        continue;
      }
      if (has('package.json') && isSame(join(directory, 'package.json'), manifest)) {
        found.push(directory);
      }
      next.push(...entries.filter(entry => entry.isDirectory() && !entry.name.startsWith('.') && !SKIPPED.includes(entry.name))
        .map(({ name }) => join(directory, name))
        .filter(path => !skipped.includes(path)));
    }
    level = next;
  }
  return found;
}

function isSame(file: string, content: Buffer): boolean {
  try {
    return readFileSync(file).equals(content);
  } catch {
    return false;
  }
}

function list(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
