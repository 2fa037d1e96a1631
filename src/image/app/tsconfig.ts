import * as fs from 'node:fs';
import * as path from 'node:path';
import { asObject, readText } from './files';
import type { Refuse } from './refusal';
import { literalOf } from './static-module';

/** The tsconfig files that those of a directory extend, by their absolute paths; those of packages are in node_modules. */
export function tsconfigsAbove(refuse: Refuse, directory: string): string[] {
  const found = new Set<string>();
  const follow = (file: string, isRead: boolean): void => {
    const extended = asObject(contentOf(file))?.extends;
    for (const name of (Array.isArray(extended) ? extended : [extended]).filter((entry): entry is string => typeof entry === 'string' && /^\.{0,2}\//.test(entry))) {
      const target = ['', '.json', '/tsconfig.json'].map((suffix) => path.resolve(path.dirname(file), name + suffix))
        .find((candidate) => fs.statSync(candidate, { throwIfNoEntry: false })?.isFile());
      if (target === undefined && isRead && name.startsWith('..')) {
        refuse(`\`directory\` must hold what its tsconfig.json extends, got: ${name} in ${file}, where nothing is`, 'Check it out too, or take the line out');
      }
      if (target !== undefined && !found.has(target)) {
        found.add(target);
        follow(target, isRead);
      }
    }
  };
  fs.readdirSync(directory).filter((name) => /^tsconfig(\.[\w-]+)?\.json$/.test(name))
    .forEach((name) => follow(path.join(directory, name), name === 'tsconfig.json'));
  return [...found];
}

/** What a tsconfig says; nothing where the compiler itself could not read it. */
function contentOf(file: string): unknown {
  try {
    return literalOf(readText(file));
  } catch {
    return undefined;
  }
}
