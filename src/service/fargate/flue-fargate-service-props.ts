import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IWebACLRef } from 'aws-cdk-lib/aws-wafv2';
import type { FlueAuth } from '../../edge/flue-auth';
import type { FlueExposure } from '../../edge/flue-exposure';
import type { FlueDeployment } from '../../timers/flue-deployment';
import type { FlueTaskBaseProps, FlueTaskProps } from '../task-props';

/**
 * Properties of every Flue server on ECS Fargate behind an Application Load Balancer.
 */
export interface FlueFargateBaseProps extends FlueTaskBaseProps {
  /**
   * The exposure: who can reach the load balancer.
   *
   * @default FlueExposure.open()
   */
  readonly exposure?: FlueExposure;

  /**
   * The authentication at the load balancer, before a request reaches the server.
   *
   * Throws without HTTPS at the load balancer.
   *
   * @default - none: the app itself must authenticate callers
   */
  readonly auth?: FlueAuth;

  /**
   * The certificate of the HTTPS listener. With it, HTTP redirects to HTTPS.
   *
   * Throws for another region or account than that of the stack, with FlueExposure.cloudFront(), which has its own option for it, and with FlueExposure.throughListener().
   *
   * @default - a new one for `domainName` in `hostedZone`; without these the listener is plain HTTP, and the service warns you of it
   */
  readonly certificate?: ICertificate;

  /**
   * The domain name that clients use.
   *
   * Throws without `certificate` or `hostedZone`, and for a name outside the zone. With FlueExposure.cloudFront(), pass the
   * certificate there. With FlueExposure.throughListener(), it must be a host of its conditions.
   *
   * @default - the load balancer's own name
   */
  readonly domainName?: string;

  /**
   * The hosted zone in which the construct creates the record of `domainName`.
   *
   * @default - none: you create the record
   */
  readonly hostedZone?: IHostedZone;

  /**
   * The security policy of the HTTPS listener: its protocols and ciphers.
   *
   * Throws without a certificate, and for anything but a member of `SslPolicy`.
   *
   * @default SslPolicy.RECOMMENDED_TLS
   */
  readonly sslPolicy?: SslPolicy;

  /**
   * Whether the load balancer logs every request: caller, path, time and status.
   *
   * Without `accessLogsBucket`, the construct creates an encrypted, private bucket. It deletes logs after 90 days and stays
   * when you delete the stack.
   *
   * Throws in a stack that does not name its region, and for false with `accessLogsBucket`.
   *
   * @default - true with `accessLogsBucket`, false without
   */
  readonly accessLogs?: boolean;

  /**
   * The bucket for the access logs of the load balancer.
   *
   * Throws in a stack that does not name its region, and for a bucket with a KMS key, because a load balancer cannot write to
   * it. For an imported bucket, the service warns you that its policy must admit the load balancer.
   *
   * @default - a new one with `accessLogs`; no access logs otherwise
   */
  readonly accessLogsBucket?: IBucket;

  /**
   * The web ACL of AWS WAF in front of the load balancer. It filters requests, but authenticates no one.
   *
   * AWS WAF reads the first 8 KiB of a body. The core rule set of AWS blocks longer bodies, and so long prompts. AWS bills WAF
   * separately. For a web ACL of another app, use a `CfnWebACLAssociation` with `loadBalancer`.
   *
   * Throws for a web ACL with the scope CLOUDFRONT.
   *
   * @default - none
   */
  readonly webAcl?: IWebACLRef;

  /**
   * Whether the load balancer is protected from deletion.
   *
   * @default false
   */
  readonly loadBalancerDeletionProtection?: boolean;

  /**
   * Whether you can open a shell in the running task with ECS Exec.
   *
   * ECS writes the output of a session to `logGroup`. If you pass a `cluster`, its own configuration applies. If that has no
   * log configuration, the task may write to every log group of the account.
   *
   * @default false
   */
  readonly enableExecuteCommand?: boolean;
}

/**
 * Properties of a Flue server on ECS Fargate.
 */
export interface FlueFargateServiceProps extends FlueFargateBaseProps, FlueTaskProps {
  /**
   * The deployment strategy: how ECS replaces the running task by a new one.
   *
   * @default FlueDeployment.recreate()
   */
  readonly deployment?: FlueDeployment;
}
