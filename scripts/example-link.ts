import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

// The example imports `cdk-flue` as a user's app does; here that name is this repository.
const root = join(__dirname, '..');
const link = join(root, 'node_modules', 'cdk-flue');

if (!existsSync(join(link, 'lib', 'index.js'))) {
  if (lstatSync(link, { throwIfNoEntry: false })) {
    rmSync(link, { recursive: true });
  }
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  symlinkSync(root, link, 'junction');
}
