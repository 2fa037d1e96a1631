import { App, Duration, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { EventBus, Match as EventMatch, type EventPattern } from 'aws-cdk-lib/aws-events';
import { FlueFargateService, type FlueEventPatternOptions, type FlueInboxOptions } from '../../src';
import { imageOf, refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

const ORDERS: FlueEventPatternOptions = { eventPattern: { source: ['acme.orders'] }, agentName: 'clerk' };

function inboxIn(options?: FlueInboxOptions) {
  const stack = new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
  return { stack, inbox: new FlueFargateService(stack, 'Agents', { image: imageOf(stack) }).addInbox(options) };
}

function added(options: Partial<FlueEventPatternOptions>, ofInbox?: FlueInboxOptions) {
  const { stack, inbox } = inboxIn(ofInbox);
  inbox.addEventPattern('Orders', { ...ORDERS, ...options });
  return { stack, template: Template.fromStack(stack) };
}

const refused = (options: Partial<FlueEventPatternOptions>) => refusalOf(() => added(options));
const IS_UNDELIVERED = { 'Fn::GetAtt': [Match.stringLikeRegexp('^AgentsInboxUndelivered'), 'Arn'] };

test('a rule has one target, the function that knows the group, and a queue for what it cannot send', () => {
  const { template } = added({});
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: { source: ['acme.orders'] },
    State: 'ENABLED',
    Targets: [{ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('OrdersReceiver'), 'Arn'] }, DeadLetterConfig: { Arn: IS_UNDELIVERED }, RetryPolicy: { MaximumEventAgeInSeconds: 86400 } }],
  });
  template.hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'receive.take', DeadLetterConfig: { TargetArn: IS_UNDELIVERED }, Environment: { Variables: { NAME: 'Orders', PATTERN: '{"agentName":"clerk"}' } },
  });
});

test('the function may send to the two queues, and do nothing else', () => {
  const { template } = added({});
  const statements = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => /OrdersReceiver/.test(id)).flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
  const actions = statements.flatMap(({ Action }: { Action: string | string[] }) => Action);
  expect([...new Set(actions)].sort()).toEqual(['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage']);
  expect(JSON.stringify(statements)).not.toContain('"*"');
  template.hasResourceProperties('AWS::Lambda::Permission', { Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com', SourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('InboxOrders'), 'Arn'] } });
});

test('the queue of what is undelivered takes it from this rule, by TLS alone', () => {
  added({}).template.hasResourceProperties('AWS::SQS::QueuePolicy', {
    Queues: [{ Ref: Match.stringLikeRegexp('^AgentsInboxUndelivered') }],
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        Match.objectLike({ Effect: 'Allow', Action: 'sqs:SendMessage', Principal: { Service: 'events.amazonaws.com' }, Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [Match.stringLikeRegexp('InboxOrders'), 'Arn'] } } } }),
      ]),
    },
  });
});

test.each([[Duration.minutes(1), 60], [Duration.hours(24), 86400], [Duration.days(3), 86400]])('EventBridge tries for as long as the inbox, a day at most: %s', (retryFor, seconds) => {
  added({}, { retryFor }).template.hasResourceProperties('AWS::Events::Rule', { Targets: [Match.objectLike({ RetryPolicy: { MaximumEventAgeInSeconds: seconds } })] });
});

test('two rules for one agent are two sources', () => {
  const { stack, inbox } = inboxIn();
  inbox.addEventPattern('Orders', ORDERS);
  inbox.addEventPattern('Returns', { ...ORDERS, eventPattern: { detailType: ['returned'] }, enabled: false });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Events::Rule', 2);
  template.hasResourceProperties('AWS::Events::Rule', { State: 'DISABLED' });
  expect(Object.values(template.findResources('AWS::Lambda::Function')).map(({ Properties }) => Properties.Environment?.Variables.NAME).filter(Boolean).sort()).toEqual(['Orders', 'Returns']);
});

