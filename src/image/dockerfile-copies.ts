import * as fs from 'node:fs';
import * as path from 'node:path';
import type { IConstruct } from 'constructs';
import type { Copy, Instruction } from 'dockerfile-ast';
import { isNeverStaged } from './build-context';
import type { ContextEntry } from './context-entry';
import { refuse } from '../invariants/invariant';

/** What a COPY or ADD of a Dockerfile copies. */
export interface DockerfileCopy {
  readonly line: number;
  /** As they are written; neither addresses nor here-documents. */
  readonly sources: readonly string[];
  readonly target: string;
  /** The stage or image that it copies from; undefined for the build context. */
  readonly from?: string;
}

/** What a Dockerfile copies from, and what finds it. */
export interface CopySurroundings {
  readonly file: string;
  /** The root of the build context. */
  readonly directory: string;
  readonly entries: readonly ContextEntry[];
}

/** The copies among instructions. */
export function copiesOf(instructions: readonly Instruction[]): DockerfileCopy[] {
  return instructions.filter((candidate) => ['COPY', 'ADD'].includes(candidate.getKeyword())).map((instruction) => {
    const copy = instruction as Copy;
    const { line } = copy.getRange().start;
    // the lines of a here-document are no paths
    const words = copy.getOpeningBracket()
      ? copy.getJSONStrings().map((word) => word.getJSONValue())
      : copy.getArguments().filter((word) => copy.getHeredocs().length === 0 || word.getRange().start.line === line).map((word) => word.getValue());
    return {
      line: line + 1,
      sources: words.slice(0, -1).filter((word) => !/:\/\/|^<<|^git@/.test(word)),
      target: words.at(-1) ?? '',
      from: copy.getKeyword() === 'COPY' ? copy.getFromFlag()?.getValue() ?? undefined : undefined,
    };
  });
}

/** The path that a source of a copy stands for, relative to the root of its context or stage; '' for all of it. */
export function placeOf(source: string): string {
  const place = path.posix.normalize(source.replaceAll('\\', '/')).replace(/^(?:\.?\.?\/)+/, '').replace(/\/+$/, '');
  return place === '.' ? '' : place;
}

/** Whether a source of a copy brings a path of the build context. */
export function brings(source: string, name: string): boolean {
  const place = placeOf(source);
  const pattern = place.split('/').map((part) => part.replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*/g, '[^/]*').replace(/\?/g, '[^/]')).join('/');
  return place === '' || place.includes('$') || new RegExp(`^${pattern}(/|$)`).test(name);
}

/** Refuses a copy of what no build context holds: secrets, dependencies, and what the app's own build leaves. */
export function requireNoExcludedCopies(scope: IConstruct, file: string, copies: readonly DockerfileCopy[], output: string): void {
  for (const { sources, line } of copies.filter(({ from }) => from === undefined)) {
    const excluded = sources.find((word) => `${placeOf(word)}/`.startsWith(`${output}/`) || isNeverStaged(placeOf(word)));
    if (excluded !== undefined) {
      refuse(scope, `${file} must not copy what never enters the build context, got: ${excluded} in line ${line}`,
        'Secrets come from the service\'s `secrets`; let a stage of the Dockerfile install and build, and copy its result with `COPY --from`');
    }
  }
}

/** Refuses a copy of a file or folder that is there and stays out of this context: the build would not find it. */
export function requireStagedCopies(scope: IConstruct, copies: readonly DockerfileCopy[], { file, directory, entries }: CopySurroundings): void {
  for (const { sources, line } of copies.filter(({ from }) => from === undefined)) {
    for (const source of sources.filter((word) => !/[$*?[\]\\]/.test(word) && placeOf(word) !== '')) {
      const place = placeOf(source);
      const absolute = path.join(directory, place);
      const kept = entries.some((entry) => entry.path === place || entry.path.startsWith(`${place}/`) || (entry.link !== undefined && place.startsWith(`${entry.path}/`)));
      if (!kept && fs.existsSync(absolute)) {
        const isEmpty = fs.statSync(absolute).isDirectory() && fs.readdirSync(absolute).length === 0;
        refuse(scope, `${file} must not copy what stays out of the build context, got: ${source} in line ${line}`, isEmpty ? 'The folder is empty: make it by `RUN mkdir`'
          : `Take ${place} out of \`.dockerignore\` and \`exclude\`. If it holds a secret, take it out of the Dockerfile, and pass the secret in the service's \`secrets\``);
      }
    }
  }
}
