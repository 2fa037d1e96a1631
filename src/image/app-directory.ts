import * as path from 'node:path';
import { decideBuild, expandCommand, requireBuildOptions, type AppBuild, type BuildOptions } from './app/app-build';
import { defaultViteConfig, readFlueConfig, readViteConfig, sourceFolder, type AppConfig } from './app/app-config';
import { asText, exists, isDirectory, isWithin, posixRelative } from './app/files';
import { flueMajorOf, requireFlue, requireInstallable, type InstallableApp } from './app/installable';
import { readLockfile, type Lockfile } from './app/lockfile';
import { Manifest } from './app/manifest';
import { nodeImage } from './app/node-image';
import { chooseLockfile, LOCKFILES, packageManagerOf, type PackageManager } from './app/package-manager';
import type { Refuse } from './app/refusal';
import { tsconfigsAbove } from './app/tsconfig';
import { ancestorsOf, findWorkspace, linksOf, lockfilesIn, packagesIn, type LinkedPackage, type Links, type Workspace } from './app/workspace';
import type { SourcePlaces } from './app-source';
import { isUnknown } from '../invariants/unknown';

/** What package managers read beside package.json and the lockfile, at the root of what they install. */
const SETTINGS = ['.npmrc', 'pnpm-workspace.yaml', '.pnpmfile.cjs', '.pnpmfile.mjs', '.yarnrc', '.yarnrc.yml', 'bunfig.toml'];
/** Folders that they read. */
const SETTING_FOLDERS = ['.yarn/releases', '.yarn/plugins', '.yarn/patches'];
/** What a build at the root of a workspace reads there. */
const BUILD_SETTINGS = ['turbo.json', 'nx.json'];

export interface AppDirectoryOptions extends BuildOptions {
  /** What starts the server, word by word. */
  readonly command?: readonly string[];
  /** Whether the app brings its own Dockerfile, which installs and builds. */
  readonly ownDockerfile?: boolean;
  /** Root of the workspace; found from the directory upwards where it is not given. */
  readonly workspace?: string;
}

/** One line that copies the manifests of an install. */
export interface ManifestCopy {
  readonly files: readonly string[];
  /** Folder in the context, '' for its root. */
  readonly folder: string;
}

/** How an app is installed in an image; folders are relative to the context. */
export interface Installation {
  readonly manager: PackageManager;
  /** Folder of the lockfile. */
  readonly folder: string;
  /** Folder of the app. */
  readonly app: string;
  /** What the install step needs; empty where it needs everything. */
  readonly manifests: readonly ManifestCopy[];
  /** Folders of packages that the server is linked to. */
  readonly linked: readonly string[];
  /** Folders of packages that the app is linked to, for the build alone as well. */
  readonly packages: readonly string[];
  /** Folders of packages that are not built yet, in the order in which they must be. */
  readonly unbuilt: readonly string[];
}

/** A folder of the context, and what of it is left to other parts. */
export interface ContextPart {
  readonly directory: string;
  readonly folder: string;
  /** Absolute paths. */
  readonly without: readonly string[];
  /** What the build of the app leaves, relative to the directory. */
  readonly output?: string;
}

/** What the directory of a Flue app says about itself, and the workspace around it. */
export class AppDirectory {
  /** Absolute path. */
  public readonly path: string;
  /** Major version of Flue: the locked one, else that of the range in package.json. */
  public readonly flueMajor?: number;
  /** Name of the lockfile. */
  public readonly lockfile: string;
  /** What the lockfile belongs to: the directory itself, or the root of a workspace. */
  public readonly workspace: Workspace;
  private readonly manifest: Manifest;
  private readonly lock: Lockfile;
  private known?: { readonly links: Links; readonly root: string; readonly outside: readonly string[] };
  private built?: AppBuild;

  /** Reads the manifests, and refuses a directory that no image can be built from. */
  public constructor(private readonly refuse: Refuse, directory: string, private readonly options: AppDirectoryOptions = {}) {
    this.path = path.resolve(directory);
    requireBuildOptions(refuse, options);
    this.manifest = this.readManifest(directory);
    this.workspace = findWorkspace(refuse, this.manifest, options.workspace);
    this.lockfile = this.findLockfile(directory);
    this.lock = this.lockOf(this.path);
    this.flueMajor = flueMajorOf(this.manifest, this.lock, options.ownDockerfile === true || this.lockfile === 'bun.lockb');
  }

  /** Whether package.json names a dependency, for production or for the build. */
  public dependsOn(name: string): boolean {
    return this.manifest.dependsOn(name);
  }

  /** The scripts of the package.json in a folder of the context, or of the app where it has none. */
  public scriptsIn(folder: string): { readonly [name: string]: string } {
    const directory = path.join(this.contextRoot, folder);
    return directory !== this.path && exists(directory, 'package.json') ? new Manifest(this.refuse, directory).scripts : this.manifest.scripts;
  }

