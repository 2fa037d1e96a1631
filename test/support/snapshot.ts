import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';

/** Folder that receives every template under a snapshot; set by a run of CI and by the script that has them judged. */
const { TEMPLATES_DIR } = process.env;

/** Expects the template of the snapshot of this test's name, and hands it to the judges of templates. */
export function expectTemplateSnapshot(template: Template): void {
  const json = template.toJSON();
  if (TEMPLATES_DIR) {
    const { currentTestName, testPath } = expect.getState();
    const file = testPath!.replace(/^.*\//, '').replace(/\.test\.ts$/, '');
    const name = `${file} ${currentTestName}`.replace(/[^A-Za-z0-9]+/g, '-').toLowerCase();
    mkdirSync(TEMPLATES_DIR, { recursive: true });
    writeFileSync(join(TEMPLATES_DIR, `${name}.template.json`), JSON.stringify(json, undefined, 1), { flag: 'wx' });
  }
  expect(json).toMatchSnapshot();
}
