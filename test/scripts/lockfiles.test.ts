import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const lockfiles = execFileSync('git', ['ls-files', 'package-lock.json', '*/package-lock.json'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');

// npm asks the registry for all versions of a package of which it does not (`omit-lockfile-registry-resolved`), and takes twice as long
test.each(lockfiles)('%s says from where each package comes', (file) => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as { packages: Record<string, { integrity?: string; resolved?: string }> };
  expect(Object.entries(packages).filter(([, { integrity, resolved }]) => integrity && !resolved?.startsWith('https://registry.npmjs.org/')).map(([path]) => path)).toEqual([]);
});
