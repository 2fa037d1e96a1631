import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Subnet, SubnetType, Vpc, type IVpc, type SubnetConfiguration } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { FlueDatabase, type IFlueDatabase } from '../../src';
import { connectToDatabase, defaultVpc, givenVpc, loadBalancerSubnets, needsPublicIp, taskSubnets } from '../../src/network/network';
import { newStack, refusalOf, secretOf } from '../service/support';

function vpcOf(stack: Stack, id: string, ...types: SubnetType[]): Vpc {
  const subnetConfiguration = types.map((subnetType): SubnetConfiguration => ({ name: subnetType, subnetType }));
  return new Vpc(stack, id, types.length > 0 ? { subnetConfiguration } : {});
}

function imported(stack: Stack, id: string, vpcId: string): IVpc {
  return Vpc.fromVpcAttributes(stack, id, { vpcId, availabilityZones: ['a', 'b'], publicSubnetIds: [`${id}-p1`, `${id}-p2`] });
}

function databaseIn(stack: Stack, vpc?: IVpc): IFlueDatabase {
  return FlueDatabase.fromUrlSecret(stack, 'Database', { url: secretOf(stack, 'Url'), vpc });
}

describe('the default VPC', () => {
  const stack = newStack({ account: '111122223333', region: 'eu-central-1' });
  const vpc = defaultVpc(stack);
  const template = Template.fromStack(stack);

  test('spans two zones with public and isolated subnets', () => {
    expect(vpc.publicSubnets).toHaveLength(2);
    expect(vpc.isolatedSubnets).toHaveLength(2);
    expect(vpc.privateSubnets).toHaveLength(0);
    template.resourceCountIs('AWS::EC2::Subnet', 4);
  });

  test('has no NAT gateway, and reaches S3 by a gateway endpoint', () => {
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 1);
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' });
  });

  test('puts tasks into its public subnets', () => {
    expect(taskSubnets(stack, vpc)).toEqual({ subnetType: SubnetType.PUBLIC });
  });
});

