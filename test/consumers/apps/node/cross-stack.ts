import { App, CfnOutput, Stack, Validations, aws_ec2 as ec2, aws_ecs as ecs, aws_secretsmanager as sm } from 'aws-cdk-lib';
import { FlueChecks, FlueDatabase, FlueExpressService, FlueFargateService, FlueImage, FlueModel } from 'cdk-flue';

// A network, a database and a key in one stack, two services in two others. Valid JavaScript as well.
const app = new App();
const shared = new Stack(app, 'Shared');
const vpc = new ec2.Vpc(shared, 'Vpc', { maxAzs: 2, natGateways: 0 });
const database = new FlueDatabase(shared, 'Database', { vpc });
const providerKey = new sm.Secret(shared, 'ProviderKey');
const model = FlueModel.anthropic(ecs.Secret.fromSecretsManager(providerKey), 'claude-sonnet-4-6');

const fargate = new Stack(app, 'Fargate');
const first = new FlueImage(fargate, 'Image', { directory: 'examples/agents' });
const onFargate = new FlueFargateService(fargate, 'Service', { image: first, vpc, database, model });
new CfnOutput(fargate, 'Url', { value: onFargate.url });

const express = new Stack(app, 'Express');
const second = new FlueImage(express, 'Image', { directory: 'examples/agents' });
const onExpress = new FlueExpressService(express, 'Service', { image: second, vpc, database: database.addSchema('Express'), model });
new CfnOutput(express, 'Url', { value: onExpress.url });

Validations.of(app).addPlugins(new FlueChecks(app));
