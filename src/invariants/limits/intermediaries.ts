import { Duration } from 'aws-cdk-lib';
import { MAX_IDLE_TIMEOUT, MIN_IDLE_TIMEOUT } from './load-balancer';

/** A timer with which something between clients and the server ends a reply. */
export interface IntermediaryTimer {
  /** Whose timer it is, as messages name it. */
  readonly name: string;
  /** The property, or the attribute, that sets it. */
  readonly property: string;
  /** What holds where it is left out; none where there is no limit then. */
  readonly implicit?: Duration;
  readonly minimum: Duration;
  /** None where AWS names no limit. */
  readonly maximum?: Duration;
  /** Whether zero switches it off. */
  readonly zeroDisables?: boolean;
  /** Whether it counts the whole reply, so that it ends streams too, and not the silence between two bytes of it. */
  readonly wholeReply?: boolean;
  /** Whether nothing can set it. */
  readonly fixed?: boolean;
  /** The way out, as one sentence in the imperative. */
  readonly fix: string;
  readonly source: string;
}

const SHORTER_RUN = 'or state a shorter `longestRun`';

/** Everything that AWS puts before a server, with the timers that cut a reply. */
export const INTERMEDIARY_TIMERS = {
  applicationLoadBalancer: {
    name: 'the Application Load Balancer',
    property: 'idle_timeout.timeout_seconds',
    implicit: Duration.seconds(60),
    minimum: MIN_IDLE_TIMEOUT,
    maximum: MAX_IDLE_TIMEOUT,
    fix: 'Set `idleTimeout` (`idle_timeout.timeout_seconds`) above the longest run.',
    source: 'Elastic Load Balancing guide, load balancer attributes',
  },
  networkLoadBalancer: {
    name: 'the Network Load Balancer',
    property: 'tcp.idle_timeout.seconds',
    implicit: Duration.seconds(350),
    minimum: Duration.seconds(60),
    maximum: Duration.seconds(6000),
    fix: `Set \`tcp.idle_timeout.seconds\` of the TCP listener above the longest run (a TLS listener has 350 s for good), ${SHORTER_RUN}.`,
    source: 'Elastic Load Balancing guide, listeners of Network Load Balancers',
  },
  cloudFront: {
    name: 'CloudFront',
    property: 'OriginReadTimeout',
    implicit: Duration.seconds(30),
    minimum: Duration.seconds(1),
    fix: 'Set `readTimeout` of the origin (`OriginReadTimeout`) above the longest run, or state a shorter `longestRun` where clients stream.',
    source: 'Amazon CloudFront developer guide, response timeout of an origin',
  },
  cloudFrontWhole: {
    name: 'CloudFront',
    property: 'ResponseCompletionTimeout',
    minimum: Duration.seconds(1),
    wholeReply: true,
    fix: 'Leave out `responseCompletionTimeout` of the origin (`ResponseCompletionTimeout`), or set it above the longest run: it counts streams too.',
    source: 'Amazon CloudFront developer guide, response completion timeout of an origin',
  },
  globalAccelerator: {
    name: 'Global Accelerator',
    property: 'the silence that a connection may keep',
    implicit: Duration.seconds(340),
    minimum: Duration.seconds(340),
    fixed: true,
    fix: 'State a `longestRun` of at most 340 s where clients stream, or put CloudFront or the load balancer alone there.',
    source: 'AWS Global Accelerator developer guide, idle timeout',
  },
  serviceConnectRequest: {
    name: 'Service Connect',
    property: 'PerRequestTimeoutSeconds',
    implicit: Duration.seconds(15),
    minimum: Duration.seconds(0),
    zeroDisables: true,
    wholeReply: true,
    fix: 'Set `PerRequestTimeoutSeconds` of `Timeout` to 0, which switches it off: it counts streams too.',
    source: 'Amazon ECS API reference, TimeoutConfiguration',
  },
  serviceConnectIdle: {
    name: 'Service Connect',
    property: 'IdleTimeoutSeconds',
    implicit: Duration.minutes(5),
    minimum: Duration.seconds(0),
    zeroDisables: true,
    fix: `Set \`IdleTimeoutSeconds\` of \`Timeout\` above the longest run, ${SHORTER_RUN}.`,
    source: 'Amazon ECS API reference, TimeoutConfiguration',
  },
  httpApi: {
    name: 'an HTTP API of API Gateway',
    property: 'TimeoutInMillis',
    implicit: Duration.seconds(30),
    minimum: Duration.millis(50),
    maximum: Duration.seconds(30),
    wholeReply: true,
    fix: 'Put a load balancer or CloudFront there: an HTTP API holds a reply back until it is whole, for 30 s at most. Keep it for calls that only accept a prompt, and acknowledge the finding.',
    source: 'Amazon API Gateway developer guide, quotas of HTTP APIs',
  },
  restApi: {
    name: 'a REST API of API Gateway',
    property: 'TimeoutInMillis',
    implicit: Duration.seconds(29),
    // how far above 29 s is a quota of the account
    minimum: Duration.millis(50),
    wholeReply: true,
    fix: 'Set `ResponseTransferMode` to STREAM and `TimeoutInMillis` above the longest run, or put a load balancer or CloudFront there.',
    source: 'Amazon API Gateway developer guide, quotas of REST APIs',
  },
  restApiStream: {
    name: 'a REST API of API Gateway that streams',
    property: 'TimeoutInMillis',
    implicit: Duration.seconds(29),
    minimum: Duration.millis(50),
    maximum: Duration.minutes(15),
    wholeReply: true,
    fix: `Set \`TimeoutInMillis\` above the longest run, up to 15 minutes, ${SHORTER_RUN}.`,
    source: 'Amazon API Gateway developer guide, response streaming',
  },
  restApiSilence: {
    name: 'a REST API of API Gateway that streams',
    property: 'the silence that a stream may keep',
    implicit: Duration.minutes(5),
    minimum: Duration.minutes(5),
    fixed: true,
    fix: 'State a `longestRun` of at most 5 minutes where clients stream, or put a load balancer or CloudFront there.',
    source: 'Amazon API Gateway developer guide, response streaming',
  },
  edgeApiSilence: {
    name: 'an edge-optimized REST API of API Gateway that streams',
    property: 'the silence that a stream may keep',
    implicit: Duration.seconds(30),
    minimum: Duration.seconds(30),
    fixed: true,
    fix: 'Make the API regional (`EndpointConfiguration` with `Types: [REGIONAL]`), which lets a stream be silent for 5 minutes, or put a load balancer or CloudFront there.',
    source: 'Amazon API Gateway developer guide, response streaming',
  },
} satisfies Readonly<Record<string, IntermediaryTimer>>;
