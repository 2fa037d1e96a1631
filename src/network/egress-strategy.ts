import { InterfaceVpcEndpointAwsService, SubnetType, type NatProvider } from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import type { FlueNatEgressOptions } from './flue-egress-options';
import { refuse } from '../invariants/invariant';
import { requireWithin } from '../invariants/limits/guard';
import { natGatewaysIn } from '../invariants/limits/network';

/** One way out of a network. */
export interface EgressStrategy {
  /** The subnets that servers stand in. */
  readonly subnetType: SubnetType;
  readonly natGateways: number;
  readonly natGatewayProvider?: NatProvider;
  /** Endpoints of the network, by the id of their construct. */
  readonly endpoints: { readonly [id: string]: InterfaceVpcEndpointAwsService };

  /** Refuses what the network could not have, before the first resource exists. */
  require(scope: IConstruct, maxAzs: number): void;
}

/** Servers in public subnets. */
export class PublicAddresses implements EgressStrategy {
  public readonly subnetType = SubnetType.PUBLIC;
  public readonly natGateways = 0;
  public readonly endpoints = {};

  public require(): void {
    // an address is asked for by each task
  }
}

/** Servers in private subnets, behind what translates their addresses. */
export class NatGateways implements EgressStrategy {
  public readonly subnetType = SubnetType.PRIVATE_WITH_EGRESS;
  public readonly natGateways: number;
  public readonly natGatewayProvider?: NatProvider;
  public readonly endpoints = {};

  public constructor({ count, provider }: FlueNatEgressOptions) {
    this.natGateways = count ?? 1;
    this.natGatewayProvider = provider;
  }

  public require(scope: IConstruct, maxAzs: number): void {
    requireWithin(scope, this.natGateways, natGatewaysIn(maxAzs));
  }
}

/** Without these a task in a subnet without a way out does not start (Amazon ECS developer guide, interface VPC endpoints). */
const NEEDED = {
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  SecretsManager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
};

/** Servers in isolated subnets, with the services of AWS brought in. */
export class VpcEndpoints implements EgressStrategy {
  public readonly subnetType = SubnetType.PRIVATE_ISOLATED;
  public readonly natGateways = 0;
  public readonly endpoints: EgressStrategy['endpoints'];

  public constructor(further: InterfaceVpcEndpointAwsService[] = []) {
    this.endpoints = { ...NEEDED, ...Object.fromEntries(further.map(service => [idOf(service), service])) };
  }

  public require(scope: IConstruct): void {
    const nameless = Object.keys(this.endpoints).includes('');
    if (nameless) {
      refuse(scope, '`services` must have names, got: an empty one', 'Take each from `ec2.InterfaceVpcEndpointAwsService`');
    }
  }
}

/** `com.amazonaws.<region>.bedrock-runtime` has the id `BedrockRuntime`. */
function idOf(service: InterfaceVpcEndpointAwsService): string {
  return service.shortName.split(/[^a-zA-Z0-9]+/).map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
