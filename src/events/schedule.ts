import { Stack } from 'aws-cdk-lib';
import { ContextAttribute, Schedule, ScheduleTargetInput, type ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { SqsSendMessage } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct, IConstruct } from 'constructs';
import type { FlueScheduleOptions } from './flue-schedule-options';
import type { ReceivingInbox } from './receiver';
import { refuse } from '../invariants/invariant';
import { EVENT_LIMITS, MAX_SCHEDULE_BYTES } from '../invariants/limits/events';
import { requireWritten } from '../invariants/limits/guard';
import { firesNever, isOver, timeOf } from '../invariants/schedule-expression';
import { requireNoSecretValues } from '../invariants/secrets-only';
import { isUnknown } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

const MAX_GROUP_LENGTH = 128;

/** Refuses a schedule that would never send what a server can get. */
export function requireSchedule(scope: IConstruct, options: FlueScheduleOptions, flueMajor?: number): void {
  const { schedule, target, start, end } = options;
  requireNoSecretValues(scope, { target: target._given, description: options.description });
  requireWritten(scope, options.description, EVENT_LIMITS.description);
  target._require(scope, flueMajor);
  requireExpression(scope, schedule);
  if (start && end && end <= start) {
    refuse(scope, `\`end\` must be after \`start\`, got: ${end.toISOString()} and ${start.toISOString()}`, 'Leave out one of them');
  }
  const bytes = Buffer.byteLength(JSON.stringify(Stack.of(scope).resolve(target._event.body)));
  // the names of the schedule and the time come to it
  if (bytes > MAX_SCHEDULE_BYTES - 1024) {
    refuse(scope, `\`target\` must have at most ${MAX_SCHEDULE_BYTES - 1024} bytes, got: ${bytes}`, 'Let the agent read long texts from Amazon S3');
  }
}

/** Warns of a schedule that was right once: it may not break an app that did not change. */
export function warnOfSchedule(scope: IConstruct, { schedule: { expressionString }, end, enabled }: FlueScheduleOptions): void {
  if (enabled !== false && !isUnknown(expressionString) && isOver(expressionString, end, Date.now())) {
    WARNINGS.scheduleOver.give(scope, { schedule: expressionString });
  }
}

/** A schedule that puts an event into the queue. */
export function buildSchedule(scope: Construct, id: string, inbox: ReceivingInbox, { target, ...options }: FlueScheduleOptions): Schedule {
  const { body, group } = target._event;
  return new Schedule(scope, id, {
    ...options,
    target: new SqsSendMessage(inbox.queue, {
      deadLetterQueue: inbox.undeliveredQueue,
      maxEventAge: inbox._maxEventAge,
      messageGroupId: group ?? `schedule/${id}`.slice(0, MAX_GROUP_LENGTH),
      // the id of the execution is another one with each attempt; these two are the same, so that SQS drops a second one
      input: ScheduleTargetInput.fromObject({ ...body, fire: { schedule: ContextAttribute.scheduleArn, time: ContextAttribute.scheduledTime } }),
    }),
  });
}

function requireExpression(scope: IConstruct, { expressionString }: ScheduleExpression): void {
  if (isUnknown(expressionString)) {
    return;
  }
  const [, kind, inside = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expressionString) ?? [];
  if (kind === undefined) {
    refuse(scope, `\`schedule\` must be a rate, a cron expression or a time, got: ${expressionString.slice(0, 64)}`, 'Write it with `ScheduleExpression.cron({ … })`');
  }
  if (kind === 'rate' && !/^[1-9]\d* (?:minute|hour|day)s?$/.test(inside)) {
    refuse(scope, `\`schedule\` must be a rate of whole minutes, hours or days, got: ${inside}`, 'Scheduler fires once a minute at most: use `ScheduleExpression.rate(Duration.minutes(1))`');
  }
  if (kind === 'cron' && firesNever(inside)) {
    refuse(scope, `\`schedule\` must fire at some time, got: cron(${inside})`, 'No calendar has such a time, or one of the six fields is missing: minutes, hours, day, month, day of the week, year');
  }
  if (kind === 'at' && timeOf(inside) === undefined) {
    refuse(scope, `\`schedule\` must be a time of the calendar, got: at(${inside})`, 'Write it with `ScheduleExpression.at(new Date(…))`');
  }
}
