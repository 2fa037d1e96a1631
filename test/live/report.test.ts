import { nameOf, publishable, renderReport, withoutNames, type Report, type Result } from './report';

const TOKEN = 'Tk9vTm9UcHJpbnRUaGlz';
/** What a message of AWS may hold. */
const PLANTED = [
  '210987654321', 'arn:aws:ecs:eu-west-1:210987654321:service/a/b', 'FlueL-Agent-1X2Y3.eu-west-1.elb.amazonaws.com', 'ag-0123.ecs.eu-west-1.on.aws',
  'd111111abcdef8.cloudfront.net', '198.51.100.23', 'i-0abc1234def567890', 'vpc-0abc1234def567890', 'AKIAIOSFODNN7EXAMPLE', 'postgres://agents:hunter2@host/db', TOKEN,
];
const planted: Result = { probe: 'health', host: 'fargate', outcome: 'broken', says: PLANTED.join(' | '), seconds: 3 };
const report: Report = {
  date: '2027-01-02',
  emulated: false,
  region: 'eu-west-1',
  hosts: ['fargate'],
  library: '1.2.3',
  minutes: 61,
  ended: `lost ${PLANTED.join(' ')}`,
  results: [planted, { probe: 'destruction', outcome: 'holds', says: 'gone', seconds: 9 }, { probe: 'prompt', host: 'fargate', outcome: 'skipped', says: 'no server', seconds: 0 }],
};

test.each(PLANTED)('%s does not get into a report', name => {
  const clean = publishable(report, [TOKEN]);
  for (const text of [renderReport(clean), JSON.stringify(clean)]) {
    expect(text).not.toContain(name);
  }
  expect(JSON.stringify(report)).toContain(name);
});

test('a secret is known by its value, whatever it looks like', () => {
  expect(withoutNames(`the token ${TOKEN} was refused`)).toContain(TOKEN);
  expect(withoutNames(`the token ${TOKEN} was refused`, [TOKEN, ''])).toBe('the token [secret] was refused');
});

test('numbers and words that name nothing stay', () => {
  const says = 'of 1000 requests 999 answered 200, 1 answered 502; after 660 s, zone use1-az3, version 1.2.3';
  expect(withoutNames(says)).toBe(says);
});

test('the page says what was run, counts, and why it ended early', () => {
  const page = renderReport(publishable(report, [TOKEN]));
  expect(page).toContain('# A run on AWS, 2027-01-02');
  expect(page).toContain('on fargate, in 61 minutes: 1 promises held, 1 did not, 1 were skipped.');
  expect(page).toContain('It ended early: lost');
  expect(page).toContain('| destruction |  | holds | gone | 9 |');
  expect(page).toContain('- `health`: The server answers its health check through the URL, every time.');
});

test('an emulated run cannot be taken for one on AWS', () => {
  const emulated = { ...report, emulated: true };
  expect(nameOf(emulated)).toBe('2027-01-02-emulated');
  expect(nameOf(report)).toBe('2027-01-02');
  expect(renderReport(emulated)).toMatch(/^# An emulated run, 2027-01-02\n\n[^]*proves nothing of AWS/);
});
