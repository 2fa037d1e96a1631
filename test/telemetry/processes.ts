import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly milliseconds: number;
}

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach(child => child.kill('SIGKILL')));

/** A child process with an environment of its own, whose output is kept. */
export class Process {
  public readonly ended: Promise<Ended>;
  public output = '';
  private readonly child: ChildProcess;
  private stopped = Date.now();

  public constructor(command: string, args: string[], env: Record<string, string>, cwd?: string) {
    this.child = spawn(command, args, { cwd, env: { PATH: process.env.PATH!, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.child);
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => this.output += text);
    }
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      running.delete(this.child);
      return { code, signal, milliseconds: Date.now() - this.stopped };
    });
  }

  public get pid(): number {
    return this.child.pid!;
  }

  public get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  public signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  public async stop(name: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.stopped = Date.now();
    this.child.kill(name);
    return this.ended;
  }
}

/** Waits until it holds; says whether it did. */
export async function until(holds: () => boolean | Promise<boolean>, seconds = 15): Promise<boolean> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(50)) {
    if (await holds()) { return true; }
  }
  return false;
}
