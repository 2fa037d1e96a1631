import * as path from 'node:path';
import type { IConstruct } from 'constructs';
import type { ContextEntry } from './context-entry';
import { readSmall } from './secret-files';
import { refuse } from '../invariants/invariant';

/** Configurations in which a package manager replaces `${NAME}`. */
const CONFIGURATIONS = ['.npmrc', '.yarnrc.yml'];
/** What every shell of a build has. */
const ALWAYS_SET = ['HOME', 'PATH', 'PWD'];

/**
 * Refuses a configuration of a package manager with a variable that the install step has not.
 *
 * @param given the names that the step gets; left out where the packages are installed on a box, which gets none
 */
export function requireRegistryVariables(scope: IConstruct, entries: readonly ContextEntry[], given?: readonly string[]): void {
  for (const entry of entries.filter((candidate) => CONFIGURATIONS.includes(path.posix.basename(candidate.path)) && candidate.link === undefined)) {
    const lines = readSmall(entry.absolute).split(/\r?\n/).filter((line) => !/^\s*[#;]/.test(line));
    // a default, as in `${NAME:-}` and `${NAME?}`, needs no variable
    const missing = lines.flatMap((line) => [...line.matchAll(/(?<!\\)\$\{(\w+)\}/g)].map(([, name]) => name)).find((name) => !ALWAYS_SET.includes(name) && !given?.includes(name));
    if (missing !== undefined) {
      refuse(scope, `${entry.path} must hold only variables that the install step has, got: \${${missing}}`,
        given ? `Pass \`buildSecrets: { ${missing}: 'env=${missing}' }\`` : 'A box has no build secrets: use FlueImage, or install from a registry that asks for no token');
    }
  }
}
