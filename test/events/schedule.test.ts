import { App, Aws, CfnParameter, Duration, Lazy, Stack, TimeZone } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FlueEventTarget, FlueFargateService, FlueImage, type FlueInboxOptions, type FlueScheduleOptions } from '../../src';
import { MAX_SCHEDULE_BYTES } from '../../src/invariants/limits/events';
import { FLUE_0, removeFixtures, temporaryDirectory, write } from '../image/fixtures';
import { imageOf, refusalOf } from '../service/support';
import { stopClock } from '../support/clock';

afterAll(removeFixtures);

const HOURLY = ScheduleExpression.rate(Duration.hours(1));
const ASSISTANT = FlueEventTarget.agent('assistant', { message: 'Go.' });

function scheduled(options: Partial<FlueScheduleOptions>, flueMajor?: number, ofInbox: FlueInboxOptions = {}) {
  const stack = new Stack(new App(), 'Test');
  const agents = new FlueFargateService(stack, 'Agents', { image: Object.assign(imageOf(stack), { flueMajor }) });
  agents.addInbox(ofInbox).addSchedule('Nightly', { schedule: HOURLY, target: ASSISTANT, ...options });
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::Scheduler::Schedule'));
  return { Properties, input: JSON.parse(Properties.Target.Input) };
}

const refused = (options: Partial<FlueScheduleOptions>, flueMajor?: number) => refusalOf(() => scheduled(options, flueMajor));

test('a schedule puts its event into the queue, named after the schedule and the time', () => {
  const { Properties, input } = scheduled({});
  expect(Properties).toMatchObject({ ScheduleExpression: 'rate(1 hour)', State: 'ENABLED', FlexibleTimeWindow: { Mode: 'OFF' } });
  expect(Properties.Target.Arn).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^AgentsInboxQueue/), 'Arn'] });
  expect(input).toEqual({ agent: 'assistant', message: 'Go.', fire: { schedule: '<aws.scheduler.schedule-arn>', time: '<aws.scheduler.scheduled-time>' } });
});

test.each([[Duration.minutes(1), 60], [Duration.days(3), 86400]])('Scheduler tries for as long as the inbox, a day at most (%s), and keeps what it cannot send', (retryFor, seconds) => {
  const { Properties } = scheduled({}, undefined, { retryFor });
  expect(Properties.Target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: seconds, MaximumRetryAttempts: 185 });
  expect(Properties.Target.DeadLetterConfig.Arn).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^AgentsInboxUndelivered/), 'Arn'] });
});

test('the role of the schedule may send to the queue and to the undelivered, and do nothing else', () => {
  const stack = new Stack(new App(), 'Test');
  new FlueFargateService(stack, 'Agents', { image: imageOf(stack) }).addSchedule('Nightly', { schedule: HOURLY, target: ASSISTANT });
  const template = Template.fromStack(stack);
  const [[roleId, role]] = Object.entries(template.findResources('AWS::IAM::Role')).filter(([, { Properties }]) => JSON.stringify(Properties).includes('scheduler.amazonaws.com'));
  expect(role.Properties.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals['aws:SourceAccount']).toEqual({ Ref: 'AWS::AccountId' });
  const statements = Object.values(template.findResources('AWS::IAM::Policy')).filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === roleId))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const actions = statements.flatMap(({ Action }: { Action: string | string[] }) => Action);
  expect([...new Set(actions)]).toEqual(['sqs:SendMessage']);
  expect(JSON.stringify(statements)).not.toContain('"*"');
});

test('nothing in the event differs between two attempts of one fire, or SQS would take both', () => {
  expect(JSON.stringify(scheduled({}).input)).not.toMatch(/execution-id|attempt-number/);
});

test.each<[string, FlueEventTarget, string]>([
  ['a conversation', FlueEventTarget.agent('assistant', { message: 'Go.', conversationId: 'nightly' }), 'assistant/nightly'],
  ['a workflow', FlueEventTarget.workflow('report'), 'workflow/report'],
  ['a new conversation with each fire', ASSISTANT, 'schedule/Nightly'],
])('the group of %s', (_, target, group) => {
  expect(scheduled({ target }).Properties.Target.SqsParameters).toEqual({ MessageGroupId: group });
});

