import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE, README, readReports, renderQuestions, statusSentence, withStatus } from '../../scripts/generate-live';
import { withSection } from '../../scripts/sections';
import { OF_EVERY_RUN, PROBES } from '../live/probes';
import { QUESTIONS } from '../live/questions';
import type { Report, Result } from '../live/report';

const ROOT = join(__dirname, '../..');
const REGENERATE = 'run `npx projen generate:live`';
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
/** How a page says that nobody has seen a thing on AWS. */
const HEDGE = /\bunverified\b|\bnot verified\b|documentation of AWS only|from the\s+documentation of\s+AWS|\b(?:on|to) a live (?:AWS )?account|not seen on AWS/i;
const LINK = /open-questions\.md(?:#([\w-]+))?\)/g;
const ids = QUESTIONS.map(({ id }) => id);

/** The sections of a page that say so and lead to no question. */
function hedgesWithoutQuestion(page: string): string[] {
  return page.split(/^(?=#+ )/m).filter(section => HEDGE.test(section) && [...section.matchAll(LINK)].length === 0).map(section => section.split('\n')[0]);
}

test(`the page of open questions is what the list and the reports say; otherwise ${REGENERATE}`, () => {
  const page = readFileSync(PAGE, 'utf8');
  expect(page).toBe(withSection(page, 'questions', renderQuestions(readReports())));
});

test(`the README says of the newest run what its report says; otherwise ${REGENERATE}`, () => {
  const readme = readFileSync(README, 'utf8');
  expect(readme).toBe(withStatus(readme, readReports()));
});

test('every id is one of a kind', () => expect(new Set(ids).size).toBe(ids.length));

test.each(QUESTIONS)('$id has a probe or a reason, and matters somewhere', ({ probe, host, reason, where }) => {
  expect([probe, reason].filter(it => it !== undefined)).toHaveLength(1);
  const known = PROBES.find(({ name }) => name === probe);
  expect(probe === undefined || known !== undefined || probe in OF_EVERY_RUN).toBe(true);
  expect(host === undefined || known!.hosts.includes(host)).toBe(true);
  expect(where.filter(file => !existsSync(join(ROOT, file)))).toEqual([]);
});

test('every probe answers a question', () => {
  const asked = QUESTIONS.map(({ probe }) => probe);
  expect([...PROBES.map(({ name }) => name), ...Object.keys(OF_EVERY_RUN)].filter(name => !asked.includes(name))).toEqual([]);
});

const PAGES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')
  .filter(file => existsSync(join(ROOT, file)) && !/^(API|CHANGELOG)\.md$|^docs\/(open-questions\.md|live\/)/.test(file));

test('a page that says what nobody has seen on AWS links to the question', () => {
  const missing = PAGES.flatMap(file => hedgesWithoutQuestion(read(file)).map(section => `${file}: ${section}`));
  expect(missing).toEqual([]);
  expect(PAGES.filter(file => HEDGE.test(read(file))).length).toBeGreaterThan(10);
});

test('a source that says so has a question', () => {
  const sources = execFileSync('git', ['grep', '-lwi', 'unverified', '--', 'src'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  expect(sources.filter(file => !QUESTIONS.some(({ where }) => where.includes(file)))).toEqual([]);
});

test.each(['This is unverified.', 'Known from the documentation of\nAWS.', 'Never run on a live account.', 'It was not seen on AWS.'])('a section is found that says: %s', sentence => {
  expect(hedgesWithoutQuestion(`# One\n\nFine.\n\n## Other\n\n${sentence}\n`)).toEqual(['## Other']);
  expect(hedgesWithoutQuestion(`## Other\n\n${sentence} [Open](open-questions.md#state)\n`)).toEqual([]);
});

describe('what a report answers', () => {
  const result = (more: Partial<Result>): Result => ({ probe: 'redeployment', host: 'fargate', outcome: 'holds', says: 'a gap of 90 s', seconds: 1, ...more });
  const report = (more: Partial<Report>, ...results: Result[]): Report => ({
    date: '2027-01-02', emulated: false, region: 'us-east-1', hosts: ['fargate'], library: '1.0.0', minutes: 60, results, ...more,
  });
  const answer = (...reports: Report[]) => /## gap-of-recreate[^]*?- Answer: (.*)/.exec(renderQuestions(reports))![1];

  test('is dated, and of the server that was asked', () => {
    expect(answer(report({}, result({})))).toBe('Yes, [2027-01-02](live/2027-01-02.md): a gap of 90 s.');
    expect(answer(report({}, result({ outcome: 'broken' })))).toBe('**No**, [2027-01-02](live/2027-01-02.md): a gap of 90 s.');
    expect(answer(report({}, result({ host: 'express' })))).toBe('None yet.');
    expect(answer(report({}, result({ outcome: 'skipped' })))).toBe('None yet.');
  });
  test('is nothing where the run was emulated', () => {
    expect(answer(report({ emulated: true }, result({})))).toBe('None yet.');
    expect(statusSentence([report({ emulated: true }, result({}))])).toContain('never deployed to a live AWS account');
  });
  test('stands in the README with the newest date', () => {
    expect(statusSentence([report({}, result({}), result({ outcome: 'broken' }))])).toContain('[2027-01-02](https://github.com/cdk-flue/cdk-flue/blob/main/docs/live/2027-01-02.md): 1 promises held, 1 did not.');
  });
  test('a README without the sentence is refused', () => expect(() => withStatus('# Title', [])).toThrow('no line that begins with **Status:**'));
});
