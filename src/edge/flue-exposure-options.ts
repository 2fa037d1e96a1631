import type { Duration } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { PriceClass } from 'aws-cdk-lib/aws-cloudfront';
import type { IPrefixList } from 'aws-cdk-lib/aws-ec2';
import type { ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IWebACLRef } from 'aws-cdk-lib/aws-wafv2';

/**
 * Options of a service behind a listener that it shares.
 */
export interface FlueListenerOptions {
  /**
   * The conditions of the listener rule, at least one of them with a host or a path.
   *
   * The load balancer does not rewrite paths: for the condition `/team-a/*`, the server gets `/team-a/agents/…`. If your app
   * does not expect the prefix, use a host condition. If you combine `auth` with a path, add `/oauth2/idpresponse`, where the
   * sign-in ends.
   *
   * Throws without a host and a path, for a condition without a value, and for more than five values together.
   */
  readonly conditions: ListenerCondition[];

  /**
   * Priority of the rule, 1–50000. The matching rule with the lowest number wins.
   *
   * Throws outside the range. If two rules have the same priority, the deployment fails.
   */
  readonly priority: number;

  /**
   * The idle timeout that the load balancer has, 16–4000 s.
   *
   * The construct derives the keep-alive of the server from it. `longestRun` cannot be longer, and is by default this timeout or
   * 10 minutes, whichever is less. The default of Elastic Load Balancing is 60 s.
   *
   * Throws outside the range and below `longestRun`.
   */
  readonly idleTimeout: Duration;

  /**
   * The URL at which clients reach the server, with its scheme and without a trailing slash.
   *
   * Throws for anything else, for a user or a password in it, and if you leave it out with the listener of another app.
   *
   * @default - for a listener of this app, the host of `conditions` or the name of the load balancer
   */
  readonly url?: string;
}

/**
 * Options of CloudFront in front of a service.
 */
export interface FlueCloudFrontOptions {
  /**
   * The time that CloudFront waits for the first byte of a reply and for each next one, 16–180 s.
   *
   * Above 60 s, you may have to raise a quota of your account first. Otherwise the deployment fails.
   *
   * Throws outside the range.
   *
   * @default Duration.seconds(60)
   */
  readonly readTimeout?: Duration;

  /**
   * The certificate for `domainName` of the service, from us-east-1.
   *
   * Throws for another region, and for a certificate without `domainName` or the reverse.
   *
   * @default - none; clients use the name of the distribution and its certificate
   */
  readonly certificate?: ICertificate;

  /**
   * The web ACL of AWS WAF, with the scope CLOUDFRONT in us-east-1. It filters requests, but authenticates no one.
   *
   * Throws for a web ACL of the scope REGIONAL.
   *
   * @default - none
   */
  readonly webAcl?: IWebACLRef;

  /**
   * The locations from which CloudFront answers. Clients elsewhere reach the nearest of these.
   *
   * Throws for anything but a member of `PriceClass`.
   *
   * @default PriceClass.PRICE_CLASS_100
   */
  readonly priceClass?: PriceClass;

  /**
   * The prefix list `com.amazonaws.global.cloudfront.origin-facing` of the region. Only these addresses can reach the load
   * balancer.
   *
   * @default - a custom resource looks up its id during the deployment
   */
  readonly prefixList?: IPrefixList;
}
