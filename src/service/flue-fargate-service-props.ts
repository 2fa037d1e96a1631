import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { FlueDeployment } from './flue-deployment';
import type { FlueTaskProps } from './task-props';
import type { FlueExposure } from '../edge/flue-exposure';

/**
 * Properties of a Flue server on ECS Fargate.
 */
export interface FlueFargateServiceProps extends FlueTaskProps {
  /**
   * How a new process replaces the old one.
   *
   * @default FlueDeployment.recreate()
   */
  readonly deployment?: FlueDeployment;

  /**
   * Who may reach the load balancer.
   *
   * @default FlueExposure.open()
   */
  readonly exposure?: FlueExposure;

  /**
   * Certificate of the HTTPS listener; with one, HTTP redirects to HTTPS.
   *
   * @default - one made for `domainName` in `hostedZone`; without these the listener is plain HTTP, and a warning says so
   */
  readonly certificate?: ICertificate;

  /**
   * Domain name that clients use.
   *
   * Throws without `certificate` and `hostedZone`, and when it is not in the zone.
   *
   * @default - the load balancer's own name
   */
  readonly domainName?: string;

  /**
   * Hosted zone in which the record of `domainName` is made.
   *
   * @default - no record is made
   */
  readonly hostedZone?: IHostedZone;

  /**
   * Bucket for the access logs of the load balancer; the stack must name its region.
   *
   * @default - no access logs
   */
  readonly accessLogsBucket?: IBucket;

  /**
   * Whether the load balancer refuses to be deleted.
   *
   * @default false
   */
  readonly loadBalancerDeletionProtection?: boolean;

  /**
   * Whether ECS Exec may open a shell in the running task.
   *
   * What a session prints goes to `logGroup`. A cluster that is given decides that by itself; without a log
   * configuration of its own the task may then write to every log group of the account.
   *
   * @default false
   */
  readonly enableExecuteCommand?: boolean;
}
