import { Stack } from 'aws-cdk-lib';
import { CfnVPCEndpoint, type IVpc, type SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
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
  /** Whether they send traces to X-Ray. */
  readonly usesXRay: boolean;
}

/** Warns of what tasks need in subnets from which nothing on the internet can be reached. */
export function warnTasksCutOff(scope: IConstruct, vpc: IVpc, selected: SelectedSubnets, { providerKeys, images, usesXRay }: TaskNeeds): void {
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
  if (usesXRay) {
    warnWithoutEndpoint(scope, vpc, X_RAY, () => WARNINGS.tracesOutOfReach.give(scope));
  }
}

/** Warns of a server that cannot start sessions of a code interpreter; one without subnets here has a public address. */
export function warnAgentCoreCutOff(scope: IConstruct, vpc: IVpc, selected?: SelectedSubnets): void {
  if (selected && isWithin(selected, vpc.isolatedSubnets)) {
    warnWithoutEndpoint(scope, vpc, AGENT_CORE, () => WARNINGS.sandboxOutOfReach.give(scope));
  }
}

/** How the service of an endpoint ends: `com.amazonaws.eu-west-1.xray`. */
const X_RAY = /\.xray\b/;
const AGENT_CORE = /\.bedrock-agentcore(?![\w.-])/;

/** An endpoint may be added after the service. */
function warnWithoutEndpoint(scope: IConstruct, vpc: IVpc, service: RegExp, warn: () => void): void {
  scope.node.addValidation({
    validate: () => {
      if (!hasEndpoint(vpc, service)) {
        warn();
      }
      return [];
    },
  });
}

/** Whether the app makes an endpoint of a service in a VPC. */
function hasEndpoint(vpc: IVpc, service: RegExp): boolean {
  return vpc.node.root.node.findAll().some(made => made instanceof CfnVPCEndpoint && service.test(serviceOf(made)) && isOf(vpc, made));
}

/** Only the stack of an endpoint knows the region in the name. */
function serviceOf(endpoint: CfnVPCEndpoint): string {
  return JSON.stringify(Stack.of(endpoint).resolve(endpoint.serviceName) ?? '');
}

/** Whether an endpoint is one of a VPC, as far as the app can tell. */
function isOf(vpc: IVpc, endpoint: CfnVPCEndpoint): boolean {
  const owner = endpoint.node.scopes.find(scope => 'vpcId' in scope && 'selectSubnets' in scope);
  return owner === undefined || owner === vpc;
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