test.each<[string, Partial<FlueEventPatternOptions>, RegExp]>([
  ['no pattern', { eventPattern: {} }, /`eventPattern` must name what it matches, got: nothing\./],
  ['a pattern of empty lists', { eventPattern: { source: [], detail: {} } }, /`eventPattern` must name what it matches, got: nothing\./],
  ['a pattern of something else', { eventPattern: 'acme.orders' as unknown as EventPattern }, /`eventPattern` must be an object of EventPattern/],
  ['a value without a list', { eventPattern: { detail: { state: 'done' } } }, /`eventPattern` must end in lists of what may stand there, got: no list at eventPattern\.detail\.state\. Write a list, even of one/],
  ['an empty list', { eventPattern: { source: ['a'], detail: { state: { of: [] } } } }, /got: an empty list at eventPattern\.detail\.state\.of\./],
  ['a list in a list', { eventPattern: { detail: { state: [['done']] } } }, /got: another value in the list at eventPattern\.detail\.state\./],
  ['no number in a list', { eventPattern: { detail: { total: [NaN] } } }, /got: another value in the list/],
  ['a function in a list', { eventPattern: { detail: { total: [() => 1] } } }, /`eventPattern\.detail` must be an object in which each value is a value of JSON, got: a list for total\./],
  ['a JSON path', { conversationField: '$.detail.customer' }, /`conversationField` must be /],
  ['an agent with a slash', { agentName: 'a/b' }, /`agentName` must be .*, got: a\/b\./],
  ['no agent', { agentName: '' }, /`agentName` must be .*, got: an empty string\./],
  ['an empty conversation', { conversationId: '' }, /`conversationId` must be .*, got: an empty string\./],
  ['a field with a space', { conversationField: 'detail.a b' }, /`conversationField` must be /],
  ['two conversations', { conversationId: 'a', conversationField: 'b' }, /`conversationField` must be left out with `conversationId`, got: both\./],
  ['lines in the description', { description: 'a\nb' }, /`description` must be /],
  ['a secret in the pattern', { eventPattern: { detail: { url: ['postgres://flue:hunter2secret@db.example.com/flue'] } } }, /must not hold a secret/],
])('%s is refused before anything is made', (_, options, message) => {
  const { inbox } = inboxIn();
  const before = inbox.node.findAll().length;
  expect(refusalOf(() => inbox.addEventPattern('Orders', { ...ORDERS, ...options }))).toMatch(message);
  expect(inbox.node.findAll()).toHaveLength(before);
});

test('a pattern that fits passes, one more character is refused', () => {
  const of = (length: number) => ({ eventPattern: { source: ['x'.repeat(length)] } });
  const most = 4096 - JSON.stringify({ source: [''] }).length;
  expect(refused(of(most))).toBe('');
  expect(refused(of(most + 1))).toMatch(/`eventPattern` must have at most 4096 characters, got: 4097\./);
});

test('a bus of another account or region is refused', () => {
  const { stack, inbox } = inboxIn();
  const eventBus = EventBus.fromEventBusArn(stack, 'Bus', 'arn:aws:events:eu-west-1:111111111111:event-bus/orders');
  expect(refusalOf(() => inbox.addEventPattern('Orders', { ...ORDERS, eventBus }))).toMatch(/`eventBus` must be in the region of the stack, eu-central-1, got: one in eu-west-1\./);
  expect(refusalOf(() => inbox.addEventPattern('Orders', { ...ORDERS, eventBus: EventBus.fromEventBusName(stack, 'Here', 'orders') }))).toBe('');
});

test('matchers of aws-cdk-lib are taken, and nothing warns', () => {
  const { stack, template } = added({ eventPattern: { source: EventMatch.prefix('acme.'), detail: { total: EventMatch.greaterThan(100) } } });
  template.hasResourceProperties('AWS::Events::Rule', { EventPattern: { source: [{ prefix: 'acme.' }], detail: { total: [{ numeric: ['>', 100] }] } } });
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('no verifier'));
});

test('a maximal pattern', () => {
  const { stack, inbox } = inboxIn();
  inbox.addEventPattern('Orders', {
    eventPattern: { source: ['acme.orders'], detailType: ['created'], detail: { total: EventMatch.greaterThan(100) } },
    agentName: 'clerk',
    conversationField: 'detail.customer',
    eventBus: new EventBus(stack, 'Bus'),
    description: 'Large orders',
    enabled: false,
  });
  inbox.addEventPattern('Health', { eventPattern: { source: ['aws.health'] }, agentName: 'operator', conversationId: 'health' });
  expectTemplateSnapshot(Template.fromStack(stack));
});

test.each<[string, EventPattern]>([
  ['matchers', { source: EventMatch.prefix('acme.'), detail: { total: EventMatch.greaterThan(1), state: [null, true, 'done', 1] } }],
  ['alternatives', { detail: { $or: [{ a: ['b'] }, { c: [{ 'anything-but': ['d'] }] }] } }],
  ['a list that only the deployment knows', { source: Fn.split(',', Fn.importValue('Sources')) }],
  ['a part that is left out', { source: ['a'], detail: undefined }],
])('a pattern of %s passes', (_, eventPattern) => {
  expect(refused({ eventPattern })).toBe('');
});

test.each([['', 'an empty string'], [Fn.importValue('Id'), 'a value known only at deployment']])('the id %# is refused before anything is made', (id, got) => {
  const { inbox } = inboxIn();
  expect(refusalOf(() => inbox.addEventPattern(id, ORDERS))).toContain(`\`id\` must be a text that is known at synthesis, got: ${got}. Write it in quotes`);
});

test.each(['Orders', 'Queue'])('an id that something has already is refused, and another one passes: %s', id => {
  const { inbox } = inboxIn();
  inbox.addEventPattern('Orders', ORDERS);
  expect(refusalOf(() => inbox.addEventPattern(id, ORDERS))).toContain(`\`id\` must be one that nothing else has, got: ${id}, which is there already. Choose another one`);
  expect(refusalOf(() => inbox.addEventPattern('Returns', ORDERS))).toBe('');
});
