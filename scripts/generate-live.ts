import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { table, updateSection } from './sections';
import { PROBES } from '../test/live/probes';
import { QUESTIONS, type Question } from '../test/live/questions';
import type { Report } from '../test/live/report';

const DOCS = join(__dirname, '..', 'docs');
/** The page of questions, which has each of them between the lines `questions`. */
export const PAGE = join(DOCS, 'open-questions.md');
export const README = join(__dirname, '..', 'README.md');
export const REPORTS = join(DOCS, 'live');
const HERE = 'https://github.com/cdk-flue/cdk-flue/blob/main/docs';

/** Every report in a folder, the newest first. */
export function readReports(directory: string = REPORTS): Report[] {
  const files = existsSync(directory) ? readdirSync(directory).filter(name => name.endsWith('.json')) : [];
  return files.map(name => JSON.parse(readFileSync(join(directory, name), 'utf8')) as Report).sort((a, b) => a.date < b.date ? 1 : -1);
}

/** What the newest report of AWS says of a question; an emulated one answers none. */
function answerTo({ probe, host, reason }: Question, reports: readonly Report[]): string {
  for (const { date, emulated, results } of reports) {
    const found = emulated ? [] : results.filter(result => result.probe === probe && result.outcome !== 'skipped' && (host === undefined || result.host === host));
    if (found.length > 0) {
      const link = `[${date}](live/${date}.md)`;
      const bad = found.filter(({ outcome }) => outcome === 'broken');
      return `${bad.length > 0 ? `**No**, ${link}: ${bad.map(({ says }) => says).join('; ')}` : `Yes, ${link}: ${[...new Set(found.map(({ says }) => says))].join('; ')}`}.`;
    }
  }
  return probe === undefined ? `None. ${reason}` : 'None yet.';
}

/** Every question, as the page shows it. */
export function renderQuestions(reports: readonly Report[]): string {
  const link = (file: string) => `[${file}](${file.startsWith('docs/') ? file.slice('docs/'.length) : `../${file}`})`;
  return [
    table(['Question', 'Probe', 'Answered'], QUESTIONS.map(question => [
      `[${question.asks}](#${question.id})`, question.probe ? `\`${question.probe}\`` : 'none', /^(Yes|\*\*No)/.exec(answerTo(question, reports))?.[0].replace('**', '') ?? 'no',
    ])),
    ...QUESTIONS.flatMap(question => [
      '',
      `## ${question.id}`,
      '',
      `${question.asks}`,
      '',
      `- The library assumes: ${question.assumes}.`,
      `- It matters in ${question.where.map(link).join(', ')}.`,
      ...question.probe === undefined ? [] : [`- The probe \`${question.probe}\`${question.host ? `, asked of \`${question.host}\`,` : ''} answers it${promiseOf(question.probe)}.`],
      `- Answer: ${answerTo(question, reports)}`,
    ]),
  ].join('\n');
}

function promiseOf(name: string): string {
  const promise = PROBES.find(probe => probe.name === name)?.promises;
  return promise === undefined ? '' : `: "${promise.replace(/\.$/, '')}"`;
}

/** The sentence of the README on what was deployed. */
export function statusSentence(reports: readonly Report[]): string {
  const newest = reports.find(({ emulated }) => !emulated);
  const rest = `[How it is tested](${HERE}/how-it-is-tested.md) says what else was proven, and [open questions](${HERE}/open-questions.md) what only AWS can answer.`;
  if (newest === undefined) {
    return `**Status:** experimental, and never deployed to a live AWS account. ${rest}`;
  }
  const count = (outcome: string) => newest.results.filter(result => result.outcome === outcome).length;
  return `**Status:** experimental; last deployed to a live AWS account on [${newest.date}](${HERE}/live/${newest.date}.md): ${count('holds')} promises held, ${count('broken')} did not. ${rest}`;
}

/** The README with the sentence in its place. */
export function withStatus(readme: string, reports: readonly Report[]): string {
  if (!/^\*\*Status:\*\* .*$/m.test(readme)) throw new Error('The README has no line that begins with **Status:**');
  return readme.replace(/^\*\*Status:\*\* .*$/m, () => statusSentence(reports));
}

if (require.main === module) {
  const reports = readReports();
  updateSection(PAGE, 'questions', renderQuestions(reports));
  writeFileSync(README, withStatus(readFileSync(README, 'utf8'), reports));
}
