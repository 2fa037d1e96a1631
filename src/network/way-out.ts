import type { IVpc, SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { isUnknown } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

/** A registry that a VPC endpoint can serve. */
const AMAZON_ECR = /^\d{12}\.dkr[.-]ecr[.-]/;

/** What tasks reach on the internet. */
export interface TaskNeeds {
  /** Variables with the keys of model providers. */
  readonly providerKeys: string[];
  /** Images of the task, as it pulls them. */
  readonly images: string[];
}

/** Warns of what tasks need in subnets from which nothing on the internet can be reached. */
export function warnTasksCutOff(scope: IConstruct, vpc: IVpc, selected: SelectedSubnets, { providerKeys, images }: TaskNeeds): void {
  if (!isWithin(selected, vpc.isolatedSubnets)) {
    return;
  }
  if (providerKeys.length > 0) {
    WARNINGS.providerOutOfReach.give(scope, { variables: providerKeys });
  }
  const distant = images.filter(image => !isUnknown(image) && !AMAZON_ECR.test(image));
  if (distant.length > 0) {
    WARNINGS.imageOutOfReach.give(scope, { images: distant });
  }
}

/** Warns of a load balancer that cannot ask an identity provider: one without a public address, in subnets without a NAT gateway. */
export function warnAuthCutOff(scope: IConstruct, vpc: IVpc, selected: SelectedSubnets): void {
  if (isWithin(selected, [...vpc.publicSubnets, ...vpc.isolatedSubnets])) {
    WARNINGS.identityOutOfReach.give(scope);
  }
}

/** Warns of a function that cannot ask SQS: it has no public address, and its subnets have no NAT gateway. */
export function warnInboxCutOff(scope: IConstruct, vpc: IVpc, selected: SelectedSubnets): void {
  if (isWithin(selected, [...vpc.publicSubnets, ...vpc.isolatedSubnets])) {
    WARNINGS.inboxOutOfReach.give(scope);
  }
}

function isWithin(selected: SelectedSubnets, subnets: { readonly subnetId: string }[]): boolean {
  const ids = new Set(subnets.map(({ subnetId }) => subnetId));
  return selected.subnetIds.length > 0 && selected.subnetIds.every(id => ids.has(id));
}
