import type { Duration } from 'aws-cdk-lib';

/**
 * Options of the redeployment after a secret has changed.
 */
export interface FlueRedeployOptions {
  /**
   * The time between two looks at the secrets, from 5 minutes to a day.
   *
   * A server has the new value after this time and a deployment at most. Throws outside the range, and for a part of a minute.
   *
   * @default Duration.minutes(15)
   */
  readonly interval?: Duration;
}