test('time zone, window, start and end are those of Scheduler', () => {
  const { Properties } = scheduled({
    schedule: ScheduleExpression.cron({ minute: '0', hour: '3', timeZone: TimeZone.EUROPE_BERLIN }),
    timeWindow: TimeWindow.flexible(Duration.minutes(10)),
    start: new Date('2027-01-01T00:00:00Z'),
    end: new Date('2027-02-01T00:00:00Z'),
    enabled: false,
  });
  expect(Properties).toMatchObject({
    ScheduleExpression: 'cron(0 3 * * ? *)',
    ScheduleExpressionTimezone: 'Europe/Berlin',
    State: 'DISABLED',
    FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 10 },
    StartDate: '2027-01-01T00:00:00.000Z',
    EndDate: '2027-02-01T00:00:00.000Z',
  });
});

test.each([
  'rate(1 minute)', 'rate(2 days)', 'cron(0 3 29 2 ? *)', 'cron(0 3 31 1,3 ? *)', 'cron(0 3 31 2,3 ? *)', 'cron(0 3 L 2 ? *)', 'cron(0 3 28-31 2 ? *)',
  'cron(0 3 ? * MON-FRI *)', 'cron(0 3 ? * FRI-MON *)', 'cron(0 3 ? * 6L *)', 'cron(0 3 ? * MON#2 *)', 'cron(0 3 29 2 ? 2028)', 'cron(0 3 29 FEB ? 2027-2028)', 'cron(0 3 30-31 2-3 ? *)', 'cron(59 23 15W * ? 2199)', 'cron(0 0 1 1 ? 1970-2199)', 'cron(*/15 0/6 1/7 * ? *)', 'cron(0 3 31 JAN ? 2030)', 'cron(0/5 * * * ? *)', 'at(2030-01-01T00:00:00)',
])('%s fires', expression => {
  expect(scheduled({ schedule: ScheduleExpression.expression(expression) }).Properties.ScheduleExpression).toBe(expression);
});

test.each([
  ['cron(0 3 30 2 ? *)', /must fire at some time, got: cron\(0 3 30 2 \? \*\)/],
  ['cron(0 3 31 APR,JUN ? *)', /must fire at some time/],
  ['cron(0 3 31 4 ? *)', /must fire at some time/],
  ['cron(0 3 0 * ? *)', /must fire at some time/],
  ['cron(0 3 1 1 MON *)', /must fire at some time/],
  ['cron(0 3 * * *)', /must fire at some time/],
  ['cron(0 3 29 2 ? 2027)', /must fire at some time/],
  ['cron(0 3 29 2 ? 2029-2031)', /must fire at some time/],
  ['cron(0 3 30-31 2 ? *)', /must fire at some time/],
  ['cron(60 3 * * ? *)', /must fire at some time/],
  ['cron(0 24 * * ? *)', /must fire at some time/],
  ['cron(0 3 32 * ? *)', /must fire at some time/],
  ['cron(0 3 1 13 ? *)', /must fire at some time/],
  ['cron(0 3 ? * 8 *)', /must fire at some time/],
  ['cron(0 3 1 1 ? 2200)', /must fire at some time/],
  ['cron(0 3 1 1 ? 1969)', /must fire at some time/],
  ['cron(0/0 3 * * ? *)', /must fire at some time/],
  ['at(2027-02-30T00:00:00)', /must be a time of the calendar, got: at\(2027-02-30T00:00:00\)/],
  ['at(tomorrow)', /must be a time of the calendar/],
  ['rate(30 seconds)', /must be a rate of whole minutes, hours or days, got: 30 seconds\. Scheduler fires once a minute at most/],
  ['rate(0 minutes)', /must be a rate of whole minutes/],
  ['rate(1.5 hours)', /must be a rate of whole minutes/],
  ['0 3 * * *', /must be a rate, a cron expression or a time, got: 0 3 \* \* \*/],
])('%s is refused', (expression, message) => {
  expect(refused({ schedule: ScheduleExpression.expression(expression) })).toMatch(message);
});

test('an expression that only the deployment knows passes', () => {
  expect(refused({ schedule: ScheduleExpression.expression(Lazy.string({ produce: () => 'rate(1 hour)' })) })).toBe('');
});

