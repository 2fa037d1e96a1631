import { Reference, Tokenization } from 'aws-cdk-lib';
import type { CfnSecurityGroup, ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { isUnknown } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

/** Warns of what stands in another VPC, as far as its security groups tell. */
export function warnElsewhere(scope: IConstruct, vpc: IVpc, groups: ISecurityGroup[], what: string): void {
  if (groups.some(group => isElsewhere(vpc, group))) {
    WARNINGS.sandboxEgressElsewhere.give(scope, { what });
  }
}

function isElsewhere({ vpcId }: IVpc, group: ISecurityGroup): boolean {
  const { vpcId: itsVpcId } = (group.node.defaultChild ?? {}) as Partial<CfnSecurityGroup>;
  if (itsVpcId === undefined || itsVpcId === vpcId) {
    return false;
  }
  const [one, other] = [vpcId, itsVpcId].map(madeAs);
  // of an id that is known and one that is made here, nobody knows whether they are the same
  return one && other ? one !== other : !isUnknown(vpcId) && !isUnknown(itsVpcId);
}

/** The VPC of this app behind an id. */
function madeAs(id: string): IConstruct | undefined {
  const [token] = Tokenization.reverseString(id).tokens;
  return token && Reference.isReference(token) ? token.target : undefined;
}
