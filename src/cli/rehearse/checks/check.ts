import type { Session } from '../session';

export type Status = 'pass' | 'warn' | 'fail' | 'skip';

/** What came of a check. */
export interface Outcome {
  readonly status: Status;
  readonly measured?: string;
  readonly limit?: string;
  /** The way out, of a failure or a warning. */
  readonly fix?: string;
  /** Why it was skipped. */
  readonly reason?: string;
  /** The end of the server's log, where it explains a failure. */
  readonly log?: string;
  /** Set where nothing that follows can be judged: why. */
  readonly ends?: string;
}

export interface Check {
  readonly id: string;
  readonly title: string;
  /** Why it does not apply; undefined where it does. */
  readonly skip?: (session: Session) => string | undefined;
  run(session: Session): Promise<Outcome>;
}

export interface Result extends Outcome {
  readonly id: string;
  readonly title: string;
}

export function judge(good: boolean, measured: string, limit: string, fix: string, more: Partial<Outcome> = {}): Outcome {
  return good ? { status: 'pass', measured, limit } : { status: 'fail', measured, limit, fix, ...more };
}

export function skipped(reason: string): Outcome {
  return { status: 'skip', reason };
}

/** Seconds for a reader. */
export function seconds(value: number): string {
  return `${value < 10 ? value.toFixed(value < 0.1 ? 2 : 1) : Math.round(value)} s`;
}
