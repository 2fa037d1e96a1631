import { Stack, type StackProps } from 'aws-cdk-lib';
import { GatewayVpcEndpointAwsService, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FlueDatabase } from 'cdk-flue';
import type { Construct } from 'constructs';
import { acknowledgeData } from './acknowledgements.ts';
import { shareWithPreviews } from './preview-base.ts';
import { isBase, isProduction } from './stage.ts';

/** What every platform shares: a network without NAT, a Postgres, and the secrets. */
export class FlueDataStack extends Stack {
  public readonly vpc: Vpc;
  public readonly database: FlueDatabase;
  public readonly providerKey: Secret;
  public readonly apiToken: Secret;

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

    // Holds a random value at first. Put the key of your provider in: aws secretsmanager put-secret-value.
    this.providerKey = new Secret(this, 'ProviderKey', { description: 'ANTHROPIC_API_KEY of the Flue agents' });
    // The agents answer only requests that carry this token.
    this.apiToken = new Secret(this, 'ApiToken', {
      description: 'API_TOKEN of the Flue agents',
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
    });

    if (isBase(this)) shareWithPreviews(this);
    acknowledgeData(this);
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
