import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { DeploymentStrategy } from 'aws-cdk-lib/aws-ecs';
import { BlueGreen } from './blue-green';
import type { FlueBlueGreenDeploymentOptions, FlueDeploymentOptions, FlueRollingDeploymentOptions } from './flue-deployment-options';
import { Recreate, Rolling, type ReplacementStrategy } from './replacement-strategy';

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
    return new FlueDeployment(new Recreate(), options);
  }

  /**
   * Start, then stop: no gap, and two processes for about a minute.
   *
   * Up to Flue 1.x replies of that time can be lost; on 2.x prompts in flight resume about 44 s later.
   * A warning says so.
   */
  public static rolling(options: FlueRollingDeploymentOptions = {}): FlueDeployment {
    return new FlueDeployment(new Rolling(options.deferredCleanup), options);
  }

  /**
   * Start, test, move the traffic at once, wait, then stop: no gap, a way back within seconds, and two processes for
   * the bake time and longer.
   *
   * Only one of them has the traffic, but both are live on one schema, with the consequences of `rolling()`: a warning
   * says so. ECS moves the traffic by itself, through a rule and a second target group; its role for that is made.
   */
  public static blueGreen(options: FlueBlueGreenDeploymentOptions = {}): FlueDeployment {
    return new FlueDeployment(new BlueGreen(options), options);
  }

  /** Share of the desired tasks, in percent, that keeps running during a deployment. */
  public readonly minHealthyPercent: number;

  /** Share of the desired tasks, in percent, that may run during a deployment. */
  public readonly maxHealthyPercent: number;

  /** Whether the old and the new process are live together. */
  public readonly overlaps: boolean;

  /** Whether a failed deployment goes back to the last good one. */
  public readonly rollback: boolean;

  /** Alarms that fail a deployment. */
  public readonly alarms: IAlarm[];

  /** The strategy by which ECS deploys. */
  public readonly strategy: DeploymentStrategy;

  private constructor(
    /** @internal */
    public readonly _replacement: ReplacementStrategy,
    options: FlueDeploymentOptions,
  ) {
    this.minHealthyPercent = _replacement.minHealthyPercent;
    this.maxHealthyPercent = _replacement.maxHealthyPercent;
    this.overlaps = _replacement.overlaps;
    this.strategy = _replacement.ofEcs;
    this.rollback = options.rollback ?? true;
    this.alarms = options.alarms ?? [];
  }
}
