import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENTS, NODE, ROOT } from './world';
import type { InitOptions } from '../../../src/cli/init/options';
import { writeAdapter } from '../../../src/cli/init/sandbox';

export const IMAGE = 'localhost/flue-sandbox';
/** Where an app has its packages and its files from, and what builds it. */
const APPS = {
  0: {
    from: AGENTS,
    files: ['package.json', 'package-lock.json', 'flue.config.ts', 'src/db.ts', 'src/providers.ts', 'src/lib/database-url.ts'],
    build: ['flue', 'build', '--target', 'node'],
  },
  2: {
    from: join(ROOT, 'test/events/delivery/flue-2'),
    files: ['package.json', 'package-lock.json', 'vite.config.ts', 'src/db.ts', 'src/providers.ts'],
    build: ['vite', 'build', '--logLevel', 'error'],
  },
} as const;
export type Major = keyof typeof APPS;

/** The app of a user on a major version of Flue, with the adapter that the command line writes. */
export function buildApp(major: Major, directory: string): void {
  const { from, files, build } = APPS[major];
  const modules = join(directory, 'node_modules');
  files.forEach(file => cpSync(join(from, file), join(directory, file)));
  cpSync(join(__dirname, 'app', `flue-${major}`), directory, { recursive: true });
  const link = (source: string, name: string) => symlinkSync(join(source, 'node_modules', name), join(modules, name));
  mkdirSync(join(modules, '@aws-sdk'), { recursive: true });
  readdirSync(join(from, 'node_modules')).filter(name => name !== '@aws-sdk').forEach(name => link(from, name));
  link(ROOT, '@aws-sdk/client-ecs');
  writeAdapter({ directory, image: {} } as InitOptions, 'fargate');
  const [program, ...args] = build;
  execFileSync(NODE, [join(modules, '.bin', program), ...args], { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** The same app, which looks more often whether its sandbox has started: each start on the machine of a test takes less than a second. */
export function impatient(directory: string, to: string): void {
  cpSync(directory, to, { recursive: true, verbatimSymlinks: true });
  const file = join(to, 'dist', 'server.mjs');
  const server = readFileSync(file, 'utf8');
  const quick = server.replace(/\bPOLL_MS = (1e3|1_?000)\b/, 'POLL_MS = 100');
  if (quick === server) {
    throw new Error('the adapter has no POLL_MS of one second any more');
  }
  writeFileSync(file, quick);
}

/** Builds the image that the template stages. */
export function buildImage(assembly: string): void {
  const context = readdirSync(assembly).map(name => join(assembly, name)).find(name => /asset\.[0-9a-f]+$/.test(name) && readdirSync(name).includes('daemon.mjs'));
  execFileSync('podman', ['build', '--format', 'docker', '--pull=never', '--quiet', '--tag', IMAGE, context!], { stdio: ['ignore', 'ignore', 'inherit'] });
}
