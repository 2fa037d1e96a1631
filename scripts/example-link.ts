import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

// The example imports `cdk-flue` as a user's app does; here that name is this repository.
const root = join(__dirname, '..');
// Not among the packages of the root: what walks those would walk in circles.
const modules = join(root, 'examples', 'node_modules');
const link = join(modules, 'cdk-flue');

if (process.argv.includes('--remove')) {
  rmSync(link, { recursive: true, force: true });
} else if (!existsSync(join(link, 'lib', 'index.js'))) {
  if (lstatSync(link, { throwIfNoEntry: false })) {
    rmSync(link, { recursive: true });
  }
  mkdirSync(modules, { recursive: true });
  symlinkSync(root, link, 'junction');
}
