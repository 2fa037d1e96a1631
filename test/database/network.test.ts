import { App, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage, FargateService, Cluster, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { newDatabase, newStack, synthesized, vpcOf } from './helpers';
import type { IFlueDatabase } from '../../src/database/database';
import { FlueDatabase } from '../../src/database/flue-database';

/** A server the way a service of ours uses a database. */
function newServer(scope: Construct, id: string, vpc: Vpc): FargateService {
  const taskDefinition = new FargateTaskDefinition(scope, `${id}Task`);
  taskDefinition.addContainer('Main', { image: ContainerImage.fromRegistry('agents') });
  return new FargateService(scope, id, { cluster: new Cluster(scope, `${id}Cluster`, { vpc }), taskDefinition });
}

function give(server: FargateService, database: IFlueDatabase): void {
  server.taskDefinition.defaultContainer!.addSecret('DATABASE_URL', database.url);
  server.connections.allowToDefaultPort(database);
}

describe('subnets', () => {
  test('are private ones where none are isolated', () => {
    const stack = newStack();
    const vpc = vpcOf(stack, [SubnetType.PUBLIC, SubnetType.PRIVATE_WITH_EGRESS]);
    synthesized({ vpc }, stack).template.hasResourceProperties('AWS::RDS::DBSubnetGroup', {
      SubnetIds: vpc.privateSubnets.map(subnet => stack.resolve(subnet.subnetId)),
    });
  });

  test('fail when all are public', () => {
    const stack = newStack();
    expect(() => newDatabase({ vpc: vpcOf(stack, [SubnetType.PUBLIC]) }, stack)).toThrow('[Stack/Database] `vpc` must have isolated or private '
      + 'subnets, got: Stack/Vpc with public subnets only. Add subnets of type PRIVATE_ISOLATED, which cost nothing (Flue-PrivateDatabase)');
  });

  test('fail when public ones are asked for', () => {
    const stack = newStack();
    expect(() => newDatabase({ vpcSubnets: { subnetType: SubnetType.PUBLIC } }, stack)).toThrow('`vpcSubnets` must not be public subnets, got: Public');
  });

  test('fail when a public one is among them', () => {
    const stack = newStack();
    const vpc = vpcOf(stack, [SubnetType.PUBLIC, SubnetType.PRIVATE_ISOLATED]);
    const subnets = [vpc.publicSubnets[0], vpc.isolatedSubnets[1]];
    expect(() => newDatabase({ vpc, vpcSubnets: { subnets } }, stack)).toThrow('`vpcSubnets` must not be public subnets, got a selection that holds one');
  });

  test('fail in one zone', () => {
    const stack = newStack();
    const vpc = vpcOf(stack, [SubnetType.PRIVATE_ISOLATED], 1);
    expect(() => newDatabase({ vpc }, stack)).toThrow('[Stack/Database] `vpcSubnets` must span at least 2 availability zones for a database, got: 1. '
      + 'Give the VPC `maxAzs: 2` or more, or select subnets in several zones');
  });

  test('pass for a VPC that is looked up', () => {
    const stack = newStack({ env: { account: '123456789012', region: 'us-east-1' } });
    expect(() => newDatabase({ vpc: Vpc.fromLookup(stack, 'Vpc', { isDefault: true }) }, stack)).not.toThrow();
  });

  test('pass when only the deployment knows how many there are', () => {
    const stack = newStack();
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: Fn.importValue('Vpc'),
      availabilityZones: Fn.split(',', Fn.importValue('Zones')),
      isolatedSubnetIds: Fn.split(',', Fn.importValue('Subnets')),
    });
    expect(() => newDatabase({ vpc }, stack)).not.toThrow();
  });
});

test('security groups of the user are used as they are', () => {
  const stack = newStack();
  const group = SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1');
  const { database, template } = synthesized({ securityGroups: [group] }, stack);
  expect(database.securityGroups).toEqual([group]);
  template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
});

test('two servers share one database', () => {
  const stack = newStack();
  const vpc = vpcOf(stack, [SubnetType.PUBLIC, SubnetType.PRIVATE_ISOLATED]);
  const database = newDatabase({ vpc, port: 6543 }, stack);
  give(newServer(stack, 'One', vpc), database);
  give(newServer(stack, 'Two', vpc), database);
  const template = Template.fromStack(stack);
  template.resourcePropertiesCountIs('AWS::EC2::SecurityGroupIngress', { FromPort: 6543, ToPort: 6543 }, 2);
  template.resourcePropertiesCountIs('AWS::ECS::TaskDefinition', {
    ContainerDefinitions: [Match.objectLike({ Secrets: [{ Name: 'DATABASE_URL', ValueFrom: stack.resolve(database.urlSecret.secretArn) }] })],
  }, 2);
});

describe('VPC, database and server in three stacks', () => {
  test.each(['database first', 'server first'])('%s', order => {
    const app = new App();
    const network = new Stack(app, 'Network');
    const vpc = vpcOf(network, [SubnetType.PUBLIC, SubnetType.PRIVATE_ISOLATED]);
    const makeServer = () => newServer(new Stack(app, 'Servers'), 'Server', vpc);
    const makeDatabase = () => new FlueDatabase(new Stack(app, 'State'), 'Database', { vpc });
    let server: FargateService, database: FlueDatabase;
    if (order === 'database first') {
      database = makeDatabase();
      server = makeServer();
    } else {
      server = makeServer();
      database = makeDatabase();
    }
    give(server, database);

    const assembly = app.synth();
    expect(assembly.getStackByName('State').dependencies.map(stack => stack.id)).not.toContain('Servers');
    Template.fromJSON(assembly.getStackByName('State').template).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    Template.fromJSON(assembly.getStackByName('Servers').template).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 5432, ToPort: 5432 });
  });
});

test('credentials and key may come from another stack', () => {
  const app = new App();
  const secrets = new Stack(app, 'Secrets');
  const credentials = new Secret(secrets, 'Owner', {
    generateSecretString: { generateStringKey: 'password', secretStringTemplate: '{"username":"owner"}', excludePunctuation: true },
  });
  newDatabase({ credentials }, new Stack(app, 'State'));
  expect(() => app.synth()).not.toThrow();
});

test('subnets from parameters are not counted', () => {
  const stack = newStack();
  const list = new CfnParameter(stack, 'Subnets', { type: 'List<AWS::EC2::Subnet::Id>' });
  const zones = new CfnParameter(stack, 'Zones', { type: 'List<AWS::EC2::AvailabilityZone::Name>' });
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: zones.valueAsList, privateSubnetIds: list.valueAsList });
  expect(() => newDatabase({ vpc }, stack)).not.toThrow();
});
