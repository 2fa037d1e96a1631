import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ScriptKind, ScriptTarget, createPrinter, createSourceFile } from 'typescript';

/**
 * Lays out in `.package` what npm would pack, less what nobody runs or reads: of the bundled dependencies, builds for other
 * module systems, type declarations and change logs, which `.npmignore` does not reach; of the library, declarations
 * that its index does not lead to; of both, the comments of the JavaScript, which the declarations, `.jsii` and the licenses beside it hold.
 */

const root = join(__dirname, '..');
const stage = join(root, '.package');
const NEVER_RUNS = [
  /^node_modules\/.*(\/esm\/|\.mjs$|\.d\.m?ts$|\.map$|\.bnf$|CHANGELOG\.md$|README\.md$|eslint\.config\.js$)/,
  // programs, and what only that of js-yaml needs; its bundles for browsers
  /^node_modules\/(acorn|js-yaml|semver)\/bin\/|^node_modules\/acorn\/dist\/bin\.js$|^node_modules\/argparse\/|^node_modules\/js-yaml\/dist\//,
];
const INDEX = 'lib/index.d.ts';

/** The declarations of the library that a compiler comes to from this one. */
function declarationsFrom(file: string, found = new Set<string>()): Set<string> {
  if (!found.has(file)) {
    found.add(file);
    for (const [, specifier] of readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\() ?['"](\.[^'"]*)['"]/g)) {
      declarationsFrom(`${join(dirname(file), specifier).replaceAll('\\', '/')}.d.ts`, found);
    }
  }
  return found;
}

// It prints what it parsed: a transpiler would turn `import()` of an address into `require()`, which takes none.
const printer = createPrinter({ removeComments: true });

function withoutComments(javaScript: string): string {
  return printer.printFile(createSourceFile('module.js', javaScript, ScriptTarget.ES2022, true, ScriptKind.JS));
}

const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const [{ files }] = JSON.parse(packed) as { files: { path: string }[] }[];
const reached = declarationsFrom(INDEX);

rmSync(stage, { recursive: true, force: true });
for (const { path } of files) {
  if (!NEVER_RUNS.some((pattern) => pattern.test(path)) && (!/^lib\/.*\.d\.ts$/.test(path) || reached.has(path))) {
    mkdirSync(dirname(join(stage, path)), { recursive: true });
    if (/^(lib|node_modules)\/.*\.js$/.test(path)) writeFileSync(join(stage, path), withoutComments(readFileSync(join(root, path), 'utf8')));
    else cpSync(join(root, path), join(stage, path));
  }
}
