import { setTimeout as sleep } from 'node:timers/promises';

/** How long a proof waits for what has to come. */
const FACT_MS = 60_000;
const PAUSE_MS = 10;

/** Where to look costs another process something. */
export const SELDOM_MS = 50;

/** Waits for a fact; rejects when it has not come about after a minute. */
export async function until(isSo: () => boolean | Promise<boolean>, problem: string, pauseMs = PAUSE_MS): Promise<void> {
  for (const end = Date.now() + FACT_MS; !await isSo();) {
    if (Date.now() > end) {
      throw new Error(`after ${FACT_MS / 1000} s ${problem}`);
    }
    await sleep(pauseMs);
  }
}
