import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { asObject, asText, readText } from '../../image/app/files';
import { IMAGE_OPTIONS, IMAGE_USAGE, imageOptionsOf, type ImageOptions } from '../app/image-options';
import { CliFailure } from '../failure';

export const REHEARSE_USAGE = `Usage: cdk-flue rehearse [cdk.out] [options]

Runs the server of a synthesized service on this machine, as that service would, and checks what a deployment would find.

  --service PATH   construct path of the service, if the assembly has several
  --app DIR        directory of the built app (default: the one whose package.json is that of the image)
  --image REF      run this built image with podman or docker instead of the app directory
  --engine NAME    the container engine for --image (default: podman, then docker)
  --secrets FILE   values of the secrets, as KEY=value lines or a JSON object (default: the environment)
  --probes FILE    the requests that open a stream and write state (default: rehearse.json in the app directory)
  --write-probes   write that file from the routes in the sources of the app, and run nothing
  --store FILE     the store that the service has today, which is only read: an SQLite file, or a file with the connection string of Postgres
  --port N         port to run on (default: that of the container)
  --hold SECONDS   how long to hold a stream open (default: 17, two more than Flue's heartbeat)
  --json           one JSON document on the standard output, and nothing else

With --write-probes, what no file of the app tells:

${IMAGE_USAGE}
The exit code is 0 when every check passes or is skipped, 1 when one fails, 2 when the rehearsal cannot run.
`;

export const RESTORE_DRILL_USAGE = `Usage: cdk-flue restore-drill [cdk.out] [options]

Says how to rehearse a restore on AWS. Then does it on this machine: runs the server of a synthesized service with a Postgres, makes it
accept state, copies the database while the server runs, destroys the database, restores the copy into a new one, and asks for the state.

  --service PATH   construct path of the service, if the assembly has several
  --app DIR        directory of the built app (default: the one whose package.json is that of the image)
  --image REF      run this built image with podman or docker instead of the app directory
  --engine NAME    the container engine for --image (default: podman, then docker)
  --secrets FILE   values of the secrets, as KEY=value lines or a JSON object (default: the environment)
  --probes FILE    the requests \`write\` and \`read\` (default: rehearse.json in the app directory)
  --store FILE     the store that the service has today, which is only read: an SQLite file, or a file with the connection string of Postgres
  --port N         port to run on (default: that of the container)
  --json           one JSON document on the standard output, and nothing else

The exit code is 0 when the state was restored, 1 when a check fails, 2 when the drill cannot run.
`;

/** What each command takes of the options of a rehearsal. */
const NOT_IN_A_DRILL = ['hold', 'write-probes', ...Object.keys(IMAGE_OPTIONS)];

/** Two seconds more than Flue's heartbeat of 15 s. */
const DEFAULT_HOLD_SECONDS = 17;

export interface RehearseOptions {
  readonly assembly: string;
  readonly service?: string;
  readonly app?: string;
  readonly image?: string;
  readonly engine?: string;
  readonly secrets?: string;
  readonly probes?: string;
  readonly store?: string;
  readonly port?: number;
  readonly holdSeconds: number;
  readonly json: boolean;
  readonly writeProbes: boolean;
  /** What no file of the app tells of its image. */
  readonly describedImage: ImageOptions;
}

type Command = 'rehearse' | 'restore-drill';

export function parseOptions(argv: string[], command: Command = 'rehearse'): RehearseOptions {
  const { values, positionals } = parse(argv, command);
  const foreign = command === 'rehearse' ? undefined : NOT_IN_A_DRILL.find(option => option in values);
  if (foreign !== undefined) {
    throw new CliFailure(`--${foreign} is an option of rehearse.`, helpOf(command));
  }
  if (positionals.length > 1) {
    throw new CliFailure(`Pass one cloud assembly at most, got: ${positionals.join(' ')}`, helpOf(command));
  }
  if (positionals[0] === '') {
    throw new CliFailure('The directory of the assembly is an empty string.', 'Leave it out for cdk.out, or name one.');
  }
  if (values.app !== undefined && values.image !== undefined) {
    throw new CliFailure('Pass --app or --image, not both.', 'With --app, rehearse runs the directory on this machine. With --image, it runs the image in a container.');
  }
  const { service, app, image, engine, secrets, probes, store, port, hold, json = false, 'write-probes': wantsProbes = false } = values;
  const describedImage = imageOptionsOf(values);
  const [described] = Object.keys(IMAGE_OPTIONS).filter(option => option in values);
  if (described !== undefined && !wantsProbes) {
    throw new CliFailure(`--${described} goes with --write-probes alone.`, 'A rehearsal takes what it says from the assembly: pass it to FlueImage in your CDK app, and synthesize.');
  }
  return {
    service,
    app,
    image,
    engine,
    secrets,
    probes,
    store,
    assembly: positionals[0] ?? outputOfCdkApp() ?? 'cdk.out',
    port: numberOf('--port', port, 1, 65535),
    holdSeconds: numberOf('--hold', hold, 0, 4000) ?? DEFAULT_HOLD_SECONDS,
    json,
    writeProbes: wantsProbes,
    describedImage,
  };
}

function helpOf(command: Command): string {
  return `Run \`cdk-flue ${command} --help\` for the options.`;
}

function parse(argv: string[], command: Command) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        'service': text, 'app': text, 'image': text, 'engine': text, 'secrets': text, 'probes': text, 'store': text, 'port': text, 'hold': text, 'json': { type: 'boolean' }, 'write-probes': { type: 'boolean' }, ...IMAGE_OPTIONS,
      },
    });
  } catch (error) {
    throw new CliFailure((error as Error).message.split('. ')[0], helpOf(command));
  }
}

/** Where the CDK app in this directory writes its assembly, if its cdk.json says so. */
function outputOfCdkApp(): string | undefined {
  try {
    return asText(asObject(JSON.parse(readText(join('.', 'cdk.json'))))?.output);
  } catch {
    return undefined;
  }
}

function numberOf(name: string, value: string | undefined, least: number, most: number): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  const number = Number(value);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new CliFailure(`${name} must be a whole number from ${least} to ${most}, got: ${value}`, 'Run `cdk-flue rehearse --help` for the options.');
  }
  return number;
}
