import { Vpc, type ISubnet, type IVpc, type SelectedSubnets, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { refuse } from './invariant';
import { isUnknown } from './unknown';

/** Whether two objects stand for two VPCs: only ids that are known, or two VPCs that this app makes, tell them apart. */
export function areDifferentVpcs(one: IVpc, other: IVpc): boolean {
  if (one === other) {
    return false;
  }
  if (one instanceof Vpc && other instanceof Vpc) {
    return true;
  }
  return !isUnknown(one.vpcId) && !isUnknown(other.vpcId) && one.vpcId !== other.vpcId;
}

/** Refuses subnets that are known to be those of another VPC. */
export function requireSubnetsOf(scope: IConstruct, vpc: IVpc, { subnets }: SelectedSubnets): void {
  const foreign = subnets.find(subnet => {
    const owner = ownerOf(subnet);
    return owner !== undefined && areDifferentVpcs(vpc, owner);
  });
  if (foreign) {
    refuse(scope, `\`vpcSubnets\` must select subnets of \`vpc\` (${vpc.node.path}), got: ${foreign.node.path}`, 'Pass the VPC of the subnets, or select others');
  }
}

/** The VPC that made or imported a subnet; undefined for one that was imported by itself. */
function ownerOf(subnet: ISubnet): IVpc | undefined {
  const { scope } = subnet.node;
  return scope && 'vpcId' in scope && 'selectSubnets' in scope ? scope as unknown as IVpc : undefined;
}

/** Whether the internet may have a way into subnets: into each that is not known as a private or an isolated one. */
export function mayBePublic(vpc: IVpc, selected: SelectedSubnets): boolean {
  const hidden = new Set([...vpc.privateSubnets, ...vpc.isolatedSubnets].map(({ subnetId }) => subnetId));
  return !selected.isPendingLookup && selected.subnetIds.some(id => !hidden.has(id));
}

/** Ways to name subnets, of which aws-cdk-lib takes one. */
const WAYS = ['subnets', 'subnetType', 'subnetGroupName'] as const;

/** The subnets that `vpcSubnets` names; refuses what names none. */
export function selectedIn(scope: IConstruct, vpc: IVpc, selection: SubnetSelection): SelectedSubnets {
  const ways = WAYS.filter(way => selection[way] !== undefined);
  if (ways.length > 1) {
    refuse(scope, `\`vpcSubnets\` must name subnets in one way, got: ${ways.join(' and ')}`, 'Leave out all but one');
  }
  if (selection.subnets?.length === 0) {
    refuse(scope, '`vpcSubnets` must name at least one subnet, got: an empty list', 'Select by `subnetType`, or leave it out');
  }
  try {
    return vpc.selectSubnets(selection);
  } catch (error) {
    // a group that the VPC does not have, or a subnet whose zone nobody told aws-cdk-lib
    return refuse(scope, `\`vpcSubnets\` must select subnets of ${vpc.node.path}, got: ${sentenceOf(error)}`,
      'Select by `subnetType`, or import each subnet with `ec2.Subnet.fromSubnetAttributes(…)` and its availability zone');
  }
}

/** Whether the zone of a subnet is not known: it was imported by its id alone. */
export function hasNoZone(subnet: { readonly availabilityZone: string }): boolean {
  try {
    return subnet.availabilityZone === '';
  } catch {
    // what aws-cdk-lib throws for a zone that it was not told
    return true;
  }
}

/** The first sentence of what aws-cdk-lib throws. */
function sentenceOf(error: unknown): string {
  const { message = String(error) } = Object(error) as { readonly message?: string };
  return message.split(/\.(?:\s|$)|\n/)[0];
}
