import type { Duration } from 'aws-cdk-lib';
import type { ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';

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
   * The longest run is at most as long, and the keep-alive of the server follows it. Elastic Load Balancing's own
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
