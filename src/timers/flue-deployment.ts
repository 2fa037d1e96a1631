import { Duration } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IPeer } from 'aws-cdk-lib/aws-ec2';
import { DeploymentStrategy, type IDeploymentLifecycleHookTarget } from 'aws-cdk-lib/aws-ecs';

/** Time for which both revisions run on after the traffic has moved, unless told otherwise. */
export const DEFAULT_BAKE_TIME = Duration.minutes(5);

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

/**
 * How a service replaces its process by a new one.
 */
export class FlueDeployment {
  /**
   * Stop, then start: no planned overlap of two processes.
   *
   * The service is away from SIGTERM of the old process until the new one is healthy: the deregistration
   * delay, the shutdown, the image pull, the boot and two health checks, about a minute and a half.
   * ECS may still start the new task while the old one handles SIGTERM; Flue's lease covers that.
   */
  public static recreate(options: FlueDeploymentOptions = {}): FlueDeployment {
    return new FlueDeployment(0, 100, false, options);
  }

  /**
   * Start, then stop: no gap, and two processes for about a minute.
   *
   * Up to Flue 1.x replies of that time can be lost; on 2.x prompts in flight resume about 44 s later.
   * A warning says so.
   */
  public static rolling(options: FlueRollingDeploymentOptions = {}): FlueDeployment {
    return new FlueDeployment(100, 200, true, options, { deferredCleanup: options.deferredCleanup });
  }

  /**
   * Start, test, move the traffic at once, wait, then stop: no gap, a way back within seconds, and two processes for
   * the bake time and longer.
   *
   * Only one of them has the traffic, but both are live on one schema, with the consequences of `rolling()`: a warning
   * says so. ECS moves the traffic by itself, through a rule and a second target group; its role for that is made.
   */
  public static blueGreen(options: FlueBlueGreenDeploymentOptions = {}): FlueDeployment {
    return new FlueDeployment(100, 200, true, options, { blueGreen: options });
  }

  /** Whether a failed deployment goes back to the last good one. */
  public readonly rollback: boolean;

  /** Alarms that fail a deployment. */
  public readonly alarms: IAlarm[];

  /** The strategy by which ECS deploys. */
  public readonly strategy: DeploymentStrategy;

  /** @internal */
  public readonly _deferredCleanup: boolean;

  /** @internal */
  public readonly _blueGreen?: FlueBlueGreenDeploymentOptions;

  private constructor(
    /** Share of the desired tasks, in percent, that keeps running during a deployment. */
    public readonly minHealthyPercent: number,
    /** Share of the desired tasks, in percent, that may run during a deployment. */
    public readonly maxHealthyPercent: number,
    /** Whether the old and the new process are live together. */
    public readonly overlaps: boolean,
    options: FlueDeploymentOptions,
    special: { readonly deferredCleanup?: boolean; readonly blueGreen?: FlueBlueGreenDeploymentOptions } = {},
  ) {
    this.rollback = options.rollback ?? true;
    this.alarms = options.alarms ?? [];
    this.strategy = special.blueGreen ? DeploymentStrategy.BLUE_GREEN : DeploymentStrategy.ROLLING;
    this._deferredCleanup = special.deferredCleanup ?? false;
    this._blueGreen = special.blueGreen;
  }
}
