import { CliFailure } from './failure';
import { init, INIT_USAGE } from './init';
import { rehearse, REHEARSE_USAGE } from './rehearse';

interface Command {
  readonly summary: string;
  readonly usage: string;
  run(argv: string[]): Promise<number>;
}

const COMMANDS: { readonly [name: string]: Command } = {
  rehearse: { summary: 'run a synthesized Flue service on this machine and check what a deployment would find', usage: REHEARSE_USAGE, run: rehearse },
  init: { summary: 'write a CDK app for a Flue app', usage: INIT_USAGE, run: init },
};

/** The exit code of a command that could not do its work; 1 is that of one that found something. */
const COULD_NOT_RUN = 2;

/** Runs the command that the arguments name and returns the exit code. */
export async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  const command = Object.prototype.hasOwnProperty.call(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
  if (!command) {
    const asked = name === undefined || name === '--help' || name === '-h' || name === 'help';
    (asked ? process.stdout : process.stderr).write(`${asked ? '' : `Unknown command: ${name}\n\n`}${overview()}`);
    return asked ? 0 : COULD_NOT_RUN;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(command.usage);
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    process.stderr.write(`${error instanceof CliFailure ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    return COULD_NOT_RUN;
  }
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map(name => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: cdk-flue <command>\n\n${lines.join('\n')}\n\ncdk-flue <command> --help says more.\n`;
}
