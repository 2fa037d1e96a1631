import { Stack, type StackProps } from 'aws-cdk-lib';
import { FlueDatabase, FlueEgress, FlueNetwork } from 'cdk-flue';
import type { Construct } from 'constructs';
import { acknowledgeData } from '../acknowledgements.ts';

/** The network and the database, which stay when you deploy the agents again. */
export class EventsDataStack extends Stack {
  public readonly network: FlueNetwork;
  public readonly database: FlueDatabase;

  public constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);

    // The server, and the function that brings it its work, reach AWS and the provider through the NAT gateway.
    this.network = new FlueNetwork(this, 'Network', { egress: FlueEgress.natGateways() });
    this.database = new FlueDatabase(this, 'Database', { vpc: this.network.vpc, port: 6543 });

    acknowledgeData(this);
  }
}
