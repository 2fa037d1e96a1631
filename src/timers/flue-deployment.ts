import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { DeploymentStrategy } from 'aws-cdk-lib/aws-ecs';
import { BlueGreen } from './blue-green';
import type { FlueBlueGreenDeploymentOptions, FlueDeploymentOptions, FlueRollingDeploymentOptions } from './flue-deployment-options';
import { Recreate, Rolling, type ReplacementStrategy } from './replacement-strategy';
import { requireArguments } from '../invariants/types/require-types';

/**
 * A deployment strategy: how ECS replaces the running task by a new one.
 */
export class FlueDeployment {
  /**
   * Stop, then start: two servers do not overlap by plan.
   *
   * No server answers from the deregistration of the old task until the new one is healthy: the deregistration delay, the
   * shutdown, the image pull, the start and two health checks, about a minute and a half, and up to 45 s more with Flue 0.10. ECS may start the new task while the
   * old one still handles SIGTERM; Flue's lease covers that.
   */
  public static recreate(options: FlueDeploymentOptions = {}): FlueDeployment {
    requireArguments('FlueDeployment.recreate', { options });
    return new FlueDeployment(new Recreate(), options);
  }

  /**
   * Start, then stop: no gap, and two live servers for about a minute.
   *
   * Up to Flue 1.x, you can lose replies of that time. On 2.x, prompts in flight resume about 44 s later. The service warns you
   * of it.
   */
  public static rolling(options: FlueRollingDeploymentOptions = {}): FlueDeployment {
    requireArguments('FlueDeployment.rolling', { options });
    return new FlueDeployment(new Rolling(options.deferredCleanup), options);
  }

  /**
   * Start, test, move all traffic at once, wait, then stop: no gap, a way back within seconds, and two live servers for the
   * bake time and longer.
   *
   * Only one of them gets the traffic, but both work on one schema, with the consequences of `rolling()`. The service warns you
   * of it. ECS moves the traffic by itself; the service creates the second target group, the rule and the role for that.
   */
  public static blueGreen(options: FlueBlueGreenDeploymentOptions = {}): FlueDeployment {
    requireArguments('FlueDeployment.blueGreen', { options });
    return new FlueDeployment(new BlueGreen(options), options);
  }

  /** Share of the desired tasks, in percent, that keeps running during a deployment. */
  public readonly minHealthyPercent: number;

  /** Share of the desired tasks, in percent, that may run during a deployment. */
  public readonly maxHealthyPercent: number;

  /** Whether the old and the new server are live together. */
  public readonly overlaps: boolean;

  /** Whether ECS goes back to the last good revision after a failed deployment. */
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
