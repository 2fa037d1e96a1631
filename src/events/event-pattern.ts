import { Duration, Stack, Token } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct, IConstruct } from 'constructs';
import type { FlueEventPatternOptions } from './flue-event-pattern-options';
import { buildReceiver, requireReceiver, type ReceivingInbox } from './receiver';
import { refuse } from '../invariants/invariant';
import { EVENT_LIMITS, MAX_EVENT_PATTERN } from '../invariants/limits/events';
import { requireWritten } from '../invariants/limits/guard';
import { requirePlacement } from '../invariants/placement';
import { isPlainObject } from '../invariants/plain-object';
import { requireNoSecretValues } from '../invariants/secrets-only';

/** Refuses a rule that matches nothing in particular, or whose events no server could get. */
export function requireEventPattern(scope: IConstruct, options: FlueEventPatternOptions): void {
  const { eventPattern, description, agentName, conversationId, conversationField } = options;
  requireNoSecretValues(scope, { eventPattern, description, agentName, conversationId, conversationField });
  requireWritten(scope, description, EVENT_LIMITS.description);
  requireReceiver(scope, options);
  requirePlacement(scope, options);
  const named = Object.values(eventPattern).filter(value => value !== undefined && Object.keys(value as object).length > 0);
  if (named.length === 0) {
    refuse(scope, '`eventPattern` must name what it matches, got: nothing', 'Name a source, as in `{ source: [\'acme.orders\'] }`');
  }
  const broken = leafIn(eventPattern, 'eventPattern');
  if (broken) {
    refuse(scope, `\`eventPattern\` must end in lists of what may stand there, got: ${broken}`, 'Write a list, even of one: `{ detail: { state: [\'done\'] } }`');
  }
  const { length } = JSON.stringify(Stack.of(scope).resolve(eventPattern));
  if (length > MAX_EVENT_PATTERN) {
    refuse(scope, `\`eventPattern\` must have at most ${MAX_EVENT_PATTERN} characters, got: ${length}`, 'Name less, or add a second pattern');
  }
}

/** Where a pattern ends in what EventBridge refuses; undefined where it does not. What only CloudFormation knows passes. */
function leafIn(given: unknown, path: string): string | undefined {
  if (given === undefined || Token.isUnresolved(given)) {
    return undefined;
  }
  if (Array.isArray(given)) {
    // JSON has no NaN and no infinity: each would become null
    const isWritten = (entry: unknown) => ['string', 'boolean', 'number'].includes(typeof entry) && JSON.stringify(entry) !== 'null';
    const isMatch = (entry: unknown) => entry === null || Token.isUnresolved(entry) || isWritten(entry) || isPlainObject(entry);
    return given.length === 0 ? `an empty list at ${path}` : given.every(isMatch) ? undefined : `another value in the list at ${path}`;
  }
  return isPlainObject(given) ? Object.entries(given).map(([name, inner]) => leafIn(inner, `${path}.${name}`)).find(found => found !== undefined) : `no list at ${path}`;
}

/**
 * A rule, and the function behind it. It is a Lambda function because a rule gives all its events one group of a FIFO queue, so one
 * conversation would wait for all others.
 */
export function buildEventPattern(
  scope: Construct, id: string, { queue, undeliveredQueue, _logs: logs, _maxEventAge: maxEventAge }: ReceivingInbox,
  options: FlueEventPatternOptions,
): Rule {
  const { eventPattern, eventBus, description, enabled, agentName, conversationId, conversationField } = options;
  const rule = new Rule(scope, id, { eventPattern, eventBus, description, enabled });
  const receiver = buildReceiver(rule, {
    description: 'Puts events into the inbox of the Flue server',
    handler: 'receive.take',
    timeout: Duration.seconds(30),
    logs,
    deadLetterQueue: undeliveredQueue,
    environment: { NAME: id, PATTERN: Stack.of(scope).toJsonString({ agentName, conversationId, conversationField }) },
  }, queue);
  rule.addTarget(new LambdaFunction(receiver, { deadLetterQueue: undeliveredQueue, maxEventAge }));
  return rule;
}
