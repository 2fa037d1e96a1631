import { setTimeout as sleep } from 'node:timers/promises';

export const counted = { passed: 0, failed: 0 };

/** A problem is what differs from what must be. */
export function check(name: string, found: unknown, expected: unknown = true): void {
  const [is, must] = [found, expected].map(value => JSON.stringify(value));
  if (is === must) {
    counted.passed++;
    console.log(`ok   ${name}`);
  } else {
    counted.failed++;
    console.log(`FAIL ${name}\n     expected ${must}\n     got      ${is}`);
  }
}

export async function timed<T>(name: string, work: () => Promise<T> | T): Promise<T> {
  const started = Date.now();
  const result = await work();
  console.log(`     ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

export async function until(holds: () => boolean, withinMs: number): Promise<boolean> {
  for (const last = Date.now() + withinMs; !holds(); await sleep(50)) {
    if (Date.now() > last) {
      return false;
    }
  }
  return true;
}

/** In the middle, and the longest. */
export function spread(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  return `median ${sorted[Math.floor(sorted.length / 2)]} ms, longest ${sorted.at(-1)} ms`;
}
