import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, type App } from './bench';
import { ROOT } from './shell';

/** The apps that need nothing but the library; each is TypeScript and JavaScript alike. */
export const NODE_APPS = ['readme', 'cross-stack', 'smoke'] as const satisfies App[];

/** The first example of the README, or an app of ours, as an ES module. */
export function source(app: typeof NODE_APPS[number]): string {
  if (app !== 'readme') return readFileSync(join(APPS, 'node', `${app}.ts`), 'utf8');
  return snippet('ts nofixture');
}

/** The first example of the README in Python. */
export function readmePython(): string {
  return snippet('python');
}

function snippet(info: string): string {
  const found = new RegExp(`^\`\`\`${info}\n([\\s\\S]*?)^\`\`\``, 'm').exec(readFileSync(join(ROOT, 'README.md'), 'utf8'));
  if (!found) throw new Error(`The README has no example in ${info} that stands alone`);
  return found[1];
}

/** The same as a CommonJS module. */
export function commonJs(app: typeof NODE_APPS[number]): string {
  return source(app).replace(/^import \{(.*)\} from '(.*)';$/gm, (_, names: string, module: string) =>
    `const {${names.replace(/ as /g, ': ')}} = require('${module}');`);
}
