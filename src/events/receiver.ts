import * as path from 'node:path';
import type { Duration } from 'aws-cdk-lib';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';
import type { FlueWebhookOptions } from './flue-webhook-options';
import { refuse } from '../invariants/invariant';
import { EVENT_LIMITS } from '../invariants/limits/events';
import { requireWritten } from '../invariants/limits/guard';
import type { LogSettings } from '../logs/server-logs';

/** Who gets what comes from outside. */
type Receiver = Pick<FlueWebhookOptions, 'agentName' | 'conversationId' | 'conversationField'>;

/** What a source of events has to know of the inbox. */
export interface ReceivingInbox {
  readonly queue: Queue;
  readonly undeliveredQueue: Queue;
  readonly _logs: LogSettings;
  /** How long EventBridge goes on trying. */
  readonly _maxEventAge: Duration;
}

/** Refuses an agent or a conversation that no path has. */
export function requireReceiver(scope: IConstruct, options: Receiver): void {
  for (const prop of ['agentName', 'conversationId', 'conversationField'] as const) {
    requireWritten(scope, options[prop], EVENT_LIMITS[prop]);
  }
  if (options.conversationId !== undefined && options.conversationField !== undefined) {
    refuse(scope, '`conversationField` must be left out with `conversationId`, got: both', 'Choose one: a fixed conversation, or one that the event names');
  }
}

interface ReceiverProps {
  readonly description: string;
  readonly handler: string;
  readonly timeout: Duration;
  readonly logs: LogSettings;
  readonly deadLetterQueue?: Queue;
  readonly environment: { readonly [name: string]: string };
}

/** A function that puts what comes from outside into the queue, and may do nothing else. */
export function buildReceiver(scope: Construct, { logs, environment, ...props }: ReceiverProps, queue: Queue): LambdaFunction {
  const receiver = new LambdaFunction(scope, 'Receiver', {
    ...props,
    runtime: Runtime.NODEJS_22_X,
    architecture: Architecture.ARM_64,
    memorySize: 256,
    code: Code.fromAsset(path.join(__dirname, '..', '..', 'assets', 'events')),
    logGroup: new LogGroup(scope, 'Logs', logs),
    environment: { QUEUE_URL: queue.queueUrl, ...environment },
  });
  queue.grantSendMessages(receiver);
  return receiver;
}
