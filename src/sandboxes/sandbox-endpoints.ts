import { Resource, Stack } from 'aws-cdk-lib';
import {
  CfnVPCEndpoint, GatewayVpcEndpoint, GatewayVpcEndpointAwsService, InterfaceVpcEndpoint, InterfaceVpcEndpointAwsService, Peer, Port,
  VpcEndpoint, type IGatewayVpcEndpoint, type IInterfaceVpcEndpoint, type IInterfaceVpcEndpointService, type ISecurityGroup, type ISubnet, type IVpc,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, Effect, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';
import type { FlueSandboxEndpointOptions } from './flue-sandbox-endpoint-options';
import { refuse } from '../invariants/invariant';
import { isUnknown } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';
import type { LogSettings } from '../logs/server-logs';
import { managedPrefixListId } from '../network/managed-prefix-list';

/** What Fargate pulls an image through and writes logs to (Amazon ECS developer guide, interface VPC endpoints). */
const SERVICES = {
  ecrApi: { id: 'EcrApi', service: InterfaceVpcEndpointAwsService.ECR },
  ecrDocker: { id: 'EcrDocker', service: InterfaceVpcEndpointAwsService.ECR_DOCKER },
  logs: { id: 'Logs', service: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS },
} as const;
/** The names of the endpoints that every pool has. */
export const STARTING_ENDPOINTS = Object.keys(SERVICES);
const HTTPS = Port.tcp(443);
const RULE = 'Flue sandboxes to the services that start them';

export interface EndpointProps {
  readonly vpc: IVpc;
  readonly subnets: ISubnet[];
  readonly securityGroup: ISecurityGroup;
  readonly given: FlueSandboxEndpointOptions;
  readonly logs: LogSettings;
}

/** The endpoints that were made, by name; those that were found are not among them. */
export type MadeEndpoints = { [service: string]: InterfaceVpcEndpoint };

/** Refuses a VPC whose range is not known where an endpoint is to be made: everyone in the VPC comes to it, also the server that pulls its image. */
export function requireRange(scope: IConstruct, vpc: IVpc, given: FlueSandboxEndpointOptions = {}): void {
  const services = Object.entries(SERVICES).filter(([name]) => !given[name as keyof typeof SERVICES]).map(([, { service }]) => service);
  requireRangeFor(scope, vpc, services, 'pass `ecrApi`, `ecrDocker` and `logs` in `endpoints`');
}

/** The same for any services. */
export function requireRangeFor(scope: IConstruct, vpc: IVpc, services: IInterfaceVpcEndpointService[], otherwise: string): void {
  const isMissing = services.some(service => !findEndpoint(vpc, service, InterfaceVpcEndpoint));
  if (isMissing && !hasRange(vpc)) {
    refuse(scope, `\`vpc\` must have a range that is known for the VPC endpoints of the sandboxes, got: ${vpc.node.path} without \`vpcCidrBlock\``,
      `Import it with \`vpcCidrBlock\`, or ${otherwise}`);
  }
}

/** Refuses subnets whose route tables are not known where the endpoint of Amazon S3 is to be made: it stands in them. */
export function requireRouteTables(scope: IConstruct, vpc: IVpc, subnets: ISubnet[], { s3 }: FlueSandboxEndpointOptions = {}): void {
  const unknown = subnets.find(({ routeTable }) => !routeTable.routeTableId);
  if (unknown && !s3 && !findEndpoint(vpc, GatewayVpcEndpointAwsService.S3, GatewayVpcEndpoint)) {
    refuse(scope, `\`vpcSubnets\` must have route tables that are known for the VPC endpoint of Amazon S3, got: ${unknown.node.path} without \`routeTableId\``,
      'Import it by `Subnet.fromSubnetAttributes()` with its route table, or pass `s3` in `endpoints`');
  }
}

function hasRange(vpc: IVpc): boolean {
  try {
    return vpc.vpcCidrBlock !== '';
  } catch {
    // what aws-cdk-lib throws for a VPC that was imported without it
    return false;
  }
}

/**
 * Opens the way from sandboxes to what starts them, and no further: each endpoint admits the credentials of this account alone, and S3 the
 * bucket of the layers. What a sandbox brings along of another account is worth nothing there.
 */
export function openEndpoints(scope: Construct, props: EndpointProps): MadeEndpoints {
  const made: MadeEndpoints = {};
  for (const [name, { id, service }] of Object.entries(SERVICES)) {
    const existing = props.given[name as keyof typeof SERVICES] ?? findEndpoint(props.vpc, service, InterfaceVpcEndpoint);
    const endpoint = existing ?? (made[name] = new InterfaceVpcEndpoint(scope, id, { vpc: props.vpc, service, subnets: { subnets: props.subnets } }));
    admitThisAccount(scope, endpoint);
    reach(props.securityGroup, endpoint);
  }
  openLayers(scope, props);
  return made;
}

/** Rules by which sandboxes reach an endpoint; in the stack of the sandboxes, so that no two stacks wait for each other. */
export function reach(sandboxes: ISecurityGroup, endpoint: IInterfaceVpcEndpoint, rule = RULE): void {
  const { securityGroups, defaultPort = HTTPS } = endpoint.connections;
  for (const group of securityGroups) {
    sandboxes.addEgressRule(group, defaultPort, rule);
    group.addIngressRule(sandboxes, defaultPort, rule, true);
  }
}

/** Lets nobody through an endpoint but the credentials of its account. */
export function admitThisAccount(scope: Construct, endpoint: IInterfaceVpcEndpoint): void {
  if (!(endpoint instanceof VpcEndpoint)) {
    WARNINGS.sandboxEndpointPolicy.give(scope, { endpoint: endpoint.node.path });
    return;
  }
  deny(endpoint, { actions: ['*'], resources: ['*'], conditions: { StringNotEquals: { 'aws:PrincipalAccount': Stack.of(endpoint).account } } });
}

/** The registry hands out layers by addresses of one bucket (Amazon ECR user guide, interface VPC endpoints). */
function openLayers(scope: Construct, { vpc, subnets, securityGroup, given, logs }: EndpointProps): void {
  const { region, partition } = Stack.of(scope);
  securityGroup.addEgressRule(Peer.prefixList(
    given.s3PrefixList?.prefixListId ?? managedPrefixListId(scope, 'FlueSandboxesS3', `com.amazonaws.${region}.s3`, logs),
  ), HTTPS, 'Flue sandboxes to the layers of their image');
  const layers = `arn:${partition}:s3:::prod-${region}-starport-layer-bucket/*`;
  const existing = given.s3 ?? findEndpoint(vpc, GatewayVpcEndpointAwsService.S3, GatewayVpcEndpoint);
  if (!existing) {
    new GatewayVpcEndpoint(scope, 'S3', { vpc, service: GatewayVpcEndpointAwsService.S3, subnets: [{ subnets }] }).addToPolicy(new PolicyStatement({
      principals: [new AnyPrincipal()], actions: ['s3:GetObject'], resources: [layers],
    }));
    return;
  }
  holdBack(scope, existing, subnets, layers);
}

/** An endpoint of the whole VPC stays as it is for everyone but the sandboxes. */
function holdBack(scope: Construct, endpoint: IGatewayVpcEndpoint, subnets: ISubnet[], layers: string): void {
  const ranges = subnets.map(rangeOf);
  if (!(endpoint instanceof VpcEndpoint) || !Resource.isOwnedResource(endpoint) || ranges.some(range => range === undefined)) {
    WARNINGS.sandboxEndpointPolicy.give(scope, { endpoint: endpoint.node.path });
    return;
  }
  deny(endpoint, { actions: ['s3:*'], notResources: [layers], conditions: { IpAddress: { 'aws:VpcSourceIp': ranges } } });
}

/** Denies on an endpoint. One without a policy admits everything, and the first statement would take that away from everyone else. */
function deny(endpoint: VpcEndpoint, denied: PolicyStatementProps): void {
  if (!hasPolicy(endpoint)) {
    endpoint.addToPolicy(new PolicyStatement({ principals: [new AnyPrincipal()], actions: ['*'], resources: ['*'] }));
  }
  endpoint.addToPolicy(new PolicyStatement({ effect: Effect.DENY, principals: [new AnyPrincipal()], ...denied }));
}

/** Whether an endpoint of this app has a policy by now. */
export function hasPolicy(endpoint: VpcEndpoint): boolean {
  const { policyDocument } = endpoint.node.defaultChild as CfnVPCEndpoint;
  return Stack.of(endpoint).resolve(policyDocument) !== undefined;
}

function rangeOf(subnet: ISubnet): string | undefined {
  try {
    return subnet.ipv4CidrBlock;
  } catch {
    // what aws-cdk-lib throws for a subnet that was imported by its id
    return undefined;
  }
}

/** An endpoint of a service that this app has made in a VPC. */
export function findEndpoint<Endpoint extends VpcEndpoint>(
  vpc: IVpc, service: { readonly name: string; readonly shortName?: string }, kind: new (...args: never[]) => Endpoint,
): Endpoint | undefined {
  const made = vpc.node.root.node.findAll().filter((construct): construct is Endpoint => construct instanceof kind);
  return made.find(endpoint => {
    const { vpcId } = endpoint.node.defaultChild as CfnVPCEndpoint;
    return vpcId === vpc.vpcId && !isUnknownOfLookup(vpc) && isEndpointOf(endpoint, service.shortName === undefined
      ? new RegExp(`^${escaped(JSON.stringify(Stack.of(endpoint).resolve(service.name)))}$`)
      : new RegExp(`\\.${escaped(service.shortName)}"`));
  });
}

/** Whether an endpoint is one of a service, whose name is read as JSON. */
export function isEndpointOf(endpoint: VpcEndpoint, service: RegExp): boolean {
  const { serviceName } = endpoint.node.defaultChild as CfnVPCEndpoint;
  // only the stack of an endpoint knows the region in its name
  return service.test(JSON.stringify(Stack.of(endpoint).resolve(serviceName)));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Every VPC that a lookup has yet to find has the same id. */
function isUnknownOfLookup({ vpcId }: IVpc): boolean {
  return isUnknown(vpcId) && vpcId.startsWith('vpc-');
}
