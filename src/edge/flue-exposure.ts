import { Peer, type IPeer } from 'aws-cdk-lib/aws-ec2';
import type { IApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { FlueListenerOptions } from './flue-exposure-options';

/** The peers that are everyone. */
const EVERYONE = [Peer.anyIpv4(), Peer.anyIpv6()].map(peer => peer.uniqueId);

/** A listener that is not the service's own. */
export interface SharedListener {
  readonly listener: IApplicationListener;
  readonly options: FlueListenerOptions;
}

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

  /**
   * Whoever reaches a load balancer that exists: several agents share its price.
   *
   * The service makes a target group and a rule of the listener, and nothing else of the edge. Who may connect, its
   * certificates, logs and web ACL are that load balancer's. FlueEc2Service has no load balancer and throws.
   *
   * @param listener a listener of this app or of another one
   * @param options which requests are the server's, and the timer of the load balancer
   */
  public static throughListener(listener: IApplicationListener, options: FlueListenerOptions): FlueExposure {
    return new FlueExposure(false, [], { listener, options });
  }

  /** @internal */
  public readonly _shared?: SharedListener;

  private constructor(
    /** Whether the load balancer has public addresses; false where it is not the service's own. */
    public readonly internetFacing: boolean,
    /** Who may connect. */
    public readonly peers: IPeer[],
    shared?: SharedListener,
  ) {
    this._shared = shared;
  }

  /**
   * Whether everyone on the internet may connect.
   *
   * @internal
   */
  public get _admitsEveryone(): boolean {
    return this.internetFacing && this.peers.some(peer => EVERYONE.includes(peer.uniqueId));
  }
}
