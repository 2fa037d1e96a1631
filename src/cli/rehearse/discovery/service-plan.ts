import type { ImageSource } from '../../assembly/assembly';

/** What a synthesized service tells its server's process, and expects of it. */
export interface ServicePlan {
  /** Construct path by which the user names the service. */
  readonly path: string;
  /** What runs it, for the reader. */
  readonly platform: string;
  readonly container: ContainerPlan;
  readonly memoryMiB?: number;
  readonly vcpu?: number;
  readonly healthCheck?: HealthCheckPlan;
  readonly gracePeriodSeconds?: number;
  readonly idleTimeoutSeconds?: number;
  readonly startupBudgetSeconds: number;
  readonly longestRunSeconds?: number;
}

export interface ContainerPlan {
  readonly name: string;
  readonly port: number;
  /** Plain variables; undefined for a value that only the deployment knows. */
  readonly environment: { readonly [name: string]: string | undefined };
  /** Names of the variables that come from a secret store. */
  readonly secrets: readonly string[];
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly readOnlyRoot: boolean;
  readonly init: boolean;
  readonly stopTimeoutSeconds: number;
  /** What the image is built from, where the assembly builds it. */
  readonly image?: ImageSource;
}

export interface HealthCheckPlan {
  readonly path: string;
  /** Accepted status codes, such as `200-299` or `200,204`. */
  readonly matcher: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyCount: number;
}
