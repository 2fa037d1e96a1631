import * as fs from 'node:fs';
import * as path from 'node:path';
import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse } from '../invariants/invariant';

const NPM_LOCKFILES = ['npm-shrinkwrap.json', 'package-lock.json'];
const OTHER_LOCKFILES = ['pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'];
const FLUE_PACKAGES = ['@flue/runtime', '@flue/cli', '@flue/vite'];
/** Root scripts that npm runs on install, and that may read any file of the app. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];

interface Manifest {
  readonly dependencies?: { readonly [name: string]: string };
  readonly devDependencies?: { readonly [name: string]: string };
  readonly optionalDependencies?: { readonly [name: string]: string };
  readonly scripts?: { readonly [name: string]: string };
  readonly workspaces?: unknown;
}

interface Lockfile {
  readonly packages?: { readonly [path: string]: { readonly version?: string; readonly resolved?: string; readonly link?: boolean } };
  readonly dependencies?: { readonly [name: string]: { readonly version?: string } };
}

/** What `npm ci` in our Dockerfile needs to know of an app. */
export interface NpmInstall {
  /** Files that the install step needs; empty where it needs the whole app. */
  readonly manifests: readonly string[];
  /** Folders of the app that its `node_modules` link to. */
  readonly linkedFolders: readonly string[];
}

/** What the directory of a Flue app says about itself. */
export class AppDirectory {
  /** Absolute path. */
  public readonly path: string;
  /** Major version of Flue: the locked one, else that of the range in package.json. */
  public readonly flueMajor?: number;
  /** Name of the lockfile. */
  public readonly lockfile: string;
  private readonly manifest: Manifest;
  private readonly lock?: Lockfile;

  /** Reads the manifests, and refuses a directory that no image can be built from. */
  public constructor(private readonly scope: IConstruct, directory: string, private readonly hasOwnDockerfile: boolean) {
    this.path = path.resolve(directory);
    this.manifest = this.readManifest(directory);
    this.lockfile = this.findLockfile(directory);
    this.lock = NPM_LOCKFILES.includes(this.lockfile) ? readJson(scope, this.path, this.lockfile) as Lockfile : undefined;
    this.flueMajor = this.findFlueMajor();
  }

  /** Whether package.json names a dependency, for production or for the build. */
  public dependsOn(name: string): boolean {
    const { dependencies, devDependencies, optionalDependencies } = this.manifest;
    return [dependencies, devDependencies, optionalDependencies].some((group) => group !== undefined && name in group);
  }

  /** Refuses an app that is not of Flue, and says which major version of Flue it has. */
  public requireFlue(own = 'give the directory a Dockerfile of its own'): number {
    if (!FLUE_PACKAGES.some((name) => this.dependsOn(name))) {
      refuse(this.scope, `\`directory\` must hold a Flue app, got: ${this.path}, whose package.json names none of ${FLUE_PACKAGES.join(', ')}`,
        `Run \`npm install @flue/runtime\` there, or ${own}`);
    }
    if (this.flueMajor === undefined) {
      refuse(this.scope, `\`directory\` must hold a Flue app of a known version, got: ${this.path}, whose ${this.lockfile} locks none of ${FLUE_PACKAGES.join(', ')}`,
        `Run \`npm install\` there and commit the lockfile, or ${own}`);
    }
    const builder = this.flueMajor < 2 ? ['@flue/cli'] : ['@flue/vite', 'vite'];
    const missing = builder.filter((name) => !this.dependsOn(name));
    if (missing.length > 0) {
      refuse(this.scope, `\`directory\` must name what builds Flue ${this.flueMajor}.x in its package.json, got: no ${missing.join(' and no ')}`,
        `Run \`npm install --save-dev ${missing.join(' ')}\` there, or ${own}`);
    }
    return this.flueMajor;
  }

