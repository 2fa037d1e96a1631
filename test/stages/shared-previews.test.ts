import { App, Duration, RemovalPolicies, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationListener, ApplicationLoadBalancer, ListenerAction, ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { FlueChecks, FlueDatabase, FlueExpiry, FlueExposure, FlueFargateService, FlueImage, FlueNetwork, FlueSchemaCleanup } from '../../src';
import { monthlyFloor } from '../../src/cli/price/monthly-floor';

/** What docs/previews.md says of previews that share a load balancer and a database. */

const env = { account: '111122223333', region: 'eu-central-1' };
const HOST = 'previews.example.com';

function baseIn(app: App): Stack {
  const stack = new Stack(app, 'PreviewBase', { env });
  const { vpc } = new FlueNetwork(stack, 'Network', { flowLogs: false });
  const state = new FlueDatabase(stack, 'State', { vpc, deletionProtection: false, removalPolicy: RemovalPolicy.DESTROY });
  new FlueSchemaCleanup(stack, 'SchemaCleanup', { database: state });
  const balancer = new ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true, idleTimeout: Duration.minutes(11) });
  const certificates = [Certificate.fromCertificateArn(stack, 'Certificate', `arn:aws:acm:eu-central-1:${env.account}:certificate/1`)];
  balancer.addListener('Https', { port: 443, certificates, defaultAction: ListenerAction.fixedResponse(404) });
  Tags.of(stack).add('previews', 'base');
  Object.entries({ host: state.endpoint.hostname, administrator: state.secret.secretArn, group: state.securityGroups[0]!.securityGroupId })
    .forEach(([name, stringValue]) => new StringParameter(stack, name, { parameterName: `/previews/${name}`, stringValue }));
  return stack;
}

function previewIn(app: App, number: number): Stack {
  const stack = new Stack(app, `FluePreview-${number}`, { env });
  const known = (name: string): string => StringParameter.valueForStringParameter(stack, `/previews/${name}`);
  const vpc = Vpc.fromLookup(stack, 'Vpc', { tags: { previews: 'base' } });
  const listener = ApplicationListener.fromLookup(stack, 'Listener', { loadBalancerTags: { previews: 'base' }, listenerPort: 443 });
  const state = FlueDatabase.fromAdministratorSecret(stack, 'State', {
    administrator: Secret.fromSecretCompleteArn(stack, 'Administrator', known('administrator')),
    host: known('host'),
    databaseName: 'flue',
    vpc,
    securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'StateGroup', known('group'))],
  });
  const host = `pr-${number}.${HOST}`;
  new FlueFargateService(stack, 'Agents', {
    image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1'),
    vpc,
    database: state.addSchema('Agents', { schemaName: `pr_${number}`, removalPolicy: RemovalPolicy.DESTROY }),
    cpu: 256,
    memoryLimitMiB: 512,
    exposure: FlueExposure.throughListener(listener, {
      conditions: [ListenerCondition.hostHeaders([host])], priority: number, idleTimeout: Duration.minutes(11), url: `https://${host}`,
    }),
  });
  RemovalPolicies.of(stack).destroy();
  new FlueExpiry(stack, 'Expiry', { at: new Date(Date.now() + 3 * 24 * 3600 * 1000) });
  return stack;
}

const previews = [17, 18].map(number => Template.fromStack(previewIn(new App(), number)));
const resourcesOf = (template: Template) => Object.values(template.toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>);
const typesOf = (template: Template): string[] => resourcesOf(template).map(({ Type }) => Type);

test('a preview makes neither a load balancer nor a database nor a network', () => {
  for (const template of previews) {
    expect(typesOf(template).filter(type => /LoadBalancingV2::(LoadBalancer|Listener)$|^AWS::RDS|EC2::(VPC|Subnet)/.test(type))).toEqual([]);
    const made = ['ElasticLoadBalancingV2::ListenerRule', 'ElasticLoadBalancingV2::TargetGroup', 'ECS::Service'].map(type => `AWS::${type}`);
    expect(typesOf(template)).toEqual(expect.arrayContaining(made));
  }
});

test('two previews have rules and schemas of their own', () => {
  const rules = previews.flatMap(template => Object.values(template.findResources('AWS::ElasticLoadBalancingV2::ListenerRule')));
  expect(rules.map(({ Properties: { Priority, Conditions } }) => [Priority, Conditions[0].HostHeaderConfig.Values])).toEqual([[17, [`pr-17.${HOST}`]], [18, [`pr-18.${HOST}`]]]);
  const urls = previews.map(template => JSON.stringify(Object.values(template.findResources('AWS::SecretsManager::Secret'))));
  expect(urls.map(text => [...new Set(text.match(/pr_\d+/g))])).toEqual([['pr_17'], ['pr_18']]);
});

test('a preview goes away whole, with its schema in the database', () => {
  for (const template of previews) {
    const [definition] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
    const environment = definition?.Properties.ContainerDefinitions.flatMap(({ Environment = [] }) => Environment);
    expect(environment).toContainEqual({ Name: 'SCHEMA_STACK', Value: { Ref: 'AWS::StackId' } });
    expect(new Set(resourcesOf(template).map(({ DeletionPolicy }) => DeletionPolicy))).toEqual(new Set(['Delete']));
  }
});

test('FlueChecks finds in the base that its database goes with it, and nothing in a preview', () => {
  const app = new App();
  baseIn(app);
  previewIn(app, 17);
  const { violations } = new FlueChecks(app).validateScope(app);
  expect(violations.map(({ ruleName, violatingResources: [{ constructPath }] }) => `${ruleName} ${constructPath}`)).toEqual([
    'Flue-PrivateDatabase[DeletionPolicy] PreviewBase/State/Instance/Resource',
  ]);
});

test('a preview costs its task, and what makes its schema', () => {
  const { total, unpriced } = monthlyFloor(previews[0]!.toJSON());
  expect(unpriced).toEqual([]);
  // the network of the base gives the task a public address, which the VPC of a lookup does not tell
  const publicAddress = 0.005 * 730;
  expect((total + publicAddress) / 30.4).toBeCloseTo(0.45, 1);
});
