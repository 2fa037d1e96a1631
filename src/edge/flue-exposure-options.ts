import type { Duration } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { PriceClass } from 'aws-cdk-lib/aws-cloudfront';
import type { IPrefixList } from 'aws-cdk-lib/aws-ec2';
import type { ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IWebACLRef } from 'aws-cdk-lib/aws-wafv2';

/**
 * What a service needs to know of a listener that it shares.
 */
export interface FlueListenerOptions {
  /**
   * Which requests go to the server; at least one condition of a host or a path.
   *
   * A load balancer rewrites nothing: the server sees the whole path, `/team-a/agents/…` for the condition
   * `/team-a/*`. An app that knows nothing of such a prefix takes a condition of the host. Where `auth` and a path meet,
   * name `/oauth2/idpresponse` as well: there the sign-in ends.
   *
   * Throws without a host and a path.
   */
  readonly conditions: ListenerCondition[];

  /**
   * Place of the rule among those of the listener, 1–50000; the lowest that matches wins.
   *
   * Throws outside the range. Two rules of one priority fail at deployment.
   */
  readonly priority: number;

  /**
   * Idle timeout of that load balancer, 16–4000 s, as it is set there.
   *
   * `longestRun` is at most as long: without a statement it is this timeout, or 10 minutes if that is less. The keep-alive of the server follows it. Elastic Load Balancing's own
   * default is 60 s.
   *
   * Throws outside the range and below `longestRun`.
   */
  readonly idleTimeout: Duration;

  /**
   * Address at which clients reach the server, with its scheme and without a trailing slash.
   *
   * Throws for anything else, and when it is left out where it is not known.
   *
   * @default - the host of `conditions`, or the name of the load balancer, where this app makes the listener
   */
  readonly url?: string;
}

/**
 * How CloudFront stands in front of a service.
 */
export interface FlueCloudFrontOptions {
  /**
   * Time that CloudFront waits for the first byte of a reply, and for each next one; 16–180 s.
   *
   * Above 60 s the quota of the account may have to be raised first, or the deployment fails.
   *
   * Throws outside the range.
   *
   * @default Duration.seconds(60)
   */
  readonly readTimeout?: Duration;

  /**
   * Certificate for `domainName` of the service, from us-east-1.
   *
   * Throws for another region, without `domainName`, and when it is left out with one.
   *
   * @default - none; clients use the name of the distribution and its certificate
   */
  readonly certificate?: ICertificate;

  /**
   * Web ACL of AWS WAF at CloudFront, of the scope CLOUDFRONT in us-east-1; it filters requests, and authenticates nobody.
   *
   * Throws for a web ACL of the scope REGIONAL.
   *
   * @default - none
   */
  readonly webAcl?: IWebACLRef;

  /**
   * Which locations of CloudFront answer; from elsewhere clients reach the nearest of these.
   *
   * @default PriceClass.PRICE_CLASS_100
   */
  readonly priceClass?: PriceClass;

  /**
   * The prefix list `com.amazonaws.global.cloudfront.origin-facing` of the region, which alone may reach the load balancer.
   *
   * @default - a custom resource looks its id up when the stack is deployed
   */
  readonly prefixList?: IPrefixList;
}
