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
    return new FlueDeployment(0, 100, false, options.rollback ?? true);
  }

  /**
   * Start, then stop: no gap, and two processes for about a minute.
   *
   * Up to Flue 1.x replies of that time can be lost; on 2.x prompts in flight resume about 44 s later.
   * A warning says so.
   */
  public static rolling(options: FlueDeploymentOptions = {}): FlueDeployment {
    return new FlueDeployment(100, 200, true, options.rollback ?? true);
  }

  private constructor(
    /** Share of the desired tasks, in percent, that keeps running during a deployment. */
    public readonly minHealthyPercent: number,
    /** Share of the desired tasks, in percent, that may run during a deployment. */
    public readonly maxHealthyPercent: number,
    /** Whether the old and the new process are live together. */
    public readonly overlaps: boolean,
    /** Whether a failed deployment goes back to the last good one. */
    public readonly rollback: boolean,
  ) {}
}
