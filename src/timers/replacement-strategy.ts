import type { IPeer } from 'aws-cdk-lib/aws-ec2';
import { DeploymentStrategy, type AlternateTarget, type CfnService, type FargateService, type FargateServiceProps } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationListener, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';

/** Share of the new tasks, in percent, that must be healthy for a deployment to have succeeded. */
const HEALTHY_PERCENT = 100;

/** What ECS moves the traffic of a deployment with. */
export interface TrafficShift {
  readonly alternateTargetGroup: ApplicationTargetGroup;
  readonly testListener?: ApplicationListener;
  readonly alternateTarget: AlternateTarget;
}

/** Where the next revision answers before it takes the traffic. */
export interface ShiftOptions {
  readonly testPort?: number;
  readonly testPeers?: IPeer[];
}

/** What stands before the tasks, as a deployment sees it. */
export interface ShiftableEdge {
  /** Makes a second target group that traffic can be moved to; absent where no listener is the service's own. */
  readonly shift?: (options: ShiftOptions) => TrafficShift;
}

/** How an old process is replaced by a new one. */
export interface ReplacementStrategy {
  /** What the deployment is called. */
  readonly name: string;
  /** Share of the desired tasks, in percent, that keeps running. */
  readonly minHealthyPercent: number;
  /** Share of the desired tasks, in percent, that may run. */
  readonly maxHealthyPercent: number;
  /** Whether the old and the new process are live together. */
  readonly overlaps: boolean;
  /** The strategy by which ECS deploys. */
  readonly ofEcs: DeploymentStrategy;
  /** What only this strategy asks of the ECS service. */
  serviceProps(scope: Construct): Pick<FargateServiceProps, 'deploymentStrategy' | 'bakeTime' | 'lifecycleHooks'>;

  /**
   * Refuses what contradicts itself, before the first resource exists.
   *
   * @param fixedRules what keeps ECS from moving weights between target groups, as the user wrote it
   */
  require(scope: Construct, fixedRules: string | undefined): void;

  /** Makes what traffic is moved between; undefined where none is moved. */
  shift(edge: ShiftableEdge): TrafficShift | undefined;

  /** States what the L2 of the service has no property for. */
  finish(service: FargateService): void;
}

/** Tasks stop and start under one target group. */
abstract class InPlace implements ReplacementStrategy {
  public abstract readonly name: string;
  public abstract readonly minHealthyPercent: number;
  public abstract readonly maxHealthyPercent: number;
  public abstract readonly overlaps: boolean;
  public readonly ofEcs = DeploymentStrategy.ROLLING;

  public require(): void {
    // any edge will do
  }

  public shift(): undefined {
    return undefined;
  }

  public serviceProps(): object {
    return {};
  }

  public finish(_: FargateService): void {
    // the L2 says it all
  }
}

/** Stop, then start. */
export class Recreate extends InPlace {
  public readonly name = 'recreate';
  public readonly minHealthyPercent = 0;
  public readonly maxHealthyPercent = 100;
  public readonly overlaps = false;
}

/** Start, then stop. */
export class Rolling extends InPlace {
  public readonly name = 'rolling';
  public readonly minHealthyPercent = 100;
  public readonly maxHealthyPercent = 200;
  public readonly overlaps = true;

  public constructor(private readonly deferredCleanup = false) {
    super();
  }

  /** Ends the deployment when its tasks are healthy; the old ones drain outside of it. */
  public finish(service: FargateService): void {
    if (this.deferredCleanup) {
      (service.node.defaultChild as CfnService).addPropertyOverride('DeploymentConfiguration.EarlySuccessCriteria', {
        Enable: true, HealthyPercent: HEALTHY_PERCENT, SourceServiceRevisionCleanup: 'DEFERRED',
      });
    }
  }
}
