import { createRequire } from 'node:module';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { CA_BUNDLE, changing, LATER, watch, type Changes, type Library } from './changing';
import { buildFeatures, buildPreview } from './stacks';
import { context } from '../../examples/typescript/cdk.json';
import { provideLibrary } from '../support/provide-library';
import '../support/only-synthesize.cjs';

/**
 * Synthesizes everything that is deployed here: `app.ts OUTDIR` writes `v1` and `v2`, `preview`, and the previews of the first example.
 *
 * The stacks are those of four examples, and five with what these do not have. The library that they import differs in two things:
 * an image is one that exists, since nothing here builds one, and version 2 passes what a team changes a week later. Each
 * service of the first example has alarms besides, and Express says its listener rule.
 */
const outdir = process.argv[2]!;

/** What the CLI would look up for the examples that name their account. */
const ZONES = { 'availability-zones:account=111122223333:region=us-east-1': ['us-east-1a', 'us-east-1b', 'us-east-1c'] };

/** The example with `-c preview=…`: what previews share, the preview of a pull request, and that of a branch. */
const PREVIEWS = ['base', '17', 'feature/search'];

let version = 1;
let changes: Changes = {};

const library = changing(
  createRequire(join(__dirname, '../../examples/typescript/lib/app.ts'))('cdk-flue') as Library,
  ({ FlueImage }, scope, id, { cpuArchitecture }) => FlueImage.fromRegistry(scope, id, `registry.example.com/agents:${version}`, {
    cpuArchitecture, port: 8080, caBundlePath: CA_BUNDLE,
  }),
  () => changes,
);
provideLibrary(library);
// nothing here builds one: that of FlueSchemaCleanup
ContainerImage.fromAsset = () => ContainerImage.fromRegistry('registry.example.com/cleanup:1') as never;
// What the rules say of the examples is the matter of their own tests.
Validations.prototype.addPlugins = () => undefined;

/** Writes both versions. */
async function main(): Promise<void> {
  const { buildAgents } = await import('../../examples/typescript/lib/app.ts');
  const { buildProduction } = await import('../../examples/typescript/lib/production/app.ts');
  const { buildLowCost } = await import('../../examples/typescript/lib/low-cost/app.ts');
  const { buildBringYourOwn } = await import('../../examples/typescript/lib/bring-your-own/app.ts');

  for (version = 1; version <= 2; version++) {
    changes = version === 2 ? LATER : {};
    const app = new App({ outdir: join(outdir, `v${version}`), context: { ...context, ...ZONES }, analyticsReporting: false });
    buildAgents(app);
    watch(app);
    // of the others only the image changes
    changes = {};
    buildProduction(app);
    buildLowCost(app);
    buildBringYourOwn(app);
    buildFeatures(app, library);
    app.synth();
  }
  const app = new App({ outdir: join(outdir, 'preview'), context: { ...context, ...ZONES }, analyticsReporting: false });
  buildPreview(new Stack(app, 'FluePreview-17', { env: { account: '111122223333', region: 'us-east-1' } }), library);
  app.synth();
  for (const preview of PREVIEWS) {
    version = 1;
    const sharing = new App({ outdir: join(outdir, `preview-${preview}`), context: { ...context, ...ZONES, preview }, analyticsReporting: false });
    buildAgents(sharing);
    sharing.synth();
  }
}

void main();
