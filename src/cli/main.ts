import { CliFailure, failureOfSystem, reasonOf } from './failure';

interface Runnable {
  readonly usage: string;
  readonly run: (argv: string[]) => Promise<number>;
}

interface Command {
  readonly summary: string;
  /** Reads the modules of the command. Those of the others would cost as much again. */
  readonly load: () => Runnable;
}

/* eslint-disable @typescript-eslint/no-require-imports -- an import of the compiled CommonJS that waits */
const COMMANDS: { readonly [name: string]: Command } = {
  'rehearse': {
    summary: 'run a synthesized Flue service on this machine and check what a deployment would find',
    load: () => {
      const { rehearse, REHEARSE_USAGE } = require('./rehearse') as typeof import('./rehearse');
      return { usage: REHEARSE_USAGE, run: rehearse };
    },
  },
  'restore-drill': {
    summary: 'lose the database of a service on this machine, restore it, and read the state',
    load: () => {
      const { restoreDrill, RESTORE_DRILL_USAGE } = require('./rehearse') as typeof import('./rehearse');
      return { usage: RESTORE_DRILL_USAGE, run: restoreDrill };
    },
  },
  'check': {
    summary: 'find what breaks a Flue server in templates of CloudFormation',
    load: () => {
      const { check, CHECK_USAGE } = require('./check') as typeof import('./check');
      return { usage: CHECK_USAGE, run: check };
    },
  },
  'price': {
    summary: 'say what your synthesized stacks cost in a month',
    load: () => {
      const { price, PRICE_USAGE } = require('./price') as typeof import('./price');
      return { usage: PRICE_USAGE, run: price };
    },
  },
  'init': {
    summary: 'write a CDK app for a Flue app',
    load: () => {
      const { init, INIT_USAGE } = require('./init') as typeof import('./init');
      return { usage: INIT_USAGE, run: init };
    },
  },
  'shard-skew': {
    summary: 'count how the ids of your agent instances would fall on shards',
    load: () => {
      const { shardSkew, SHARD_SKEW_USAGE } = require('./shards/skew') as typeof import('./shards/skew');
      return { usage: SHARD_SKEW_USAGE, run: shardSkew };
    },
  },
  'reshard': {
    summary: 'move the conversations of a sharded service to twice as many shards',
    load: () => {
      const { reshard, RESHARD_USAGE } = require('./shards/reshard') as typeof import('./shards/reshard');
      return { usage: RESHARD_USAGE, run: argv => reshard(argv) };
    },
  },
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** The exit code of a command that could not do its work; 1 is that of one that found something. */
const COULD_NOT_RUN = 2;
/** The exit code of an error in this program, by the custom of sysexits.h. */
const PROGRAM_ERROR = 70;
const BUGS = 'https://github.com/cdk-flue/cdk-flue/issues';

/** Runs the command that the arguments name and returns the exit code. */
export async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv.filter(argument => argument !== '--debug');
  const command = Object.prototype.hasOwnProperty.call(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
  if (!command) {
    const asked = name === undefined || name === '--help' || name === '-h' || name === 'help';
    (asked ? process.stdout : process.stderr).write(`${asked ? '' : `Unknown command: ${name}\n\n`}${overview()}`);
    return asked ? 0 : COULD_NOT_RUN;
  }
  const { usage, run } = command.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    return await run(rest);
  } catch (error) {
    return report(error, argv);
  }
}

/** Runs the command as a process of its own, which no error leaves with a stack trace. */
export async function runProcess(argv: string[]): Promise<void> {
  // whoever reads the output may stop doing so, as `head` does
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : PROGRAM_ERROR));
  const end = (error: unknown): never => process.exit(report(error, argv));
  process.on('uncaughtException', end).on('unhandledRejection', end);
  process.exit(await main(argv));
}

/** Says what went wrong in a sentence and the way out in another, and returns the exit code. */
function report(error: unknown, argv: readonly string[]): number {
  const failure = error instanceof CliFailure ? error : failureOfSystem(error);
  const exitCode = failure ? COULD_NOT_RUN : PROGRAM_ERROR;
  const { problem, wayOut } = failure ?? {
    problem: `cdk-flue failed with an unexpected error: ${reasonOf(error)}`,
    wayOut: `Please report it at ${BUGS}. To see where it happened, run the command with --debug.`,
  };
  if (argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ error: problem, fix: wayOut, exitCode }, undefined, 2)}\n`);
  }
  process.stderr.write(`${problem}\n${wayOut}\n${argv.includes('--debug') ? `${(error as Error)?.stack ?? String(error)}\n` : ''}`);
  return exitCode;
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map(name => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: cdk-flue <command>\n\n${lines.join('\n')}\n\nRun cdk-flue <command> --help for its options. With --debug, an error shows where it happened.\n`;
}
