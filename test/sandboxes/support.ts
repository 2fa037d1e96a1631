import { App, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { FlueImage, FlueSandbox, FlueSandboxes, type FlueFargateSandboxOptions, type FlueSandboxesProps } from '../../src';

/** What a pool on Fargate has. */
type OnFargate = Required<Pick<FlueSandboxes, 'connections' | 'taskDefinition' | 'container' | 'cluster' | 'logGroup' | 'reaper' | 'alarm'>>;

export const ENV = { account: '111111111111', region: 'eu-west-1' };
export const SANDBOX_IMAGE = '111111111111.dkr.ecr.eu-west-1.amazonaws.com/sandbox:1';

/** A stack with a VPC that has isolated subnets and no endpoint. */
export function world(stack = new Stack(new App(), 'Test', { env: ENV })) {
  const vpc = new Vpc(stack, 'Vpc', {
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    natGateways: 0,
    subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }, { name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED }],
  });
  return { stack, vpc };
}

export const sandboxImage = () => ContainerImage.fromRegistry(SANDBOX_IMAGE);
export const serverImage = (stack: Stack) => FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1');

/** A pool on Fargate with what it needs, and these props and options. */
export function pool(given: Partial<FlueSandboxesProps> & FlueFargateSandboxOptions = {}, { stack, vpc } = world()) {
  const { vpc: ofProps, maxLifetime, idleTimeout, maxConcurrent, sandbox, ...options } = given;
  const sandboxes = new FlueSandboxes(stack, 'Sandboxes', {
    vpc: ofProps ?? vpc, maxLifetime, idleTimeout, maxConcurrent, sandbox: sandbox ?? FlueSandbox.fargate({ image: sandboxImage(), ...options }),
  });
  return { stack, vpc, sandboxes: sandboxes as FlueSandboxes & OnFargate };
}
