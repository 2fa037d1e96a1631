import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { builtServer, requireBuilt } from './app-directory';
import type { ImageDefaults } from './dockerfile';
import { endsOf } from '../../image/app/files';

/** What starts the server on this machine, and where. */
export interface LocalCommand {
  readonly directory: string;
  readonly words: readonly string[];
}

/** Makes the command of an image one of this machine, for an app that is built; refuses one that is not. */
export function localCommand(app: string, { workdir = '/', build }: ImageDefaults, words: readonly string[]): LocalCommand {
  const here = words.map(word => withoutWorkdir(word, workdir));
  const named = here.flatMap(word => word.split(/[\s'"]+/)).find(word => /(^|\/)server\.mjs$/.test(word) && !word.startsWith('/'));
  const server = named ?? builtServer(app);
  // an image may work in the folder that the build leaves
  const folder = named === undefined ? undefined : ['', ...endsOf(workdir)].find(end => existsSync(join(app, end, named)));
  requireBuilt(app, join(folder ?? '', server), build);
  return { directory: join(app, folder ?? ''), words: here.length > 0 ? here : ['node', server] };
}

/** A word, or a text for a shell, with paths below the working directory of the image relative to it. */
function withoutWorkdir(word: string, workdir: string): string {
  const path = `${workdir.replace(/\/$/, '')}/`;
  return path === '/' ? word : ['', ' ', '\'', '"', '='].reduce((text, before) =>
    before === '' ? (text.startsWith(path) ? text.slice(path.length) : text) : text.replaceAll(before + path, before), word);
}
