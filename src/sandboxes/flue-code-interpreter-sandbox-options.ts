import type { CodeInterpreterNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';

/**
 * Options of sandboxes that are sessions of a code interpreter of Amazon Bedrock AgentCore.
 */
export interface FlueCodeInterpreterSandboxOptions {
  /**
   * What a session reaches. Whatever it is, every command of an agent reaches it.
   *
   * `usingSandboxNetwork()` leaves Amazon S3 and DNS, which the construct warns you of. `usingPublicNetwork()` is the whole internet, and a warning too.
   * `usingVpc(…)` is what your security groups and subnets let out.
   *
   * @default CodeInterpreterNetworkConfiguration.usingSandboxNetwork()
   */
  readonly networkConfiguration?: CodeInterpreterNetworkConfiguration;
}
