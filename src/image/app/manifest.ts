import * as path from 'node:path';
import { asObject, asText, readJson, textsOf, type Loose } from './files';
import type { Refuse } from './refusal';

/** Scripts that a package manager runs on install, and that may read any file of the package. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];

/** A package.json. */
export class Manifest {
  public readonly name?: string;
  public readonly version?: string;
  public readonly dependencies: { readonly [name: string]: string };
  public readonly devDependencies: { readonly [name: string]: string };
  public readonly optionalDependencies: { readonly [name: string]: string };
  public readonly peerDependencies: { readonly [name: string]: string };
  public readonly scripts: { readonly [name: string]: string };
  public readonly content: Loose;

  /** Reads the package.json of a directory, or refuses what is none. */
  public constructor(refuse: Refuse, public readonly directory: string) {
    this.content = readJson(refuse, directory, 'package.json');
    this.name = asText(this.content.name);
    this.version = asText(this.content.version);
    this.dependencies = textsOf(this.content.dependencies);
    this.devDependencies = textsOf(this.content.devDependencies);
    this.optionalDependencies = textsOf(this.content.optionalDependencies);
    this.peerDependencies = textsOf(this.content.peerDependencies);
    this.scripts = textsOf(this.content.scripts);
  }

  /** Every dependency by name: what the server needs, then what the build needs. */
  public get wanted(): { readonly [name: string]: string } {
    return { ...this.devDependencies, ...this.optionalDependencies, ...this.dependencies };
  }

  public dependsOn(name: string): boolean {
    return name in this.wanted;
  }

  /** Whether installing it runs a script of its own. */
  public get runsOnInstall(): boolean {
    return INSTALL_SCRIPTS.some((name) => name in this.scripts);
  }

  /** Patterns of the folders of its workspace; undefined where it names none. */
  public get workspaces(): readonly string[] | undefined {
    const { workspaces } = this.content;
    const patterns = Array.isArray(workspaces) ? workspaces : asObject(workspaces)?.packages;
    return Array.isArray(patterns) ? patterns.filter((pattern) => typeof pattern === 'string') : undefined;
  }

  /** The package manager that it pins, with the exact version where it has one. */
  public get packageManager(): { readonly name: string; readonly version?: string; readonly written: string } | undefined {
    const written = asText(this.content.packageManager);
    const pinned = /^(\w+)@(\d[^+]*)/.exec(written ?? '');
    if (written !== undefined) {
      return { name: pinned?.[1] ?? written.split('@')[0], version: pinned?.[2], written };
    }
    const listed = asObject(this.content.devEngines)?.packageManager;
    const engine = asObject(Array.isArray(listed) ? listed[0] : listed);
    const name = asText(engine?.name);
    const version = asText(engine?.version);
    return name === undefined ? undefined : { name, version: /^\d+\.\d+\.\d+/.test(version ?? '') ? version : undefined, written: `${name}@${version ?? '*'}` };
  }

  /** The range of Node.js versions that it says it runs on. */
  public get nodeRange(): string | undefined {
    return textsOf(this.content.engines).node;
  }

  /** Names of dependencies whose version is decided elsewhere than in `dependencies`. */
  public get overridden(): ReadonlySet<string> {
    const groups = [this.content.overrides, this.content.resolutions, asObject(this.content.pnpm)?.overrides];
    return new Set(groups.flatMap((group) => Object.keys(asObject(group) ?? {})).map(overriddenName));
  }

  /** Files of the package that its users load, and that a build may have to make first. */
  public get entries(): readonly string[] {
    const { main, module, exports } = this.content;
    const rooted = asObject(exports)?.['.'] ?? exports;
    const leaves = (value: unknown): string[] => (typeof value === 'string' ? [value]
      : Object.entries(asObject(value) ?? {}).filter(([name]) => name !== 'types').flatMap(([, inner]) => leaves(inner)));
    return [...leaves(rooted), ...leaves(main), ...leaves(module)].filter((file) => !file.includes('*') && !/\.d\.[cm]?ts$/.test(file)).map((file) => path.posix.normalize(file));
  }

  public get hasBin(): boolean {
    return this.content.bin !== undefined;
  }
}

/** The package that a key of `overrides` or `resolutions` is about: the last name in it, without a version. */
export function overriddenName(key: string): string {
  const name = key.split('>').pop()!.replace(/^\*\*\//, '').replace(/(?!^)@[^/]*$/, '');
  const parts = name.split('/');
  return parts.slice(parts[parts.length - 2]?.startsWith('@') ? -2 : -1).join('/');
}
