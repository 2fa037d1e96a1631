import * as fs from 'node:fs';
import * as path from 'node:path';
import type { InitOptions } from './options';
import { CliFailure } from '../failure';

const PACKAGE = path.join(__dirname, '../../..');
const TEMPLATES = path.join(PACKAGE, 'assets/init');
/** The version of the library in the files of the starter. */
const VERSION = '{{version}}';
/** npm leaves a file of this name out of every package. */
const GITIGNORE = { typescript: 'node_modules/\ncdk.out/\n', python: '.venv/\n__pycache__/\ncdk.out/\n' };

/** The files of a starter: path in it, and content. */
export type Starter = ReadonlyMap<string, string>;

/** The files for one language and variant; refuses a variant that this version does not have. */
export function readStarter({ language, variant }: Pick<InitOptions, 'language' | 'variant'>): Starter {
  const own = path.join(TEMPLATES, language, variant);
  if (!fs.existsSync(own)) {
    throw new CliFailure(
      `The variant ${variant} is not available for ${language} in this version.`,
      `Available: ${fs.readdirSync(path.join(TEMPLATES, language)).filter(name => name !== 'common').join(', ')}`,
    );
  }
  const { version } = JSON.parse(fs.readFileSync(path.join(PACKAGE, 'package.json'), 'utf8')) as { version: string };
  const files = new Map([['.gitignore', GITIGNORE[language]]]);
  for (const directory of [path.join(TEMPLATES, language, 'common'), own]) {
    for (const file of listFiles(directory)) {
      files.set(path.relative(directory, file), fs.readFileSync(file, 'utf8').replaceAll(VERSION, version));
    }
  }
  return files;
}

/** Writes a starter, or nothing at all when one of its files exists. */
export function writeStarter(starter: Starter, directory: string): void {
  const existing = [...starter.keys()].filter(file => fs.existsSync(path.join(directory, file)));
  if (existing.length > 0) {
    throw new CliFailure(
      `Nothing was written, because ${directory} already holds ${existing.sort().join(', ')}.`,
      'Move what is there, or give another directory.',
    );
  }
  for (const [file, content] of starter) {
    const target = path.join(directory, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, content, { flag: 'wx' });
  }
}

function listFiles(directory: string): string[] {
  return fs.readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
    .sort();
}
