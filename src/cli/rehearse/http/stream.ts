import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { open, type Asked } from './request';

/** What is kept of an answer, and how long it is waited for. */
const KEPT_LENGTH = 4096;
const TEXT_MS = 1000;

/** An answer that stays open, and the times at which something came. */
export class OpenStream {
  public static async open(asked: Asked): Promise<OpenStream> {
    const { response, end } = await open(asked);
    end();
    return new OpenStream(response);
  }

  private readonly opened = performance.now();
  private readonly arrivals: number[] = [];
  private closedAt?: number;
  private kept = '';

  private constructor(private readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      this.arrivals.push(performance.now());
      this.kept = (this.kept + chunk).slice(0, KEPT_LENGTH);
    });
    response.on('error', () => undefined);
    response.on('close', () => this.closedAt = performance.now());
  }

  public get status(): number {
    return this.response.statusCode!;
  }

  public get isOpen(): boolean {
    return this.closedAt === undefined;
  }

  public get openSeconds(): number {
    return ((this.closedAt ?? performance.now()) - this.opened) / 1000;
  }

  /** The longest time in which nothing came, so far. */
  public get longestSilenceSeconds(): number {
    const moments = [this.opened, ...this.arrivals, this.closedAt ?? performance.now()];
    return Math.max(...moments.slice(1).map((moment, index) => moment - moments[index])) / 1000;
  }

  /** The beginning of an answer that ends soon. */
  public async text(): Promise<string> {
    await (this.isOpen ? Promise.race([once(this.response, 'close'), sleep(TEXT_MS, undefined, { ref: false })]) : undefined);
    return this.kept;
  }

  public close(): void {
    this.response.destroy();
  }
}
