import type { Size } from 'aws-cdk-lib';
import type { SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { ContainerImage, CpuArchitecture, ICluster } from 'aws-cdk-lib/aws-ecs';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { FlueSandboxEgress } from './flue-sandbox-egress';
import type { FlueSandboxEndpointOptions } from './flue-sandbox-endpoint-options';

/**
 * Options of sandboxes that are tasks on AWS Fargate.
 */
export interface FlueFargateSandboxOptions {
  /**
   * The subnets of the sandboxes, without a route to the internet.
   *
   * Throws for none, for subnets that are known to have such a route, for those of another VPC, and for imported ones whose route
   * tables are not known where the endpoint of Amazon S3 has to be made.
   *
   * @default - the isolated subnets of the VPC; throws if it has none
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The image of a sandbox, in Amazon ECR: the daemon of this library on port 8080, with the tools of your agents.
   *
   * It must run as user 1000 with a read-only root. Build yours with `ecs.ContainerImage.fromAsset(…)` from the folder `assets/sandbox` of this package,
   * whose build argument `PACKAGES` names packages of Debian, such as `git python3`.
   *
   * @default - that of the folder, without further packages
   */
  readonly image?: ContainerImage;

  /**
   * The CPU architecture of the image.
   *
   * @default CpuArchitecture.X86_64
   */
  readonly cpuArchitecture?: CpuArchitecture;

  /**
   * CPU units of a sandbox; 1024 are one vCPU.
   *
   * Throws for a number that Fargate does not offer.
   *
   * @default 512
   */
  readonly cpu?: number;

  /**
   * Memory of a sandbox in MiB.
   *
   * Throws for a number that Fargate does not offer with `cpu`.
   *
   * @default 1024
   */
  readonly memoryLimitMiB?: number;

  /**
   * Disk of a sandbox, 21–200 whole GiB. It holds the image, the workspace and /tmp, and is gone with the sandbox.
   *
   * Throws outside the range.
   *
   * @default - 20 GiB, which every task has
   */
  readonly ephemeralStorage?: Size;

  /**
   * The cluster of the sandboxes.
   *
   * @default - a new one, without Container Insights
   */
  readonly cluster?: ICluster;

  /**
   * VPC endpoints that exist. Each that is missing is made, at 7.3 USD a month in each availability zone (us-east-1, 2026-09-26); that of S3 is free.
   *
   * @default - those that this app makes in the VPC
   */
  readonly endpoints?: FlueSandboxEndpointOptions;

  /**
   * What commands reach beside what starts a sandbox: nothing, what a proxy of yours lets through, or the services of VPC endpoints.
   *
   * @default FlueSandboxEgress.none()
   */
  readonly egress?: FlueSandboxEgress;

  /**
   * The domains that anything in the VPC may look up, beside those that the sandboxes need; up to 1000, such as `api.anthropic.com` or `*.example.com`.
   *
   * Security groups do not hold DNS: without this list a sandbox can carry data out in the names that it looks up. With it, Route 53 Resolver DNS Firewall
   * answers no other name. The firewall is one for the VPC, so name all that your servers look up, such as the host of the database. An empty
   * list suits a VPC in which nothing but sandboxes and AWS endpoints are looked up.
   *
   * Throws for what is no name of a domain.
   *
   * @default - every name is answered, and the construct warns you of it
   */
  readonly allowedDomains?: string[];

  /**
   * The topic that gets a message when the alarm is raised, and when it is over.
   *
   * @default - none: the alarm notifies no one, and the construct warns you of it
   */
  readonly topic?: ITopic;

  /**
   * The log group of the sandboxes.
   *
   * Throws with `logRetention` or `logEncryptionKey`, which belong to a group that the construct creates.
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
   * The KMS key that encrypts the logs. If this app creates the key, the construct lets CloudWatch Logs use it.
   *
   * Throws with `logGroup`.
   *
   * @default - the key of CloudWatch Logs
   */
  readonly logEncryptionKey?: IKey;
}
