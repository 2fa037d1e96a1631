import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnEIP, CfnPrefixList, NatProvider, Peer, type IPeer } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { FlueDatabase, FlueDatabaseEngine, FlueEgress, FlueNetwork } from 'cdk-flue';
import type { Construct } from 'constructs';

/** The network and the database, which stay when you deploy the agents again. */
export class FoundationStack extends Stack {
  public readonly network: FlueNetwork;
  public readonly database: FlueDatabase;
  /** The addresses from which the network reaches the internet. */
  public readonly waysOut: IPeer;

  public constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);

    const key = new Key(this, 'Key', { description: 'Database of the Flue agents, its password and its backups', enableKeyRotation: true });
    const addresses = ['AddressA', 'AddressB'].map(name => new CfnEIP(this, name, { domain: 'vpc' }));
    // PrefixList of the CDK takes no address that only the deployment knows.
    const { attrPrefixListId } = new CfnPrefixList(this, 'WaysOut', {
      prefixListName: 'flue-agents-ways-out', addressFamily: 'IPv4', maxEntries: 2, entries: addresses.map(({ attrPublicIp }) => ({ cidr: `${attrPublicIp}/32` })),
    });
    this.waysOut = Peer.prefixList(attrPrefixListId);
    const provider = NatProvider.gateway({ eipAllocationIds: addresses.map(({ attrAllocationId }) => attrAllocationId) });
    this.network = new FlueNetwork(this, 'Network', {
      egress: FlueEgress.natGateways({ count: 2, provider }), logEncryptionKey: key, logRetention: RetentionDays.ONE_YEAR,
    });
    this.database = new FlueDatabase(this, 'Database', {
      vpc: this.network.vpc,
      engine: FlueDatabaseEngine.postgres({ multiAz: true }),
      port: 6543,
      encryptionKey: key,
      backupRetention: Duration.days(30),
      // Two logins take turns, so that the agents have one that works until they are deployed with the other.
      rotation: {},
      monitoringInterval: Duration.seconds(60),
      enablePerformanceInsights: true,
    });
  }
}
