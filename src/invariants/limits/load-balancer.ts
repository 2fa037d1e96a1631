import { Duration } from 'aws-cdk-lib';
import { SECONDS, within, written, type Limit } from './limit';
import { SHUTDOWN_BOUND } from './server';
import { ADDRESSES } from '../addresses';

/** Ports on which a load balancer listens. */
export const HTTP_PORT = 80;
export const HTTPS_PORT = 443;
/** Flue writes a comment into an open event stream this often. */
export const STREAM_HEARTBEAT = Duration.seconds(15);
/** How far the default idle timeout lies above the longest run. */
export const IDLE_TIMEOUT_MARGIN = Duration.seconds(60);
/** Range of the Application Load Balancer's `idle_timeout.timeout_seconds`. */
export const MIN_IDLE_TIMEOUT = Duration.seconds(1);
export const MAX_IDLE_TIMEOUT = Duration.seconds(4000);
export const DEFAULT_DEREGISTRATION_DELAY = Duration.seconds(15);
/** Where replies come on an open connection: a server up to Flue 1.x ends them at SIGTERM, so it gets before it what one on 2.x gets after it. */
export const ATTACHED_DEREGISTRATION_DELAY = SHUTDOWN_BOUND;
/** Above this a deregistration delay is downtime of a `recreate` deployment rather than a drain. */
export const LONG_DEREGISTRATION_DELAY = Duration.seconds(120);
/** Time that CloudFront waits for the next byte of its origin unless told otherwise here: what every account may set. */
export const DEFAULT_READ_TIMEOUT = Duration.seconds(60);
/** A VPC origin's name has 64 characters at most (aws-cdk-lib, VpcOrigin); the region takes the rest. */
export const MAX_ORIGIN_NAME_PREFIX = 40;
/** Values that the conditions of one rule may have together (Elastic Load Balancing guide, quotas). */
export const MAX_CONDITION_VALUES = 5;

const ABOVE_HEARTBEAT = {
  unit: SECONDS,
  minimum: STREAM_HEARTBEAT.toSeconds() + 1,
  step: 1,
  note: `, above the ${STREAM_HEARTBEAT.toSeconds()} s stream heartbeat`,
  rule: 'IdleTimeout',
} as const;

export const LOAD_BALANCER_LIMITS = {
  url: written({
    prop: 'url',
    of: ['FlueListenerOptions'],
    pattern: ADDRESSES.origin,
    length: 2048,
    source: 'RFC 3986',
    fix: 'Write it as in `https://agents.example.com`',
  }, 'an address that begins with http:// or https:// and ends without a slash, without user and password'),
  idleTimeout: within({
    ...ABOVE_HEARTBEAT,
    prop: 'idleTimeout',
    of: ['FlueServiceProps', 'FlueListenerOptions'],
    maximum: MAX_IDLE_TIMEOUT.toSeconds(),
    source: 'Elastic Load Balancing guide, load balancer attributes; Flue streaming protocol',
    fix: 'Leave it out: the construct derives it from `longestRun`. Below the heartbeat, streams are cut',
  }),
  longestRun: within({
    prop: 'longestRun',
    of: ['FlueServiceProps'],
    unit: SECONDS,
    above: 0,
    maximum: MAX_IDLE_TIMEOUT.toSeconds() - IDLE_TIMEOUT_MARGIN.toSeconds(),
    note: `, because a load balancer waits at most ${MAX_IDLE_TIMEOUT.toSeconds()} s for a silent reply`,
    source: `Elastic Load Balancing guide, load balancer attributes; ${IDLE_TIMEOUT_MARGIN.toSeconds()} s are kept as a margin`,
    fix: 'For longer runs, let clients stream, or let them read the result later, from the address in the answer to their request',
    rule: 'IdleTimeout',
  }),
  deregistrationDelay: within({
    prop: 'deregistrationDelay',
    of: ['FlueTaskBaseProps'],
    unit: SECONDS,
    minimum: 0,
    maximum: 3600,
    step: 1,
    source: 'Elastic Load Balancing guide, target group attributes',
    fix: `Leave it out for ${DEFAULT_DEREGISTRATION_DELAY.toSeconds()} s, or up to ${ATTACHED_DEREGISTRATION_DELAY.toSeconds()} s with Flue 0 and 1: ECS drains before it sends SIGTERM`,
    rule: 'ShutdownTime',
  }),
  deregistrationDelayOfRecreate: within({
    prop: 'deregistrationDelay',
    of: ['FlueTaskBaseProps'],
    unit: SECONDS,
    maximum: LONG_DEREGISTRATION_DELAY.toSeconds(),
    note: ' where FlueFargateService drains the old task before the new one starts',
    source: 'Amazon ECS developer guide, task lifecycle: nothing answers during that time',
    fix: 'For longer streams pass `deployment: FlueDeployment.rolling(…)`, which keeps the old task until the new one is healthy',
    rule: 'ShutdownTime',
  }),
  sessionTimeout: within({
    prop: 'sessionTimeout',
    of: ['FlueSignInOptions'],
    unit: SECONDS,
    minimum: 1,
    maximum: Duration.days(7).toSeconds(),
    step: 1,
    source: 'Elastic Load Balancing API reference, AuthenticateOidcActionConfig',
    fix: 'Leave it out for seven days',
  }),
  publicPaths: written({
    prop: 'publicPaths',
    of: ['FlueAuthOptions'],
    pattern: /^[A-Za-z0-9_\-.$/~"'@:+&*?]*$/,
    length: 128,
    source: 'Elastic Load Balancing API reference, PathPatternConditionConfig',
    fix: 'Write the path alone: a rule does not see the query',
  }, 'at most 128 letters, digits and _-.$/~"\'@:+&*?'),
  conditions: {
    prop: 'conditions',
    of: ['FlueListenerOptions'],
    allowed: `conditions with 1–${MAX_CONDITION_VALUES} values together, each with one at least`,
    source: 'Elastic Load Balancing guide, quotas: values of the conditions of a rule',
  } satisfies Limit,
  priority: within({
    prop: 'priority',
    of: ['FlueListenerOptions'],
    minimum: 1,
    maximum: 50000,
    step: 1,
    source: 'Elastic Load Balancing API reference, CreateRule (Priority)',
    fix: 'Choose one that no other rule of the listener has',
  }),
  readTimeout: within({
    ...ABOVE_HEARTBEAT,
    rule: 'ReadTimeout',
    prop: 'readTimeout',
    of: ['FlueCloudFrontOptions'],
    // the API reference of CloudFront (VpcOriginConfig) names 120 s; above the quota of the account the deployment fails
    maximum: 180,
    source: 'aws-cdk-lib, what it lets a VPC origin of CloudFront wait; Flue streaming protocol',
    fix: `Leave it out for ${DEFAULT_READ_TIMEOUT.toSeconds()} s`,
  }),
};
