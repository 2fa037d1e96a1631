import adapter from '../db.ts';

const TIMEOUT_MS = 2_000;

let pending: Promise<boolean> | undefined;

/** Whether the store behind this server answers a small read within two seconds. */
export async function databaseAnswers(): Promise<boolean> {
  // One read at a time: probes must not queue up on the pool while the database hangs.
  pending ??= read().finally(() => (pending = undefined));

  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, TIMEOUT_MS, false);
  });
  try {
    return await Promise.race([pending, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function read(): Promise<boolean> {
  try {
    await (await adapter.connect()).sessions.load('readiness-probe');
    return true;
  } catch {
    return false;
  }
}
