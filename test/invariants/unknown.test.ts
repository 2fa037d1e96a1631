import { App, Duration, Lazy, Size, Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { isPending, isUnknown, knownText, settled, tokensIn } from '../../src/invariants/unknown';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const later = Lazy.number({ produce: () => 1 });
const text = Lazy.string({ produce: () => 'later' });

/** A stack whose lookups are done, and one that has yet to make one. */
const settledStack = () => new Stack(new App(), 'Stack', { env: ENV });
const waitingStack = () => {
  const stack = settledStack();
  StringParameter.valueFromLookup(stack, '/agents/value');
  return stack;
};

test.each<[unknown: string | number | string[] | Duration | Size]>([
  [text], [`https://${text}/path`], [later], [Lazy.list({ produce: () => [] })], [Duration.seconds(later)], [Size.gibibytes(later)],
  ['dummy-value-for-/agents/value'], ['https://dummy-value-for-/agents/value.example.com'], ['vpc-12345'], ['p-67890'], ['dummy1a'], ['sg-12345678'], ['ami-1234'],
  ['DUMMY'], ['arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/application/my-load-balancer/50dc6c495c0c9188'],
  ['arn:aws:iam::123456789012:role/DUMMY_ARN'], ['arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab'],
])('%p is not known yet', given => {
  expect(isUnknown(given)).toBe(true);
});

test.each<[known: string | number | boolean | string[] | Duration | Size | undefined]>([
  [undefined], [''], ['agents'], ['dummy'], ['vpc-123456'], ['my-dummy1a'], ['DUMMY_NAME'], [0], [NaN], [Infinity], [true], [[]], [['a', text]], [Duration.seconds(1)],
  [Duration.seconds(NaN)], [Size.gibibytes(1)],
])('%p is known, for better or worse', given => {
  expect(isUnknown(given)).toBe(false);
});

test('what was computed from the text of a lookup waits for it, and is refused once it is made', () => {
  for (const given of [Number('dummy-value-for-/agents/value'), Duration.seconds(NaN), Duration.days(NaN), Size.gibibytes(NaN)]) {
    expect(isUnknown(given, waitingStack())).toBe(true);
    expect(isPending(given, waitingStack())).toBe(true);
    expect(isUnknown(given, settledStack())).toBe(false);
  }
});

test('only the result of a lookup is pending', () => {
  for (const given of [text, later, Duration.seconds(later), Size.gibibytes(later), 'agents', 1, undefined]) {
    expect(isPending(given, waitingStack())).toBe(false);
  }
  expect(isPending('dummy-value-for-/agents/value')).toBe(true);
});

test('defaults stand in for numbers that wait, and for nothing else', () => {
  const props = { cpu: NaN, idleTimeout: Duration.seconds(NaN), memoryLimitMiB: 512, name: 'dummy-value-for-/agents/value', list: [NaN], later };
  expect(Object.keys(settled(waitingStack(), props))).toEqual(['memoryLimitMiB', 'name', 'list', 'later']);
  expect(settled(settledStack(), props)).toEqual(props);
});

test('defaults stand in for what waits in options, and nothing else is copied', () => {
  const options = { interval: Duration.minutes(NaN), name: 'a' };
  const kept = { interval: Duration.minutes(5) };
  const given = settled(waitingStack(), { options, kept });
  expect(given).toEqual({ options: { name: 'a' }, kept });
  expect(given.kept).toBe(kept);
});

test('the known part of a text', () => {
  expect(knownText('agents')).toBe('agents');
  expect(knownText(`postgres://${text}:secret@${text}/flue`)).toBe('postgres://${token}:secret@${token}/flue');
  expect(tokensIn(`${text}-${text}`)).toHaveLength(2);
  expect(tokensIn('agents')).toEqual([]);
});
