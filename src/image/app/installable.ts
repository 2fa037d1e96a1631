import * as path from 'node:path';
import { posixRelative } from './files';
import type { Lockfile } from './lockfile';
import type { Manifest } from './manifest';
import { LOCKFILES } from './package-manager';
import type { Refuse } from './refusal';
import { rewritesManifests, type Workspace } from './workspace';

const FLUE_PACKAGES = ['@flue/runtime', '@flue/cli', '@flue/vite'];
/** Published with dependencies that no registry has. */
const BROKEN: { readonly [name: string]: string } = { '@flue/cli': '2.0.4', '@flue/vite': '2.0.4' };

/** What is known of an app before its install. */
export interface InstallableApp {
  readonly manifest: Manifest;
  readonly workspace: Workspace;
  /** Name of the lockfile. */
  readonly lockfile: string;
  readonly lock: Lockfile;
  readonly flueMajor?: number;
  readonly buildCommand?: string;
}

/** What the lockfile of a workspace says of the packages that an app is linked to. */
export interface LinkedManifests {
  readonly members: () => readonly Manifest[];
  readonly lockOf: (directory: string) => Lockfile;
}

/** Major version of Flue: the locked one, else that of the range in package.json, where that is to be trusted. */
export function flueMajorOf(manifest: Manifest, lock: Lockfile, trustsRange: boolean): number | undefined {
  for (const name of FLUE_PACKAGES) {
    const major = majorOf(lock.versionOf(name)) ?? (trustsRange ? majorOf(manifest.wanted[name]) : undefined);
    if (major !== undefined) {
      return major;
    }
  }
  return undefined;
}

/** The major version that a version, or a range that begins with one, stands for. */
export function majorOf(range: string | undefined): number | undefined {
  const digits = /^\s*(?:npm:@?[^@]+@)?[\^~>=v\s]*(\d+)(?=$|[.\s-])/.exec(range ?? '');
  return digits ? Number(digits[1]) : undefined;
}

/** Refuses an app that is not of Flue, or whose Flue cannot be installed or built, and says which major version it has. */
export function requireFlue(refuse: Refuse, app: InstallableApp, own = 'give the directory a Dockerfile of its own'): number {
  const { manifest, workspace, lockfile, flueMajor } = app;
  const { add, addForBuild, install } = wordsOf(lockfile);
  if (!FLUE_PACKAGES.some((name) => manifest.dependsOn(name))) {
    refuse(`\`directory\` must hold a Flue app, got: ${manifest.directory}, whose package.json names none of ${FLUE_PACKAGES.join(', ')}`,
      `Run \`${add} @flue/runtime\` there, or ${own}`);
  }
  if (flueMajor === undefined) {
    return refuse(`\`directory\` must hold a Flue app of a known version, got: ${manifest.directory}, whose ${lockfile} locks none of ${FLUE_PACKAGES.join(', ')}`,
      `Run \`${install}\` there and commit the lockfile, or ${own}`);
  }
  const builder = flueMajor < 2 ? ['@flue/cli'] : ['@flue/vite', 'vite'];
  const missing = app.buildCommand === undefined ? builder.filter((name) => !manifest.dependsOn(name) && !workspace.manifest.dependsOn(name)) : [];
  if (missing.length > 0) {
    refuse(`\`directory\` must have the build tools of Flue ${flueMajor}.x in its package.json, got: no ${missing.join(' and no ')}`,
      `Run \`${addForBuild} ${missing.join(' ')}\` there, or ${own}`);
  }
  return flueMajor;
}

/** Refuses a lockfile that the install would stop at, or would not follow. */
export function requireInstallable(refuse: Refuse, installable: InstallableApp, { members, lockOf }: LinkedManifests): void {
  const { manifest: app, workspace, lockfile, lock } = installable;
  const { addForBuild, install } = wordsOf(lockfile);
  const { directory } = workspace;
  const broken = Object.entries(BROKEN).find(([name, version]) => lock.versionOf(name) === version);
  if (broken !== undefined) {
    refuse(`\`directory\` must lock a ${broken[0]} that can be installed, got: ${broken[1]} in ${path.join(directory, lockfile)}, whose dependencies no registry has`,
      `Run \`${addForBuild} ${broken[0]}@2.0.3\` there, or take a version after ${broken[1]}, and commit the lockfile`);
  }
  if (rewritesManifests(workspace)) {
    return;
  }
  for (const manifest of [app, ...members()]) {
    const disagreements = lockOf(manifest.directory).disagreements(manifest);
    if (disagreements.length > 0) {
      const whose = manifest === app ? 'its package.json' : `the package.json of ${posixRelative(directory, manifest.directory) || 'its root'}`;
      refuse(`\`directory\` must have a ${lockfile} that agrees with ${whose}, got: ${disagreements.join(', ')} in ${directory}`,
        `Run \`${install}\` there and commit the lockfile`);
    }
  }
}

/** How people say it to the package manager of a lockfile. */
function wordsOf(lockfile: string): { readonly add: string; readonly addForBuild: string; readonly install: string } {
  const name = LOCKFILES[lockfile];
  const add = name === 'npm' ? 'npm install' : `${name} add`;
  return { add, addForBuild: `${add} ${name === 'npm' ? '--save-dev' : '-D'}`, install: `${name} install` };
}
