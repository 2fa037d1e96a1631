import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SubnetType, Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { FlueDatabase } from '../../src/database/flue-database';
import type { FlueDatabaseProps } from '../../src/database/flue-database-props';

export function newStack(props?: StackProps): Stack {
  return new Stack(new App(), 'Stack', props);
}

/** A VPC that exists, so that templates hold the database only. */
export function existingVpc(stack: Stack): IVpc {
  return Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    publicSubnetIds: ['subnet-0000000000000000a', 'subnet-0000000000000000b'],
    privateSubnetIds: ['subnet-1111111111111111a', 'subnet-1111111111111111b'],
    isolatedSubnetIds: ['subnet-2222222222222222a', 'subnet-2222222222222222b'],
  });
}

export function vpcOf(stack: Stack, types: SubnetType[], maxAzs = 2): Vpc {
  return new Vpc(stack, 'Vpc', {
    maxAzs,
    natGateways: types.includes(SubnetType.PUBLIC) ? undefined : 0,
    subnetConfiguration: types.map(subnetType => ({ name: subnetType, subnetType })),
  });
}

export type DatabaseProps = Partial<FlueDatabaseProps>;

export function newDatabase(props: DatabaseProps = {}, stack = newStack()): FlueDatabase {
  return new FlueDatabase(stack, 'Database', { vpc: props.vpc ?? existingVpc(stack), ...props });
}

/** A database together with what its stack synthesizes to. */
export function synthesized(props: DatabaseProps = {}, stack = newStack()): { database: FlueDatabase; template: Template } {
  const database = newDatabase(props, stack);
  return { database, template: Template.fromStack(stack) };
}
