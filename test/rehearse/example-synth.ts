import { App } from 'aws-cdk-lib';
import { buildAgents } from '../../examples/typescript/lib/app';
import { context } from '../../examples/typescript/cdk.json';

/** Synthesizes the bundled example app into the directory given. */
const app = new App({ outdir: process.argv[2], context, analyticsReporting: false });
buildAgents(app);
app.synth();
