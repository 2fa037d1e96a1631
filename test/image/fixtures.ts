import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, AssetStaging, Stack, type StackProps } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { FlueBuild, FlueImage, type FlueBuildProps, type FlueImageProps } from '../../src';

export type Files = { readonly [path: string]: string };

const made: string[] = [];

/** Removes every directory that the helpers made. */
export function removeFixtures(): void {
  made.splice(0).forEach((directory) => fs.rmSync(directory, { recursive: true, force: true }));
}

export function temporaryDirectory(): string {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-flue-test-')));
  made.push(directory);
  return directory;
}

export function write(directory: string, files: Files): string {
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    fs.writeFileSync(path.join(directory, name), content);
  }
  return directory;
}

/** package.json and package-lock.json that agree. */
export function manifests(dependencies: { readonly [name: string]: string }, devDependencies: { readonly [name: string]: string } = {}): Files {
  const root = { name: 'agents', dependencies, devDependencies };
  const locked = Object.entries({ ...dependencies, ...devDependencies })
    .map(([name, version]) => [`node_modules/${name}`, { version: version.replace(/^[^\d]*/, '') }] as const);
  return {
    'package.json': JSON.stringify(root),
    'package-lock.json': JSON.stringify({ name: 'agents', lockfileVersion: 3, packages: { '': root, ...Object.fromEntries(locked) } }),
  };
}

export const FLUE_0: Files = {
  ...manifests({ '@flue/runtime': '0.10.2', '@flue/postgres': '0.10.2' }, { '@flue/cli': '0.10.2' }),
  'src/app.ts': 'app.get(\'/health\', (c) => c.json({ ok: true }));\n',
  'src/db.ts': 'export default postgres(process.env.DATABASE_URL);\n',
};

/** What `flue build` leaves of it. */
export const BUILT_0: Files = { ...FLUE_0, 'dist/server.mjs': 'serve();\n', 'dist/server.mjs.map': '{}' };

export const FLUE_2: Files = {
  ...manifests({ '@flue/runtime': '^2.0.3', 'pg': '^8.16.0' }, { '@flue/vite': '^2.0.3', 'vite': '^8.0.0' }),
  'src/app.ts': 'app.get("/health", (c) => c.json({ ok: true }));\n',
  'src/db.ts': 'import { Pool } from \'pg\';\nconst pool = new Pool();\npool.on(\'error\', console.error);\n',
};

/** A lockfile of pnpm for these packages of a workspace. */
export function pnpmLock(importers: { readonly [folder: string]: { readonly dependencies?: Files; readonly devDependencies?: Files } }): string {
  const locked = (group: Files = {}) => Object.fromEntries(Object.entries(group)
    .map(([name, specifier]) => [name, { specifier, version: /^(workspace|link|file):/.test(specifier) ? 'link:elsewhere' : specifier.replace(/^[^\d]*/, '') }]));
  // JSON is YAML
  return JSON.stringify({
    lockfileVersion: '9.0',
    importers: Object.fromEntries(Object.entries(importers)
      .map(([folder, groups]) => [folder, { dependencies: locked(groups.dependencies), devDependencies: locked(groups.devDependencies) }])),
  });
}

export const PNPM_2: Files = {
  ...Object.fromEntries(Object.entries(FLUE_2).filter(([name]) => name !== 'package-lock.json')),
  'pnpm-lock.yaml': pnpmLock({ '.': JSON.parse(FLUE_2['package.json']) }),
};

/** An app directory with these files; `undefined` leaves one out. */
export function appDirectory(base: Files = FLUE_0, changes: { readonly [path: string]: string | undefined } = {}): string {
  const files = Object.entries({ ...base, ...changes }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return write(temporaryDirectory(), Object.fromEntries(files));
}

/** A stack whose assembly goes to a directory that the tests remove. */
export function newStack(context: { readonly [key: string]: unknown } = {}, props: StackProps = {}): Stack {
  return new Stack(new App({ outdir: temporaryDirectory(), context }), 'Stack', props);
}

export function newImage(directory: string, props: Partial<FlueImageProps> = {}): FlueImage {
  return new FlueImage(newStack(), 'Image', { directory, ...props });
}

export function newBuild(directory: string, props: Partial<FlueBuildProps> = {}, stack = newStack()): FlueBuild {
  return new FlueBuild(stack, 'Build', { directory, ...props });
}

/** Where the assembly holds what the image is built from, or the build itself. */
export function stagedPath(image: FlueImage | FlueBuild): string {
  return (image.asset.node.findChild(image instanceof FlueImage ? 'Staging' : 'Stage') as AssetStaging).absoluteStagedPath;
}

/** Every file and link below a directory, sorted. */
export function filesBelow(directory: string): string[] {
  return fs.readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.posix.join(path.relative(directory, entry.parentPath).split(path.sep).join('/'), entry.name))
    .sort();
}

export function stagedFiles(image: FlueImage | FlueBuild): string[] {
  return filesBelow(stagedPath(image));
}

export function stagedDockerfile(image: FlueImage): string {
  return fs.readFileSync(path.join(stagedPath(image), 'Dockerfile'), 'utf8');
}

/** Every warning in the stack of a construct, sorted. Read without synthesis, which complains of stacks without resources. */
export function warningsOf(construct: IConstruct): string[] {
  return Stack.of(construct).node.findAll().flatMap((child) => child.node.metadata)
    .filter((entry) => entry.type === 'aws:cdk:warning').map((entry) => entry.data as string).sort();
}

/** The public ids of those warnings. */
export function warningIdsOf(construct: IConstruct): string[] {
  return warningsOf(construct).map((warning) => /\[ack: (.*)\]$/.exec(warning)?.[1] ?? 'no id').sort();
}
