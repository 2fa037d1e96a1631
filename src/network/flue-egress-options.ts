import type { InterfaceVpcEndpointAwsService, NatProvider } from 'aws-cdk-lib/aws-ec2';

/**
 * Options of a way out through NAT gateways.
 */
export interface FlueNatEgressOptions {
  /**
   * What translates the addresses, such as a `NatProvider.instanceV2(…)`, which costs less than a gateway.
   *
   * An instance of aws-cdk-lib takes whatever comes, from the internet too, unless its `defaultAllowedTraffic` says otherwise.
   *
   * @default - NAT gateways
   */
  readonly provider?: NatProvider;

  /**
   * How many there are, at most one for each availability zone.
   *
   * Throws below 1, and for a number known only at deployment.
   *
   * @default 1
   */
  readonly count?: number;
}

/**
 * Options of a network without a way out.
 */
export interface FlueEndpointEgressOptions {
  /**
   * Further services that the server calls.
   *
   * A server needs its registry, its logs and its secrets, and has them; one that asks Amazon Bedrock needs
   * `ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME`, ECS Exec needs `SSM_MESSAGES`, secrets in Parameter Store `SSM`.
   *
   * @default - none
   */
  readonly services?: InterfaceVpcEndpointAwsService[];
}
