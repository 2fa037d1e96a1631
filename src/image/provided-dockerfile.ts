import * as fs from 'node:fs';
import * as path from 'node:path';
import type { AppBuild } from './app/app-build';
import type { Installation } from './app-directory';
import { CA_BUNDLE_IN_CONTEXT, CA_BUNDLE_PATH } from './ca-bundle';

const ASSETS = path.join(__dirname, '..', '..', 'assets', 'image');

/** Build argument that replaces the base image. */
export const NODE_IMAGE = 'NODE_IMAGE';
/** Build secret that npm reads as its user configuration; any other is a variable of the install and build steps. */
export const NPMRC_SECRET = 'npmrc';

export interface ProvidedDockerfileOptions {
  readonly port: number;
  /** The base image of every stage. */
  readonly nodeImage: string;
  readonly installation: Installation;
  readonly build: AppBuild;
  /** What starts the server, in the directory of the app. */
  readonly command?: readonly string[];
  /** Files and folders of the app that the server reads from its working directory. */
  readonly runtime: readonly string[];
  readonly buildArgs: readonly string[];
  readonly buildSecrets: readonly string[];
}

/** Where the image keeps the root of the build context. */
const ROOT = '/app';

const place = (folder: string): string => path.posix.join(ROOT, folder);

/** A COPY instruction; the form of words is read by more people, and cannot hold a space. */
function copy(sources: readonly string[], target: string, from = ''): string {
  const words = [...sources, target];
  return `COPY ${from}${words.every((word) => /^[\w./@-]+$/.test(word)) ? words.join(' ') : JSON.stringify(words)}`;
}

/** Gives a step the build secrets, as files that no layer keeps. */
function withSecrets(ids: readonly string[], command: string): { readonly mounts: string; readonly command: string } {
  if (ids.length === 0) {
    return { mounts: '', command };
  }
  const variables = ids.map((id) => (id === NPMRC_SECRET ? `NPM_CONFIG_USERCONFIG=/run/secrets/${id}` : `${id}="$(cat /run/secrets/${id})"`));
  return {
    mounts: ids.map((id) => `--mount=type=secret,id=${id},required=true `).join(''),
    command: `export ${variables.join(' ')} && { ${command}; }`,
  };
}

/** The Dockerfile we provide, for one app. */
export function renderDockerfile(options: ProvidedDockerfileOptions): string {
  const { installation, build } = options;
  const { manager, folder, app } = installation;
  const secrets = [...options.buildSecrets].sort();
  const step = (command: string): string => withSecrets(secrets, command).command;
  const { mounts } = withSecrets(secrets, '');
  // packages that are linked are shipped as they were built, with what is installed in their folders
  const isSpread = app !== '' || folder !== '' || installation.linked.length > 0;
  const relative = (target: string): string => path.posix.relative(place(folder), place(target));
  const unbuilt = installation.unbuilt.map((target) => `(cd ${quote(path.posix.relative(place(app), place(target)))} && ${manager.run('build')})`);
  const installed = [...new Set([folder, app, ...installation.packages])];
  const modules = [...new Set([folder, app])].sort();
  const manifests = installation.manifests.map((line) => (line.files.length === 0
    ? copy([line.folder], `${place(line.folder)}/`)
    : copy(line.files.map((name) => path.posix.join(line.folder, name)), line.folder === folder ? './' : `${place(line.folder)}/`)));
  const prune = manager.prune(installed.map((target) => quote(relative(target))), quote(relative(app)));
  const values: { readonly [name: string]: string } = {
    node: options.nodeImage,
    environment: Object.entries(manager.environment).map(([name, value]) => `ENV ${name}=${value}`).join('\n'),
    installed: place(folder),
    setup: manager.setup === undefined ? '' : `RUN ${mounts}${step(manager.setup)}`,
    manifests: manifests.length === 0 ? `COPY . ${folder === '' ? './' : `${ROOT}/`}` : manifests.join('\n'),
    secrets: mounts,
    install: step(manager.install),
    arguments: options.buildArgs.filter((name) => name !== NODE_IMAGE).sort().map((name) => `ARG ${name}`).join('\n'),
    sources: `COPY . ${folder === '' ? '.' : `${ROOT}/`}`,
    buildPlace: app === folder ? '' : `WORKDIR ${place(app)}`,
    build: step([...unbuilt, build.command].join(' && ')),
    pruned: isSpread ? 'build' : 'dependencies',
    prunePlace: app === folder ? '' : `WORKDIR ${place(folder)}`,
    prune: isSpread ? `{ ${prune}; } && mkdir -p ${modules.map((target) => quote(path.posix.join(place(target), 'node_modules'))).join(' ')}` : prune,
    port: `${options.port}`,
    bundle: CA_BUNDLE_IN_CONTEXT,
    caBundlePath: CA_BUNDLE_PATH,
    app: place(app),
    modules: modules.map((target) => copy([`${place(target)}/node_modules`], target === app ? './node_modules' : `${place(target)}/node_modules`, '--from=production ')).join('\n'),
    linked: installation.linked.filter((target) => !modules.includes(target)).map((target) => copy([place(target)], place(target), '--from=production ')).join('\n'),
    runtime: options.runtime.map((name) => copy([path.posix.join(place(app), name)], `./${name}`, '--from=build ')).join('\n'),
    output: build.output,
    command: JSON.stringify(options.command ?? ['node', `${build.output}/server.mjs`]).replaceAll('","', '", "'),
  };
  return fs.readFileSync(path.join(ASSETS, 'Dockerfile'), 'utf8')
    .split('\n')
    .slice(1)
    .filter((line) => !/^\{\{(\w+)\}\}$/.test(line) || values[line.slice(2, -2)] !== '')
    .join('\n')
    .replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]);
}

/** A word of a shell. */
function quote(word: string): string {
  return /^[\w./@-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
