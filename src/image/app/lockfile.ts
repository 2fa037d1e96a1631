import * as path from 'node:path';
import * as semver from 'semver';
import { asObject, asText, readJson, readJsonc, readText, readYaml, textsOf, type Loose } from './files';
import type { Manifest } from './manifest';
import type { Refuse } from './refusal';

/** A lockfile, as far as an image must know it. */
export interface Lockfile {
  /** Version of the format, where it tells which version of the package manager wrote it. */
  readonly format?: string;
  /** Version of a dependency of the app; undefined for one that is not locked, or not from a registry. */
  versionOf(name: string): string | undefined;
  /** What the lockfile and package.json do not agree on, as clauses; the install would stop there, or lock anew. */
  disagreements(manifest: Manifest): string[];
}

/** Where the manifest of an app stands in its lockfile. */
export interface LockfilePlace {
  /** Directory of the lockfile. */
  readonly directory: string;
  /** Folder of the app in it, '' for the same one. */
  readonly folder: string;
  /** Names whose version the workspace decides. */
  readonly overridden: ReadonlySet<string>;
  /** Names of the packages of the workspace, which are linked. */
  readonly members: ReadonlySet<string>;
}

/** Reads a lockfile by its name. */
export function readLockfile(refuse: Refuse, name: string, place: LockfilePlace): Lockfile {
  switch (name) {
    case 'pnpm-lock.yaml': return new PnpmLockfile(refuse, place);
    case 'yarn.lock': return /^__metadata:/m.test(readText(path.join(place.directory, name))) ? new BerryLockfile(refuse, place) : new ClassicLockfile(place);
    case 'bun.lock': return new BunLockfile(refuse, place);
    case 'bun.lockb': return { versionOf: () => undefined, disagreements: () => [] };
    default: return new NpmLockfile(refuse, name, place);
  }
}

const notLocked = (name: string, range: string, locked?: string): string => (locked === undefined ? `${name}@${range} is not locked` : `${name}@${range} is locked as ${locked}`);
/** Versions that no registry decides. */
const IS_LOCAL = /^(workspace|file|link|portal):/;

class NpmLockfile implements Lockfile {
  private readonly packages: Loose;
  private readonly first: Loose;

  public constructor(refuse: Refuse, name: string, private readonly place: LockfilePlace) {
    const lock = readJson(refuse, place.directory, name);
    this.packages = asObject(lock.packages) ?? {};
    this.first = asObject(lock.dependencies) ?? {};
  }

  public versionOf(name: string): string | undefined {
    return asText(this.entryOf(name)?.version);
  }

  /** npm takes whatever locked version is in the range. */
  public disagreements(manifest: Manifest): string[] {
    return Object.entries({ ...manifest.devDependencies, ...manifest.dependencies })
      .filter(([name, range]) => {
        const entry = this.entryOf(name);
        const aliased = /^npm:@?[^@]+@(.*)$/.exec(range)?.[1] ?? range;
        const version = asText(entry?.version);
        const leaves = version !== undefined && !entry?.link && semver.valid(version) !== null && semver.validRange(aliased) !== null
          && !semver.satisfies(version, aliased, { includePrerelease: true });
        return entry === undefined || leaves && !this.place.overridden.has(name);
      })
      .map(([name, range]) => notLocked(name, range, this.versionOf(name)));
  }

  private entryOf(name: string): Loose | undefined {
    const { folder } = this.place;
    return asObject((folder ? this.packages[`${folder}/node_modules/${name}`] : undefined) ?? this.packages[`node_modules/${name}`] ?? this.first[name]);
  }
}

class PnpmLockfile implements Lockfile {
  public readonly format: string;
  private readonly importer: { readonly [group: string]: unknown } | undefined;
  private readonly specifiers?: { readonly [name: string]: string };

  public constructor(refuse: Refuse, private readonly place: LockfilePlace) {
    const lock = readYaml(refuse, place.directory, 'pnpm-lock.yaml');
    this.format = `${lock.lockfileVersion ?? ''}`;
    this.importer = asObject(asObject(lock.importers)?.[place.folder || '.']) ?? (lock.importers === undefined ? lock : undefined);
    this.specifiers = this.importer?.specifiers === undefined ? undefined : textsOf(this.importer.specifiers);
  }

  public versionOf(name: string): string | undefined {
    const { version } = this.locked(name);
    return version?.split('(')[0];
  }

