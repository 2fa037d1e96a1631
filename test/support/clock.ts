import { runInThisContext } from 'node:vm';

/** Stops the clock of the sources, which are those of the worker: the fake timers of Jest reach no further than a test file. */
export function stopClock(now: Date): jest.SpyInstance {
  return jest.spyOn(runInThisContext('Date') as DateConstructor, 'now').mockReturnValue(now.getTime());
}
