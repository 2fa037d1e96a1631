import { App } from 'aws-cdk-lib';
import { context } from '../../examples/typescript/cdk.json';
import { buildAgents } from '../../examples/typescript/lib/app';

/** Synthesizes the bundled example app. */
export function synthesizeExample(outdir: string): void {
  const app = new App({ outdir, context, analyticsReporting: false });
  buildAgents(app);
  app.synth();
}
