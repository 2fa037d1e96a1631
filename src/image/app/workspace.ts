import * as fs from 'node:fs';
import * as path from 'node:path';
import { IgnoreStrategy } from 'aws-cdk-lib';
import * as semver from 'semver';
import { exists, isDirectory, isWithin, posixRelative, readYaml, asObject, textsOf, type Loose } from './files';
import { Manifest, overriddenName } from './manifest';
import { LOCKFILES } from './package-manager';
import type { Refuse } from './refusal';

const PNPM_SETTINGS = 'pnpm-workspace.yaml';
const SKIPPED = new Set(['node_modules', '.git', 'cdk.out']);
const MAX_DIRECTORIES = 20_000;

/** The directory that an app is installed in: its own, or the root of the workspace that it is a package of. */
export class Workspace {
  public readonly manifest: Manifest;
  /** What pnpm-workspace.yaml says. */
  public readonly settings: Loose;
  private readonly patterns: readonly string[];
  private found?: ReadonlyMap<string, Manifest>;

  public constructor(private readonly refuse: Refuse, public readonly directory: string) {
    this.settings = exists(directory, PNPM_SETTINGS) ? readYaml(refuse, directory, PNPM_SETTINGS) : {};
    this.manifest = new Manifest(refuse, directory);
    const { packages } = this.settings;
    this.patterns = (Array.isArray(packages) ? packages.filter((pattern): pattern is string => typeof pattern === 'string') : this.manifest.workspaces ?? [])
      .map((pattern) => pattern.replace(/^(!?)\.\//, '$1').replace(/\/+$/, ''));
  }

  /** Whether pnpm decides what its packages are. */
  public get isPnpm(): boolean {
    return exists(this.directory, PNPM_SETTINGS);
  }

  /** Names whose version it decides, whatever a package asks for. */
  public get overridden(): ReadonlySet<string> {
    const settings = Object.keys(textsOf(this.settings.overrides)).map(overriddenName);
    return new Set([...this.manifest.overridden, ...settings]);
  }

  /** Patches of dependencies that it applies on install, relative to its directory. */
  public get patches(): readonly string[] {
    const groups = [this.settings, asObject(this.manifest.content.pnpm), this.manifest.content];
    return groups.flatMap((group) => Object.values(textsOf(group?.patchedDependencies)));
  }

  /** Whether a directory is one of its packages. */
  public has(directory: string): boolean {
    return directory === this.directory || this.patterns.length > 0 && this.matches(posixRelative(this.directory, directory));
  }

  /** Its packages by their folder, the root left out. */
  public get members(): ReadonlyMap<string, Manifest> {
    this.found ??= new Map(this.folders().map((folder) => [folder, new Manifest(this.refuse, path.join(this.directory, folder))]));
    return this.found;
  }

  private matches(folder: string): boolean {
    // a pattern without a slash would match at any depth
    const positive = this.patterns.filter((pattern) => !pattern.startsWith('!'));
    const negative = this.patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
    const oneFits = (patterns: readonly string[]): boolean => patterns.some((pattern) => (pattern.includes('/') || pattern === '**'
      ? IgnoreStrategy.glob(this.directory, [pattern]).ignores(path.join(this.directory, folder))
      : pattern === '*' ? !folder.includes('/') : pattern === folder));
    return oneFits(positive) && !oneFits(negative);
  }

  private folders(): string[] {
    const depth = Math.max(0, ...this.patterns.map((pattern) => (pattern.includes('**') ? 8 : pattern.split('/').length)));
    const folders: string[] = [];
    let visited = 0;
    const walk = (folder: string, level: number): void => {
      for (const item of fs.readdirSync(path.join(this.directory, folder), { withFileTypes: true })) {
        const relative = path.posix.join(folder, item.name);
        const isLink = item.isSymbolicLink() && isDirectory(path.join(this.directory, relative));
        if (!item.isDirectory() && !isLink || SKIPPED.has(item.name) || visited++ > MAX_DIRECTORIES) {
          continue;
        }
        if (exists(this.directory, relative, 'package.json') && this.matches(relative)) {
          folders.push(relative);
        }
        // a link may lead in a circle
        if (level < depth && !isLink) {
          walk(relative, level + 1);
        }
      }
    };
    if (depth > 0) {
      walk('', 1);
    }
    return folders.sort();
  }
}

/** Finds what an app is installed in: what is given, its own directory where its lockfile is, or the workspace above that lists it. */
export function findWorkspace(refuse: Refuse, app: Manifest, given?: string): Workspace {
  if (given !== undefined) {
    return givenWorkspace(refuse, app, path.resolve(given));
  }
  const wantsMembers = Object.values(app.wanted).some((range) => /^(workspace|catalog):/.test(range));
  const own = new Workspace(refuse, app.directory);
  if (lockfilesIn(app.directory).length > 0 && (!wantsMembers || own.isPnpm || own.manifest.workspaces !== undefined)) {
    return own;
  }
  for (const directory of ancestorsOf(app.directory)) {
    if (exists(directory, 'package.json') && (exists(directory, PNPM_SETTINGS) || new Manifest(refuse, directory).workspaces !== undefined)) {
      const workspace = new Workspace(refuse, directory);
      if (workspace.has(app.directory)) {
        return workspace;
      }
    }
  }
  return own;
}

function givenWorkspace(refuse: Refuse, app: Manifest, directory: string): Workspace {
  if (!isDirectory(directory) || !exists(directory, 'package.json')) {
    return refuse(`\`workspace\` must be the root of a workspace, got: ${directory}, which holds no package.json`,
      'Name the directory that holds the lockfile of the workspace, or leave `workspace` out: it is found from `directory` upwards');
  }
  const workspace = new Workspace(refuse, directory);
  if (!isWithin(directory, app.directory) || !workspace.has(app.directory)) {
    return refuse(`\`workspace\` must list the app among its packages, got: ${directory}, which does not list ${posixRelative(directory, app.directory)}`,
      `Add the folder to ${workspace.isPnpm ? '`packages` of pnpm-workspace.yaml' : '`workspaces` of its package.json'}, or name another root`);
  }
  return workspace;
}

/** The directories above one, up to the root of its repository. */
export function ancestorsOf(directory: string): string[] {
  const above = path.dirname(directory);
  return above === directory || isDirectory(path.join(directory, '.git')) ? [] : [above, ...ancestorsOf(above)];
}

export function lockfilesIn(directory: string): string[] {
  return Object.keys(LOCKFILES).filter((name) => exists(directory, name));
}

/** A package that an app is linked to, in the workspace or by a path. */
export interface LinkedPackage {
  /** Absolute path. */
  readonly directory: string;
  readonly manifest: Manifest;
  /** Whether the server needs it, and not only the build. */
  readonly atRunTime: boolean;
}

export interface Links {
  /** Dependencies before those that depend on them. */
  readonly packages: readonly LinkedPackage[];
  /** Package archives that a manifest names by their path. */
  readonly archives: readonly string[];
}

/** The packages of a workspace in which a command runs something, by their name, a pattern of names or their folder. */
export function packagesIn(command: string, app: Manifest, workspace: Workspace): Manifest[] {
  const words = [...command.matchAll(/(?:^|\s)(?:--workspace|-w|--filter|-F|workspace|--prefix|--cwd|--dir|-C|cd)(?:=|\s+)(['"]?)([^\s'";&|]+)\1/g)]
    .map(([, , word]) => word.replace(/^\^?\.{3}\^?|\^?\.{3}$|^\{|\}$/g, ''));
  return [...workspace.members].filter(([folder, { name, directory }]) => words.some((word) => word === name || word.replace(/^\.\//, '') === folder
    || path.resolve(app.directory, word) === directory || word.includes('*') && name !== undefined && IgnoreStrategy.glob('/', [word]).ignores(`/${name}`)))
    .map(([, manifest]) => manifest);
}

/** Everything that an app is linked to or that its build runs in, and what that is linked to. */
export function linksOf(refuse: Refuse, app: Manifest, workspace: Workspace, built: readonly Manifest[] = []): Links {
  const found = new Map<string, LinkedPackage>();
  const archives = new Set<string>();
  const named = [...workspace.members.values(), workspace.manifest].filter(({ name }) => name !== undefined);
  const byName = new Map(named.map((manifest) => [manifest.name!, manifest]));
  const visit = (from: Manifest, atRunTime: boolean, chain: readonly string[]): void => {
    for (const [name, range] of Object.entries(from.wanted)) {
      const needed = atRunTime && (name in from.dependencies || name in from.optionalDependencies);
      const target = targetOf(from, name, range);
      if (target === undefined || target.directory === app.directory || chain.includes(target.directory)) {
        continue;
      }
      const known = found.get(target.directory);
      if (known === undefined || needed && !known.atRunTime) {
        // taken out and put back, so that it stands after what it needs
        visit(target, needed, [...chain, target.directory]);
        found.set(target.directory, { directory: target.directory, manifest: target, atRunTime: needed || known?.atRunTime === true });
      }
    }
  };
  const targetOf = (from: Manifest, name: string, range: string): Manifest | undefined => {
    const location = /^(?:file|link|portal):(.+)$/.exec(range)?.[1] ?? (/^\.{0,2}\//.test(range) ? range : undefined);
    if (location === undefined) {
      const alias = /^workspace:(@?[^@]+)@/.exec(range)?.[1] ?? name;
      const member = byName.get(alias);
      return member && (range.startsWith('workspace:') || !workspace.isPnpm && fits(member, range)) ? member : undefined;
    }
    const target = path.resolve(from.directory, location);
    if (!fs.existsSync(target)) {
      refuse(`\`directory\` must hold all that its packages link to, got: a link from ${name} in ${path.join(from.directory, 'package.json')} to ${location}, where nothing is`,
        'Check out what it links to, or install the package from a registry');
    }
    if (!isDirectory(target)) {
      archives.add(target);
      return undefined;
    }
    return new Manifest(refuse, target);
  };
  visit(app, true, []);
  for (const manifest of built.filter(({ directory }) => directory !== app.directory && !found.has(directory))) {
    visit(manifest, false, [manifest.directory]);
    found.set(manifest.directory, { directory: manifest.directory, manifest, atRunTime: false });
  }
  return { packages: [...found.values()], archives: [...archives] };
}

/** Whether npm, Yarn and bun would link a package of the workspace for this range. */
function fits(member: Manifest, range: string): boolean {
  const wanted = semver.validRange(range);
  return wanted !== null && (member.version === undefined || semver.satisfies(member.version, wanted, { includePrerelease: true }));
}

/** Whether pnpm takes the versions of its packages from elsewhere too, so that its lockfile cannot be compared. */
export function rewritesManifests(workspace: Workspace): boolean {
  return ['.pnpmfile.cjs', '.pnpmfile.mjs'].some((name) => exists(workspace.directory, name)) || asObject(workspace.settings.packageExtensions) !== undefined;
}
