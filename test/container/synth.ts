import { App, Stack } from 'aws-cdk-lib';
import { FlueImage } from '../../src';

const [directory, outdir] = process.argv.slice(2);
const app = new App({ outdir });
new FlueImage(new Stack(app, 'Container'), 'Image', { directory });
app.synth();
