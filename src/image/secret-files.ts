import * as fs from 'node:fs';
import type { IConstruct } from 'constructs';
import type { ContextEntry } from './context-entry';
import { refuse } from '../invariants/invariant';
import { BUILD_CONFIGURATIONS, SECRET_FILES, type SecretFileKind } from '../invariants/secret-file-kinds';
import { secretsInFile } from '../invariants/secrets-in-files';
import { SECRETS_ONLY } from '../invariants/secrets-only';

/** A file above this is data or a bundle: reading it costs more than it tells. */
const MAX_BYTES = 512 * 1024;

/** Tests the end of a path, which begins at its root or after a slash. */
type PathTest = (path: string) => boolean;

const KINDS = SECRET_FILES.map((file) => ({ ...file, is: ending(file.names), isNot: ending(file.except ?? []) }));
const isInSecretFolder = ending(SECRET_FILES.flatMap(({ names }) => names.filter((name) => name.endsWith('/'))));
const CONFIGURATIONS = BUILD_CONFIGURATIONS.map((file) => ({ ...file, is: ending(file.names) }));

/**
 * The kind of secret that a file of this path is, or undefined for none.
 *
 * @param read its content; left out where the path alone is to be judged, so that what only the content tells is no secret
 */
export function secretFileKind(path: string, read?: () => string): string | undefined {
  let content: string | undefined;
  const text = (): string => content ??= read!();
  const decided = (kind: SecretFileKind): boolean => {
    if (!kind.holds && !kind.unless) {
      return true;
    }
    return read !== undefined && (kind.holds ?? []).every((pattern) => pattern.test(text())) && !kind.unless?.test(text());
  };
  return KINDS.find((kind) => kind.is(path) && !kind.isNot(path) && decided(kind))?.kind;
}

/** Whether all below a folder of this path is secret. */
export function isSecretFolder(path: string): boolean {
  return isInSecretFolder(`${path}/`);
}

/** Whether a path that a Dockerfile names, of a file or of a folder, is secret by its name. */
export function isSecretPath(path: string): boolean {
  return secretFileKind(path) !== undefined || (isSecretFolder(path) && !KINDS.some(({ isNot }) => isNot(path)));
}

/** The text of a file, or nothing for one that is too large to be read at every synthesis. */
export function readSmall(file: string): string {
  return fs.statSync(file).size > MAX_BYTES ? '' : fs.readFileSync(file, 'utf8');
}

/** Refuses files with a secret in them: every layer and every assembly would hold it. */
export function requireNoSecretsIn(scope: IConstruct, entries: readonly ContextEntry[]): void {
  for (const entry of entries.filter(({ link }) => link === undefined)) {
    const text = readSmall(entry.absolute);
    if (text.includes('\0')) {
      continue;
    }
    const configuration = CONFIGURATIONS.find(({ is }) => is(entry.path));
    const literal = configuration?.literal.exec(text);
    if (configuration && literal) {
      refuse(scope, `\`directory\` must not hold a token in ${entry.path}, got: a literal value of ${literal[1]}`, configuration.fix, SECRETS_ONLY);
    }
    const [found] = secretsInFile(text);
    if (found) {
      refuse(scope, `\`directory\` must not hold a secret, got: what looks like ${found.kind} in line ${found.line} of ${entry.path}`,
        'Pass it in the service\'s `secrets`, or name the file in `exclude`; a value that opens nothing may have the comment `gitleaks:allow` on its line', SECRETS_ONLY);
    }
  }
}

function ending(names: readonly string[]): PathTest {
  if (names.length === 0) {
    return () => false;
  }
  const alternatives = names.map((name) => name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*') + (name.endsWith('/') ? '' : '$'));
  const pattern = new RegExp(`(^|/)(${alternatives.join('|')})`, 'i');
  return (path) => pattern.test(path);
}
