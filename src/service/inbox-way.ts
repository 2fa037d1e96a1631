import { Peer, Port, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { ExposureStrategy, ServerEdge } from '../edge/exposure-strategy';
import type { FlueAuth } from '../edge/flue-auth';
import type { WayIn } from '../events/event-door';

const EVERYONE = [Peer.anyIpv4(), Peer.anyIpv6()].map(peer => peer.uniqueId);

interface Surroundings {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly auth?: FlueAuth;
}

/** How an inbox comes to a server behind a load balancer. */
export function wayThrough(exposure: ExposureStrategy, edge: ServerEdge, { vpc, vpcSubnets, auth }: Surroundings): WayIn {
  if (edge.sharesUrl) {
    return { ofFleet: true };
  }
  const publicPaths = auth && (auth._options.publicPaths ?? []);
  // who may call CloudFront or a listener of others is not the affair of this service
  if (edge.distribution || edge.listenerRule) {
    return { publicPaths };
  }
  const { loadBalancer, listener } = edge.own('loadBalancer');
  if (!exposure.internetFacing) {
    return { publicPaths, vpc, vpcSubnets, admit: inbox => loadBalancer.connections.allowFrom(inbox, Port.tcp(listener.port), 'inbox of the Flue server') };
  }
  const everyone = exposure.peers.some(peer => EVERYONE.includes(peer.uniqueId));
  return { publicPaths, closedTo: everyone ? undefined : 'FlueExposure.toPeers(…)' };
}
