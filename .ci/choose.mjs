// Chooses which steps a change needs: prints, as JSON, those that do not compile, without the ones whose `paths` none of the changed files
// (standard input, one a line) is under. With --all, every one.
import { readFileSync } from 'node:fs';

const everything = process.argv.includes('--all');
const changed = everything ? [] : readFileSync(0, 'utf8').split('\n').filter(Boolean);
const ofAnyStep = ['.ci/', '.github/', 'package-lock.json'];
const touches = paths => changed.some(file => [...ofAnyStep, ...paths].some(path => file.startsWith(path)));

const steps = JSON.parse(readFileSync(new URL('steps.json', import.meta.url), 'utf8'))
  .filter(({ id, compiles }) => id !== 'test' && !compiles)
  .filter(({ paths }) => everything || paths === undefined || touches(paths));
process.stdout.write(`${JSON.stringify(steps.map(({ id, needs = [] }) => ({ id, needs })))}\n`);