  /** pnpm compares what is written, word by word, and counts what is left over as well. */
  public disagreements(manifest: Manifest): string[] {
    const wanted = Object.entries(manifest.wanted).filter(([name]) => !this.place.overridden.has(name));
    const missing = wanted.filter(([name, range]) => this.locked(name).specifier !== range)
      .map(([name, range]) => notLocked(name, range, this.locked(name).specifier));
    const named = (name: string): boolean => manifest.dependsOn(name) || name in manifest.peerDependencies;
    const surplus = GROUPS.flatMap((group) => Object.keys(asObject(this.importer?.[group]) ?? {})).filter((name) => !named(name));
    return [...missing, ...surplus.map((name) => `${name} is locked and not in package.json`)];
  }

  private locked(name: string): { readonly specifier?: string; readonly version?: string } {
    const entry = GROUPS.map((group) => asObject(this.importer?.[group])?.[name]).find((found) => found !== undefined);
    return { specifier: this.specifiers?.[name] ?? asText(asObject(entry)?.specifier), version: asText(entry) ?? asText(asObject(entry)?.version) };
  }
}

const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies'];

/** Yarn 1 writes a format of its own: `"name@range", "name@other":`, and indented below it `version "1.2.3"`. */
class ClassicLockfile implements Lockfile {
  private readonly versions = new Map<string, string>();
  private readonly names = new Map<string, string>();

  public constructor(private readonly place: LockfilePlace) {
    let keys: string[] = [];
    for (const line of readText(path.join(place.directory, 'yarn.lock')).split(/\r?\n/)) {
      const version = /^ {2}version "?([^"]+)"?$/.exec(line)?.[1];
      if (/^[^\s#].*:$/.test(line)) {
        keys = line.slice(0, -1).split(', ').map((key) => key.replace(/^"|"$/g, ''));
      } else if (version !== undefined) {
        keys.forEach((key) => {
          this.versions.set(key, version);
          this.names.set(key.replace(/(?!^)@.*$/, ''), version);
        });
      }
    }
  }

  public versionOf(name: string): string | undefined {
    return this.names.get(name);
  }

  public disagreements(manifest: Manifest): string[] {
    return Object.entries(manifest.wanted)
      .filter(([name, range]) => !this.versions.has(`${name}@${range}`) && !IS_LOCAL.test(range) && !this.place.overridden.has(name) && !this.place.members.has(name))
      .map(([name, range]) => notLocked(name, range));
  }
}

class BerryLockfile implements Lockfile {
  public readonly format: string;
  /** `name@protocol:range` to the version. */
  private readonly versions = new Map<string, string>();

  public constructor(refuse: Refuse, private readonly place: LockfilePlace) {
    const { __metadata: metadata, ...entries } = readYaml(refuse, place.directory, 'yarn.lock');
    this.format = `${asObject(metadata)?.version ?? ''}`;
    for (const [keys, entry] of Object.entries(entries)) {
      keys.split(', ').forEach((key) => this.versions.set(key, asText(asObject(entry)?.version) ?? ''));
    }
  }

  public versionOf(name: string): string | undefined {
    const keys = [...this.versions.keys()].filter((key) => key.startsWith(`${name}@npm:`) || key.startsWith(`${name}@patch:`));
    return keys.length > 0 ? this.versions.get(keys[0]) : undefined;
  }

  public disagreements(manifest: Manifest): string[] {
    return Object.entries(manifest.wanted)
      .filter(([name, range]) => /^[^:]*$|^npm:/.test(range) && !this.place.overridden.has(name)
        && ![...this.versions.keys()].some((key) => [`${name}@npm:${range.replace(/^npm:/, '')}`, `${name}@${range}`].includes(key) || key.startsWith(`${name}@workspace:`)))
      .map(([name, range]) => notLocked(name, range));
  }
}

class BunLockfile implements Lockfile {
  private readonly packages: Loose;
  private readonly workspace?: Loose;

  public constructor(refuse: Refuse, private readonly place: LockfilePlace) {
    const lock = readJsonc(refuse, place.directory, 'bun.lock');
    this.packages = asObject(lock.packages) ?? {};
    this.workspace = asObject(asObject(lock.workspaces)?.[place.folder]);
  }

  public versionOf(name: string): string | undefined {
    const entry = this.packages[name];
    const resolved = Array.isArray(entry) ? asText(entry[0]) : undefined;
    return /(?!^)@(\d[^@]*)$/.exec(resolved ?? '')?.[1];
  }

  public disagreements(manifest: Manifest): string[] {
    const locked = Object.assign({}, ...GROUPS.map((group) => textsOf(this.workspace?.[group])));
    return Object.entries(manifest.wanted)
      .filter(([name, range]) => locked[name] !== range && !this.place.overridden.has(name))
      .map(([name, range]) => notLocked(name, range));
  }
}
