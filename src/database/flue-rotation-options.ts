import type { Duration } from 'aws-cdk-lib';
import type { SubnetSelection } from 'aws-cdk-lib/aws-ec2';

/**
 * Options of the rotation of passwords.
 */
export interface FlueRotationOptions {
  /**
   * The time after which Secrets Manager rotates a password again, from 1 day to 1000 days.
   *
   * A password works until the second rotation after its own, so every server has to start anew within this time. Throws outside the
   * range, and for a part of a day.
   *
   * @default Duration.days(30)
   */
  readonly automaticallyAfter?: Duration;

  /**
   * The subnets of the functions that rotate. They must reach the database and Secrets Manager.
   *
   * Throws for public subnets, in which a function has no address of its own, and for subnets of another VPC.
   *
   * @default - private subnets with a route to the internet if the VPC has any, the subnets of the database otherwise
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Whether to create an interface endpoint through which the functions reach Secrets Manager: 7.30 USD a month (us-east-1,
   * 2026-09-26).
   *
   * It is in one availability zone, and only the functions use it. Set it to false if the VPC has such an endpoint that this app does
   * not create.
   *
   * @default - true in subnets without a route to the internet, unless this app has created such an endpoint in the VPC
   */
  readonly createEndpoint?: boolean;
}
