import * as fs from 'node:fs';
import * as path from 'node:path';

const ASSETS = path.join(__dirname, '..', '..', 'assets', 'image');

/** Where the image of the Dockerfile we provide keeps the certificate authorities of Amazon RDS. */
export const CA_BUNDLE_PATH = '/etc/ssl/certs/rds-ca-bundle.pem';
/** Where the build context holds them. */
export const CA_BUNDLE_IN_CONTEXT = '.cdk-flue/rds-ca-bundle.pem';
/** Build argument that replaces the base image. */
export const NODE_IMAGE = 'NODE_IMAGE';
/** Build secret that npm reads as its user configuration; any other is a variable of the install and build steps. */
export const NPMRC_SECRET = 'npmrc';

export interface ProvidedDockerfileOptions {
  readonly port: number;
  readonly flueMajor: number;
  /** Files that `npm ci` needs; without any, it needs the whole app. */
  readonly manifests: readonly string[];
  /** Folders of the app that its `node_modules` link to. */
  readonly linkedFolders: readonly string[];
  readonly buildArgs: readonly string[];
  readonly buildSecrets: readonly string[];
}

/** The command that builds an app of this major version of Flue. */
export function buildCommand(flueMajor: number): string {
  return flueMajor < 2 ? 'npx flue build --target node' : 'npx vite build';
}

/**
 * The command that installs what the lockfile says.
 *
 * On 2.x npm writes lockfiles that `npm ci` then refuses, for want of the bundler's binaries of other platforms.
 */
function installCommand(flueMajor: number): string {
  const flags = '--no-audit --no-fund';
  return flueMajor < 2 ? `npm ci ${flags}` : `npm ci ${flags} || npm install ${flags}`;
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
  const secrets = [...options.buildSecrets].sort();
  const install = withSecrets(secrets, installCommand(options.flueMajor));
  const values: { readonly [name: string]: string } = {
    manifests: options.manifests.length > 0 ? options.manifests.join(' ') : '.',
    secrets: install.mounts,
    install: install.command,
    build: withSecrets(secrets, buildCommand(options.flueMajor)).command,
    arguments: options.buildArgs.filter((name) => name !== NODE_IMAGE).sort().map((name) => `ARG ${name}`).join('\n'),
    linked: options.linkedFolders.map((folder) => `COPY --from=production ${JSON.stringify([`/app/${folder}`, `./${folder}`])}`).join('\n'),
    port: `${options.port}`,
    bundle: CA_BUNDLE_IN_CONTEXT,
    caBundlePath: CA_BUNDLE_PATH,
  };
  return fs.readFileSync(path.join(ASSETS, 'Dockerfile'), 'utf8')
    .split('\n')
    .slice(1)
    .filter((line) => !/^\{\{(\w+)\}\}$/.test(line) || values[line.slice(2, -2)] !== '')
    .join('\n')
    .replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]);
}

/** The certificate authorities of Amazon RDS, as PEM. */
export function rdsCaBundle(): string {
  return fs.readFileSync(path.join(ASSETS, 'rds-ca-bundle.pem'), 'utf8');
}
