import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, FileSystem, IgnoreStrategy, Stage } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { ContextEntry } from './context-entry';
import { isSecretFolder, isSecretPath, readSmall, requireNoSecretsIn, secretFileKind } from './secret-files';
import { refuse } from '../invariants/invariant';

export interface ContextOptions {
  readonly directory: string;
  /** Patterns in the syntax of `.dockerignore`. */
  readonly exclude: readonly string[];
  /** Paths that stay, whatever the patterns say. */
  readonly keep: readonly string[];
  /** Absolute paths of directories that stay out. */
  readonly without?: readonly string[];
}

/** Names that stay out of every context, at any depth: what the image installs itself, and what differs from laptop to laptop. */
const NEVER = new Set(['node_modules', '.git', 'cdk.out', '.ds_store', 'thumbs.db']);

/** Whether a file or directory of this path stays out of every context by its name, whatever `.dockerignore` says. */
export function isNeverStaged(name: string): boolean {
  return name.split('/').some((part) => NEVER.has(part.toLowerCase())) || isSecretPath(name);
}

/** The patterns of the ignore file that `docker build` would read. The files themselves stay out: read a second time, they would hide what we add. */
export function ignorePatterns(directory: string, dockerfile: string): string[] {
  const file = [`${dockerfile}.dockerignore`, '.dockerignore'].map((name) => path.join(directory, name)).find((name) => fs.existsSync(name));
  return file === undefined ? [] : fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, '').split(/\r?\n/);
}

/** What patterns in the syntax of `.dockerignore` leave out; refuses one that is none. */
export function ignoring(scope: IConstruct, root: string, patterns: readonly string[]): IgnoreStrategy {
  const used = patterns.map((pattern) => pattern.trim()).filter((pattern) => pattern && !pattern.startsWith('#'));
  for (const pattern of used) {
    try {
      IgnoreStrategy.docker(root, [pattern]).ignores(path.join(root, 'any'));
    } catch {
      refuse(scope, `\`exclude\` and .dockerignore must hold patterns that Docker reads, got: ${pattern} for ${root}`, 'Correct it, as in `docs/**`, or take it away');
    }
  }
  return IgnoreStrategy.docker(root, used);
}

/** Lists what the image is built from, in the order of the paths. */
export function listContext(scope: IConstruct, options: ContextOptions): ContextEntry[] {
  const root = fs.realpathSync(options.directory);
  const ignore = ignoring(scope, root, options.exclude);
  const assemblies = [Stage.of(scope)?.outdir, App.of(scope)?.outdir].filter((outdir) => outdir !== undefined).map((outdir) => path.resolve(outdir));
  const without = [...assemblies, ...(options.without ?? []).map((directory) => path.join(root, path.relative(options.directory, directory)))];
  const keep = new Set(options.keep);
  const entries: ContextEntry[] = [];
  const walk = (folder: string): void => {
    for (const item of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const relative = path.posix.join(folder, item.name);
      const absolute = path.join(root, relative);
      if (keep.has(relative)) {
        entries.push({ path: relative, absolute });
      } else if (NEVER.has(item.name.toLowerCase()) || item.name.endsWith('.dockerignore') || without.includes(absolute)) {
        continue;
      } else if (item.isDirectory()) {
        if ((!isSecretFolder(relative) && !ignore.completelyIgnores(absolute)) || options.keep.some((file) => file.startsWith(`${relative}/`))) {
          walk(relative);
        }
      } else if (!ignore.ignores(absolute) && secretFileKind(relative, item.isFile() ? () => readSmall(absolute) : undefined) === undefined) {
        if (item.isSymbolicLink()) {
          entries.push({ path: relative, absolute, link: linkWithin(scope, root, absolute, relative) });
        } else if (item.isFile()) {
          entries.push({ path: relative, absolute });
        }
      }
    }
  };
  walk('');
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Rewrites a link so that it means the same on every machine. */
function linkWithin(scope: IConstruct, root: string, absolute: string, relative: string): string {
  const target = path.resolve(path.dirname(absolute), fs.readlinkSync(absolute));
  if (target !== root && !target.startsWith(root + path.sep)) {
    refuse(scope, `\`directory\` must not hold a symbolic link that leaves it, got: ${relative}`,
      'A build cannot follow it: replace it by a copy, or list it in `exclude`');
  }
  return path.relative(path.dirname(absolute), target).split(path.sep).join('/') || '.';
}

/**
 * Copies the context into a new temporary directory, and refuses one with a secret in it.
 *
 * Modes are made the same everywhere: a file that only its owner may read on a laptop would be unreadable to the image's user.
 */
export function stageContext(scope: IConstruct, entries: readonly ContextEntry[], extra: { readonly [path: string]: string }): string {
  requireNoSecretsIn(scope, entries);
  const staged = fs.realpathSync(FileSystem.mkdtemp('cdk-flue-'));
  for (const entry of entries) {
    const target = makeRoom(staged, entry.path);
    if (entry.link !== undefined) {
      fs.symlinkSync(entry.link, target);
    } else {
      fs.copyFileSync(entry.absolute, target);
      // eslint-disable-next-line no-bitwise
      fs.chmodSync(target, fs.statSync(entry.absolute).mode & 0o100 ? 0o755 : 0o644);
    }
  }
  for (const [name, content] of Object.entries(extra)) {
    const target = makeRoom(staged, name);
    fs.rmSync(target, { force: true });
    fs.writeFileSync(target, content);
    fs.chmodSync(target, 0o644);
  }
  return staged;
}

function makeRoom(staged: string, name: string): string {
  const target = path.join(staged, name);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  return target;
}

/** Opens the directories of a staged asset to every user: they have the umask of the user who synthesizes. */
export function openDirectories(directory: string): void {
  fs.chmodSync(directory, 0o755);
  for (const item of fs.readdirSync(directory, { withFileTypes: true })) {
    if (item.isDirectory()) {
      openDirectories(path.join(directory, item.name));
    }
  }
}
