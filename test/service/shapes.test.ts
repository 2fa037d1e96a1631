import { App, Stack, type Environment } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Cluster, Secret } from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { FlueDatabase, FlueExpressService, FlueFargateService, FlueImage, type FlueTaskProps } from '../../src';

type Serve = (stack: Stack, id: string, props: FlueTaskProps) => FlueFargateService | FlueExpressService;

const VARIANTS: [string, Serve][] = [
  ['Fargate', (stack, id, props) => new FlueFargateService(stack, id, props)],
  ['Express', (stack, id, props) => new FlueExpressService(stack, id, props)],
];

/** Where a stack may stand; `undefined` is an environment known only at deployment. */
const ENVIRONMENTS: [string, Environment | undefined][] = [
  ['any account and region', undefined],
  ['us-east-1', { account: '111111111111', region: 'us-east-1' }],
  ['eu-central-1', { account: '111111111111', region: 'eu-central-1' }],
  ['China', { account: '111111111111', region: 'cn-north-1' }],
  ['GovCloud', { account: '111111111111', region: 'us-gov-west-1' }],
];

function imageIn(stack: Stack) {
  return FlueImage.fromEcrRepository(stack, 'Image', Repository.fromRepositoryName(stack, 'Repository', 'agents'), { caBundlePath: '/ca.pem', tagOrDigest: 'v1' });
}

function importedVpc(stack: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    publicSubnetIds: ['subnet-0000000000000000a', 'subnet-0000000000000000b'],
    isolatedSubnetIds: ['subnet-2222222222222222a', 'subnet-2222222222222222b'],
  });
}

/** Stacks of an app by the stacks they wait for. */
function dependencies(app: App): Record<string, string[]> {
  return Object.fromEntries(app.synth().stacks.map(({ stackName, dependencies: needed }) =>
    [stackName, needed.map(({ id }) => id).filter(id => !id.endsWith('.assets')).sort()]));
}

