import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App, Stack, type AssetStaging } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Commands } from './commands';
import { runSteps, type Stage } from './dockerfile-steps';
import type { Layers } from './layers';
import { FlueFargateService, FlueImage } from '../../src';
import { freePort } from '../../src/cli/rehearse/runtime/port';
import { write, type Files } from '../image/fixtures';
import type { Change, Layout } from '../image/layouts';

/** A layout on this machine, with its lockfile, and what the columns have made of it so far. */
export interface Prepared {
  readonly layout: Layout;
  readonly files: Files;
  /** A directory for this layout alone. */
  readonly workplace: string;
  readonly environment: { readonly [name: string]: string };
  /** The commands of the library. */
  readonly commands: Commands;
  /** The layers of all layouts. */
  readonly layers: Layers;
  /** Whether another layout has the same lockfile. */
  readonly isShared: boolean;
  /** What synthesis refuses it with. */
  refusal?: string;
  assembly?: string;
  /** What the image is built from. */
  context?: string;
  /** The repository with its build, as directories. */
  built?: Stage;
  /** The image, as directories. */
  image?: Stage;
}

/** One thing that is tried with every layout: what it found, in a few words, or the error. */
export interface Column {
  readonly name: string;
  /** Undefined where the layout has no such question. */
  readonly try: (prepared: Prepared) => Promise<string | undefined>;
}

/** What every app must pass, with no database and no requests of its own. */
const CHECKED = ['port', 'interfaces', 'startup', 'health', 'grace-period', 'keep-alive', 'memory', 'sigterm'];

/** A repository of the layout; returns the directory of the app in it. */
function repositoryOf({ layout, files, workplace }: Prepared, change: Change = {}): string {
  const present = Object.entries({ ...files, ...change.files }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return join(write(mkdtempSync(join(workplace, 'repository-')), Object.fromEntries(present)), layout.folder ?? '');
}

/** The construct as a user writes it; returns the assembly, and what the image is built from. */
function synthesize(prepared: Prepared, change: Change = {}): { readonly assembly: string; readonly context: string } {
  const { layout, workplace } = prepared;
  const assembly = mkdtempSync(join(workplace, 'cdk.out-'));
  const app = new App({ outdir: assembly });
  const stack = new Stack(app, 'Stack');
  const image = new FlueImage(stack, 'Image', { directory: repositoryOf(prepared, change), ...layout.props, ...change.props });
  new FlueFargateService(stack, 'Agents', { image, vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }) });
  app.synth();
  return { assembly, context: (image.asset.node.findChild('Staging') as AssetStaging).absoluteStagedPath };
}

export const SYNTH: Column = {
  name: 'synth',
  try: async (prepared) => {
    const { refused } = prepared.layout;
    if (refused === undefined) {
      Object.assign(prepared, synthesize(prepared));
      return 'ok';
    }
    prepared.refusal = messageOf(() => synthesize(prepared));
    if (prepared.refusal === undefined || !refused.message.test(prepared.refusal)) {
      throw new Error(`should have been refused with ${refused.message}, got: ${prepared.refusal ?? 'no refusal'}`);
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
    const { environment, layers, isShared, layout: { name } } = prepared;
    const { stages, shared } = await runSteps(prepared.context, { workplace: place, environment, layers, name, isShared });
    prepared.image = stages.get('last')!;
    prepared.built = stages.get('build')!;
    const { stdout } = await promisify(execFile)('find', [prepared.image.root, '-path', '*/node_modules/vite/package.json', '-o', '-path', '*/node_modules/@flue/cli/package.json']);
    if (stdout) {
      throw new Error(`build tools are left in the image: ${stdout.trim().split('\n')[0].slice(prepared.image.root.length)}`);
    }
    return shared === undefined ? 'ok' : `ok, installed as: ${shared}`;
  },
};

/** `cdk-flue rehearse` as a user gives it in the built repository: it finds the app and its routes, and every check passes on what the image holds. */
export const REHEARSE: Column = {
  name: 'rehearse',
  try: async (prepared) => {
    const { image, built, assembly, commands } = prepared;
    if (image === undefined || built === undefined || assembly === undefined) {
      return undefined;
    }
    // what the library adds to the context is in no repository
    ['Dockerfile', '.cdk-flue'].forEach((name) => rmSync(join(built.root, 'app', name), { recursive: true, force: true }));
    const probes = await commands.run(join(built.root, 'app'), 'rehearse', assembly, '--write-probes', '--json', ...optionsOf(prepared));
    const written = join(built.root, image.directory, 'rehearse.json');
    if (probes.code !== 0 || (JSON.parse(probes.stdout) as { written: string }).written !== written) {
      throw new Error(`rehearse --write-probes should have written ${written}: ${probes.stdout}${probes.stderr}`);
    }
    const rehearsal = ['rehearse', assembly, '--app', image.root + image.directory, '--port', `${await freePort()}`, '--hold', '0', '--json'];
    const { code, stdout, stderr } = await commands.run(built.root, ...rehearsal);
    const { checks = [] } = JSON.parse(stdout || '{}') as { checks?: { id: string; status: string }[] };
    const of = (status: string): string[] => checks.filter((check) => check.status === status).map(({ id }) => id);
    const missing = CHECKED.filter((id) => !of('pass').includes(id));
    if (code !== 0 || missing.length > 0) {
      throw new Error(`rehearse ended with ${code}, without ${missing.join(', ')}: ${stdout}${stderr}`);
    }
    return `ok, ${of('pass').length} checks`;
  },
};

/** `cdk-flue init` refuses what synthesis refuses, in the same sentence, and what it writes synthesizes with the key of the model. */
export const INIT: Column = {
  name: 'init, synth',
  try: async (prepared) => {
    const { refusal } = prepared;
    const outdir = mkdtempSync(join(prepared.workplace, 'starter.out-'));
    const { code, stdout, stderr } = await prepared.commands.run(process.cwd(), 'starter', repositoryOf(prepared), outdir, ...optionsOf(prepared));
    const plain = (text: string): string => text.replace(/^\[[^\]]*\] /, '').replace(/repository-\w+/g, 'repository');
    if (refusal !== undefined) {
      if (code === 2 && plain(stderr).startsWith(plain(refusal))) {
        return 'same refusal';
      }
      throw new Error(`init should refuse with: ${refusal}\nit ended with ${code}: ${stderr}`);
    }
    if (code !== 0 || !/^secrets: .*\bANTHROPIC_API_KEY\b/m.test(stdout)) {
      throw new Error(`init or its starter ended with ${code}: ${stderr}${stdout.split('\n').slice(-3).join('\n')}`);
    }
    return 'ok';
  },
};

export const COLUMNS: readonly Column[] = [SYNTH, INIT, BUILD, REHEARSE];

/** Frees what a layout took. */
export async function discard({ workplace }: Prepared): Promise<void> {
  await promisify(execFile)('rm', ['-rf', workplace]);
}

/** What the layout passes to FlueImage, as somebody says it on the command line. */
function optionsOf({ layout: { props = {} } }: Prepared): string[] {
  const { buildCommand, outputDirectory, command, dockerfile } = props;
  const options = {
    'build-command': buildCommand, 'output-directory': outputDirectory, 'command': command && JSON.stringify(command), 'dockerfile': dockerfile && (dockerfile._file ?? 'provided'),
  };
  return Object.entries(options).flatMap(([option, value]) => (value === undefined ? [] : [`--${option}`, value]));
}

function messageOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
