import { Duration } from 'aws-cdk-lib';
import { SECONDS, within, written } from './limit';
import { VISIBLE } from '../addresses';

/** A function ends after 15 minutes (AWS Lambda developer guide, quotas); a minute is for what stands around the request. */
export const MAX_ATTACHED_RUN = Duration.minutes(14);
/** A message has 1 MiB with its attributes (Amazon SQS developer guide, quotas); the dead letter adds a reason. */
export const MAX_MESSAGE_BYTES = 1024 * 1024 - 4096;
/** The payload of a schedule (Amazon EventBridge Scheduler user guide, quotas). */
export const MAX_SCHEDULE_BYTES = 256 * 1024;
/** The pattern of a rule (Amazon EventBridge API reference, PutRule). */
export const MAX_EVENT_PATTERN = 4096;
/** The longest that EventBridge goes on trying (Amazon EventBridge user guide, retry policy; the same for Scheduler). */
export const MAX_EVENT_AGE = Duration.days(1);

/** A part of the path of the server, which is a part of the group of a FIFO queue too. */
const NAME = { of: [], pattern: /^[A-Za-z0-9][A-Za-z0-9_.~:@-]*$/, source: 'Amazon SQS API reference, SendMessage (MessageGroupId)' };

const HEADER = {
  of: ['FlueHmacOptions'], pattern: /^[A-Za-z0-9-]+$/, length: 64, source: 'a name of a header', fix: 'Take it from the documentation of the sender',
};
const HEADER_WORDS = '1–64 letters, digits and dashes';
/** The names that lead to a field of a JSON document. */
const FIELD = { pattern: /^(?!\$\.)[^\s.\p{Cc}]+(?:\.[^\s.\p{Cc}]+)*$/u, length: 255, source: 'names of JSON', fix: 'Write the names with dots, as in `event.channel`' };
const FIELD_WORDS = 'names with dots between them, without white space';

export const EVENT_LIMITS = {
  agentName: written({ ...NAME, prop: 'agentName', of: ['FlueEventTarget', 'FlueEventPatternOptions', 'FlueWebhookOptions'], length: 48, fix: 'Write the name of the agent as in its path, `/agents/NAME/…`' },
    '1–48 letters, digits and `_.~:@-`, a letter or a digit first'),
  workflowName: written({ ...NAME, prop: 'workflowName', of: ['FlueEventTarget'], length: 48, fix: 'Write the name of the workflow as in its path, `/workflows/NAME`' },
    '1–48 letters, digits and `_.~:@-`, a letter or a digit first'),
  conversationId: written({ ...NAME, prop: 'conversationId', of: ['FlueAgentEventOptions', 'FlueEventPatternOptions', 'FlueWebhookOptions'], length: 72, fix: 'Leave it out for a new conversation with each event' },
    '1–72 letters, digits and `_.~:@-`, a letter or a digit first'),
  pathPrefix: written({
    prop: 'pathPrefix',
    of: ['FlueInboxOptions'],
    pattern: /^(?:\/[A-Za-z0-9_.~-]+)+$/,
    length: 64,
    source: 'a path of the app',
    fix: 'Write the path at which the app mounts its agents for events, as in `/inbox`',
  }, 'a path of 1–64 characters that begins with a slash and does not end with one'),
  tokenField: written({
    prop: 'tokenField',
    of: ['FlueInboxOptions'],
    pattern: /^[^:{}\s\p{Cc}]+$/u,
    length: 255,
    source: 'a key of JSON, named as in the references of the services',
    fix: 'Name a key of the JSON, or leave it out for the whole secret',
  }, 'a key without colon, brace or white space'),
  path: written({
    prop: 'path',
    of: ['FlueInbox'],
    pattern: /^(?:\/[A-Za-z0-9_.~-]+)+$/,
    length: 128,
    source: 'Amazon API Gateway developer guide, routes of an HTTP API',
    fix: 'Write it as in `/hooks/github`',
  }, 'a path of 2–128 characters that begins with a slash and does not end with one'),
  header: written({ ...HEADER, prop: 'header' }, HEADER_WORDS),
  timestampHeader: written({ ...HEADER, prop: 'timestampHeader' }, HEADER_WORDS),
  prefix: written({
    prop: 'prefix',
    of: ['FlueHmacOptions'],
    pattern: VISIBLE,
    length: 32,
    source: 'a value of a header',
    fix: 'Leave it out if the header holds the signature alone',
  }, '1–32 visible characters without white space'),
  idField: written({ ...FIELD, prop: 'idField', of: ['FlueHmacOptions'] }, FIELD_WORDS),
  conversationField: written({ ...FIELD, prop: 'conversationField', of: ['FlueEventPatternOptions', 'FlueWebhookOptions'] }, FIELD_WORDS),
  description: written({
    prop: 'description',
    of: ['FlueEventPatternOptions', 'FlueScheduleOptions'],
    pattern: /^[^\p{Cc}\u2028\u2029]+$/u,
    length: 512,
    source: 'Amazon EventBridge Scheduler API reference, CreateSchedule, and Amazon EventBridge API reference, PutRule (Description)',
    fix: 'Shorten it, or leave it out',
  }, '1–512 characters in one line'),
  maxConcurrency: within({
    prop: 'maxConcurrency',
    of: ['FlueInboxOptions'],
    minimum: 2,
    maximum: 1000,
    step: 1,
    source: 'AWS Lambda API reference, ScalingConfig (MaximumConcurrency)',
    fix: 'Leave it out for 10',
  }),
  retryFor: within({
    prop: 'retryFor',
    of: ['FlueInboxOptions'],
    unit: SECONDS,
    minimum: 60,
    maximum: 259200,
    step: 1,
    source: 'a queue keeps a message that comes back 1000 times, one every 300 s (Amazon SQS developer guide, dead-letter queues)',
    fix: 'Choose up to three days: what takes longer is a dead letter, which you can redrive',
  }),
};

/** How often a queue hands a message out before it moves it by itself: the most that SQS allows, because each deployment costs some. */
export const MAX_RECEIVES = 1000;
/** The longest that a queue keeps a message. */
export const QUEUE_RETENTION = Duration.days(14);
/** The age of an event at which an alarm is raised. */
export const OLDEST_EVENT_ALARM = Duration.hours(1);
