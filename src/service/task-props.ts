import type { Duration, Size } from 'aws-cdk-lib';
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { FlueRedeployOptions } from './flue-redeploy-options';
import type { FlueServiceProps, FlueSingleServiceProps } from './flue-service-props';
import type { IFlueImage } from '../image/image';
import type { FlueTelemetry } from '../operations/flue-telemetry';

/**
 * Properties of every Flue server that runs as ECS tasks on Fargate, however many tasks there are.
 */
export interface FlueTaskBaseProps extends FlueServiceProps {
  /**
   * The image to run: built from an app directory, or one that exists.
   *
   * If another stack builds it, this stack waits for that one. Throws if that stack is of another account or stage.
   */
  readonly image: IFlueImage;

  /**
   * CPU units of a task, 1024 to the vCPU.
   *
   * Throws for a number that Fargate does not offer, and names the nearest.
   *
   * @default 512
   */
  readonly cpu?: number;

  /**
   * Memory of a task, in MiB.
   *
   * Throws for an amount that Fargate does not offer with `cpu`, and names the nearest pair.
   *
   * @default 1024
   */
  readonly memoryLimitMiB?: number;

  /**
   * Ephemeral storage of a task, 21–200 GiB.
   *
   * Throws outside the range and for a part of a GiB.
   *
   * @default - the 20 GiB that every task has
   */
  readonly ephemeralStorage?: Size;

  /**
   * Whether the root file system of the server is read-only. `/tmp` is then a separate volume.
   *
   * Flue starts and runs a workflow without a writable path, and an agent with a shell in memory needs only `/tmp` (measured on
   * 0.10.2). If the image declares `VOLUME ["/tmp"]`, as the provided Dockerfile does, its user can write there. Otherwise only
   * root can. Throws with `enableExecuteCommand`, whose agent needs a writable root file system (Amazon ECS developer guide,
   * ECS Exec).
   *
   * @default false
   */
  readonly readonlyRootFilesystem?: boolean;

  /**
   * Whether the server runs without any Linux capability.
   *
   * A server that does not run as root has none anyway. An image that starts as root and then changes its user needs them.
   *
   * @default false
   */
  readonly dropAllCapabilities?: boolean;

  /**
   * Whether ECS asks for the health of the server inside its container too, as the load balancer does from outside.
   *
   * The load balancer alone makes ECS replace a server that hangs, 45 s after its last answer, so this is off. It adds the health of the
   * container to what ECS says of a task, and a task of which another container waits until the server is healthy. Each check starts
   * a process of Node.js, for up to 0.1 s of a processor and 46 MiB of the memory of the task (measured); the image must have `node` on its path.
   * Until `startupBudget` is over, no failure counts: a server that starts more slowly is killed in the end.
   *
   * Throws with a `startupBudget` above 300 s, the longest that ECS waits.
   *
   * @default false
   */
  readonly containerHealthCheck?: boolean;

  /**
   * The task role: it decides what the server and its agents may do in the account.
   *
   * The construct grants it what a new role would get: the model on Amazon Bedrock, the traces of `telemetry`, and the channel
   * of ECS Exec. It grants nothing to a role imported as immutable. Such a role must trust `ecs-tasks.amazonaws.com` and allow
   * all of that already.
   *
   * @default - a new one that only ECS tasks can assume
   */
  readonly taskRole?: IRole;

  /**
   * The task execution role, with which ECS pulls the image, reads the secrets and writes the logs.
   *
   * The construct grants it what a new role would get. It grants nothing to a role imported as immutable. Such a role must
   * trust `ecs-tasks.amazonaws.com`, and already be able to pull the image, read each secret, use its key, and write to the log
   * group. Otherwise no task starts.
   *
   * @default - a new one that only ECS tasks can assume
   */
  readonly executionRole?: IRole;

  /**
   * The cluster to run in.
   *
   * `addAlarms()` needs its Container Insights, which count the running tasks.
   *
   * Throws for a cluster whose VPC is not known, such as that of `Cluster.fromClusterArn()`, if `vpc` and `database` name none.
   *
   * @default - a new one with Container Insights
   */
  readonly cluster?: ICluster;

  /**
   * The time that the load balancer gives open requests before ECS sends SIGTERM, 0–3600 s.
   *
   * With an open request, ECS waits for the whole delay, and with `FlueDeployment.recreate()` no server answers meanwhile. Up to Flue
   * 1.x, a prompt is answered on its connection, and SIGTERM ends it: a prompt that takes longer than the delay is lost. From 2.x on,
   * clients read on from an offset, so keep it short.
   *
   * Throws outside the range, for a part of a second, and above 120 s with `FlueDeployment.recreate()`, because no server
   * answers during that time.
   *
   * @default - 15 s; for an image whose `flueMajor` is 0 or 1, `longestRun`, from 15 s to 60 s
   */
  readonly deregistrationDelay?: Duration;

  /**
   * Deploys the server anew after a secret of Secrets Manager has changed, by its own deployment: pass `{}` to look every 15 minutes.
   *
   * A running server keeps the values with which it started. It watches `secrets`, and those of `model`, `telemetry` and `database`.
   * The login of a `database` with `rotation` is always watched. Parameters of Parameter Store are not: reading when one has changed
   * would read its value too.
   *
   * Throws if no secret is in Secrets Manager.
   *
   * @default - only the login of a `database` with `rotation`, every 15 minutes
   */
  readonly redeployOnSecretChange?: FlueRedeployOptions;

  /**
   * The destination of traces and metrics.
   *
   * Throws if one of its variables is also in `environment` or `secrets`.
   *
   * @default - none
   */
  readonly telemetry?: FlueTelemetry;
}

/**
 * Properties of a Flue server that runs as ECS tasks on Fargate.
 */
export interface FlueTaskProps extends FlueTaskBaseProps, FlueSingleServiceProps {
  /**
   * The least number of tasks.
   *
   * Throws below 1: a service scaled to zero cuts its streams and forgets its sessions.
   *
   * @default 1
   */
  readonly minTasks?: number;

  /**
   * The greatest number of tasks.
   *
   * Throws below `minTasks`, and above 1 without a database. Above 1 a warning says what two live
   * processes on one schema cost.
   *
   * @default - `minTasks`
   */
  readonly maxTasks?: number;

  /**
   * Average CPU utilization, in percent, that scaling between `minTasks` and `maxTasks` aims at. If they are equal, nothing scales.
   *
   * Throws below 1 and above 100.
   *
   * @default 60
   */
  readonly targetCpuUtilizationPercent?: number;
}
