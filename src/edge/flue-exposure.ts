import { Peer, type IPeer } from 'aws-cdk-lib/aws-ec2';
import type { IApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CloudFront } from './cloud-front';
import type { ExposureStrategy } from './exposure-strategy';
import type { FlueCloudFrontOptions, FlueListenerOptions } from './flue-exposure-options';
import { OwnLoadBalancer } from './own-load-balancer';
import { SharedListener } from './shared-listener';

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
    return new FlueExposure(new OwnLoadBalancer(true, [Peer.anyIpv4()]));
  }

  /**
   * Only the given peers, over the internet.
   *
   * A security group is for members that connect to a private address of the box. By the name of a load balancer, or the `url`
   * of a box, they reach a public address, and arrive from one, which no rule by their group admits (Amazon VPC user guide,
   * security group rules): name addresses here, or the group in `internal()`.
   *
   * @param peers addresses, prefix lists or security groups that may connect
   */
  public static toPeers(...peers: IPeer[]): FlueExposure {
    return new FlueExposure(new OwnLoadBalancer(true, peers));
  }

  /**
   * Only the given peers, from inside the network: the load balancer has no public address.
   *
   * @param peers addresses, prefix lists or security groups that may connect; without any, grant access through `connections` of the load balancer
   */
  public static internal(...peers: IPeer[]): FlueExposure {
    return new FlueExposure(new OwnLoadBalancer(false, peers));
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
    return new FlueExposure(new SharedListener(listener, options));
  }

  /**
   * Everyone on the internet, through CloudFront: HTTPS without a domain of one's own, and a load balancer without a public address.
   *
   * CloudFront waits at most `readTimeout` for the next byte. Streams send one every 15 s and may last; a reply as one
   * JSON document is silent until it is done, so `longestRun` is at most `readTimeout` less 5 s, which is its default: 55 s.
   *
   * Nothing is cached. Plain HTTP is refused at the edge; from CloudFront to the load balancer requests cross the VPC,
   * unencrypted, in private or isolated subnets where the VPC has them. The VPC needs an internet gateway, in a region with
   * VPC origins. CloudFront has no standing price; the first deployment takes about a quarter of an hour longer.
   *
   * A sign-in by `auth` needs HTTPS at the load balancer and is refused. FlueEc2Service has no load balancer and throws.
   *
   * @param options timers, domain and filter of the distribution
   */
  public static cloudFront(options: FlueCloudFrontOptions = {}): FlueExposure {
    return new FlueExposure(new CloudFront(options));
  }

  /** Whether the load balancer has public addresses; false where it is not the service's own. */
  public readonly internetFacing: boolean;

  /** Who may connect. */
  public readonly peers: IPeer[];

  private constructor(
    /** @internal */
    public readonly _strategy: ExposureStrategy,
  ) {
    this.internetFacing = _strategy.internetFacing;
    this.peers = _strategy.peers;
  }
}
