import { OF_EVERY_RUN, PROBES } from './probes';
import type { Host } from './stacks';

export type Outcome = 'holds' | 'broken' | 'skipped';

export interface Result {
  readonly probe: string;
  readonly host?: Host;
  readonly outcome: Outcome;
  readonly says: string;
  readonly seconds: number;
  readonly measured?: { readonly [what: string]: number };
}

export interface Report {
  readonly date: string;
  readonly emulated: boolean;
  readonly region: string;
  readonly hosts: readonly Host[];
  readonly library: string;
  readonly minutes: number;
  /** Why the run ended early. */
  readonly ended?: string;
  readonly results: readonly Result[];
}

/** What tells of an account, a host or a secret, by its form. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/arn:aws[\w-]*:[^\s"',)\]]*/g, '[arn]'],
  [/\b[\w.-]+\.(?:amazonaws\.com|on\.aws|aws\.dev|awsapps\.com|cloudfront\.net)(?:\.cn)?\b/g, '[host]'],
  [/https?:\/\/[^\s"')]+/g, '[url]'],
  [/\b\d{12}\b/g, '[account]'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '[address]'],
  [/\b(?:i|vpc|subnet|sg|vol|eni|eipalloc|lt|rtb|igw|nat|vpce|ami)-[0-9a-f]{8,17}\b/g, '[id]'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '[key]'],
  [/(?<=postgres(?:ql)?:\/\/)[^\s"']+/g, '[secret]'],
];

/** A text without account ids, hosts, ids of resources and the secrets given. */
export function withoutNames(text: string, secrets: readonly string[] = []): string {
  const plain = secrets.filter(Boolean).reduce((rest, secret) => rest.split(secret).join('[secret]'), text);
  return FORMS.reduce((rest, [form, instead]) => rest.replace(form, instead), plain);
}

/** The report with nothing in it that a repository may not show. */
export function publishable(report: Report, secrets: readonly string[] = []): Report {
  const clean = (text: string) => withoutNames(text, secrets);
  const results = report.results.map(result => ({ ...result, says: clean(result.says) }));
  return { ...report, ...report.ended === undefined ? {} : { ended: clean(report.ended) }, results };
}

/** The name of its files, without the ending. */
export function nameOf({ date, emulated }: Report): string {
  return emulated ? `${date}-emulated` : date;
}

/** The report as a page. */
export function renderReport(report: Report): string {
  const { date, emulated, region, hosts, library, minutes, ended, results } = report;
  const count = (outcome: Outcome) => results.filter(result => result.outcome === outcome).length;
  const promises = new Map<string, string>([...Object.entries(OF_EVERY_RUN), ...PROBES.map(({ name, promises: says }) => [name, says] as const)]);
  const cell = (text: string) => text.replace(/\|/g, '\\|').replace(/\n/g, ' ');
  return [
    `# ${emulated ? 'An emulated run' : 'A run on AWS'}, ${date}`,
    '',
    emulated
      ? 'This run asked the emulator of `npm run verify:deploy`, in which no server runs. It shows what a report looks like, and proves nothing of AWS.'
      : `This run deployed the example agents to a live account in ${region}, and destroyed them.`,
    '',
    `Version ${library} of the library, on ${hosts.join(', ')}, in ${minutes} minutes: ${count('holds')} promises held, ${count('broken')} did not,`
      + ` ${count('skipped')} were skipped.`,
    ...ended === undefined ? [] : ['', `It ended early: ${ended}`],
    '',
    '| Probe | Server | | What was seen | Seconds |',
    '| --- | --- | --- | --- | --- |',
    ...results.map(({ probe, host = '', outcome, says, seconds }) => `| ${cell(probe)} | ${host} | ${outcome} | ${cell(says)} | ${seconds} |`),
    '',
    '## What each probe promises',
    '',
    ...[...new Set(results.map(({ probe }) => probe))].filter(name => promises.has(name)).map(name => `- \`${name}\`: ${promises.get(name)}`),
    '',
  ].join('\n');
}
