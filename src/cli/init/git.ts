import { execFileSync } from 'node:child_process';
import { CliFailure } from '../failure';

/** What a clone says of itself. */
export interface Clone {
  /** Absolute path of its root. */
  readonly root: string;
  /** Owner and name on GitHub, where its `origin` is there. */
  readonly repository?: string;
  /** The branch that others start from. */
  readonly branch: string;
}

/** Reads the clone that a directory is in. */
export function readClone(directory: string): Clone {
  const root = ask(directory, 'rev-parse', '--show-toplevel');
  if (root === undefined) {
    throw new CliFailure(`--ci must be used in a clone, got: ${directory}, which is in none.`, 'Run `git init` at the root of the repository, or leave --ci out.');
  }
  const origin = ask(directory, 'config', '--get', 'remote.origin.url');
  const head = ask(directory, 'symbolic-ref', '--short', 'refs/remotes/origin/HEAD');
  return {
    root,
    repository: /^(?:[^/]*:\/\/)?(?:[^@/]*@)?github\.com[:/]([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(origin ?? '')?.[1],
    branch: head?.replace(/^origin\//, '') ?? 'main',
  };
}

function ask(directory: string, ...words: string[]): string | undefined {
  try {
    return execFileSync('git', ['-C', directory, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined;
  } catch {
    return undefined;
  }
}
