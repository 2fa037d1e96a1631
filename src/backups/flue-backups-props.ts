import type { Duration } from 'aws-cdk-lib';
import type { IBackupVault } from 'aws-cdk-lib/aws-backup';
import type { IVolume } from 'aws-cdk-lib/aws-ec2';
import type { Schedule } from 'aws-cdk-lib/aws-events';
import type { FlueDatabase } from '../database/flue-database';

/**
 * Properties of a plan that backs up databases and volumes.
 */
export interface FlueBackupsProps {
  /**
   * Databases to back up, beside those that `addDatabase()` adds.
   *
   * @default - none
   */
  readonly databases?: FlueDatabase[];

  /**
   * Volumes to back up, such as `dataVolume` of a box, beside those that `addVolume()` adds.
   *
   * Throws for a volume of another account or region.
   *
   * @default - none
   */
  readonly volumes?: IVolume[];

  /**
   * How long AWS Backup keeps each backup, 1–36500 days.
   *
   * Throws outside the range, for a part of a day, and for what the lock of a vault of this app does not allow.
   *
   * @default Duration.days(35)
   */
  readonly retention?: Duration;

  /**
   * When a backup is due, in UTC, as a cron expression. AWS Backup starts it within eight hours.
   *
   * Throws for a rate, which AWS Backup does not know, for more than one time in an hour, and for a time that never comes.
   *
   * @default - every day at 05:00
   */
  readonly schedule?: Schedule;

  /**
   * The vault that holds the backups.
   *
   * @default - a new one, which stays when the stack is deleted
   */
  readonly vault?: IBackupVault;
}
