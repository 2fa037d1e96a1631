import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { writeOptions, type ImageOptions } from '../app/image-options';
import type { Variable } from '../app/variables';
import { CliFailure, reasonOf } from '../failure';
import type { InitOptions } from './options';
import { renderSections } from './sections';

const PACKAGE = join(__dirname, '../../..');
const TEMPLATES = join(PACKAGE, 'assets/init');
/** The version of the library in the files of the starter. */
const VERSION = '{{version}}';
/** npm leaves a file of this name out of every package. */
const GITIGNORE = { typescript: 'node_modules/\ncdk.out/\n', python: '.venv/\n__pycache__/\ncdk.out/\n' };
const MOVE = 'Move it away, or pass another directory.';
/** How many names of what is in the way are shown. */
const SHOWN_ENTRIES = 8;

/** Folders of a language that are no variant. */
const SHARED = ['common', 'ci'];

/** The files of a starter: path in it, and content. */
export type Starter = ReadonlyMap<string, string>;

/** What the app needs of its starter. */
export interface StarterNeeds {
  readonly variables: readonly Variable[];
  /** Whether Flue looks for agents in the whole directory of the app, that of the starter included. */
  readonly sourcesAtRoot: boolean;
  /** The repository that deploys it, where one does. */
  readonly ci?: { readonly repository: string; readonly branch: string; readonly previews: boolean };
}

/** Which starter, and for which app. */
type StarterOptions = Pick<InitOptions, 'language' | 'variant'> & { readonly directory?: string; readonly image?: ImageOptions };

/** The files for one language and variant; refuses a variant that this version does not have. */
export function readStarter(options: StarterOptions, needs: StarterNeeds = { variables: [], sourcesAtRoot: false }): Starter {
  const { language, variant, directory = '.', image = {} } = options;
  const own = join(TEMPLATES, language, variant);
  if (!existsSync(own)) {
    throw new CliFailure(
      `The variant ${variant} is not available for ${language} in this version.`,
      `Available: ${readdirSync(join(TEMPLATES, language)).filter(name => !SHARED.includes(name)).join(', ')}`,
    );
  }
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string };
  const files = new Map([['.gitignore', GITIGNORE[language]]]);
  for (const templates of [join(TEMPLATES, language, 'common'), own, ...needs.ci ? [join(TEMPLATES, language, 'ci')] : []]) {
    for (const file of listFiles(templates)) {
      const text = readFileSync(file, 'utf8').replaceAll(VERSION, version)
        .replaceAll('{{repository}}', needs.ci?.repository ?? '').replaceAll('{{branch}}', needs.ci?.branch ?? '');
      files.set(relative(templates, file), writeOptions(render(text, language, needs), language, directory, image));
    }
  }
  return needs.sourcesAtRoot ? outOfSight(files) : files;
}

/** Refuses a place where anything but an empty directory is. */
export function requireFree(directory: string): void {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  if (found === undefined) {
    return;
  }
  const entries = found.isDirectory() ? entriesOf(directory) : [];
  const more = entries.length > SHOWN_ENTRIES ? ` and ${entries.length - SHOWN_ENTRIES} more` : '';
  // eslint-disable-next-line no-bitwise
  const isReadOnly = (found.mode & 0o200) === 0;
  const obstacle = found.isSymbolicLink() ? 'is a symbolic link' : !found.isDirectory() ? 'is not a directory'
    : entries.length > 0 ? `already holds ${entries.slice(0, SHOWN_ENTRIES).join(', ')}${more}` : isReadOnly ? 'is read-only' : undefined;
  if (obstacle !== undefined) {
    throw new CliFailure(`Nothing was written, because ${directory} ${obstacle}.`, MOVE);
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    throw new CliFailure(`Nothing was written, because of ${directory}: ${reasonOf(error)}.`, MOVE);
  }
}

/** Writes a starter whole, or nothing at all. */
export function writeStarter(starter: Starter, directory: string): void {
  requireFree(directory);
  const isThere = existsSync(directory);
  const beside = join(dirname(directory), `.cdk-flue-${randomBytes(4).toString('hex')}`);
  try {
    mkdirSync(beside);
    for (const [file, content] of starter) {
      const target = join(beside, file);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
    if (isThere) {
      rmdirSync(directory);
    }
    renameSync(beside, directory);
  } catch (error) {
    if (isThere && !existsSync(directory)) {
      mkdirSync(directory);
    }
    throw new CliFailure(`Nothing was written, because of ${directory}: ${reasonOf(error)}.`, MOVE);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** Puts what the app needs where a template has a section for it. */
function render(template: string, language: InitOptions['language'], { variables, ci }: StarterNeeds): string {
  const secrets = withIds(variables.filter(({ isSecret }) => isSecret));
  const plain = variables.filter(({ isSecret }) => !isSecret).map(variable => ({ line: LINES[language](variable) }));
  return renderSections(template, {
    secrets: secrets.slice(0, 1).map(() => ({})),
    secret: secrets,
    variables: plain.slice(0, 1).map(() => ({})),
    variable: plain,
    previews: ci?.previews ? [{}] : [],
  });
}

/** How a language writes a plain variable; one without a value is left to the user. */
const LINES: Record<InitOptions['language'], (variable: Variable) => string> = {
  typescript: ({ name, value }) => value === undefined ? `// ${name}: '',` : `${name}: '${value.replace(/[\\']/g, '\\$&')}',`,
  python: ({ name, value }) => value === undefined ? `# "${name}": "",` : `"${name}": ${JSON.stringify(value)},`,
};

/** A construct id for each variable, after its name. */
function withIds(variables: readonly Variable[]): { name: string; id: string }[] {
  const taken = new Set(['Vpc', 'Database', 'LoadBalancer', 'SchemaCleanup']);
  return variables.map(({ name }) => {
    const id = name.toLowerCase().split('_').map(word => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
    const free = taken.has(id) ? `${id}${taken.size}` : id;
    taken.add(free);
    return { name, id: free };
  });
}

/** Puts what synthesis writes into a hidden directory, where Flue looks for no agents: it holds a copy of each. */
function outOfSight(files: Starter): Starter {
  return new Map([...files].map(([file, content]) => {
    const moved = content.replace(/(?<!\.)\bcdk\.out\b/g, '.cdk.out');
    return [file, file === 'cdk.json' ? moved.replace(/^ *"app": .*\n/m, '$&  "output": ".cdk.out",\n') : moved];
  }));
}

function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
}