  /** What the install step of our Dockerfile needs, and the refusal of a lockfile that it would stumble over. */
  public npmInstall(): NpmInstall {
    const locked = Object.entries(this.lock?.packages ?? {});
    const missing = [this.manifest.dependencies, this.manifest.devDependencies]
      .flatMap((group) => Object.keys(group ?? {}))
      .filter((name) => this.lockedPackage(name) === undefined);
    if (missing.length > 0) {
      refuse(this.scope, `\`directory\` must have a ${this.lockfile} that agrees with its package.json, got: ${missing.join(', ')} not locked`,
        'Run `npm install` there and commit the lockfile');
    }
    const linked = locked.filter(([, entry]) => entry.link).map(([, entry]) => path.posix.normalize(entry.resolved ?? '..'));
    const outside = linked.find((folder) => folder.startsWith('..') || path.posix.isAbsolute(folder));
    if (outside !== undefined) {
      refuse(this.scope, `\`directory\` must hold all that its packages link to, got: a link to ${outside}`,
        'Point `directory` at the folder that holds both, with a Dockerfile of its own, or install the package from a registry');
    }
    const needsSources = this.manifest.workspaces !== undefined || locked.some(([, entry]) => entry.link || entry.resolved?.startsWith('file:'))
      || INSTALL_SCRIPTS.some((name) => this.manifest.scripts?.[name] !== undefined);
    const manifests = ['package.json', this.lockfile, ...(fs.existsSync(path.join(this.path, '.npmrc')) ? ['.npmrc'] : [])];
    return { manifests: needsSources ? [] : manifests, linkedFolders: [...new Set(linked)].sort() };
  }

  private readManifest(directory: string): Manifest {
    if (Token.isUnresolved(directory)) {
      refuse(this.scope, '`directory` must be known at synthesis, got: a token', 'Pass the path as a plain string');
    }
    if (!fs.statSync(this.path, { throwIfNoEntry: false })?.isDirectory()) {
      refuse(this.scope, `\`directory\` must be an existing directory, got: ${directory} (${this.path})`,
        'Paths are relative to where the CDK app runs; `path.join(__dirname, …)` makes them independent of it');
    }
    if (!fs.existsSync(path.join(this.path, 'package.json'))) {
      refuse(this.scope, `\`directory\` must hold a package.json, got: ${this.path}`, 'Point it at the root of the Flue app');
    }
    return readJson(this.scope, this.path, 'package.json') as Manifest;
  }

  private findLockfile(directory: string): string {
    const accepted = this.hasOwnDockerfile ? [...NPM_LOCKFILES, ...OTHER_LOCKFILES] : NPM_LOCKFILES;
    const found = accepted.find((name) => fs.existsSync(path.join(this.path, name)));
    if (found !== undefined) {
      return found;
    }
    const foreign = OTHER_LOCKFILES.find((name) => fs.existsSync(path.join(this.path, name)));
    return foreign === undefined
      ? refuse(this.scope, `\`directory\` must hold a lockfile, got: none of ${accepted.join(', ')} in ${directory}`,
        'Run `npm install` there and commit the lockfile: without one, every build is of other dependencies')
      : refuse(this.scope, `\`directory\` must hold a lockfile of npm, which the provided Dockerfile installs with, got: ${foreign}`,
        'Give the directory a Dockerfile of its own, or run `npm install` there and commit package-lock.json');
  }

  private lockedPackage(name: string): { readonly version?: string } | undefined {
    return this.lock?.packages?.[`node_modules/${name}`] ?? this.lock?.dependencies?.[name];
  }

  private findFlueMajor(): number | undefined {
    const { dependencies, devDependencies } = this.manifest;
    for (const name of FLUE_PACKAGES) {
      const range = this.lock ? undefined : dependencies?.[name] ?? devDependencies?.[name];
      const major = majorOf(this.lockedPackage(name)?.version) ?? majorOf(range);
      if (major !== undefined) {
        return major;
      }
    }
    return undefined;
  }
}

/** The major version that a version, or a range that begins with one, stands for. */
export function majorOf(range: string | undefined): number | undefined {
  const digits = /^\s*(?:npm:@?[^@]+@)?[\^~>=v\s]*(\d+)(?=$|[.\s-])/.exec(range ?? '');
  return digits ? Number(digits[1]) : undefined;
}

function readJson(scope: IConstruct, directory: string, name: string): object {
  const content = fs.readFileSync(path.join(directory, name), 'utf8').replace(/^\uFEFF/, '');
  const value = parse(content);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? value
    : refuse(scope, `\`directory\` must hold a ${name} with a JSON object, got: ${content.slice(0, 40).split('\n')[0] || 'an empty file'}`,
      `Repair ${path.join(directory, name)}`);
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
