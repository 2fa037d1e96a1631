import { INVARIANTS } from '../../invariants';
import type { InvariantLevel } from '../../invariants/invariant';

/** A finding as it is printed. */
export interface Line {
  readonly id: string;
  readonly level: InvariantLevel;
  /** Construct path, or the logical id where the template stands alone. */
  readonly resource: string;
  readonly logicalId: string;
  /** File of the template, from the working directory. */
  readonly template: string;
  readonly line: number;
  /** Where in the resource. */
  readonly location: string;
  readonly found: string;
  readonly fix: string;
  readonly why: string;
}

const RULES = 'https://github.com/cdk-flue/cdk-flue/blob/main/RULES.md';
const SARIF_SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

export function countOf(lines: readonly Line[], level: InvariantLevel): number {
  return lines.filter(line => line.level === level).length;
}

export function asTable(lines: readonly Line[], resources: number): string {
  const width = Math.max(0, ...lines.map(({ id }) => id.length));
  const rows = lines.map(({ level, id, template, line, resource, found, fix }) =>
    `${level.padEnd('warning'.length)}  ${id.padEnd(width)}  ${template}:${line}  ${resource}\n         ${found}. ${fix}\n`);
  const [errors, warnings] = [countOf(lines, 'error'), countOf(lines, 'warning')];
  return `${rows.join('')}${rows.length > 0 ? '\n' : ''}${amount(errors, 'error')}, ${amount(warnings, 'warning')}. ${amount(resources, 'resource')} of Flue servers checked.\n`;
}

export function asJson(lines: readonly Line[], resources: number): string {
  return print({ errors: countOf(lines, 'error'), warnings: countOf(lines, 'warning'), resources, findings: lines });
}

/** The findings in the Static Analysis Results Interchange Format, version 2.1.0. */
export function asSarif(lines: readonly Line[]): string {
  const rules = INVARIANTS.map(({ id, level, statement, why, fix }) => ({
    id: `Flue-${id}`,
    shortDescription: { text: statement },
    fullDescription: { text: why },
    help: { text: fix },
    helpUri: `${RULES}#${id.toLowerCase()}`,
    defaultConfiguration: { level },
  }));
  const results = lines.map(({ id, level, template, line, resource, found, fix }) => ({
    ruleId: id.replace(/\[.*/, ''),
    ruleIndex: rules.findIndex(rule => rule.id === id.replace(/\[.*/, '')),
    level,
    message: { text: `${resource}: ${found}. ${fix}` },
    locations: [{
      physicalLocation: { artifactLocation: { uri: template.split('\\').join('/').split('/').map(encodeURIComponent).join('/') }, region: { startLine: line } },
      logicalLocations: [{ fullyQualifiedName: resource, kind: 'resource' }],
    }],
    // the same finding in the next run, wherever its resource stands in the file by then
    partialFingerprints: { 'cdkFlueFinding/v1': `${id} ${resource}` },
  }));
  return print({ $schema: SARIF_SCHEMA, version: '2.1.0', runs: [{ tool: { driver: { name: 'cdk-flue', informationUri: RULES.replace(/\/blob.*/, ''), rules } }, results }] });
}

function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function print(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
