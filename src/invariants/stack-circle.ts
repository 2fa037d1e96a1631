import { Reference, Stack, Tokenization } from 'aws-cdk-lib';
import { CfnSecurityGroup, type ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { refuse } from './invariant';

/** Refuses security groups of a stack that needs this one for its VPC: each of the two would wait for the other. */
export function requireNoCircle(scope: Construct, prop: string, groups: readonly ISecurityGroup[] = []): void {
  const here = Stack.of(scope);
  for (const group of groups) {
    const made = group.node.defaultChild;
    const isElsewhere = made instanceof CfnSecurityGroup && Stack.of(group) !== here;
    const vpc = isElsewhere ? targetsIn(made.vpcId).find(target => Stack.of(target) === here) : undefined;
    if (vpc) {
      refuse(scope, `\`${prop}\` must not be in a stack that waits for this one, got: ${group.node.path}, in a VPC of ${here.node.path || here.stackName}`,
        'Create the group in this stack, or the VPC in a stack of its own');
    }
  }
}

/** What a text refers to. */
function targetsIn(text: string | undefined): Construct[] {
  return Tokenization.reverseString(text ?? '').tokens.filter(Reference.isReference).map(({ target }) => target as Construct);
}
