import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * Lays out in `.snippets` a copy of the assembly that holds the pages under `docs/` too. jsii-rosetta reads snippets from assemblies only,
 * and calls a snippet after the module whose README it stands in: here each page is the README of a module of its own name.
 */

const ROOT = join(__dirname, '..');
const STAGE = join(ROOT, '.snippets');

/** Every page under `docs/` as the module that jsii-rosetta takes it for. */
export function pagesAsModules(root: string): Record<string, { readonly readme: { readonly markdown: string } }> {
  const pages = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.md'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(pages.map(page => [
    relative(root, page).split(sep).join('/'),
    { readme: { markdown: readFileSync(page, 'utf8') } },
  ]));
}

function main(): void {
  const assembly = JSON.parse(readFileSync(join(ROOT, '.jsii'), 'utf8')) as { readonly submodules?: object };
  rmSync(STAGE, { recursive: true, force: true });
  mkdirSync(STAGE);
  writeFileSync(join(STAGE, '.jsii'), JSON.stringify({ ...assembly, submodules: { ...assembly.submodules, ...pagesAsModules(ROOT) } }));
  cpSync(join(ROOT, 'package.json'), join(STAGE, 'package.json'));
  cpSync(join(ROOT, 'rosetta'), join(STAGE, 'rosetta'), { recursive: true });
}

if (require.main === module) main();
