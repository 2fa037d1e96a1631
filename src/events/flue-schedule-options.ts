import type { ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import type { FlueEventTarget } from './flue-event-target';

/**
 * A schedule of Amazon EventBridge Scheduler, whose events wait in the inbox until the server takes them.
 */
export interface FlueScheduleOptions {
  /**
   * When the schedule fires: `ScheduleExpression.cron({ … })` with its time zone, `.rate(…)`, or `.at(…)`.
   *
   * Throws for a rate under a minute, and for a date that no calendar has, such as 30 February.
   */
  readonly schedule: ScheduleExpression;

  /** The agent or the workflow. Throws for more than 256 KiB. */
  readonly target: FlueEventTarget;

  /**
   * What the schedule is for. Throws for more than 512 characters, and for several lines.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Whether the schedule fires.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * The time before which the schedule does not fire.
   *
   * @default - it fires from its deployment on
   */
  readonly start?: Date;

  /**
   * The time after which the schedule does not fire. Throws if it is not after `start`.
   *
   * @default - it fires for good
   */
  readonly end?: Date;

  /**
   * The window after each time in which Scheduler chooses when to fire.
   *
   * @default TimeWindow.off()
   */
  readonly timeWindow?: TimeWindow;
}
