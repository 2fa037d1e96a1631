import type { Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/**
 * How an inbox delivers.
 */
export interface FlueInboxOptions {
  /**
   * The token that the app asks for, sent as `Authorization: Bearer`. The function reads it, and no template or variable holds it.
   *
   * Throws without one if the service has `auth`.
   *
   * @default - none: the app asks for no token
   */
  readonly token?: ISecret;

  /**
   * The field of `token` with the value, if the secret is JSON.
   *
   * Throws for a name with a colon, a brace or white space, and without `token`.
   *
   * @default - the whole secret is the value
   */
  readonly tokenField?: string;

  /**
   * The path at which the app mounts its agents for events, such as `/inbox`.
   *
   * With `auth`, the load balancer turns away whoever does not sign in. Mount the agents a second time below a path of their own,
   * ask for `token` there, and name `/inbox/*` in `publicPaths`. Throws if `auth` does not let the path pass.
   *
   * @default - the agents are at `/agents/…`
   */
  readonly pathPrefix?: string;

  /**
   * The VPC that the function runs in.
   *
   * @default - the VPC of the service if its load balancer is internal, none otherwise
   */
  readonly vpc?: IVpc;

  /**
   * The subnets of the function. It needs a way to Amazon SQS, and to AWS Secrets Manager if there is a `token`: a NAT gateway, or a VPC
   * endpoint for each.
   *
   * Throws without a VPC.
   *
   * @default - private subnets with a way out if the VPC has them, those of the service otherwise
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the function, 1–5. Throws for any other number, and without a VPC.
   *
   * @default - one of its own, which the load balancer of the service admits
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * The number of conversations that get an event at the same time, 2–1000.
   *
   * Throws outside the range.
   *
   * @default 10
   */
  readonly maxConcurrency?: number;

  /**
   * How long the inbox goes on trying while the server does not take an event, 60 s to three days. Then the event is a dead letter.
   * EventBridge and Scheduler go on for as long to send an event to the inbox, a day at most.
   *
   * Throws outside the range.
   *
   * @default Duration.days(1)
   */
  readonly retryFor?: Duration;

  /**
   * Whether an event is sent again if the server may have begun with it: the connection broke, or the answer was a 5xx other than 503.
   *
   * Flue 2 knows the event by its key and takes it once. On Flue 0 and 1 a second request is a second prompt, so the event becomes a dead
   * letter, and you decide.
   *
   * @default - true on Flue 2, false on any other
   */
  readonly repeatInterrupted?: boolean;

  /**
   * The topic that gets a message when an alarm is raised, and when it is over.
   *
   * The construct allows CloudWatch to use the key of the topic. It cannot change the policy of an imported key, and warns you of it.
   *
   * @default - none: the alarms notify no one, and the inbox warns you of it
   */
  readonly topic?: ITopic;

  /**
   * How long the logs of the functions are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * The KMS key that encrypts the logs of the functions. They name conversations and what the server answered, and hold no text of an event.
   *
   * The inbox adds a statement to a key of this app that lets CloudWatch Logs use it. It cannot change the policy of an imported key, which
   * must admit `logs.<region>.amazonaws.com` already. Otherwise the log groups cannot be created. Throws for an asymmetric key, one
   * that is not enabled, and one of another region.
   *
   * @default - the key of CloudWatch Logs
   */
  readonly logEncryptionKey?: IKey;
}