  /** Refuses an app that is not of Flue, or whose Flue cannot be installed or built, and says which major version it has. */
  public requireFlue(own?: string): number {
    return requireFlue(this.refuse, this.asked, own);
  }

  /** Refuses a lockfile that the install would stop at, or would not follow. */
  public requireInstallable(): void {
    requireInstallable(this.refuse, this.asked, {
      members: () => this.surroundings.links.packages.filter((linked) => this.workspace.has(linked.directory)).map(({ manifest }) => manifest),
      lockOf: (directory) => this.lockOf(directory),
    });
  }

  /** How the app is built; refused where only running its configuration could tell. */
  public get build(): AppBuild {
    this.built ??= decideBuild(this.refuse, this.manifest, this.flueMajor ?? 0, this.manager, this.options);
    return this.built;
  }

  /** Where the app keeps its sources, as far as its configuration tells. */
  public get sourcePlaces(): SourcePlaces {
    const { root, app, db } = this.config;
    return { folder: sourceFolder(this.path, root), app: asText(app), db: typeof db === 'symbol' ? false : db };
  }

  /** What the build leaves, relative to the directory; `dist` where nothing tells. */
  public get output(): string {
    return this.options.ownDockerfile ? asText(this.config.output) ?? 'dist' : this.build.output;
  }

  /** The base image that `engines.node` asks for. */
  public get nodeImage(): string {
    return nodeImage(this.refuse, [this.manifest, this.workspace.manifest]);
  }

  /** The command of the app's own tests; undefined where npm's stand-in for none is there. */
  public get tests(): string | undefined {
    const { test } = this.manifest.scripts;
    return test === undefined || /no test specified/.test(test) ? undefined : test;
  }

  /** How the provided Dockerfile installs the app. */
  public get installation(): Installation {
    const { links, root } = this.surroundings;
    const folderOf = (directory: string): string => posixRelative(root, directory);
    const { directory } = this.workspace;
    const { manager } = this;
    const unbuilt = links.packages.filter(needsBuild);
    return {
      manager,
      folder: folderOf(directory),
      app: folderOf(this.path),
      manifests: this.needsSources(links) ? [] : [
        { folder: folderOf(directory), files: ['package.json', this.lockfile, ...SETTINGS.filter((name) => exists(directory, name))] },
        ...SETTING_FOLDERS.filter((name) => exists(directory, name))
          .map((name) => ({ folder: path.posix.join(folderOf(directory), name), files: [] })),
        ...this.manifestFolders().map((folder) => ({ folder, files: ['package.json'] })),
      ],
      linked: links.packages.filter(({ atRunTime }) => atRunTime).map((linked) => folderOf(linked.directory)).sort(),
      packages: links.packages.map((linked) => folderOf(linked.directory)).sort(),
      unbuilt: unbuilt.map((linked) => folderOf(linked.directory)),
    };
  }

  /** The directory that is the root of the build context. */
  public get contextRoot(): string {
    return this.isAlone ? this.path : this.surroundings.root;
  }

  /** The folders that the image is built from: the app, and what it is linked to. */
  public get contextParts(): ContextPart[] {
    const { contextRoot, output } = this;
    const folderOf = (directory: string): string => posixRelative(contextRoot, directory);
    if (this.isAlone) {
      return [{ directory: this.path, folder: '', without: [], output }];
    }
    const { directory: root } = this.workspace;
    const linked = this.surroundings.links.packages.map(({ directory }) => directory).filter((directory) => directory !== root);
    const members = [...this.workspace.members.keys()].map((folder) => path.join(root, folder)).filter((directory) => directory !== this.path);
    const part = (directory: string) => ({
      directory, folder: folderOf(directory), without: [...members, ...linked].filter((other) => other !== directory && isWithin(directory, other)),
    });
    return [{ ...part(this.path), output }, ...linked.map(part)];
  }

  /** Single files, and folders of settings, that the build needs from elsewhere; absolute paths. */
  public get contextFiles(): string[] {
    const { directory } = this.workspace;
    if (this.isAlone) {
      return [];
    }
    const { outside } = this.surroundings;
    return [
      ...['package.json', this.lockfile, ...SETTINGS, ...SETTING_FOLDERS, ...BUILD_SETTINGS, ...this.workspace.patches].map((name) => path.join(directory, name)),
      ...this.manager.wantsEveryManifest ? [...this.workspace.members.keys()].map((folder) => path.join(directory, folder, 'package.json')) : [],
      ...outside,
    ].filter((file) => exists(file));
  }

  /** Whether the context is the directory itself, as for an own Dockerfile that no workspace is named for. */
  private get isAlone(): boolean {
    return this.options.ownDockerfile === true && this.options.workspace === undefined;
  }

  /** Who installs the app, and runs its scripts. */
  public get manager(): PackageManager {
    return packageManagerOf(this.refuse, this.lockfile, this.lock, this.workspace.manifest);
  }

