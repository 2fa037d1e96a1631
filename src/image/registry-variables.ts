import * as path from 'node:path';
import type { IConstruct } from 'constructs';
import type { ContextEntry } from './context-entry';
import { readSmall } from './secret-files';
import { refuse } from '../invariants/invariant';

/** How each configuration of a package manager names a variable; a default, as in `${NAME:-}` and `${NAME?}`, needs none. */
const CONFIGURATIONS: { readonly [name: string]: RegExp } = {
  '.npmrc': /(?<!\\)\$\{(\w+)\}/g,
  '.yarnrc.yml': /(?<!\\)\$\{(\w+)\}/g,
  'bunfig.toml': /(?<=["':/@])\$\{?(\w+)\}?/g,
};
/** What every shell of a build has. */
const ALWAYS_SET = ['HOME', 'PATH', 'PWD'];

/** The step that installs the packages of an app. */
export interface InstallStep {
  /** Whether the step has a variable. */
  readonly has: (name: string) => boolean;
  /** How it gets one, as a sentence without a stop. */
  readonly way: (name: string) => string;
}

/** The install step of the provided Dockerfile, which gets every build secret as a variable. */
export function providedInstallStep(buildSecrets: readonly string[]): InstallStep {
  return { has: (name) => buildSecrets.includes(name), way: (name) => `Pass \`buildSecrets: { ${name}: 'env=${name}' }\`` };
}

/** The install of a box. */
export const BOX_INSTALL_STEP: InstallStep = {
  has: () => false, way: () => 'A box has no build secrets: use FlueImage, or install from a registry that asks for no token',
};

/** Whether a package manager reads this file, and replaces variables in it. */
export function isRegistryConfiguration(entry: ContextEntry): boolean {
  return path.posix.basename(entry.path) in CONFIGURATIONS && entry.link === undefined;
}

/** Refuses a configuration of a package manager with a variable that the install step has not. */
export function requireRegistryVariables(scope: IConstruct, entries: readonly ContextEntry[], step: InstallStep): void {
  for (const entry of entries.filter(isRegistryConfiguration)) {
    const lines = readSmall(entry.absolute).split(/\r?\n/).filter((line) => !/^\s*[#;]/.test(line));
    const pattern = CONFIGURATIONS[path.posix.basename(entry.path)];
    const names = lines.flatMap((line) => [...line.matchAll(pattern)].map(([, name]) => name));
    const missing = names.find((name) => !ALWAYS_SET.includes(name) && !step.has(name));
    if (missing !== undefined) {
      refuse(scope, `${entry.path} must hold only variables that the install step has, got: \${${missing}}`, step.way(missing));
    }
  }
}
