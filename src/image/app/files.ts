import * as fs from 'node:fs';
import * as path from 'node:path';
import { loadAll } from 'js-yaml';
import type { Refuse } from './refusal';
import { literalOf } from './static-module';

/** A value of JSON or YAML whose members nobody has checked. */
export interface Loose { readonly [name: string]: unknown }

export function exists(...segments: string[]): boolean {
  return fs.existsSync(path.join(...segments));
}

export function isDirectory(file: string): boolean {
  return statOf(file)?.isDirectory() === true;
}

export function isFile(file: string): boolean {
  return statOf(file)?.isFile() === true;
}

export function readText(file: string): string {
  return fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
}

/** The JSON object in a file, or the refusal of what is none. */
export function readJson(refuse: Refuse, directory: string, name: string): Loose {
  const content = readFile(refuse, directory, name);
  return asObject(attempt(() => JSON.parse(content))) ?? refuseContent(refuse, directory, name, 'JSON', content);
}

/** The JSON object in a file where comments and trailing commas may stand, or the refusal of what is none. */
export function readJsonc(refuse: Refuse, directory: string, name: string): Loose {
  const content = readFile(refuse, directory, name);
  return asObject(attempt(() => literalOf(content))) ?? refuseContent(refuse, directory, name, 'JSON', content);
}

/** The YAML object in a file, or the refusal of what is none; an empty file is an empty object. Newer pnpm writes one about itself before that. */
export function readYaml(refuse: Refuse, directory: string, name: string): Loose {
  const content = readFile(refuse, directory, name);
  return content.trim() === '' ? {} : asObject(attempt(() => loadAll(content).pop())) ?? refuseContent(refuse, directory, name, 'YAML', content);
}

export function asObject(value: unknown): Loose | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Loose : undefined;
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The members of an object that are text. */
export function textsOf(value: unknown): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(asObject(value) ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** A path between two directories as it stands in a container, '' for the same one. */
export function posixRelative(from: string, to: string): string {
  return path.relative(from, to).split(path.sep).join('/');
}

/** The ends of a path of an image below its first folder, the longest first: `/app/apps/agents` has `apps/agents`, `agents` and ''. */
export function endsOf(directory: string): string[] {
  const names = directory.split('/').filter((name) => name !== '').slice(1);
  return [...names.map((_, index) => names.slice(index).join('/')), ''];
}

export function isWithin(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

function readFile(refuse: Refuse, directory: string, name: string): string {
  try {
    return readText(path.join(directory, name));
  } catch (error) {
    return refuse(`\`directory\` must hold a ${name} that can be read, got: ${(error as NodeJS.ErrnoException).code ?? 'an error'} from ${path.join(directory, name)}`,
      'Put a file there that you may read');
  }
}

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function refuseContent(refuse: Refuse, directory: string, name: string, kind: string, content: string): never {
  return refuse(`\`directory\` must hold a ${name} with a ${kind} object, got: ${content.slice(0, 40).split('\n')[0] || 'an empty file'}`,
    `Repair ${path.join(directory, name)}`);
}

/** What stands at a path; nothing where no file can have it, such as a name that is too long or holds a null byte. */
export function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
