import * as path from 'node:path';
import type { IConstruct } from 'constructs';
import type { Copy, Instruction } from 'dockerfile-ast';
import { endsOf, isFile } from './app/files';
import { isNeverStaged } from './build-context';
import type { ContextEntry } from './context-entry';
import { readSmall } from './secret-files';
import { ServerCommand } from './server-command';
import { refuse } from '../invariants/invariant';
import { WARNINGS } from '../invariants/warnings';

/** What the build of an own Dockerfile finds beside it. */
export interface DockerfileSurroundings {
  /** The root of the context. */
  readonly directory: string;
  readonly entries: readonly ContextEntry[];
  /** What the build of the app leaves, relative to the root. */
  readonly output: string;
  /** The scripts of the package.json in a folder of the context, or of the app where it has none. */
  readonly scriptsIn: (folder: string) => { readonly [name: string]: string };
}

/** What an own Dockerfile starts, and all that it says besides. */
export interface DockerfileCommand extends DockerfileSurroundings {
  readonly file: string;
  /** The image that the final stage is made from. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
  readonly workdir: string;
  /** The instructions that say what starts. */
  readonly shown: string;
  /** The words of the exec form, or the text of the shell form. */
  readonly words?: readonly string[] | string;
}

/** Images of which everybody knows that they start no server by themselves. */
const BARE_BASE = new RegExp('(^|/)(node|bun|deno|debian|ubuntu|alpine|amazonlinux|fedora|busybox|scratch|python|nodejs[\\w-]*|[\\w-]*sandbox|wolfi-base|playwright'
  + '|code-interpreter)(:|@|$)');

/** Refuses and warns of a command that starts no Flue server, keeps SIGTERM from it, or reads what the build does not have. */
export function checkCommand(scope: IConstruct, dockerfile: DockerfileCommand): void {
  const { file, base, words, shown, entries } = dockerfile;
  const fix = 'Add `CMD ["node", "dist/server.mjs"]`, with the path of the server in the image, or choose `dockerfile: FlueDockerfile.provided()`';
  if (words === undefined) {
    if (BARE_BASE.test(base)) {
      refuse(scope, `${file} must start the Flue server, got: no CMD or ENTRYPOINT in its final stage (FROM ${base})`, fix);
    }
    WARNINGS.noCommand.give(scope, { file, base });
    return;
  }
  const folders = endsOf(dockerfile.workdir).filter((end) => end === '' || entries.some((entry) => entry.path.startsWith(`${end}/`)));
  const scripts = dockerfile.scriptsIn(folders[0]);
  const command = new ServerCommand(words, {
    scripts,
    hasModernYarn: entries.some((entry) => entry.path === '.yarnrc.yml'),
    read: (name) => textFor(name, scripts, dockerfile),
  });
  if (command.starts === 'nothing') {
    refuse(scope, `${file} must start the Flue server, got: ${shown}`, fix);
  }
  if (command.starts === 'other') {
    WARNINGS.otherEntry.give(scope, { file, command: shown });
  }
  if (command.keepsSignals !== undefined) {
    WARNINGS.shellFormCommand.give(scope, { command: shown });
  }
  requireFiles(scope, command, folders, dockerfile);
}

/** Refuses a command that reads a file which the context excludes; `folders` are those of the context that the image may work in. */
function requireFiles(scope: IConstruct, command: ServerCommand, folders: readonly string[], dockerfile: DockerfileCommand): void {
  const { directory, entries, shown, file, output } = dockerfile;
  const root = `${dockerfile.workdir.replace(/\/+$/, '')}/`;
  const here = (word: string): string | undefined => {
    const relative = path.posix.normalize(word.startsWith(root) ? word.slice(root.length) : word);
    return path.posix.isAbsolute(relative) || relative.startsWith('..') ? undefined : relative;
  };
  const isBuilt = (name: string): boolean => /(^|\/)(dist|node_modules)(\/|$)/.test(name) || name === output || name.startsWith(`${output}/`);
  const isMissing = (name: string, always: boolean): boolean => {
    const places = folders.map((folder) => path.posix.join(folder, name));
    return !entries.some((entry) => places.includes(entry.path)) && !makes(dockerfile, name)
      && (always || (!places.some(isBuilt) && places.some((place) => isFile(path.join(directory, place)))));
  };
  const missing = [...command.envFiles.map((word) => [here(word), true] as const), ...command.words.filter((word) => /[./]/.test(word)).map((word) => [here(word), false] as const)]
    .find(([name, always]) => name !== undefined && name !== '.' && isMissing(name, always))?.[0];
  if (missing !== undefined) {
    refuse(scope, `${file} must start the server without files that never enter the build context, got: ${missing} in ${shown}`,
      isNeverStaged(missing) ? 'Take it out of the command, and pass what it sets in the service\'s `environment` and `secrets`'
        : 'Take it out of the command, or out of `.dockerignore` and `exclude`');
  }
}

/** Whether an instruction makes a file of this name in the image. */
function makes({ instructions }: DockerfileCommand, name: string): boolean {
  const base = path.posix.basename(name);
  return instructions.some((instruction) => {
    const words = instruction.getArguments().map((argument) => argument.getValue());
    const copies = ['COPY', 'ADD'].includes(instruction.getKeyword());
    return (instruction.getKeyword() === 'RUN' && (instruction.getArgumentsContent() ?? '').includes(base))
      || (copies && path.posix.basename(words.at(-1) ?? '') === base)
      || (copies && words.join(' ').includes(base) && (instruction as Copy).getFlags().some((flag) => flag.getName() === 'from'));
  });
}

/** The text of the file that a path of the image stands for, or else of what names it in the Dockerfile and in the scripts. */
function textFor(name: string, scripts: { readonly [name: string]: string }, { entries, instructions }: DockerfileCommand): string | undefined {
  const parts = name.split('/').filter((part) => part && part !== '.');
  const entry = parts.map((_, index) => parts.slice(index).join('/')).flatMap((end) => entries.filter((candidate) =>
    candidate.link === undefined && (candidate.path === end || (!end.includes('/') && candidate.path.endsWith(`/${end}`))))).shift();
  if (entry !== undefined) {
    return readSmall(entry.absolute);
  }
  const base = parts.at(-1) ?? name;
  const steps = instructions.filter((instruction) => !['CMD', 'ENTRYPOINT'].includes(instruction.getKeyword()));
  const lines = [...Object.values(scripts), ...steps.map((instruction) => instruction.getTextContent())];
  const naming = lines.filter((line) => line.includes(base));
  return naming.length > 0 ? naming.join('\n') : undefined;
}
