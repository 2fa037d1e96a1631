import { App, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { FlueDatabase, FlueFargateService, FlueImage } from '../../src';
import '../support/only-synthesize.cjs';

const [directory, outdir, withDatabase, caBundleFile] = process.argv.slice(2);
const app = new App({ outdir });
const stack = new Stack(app, 'Container');
const secretOf = (name: string) => Secret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(stack, name, { parameterName: `/flue/${name}` }));

new FlueFargateService(stack, 'Agents', {
  image: new FlueImage(stack, 'Image', { directory, caBundleFile }),
  vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }),
  database: withDatabase === 'without-database' ? undefined : FlueDatabase.fromUrlSecret(stack, 'Database', { url: secretOf('Url') }),
  secrets: { API_TOKEN: secretOf('Token') },
  readonlyRootFilesystem: true,
  dropAllCapabilities: true,
});
app.synth();
