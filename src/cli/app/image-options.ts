import { relative, resolve, sep } from 'node:path';
import { asText } from '../../image/app/files';
import type { FlueImageProps } from '../../image/flue-image-props';
import { CliFailure } from '../failure';

/** The props of FlueImage that somebody says on the command line, because no file of the app tells them. */
export type ImageOptions = Pick<FlueImageProps, 'workspace' | 'buildCommand' | 'outputDirectory' | 'command' | 'exclude'> & {
  /** `provided`, or the path of the app's own. */
  readonly dockerfile?: string;
};

const text = { type: 'string' } as const;

/** How `parseArgs` takes them. */
export const IMAGE_OPTIONS = {
  'workspace': text, 'build-command': text, 'output-directory': text, 'command': text, 'dockerfile': text, 'exclude': { type: 'string', multiple: true },
} as const;

export const IMAGE_USAGE = `  --workspace DIR          root of the workspace of the app
  --build-command LINE     what builds the app, as one line of shell
  --output-directory DIR   folder with server.mjs after the build, in the app
  --command WORDS          what starts the server: words with spaces between them, or a JSON array
  --dockerfile FILE        the app's own Dockerfile, or the word provided
  --exclude PATTERN        leaves files out, as in .dockerignore; may stand several times
`;

const PROPS: { readonly [option in keyof typeof IMAGE_OPTIONS]: keyof ImageOptions } = {
  'workspace': 'workspace', 'build-command': 'buildCommand', 'output-directory': 'outputDirectory', 'command': 'command', 'dockerfile': 'dockerfile', 'exclude': 'exclude',
};

/** The options among what `parseArgs` found. */
export function imageOptionsOf(values: { readonly [option: string]: unknown }): ImageOptions {
  const given = Object.entries(PROPS).filter(([option]) => values[option] !== undefined);
  const empty = given.find(([option]) => [values[option]].flat().includes(''));
  if (empty !== undefined) {
    throw new CliFailure(`--${empty[0]} must not be empty.`, `Leave it out for what the app says, or pass it as \`${empty[1]}\` of FlueImage.`);
  }
  const options = Object.fromEntries(given.map(([option, prop]) => [prop, values[option]]));
  return { ...options, ...options.command === undefined ? {} : { command: wordsOf(`${options.command}`) } };
}

/** How to say on the command line what a refusal names as a prop; nothing where it names none. */
export function asOptions(sentence: string): string {
  const named = Object.entries(PROPS).filter(([, prop]) => new RegExp(`\`${prop}\\b`).test(sentence.slice(1)));
  return named.length === 0 ? '' : ` Here, ${named.map(([option, prop]) => `\`${prop}\` is --${option}`).join(', ')}.`;
}

/** How a language writes the props. */
const SYNTAX = {
  typescript: { prop: (name: string, value: string) => `${name}: ${value}`, path: (words: readonly string[]) => `join(import.meta.dirname, ${words.map(quoted).join(', ')})`, quote: quoted },
  python: {
    prop: (name: string, value: string) => `${name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)}=${value}`,
    path: (words: readonly string[]) => `str(AGENTS / ${JSON.stringify(words.slice(1).join('/') || '.')})`,
    quote: (word: string) => JSON.stringify(word),
  },
};

/** Puts the options into the FlueImage of a source file of a starter. */
export function writeOptions(source: string, language: keyof typeof SYNTAX, directory: string, options: ImageOptions): string {
  const { prop, path, quote } = SYNTAX[language];
  const list = (words: readonly string[]): string => `[${words.map(quote).join(', ')}]`;
  const { workspace, dockerfile, exclude = [], ...plain } = options;
  const props = [
    prop('exclude', list(['cdk', ...exclude])),
    ...workspace === undefined ? [] : [prop('workspace', path(['../..', relative(resolve(directory), resolve(workspace)).split(sep).join('/') || '.']))],
    ...dockerfile === undefined ? [] : [prop('dockerfile', dockerfile === 'provided' ? 'FlueDockerfile.provided()' : `FlueDockerfile.own(${quote(dockerfile)})`)],
    ...Object.entries(plain).map(([name, value]) => prop(name, Array.isArray(value) ? list(value) : quote(asText(value) ?? ''))),
  ];
  const written = source.replace(prop('exclude', list(['cdk'])), () => props.join(', '));
  return written === source || dockerfile === undefined ? written : written.replace(/^(import \{ |from cdk_flue import )(?=Flue.*\bFlueImage\b)/m, '$1FlueDockerfile, ');
}

function quoted(word: string): string {
  return `'${word.replace(/[\\']/g, '\\$&')}'`;
}

function wordsOf(command: string): string[] {
  if (!command.trimStart().startsWith('[')) {
    return command.trim().split(/\s+/);
  }
  try {
    const words: unknown = JSON.parse(command);
    if (Array.isArray(words) && words.every(word => typeof word === 'string')) {
      return words;
    }
  } catch {
    // said below
  }
  throw new CliFailure(`--command must be words, or a JSON array of strings, got: ${command}`, 'Write it as in --command "node dist/server.mjs".');
}
