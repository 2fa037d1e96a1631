import { ask } from './http';

/** Asks for the health of a server again and again, and knows when it did not answer. */
export class Load {
  private readonly answered: number[] = [];
  private readonly worker: Promise<void>;
  private readonly started = performance.now();
  private stopped = false;
  private count = 0;

  public constructor(private readonly url: string, private readonly everyMs: number) {
    this.worker = this.work();
  }

  /** The longest time without an answer, in milliseconds. */
  public async stop(): Promise<{ readonly gapMs: number; readonly requests: number }> {
    this.stopped = true;
    await this.worker;
    const moments = [this.started, ...this.answered, performance.now()];
    return { gapMs: Math.max(...moments.slice(1).map((moment, index) => moment - moments[index])), requests: this.count };
  }

  private async work(): Promise<void> {
    while (!this.stopped) {
      this.count++;
      const { status } = await ask(this.url, '/health', { patienceMs: 10 * this.everyMs });
      if (status === 200) this.answered.push(performance.now());
      await new Promise(resolve => setTimeout(resolve, this.everyMs));
    }
  }
}

/** Waits until something is so, as long as `seconds` allow; how many seconds it took, or nothing. */
export async function until(holds: () => Promise<boolean>, pause: (seconds: number) => Promise<void>, second: number, seconds: number, every = 2): Promise<number | undefined> {
  const started = performance.now();
  const passed = () => (performance.now() - started) / second;
  while (passed() < seconds) {
    if (await holds()) return Math.round(passed());
    await pause(every);
  }
  return undefined;
}
