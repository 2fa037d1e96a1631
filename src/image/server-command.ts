/** What a command of a Dockerfile is judged by. */
export interface CommandContext {
  /** The scripts of package.json. */
  readonly scripts: { readonly [name: string]: string };
  /** Whether `yarn` is the newer one, which has a shell of its own. */
  readonly hasModernYarn: boolean;
  /** The text of a file of the app that a path within the image may stand for. */
  readonly read: (path: string) => string | undefined;
}

/** What a command starts. */
export type Started = 'server' | 'other' | 'nothing' | 'unknown';

const SHELLS = ['sh', 'bash', 'ash', 'dash', 'zsh', 'busybox'];
const RUNTIMES = ['node', 'nodejs', 'bun', 'tsx', 'deno'];
const INITS = ['tini', 'tini-static', 'dumb-init', 'docker-init', 'catatonit'];
/** Programs that run another after `--`, with variables from a store or a file. */
const LOADERS = ['doppler', 'infisical', 'op', 'dotenvx', 'dotenv', 'chamber', 'varlock', 'env-cmd', 'aws-vault'];
/** Programs that serve nothing, and those that end at once without a terminal. */
const IDLE = ['sleep', 'tail', 'cat', 'true', 'false', 'echo', 'ls', 'top', ':'];
const OTHER_SERVERS = ['python', 'python3', 'nginx', 'java', 'ruby', 'php', 'php-fpm', 'postgres', 'redis-server', 'wrangler', 'vite', 'caddy'];
/** Options of Node.js whose value may be the next word. */
const OPTIONS_WITH_VALUE = ['-r', '--require', '--import', '--loader', '--experimental-loader', '--env-file', '--env-file-if-exists', '-C', '--conditions', '--config', '--tsconfig'];

/** The server that Flue builds, by whatever folder. */
const FLUE_SERVER = /(^|\/)server\.mjs$/;
const SAYS_FLUE = /server\.mjs|@flue\/|\bflue\b/;

/** A command that starts a container: what it starts, what it reads, and whether a signal gets through to the server. */
export class ServerCommand {
  /** The program that keeps SIGTERM from the server, as it stands in the command. */
  public keepsSignals?: string;
  public readonly starts: Started;
  /** Files that the command reads before the server runs: an env file that it fails without. */
  public readonly envFiles: string[] = [];
  /** Every word that may be the path of a file. */
  public readonly words: string[] = [];

  /** @param command the words of the exec form, or the text of the shell form */
  public constructor(command: readonly string[] | string, private readonly context: CommandContext) {
    this.starts = typeof command === 'string' ? this.shell('sh', command, command) : this.program(command);
  }

  /** Follows the words of one program; a program that hands on leaves the rest. */
  private program(command: readonly string[], depth = 0): Started {
    const words = [...command];
    const name = words[0]?.split('/').pop() ?? '';
    if (depth > 8) {
      return 'unknown';
    }
    const rest = (from: number): Started => this.program(words.slice(from), depth + 1);
    const optional = '--env-file-if-exists';
    const needed = words.filter((word, index) => index > 0 && !word.startsWith(optional) && words[index - 1] !== optional);
    this.words.push(...needed.map((word) => word.replace(/^--?[\w-]+=/, '')));
    if (name === '') {
      return 'nothing';
    }
    if (INITS.includes(name)) {
      const end = words.indexOf('--');
      const first = words.findIndex((word, index) => index > 0 && !word.startsWith('-') && !['-p', '-e', '-r', '--rewrite'].includes(words[index - 1]));
      return rest(end > 0 ? end + 1 : first > 0 ? first : words.length);
    }
    if (LOADERS.includes(name)) {
      words.forEach((word, index) => {
        const file = ['-e', '-f', '--env-file'].includes(words[index - 1]) ? word : /^(?:-e|-f|--env-file)=(.+)/.exec(word)?.[1];
        if (file !== undefined && name.startsWith('dotenv')) {
          this.envFiles.push(file);
        }
      });
      return words.includes('--') ? rest(words.indexOf('--') + 1) : 'unknown';
    }
    if (name === 'env') {
      return rest(words.findIndex((word, index) => index > 0 && !word.startsWith('-') && !/^\w+=/.test(word)) || words.length);
    }
    if (['gosu', 'su-exec'].includes(name)) {
      return rest(2);
    }
    if (['exec', 'docker-entrypoint.sh'].includes(name) && words.length > 1) {
      return rest(1);
    }
    if (SHELLS.includes(name)) {
      return this.shellWords(name, words);
    }
    if (['npm', 'pnpm', 'yarn', 'npx', 'pnpx', 'bunx'].includes(name) || (name === 'bun' && words[1] === 'run') || (name === 'bun' && words[1] in this.context.scripts)) {
      return this.packageManager(name, words, depth);
    }
    if (RUNTIMES.includes(name)) {
      return this.runtime(words);
    }
    if (/\.[cm]?[jt]s$/.test(name)) {
      return this.entry(words[0]);
    }
    return this.other(name, words);
  }

  private other(name: string, words: readonly string[]): Started {
    if (IDLE.includes(name)) {
      return 'nothing';
    }
    if (OTHER_SERVERS.includes(name) || (name === 'flue' && words[1] === 'dev')) {
      return 'other';
    }
    const script = this.context.read(words[0]);
    return script !== undefined && /^#!.*sh\b|^\s*(set -|exec )/m.test(script) ? this.scriptFile(words[0], script, words.slice(1)) : 'unknown';
  }

