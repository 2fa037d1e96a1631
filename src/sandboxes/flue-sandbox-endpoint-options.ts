import type { IGatewayVpcEndpoint, IInterfaceVpcEndpoint, IPrefixList } from 'aws-cdk-lib/aws-ec2';

/**
 * VPC endpoints that exist, through which sandboxes pull their image and write their logs.
 *
 * A pool finds those that this app makes in the VPC before the pool. Name the others, because a VPC takes no second one of the same service.
 */
export interface FlueSandboxEndpointOptions {
  /**
   * The interface endpoint of the API of Amazon ECR.
   *
   * @default - the one that this app makes in the VPC, otherwise a new one
   */
  readonly ecrApi?: IInterfaceVpcEndpoint;

  /**
   * The interface endpoint of the registry of Amazon ECR.
   *
   * @default - the one that this app makes in the VPC, otherwise a new one
   */
  readonly ecrDocker?: IInterfaceVpcEndpoint;

  /**
   * The interface endpoint of Amazon CloudWatch Logs.
   *
   * @default - the one that this app makes in the VPC, otherwise a new one
   */
  readonly logs?: IInterfaceVpcEndpoint;

  /**
   * The gateway endpoint of Amazon S3, where the registry keeps the layers of images.
   *
   * @default - the one that this app makes in the VPC, otherwise a new one for the subnets of the sandboxes
   */
  readonly s3?: IGatewayVpcEndpoint;

  /**
   * The prefix list of Amazon S3 in the region, `com.amazonaws.<region>.s3`.
   *
   * @default - the deployment looks it up, with a custom resource
   */
  readonly s3PrefixList?: IPrefixList;
}
