import { App, CfnOutput, Duration, Stack, Validations, aws_ec2 as ec2, aws_ecs as ecs, aws_secretsmanager as sm } from 'aws-cdk-lib';
import { FlueChecks, FlueDatabase, FlueDeployment, FlueFargateService, FlueImage, FlueModel } from 'cdk-flue';

// The app that Java and Go write as well. Valid JavaScript, so that it is also run without a compiler.
const app = new App();
const stack = new Stack(app, 'Agents');
const key = ecs.Secret.fromSecretsManager(sm.Secret.fromSecretNameV2(stack, 'Key', 'anthropic-api-key'));
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 });
const database = new FlueDatabase(stack, 'Database', { vpc });
const image = FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/example/agents:1.0.0', {
  port: 8080,
  cpuArchitecture: ecs.CpuArchitecture.ARM64,
  caBundlePath: '/etc/ssl/rds.pem',
});
const agents = new FlueFargateService(stack, 'Service', {
  image,
  database,
  model: FlueModel.anthropic(key, 'claude-sonnet-4-6'),
  environment: { LOG_LEVEL: 'info' },
  startupBudget: Duration.seconds(90),
  deployment: FlueDeployment.recreate({ rollback: false }),
});
new CfnOutput(stack, 'Url', { value: agents.url });
Validations.of(app).addPlugins(new FlueChecks(app));
