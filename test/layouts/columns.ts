import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { App, Stack, type AssetStaging } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { runSteps, type Stage } from './dockerfile-steps';
import { FlueFargateService, FlueImage } from '../../src';
import { write, type Files } from '../image/fixtures';
import type { Change, Layout } from '../image/layouts';

/** A layout on this machine, with its lockfile, and what the columns have made of it so far. */
export interface Prepared {
  readonly layout: Layout;
  readonly files: Files;
  /** A directory for this layout alone. */
  readonly workplace: string;
  readonly environment: { readonly [name: string]: string };
  /** What the image is built from. */
  context?: string;
  /** The image, as directories. */
  image?: Stage;
}

/** One thing that is tried with every layout: what it found, in a few words, or the error. */
export interface Column {
  readonly name: string;
  /** Undefined where the layout has no such question. */
  readonly try: (prepared: Prepared) => Promise<string | undefined>;
}

const START_MILLISECONDS = 60_000;
const STOP_MILLISECONDS = 30_000;

/** A repository of the layout; returns the directory of the app in it. */
function repositoryOf({ layout, files, workplace }: Prepared, change: Change = {}): string {
  const present = Object.entries({ ...files, ...change.files }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return join(write(mkdtempSync(join(workplace, 'repository-')), Object.fromEntries(present)), layout.folder ?? '');
}

/** The construct as a user writes it; returns what the image is built from. */
function synthesize(prepared: Prepared, change: Change = {}): string {
  const { layout, workplace } = prepared;
  const app = new App({ outdir: mkdtempSync(join(workplace, 'cdk.out-')) });
  const stack = new Stack(app, 'Stack');
  const image = new FlueImage(stack, 'Image', { directory: repositoryOf(prepared, change), ...layout.props, ...change.props });
  new FlueFargateService(stack, 'Agents', { image, vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }) });
  app.synth();
  return (image.asset.node.findChild('Staging') as AssetStaging).absoluteStagedPath;
}

export const SYNTH: Column = {
  name: 'synth',
  try: async (prepared) => {
    const { refused } = prepared.layout;
    if (refused === undefined) {
      prepared.context = synthesize(prepared);
      return 'ok';
    }
    const message = messageOf(() => synthesize(prepared));
    if (message === undefined || !refused.message.test(message)) {
      throw new Error(`should have been refused with ${refused.message}, got: ${message ?? 'no refusal'}`);
    }
    synthesize(prepared, refused.follow);
    return 'refused; ok when followed';
  },
};

export const BUILD: Column = {
  name: 'install, build, prune',
  try: async (prepared) => {
    if (prepared.context === undefined) {
      return undefined;
    }
    const place = join(prepared.workplace, 'stages');
    mkdirSync(place);
    prepared.image = await runSteps(prepared.context, place, prepared.environment);
    const { stdout } = await promisify(execFile)('find', [prepared.image.root, '-path', '*/node_modules/vite/package.json', '-o', '-path', '*/node_modules/@flue/cli/package.json']);
    if (stdout) {
      throw new Error(`build tools are left in the image: ${stdout.trim().split('\n')[0].slice(prepared.image.root.length)}`);
    }
    return 'ok';
  },
};

export const START: Column = {
  name: '/health',
  try: async ({ image, environment }) => {
    if (image === undefined) {
      return undefined;
    }
    const port = await freePort();
    const [program, ...words] = image.command;
    const started = Date.now();
    const server = spawn(program, words, {
      cwd: image.root + image.directory, env: { PATH: environment.PATH, HOME: environment.HOME, ...image.environment, PORT: `${port}` }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    [server.stdout, server.stderr].forEach((stream) => stream.on('data', (data: Buffer) => (output += data)));
    const ended = new Promise<number | null>((resolve) => server.once('exit', resolve));
    let exit: number | null | undefined;
    void ended.then((code) => (exit = code ?? -1));
    try {
      while (Date.now() - started < START_MILLISECONDS && exit === undefined) {
        // a connection that is kept would keep the server from ending
        const answer = await fetch(`http://127.0.0.1:${port}/health`, { headers: { connection: 'close' } }).catch(() => undefined);
        if (answer?.status === 200) {
          server.kill('SIGTERM');
          if (await Promise.race([ended.then(() => true), setTimeout(STOP_MILLISECONDS, false)])) {
            return `ok, ${((Date.now() - started) / 1000).toFixed(1)} s`;
          }
          throw new Error('the server did not end on SIGTERM');
        }
        await setTimeout(100);
      }
      throw new Error(`no answer from /health: ${output.trim().split('\n').slice(-15).join('\n') || `exit ${exit}`}`);
    } finally {
      server.kill('SIGKILL');
    }
  },
};

/** `cdk-flue init` refuses what synthesis refuses, in the same sentence, and what it writes synthesizes with the key of the model. */
export const INIT: Column = {
  name: 'init, synth',
  try: async (prepared) => {
    // init cannot know what somebody passes as props
    const message = messageOf(() => synthesize({ ...prepared, layout: { ...prepared.layout, props: undefined } }));
    const outdir = mkdtempSync(join(prepared.workplace, 'starter.out-'));
    const child = ['--project', 'tsconfig.dev.json', '--transpile-only', join(__dirname, 'starter-child.ts'), repositoryOf(prepared), outdir];
    const { code, stdout, stderr } = await promisify(execFile)('ts-node', child).then((ended) => ({ ...ended, code: 0 }), (error: { code: number; stdout: string; stderr: string }) => error);
    const plain = (text: string): string => text.replace(/^\[[^\]]*\] /, '').replace(/repository-\w+/g, 'repository');
    if (message !== undefined) {
      if (code === 2 && plain(stderr).startsWith(plain(message))) {
        return 'same refusal';
      }
      throw new Error(`init should refuse with: ${message}\nit ended with ${code}: ${stderr}`);
    }
    if (code !== 0 || !/^secrets: .*\bANTHROPIC_API_KEY\b/m.test(stdout)) {
      throw new Error(`init or its starter ended with ${code}: ${stderr}${stdout.split('\n').slice(-3).join('\n')}`);
    }
    return 'ok';
  },
};

export const COLUMNS: readonly Column[] = [SYNTH, INIT, BUILD, START];

/** Frees what a layout took. */
export function discard({ workplace }: Prepared): void {
  rmSync(workplace, { recursive: true, force: true });
}

function messageOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
