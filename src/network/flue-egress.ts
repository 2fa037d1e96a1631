import { NatGateways, PublicAddresses, VpcEndpoints, type EgressStrategy } from './egress-strategy';
import type { FlueEndpointEgressOptions, FlueNatEgressOptions } from './flue-egress-options';
import { requireArguments } from '../invariants/types/require-types';

/**
 * The egress of a network: how a server reaches its model provider, its registry and AWS.
 */
export class FlueEgress {
  /**
   * A public address for each task: 3.65 USD a month each (us-east-1, 2026-09-26). Only the load balancer can connect to a
   * task.
   */
  public static publicAddresses(): FlueEgress {
    return new FlueEgress(new PublicAddresses());
  }

  /**
   * NAT gateways for private subnets: 36.5 USD a month for each with its address (us-east-1, 2026-09-26), and 0.045 USD for
   * each GB.
   *
   * @param options the number and the provider
   */
  public static natGateways(options: FlueNatEgressOptions = {}): FlueEgress {
    requireArguments('FlueEgress.natGateways', { options });
    return new FlueEgress(new NatGateways(options));
  }

  /**
   * VPC endpoints only: the server reaches those AWS services that have one, and nothing else.
   *
   * Each costs 7.3 USD a month in each availability zone (us-east-1, 2026-09-26). A server needs four: 58.4 USD in two zones,
   * more than a NAT gateway. The server cannot reach a model provider on the internet; Amazon Bedrock has an endpoint.
   *
   * @param options further endpoints
   */
  public static vpcEndpoints(options: FlueEndpointEgressOptions = {}): FlueEgress {
    requireArguments('FlueEgress.vpcEndpoints', { options });
    return new FlueEgress(new VpcEndpoints(options.services));
  }

  private constructor(
    /** @internal */
    public readonly _egress: EgressStrategy,
  ) {}
}
