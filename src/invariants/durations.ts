import type { Duration } from 'aws-cdk-lib';

/** Whole and fractional seconds of a duration, or undefined for one known only at deployment. */
export function secondsOf(duration: Duration): number | undefined {
  return duration.isUnresolved() ? undefined : duration.toSeconds({ integral: false });
}
