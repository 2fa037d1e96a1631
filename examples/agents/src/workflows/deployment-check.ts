import { setTimeout as sleep } from 'node:timers/promises';
import type { FlueContext, WorkflowRouteHandler } from '@flue/runtime';
import * as v from 'valibot';
import { persistence } from '../db.ts';
import { databaseAnswers } from '../lib/readiness.ts';

const MAX_HOLD_SECONDS = 300;

const Payload = v.object({
  /** How long to keep the run open, to try streaming and idle timeouts along the whole path to the client. */
  holdSeconds: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_HOLD_SECONDS)), 0),
});

/** Flue answers 500 when a run throws, so a payload the caller can correct is refused before there is a run. */
export const route: WorkflowRouteHandler = async (c, next) => {
  const body: unknown = await c.req.raw.clone().json().catch(() => undefined);
  const parsed = v.safeParse(Payload, body ?? {});
  if (parsed.success) return next();
  return c.json({ error: { type: 'invalid_payload', message: v.summarize(parsed.issues), details: '' } }, 400);
};

/** Checks a deployment end to end without calling a model: database, event stream, and timeouts if asked to. */
export async function run({ payload, log }: FlueContext<unknown>) {
  const { holdSeconds } = v.parse(Payload, payload ?? {});

  const startedAt = performance.now();
  const databaseOk = await databaseAnswers();
  const databaseMs = Math.round(performance.now() - startedAt);
  log.info('database checked', { persistence, databaseOk, databaseMs });

  for (let held = 0; held < holdSeconds; held++) {
    await sleep(Math.min(1, holdSeconds - held) * 1_000);
    log.info('still open', { seconds: Math.min(held + 1, holdSeconds) });
  }

  return {
    persistence,
    databaseOk,
    databaseMs,
    heldSeconds: holdSeconds,
    node: process.version,
    uptimeSeconds: Math.round(process.uptime()),
  };
}
