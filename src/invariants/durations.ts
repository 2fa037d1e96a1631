import type { Duration } from 'aws-cdk-lib';
import { isUnknown } from './unknown';

/** Whole and fractional seconds of a duration, or undefined for one that is not known yet. */
export function secondsOf(duration: Duration): number | undefined {
  return isUnknown(duration) ? undefined : duration.toSeconds({ integral: false });
}
