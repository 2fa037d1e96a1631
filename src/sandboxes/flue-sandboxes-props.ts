import type { Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { FlueSandbox } from './flue-sandbox';

/**
 * Properties of a pool of sandboxes.
 */
export interface FlueSandboxesProps {
  /**
   * The VPC of the servers that start sandboxes, and of sandboxes that are tasks.
   *
   * On Fargate, throws for one that was imported without `vpcCidrBlock`, unless `endpoints` holds all interface endpoints.
   */
  readonly vpc: IVpc;

  /**
   * What a sandbox is: a task on AWS Fargate, or a session of a code interpreter of Amazon Bedrock AgentCore.
   *
   * @default FlueSandbox.fargate()
   */
  readonly sandbox?: FlueSandbox;

  /**
   * How long a sandbox lives at most, 60–86400 whole seconds, and 28800 for a code interpreter. It ends by itself then; on Fargate, the reaper stops the one that
   * does not.
   *
   * Throws outside the range.
   *
   * @default Duration.hours(1)
   */
  readonly maxLifetime?: Duration;

  /**
   * How long a sandbox lives without a request of its server, 60–86400 whole seconds.
   *
   * Throws outside the range, and above `maxLifetime`.
   *
   * @default - 15 minutes, or `maxLifetime` if it is shorter
   */
  readonly idleTimeout?: Duration;

  /**
   * How many sandboxes one server keeps at once, 1–500. The adapter in the app keeps to it. On Fargate, an alarm is raised above it.
   *
   * Throws outside the range.
   *
   * @default 10
   */
  readonly maxConcurrent?: number;
}
