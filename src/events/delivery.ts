import * as path from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { SubnetType, type ISecurityGroup, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { EventDoor } from './event-door';
import type { FlueInboxOptions } from './flue-inbox-options';
import { secondsOf } from '../invariants/durations';
import { requireUsableKeys } from '../invariants/encryption-keys';
import { refuse } from '../invariants/invariant';
import { EVENT_LIMITS, MAX_ATTACHED_RUN, MAX_EVENT_AGE } from '../invariants/limits/events';
import { requireListed, requireWithin, requireWritten } from '../invariants/limits/guard';
import { NETWORK_LIMITS } from '../invariants/limits/network';
import { LAST_MAJOR_WITH_ATTACHED_PROMPTS } from '../invariants/limits/server';
import { requireSecretReference } from '../invariants/secret-reference';
import { requireSubnetsOf, selectedIn } from '../invariants/subnets';
import { isUnknown, settled, textOf } from '../invariants/unknown';
import type { LogSettings } from '../logs/server-logs';
import { warnInboxCutOff } from '../network/way-out';

const CODE = path.join(__dirname, '..', '..', 'assets', 'events');
/** What stands around a request: the token, the dead letter, the queue. */
const AROUND = Duration.seconds(30);
/** Flue 2 answers as soon as it has stored the message. */
const UNATTACHED_RUN = Duration.seconds(60);
const DEFAULT_MAX_CONCURRENCY = 10;
const DEFAULT_RETRY = Duration.days(1);

/** Where a function runs. */
interface Place {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
}

/** How events are delivered, checked in full before the first resource exists. */
export interface DeliveryPlan {
  readonly request: Duration;
  readonly visibilityTimeout: Duration;
  readonly repeats: boolean;
  /** How long EventBridge goes on trying to send an event to the inbox. */
  readonly maxEventAge: Duration;
  readonly place?: Place;
  readonly options: FlueInboxOptions;
}

export function planDelivery(door: EventDoor, given: FlueInboxOptions): DeliveryPlan {
  const { service, app: { flueMajor } } = door;
  const options = settled(service, given);
  if (door.way.ofFleet) {
    refuse(service, '`addInbox()` must be called on the sharded service, got: one of its further shards', 'Two inboxes could give one conversation two events at once: call `addInbox()` of FlueShardedService, whose rules find the shard of each id');
  }
  requireWritten(service, options.pathPrefix, EVENT_LIMITS.pathPrefix);
  requireWritten(service, options.tokenField, EVENT_LIMITS.tokenField);
  requireWithin(service, options.maxConcurrency, EVENT_LIMITS.maxConcurrency);
  requireWithin(service, options.retryFor, EVENT_LIMITS.retryFor);
  requireListed(service, options.securityGroups, NETWORK_LIMITS.securityGroups);
  requireUsableKeys(service, options);
  requireSecretReference(service, 'token', options.token);
  if (options.tokenField !== undefined && !options.token) {
    refuse(service, '`token` must be given with `tokenField`, got: none', 'Pass the secret that has the field');
  }
  requirePassage(door, options);
  const attached = flueMajor === undefined || flueMajor <= LAST_MAJOR_WITH_ATTACHED_PROMPTS;
  const request = attached ? attachedRun(door) : UNATTACHED_RUN;
  return {
    request,
    visibilityTimeout: Duration.seconds(request.toSeconds() + 4 * AROUND.toSeconds()),
    maxEventAge: Duration.seconds(Math.min(secondsOf(options.retryFor ?? DEFAULT_RETRY) ?? Infinity, MAX_EVENT_AGE.toSeconds())),
    repeats: options.repeatInterrupted ?? !attached,
    place: placeOf(door, options),
    options,
  };
}

/** How long the function waits for a reply. */
function attachedRun({ service, timers }: EventDoor): Duration {
  const run = secondsOf(timers.longestRun) ?? MAX_ATTACHED_RUN.toSeconds();
  if (run > MAX_ATTACHED_RUN.toSeconds()) {
    refuse(service, `\`longestRun\` must be at most ${MAX_ATTACHED_RUN.toSeconds()} s with an inbox, got: ${run} s`,
      'The function waits for the reply and ends after 15 minutes. Give long runs a service of their own, or let the agent answer early');
  }
  return Duration.seconds(Math.ceil(run));
}

/** Refuses an inbox whose requests would be turned away. */
function requirePassage({ service, way }: EventDoor, { token, pathPrefix, vpc }: FlueInboxOptions): void {
  if (way.publicPaths) {
    const paths = ['/agents/a/b', '/workflows/a'].map(end => `${pathPrefix ?? ''}${end}`);
    const passes = way.publicPaths.some(pattern => isUnknown(pattern) || paths.every(one => matches(pattern, one)));
    if (!passes) {
      refuse(service, `\`publicPaths\` of \`auth\` must let the inbox pass, got: none for ${pathPrefix ?? ''}/agents/…`,
        'Mount the agents below a path of their own that asks for a token. Pass it as `pathPrefix: \'/inbox\'`, and `publicPaths: [\'/inbox/*\']`');
    }
    if (!token) {
      refuse(service, '`token` must be given with `auth`, got: none', 'The path of the inbox passes `auth`: let the app ask for a token there');
    }
  }
  if (way.closedTo !== undefined && !vpc) {
    refuse(service, `\`exposure\` must admit the inbox, got: ${way.closedTo}`,
      'A function has no fixed address. Pass `vpc` to the inbox, with a NAT gateway whose address `exposure` admits, or expose the service otherwise');
  }
}

/** Whether a path has the pattern of a listener rule. */
function matches(pattern: string, path_: string): boolean {
  return new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`).test(path_);
}

function placeOf({ service, way }: EventDoor, { vpc: given, vpcSubnets, securityGroups }: FlueInboxOptions): Place | undefined {
  const vpc = given ?? way.vpc;
  if (!vpc) {
    if (vpcSubnets ?? securityGroups) {
      refuse(service, `\`vpc\` must be given with \`${vpcSubnets ? 'vpcSubnets' : 'securityGroups'}\`, got: none`, 'Pass the VPC of the function, or leave them out');
    }
    return undefined;
  }
  if (!vpcSubnets && [vpc.privateSubnets, vpc.isolatedSubnets, vpc.publicSubnets].every(({ length }) => length === 0)) {
    refuse(service, `\`vpc\` must have subnets for the function, got: ${vpc.node.path} without any that are known`, 'Pass those of the function in `vpcSubnets`');
  }
  const selection = vpcSubnets
    ?? (vpc.privateSubnets.length > 0 ? { subnetType: SubnetType.PRIVATE_WITH_EGRESS } : given === undefined ? way.vpcSubnets : undefined)
    ?? { subnetType: vpc.isolatedSubnets.length > 0 ? SubnetType.PRIVATE_ISOLATED : SubnetType.PUBLIC };
  requireSubnetsOf(service, vpc, selectedIn(service, vpc, selection));
  return { vpc, vpcSubnets: selection, securityGroups };
}

