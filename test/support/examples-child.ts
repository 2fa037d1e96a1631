import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { VIOLATIONS } from './examples';
import { provideLibrary } from './provide-library';
import { exampleApp } from '../../scripts/examples';
import * as library from '../../src';
import './only-synthesize.cjs';

/** Synthesizes examples on the sources of the library, so that nothing need be built, and has every pack judge them: `examples-child.ts OUTDIR NAME[=PREVIEW]…`. */
async function main(): Promise<void> {
  const [outdir, ...names] = process.argv.slice(2);
  provideLibrary(library);
  for (const name of names) {
    const [example, preview] = name.split('=') as [string, string?];
    const stage = preview === undefined ? {} : { preview: decodeURIComponent(preview) };
    const app = await exampleApp(example, { outdir: join(outdir!, name), context: stage });
    const { directory } = app.synth();
    const packs = [library.FlueChecks, AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks].map(Pack => new Pack(app));
    const violations = Object.fromEntries(packs.map(pack => [pack.name, pack.validateScope(app).violations]));
    writeFileSync(join(directory, VIOLATIONS), JSON.stringify(violations));
  }
}

void main();
