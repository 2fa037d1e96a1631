import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** One command, and where it is given. */
export interface Asked {
  readonly directory: string;
  /** `starter APP OUTDIR OPTIONS`, or the words after `cdk-flue`. */
  readonly words: readonly string[];
}

/** How a command ended. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The commands of the library, one after the other in a process that has loaded it once. */
export class Commands {
  private readonly child: ChildProcess;
  private readonly ended: Promise<never>;

  public constructor() {
    this.child = fork(join(__dirname, 'commands-child.ts'), [], {
      execArgv: ['--require', 'ts-node/register/transpile-only', '--no-warnings'],
      env: { ...process.env, TS_NODE_PROJECT: join(__dirname, '../../tsconfig.dev.json') },
    });
    this.ended = once(this.child, 'exit').then(([code]) => {
      throw new Error(`the process of the commands ended with ${code}`);
    });
    this.ended.catch(() => undefined);
  }

  public async run(directory: string, ...words: string[]): Promise<Answer> {
    const waiting = new AbortController();
    this.child.send({ directory, words } satisfies Asked);
    try {
      const [answer] = await Promise.race([once(this.child, 'message', { signal: waiting.signal }), this.ended]) as [Answer];
      return answer;
    } finally {
      waiting.abort();
    }
  }

  public end(): void {
    this.child.removeAllListeners().kill();
  }
}
