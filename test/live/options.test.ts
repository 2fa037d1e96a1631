import { parseOptions, Refusal } from './options';

const PROBES = ['health', 'prompt'];

test('everything is deployed and asked unless one says otherwise', () => {
  expect(parseOptions([], PROBES)).toMatchObject({ hosts: ['fargate', 'express', 'box', 'sharded', 'signin'], probes: undefined, yes: false, minutes: 120, keep: false, destroy: false, report: 'docs/live', emulated: false });
});

test('every option is read', () => {
  const argv = ['--yes', '--only', 'box,fargate', '--probes', 'prompt', '--region', 'eu-west-1', '--image', 'r/i:1', '--from', '203.0.113.0/24', '--minutes', '10', '--keep', '--run', 'ab12', '--report', 'out'];
  expect(parseOptions(argv, PROBES)).toMatchObject({
    yes: true, hosts: ['fargate', 'box'], probes: ['prompt'], region: 'eu-west-1', image: 'r/i:1', from: '203.0.113.0/24', minutes: 10, keep: true, run: 'ab12', report: 'out',
  });
});

test.each<[string[], string]>([
  [['--only', 'fargate,lambda'], '--only must be some of fargate, express, box, sharded, signin, got: lambda.'],
  [['--only', ''], '--only must be some of fargate, express, box, sharded, signin, got: nothing.'],
  [['--probes', 'luck'], '--probes must be some of health, prompt, got: luck.'],
  [['--minutes', '9'], '--minutes must be a whole number from 10 to 600, got: 9.'],
  [['--minutes', '601'], '--minutes must be a whole number from 10 to 600, got: 601.'],
  [['--minutes', '12.5'], '--minutes must be a whole number from 10 to 600, got: 12.5.'],
  [['--run', 'a-b'], '--run must be 4 to 12 letters and digits, got: a-b.'],
  [['--from', 'everyone'], '--from must be a range of IPv4 addresses such as 203.0.113.7/32, got: everyone.'],
  [['--keep', '--destroy'], '--keep and --destroy contradict each other: pass one of them.'],
  [['--force'], "Unknown option '--force'."],
])('%j is refused', (argv, message) => {
  expect(() => parseOptions(argv, PROBES)).toThrow(new Refusal(message));
});

test.each(['10', '600'])('%s minutes are enough and not too many', minutes => {
  expect(parseOptions(['--minutes', minutes], PROBES).minutes).toBe(Number(minutes));
});
