import { Stack, type StackProps } from 'aws-cdk-lib';
import { GatewayVpcEndpointAwsService, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
{{#secrets}}
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
{{/secrets}}
import type { Construct } from 'constructs';

/** What every platform shares: a network without NAT and the secrets. */
export class FlueDataStack extends Stack {
  public readonly vpc: Vpc;
{{#secrets}}
  /** The secrets of the agents, by the variable that each is read from. */
  public readonly secrets: { readonly [variable: string]: Secret };
{{/secrets}}

  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    this.vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC },
        { name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED },
      ],
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
    });
    this.vpc.addFlowLog('FlowLog');
{{#secrets}}

    // Each holds a random value until you put yours in its place: aws secretsmanager put-secret-value.
    this.secrets = {
{{#secret}}
      {{name}}: new Secret(this, '{{id}}', { description: '{{name}} of the Flue agents', generateSecretString: { excludePunctuation: true } }),
{{/secret}}
    };
{{/secrets}}
  }
}

/** What the stack of a platform takes. */
export interface FlueServerStackProps extends StackProps {
  readonly shared: FlueDataStack;
}