test.each<[string, FlueEventTarget, RegExp]>([
  ['an agent with a slash', FlueEventTarget.agent('a/b', { message: 'Go.' }), /`agentName` must be .*, got: a\/b\./],
  ['an agent without a name', FlueEventTarget.agent('', { message: 'Go.' }), /`agentName` must be .*, got: an empty string\./],
  ['an agent with too long a name', FlueEventTarget.agent('a'.repeat(49), { message: 'Go.' }), /`agentName` must be 1–48/],
  ['an empty conversation', FlueEventTarget.agent('a', { message: 'Go.', conversationId: '' }), /`conversationId` must be .*, got: an empty string\./],
  ['a conversation with a space', FlueEventTarget.agent('a', { message: 'Go.', conversationId: 'a b' }), /`conversationId` must be .*, got: a b\./],
  ['too long a conversation', FlueEventTarget.agent('a', { message: 'Go.', conversationId: 'a'.repeat(73) }), /`conversationId` must be 1–72/],
  ['a conversation known later', FlueEventTarget.agent('a', { message: 'Go.', conversationId: Lazy.string({ produce: () => 'a' }) }), /`conversationId` must be known at synthesis/],
  ['an empty message', FlueEventTarget.agent('a', { message: '' }), /`message` must say something/],
  ['a workflow with a query', FlueEventTarget.workflow('a?b'), /`workflowName` must be .*, got: a\?b\./],
])('%s is refused', (_, target, message) => {
  expect(refused({ target })).toMatch(message);
});

test('names and groups at their longest fit a group of SQS', () => {
  const target = FlueEventTarget.agent('a'.repeat(48), { message: 'Go.', conversationId: 'b'.repeat(72) });
  expect(scheduled({ target }).Properties.Target.SqsParameters.MessageGroupId.length).toBeLessThanOrEqual(128);
});

test('a workflow on Flue 2 is refused, an agent is not', () => {
  expect(refused({ target: FlueEventTarget.workflow('report') }, 2)).toMatch(/`target` must be an agent on Flue 2, got: the workflow report\./);
  expect(refused({ target: FlueEventTarget.workflow('report') }, 1)).toBe('');
  expect(refused({}, 2)).toBe('');
});

test('an end before the start is refused', () => {
  const day = new Date('2027-01-01T00:00:00Z');
  expect(refused({ start: day, end: day })).toMatch(/`end` must be after `start`/);
});

describe('a schedule that is over', () => {
  const NOW = new Date('2027-06-15T12:00:00Z');
  let clock: jest.SpyInstance;
  beforeAll(() => { clock = stopClock(NOW); });
  afterAll(() => clock.mockRestore());

  const warnings = (expression: string, more: Partial<FlueScheduleOptions> = {}) => {
    const stack = new Stack(new App(), 'Test');
    const inbox = new FlueFargateService(stack, 'Agents', { image: imageOf(stack) }).addInbox();
    inbox.addSchedule('Nightly', { schedule: ScheduleExpression.expression(expression), target: ASSISTANT, ...more });
    return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('is over: it fires no more')).length;
  };

  test.each<[string, Partial<FlueScheduleOptions>]>([
    ['cron(0 3 1 1 ? 2026)', {}],
    ['cron(0 3 1 1 ? 2020-2026)', {}],
    ['at(2027-06-14T21:59:59)', {}],
    ['rate(1 hour)', { end: new Date('2027-06-15T11:59:59Z') }],
  ])('is warned of, and no error, because the app was right once: %s %j', (expression, more) => {
    expect(warnings(expression, more)).toBe(1);
    expect(warnings(expression, { ...more, enabled: false })).toBe(0);
  });

  test.each<[string, Partial<FlueScheduleOptions>]>([
    ['cron(0 3 1 1 ? 2026-2027)', {}],
    ['cron(0 3 1 1 ? 2020,2028)', {}],
    ['cron(0 3 1 1 ? *)', {}],
    ['at(2027-06-14T22:00:00)', {}],
    ['rate(1 hour)', { end: new Date('2027-06-15T12:00:00Z') }],
  ])('is not seen in %s %j', (expression, more) => {
    expect(warnings(expression, more)).toBe(0);
  });
});

