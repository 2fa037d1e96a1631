import { CfnOutput, Fn } from 'aws-cdk-lib';
import { SecurityGroup, Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { FlueDatabase, FlueSchemaCleanup, type IFlueSchemaHost } from 'cdk-flue';
import { Construct } from 'constructs';
import type { FlueDataStack } from './data-stack.ts';

/** The zones of the network that previews share. */
const ZONES = 2;

/** What a preview has in place of a FlueDataStack of its own: the one that `-c preview=base` made, in the same account and region. */
export class PreviewBase extends Construct {
  public readonly vpc: IVpc;
  public readonly database: IFlueSchemaHost;
  public readonly providerKey: ISecret;
  public readonly apiToken: ISecret;

  public constructor(scope: Construct, id: string) {
    super(scope, id);
    this.vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: fromBase('Vpc'),
      availabilityZones: Fn.split(',', fromBase('Zones'), ZONES),
      publicSubnetIds: Fn.split(',', fromBase('PublicSubnets'), ZONES),
      publicSubnetRouteTableIds: Fn.split(',', fromBase('RouteTables'), ZONES),
    });
    this.database = FlueDatabase.fromAdministratorSecret(this, 'Database', {
      vpc: this.vpc,
      host: fromBase('DatabaseHost'),
      port: 6543,
      databaseName: 'flue',
      administrator: Secret.fromSecretCompleteArn(this, 'Administrator', fromBase('DatabaseAdministrator')),
      securityGroups: [SecurityGroup.fromSecurityGroupId(this, 'DatabaseGroup', fromBase('DatabaseGroup'))],
    });
    this.providerKey = Secret.fromSecretCompleteArn(this, 'SecretProviderKey', fromBase('SecretProviderKey'));
    this.apiToken = Secret.fromSecretCompleteArn(this, 'SecretApiToken', fromBase('SecretApiToken'));
  }
}

/** Exports what PreviewBase finds, and drops the schemas of previews that are gone. CloudFormation deletes no stack of which a preview imports something. */
export function shareWithPreviews(data: FlueDataStack): void {
  new FlueSchemaCleanup(data, 'SchemaCleanup', { database: data.database });
  exportToPreviews(data, {
    Vpc: data.vpc.vpcId,
    Zones: Fn.join(',', data.vpc.availabilityZones),
    PublicSubnets: Fn.join(',', data.vpc.publicSubnets.map(({ subnetId }) => subnetId)),
    RouteTables: Fn.join(',', data.vpc.publicSubnets.map(({ routeTable }) => routeTable.routeTableId)),
    DatabaseHost: data.database.endpoint.hostname,
    DatabaseAdministrator: data.database.secret.secretArn,
    DatabaseGroup: data.database.securityGroups[0]!.securityGroupId,
    SecretProviderKey: data.providerKey.secretArn,
    SecretApiToken: data.apiToken.secretArn,
  });
}

/** Exports values of the base under names that previews know. */
export function exportToPreviews(data: FlueDataStack, values: Readonly<Record<string, string>>): void {
  Object.entries(values).forEach(([name, value]) => new CfnOutput(data, `Export-${name}`, { value, exportName: `Preview-Base-${name}` }));
}

/** What the base exports under a name. */
export function fromBase(name: string): string {
  return Fn.importValue(`Preview-Base-${name}`);
}