  private shellWords(name: string, given: readonly string[]): Started {
    const words = name === 'busybox' ? given.slice(1) : given;
    const flag = words.findIndex((word) => /^-\w*c$/.test(word));
    if (flag > 0) {
      return this.shell(name, words[flag + 1] ?? '', words.join(' '));
    }
    const file = words.slice(1).find((word) => !/^[-+]/.test(word));
    const script = file === undefined ? undefined : this.context.read(file);
    return file === undefined ? 'nothing' : script === undefined ? 'unknown' : this.scriptFile(file, script, words.slice(words.indexOf(file) + 1));
  }

  /** A text that a shell runs: only the last command can be the server. */
  private shell(name: string, script: string, shown: string): Started {
    const command = lastCommand(script);
    // bash gives its place to the last command of a list without `;`; other shells stay
    const handsOn = /^exec\s/.test(command) || (name === 'bash' && !/[;\n|]|[^&]&[^&]|&\s*$/.test(script.trim()));
    const inner = this.program(split(command));
    this.keepsSignals ??= handsOn || inner === 'nothing' ? undefined : shown;
    return inner;
  }

  private scriptFile(file: string, script: string, args: readonly string[]): Started {
    const lines = script.split(/\r?\n/).map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));
    const last = lines.at(-1) ?? '';
    if (/^exec\s+"?\$@"?$/.test(last)) {
      return args.length > 0 ? this.program(args, 4) : 'unknown';
    }
    const starting = lines.find((line) => SAYS_FLUE.test(line) || /^exec\s/.test(line)) ?? last;
    if (!SAYS_FLUE.test(starting)) {
      return 'unknown';
    }
    if (!/(^|\s|&&|;)exec\s/.test(starting) && !/\btrap\b/.test(script)) {
      this.keepsSignals ??= file;
    }
    return this.program(split(lastCommand(starting)), 4);
  }

  private packageManager(name: string, words: readonly string[], depth: number): Started {
    const rest = words.slice(1).filter((word) => !word.startsWith('-'));
    const verb = rest[0] ?? '';
    const target: string = rest[1] ?? '';
    const shown = words.join(' ');
    const forwards = name.startsWith('bun') || (name === 'yarn' && this.context.hasModernYarn);
    if (['npx', 'pnpx', 'bunx', 'exec', 'dlx'].includes(name) || ['exec', 'dlx', 'x'].includes(verb)) {
      this.keepsSignals ??= forwards ? undefined : shown;
      return this.program(verb === 'exec' || verb === 'dlx' || verb === 'x' ? rest.slice(1) : rest, depth + 1);
    }
    if (name === 'bun' && target !== '' && !(target in this.context.scripts)) {
      return this.entry(target);
    }
    if (name === 'yarn' && verb === 'node') {
      this.keepsSignals ??= forwards ? undefined : shown;
      return this.program(rest, depth + 1);
    }
    const script: string | undefined = this.context.scripts[['run', 'run-script'].includes(verb) ? target : verb];
    if (script === undefined) {
      this.keepsSignals ??= forwards ? undefined : shown;
      return 'unknown';
    }
    const command = lastCommand(script);
    // npm and pnpm wait for a script that gives its shell's place to the server; Yarn 1 does not
    this.keepsSignals ??= forwards || (name !== 'yarn' && /^exec\s/.test(command)) ? undefined : shown;
    return this.program(split(command), depth + 1);
  }

  private runtime(words: readonly string[]): Started {
    let entry: string | undefined;
    for (let index = 1; index < words.length && entry === undefined; index++) {
      const word = words[index];
      const assigned = /^(--?[\w-]+)=(.*)$/.exec(word);
      const option = assigned?.[1] ?? word;
      const value = assigned?.[2];
      if (option === '--env-file') {
        this.envFiles.push(value ?? words[index + 1] ?? '');
      }
      if (['-e', '--eval', '-p', '--print', '-i', '--version', '-v'].includes(option)) {
        return 'unknown';
      }
      if (OPTIONS_WITH_VALUE.includes(option) && value === undefined) {
        index++;
      } else if (!word.startsWith('-') && !(index === 1 && ['run', 'watch'].includes(word))) {
        entry = word;
      }
    }
    return entry === undefined ? 'nothing' : this.entry(entry);
  }

  private entry(path: string): Started {
    if (FLUE_SERVER.test(path) || /[$*]/.test(path)) {
      return FLUE_SERVER.test(path) ? 'server' : 'unknown';
    }
    const text = this.context.read(path);
    return text !== undefined && SAYS_FLUE.test(text) ? 'server' : 'other';
  }
}

/** The last simple command of a list, without the variables that are set for it. */
function lastCommand(script: string): string {
  const commands = script.split(/&&|\|\||;|\n/).map((command) => command.trim()).filter((command) => command && !/^(true|:)$/.test(command));
  const server = commands.find((command) => SAYS_FLUE.test(command)) ?? commands.at(-1) ?? '';
  return server.replace(/^(\w+=("[^"]*"|'[^']*'|\S*)\s+)+/, '');
}

function split(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3]).filter((word) => !/^\d?[<>]/.test(word));
}
