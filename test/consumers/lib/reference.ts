import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PREVIEWS, type Bench } from './bench';
import { ROOT, script } from './shell';
import { NODE_APPS, commonJs } from './sources';

/** Where the link to the library itself is, and its peers. */
const MODULES = [join(ROOT, 'examples', 'node_modules'), join(ROOT, 'node_modules')].join(delimiter);

/** What the build in the repository makes of each app: every consumer of a package must come to the same. */
export async function synthesizeReference(bench: Bench): Promise<void> {
  const place = bench.place('reference');
  await script('example-link');
  for (const app of NODE_APPS) {
    const file = join(place, `${app}.cjs`);
    writeFileSync(file, commonJs(app));
    bench.expect(app, await bench.synthesize('node', [file], ROOT, { NODE_PATH: MODULES }));
  }
  for (const [app, entry] of [['example', 'agents'], ['production', 'production'], ['events', 'events'], ['ci', 'ci']] as const) {
    bench.expect(app, await bench.synthesize('node', [`examples/typescript/bin/${entry}.ts`], ROOT));
  }
  for (const preview of PREVIEWS) {
    bench.expect(`preview=${preview}`, await bench.synthesize('node', ['examples/typescript/bin/agents.ts'], ROOT, {}, { preview }));
  }
}
