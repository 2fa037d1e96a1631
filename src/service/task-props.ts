import type { Duration, Size } from 'aws-cdk-lib';
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { FlueServiceProps } from './flue-service-props';
import type { IFlueImage } from '../image/image';
import type { FlueTelemetry } from '../operations/flue-telemetry';

/**
 * Properties of a Flue server that runs as ECS tasks on Fargate.
 */
export interface FlueTaskProps extends FlueServiceProps {
  /** The image to run: built from an app directory, or one that exists. */
  readonly image: IFlueImage;

  /**
   * CPU units of a task, 1024 to the vCPU.
   *
   * Throws for a number that Fargate does not offer, naming the nearest.
   *
   * @default 512
   */
  readonly cpu?: number;

  /**
   * Memory of a task, in MiB.
   *
   * Throws for an amount that Fargate does not offer with `cpu`, naming the nearest pair.
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
   * Whether the root file system of the server is read-only; `/tmp` then is a volume of its own.
   *
   * Flue itself boots and runs a workflow without a writable path, and an agent with a shell in memory asks for none but `/tmp`
   * (measured on 0.10.2). The volume is writable for the image's user when the image
   * declares `VOLUME ["/tmp"]`, as the provided Dockerfile does; without it only root may write there. Throws with
   * `enableExecuteCommand`, whose agent needs a root that is writable (Amazon ECS developer guide, ECS Exec).
   *
   * @default false
   */
  readonly readonlyRootFilesystem?: boolean;

  /**
   * Whether the server runs without any Linux capability.
   *
   * One that does not run as root has none anyway; an image that starts as root and then changes its user needs them.
   *
   * @default false
   */
  readonly dropAllCapabilities?: boolean;

  /**
   * Fewest tasks that run.
   *
   * Throws below 1: a service scaled to zero cuts its streams and forgets its sessions.
   *
   * @default 1
   */
  readonly minTasks?: number;

  /**
   * Most tasks that run.
   *
   * Throws below `minTasks`, and above 1 without a database. Above 1 a warning says what two live
   * processes on one schema cost.
   *
   * @default - `minTasks`
   */
  readonly maxTasks?: number;

  /**
   * Average processor use, in percent, that scaling between `minTasks` and `maxTasks` aims at; where they are equal, nothing scales.
   *
   * Throws below 1 and above 100.
   *
   * @default 60
   */
  readonly targetCpuUtilizationPercent?: number;

  /**
   * Role that the server has: what its agents may do in the account.
   *
   * It gets what a new role would get: the model on Amazon Bedrock, the traces of `telemetry`, and the channel of ECS Exec.
   * A role imported as immutable gets nothing. It must trust `ecs-tasks.amazonaws.com` and allow all of that already.
   *
   * @default - a new one that only ECS tasks can assume
   */
  readonly taskRole?: IRole;

  /**
   * Role by which ECS prepares the task: it pulls the image, reads the secrets and writes the logs.
   *
   * It gets what a new role would get. A role imported as immutable gets nothing. It must trust `ecs-tasks.amazonaws.com` and allow
   * to pull the image, to read each secret, with its key, and to write to the log group already, or no task starts.
   *
   * @default - a new one that only ECS tasks can assume
   */
  readonly executionRole?: IRole;

  /**
   * The cluster to run in.
   *
   * `addAlarms()` needs its Container Insights: without them nothing counts the tasks that run.
   *
   * @default - a new one with Container Insights
   */
  readonly cluster?: ICluster;

  /**
   * Time that the load balancer gives open requests before the process gets SIGTERM, 0–3600 s.
   *
   * Keep it short: an open stream holds it for the whole delay, and clients resume from an offset.
   *
   * Throws outside the range, for a part of a second, and above 120 s in a FlueFargateService whose deployment stops the
   * old task first, as `FlueDeployment.recreate()` does: nothing answers during that time.
   *
   * @default Duration.seconds(15)
   */
  readonly deregistrationDelay?: Duration;

  /**
   * Where traces and metrics go.
   *
   * Throws when one of its variables is also in `environment` or `secrets`.
   *
   * @default - nowhere
   */
  readonly telemetry?: FlueTelemetry;
}
