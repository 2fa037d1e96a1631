import { App, Duration, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret, type CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { FlueFargateService, FlueImage } from '../../src';

/** The finding that each app has; nothing for the sound one. */
export const FINDINGS: { readonly [app: string]: readonly string[] } = {
  'sound': [],
  'no-health-route': ['health'],
  'health-redirects': ['health'],
  'ignores-port': ['port'],
  'binds-loopback': ['interfaces'],
  'boots-slowly': ['startup'],
  'swallows-sigterm': ['sigterm'],
  'prints-environment': ['secrets'],
};

/** Less than the library allows, so that a server that ignores SIGTERM is not waited for so long. */
const STOP_TIMEOUT_SECONDS = 4;

/** Synthesizes one service per app, each on its own port. */
export function synthesizeApps(outdir: string, ports: { readonly [app: string]: number }): void {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Apps');
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 });
  const token = Secret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(stack, 'Token', { parameterName: '/token' }));
  for (const [name, port] of Object.entries(ports)) {
    const image = FlueImage.fromRegistry(stack, `Image-${name}`, `ghcr.io/owner/${name}:1`, { port });
    const service = new FlueFargateService(stack, name, { vpc, image, secrets: { API_TOKEN: token }, startupBudget: Duration.seconds(10) });
    (service.taskDefinition.node.defaultChild as CfnTaskDefinition).addPropertyOverride('ContainerDefinitions.0.StopTimeout', STOP_TIMEOUT_SECONDS);
  }
  app.synth();
}

/** Synthesizes a service for the app on Flue 2, without a database: the adapter for Postgres is not published for it. */
export function synthesizeFlue2(outdir: string, directory: string): void {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Flue2');
  const token = Secret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(stack, 'Token', { parameterName: '/token' }));
  new FlueFargateService(stack, 'Agents', {
    vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }),
    image: new FlueImage(stack, 'Image', { directory }),
    secrets: { API_TOKEN: token },
  });
  app.synth();
}
