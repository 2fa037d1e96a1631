import type { Duration } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IPeer } from 'aws-cdk-lib/aws-ec2';
import type { IDeploymentLifecycleHookTarget } from 'aws-cdk-lib/aws-ecs';

/**
 * Options of a deployment.
 */
export interface FlueDeploymentOptions {
  /**
   * Whether ECS goes back to the last good revision if the new tasks do not become healthy.
   *
   * Switch it off when you deploy a Flue upgrade. The Postgres adapter migrates when the server starts, and an older Flue then
   * refuses the newer format.
   *
   * @default true
   */
  readonly rollback?: boolean;

  /**
   * Alarms during a deployment: if one of them is raised, the deployment fails.
   *
   * For the alarms of the service itself, use `rollBackDeployments` of `addAlarms()`, because those name the service and would
   * make a cycle here.
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
   * Whether the deployment succeeds as soon as the new task is healthy, while the old one still drains.
   *
   * Use it, with a long `deregistrationDelay`, for streams that last longer than a deployment should. Once the deployment has
   * succeeded, ECS does not roll it back. An older aws-cdk-lib does not know the property, and its template validation reports
   * `CloudFormation-Validate::F3002`.
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
   * Time for which the old revision runs on after the traffic has moved, in whole minutes. Until then, ECS can go back within
   * seconds.
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
   * The peers that may connect to the test listener. Throws without `testPort`.
   *
   * @default - none; allow them with `testListener.connections`
   */
  readonly testPeers?: IPeer[];

  /**
   * Hooks that ECS calls at stages of a deployment, such as `ecs.DeploymentLifecycleLambdaTarget`.
   *
   * @default - none
   */
  readonly lifecycleHooks?: IDeploymentLifecycleHookTarget[];
}
