import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DeploymentLifecycleLambdaTarget, DeploymentLifecycleStage } from 'aws-cdk-lib/aws-ecs';
import { Function } from 'aws-cdk-lib/aws-lambda';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import {
  FlueDatabase, FlueDatabaseEngine, FlueDeployment, FlueEc2Service, FlueEgress, FlueExpressService, FlueFargateService, FlueNetwork,
} from '../../src';
import { imageIn, vpcIn } from '../support/things';

const newStack = () => new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'us-east-1' } });
const fargate = (props: (stack: Stack) => object) => (stack: Stack) => new FlueFargateService(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack), ...props(stack) });
const box = (props: (stack: Stack) => object) => (stack: Stack) => new FlueEc2Service(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack), ...props(stack) });
const zone = (stack: Stack) => HostedZone.fromHostedZoneId(stack, 'Zone', 'Z1');
const hook = (stack: Stack) => new DeploymentLifecycleLambdaTarget(Function.fromFunctionName(stack, 'Function', 'f'), 'Hook', { lifecycleStages: [DeploymentLifecycleStage.PRE_SCALE_UP] });

/** What aws-cdk-lib would refuse later, or in words that name no prop. */
test.each<[what: string, make: (stack: Stack) => unknown, says: RegExp]>([
  ['a group that the VPC does not have', fargate(() => ({ vpcSubnets: { subnetGroupName: 'Nowhere' } })), /`vpcSubnets` must select subnets of Stack\/\S+, got: There are no subnet groups with name 'Nowhere'/],
  ['the same on Express', stack => new FlueExpressService(stack, 'A', { image: imageIn(stack), vpc: vpcIn(stack), vpcSubnets: { subnetGroupName: 'Nowhere' } }), /`vpcSubnets` must select subnets of/],
  ['the same on a box', box(() => ({ vpcSubnets: { subnetGroupName: 'Nowhere' } })), /`vpcSubnets` must select subnets of/],
  ['the same of a database', stack => new FlueDatabase(stack, 'D', { vpc: vpcIn(stack), vpcSubnets: { subnetGroupName: 'Nowhere' } }), /`vpcSubnets` must select subnets of/],
  ['subnets in two ways', fargate(() => ({ vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC, subnetGroupName: 'Public' } })), /`vpcSubnets` must name subnets in one way, got: subnetType and subnetGroupName/],
  ['a subnet without a zone for a volume', box(stack => ({ dataVolumeSize: Size.gibibytes(8), vpcSubnets: { subnets: [ec2.Subnet.fromSubnetId(stack, 'S', 'subnet-1')] } })), /`vpcSubnets` must select a subnet whose availability zone is known with `dataVolumeSize`, got: Stack\/S/],
  ['a zone without a name', fargate(stack => ({ domainName: 'a.example.com', hostedZone: zone(stack) })), /`hostedZone` must have a name, got: Stack\/Zone, imported by its id alone\. Import it with `route53\.HostedZone\.fromHostedZoneAttributes/],
  ['the same on a box', box(stack => ({ domainName: 'a.example.com', hostedZone: zone(stack) })), /`hostedZone` must have a name/],
  ['a malformed instance type', box(() => ({ instanceType: new ec2.InstanceType('nonsense') })), /`instanceType` must be a family and a size of Amazon EC2, got: nonsense\. Write it as in `t4g\.small`/],
  ['an instance type of RDS', stack => new FlueDatabase(stack, 'D', { vpc: vpcIn(stack), engine: FlueDatabaseEngine.postgres({ instanceType: new ec2.InstanceType('db.t4g.micro') }) }), /`instanceType` must be a family and a size, without `db\.` before them, got: db\.t4g\.micro/],
  ['a machine image of another region', box(() => ({ machineImage: ec2.MachineImage.genericLinux({ 'eu-west-1': 'ami-1' }) })), /`machineImage` must have an image in the region of the stack, got: none for us-east-1/],
  ['addresses for no subnet', stack => new FlueNetwork(stack, 'N', { ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/28') }), /`ipAddresses` must be a range from \/16 to \/25, which has room for 6 subnets, got: 10\.0\.0\.0\/28/],
  ['addresses beyond a VPC', stack => new FlueNetwork(stack, 'N', { ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/8') }), /`ipAddresses` must be a range from \/16 to \/25/],
  ['an endpoint without a name', stack => new FlueNetwork(stack, 'N', { egress: FlueEgress.vpcEndpoints({ services: [new ec2.InterfaceVpcEndpointAwsService('')] }) }), /`services` must have names/],
  ['a hook twice', fargate(stack => { const once = hook(stack); return { deployment: FlueDeployment.blueGreen({ bakeTime: Duration.minutes(1), lifecycleHooks: [once, once] }) }; }), /`lifecycleHooks` must hold each hook once/],
])('%s is refused in our words', (_, make, says) => {
  expect(() => make(newStack())).toThrow(says);
  expect(() => make(newStack())).toThrow(expect.objectContaining({ name: 'FlueValidationError' }));
});

test.each(['toString', 'constructor', 'hasOwnProperty'])('a variable called %s is a name like any other', name => {
  const stack = newStack();
  expect(() => fargate(() => ({ environment: { [name]: 'a' } }))(stack)).not.toThrow();
});

test('what is right passes', () => {
  for (const make of [
    fargate(() => ({ vpcSubnets: { subnetGroupName: 'Private' } })), box(() => ({ instanceType: new ec2.InstanceType('m7i-flex.large') })),
    box(() => ({ machineImage: ec2.MachineImage.genericLinux({ 'us-east-1': 'ami-1' }) })),
    (stack: Stack) => new FlueNetwork(stack, 'N', { ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/25') }),
  ]) {
    expect(() => make(newStack())).not.toThrow();
  }
});
