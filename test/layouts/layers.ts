import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a step left for a layout. */
export interface Layer {
  readonly root: string;
  /** The layout that it was run for. */
  readonly name: string;
}

/** What steps have left, so that layouts with the same packages install them once, as an engine does with the layers of an image. */
export class Layers {
  private readonly known = new Map<string, Promise<Layer>>();

  public constructor(private readonly workplace: string) {}

  /** What a step leaves that works in `root`, which is gone afterwards: by running it, or from the layout that it was run for. */
  public async of(key: string, name: string, root: string, step: () => Promise<void>): Promise<Layer> {
    const known = this.known.get(key);
    if (known !== undefined) {
      await run('rm', ['-rf', root]);
      return known;
    }
    const kept = join(this.workplace, `layer-${this.known.size}`);
    const keeping = step().then(() => {
      renameSync(root, kept);
      return { root: kept, name };
    });
    this.known.set(key, keeping);
    return keeping;
  }
}

/** A directory as links to the files of another, except for files that a step may change where they are. */
export async function link(from: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  await run('cp', ['-al', `${from}/.`, to]);
  await run('sh', ['-c', `
    own() { for f; do [ ! -f "$f" ] || [ -L "$f" ] || { cp -p "$f" "$f.new" && mv "$f.new" "$f"; }; done; }
    find "$0" -name node_modules -prune -o -type f -links +1 -print0 | xargs -0 -r sh -c 'for f; do cp -p "$f" "$f.new" && mv "$f.new" "$f"; done' _
    find "$0" -name node_modules -prune -print | while read -r d; do own "$d"/.[a-z]* "$d"/.pnpm/lock.yaml; done`, to]);
}

/** What an install reads of a file: scripts and the wanted versions of tools change nothing that it leaves. */
export function installedFrom(file: string): string {
  const text = readFileSync(file, 'utf8');
  if (basename(file) !== 'package.json') {
    return digest(text);
  }
  const { scripts, engines, packageManager, ...rest } = JSON.parse(text) as { scripts?: object; engines?: object; packageManager?: string };
  return digest(JSON.stringify(rest));
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
