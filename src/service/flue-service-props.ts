import type { Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { FlueModel } from './flue-model';
import type { IFlueDatabase } from '../database/database';

/**
 * Properties of every Flue server, on any platform.
 */
export interface FlueServiceProps {
  /**
   * The VPC to run in.
   *
   * Throws if `cluster` or `database` is in another one.
   *
   * @default - the VPC of `cluster` or `database`; without either a new one with two availability zones, public and isolated subnets, an S3 gateway endpoint and no NAT gateway
   */
  readonly vpc?: IVpc;

  /**
   * The subnets of the server.
   *
   * FlueEc2Service uses the first of them, which must be public. The other platforms throw for subnets in fewer than two
   * availability zones. Throws for subnets of another VPC, and if `vpc`, `cluster` and `database` name none.
   *
   * @default - private subnets with a route to the internet if the VPC has any, its public subnets otherwise; on EC2 always public ones
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the server, 1–5.
   *
   * Throws for none and for more than five.
   *
   * @default - a new one that admits only the load balancer, or on EC2 the peers of `exposure`
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * Secret environment variables, from Secrets Manager or Parameter Store. The platform reads them when the server starts.
   *
   * If you change a secret, the running server keeps the old value, and the next one gets the new value.
   *
   * A secret of another stack with its own KMS key makes a cycle between the stacks, because the key policy would name the
   * role. Import it with `Secret.fromSecretCompleteArn`, and let the role decrypt it: `Key.fromKeyArn(…).grantDecrypt(…)` with
   * the execution role of `taskDefinition` on ECS, and with `role` on EC2.
   *
   * Throws for a reserved name, and for one that is also in `environment`.
   *
   * @default - none
   */
  readonly secrets?: { [name: string]: Secret };

  /**
   * Environment variables in plain text. Everyone who may describe the service can read them.
   *
   * `NODE_OPTIONS` comes after the options that the server needs, and does not replace them.
   *
   * Throws for a name or a value that looks like a secret, for a reserved name, for `NODE_TLS_REJECT_UNAUTHORIZED: '0'`, with which
   * Node.js verifies no certificate, and for a `NODE_EXTRA_CA_CERTS` in the place of the certificates of the database. `caBundleFile`
   * of FlueImage adds yours to those.
   *
   * @default - only those that the server needs
   */
  readonly environment?: { [name: string]: string };

  /**
   * The model of the agents, and its API key.
   *
   * @default - none: the app chooses, and you pass its key in `secrets`
   */
  readonly model?: FlueModel;

  /**
   * The path of the health check. Your app must define it and answer 2xx without a redirect.
   *
   * Throws for `/`, a path without a leading slash, and a URL.
   *
   * @default '/health'
   */
  readonly healthCheckPath?: string;

  /**
   * The longest time from the start of the server to its first healthy answer.
   *
   * Throws for 0, for 300 s or more on ECS Express Mode, which has a fixed grace period, and on EC2 above 2700 s together with
   * `stopTimeout`.
   *
   * @default Duration.seconds(60)
   */
  readonly startupBudget?: Duration;

  /**
   * The time during which the platform ignores failed health checks of a new server.
   *
   * Throws if it is not above `startupBudget`, or shorter than the time to healthy. Leave it out on ECS Express Mode, which
   * fixes it at 300 s.
   *
   * @default - `startupBudget` + check interval × healthy count + 30 s: 120 s
   */
  readonly healthCheckGracePeriod?: Duration;

  /**
   * The time that the longest prompt takes. A reply as one JSON document sends no byte until it is done.
   *
   * Throws above 3940 s, because a load balancer waits at most 4000 s and 60 s are kept as a margin. Throws above the time that
   * FlueExposure.cloudFront() or throughListener() waits.
   *
   * @default - 10 minutes, or what FlueExposure.cloudFront() and throughListener() leave
   */
  readonly longestRun?: Duration;

  /**
   * The time that the load balancer keeps a silent connection, 16–4000 s.
   *
   * Throws outside the range, below `longestRun`, which is 10 minutes unless you state it, and with
   * FlueExposure.throughListener(), which states it itself.
   *
   * @default - `longestRun` + 60 s
   */
  readonly idleTimeout?: Duration;

  /**
   * The time between SIGTERM and SIGKILL.
   *
   * Throws for 60 s or less, the server's own shutdown limit, and on Fargate above 120 s. On EC2 it can be as long as the
   * longest run, up to 2700 s together with `startupBudget`.
   *
   * @default Duration.seconds(90)
   */
  readonly stopTimeout?: Duration;

  /**
   * The log group of the server.
   *
   * The role gets permission to write to this group only. The group must be in the same account and region.
   *
   * Throws with `logRetention` or `logEncryptionKey`, which belong to a group that the service creates.
   *
   * @default - a new one
   */
  readonly logGroup?: ILogGroup;

  /**
   * How long CloudWatch keeps the logs.
   *
   * Throws for anything but a member of `RetentionDays`, and with `logGroup`.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * The KMS key that encrypts the logs, which can contain prompts and replies.
   *
   * The construct adds a statement to a key of this app that lets CloudWatch Logs use it. It cannot change the policy of an
   * imported key, which must admit `logs.<region>.amazonaws.com` already. Otherwise the log group cannot be created.
   *
   * @default - the key of CloudWatch Logs
   */
  readonly logEncryptionKey?: IKey;
}

/**
 * Properties of a Flue server with one place for its state.
 */
export interface FlueSingleServiceProps extends FlueServiceProps {
  /**
   * The Postgres that stores sessions, submissions and runs. The server gets its URL as `DATABASE_URL`.
   *
   * @default - none: the server keeps its state in memory, or on the data volume of FlueEc2Service
   */
  readonly database?: IFlueDatabase;
}
