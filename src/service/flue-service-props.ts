import type { Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { FlueModel } from './flue-model';
import type { IFlueDatabase } from '../database/database';

/**
 * Properties that every way of running a Flue server takes.
 */
export interface FlueServiceProps {
  /**
   * The VPC to run in.
   *
   * Throws when `cluster` or `database` is in another one.
   *
   * @default - the VPC of `cluster` or `database`; without either a new one with two availability zones, public and isolated subnets, an S3 gateway endpoint and no NAT gateway
   */
  readonly vpc?: IVpc;

  /**
   * The subnets that the server runs in.
   *
   * FlueEc2Service takes the first of them, which must be public. Elsewhere it throws for subnets in fewer than two
   * availability zones.
   *
   * @default - private subnets with a way out if the VPC has any, its public subnets otherwise; on EC2 always public ones
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the server.
   *
   * @default - a new one that admits only the load balancer; on EC2 the peers of `exposure`
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * Variables that are secret, as references that are resolved when the server starts.
   *
   * A secret that changes is seen by the next process, not by the running one.
   *
   * One of another stack with a key of its own makes the stacks wait for each other, because the policy of the key would name the role.
   * Import the secret by `Secret.fromSecretCompleteArn`, and let the role that reads it decrypt: `Key.fromKeyArn(…).grantDecrypt(…)` with the
   * execution role of `taskDefinition` on ECS, and `role` on EC2.
   *
   * Throws for a name that is reserved or also in `environment`.
   *
   * @default - none
   */
  readonly secrets?: { [name: string]: Secret };

  /**
   * Variables in plain text, readable by everyone who may describe the service.
   *
   * Throws for a name or a value that looks like a secret, and for a reserved name.
   *
   * @default - none besides those the server needs
   */
  readonly environment?: { [name: string]: string };

  /**
   * The Postgres that holds sessions, submissions and runs; its URL reaches the server as `DATABASE_URL`.
   *
   * @default - none; state lives in the memory of the process, or on the data volume of FlueEc2Service
   */
  readonly database?: IFlueDatabase;

  /**
   * The model that agents think with, and its key.
   *
   * @default - the app chooses; its key must be in `secrets`
   */
  readonly model?: FlueModel;

  /**
   * Path that the health check asks; the app must define it and answer 2xx without a redirect.
   *
   * Throws for `/`, a path without a leading slash, and a URL.
   *
   * @default '/health'
   */
  readonly healthCheckPath?: string;

  /**
   * Time from the start of the process to its first healthy answer, at most.
   *
   * Throws at 0, from the grace period of 300 s on ECS Express Mode, and on EC2 above 2700 s together with `stopTimeout`.
   *
   * @default Duration.seconds(60)
   */
  readonly startupBudget?: Duration;

  /**
   * Time during which failed health checks of a new process are ignored.
   *
   * Throws when it is not above `startupBudget` or does not cover the time to healthy; on ECS Express Mode,
   * which fixes it at 300 s, it must be left out.
   *
   * @default - `startupBudget` + check interval × healthy count + 30 s: 120 s
   */
  readonly healthCheckGracePeriod?: Duration;

  /**
   * Time that the longest prompt takes to answer; a reply as one JSON document sends no byte until then.
   *
   * Throws above 3940 s, the longest that a load balancer waits with a margin of 60 s, and above what
   * FlueExposure.cloudFront() or throughListener() waits.
   *
   * @default - 10 minutes, or what FlueExposure.cloudFront() and throughListener() leave
   */
  readonly longestRun?: Duration;

  /**
   * Time that the load balancer keeps a silent connection, 16–4000 s.
   *
   * Throws outside the range, below `longestRun`, which is 10 minutes unless you state it, and with
   * FlueExposure.throughListener(), which states it itself.
   *
   * @default - `longestRun` + 60 s
   */
  readonly idleTimeout?: Duration;

  /**
   * Time between SIGTERM and SIGKILL.
   *
   * Throws at or below the server's own shutdown bound of 60 s and, on Fargate, above 120 s. EC2 has no such cap: it may
   * be as long as the longest run, up to 2700 s together with `startupBudget`.
   *
   * @default Duration.seconds(90)
   */
  readonly stopTimeout?: Duration;

  /**
   * Log group that the server writes to.
   *
   * The role that writes may do so in this group alone. A group of another account or region is not reached.
   *
   * Throws beside `logRetention` and `logEncryptionKey`, which belong to a group that the service makes.
   *
   * @default - a new one
   */
  readonly logGroup?: ILogGroup;

  /**
   * Time that logs are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * Key that the logs are encrypted with; prompts and replies may stand in them.
   *
   * A key of this app gets a statement that lets CloudWatch Logs use it. The policy of an imported key cannot be changed from
   * here: it must admit `logs.<region>.amazonaws.com` already, or the log group cannot be created.
   *
   * @default - the key of CloudWatch Logs
   */
  readonly logEncryptionKey?: IKey;
}
