import { ask } from './http';

/** The time as a probe knows it: a test turns its clock by hand. */
export interface Clock {
  /** In seconds. */
  now(): number;
  pause(seconds: number): Promise<void>;
}

const EVERY_SECONDS = 0.2;
const PATIENCE_SECONDS = 2;

/** Asks for the health of a server again and again, and knows when it did not answer. */
export class Load {
  private readonly answered: number[] = [];
  private readonly started: number;
  private readonly worker: Promise<void>;
  private stopped = false;
  private count = 0;

  public constructor(private readonly url: string, private readonly clock: Clock) {
    this.started = clock.now();
    this.worker = this.work();
  }

  /** The longest time without an answer, in seconds. */
  public async stop(): Promise<{ readonly gap: number; readonly requests: number }> {
    this.stopped = true;
    await this.worker;
    const moments = [this.started, ...this.answered, this.clock.now()];
    return { gap: Math.max(...moments.slice(1).map((moment, index) => moment - moments[index])), requests: this.count };
  }

  private async work(): Promise<void> {
    while (!this.stopped) {
      const { status } = await ask(this.url, '/health', { patienceMs: PATIENCE_SECONDS * 1000 });
      this.count++;
      if (status === 200) this.answered.push(this.clock.now());
      await this.clock.pause(EVERY_SECONDS);
    }
  }
}

/** Waits until something is so, as long as `seconds` allow; how many seconds it took, or nothing. */
export async function until(clock: Clock, seconds: number, holds: () => Promise<boolean>, every = 2): Promise<number | undefined> {
  const started = clock.now();
  while (clock.now() - started < seconds) {
    if (await holds()) return Math.round(clock.now() - started);
    await clock.pause(every);
  }
  return undefined;
}
