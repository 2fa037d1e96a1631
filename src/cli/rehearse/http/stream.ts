import type { IncomingMessage } from 'node:http';
import { open, type Asked } from './request';

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

  private constructor(private readonly response: IncomingMessage) {
    response.on('data', () => this.arrivals.push(performance.now()));
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

  public close(): void {
    this.response.destroy();
  }
}
