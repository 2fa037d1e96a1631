import { Stack, type StackProps } from 'aws-cdk-lib';
import { GatewayVpcEndpointAwsService, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
{{#secrets}}
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
{{/secrets}}
import { FlueDatabase } from 'cdk-flue';
import type { Construct } from 'constructs';
import { shareWithPreviews } from './preview-base.ts';
import { isBase, isProduction } from './stage.ts';

/** What every platform shares: a network without NAT, a Postgres, and the secrets. */
export class FlueDataStack extends Stack {
  public readonly vpc: Vpc;
  public readonly database: FlueDatabase;
{{#secrets}}
  /** The secrets of the agents, by the variable in which the server reads each. */
  public readonly secrets: { readonly [variable: string]: Secret };
{{/secrets}}

  public constructor(scope: Construct, id: string, props?: StackProps) {
    // CloudFormation then refuses to delete the stack before it deletes anything of it.
    super(scope, id, { terminationProtection: isProduction(scope), ...props });

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
    this.database = new FlueDatabase(this, 'Database', { vpc: this.vpc, port: 6543, deletionProtection: isProduction(this) });
{{#secrets}}

    // Each secret holds a random value at first. Put your own in: aws secretsmanager put-secret-value.
    this.secrets = {
{{#secret}}
      {{name}}: new Secret(this, '{{id}}', { description: '{{name}} of the Flue agents', generateSecretString: { excludePunctuation: true } }),
{{/secret}}
    };
{{/secrets}}

    if (isBase(this)) shareWithPreviews(this);
  }
}

/** Properties of the stack of a platform. */
export interface FlueServerStackProps extends StackProps {
  /**
   * What every platform shares.
   *
   * @default - what the previews share
   */
  readonly shared?: FlueDataStack;
}
