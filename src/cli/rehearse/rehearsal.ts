import type { Check, Outcome, Result } from './checks/check';
import { skipped } from './checks/check';
import { logTail } from './log';
import type { Session } from './session';

export interface Observer {
  begins(check: Check): void;
  ends(result: Result): void;
}

/** Runs the checks one after the other, each on the server as the one before left it. */
export async function runChecks(checks: readonly Check[], session: Session, observer: Observer): Promise<Result[]> {
  const results: Result[] = [];
  let ended: string | undefined;
  for (const check of checks) {
    observer.begins(check);
    const outcome = ended === undefined || check.id === 'secrets' ? await outcomeOf(check, session) : skipped(ended);
    if (outcome.status === 'fail') {
      session.failed.add(check.id);
      ended ??= outcome.ends;
    }
    const result = { id: check.id, title: check.title, ...outcome };
    results.push(result);
    observer.ends(result);
  }
  await session.kill();
  return results;
}

/** A check that throws has met a server that does not behave; that is a finding, not the end of the rehearsal. */
async function outcomeOf(check: Check, session: Session): Promise<Outcome> {
  const reason = check.skip?.(session);
  if (reason !== undefined) {
    return skipped(reason);
  }
  try {
    return await check.run(session);
  } catch (error) {
    if ((error as Error).name === 'CliFailure') {
      throw error;
    }
    const secrets = Object.values(session.secrets);
    return {
      status: 'fail',
      measured: logTail(`the server does not answer: ${(error as Error).message}`, secrets),
      limit: 'an answer',
      fix: 'Read the log of the server.',
      log: session.server && session.tail(session.server),
    };
  }
}
