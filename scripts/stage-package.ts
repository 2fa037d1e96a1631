import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Lays out in `.package` what npm would pack, less what never runs of the bundled dependencies: builds for other module
 * systems, type declarations, change logs. That is a third of the tarball, and `.npmignore` does not reach into them.
 */

const root = join(__dirname, '..');
const stage = join(root, '.package');
const NEVER_RUNS = /^node_modules\/.*(\/esm\/|\.d\.ts$|\.map$|CHANGELOG\.md$|README\.md$|eslint\.config\.js$)/;

const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const [{ files }] = JSON.parse(packed) as { files: { path: string }[] }[];

rmSync(stage, { recursive: true, force: true });
for (const { path } of files) {
  if (!NEVER_RUNS.test(path)) {
    mkdirSync(dirname(join(stage, path)), { recursive: true });
    cpSync(join(root, path), join(stage, path));
  }
}
