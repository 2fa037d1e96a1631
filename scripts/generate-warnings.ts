import { join } from 'node:path';
import { table, updateSection } from './sections';
import { WARNINGS } from '../src/invariants/warnings';

/** The page on warnings, which has each of them between the lines `warnings`. */
export const PAGE = join(__dirname, '..', 'docs', 'warnings.md');

/** The name of a warning, as a heading of the page. */
function heading(id: string): string {
  return id.replace('cdk-flue:', '');
}

/** Every warning, as the page shows it. */
export function renderWarnings(): string {
  const warnings = Object.values(WARNINGS).sort((one, other) => one.id < other.id ? -1 : 1);
  return [
    table(['Id', 'Given when'], warnings.map(({ id, when }) => [`[\`${id}\`](#${heading(id).toLowerCase().replace('.', '')})`, when])),
    ...warnings.flatMap(({ id, when, finding, shown: { says, fix } }) => [
      '',
      `## ${heading(id)}`,
      '',
      table(['', ''], [
        ['Id', `\`${id}\``],
        ['Says', says],
        ['Cause', `${when[0].toUpperCase()}${when.slice(1)}.`.replace(/^`+/, '`')],
        ['What to do', fix],
        ...finding === undefined ? [] : [['Also silenced by', `acknowledging \`${finding}\`, the finding of FlueChecks for the same fact`]],
      ]),
    ]),
  ].join('\n');
}

if (require.main === module) {
  updateSection(PAGE, 'warnings', renderWarnings());
}
