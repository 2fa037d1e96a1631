import { Duration } from 'aws-cdk-lib';
import { DeploymentStrategy } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { FlueBlueGreenDeploymentOptions } from './flue-deployment-options';
import type { ReplacementStrategy, ShiftableEdge, TrafficShift } from './replacement-strategy';
import { refuse } from '../invariants/invariant';
import { DEPLOYMENT_LIMITS } from '../invariants/limits/deployment';
import { requireWithin } from '../invariants/limits/guard';
import { settled } from '../invariants/unknown';

/** Default time for which both revisions run on after the traffic has moved. */
export const DEFAULT_BAKE_TIME = Duration.minutes(5);

/** Start, test, move the traffic at once, wait, then stop. */
export class BlueGreen implements ReplacementStrategy {
  public readonly name = 'blue/green';
  public readonly minHealthyPercent = 100;
  public readonly maxHealthyPercent = 200;
  public readonly overlaps = true;
  public readonly ofEcs = DeploymentStrategy.BLUE_GREEN;

  public constructor(private readonly options: FlueBlueGreenDeploymentOptions) {}

  public require(scope: Construct, fixedRules: string | undefined): void {
    if (fixedRules) {
      refuse(scope, `\`deployment\` must not be blue/green with ${fixedRules}, got: both`,
        'ECS needs a rule that only forwards, on a listener that the service creates. Use FlueDeployment.rolling() or recreate()');
    }
    requireWithin(scope, this.options.bakeTime, DEPLOYMENT_LIMITS.bakeTime);
    requireWithin(scope, this.options.testPort, DEPLOYMENT_LIMITS.testPort);
    const { lifecycleHooks = [] } = this.options;
    if (new Set(lifecycleHooks).size < lifecycleHooks.length) {
      refuse(scope, '`lifecycleHooks` must hold each hook once, got: one twice', 'Remove the second one');
    }
    if (this.options.testPort === undefined && this.options.testPeers) {
      refuse(scope, '`testPort` must be given with `testPeers`, got: none', 'Pass the port of the test listener');
    }
  }

  public shift(edge: ShiftableEdge): TrafficShift | undefined {
    return edge.shift?.(this.options);
  }

  public serviceProps(scope: Construct): ReturnType<ReplacementStrategy['serviceProps']> {
    const { bakeTime = DEFAULT_BAKE_TIME, lifecycleHooks } = settled(scope, this.options);
    return { deploymentStrategy: this.ofEcs, bakeTime, lifecycleHooks };
  }

  public finish(): void {
    // the L2 says it all
  }
}
