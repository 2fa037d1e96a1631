import { NatGateways, PublicAddresses, VpcEndpoints, type EgressStrategy } from './egress-strategy';
import type { FlueEndpointEgressOptions, FlueNatEgressOptions } from './flue-egress-options';

/**
 * How a server reaches what is outside of its network: its model provider, its registry, AWS.
 */
export class FlueEgress {
  /**
   * Public addresses of the tasks: 3.65 USD a month for each (us-east-1, 2026-09-26), and no door in: only the load
   * balancer may connect.
   */
  public static publicAddresses(): FlueEgress {
    return new FlueEgress(new PublicAddresses());
  }

  /**
   * NAT gateways in front of private subnets: 36.5 USD a month for each with its address (us-east-1, 2026-09-26), and
   * 0.045 USD for each GB.
   *
   * @param options how many, and of what kind
   */
  public static natGateways(options: FlueNatEgressOptions = {}): FlueEgress {
    return new FlueEgress(new NatGateways(options));
  }

  /**
   * Nothing but VPC endpoints: the server reaches the services of AWS that are named, and no one else.
   *
   * Each costs 7.3 USD a month in each availability zone (us-east-1, 2026-09-26): 58.4 for the four that a server needs in two
   * zones, more than a NAT gateway. A model provider on the internet is out of reach; Amazon Bedrock has an endpoint.
   *
   * @param options further services
   */
  public static vpcEndpoints(options: FlueEndpointEgressOptions = {}): FlueEgress {
    return new FlueEgress(new VpcEndpoints(options.services));
  }

  private constructor(
    /** @internal */
    public readonly _strategy: EgressStrategy,
  ) {}
}
