import type { StoreMarks } from './marks';
import { judge, type Outcome } from '../checks/check';

/** The format that Flue 2.0 and 2.1 write and take; it refuses every other one. */
const FORMAT = '1';
/** The one schema that Flue 2 takes over in place; it refuses every other one. */
const ADOPTED_SCHEMA = '8';
const LIMIT = 'a store of the same Flue';

/** What wrote the store: the major version of Flue, and its name for the reader. */
function writerOf({ format, schema }: StoreMarks): { readonly major: number; readonly name: string } {
  return format !== undefined ? { major: 2, name: `Flue 2, format ${format}` }
    : schema === ADOPTED_SCHEMA ? { major: 2, name: `a Flue before 2.0.0, schema ${schema}` }
      : schema !== undefined ? { major: 1, name: `a beta of Flue 1.0, schema ${schema}` } : { major: 0, name: 'Flue 0.x, which marks no version' };
}

/** Says whether the Flue of an app takes a store that is there, and what the first start does to it. */
export function judgeStore(marks: StoreMarks, appMajor: number): Outcome {
  const app = `the app has Flue ${appMajor}.x`;
  if (!marks.used) {
    return { status: 'pass', measured: `no table of Flue; ${app}`, limit: LIMIT };
  }
  const { major, name } = writerOf(marks);
  const measured = `written by ${name}; ${app}`;
  if (major !== Math.min(appMajor, 2)) {
    return judge(false, measured, LIMIT, major < appMajor
      ? 'This Flue does not start on that store. Give the service a new, empty one, and keep the old one for as long as you need its conversations.'
      : 'An older Flue cannot read that store. Deploy the Flue that wrote it, or restore a snapshot from before the upgrade.');
  }
  const warn = (fix: string): Outcome => ({ status: 'warn', measured, limit: LIMIT, fix });
  if (major === 1) {
    return warn('A beta takes only the schema of its own release. Compare the releases before you deploy.');
  }
  if (marks.format === undefined && major === 2) {
    return warn('The first start turns the store into format 1, and the Flue that wrote it does not start on it again. Take a snapshot first.');
  }
  return marks.format !== undefined && marks.format !== FORMAT
    ? warn(`Flue takes a store of its own format only, and this version of cdk-flue knows format ${FORMAT}. Read the release notes of Flue.`)
    : { status: 'pass', measured, limit: LIMIT };
}
