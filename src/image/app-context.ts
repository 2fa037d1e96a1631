import * as fs from 'node:fs';
import * as path from 'node:path';
import type { IConstruct } from 'constructs';
import { isDirectory, posixRelative } from './app/files';
import type { AppDirectory } from './app-directory';
import { ignorePatterns, ignoring, listContext } from './build-context';
import type { ContextEntry } from './context-entry';
import { readSmall, secretFileKind } from './secret-files';

export interface AppContextOptions {
  /** The app's own Dockerfile, relative to its directory; the name of the provided one otherwise. */
  readonly dockerfile: string;
  /** Patterns in the syntax of `.dockerignore`, relative to the app. */
  readonly exclude: readonly string[];
  /** Paths in the directory of the app that stay, whatever the patterns say. */
  readonly keep: readonly string[];
}

export interface AppContext {
  /** Everything that the image is built from. */
  readonly entries: readonly ContextEntry[];
  /** What of it is in the directory of the app, with paths that begin there. */
  readonly ofApp: readonly ContextEntry[];
}

/** Lists what an image is built from: the app, the packages that it is linked to, and the files around them that they need. */
export function listAppContext(scope: IConstruct, app: AppDirectory, options: AppContextOptions): AppContext {
  const root = app.contextRoot;
  const parts = app.contextParts.map((part) => {
    const isApp = part.directory === app.path;
    const patterns = ignorePatterns(part.directory, isApp ? options.dockerfile : 'Dockerfile');
    const entries = listContext(scope, {
      directory: part.directory,
      exclude: isApp ? [...patterns, ...options.exclude] : patterns,
      keep: isApp ? options.keep : ['package.json'],
      without: [...part.without, ...part.output === undefined ? [] : [path.join(part.directory, part.output)]],
    });
    return { isApp, folder: part.folder, entries };
  });
  const kept = app.contextFiles.flatMap(filesBelow).map((absolute) => ({ path: posixRelative(root, absolute), absolute }))
    .filter((entry) => secretFileKind(entry.path, () => readSmall(entry.absolute)) === undefined);
  const keptPaths = new Set(kept.map((entry) => entry.path));
  const ofDirectory = new Set(options.keep.map((name) => path.join(fs.realpathSync(app.path), name)));
  const keepsOut = ignoredAtRoot(scope, app);
  const entries = parts.flatMap(({ folder, entries: listed }) => listed.map((entry) => ({ ...entry, path: path.posix.join(folder, entry.path) })))
    .filter((entry) => !keptPaths.has(entry.path) && (ofDirectory.has(entry.absolute) || !keepsOut(entry.absolute)));
  return {
    entries: [...entries, ...kept].sort((a, b) => (a.path < b.path ? -1 : 1)),
    ofApp: parts.filter(({ isApp }) => isApp).flatMap((part) => part.entries),
  };
}

/** What the `.dockerignore` at the root of a workspace leaves out, besides what those of the packages do. */
function ignoredAtRoot(scope: IConstruct, app: AppDirectory): (absolute: string) => boolean {
  const directory = fs.realpathSync(app.workspace.directory);
  const patterns = app.workspace.directory === app.path || app.contextRoot === app.path ? [] : ignorePatterns(directory, 'Dockerfile');
  const ignore = ignoring(scope, directory, patterns);
  return (absolute) => patterns.length > 0 && path.basename(absolute) !== 'package.json' && !path.relative(directory, absolute).startsWith('..') && ignore.ignores(absolute);
}

function filesBelow(file: string): string[] {
  if (!isDirectory(file)) {
    return [file];
  }
  const items = fs.readdirSync(file, { recursive: true, withFileTypes: true });
  return items.filter((item) => item.isFile()).map((item) => path.join(item.parentPath, item.name));
}
