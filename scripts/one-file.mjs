// Writes the built server of the app in this folder, with all that it imports, into one file beside its packages, where that is missing or older
// than they are. The tests start servers some hundred times: each start reads a thousand files otherwise.
import { existsSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const BUILT = 'dist/server.mjs';
const FILE = 'node_modules/.cache/cdk-flue/server.mjs';
const changed = path => statSync(path).mtimeMs;

if (!existsSync(FILE) || [BUILT, 'node_modules/.package-lock.json'].some(path => changed(path) > changed(FILE))) {
  const { build } = await import(pathToFileURL(createRequire(`${process.cwd()}/package.json`).resolve('rolldown')));
  // a run beside this one finds no half of it
  const fresh = `${FILE}.${process.pid}`;
  await build({ input: BUILT, platform: 'node', logLevel: 'silent', output: { file: fresh, format: 'esm', codeSplitting: false } });
  renameSync(fresh, FILE);
}
