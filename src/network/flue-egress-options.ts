import type { InterfaceVpcEndpointAwsService, NatProvider } from 'aws-cdk-lib/aws-ec2';

/**
 * Options of egress through NAT gateways.
 */
export interface FlueNatEgressOptions {
  /**
   * The provider of NAT, such as `NatProvider.instanceV2(…)`, which costs less than a gateway.
   *
   * A NAT instance of aws-cdk-lib accepts all traffic, also from the internet, unless you pass `defaultAllowedTraffic`.
   *
   * @default - NAT gateways
   */
  readonly provider?: NatProvider;

  /**
   * The number of NAT gateways, at most one for each availability zone.
   *
   * Throws below 1, and for a number known only at deployment.
   *
   * @default 1
   */
  readonly count?: number;
}

/**
 * Options of egress through VPC endpoints.
 */
export interface FlueEndpointEgressOptions {
  /**
   * Further AWS services that the server calls.
   *
   * There are always endpoints for the registry, the logs and Secrets Manager. Add
   * `ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME` for Amazon Bedrock, `SSM_MESSAGES` for ECS Exec, and `SSM` for secrets
   * in Parameter Store.
   *
   * @default - none
   */
  readonly services?: InterfaceVpcEndpointAwsService[];
}