/** Rules of the database's security group, wherever they stand. */
function databaseIngress(...stacks: Stack[]): { from: unknown; port: unknown }[] {
  return stacks.flatMap(stack => Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress')))
    .map(({ Properties }) => ({ from: Properties.SourceSecurityGroupId, port: Properties.FromPort, description: Properties.Description }))
    .filter(({ port }) => port !== 8080);
}

describe.each(VARIANTS)('%s in stacks of its own', (_, serve) => {
  test.each([
    ['as it is, makes the stacks wait for each other', false],
    ['imported, with a role that may decrypt, does not', true],
  ])('given a secret of another stack with a key of its own: %s', (__, imported) => {
    const app = new App();
    const keys = new Stack(app, 'Keys');
    const agents = new Stack(app, 'Agents');
    const encryptionKey = new Key(keys, 'Key');
    const made = new secretsmanager.Secret(keys, 'Secret', { encryptionKey });
    const secret = imported ? secretsmanager.Secret.fromSecretCompleteArn(agents, 'Secret', made.secretArn) : made;
    const service = serve(agents, 'Agents', { image: imageIn(agents), secrets: { API_TOKEN: Secret.fromSecretsManager(secret) } });
    if (imported) {
      Key.fromKeyArn(agents, 'Key', encryptionKey.keyArn).grantDecrypt(service.taskDefinition.obtainExecutionRole());
      expect(dependencies(app)).toMatchObject({ Keys: [], Agents: ['Keys'] });
      Template.fromStack(agents).hasResourceProperties('AWS::IAM::Policy', {
        PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:Decrypt', Resource: { 'Fn::ImportValue': Match.stringLikeRegexp('Key') } })]) },
      });
    } else {
      expect(() => app.synth()).toThrow(/cyclic/);
    }
  });

  test('needs network and database before it, and they do not need it', () => {
    const app = new App();
    const network = new Stack(app, 'Network');
    const data = new Stack(app, 'Data');
    const agents = new Stack(app, 'Agents');
    const vpc = new ec2.Vpc(network, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration: subnets() });
    const database = new FlueDatabase(data, 'Database', { vpc });
    serve(agents, 'Agents', { vpc, database, image: imageIn(agents) });
    expect(dependencies(app)).toEqual({ Network: [], Data: ['Network'], Agents: ['Data', 'Network'] });
    expect(databaseIngress(data)).toEqual([]);
    expect(databaseIngress(agents)).toHaveLength(1);
  });

  test('reads the secret of a database that is encrypted with a key of its stack', () => {
    const app = new App();
    const data = new Stack(app, 'Data');
    const agents = new Stack(app, 'Agents');
    const vpc = new ec2.Vpc(data, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration: subnets() });
    const database = new FlueDatabase(data, 'Database', { vpc, encryptionKey: new Key(data, 'Key') });
    serve(agents, 'Agents', { vpc, database, image: imageIn(agents) });
    expect(dependencies(app)).toEqual({ Data: [], Agents: ['Data'] });
    Template.fromStack(agents).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.anyValue(), Resource: { 'Fn::ImportValue': Match.stringLikeRegexp('Key') } })]) },
    });
  });

  test('may be declared before the stack of its network and database', () => {
    const app = new App();
    const agents = new Stack(app, 'Agents');
    const data = new Stack(app, 'Data');
    const vpc = new ec2.Vpc(data, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration: subnets() });
    const database = new FlueDatabase(data, 'Database', { vpc });
    serve(agents, 'Agents', { database, image: imageIn(agents) });
    expect(dependencies(app)).toEqual({ Agents: ['Data'], Data: [] });
  });

  test('shares a database with another in a third stack', () => {
    const app = new App();
    const data = new Stack(app, 'Data');
    const vpc = new ec2.Vpc(data, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration: subnets() });
    const database = new FlueDatabase(data, 'Database', { vpc });
    const stacks = ['One', 'Two'].map(id => new Stack(app, id));
    stacks.forEach(stack => serve(stack, 'Agents', { database, image: imageIn(stack) }));
    stacks.forEach(stack => {
      expect(databaseIngress(stack)).toHaveLength(1);
      Template.fromStack(stack).resourceCountIs('AWS::EC2::VPC', 0);
    });
    expect(dependencies(app)).toEqual({ Data: [], One: ['Data'], Two: ['Data'] });
  });

  test('takes what exists: network, cluster, repository, secret and the URL of a database', () => {
    const stack = new Stack(new App(), 'Agents', { env: { account: '111111111111', region: 'eu-central-1' } });
    const vpc = importedVpc(stack);
    const url = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Url', 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:url-AbCdEf');
    const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(stack, 'DatabaseGroup', 'sg-0123456789abcdef0');
    serve(stack, 'Agents', {
      vpc,
      cluster: Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'shared', vpc, securityGroups: [] }),
      database: FlueDatabase.fromUrlSecret(stack, 'Database', { url: Secret.fromSecretsManager(url), vpc, securityGroups: [securityGroup] }),
      image: imageIn(stack),
      secrets: { API_TOKEN: Secret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(stack, 'Token', 'token')) },
    });
    const template = Template.fromStack(stack);
    for (const type of ['AWS::EC2::VPC', 'AWS::ECS::Cluster', 'AWS::ECR::Repository', 'AWS::SecretsManager::Secret', 'AWS::RDS::DBInstance']) {
      template.resourceCountIs(type, 0);
    }
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-0123456789abcdef0', FromPort: 5432, ToPort: 5432 });
  });
});

test('Fargate and Express share a network and a database', () => {
  const app = new App();
  const stack = new Stack(app, 'Agents');
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration: subnets() });
  const database = new FlueDatabase(stack, 'Database', { vpc });
  const image = imageIn(stack);
  VARIANTS.forEach(([name, serve]) => serve(stack, name, { database, image }));
  expect(databaseIngress(stack)).toHaveLength(2);
  Template.fromStack(stack).resourceCountIs('AWS::EC2::VPC', 1);
});

describe.each(VARIANTS)('%s anywhere', (_, serve) => {
  test.each(ENVIRONMENTS)('in %s every ARN names the partition of the stack', (__, env) => {
    const app = new App();
    const stack = new Stack(app, 'Agents', { env });
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration: subnets() });
    serve(stack, 'Agents', { database: new FlueDatabase(stack, 'Database', { vpc }), image: imageIn(stack) });
    const text = JSON.stringify(Template.fromStack(stack).toJSON());
    expect(text.match(/arn:(aws|aws-cn|aws-us-gov):/g)).toBeNull();
    expect(text).toContain('AWS::Partition');
    const hosts = text.match(/[a-z0-9-]+\.amazonaws\.com(\.cn)?/g) ?? [];
    // Principals are called so in every partition.
    expect(hosts.filter(name => !/^(ecs|ecs-tasks|lambda|ec2|vpc-flow-logs|monitoring)\.amazonaws\.com$/.test(name))).toEqual([]);
  });
});

function subnets(): ec2.SubnetConfiguration[] {
  return [
    { name: 'public', subnetType: ec2.SubnetType.PUBLIC },
    { name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
  ];
}
