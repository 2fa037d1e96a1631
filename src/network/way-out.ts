import { Annotations, Token } from 'aws-cdk-lib';
import type { IVpc, SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';

/** Ids of the warnings about what is out of reach; public, never renamed. */
const NO_WAY_OUT = {
  provider: 'cdk-flue:FlueService.noWayOut',
  image: 'cdk-flue:FlueService.imageOutOfReach',
  identity: 'cdk-flue:FlueAuth.noWayOut',
};
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
    Annotations.of(scope).addWarningV2(NO_WAY_OUT.provider,
      `The server has ${providerKeys.join(', ')}, and its subnets have no way to the internet: every prompt would time out. Use subnets with a way out, `
      + 'or a model on Amazon Bedrock with its VPC endpoint; if a proxy of yours leads out, acknowledge this warning.');
  }
  const distant = images.filter(image => !Token.isUnresolved(image) && !AMAZON_ECR.test(image));
  if (distant.length > 0) {
    Annotations.of(scope).addWarningV2(NO_WAY_OUT.image,
      `The task pulls ${distant.join(' and ')}, and its subnets have no way to the internet: it would never start. Use subnets with a way out, or copy the `
      + 'image to a repository of Amazon ECR, which VPC endpoints reach; if the registry is in the network, acknowledge this warning.');
  }
}

/** Warns of a load balancer that cannot ask an identity provider: one without a public address, in subnets without a NAT gateway. */
export function warnAuthCutOff(scope: IConstruct, vpc: IVpc, selected: SelectedSubnets): void {
  if (isWithin(selected, [...vpc.publicSubnets, ...vpc.isolatedSubnets])) {
    Annotations.of(scope).addWarningV2(NO_WAY_OUT.identity,
      'The load balancer has no public address and its subnets no NAT gateway, so that it cannot ask the identity provider: every request that `auth` guards '
      + 'would fail. Use private subnets with a way out; if a proxy of yours leads out, acknowledge this warning.');
  }
}

function isWithin(selected: SelectedSubnets, subnets: { readonly subnetId: string }[]): boolean {
  const ids = new Set(subnets.map(({ subnetId }) => subnetId));
  return selected.subnetIds.length > 0 && selected.subnetIds.every(id => ids.has(id));
}