  private get config(): AppConfig {
    return this.options.ownDockerfile === true
      ? (this.flueMajor ?? 2) < 2 ? readFlueConfig(this.path) : readViteConfig(this.path, defaultViteConfig(this.path)) ?? readFlueConfig(this.path)
      : this.build.config;
  }

  /** What the app is linked to, what else it reads outside its directory, and the directory above all of them. */
  private get surroundings(): { readonly links: Links; readonly root: string; readonly outside: readonly string[] } {
    if (this.known === undefined) {
      const command = expandCommand(this.options.ownDockerfile === true ? 'npm run build' : this.build.command, this.manifest.scripts);
      const links = linksOf(this.refuse, this.manifest, this.workspace, packagesIn(command, this.manifest, this.workspace));
      const own = [this.path, ...links.packages.map(({ directory }) => directory)];
      const outside = [...links.archives, ...own.flatMap((directory) => tsconfigsAbove(this.refuse, directory)), ...this.config.imports];
      const root = [this.workspace.directory, ...own, ...outside.map((file) => path.dirname(file))]
        .reduce((above, directory) => (isWithin(above, directory) ? above : commonRoot(above, directory)));
      this.known = { links, root, outside: outside.filter((file) => !own.some((directory) => isWithin(directory, file))) };
    }
    return this.known;
  }

  /** Folders of the packages whose manifest the install reads, besides that of the lockfile. */
  private manifestFolders(): string[] {
    const { links, root } = this.surroundings;
    const { directory } = this.workspace;
    const every = this.manager.wantsEveryManifest ? [...this.workspace.members.keys()].map((folder) => path.join(directory, folder)) : [];
    const folders = [this.path, ...links.packages.map((linked) => linked.directory), ...every].filter((folder) => folder !== directory);
    return [...new Set(folders)].map((folder) => posixRelative(root, folder)).sort();
  }

  /** Whether the install runs, or reads, more than the manifests. */
  private needsSources(links: Links): boolean {
    const { manifest, directory, patches } = this.workspace;
    const manifests = [this.manifest, manifest, ...links.packages.map((linked) => linked.manifest)];
    return manifests.some(({ runsOnInstall }) => runsOnInstall) || links.packages.some((linked) => linked.manifest.hasBin)
      || links.archives.length > 0 || patches.length > 0 || exists(directory, '.yarn/patches');
  }

  private readManifest(directory: string): Manifest {
    if (isUnknown(directory)) {
      this.refuse('`directory` must be known at synthesis, got: a token', 'Pass the path as a plain string');
    }
    if (!isDirectory(this.path)) {
      this.refuse(`\`directory\` must be an existing directory, got: ${directory} (${this.path})`,
        'Paths are relative to where the CDK app runs; `path.join(__dirname, …)` makes them independent of it');
    }
    if (!exists(this.path, 'package.json')) {
      this.refuse(`\`directory\` must hold a package.json, got: ${this.path}`, 'Point it at the root of the Flue app');
    }
    return new Manifest(this.refuse, this.path);
  }

  /** The lockfile, as it speaks of one package of the workspace. */
  private lockOf(directory: string): Lockfile {
    const { directory: root, overridden, members } = this.workspace;
    return readLockfile(this.refuse, this.lockfile, {
      directory: root, folder: posixRelative(root, directory), overridden, members: new Set([...members.values()].flatMap(({ name }) => name ?? [])),
    });
  }

  private findLockfile(directory: string): string {
    const found = lockfilesIn(this.workspace.directory);
    if (found.length > 0) {
      return this.options.ownDockerfile === true ? found[0] : chooseLockfile(this.refuse, found, this.workspace.manifest);
    }
    const above = ancestorsOf(this.path).find((ancestor) => lockfilesIn(ancestor).length > 0);
    const where = this.workspace.directory === this.path ? directory : this.workspace.directory;
    return this.refuse(`\`directory\` must hold a lockfile, got: none of ${Object.keys(LOCKFILES).join(', ')} in ${where}${
      above === undefined ? '' : `, and ${lockfilesIn(above)[0]} in ${above}, which does not list it among its packages`}`,
    above === undefined ? 'Run `npm install` there and commit the lockfile: without one, every build can get other dependencies'
      : `Add ${posixRelative(above, this.path)} to the workspace of ${above} and install there, or run \`npm install\` in the app and commit the lockfile`);
  }

  /** What is asked before an install. */
  private get asked(): InstallableApp {
    const { manifest, workspace, lockfile, lock, flueMajor, options } = this;
    return { manifest, workspace, lockfile, lock, flueMajor, buildCommand: options.buildCommand };
  }
}

/** Whether a package has a build of its own, and what its users load is not there yet. */
function needsBuild({ directory, manifest }: LinkedPackage): boolean {
  return 'build' in manifest.scripts && manifest.entries.some((entry) => !['', '.js', '.json', '/index.js'].some((suffix) => exists(directory, entry + suffix)));
}

function commonRoot(one: string, other: string): string {
  return isWithin(one, other) ? one : commonRoot(path.dirname(one), other);
}
