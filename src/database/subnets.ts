import { SubnetType, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { refuse } from '../invariants/invariant';
import { PRIVATE_DATABASE, requirePrivateSubnets, requireTwoAvailabilityZones } from '../invariants/private-database';
import { requireSubnetsOf, selectedIn } from '../invariants/subnets';

/** Isolated subnets where the VPC has them, private ones otherwise; never public ones, and always in two zones. */
export function databaseSubnets(scope: Construct, vpc: IVpc, given?: SubnetSelection): SubnetSelection {
  const selection = given ?? defaultSubnets(scope, vpc);
  requirePrivateSubnets(scope, vpc, selection);
  const selected = selectedIn(scope, vpc, selection);
  requireSubnetsOf(scope, vpc, selected);
  requireTwoAvailabilityZones(scope, 'a database', selected);
  return selection;
}

function defaultSubnets(scope: Construct, vpc: IVpc): SubnetSelection {
  if (vpc.isolatedSubnets.length > 0) {
    return { subnetType: SubnetType.PRIVATE_ISOLATED };
  }
  if (vpc.privateSubnets.length > 0) {
    return { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
  }
  return refuse(scope, `\`vpc\` must have isolated or private subnets, got: ${vpc.node.path} with public subnets only`,
    'Add subnets of type PRIVATE_ISOLATED, which cost nothing', PRIVATE_DATABASE);
}
