import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

// The example and the snippets import `cdk-flue` as a user's app does; here that name is this repository.
// `example-link` for the example, `example-link --snippets` for the snippets; with `--remove` no longer, without `--snippets` for neither.
const root = join(__dirname, '..');
const ofExample = join(root, 'examples', 'node_modules');
// What walks the packages of the root walks in circles while the link is there.
const ofSnippets = join(root, 'node_modules');

function unlink(modules: string): void {
  const link = join(modules, 'cdk-flue');
  if (lstatSync(link, { throwIfNoEntry: false })) {
    rmSync(link, { recursive: true });
  }
}

const forSnippets = process.argv.includes('--snippets');
if (process.argv.includes('--remove')) {
  (forSnippets ? [ofSnippets] : [ofExample, ofSnippets]).forEach(unlink);
} else {
  const modules = forSnippets ? ofSnippets : ofExample;
  if (!existsSync(join(modules, 'cdk-flue', 'lib', 'index.js'))) {
    unlink(modules);
    mkdirSync(modules, { recursive: true });
    symlinkSync(root, join(modules, 'cdk-flue'), 'junction');
  }
}