interface DeliveryParts {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly logs: LogSettings;
}

/** The function between the queue and the server. */
export function buildDelivery(scope: Construct, door: EventDoor, plan: DeliveryPlan, parts: DeliveryParts): LambdaFunction {
  const { url, way, app: { flueMajor } } = door;
  const { queue, deadLetterQueue, logs } = parts;
  const { options, place } = plan;
  const { token, tokenField, pathPrefix, retryFor = DEFAULT_RETRY, maxConcurrency = DEFAULT_MAX_CONCURRENCY } = options;
  const delivery = new LambdaFunction(scope, 'Delivery', {
    description: 'Sends the events of the inbox to the Flue server',
    runtime: Runtime.NODEJS_22_X,
    architecture: Architecture.ARM_64,
    memorySize: 256,
    code: Code.fromAsset(CODE),
    handler: 'deliver.handler',
    timeout: plan.request.plus(AROUND),
    logGroup: new LogGroup(scope, 'DeliveryLogs', logs),
    ...place && {
      vpc: place.vpc,
      vpcSubnets: place.vpcSubnets,
      securityGroups: place.securityGroups,
      // a function has no public address, and most of what it needs may be reached by endpoints
      allowPublicSubnet: true,
    },
    environment: {
      SERVER_URL: url,
      QUEUE_URL: queue.queueUrl,
      DEAD_LETTER_QUEUE_URL: deadLetterQueue.queueUrl,
      FLUE_MAJOR: `${flueMajor ?? 0}`,
      REQUEST_SECONDS: `${plan.request.toSeconds()}`,
      RETRY_SECONDS: textOf(retryFor.toSeconds()),
      REPEATS: `${plan.repeats}`,
      ...pathPrefix !== undefined && { PATH_PREFIX: pathPrefix },
      ...token && { CREDENTIAL_ARN: token.secretArn },
      ...tokenField !== undefined && { CREDENTIAL_FIELD: tokenField },
    },
  });
  queue.grantConsumeMessages(delivery);
  deadLetterQueue.grantSendMessages(delivery);
  token?.grantRead(delivery);
  delivery.addEventSource(new SqsEventSource(queue, { batchSize: 1, reportBatchItemFailures: true, maxConcurrency }));
  if (place) {
    way.admit?.(delivery);
    warnInboxCutOff(scope, place.vpc, place.vpc.selectSubnets(place.vpcSubnets));
  }
  return delivery;
}
