import type { Duration } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IPeer } from 'aws-cdk-lib/aws-ec2';
import type { IDeploymentLifecycleHookTarget } from 'aws-cdk-lib/aws-ecs';

/**
 * Options of a deployment.
 */
export interface FlueDeploymentOptions {
  /**
   * Whether a deployment whose tasks do not become healthy goes back to the last one that did.
   *
   * A rollback across a Flue upgrade cannot come up: the Postgres adapter migrates on boot, and
   * an older Flue refuses the newer format. Switch it off for such a deployment.
   *
   * @default true
   */
  readonly rollback?: boolean;

  /**
   * Alarms that fail a deployment when one of them is raised during it.
   *
   * For the service's own alarms use `rollBackDeployments` of `addAlarms()`: an alarm that names the service cannot
   * be named by it.
   *
   * @default - none
   */
  readonly alarms?: IAlarm[];
}

/**
 * Options of a rolling deployment.
 */
export interface FlueRollingDeploymentOptions extends FlueDeploymentOptions {
  /**
   * Whether the deployment succeeds as soon as the new process is healthy, while the old one drains outside of it.
   *
   * For streams that are longer than a deployment should last: together with a long `deregistrationDelay` they end by
   * themselves. Once it has succeeded, nothing rolls it back. The template validation of an aws-cdk-lib that does not
   * know the property yet refuses with `CloudFormation-Validate::F3002`.
   *
   * @default false
   */
  readonly deferredCleanup?: boolean;
}

/**
 * Options of a blue/green deployment.
 */
export interface FlueBlueGreenDeploymentOptions extends FlueDeploymentOptions {
  /**
   * Time for which the old revision stays after the traffic has moved, to go back to within seconds, in whole minutes.
   *
   * Throws outside 0–1440 minutes.
   *
   * @default Duration.minutes(5)
   */
  readonly bakeTime?: Duration;

  /**
   * Port of a listener on which the new revision answers before the traffic moves.
   *
   * Throws for the port of another listener of the service.
   *
   * @default - no test listener
   */
  readonly testPort?: number;

  /**
   * Who may connect to the test listener; throws without `testPort`.
   *
   * @default - nobody; grant access through `testListener.connections`
   */
  readonly testPeers?: IPeer[];

  /**
   * Functions that judge a deployment at its stages, such as `ecs.DeploymentLifecycleLambdaTarget`.
   *
   * @default - none
   */
  readonly lifecycleHooks?: IDeploymentLifecycleHookTarget[];
}
