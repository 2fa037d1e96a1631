import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IWebACLRef } from 'aws-cdk-lib/aws-wafv2';
import type { FlueAuth } from '../../edge/flue-auth';
import type { FlueExposure } from '../../edge/flue-exposure';
import type { FlueDeployment } from '../../timers/flue-deployment';
import type { FlueTaskProps } from '../task-props';

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
   * Sign-in that the load balancer asks for before a request reaches the server.
   *
   * Throws without HTTPS at the load balancer.
   *
   * @default - none: the app itself must ask who calls
   */
  readonly auth?: FlueAuth;

  /**
   * Certificate of the HTTPS listener; with one, HTTP redirects to HTTPS.
   *
   * Throws with FlueExposure.cloudFront(), which takes its own, and with FlueExposure.throughListener().
   *
   * @default - one made for `domainName` in `hostedZone`; without these the listener is plain HTTP, and a warning says so
   */
  readonly certificate?: ICertificate;

  /**
   * Domain name that clients use.
   *
   * Throws without `certificate` and `hostedZone`, and when it is not in the zone. FlueExposure.cloudFront() takes the
   * certificate; with FlueExposure.throughListener() it must be a host of its conditions.
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
   * Protocols and ciphers of the HTTPS listener.
   *
   * Throws without a certificate.
   *
   * @default SslPolicy.RECOMMENDED_TLS
   */
  readonly sslPolicy?: SslPolicy;

  /**
   * Whether the load balancer logs every request: who called what, when, and with which answer.
   *
   * Without `accessLogsBucket` a bucket is made: encrypted, private, emptied of what is older than 90 days, and kept
   * when the stack is deleted.
   *
   * Throws in a stack that does not name its region, and for false beside `accessLogsBucket`.
   *
   * @default - true with `accessLogsBucket`, false without
   */
  readonly accessLogs?: boolean;

  /**
   * Bucket for the access logs of the load balancer.
   *
   * Throws in a stack that does not name its region, and for a bucket with a key of AWS KMS, to which no load
   * balancer writes.
   *
   * @default - a new one with `accessLogs`; no access logs otherwise
   */
  readonly accessLogsBucket?: IBucket;

  /**
   * Web ACL of AWS WAF in front of the load balancer; it filters requests, and authenticates nobody.
   *
   * Of a body it reads the first 8 KiB; the core rule set of AWS refuses longer ones, long prompts among them. WAF is
   * billed by itself. A web ACL of another app is put before `loadBalancer` with a `CfnWebACLAssociation`.
   *
   * Throws for a web ACL of the scope CLOUDFRONT.
   *
   * @default - none
   */
  readonly webAcl?: IWebACLRef;

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