describe('the VPC that the props name', () => {
  test('is none when nothing names one', () => {
    const stack = newStack();
    expect(givenVpc(stack, {})).toBeUndefined();
    expect(givenVpc(stack, { database: databaseIn(stack) })).toBeUndefined();
  });

  test.each(['vpc', 'cluster', 'database'])('is that of `%s` alone', prop => {
    const stack = newStack();
    const vpc = new Vpc(stack, 'Vpc');
    const props = { vpc: { vpc }, cluster: { cluster: new Cluster(stack, 'Cluster', { vpc }) }, database: { database: databaseIn(stack, vpc) } };
    expect(givenVpc(stack, props[prop as keyof typeof props])).toBe(vpc);
  });

  test('may be named three times', () => {
    const stack = newStack();
    const vpc = new Vpc(stack, 'Vpc');
    expect(givenVpc(stack, { vpc, cluster: new Cluster(stack, 'Cluster', { vpc }), database: databaseIn(stack, vpc) })).toBe(vpc);
  });

  test.each(['cluster', 'database'])('must be that of the %s', prop => {
    const stack = newStack();
    const vpc = new Vpc(stack, 'Vpc');
    const other = new Vpc(stack, 'Other');
    const props = prop === 'cluster' ? { cluster: new Cluster(stack, 'Cluster', { vpc: other }) } : { database: databaseIn(stack, other) };
    expect(refusalOf(() => givenVpc(stack, { vpc, ...props }))).toBe(
      `[Agents] \`${prop}\` must be in the VPC of \`vpc\` (Agents/Vpc), got: one in Agents/Other. `
      + 'Pass the same VPC to both, because the server connects to private addresses');
  });

  test('must be the same for cluster and database', () => {
    const stack = newStack();
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
    expect(refusalOf(() => givenVpc(stack, { cluster, database: databaseIn(stack, new Vpc(stack, 'Other')) })))
      .toContain('`database` must be in the VPC of `cluster` (Agents/Vpc), got: one in Agents/Other');
  });

  test('may be imported twice by one id', () => {
    const stack = newStack();
    const vpc = imported(stack, 'One', 'vpc-1');
    expect(givenVpc(stack, { vpc, database: databaseIn(stack, imported(stack, 'Two', 'vpc-1')) })).toBe(vpc);
  });

  test('must not be imported by two ids', () => {
    const stack = newStack();
    const database = databaseIn(stack, imported(stack, 'Two', 'vpc-2'));
    expect(refusalOf(() => givenVpc(stack, { vpc: imported(stack, 'One', 'vpc-1'), database })))
      .toContain('`database` must be in the VPC of `vpc` (Agents/One), got: one in Agents/Two');
  });

  test('passes with an id known only at deployment', () => {
    const stack = newStack();
    const vpc = imported(stack, 'One', Lazy.string({ produce: () => 'vpc-9' }));
    expect(givenVpc(stack, { vpc, database: databaseIn(stack, imported(stack, 'Two', 'vpc-2')) })).toBe(vpc);
    expect(givenVpc(stack, { vpc, cluster: new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Own') }) })).toBe(vpc);
  });
});

describe('subnets of the tasks', () => {
  test('are those the user selects', () => {
    const stack = newStack();
    const selection = { subnetType: SubnetType.PRIVATE_ISOLATED };
    expect(taskSubnets(stack, vpcOf(stack, 'Vpc', SubnetType.PRIVATE_ISOLATED), selection)).toBe(selection);
  });

  test('are private ones with a way out where there are any', () => {
    const stack = newStack();
    expect(taskSubnets(stack, vpcOf(stack, 'Vpc'))).toEqual({ subnetType: SubnetType.PRIVATE_WITH_EGRESS });
  });

  test('are public ones otherwise', () => {
    const stack = newStack();
    expect(taskSubnets(stack, vpcOf(stack, 'Vpc', SubnetType.PUBLIC, SubnetType.PRIVATE_ISOLATED))).toEqual({ subnetType: SubnetType.PUBLIC });
  });

  test('cannot be isolated ones by default', () => {
    const stack = newStack();
    expect(refusalOf(() => taskSubnets(stack, vpcOf(stack, 'Vpc', SubnetType.PRIVATE_ISOLATED)))).toBe(
      '[Agents] `vpc` must have public subnets, or private ones with a route to the internet, got: Agents/Vpc with isolated subnets only. '
      + 'The server pulls its image and calls its model provider. Add a NAT gateway, or pass subnets with VPC endpoints in `vpcSubnets`');
  });
});

describe('subnets of the load balancer', () => {
  const tasks = { subnetType: SubnetType.PRIVATE_ISOLATED };

  test('are public on the internet', () => {
    const stack = newStack();
    expect(loadBalancerSubnets(stack, vpcOf(stack, 'Vpc'), true, tasks)).toEqual({ subnetType: SubnetType.PUBLIC });
  });

  test('are those of the tasks inside the network', () => {
    const stack = newStack();
    expect(loadBalancerSubnets(stack, vpcOf(stack, 'Vpc', SubnetType.PRIVATE_ISOLATED), false, tasks)).toBe(tasks);
  });

  test('must exist on the internet', () => {
    const stack = newStack();
    expect(refusalOf(() => loadBalancerSubnets(stack, vpcOf(stack, 'Vpc', SubnetType.PRIVATE_ISOLATED), true, tasks))).toBe(
      '[Agents] `vpc` must have public subnets for a load balancer on the internet, got: Agents/Vpc without any. '
      + 'Add public subnets, or pass `exposure: FlueExposure.internal(…)`');
  });
});

describe('a public address', () => {
  test.each([
    [SubnetType.PUBLIC, true],
    [SubnetType.PRIVATE_WITH_EGRESS, false],
  ])('in %s subnets: %s', (subnetType, needed) => {
    const vpc = new Vpc(newStack(), 'Vpc');
    expect(needsPublicIp(vpc, vpc.selectSubnets({ subnetType }))).toBe(needed);
  });

  test('is given in public subnets that are named by their ids', () => {
    const stack = newStack();
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], publicSubnetIds: ['subnet-1', 'subnet-2'] });
    const subnets = ['subnet-1', 'subnet-2'].map((id, index) => Subnet.fromSubnetId(stack, `Subnet${index}`, id));
    expect(needsPublicIp(vpc, vpc.selectSubnets({ subnets }))).toBe(true);
    expect(needsPublicIp(vpc, vpc.selectSubnets({ subnets: [...subnets, Subnet.fromSubnetId(stack, 'Other', 'subnet-3')] }))).toBe(false);
  });

  test('is not given where only some subnets are public', () => {
    const vpc = new Vpc(newStack(), 'Vpc');
    const subnets = [vpc.publicSubnets[0], vpc.privateSubnets[1]];
    expect(needsPublicIp(vpc, vpc.selectSubnets({ subnets }))).toBe(false);
  });
});

describe('the way to a database', () => {
  const rulesOf = (stack: Stack) => {
    const resources = Object.values<{ Type: string }>(Template.fromStack(stack).toJSON().Resources ?? {});
    return resources.map(resource => resource.Type).filter(type => /SecurityGroup(In|E)gress/.test(type)).sort();
  };

  test.each<[string, boolean, string[]]>([
    ['a group that lets everything out', true, ['AWS::EC2::SecurityGroupIngress']],
    ['a group that lets nothing out', false, ['AWS::EC2::SecurityGroupEgress', 'AWS::EC2::SecurityGroupIngress']],
  ])('stands in the stack of the server: %s', (_what, allowAllOutbound, expected) => {
    const app = new App();
    const [data, run] = ['Data', 'Run'].map(name => new Stack(app, name));
    const vpc = new Vpc(data, 'Net', { maxAzs: 2 });
    const database = new FlueDatabase(data, 'Database', { vpc });
    connectToDatabase([new SecurityGroup(run, 'Server', { vpc, allowAllOutbound })], database);
    expect(rulesOf(run)).toEqual(expected);
    expect(rulesOf(data)).toEqual([]);
    Annotations.fromStack(run).hasNoWarning('*', Match.stringLikeRegexp('Ignoring Egress'));
  });

  test('needs no rule where the database has no security group that is known', () => {
    const stack = new Stack(new App(), 'Run');
    const database = FlueDatabase.fromUrlSecret(stack, 'Database', { url: secretOf(stack, 'Url') });
    connectToDatabase([new SecurityGroup(stack, 'Server', { vpc: new Vpc(stack, 'Net') })], database);
    expect(rulesOf(stack)).toEqual([]);
  });
});
