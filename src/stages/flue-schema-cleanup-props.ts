import type { SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IFlueSchemaHost } from '../database/flue-schema';

/**
 * Properties of what drops the schemas of deleted stacks.
 */
export interface FlueSchemaCleanupProps {
  /**
   * The database in which previews have schemas.
   *
   * Throws for one whose VPC is not known.
   */
  readonly database: IFlueSchemaHost;

  /**
   * The subnets of the task, which pulls its image and reads the secret of the administrator.
   *
   * Throws for subnets of another VPC.
   *
   * @default - private subnets with a route to the internet where the VPC has them, public ones otherwise
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The cluster that the task runs in.
   *
   * @default - a new one
   */
  readonly cluster?: ICluster;

  /**
   * The log group of the task, which says what it dropped.
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
