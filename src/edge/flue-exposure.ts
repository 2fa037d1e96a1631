import { Peer, type IPeer } from 'aws-cdk-lib/aws-ec2';

/** The peers that are everyone. */
const EVERYONE = [Peer.anyIpv4(), Peer.anyIpv6()].map(peer => peer.uniqueId);

/**
 * Who may reach a service: its load balancer, or the box of FlueEc2Service.
 */
export class FlueExposure {
  /**
   * Everyone on the internet.
   *
   * Flue's agent routes have no authentication of their own. Where nothing in front of them has, a warning says so.
   */
  public static open(): FlueExposure {
    return new FlueExposure(true, [Peer.anyIpv4()]);
  }

  /**
   * Only the given peers, over the internet.
   *
   * @param peers addresses, prefix lists or security groups that may connect
   */
  public static toPeers(...peers: IPeer[]): FlueExposure {
    return new FlueExposure(true, peers);
  }

  /**
   * Only the given peers, from inside the network: the load balancer has no public address.
   *
   * @param peers addresses, prefix lists or security groups that may connect; without any, grant access through `connections` of the load balancer
   */
  public static internal(...peers: IPeer[]): FlueExposure {
    return new FlueExposure(false, peers);
  }

  private constructor(
    /** Whether the load balancer has public addresses. */
    public readonly internetFacing: boolean,
    /** Who may connect. */
    public readonly peers: IPeer[],
  ) {}

  /**
   * Whether everyone on the internet may connect.
   *
   * @internal
   */
  public get _admitsEveryone(): boolean {
    return this.internetFacing && this.peers.some(peer => EVERYONE.includes(peer.uniqueId));
  }
}