test('an agent that the app does not have is warned of, wherever events go to it', () => {
  const stack = new Stack(new App(), 'Test');
  const image = new FlueImage(stack, 'Image', { directory: write(temporaryDirectory(), { ...FLUE_0, 'src/agents/assistant.ts': '' }) });
  const inbox = new FlueFargateService(stack, 'Agents', { image }).addInbox();
  const add = (agentName: string) => {
    inbox.addSchedule(`Nightly${agentName}`, { schedule: HOURLY, target: FlueEventTarget.agent(agentName, { message: 'Go.' }) });
    inbox.addWebhook(`/${agentName}`, { agentName });
    inbox.addEventPattern(`Orders${agentName}`, { eventPattern: { source: ['a'] }, agentName });
  };
  const warned = (name: string) => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(`The app has no file agents/${name}`)).length;
  add('assistant');
  expect(warned('assistant')).toBe(0);
  inbox.addSchedule('Typo', { schedule: HOURLY, target: FlueEventTarget.agent('one', { message: 'Go.' }) });
  inbox.addWebhook('/typo', { agentName: 'two' });
  inbox.addEventPattern('Typos', { eventPattern: { source: ['a'] }, agentName: 'three' });
  expect(['one', 'two', 'three'].map(warned)).toEqual([1, 1, 1]);
  inbox.addSchedule('Work', { schedule: HOURLY, target: FlueEventTarget.workflow('report') });
  expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('no file workflows/report'))).toHaveLength(1);
});

test('a payload that fits passes, one byte more is refused', () => {
  const of = (length: number) => ({ target: FlueEventTarget.agent('a', { message: 'x'.repeat(length) }) });
  const most = MAX_SCHEDULE_BYTES - 1024 - JSON.stringify({ agent: 'a', message: '' }).length;
  expect(refused(of(most))).toBe('');
  expect(refused(of(most + 1))).toMatch(/`target` must have at most 261120 bytes, got: 261121\./);
});

test('a secret in the message is refused', () => {
  expect(refused({ target: FlueEventTarget.agent('a', { message: 'Use postgres://flue:hunter2secret@db.example.com/flue' }) })).not.toBe('');
});

test.each<[what: string, text: (stack: Stack) => string, reason: string]>([
  ['an unwrapped secret', stack => `Use ${Secret.fromSecretNameV2(stack, 'Key', 'key').secretValue.unsafeUnwrap()}.`, 'dynamic reference'],
  ['a dynamic reference that is written out', () => '{{resolve:secretsmanager:key}}', 'dynamic reference'],
  ['a parameter with NoEcho', stack => new CfnParameter(stack, 'Hidden', { noEcho: true }).valueAsString, 'NoEcho parameter'],
])('%s is refused in a message and in a payload, which anyone reads who may read the schedule', (_, text, reason) => {
  const refuse = (target: (stack: Stack) => FlueEventTarget) => refusalOf(() => {
    const stack = new Stack(new App(), 'Test');
    new FlueFargateService(stack, 'Agents', { image: imageOf(stack) }).addSchedule('Nightly', { schedule: HOURLY, target: target(stack) });
  });
  const says = '`target` must not hold a secret in plain text, got: one, because CloudFormation puts the ';
  for (const refusal of [refuse(stack => FlueEventTarget.agent('a', { message: text(stack) })), refuse(stack => FlueEventTarget.workflow('w', { input: { deep: [text(stack)] } }))]) {
    expect(refusal).toContain(says);
    expect(refusal).toContain(reason);
  }
  expect(refuse(() => FlueEventTarget.agent('a', { message: `In ${Aws.REGION}.` }))).toBe('');
});

/** A payload that JSON would never come to the end of. */
function endless(): { [name: string]: unknown } {
  const input: { [name: string]: unknown } = {};
  input.a = { above: input };
  return input;
}

test.each<[what: string, input: { [name: string]: unknown }, isRefused: boolean]>([
  ['a function below', { a: { b: () => 1 } }, true],
  ['a bigint in a list', { a: [1n] }, true],
  ['itself', endless(), true],
  ['one object twice', ((shared) => ({ a: shared, b: [shared] }))({ c: 1 }), false],
  ['nothing below', { a: { b: undefined, c: null } }, false],
  ['a token', { a: { b: Lazy.any({ produce: () => 1 }), c: Aws.REGION } }, false],
])('a payload with %s', (_, input, isRefused) => {
  expect(refusalOf(() => FlueEventTarget.workflow('w', { input }))).toBe(isRefused
    ? `[FlueEventTarget.workflow()] \`input\` must be an object in which each value is a value of JSON, got: ${Array.isArray(input.a) ? 'a list' : 'an object'} for a. Pass texts, numbers, lists and objects`
    : '');
});
