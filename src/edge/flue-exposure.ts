import { Peer, type IPeer } from 'aws-cdk-lib/aws-ec2';
import type { IApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CloudFront } from './cloud-front';
import type { ExposureStrategy } from './exposure-strategy';
import type { FlueCloudFrontOptions, FlueListenerOptions } from './flue-exposure-options';
import { OwnLoadBalancer } from './own-load-balancer';
import { SharedListener } from './shared-listener';
import type { ShardOfFleet } from '../invariants/shards/shard-guard';
import { requireArguments } from '../invariants/types/require-types';

/**
 * The exposure of a service: who can reach its load balancer, or the instance of FlueEc2Service.
 */
export class FlueExposure {
  /**
   * Everyone on the internet.
   *
   * Flue's agent routes have no authentication of their own. Without `auth`, the service warns you of it.
   */
  public static open(): FlueExposure {
    return new FlueExposure(new OwnLoadBalancer(true, [Peer.anyIpv4()]));
  }

  /**
   * The given peers only, over the internet.
   *
   * Pass addresses or prefix lists. A security group works only for members that connect to a private address of the box. If
   * they use the name of a load balancer, or `url` of a box, they arrive from a public address, and a rule with their group
   * does not apply (Amazon VPC user guide, security group rules). Use `internal()` for a group.
   *
   * @param peers addresses, prefix lists or security groups that may connect
   */
  public static toPeers(...peers: IPeer[]): FlueExposure {
    requireArguments('FlueExposure.toPeers', { peers });
    return new FlueExposure(new OwnLoadBalancer(true, peers));
  }

  /**
   * The given peers only, from inside the network: the load balancer has no public address.
   *
   * @param peers addresses, prefix lists or security groups that may connect; if you pass none, use `connections` of the load balancer
   */
  public static internal(...peers: IPeer[]): FlueExposure {
    requireArguments('FlueExposure.internal', { peers });
    return new FlueExposure(new OwnLoadBalancer(false, peers));
  }

  /**
   * The callers of an existing load balancer. Several agents can share one and its price.
   *
   * The service creates a target group and a listener rule. Security group, certificates, logs and web ACL belong to the load
   * balancer, so set them there. FlueEc2Service has no load balancer and throws.
   *
   * @param listener a listener of this app or of another one
   * @param options the conditions of the rule and the idle timeout of the load balancer
   */
  public static throughListener(listener: IApplicationListener, options: FlueListenerOptions): FlueExposure {
    requireArguments('FlueExposure.throughListener', { listener, options });
    return new FlueExposure(new SharedListener(listener, options));
  }

  /**
   * Everyone on the internet, through CloudFront: HTTPS without a domain of yours, and a load balancer without a public
   * address.
   *
   * CloudFront waits at most `readTimeout` for the next byte. A stream sends one every 15 s and may last. A reply as one JSON
   * document sends none until it is done, so `longestRun` can be at most `readTimeout` less 5 s. That is its default: 55 s.
   *
   * CloudFront caches nothing and refuses plain HTTP. Between CloudFront and the load balancer, requests cross the VPC
   * unencrypted, in private or isolated subnets if the VPC has them. The VPC needs an internet gateway, and its region must
   * offer VPC origins. CloudFront has no monthly price; the first deployment takes about a quarter of an hour longer.
   *
   * Throws with `auth`, which needs HTTPS at the load balancer. FlueEc2Service has no load balancer and throws.
   *
   * @param options the read timeout, certificate and web ACL of the distribution
   */
  public static cloudFront(options: FlueCloudFrontOptions = {}): FlueExposure {
    requireArguments('FlueExposure.cloudFront', { options });
    return new FlueExposure(new CloudFront(options));
  }

  /**
   * The way to a shard: one of several servers that share out the ids of agent instances.
   *
   * @internal
   */
  public static _ofShard(shard: ShardOfFleet, strategy: ExposureStrategy): FlueExposure {
    return new FlueExposure(strategy, shard);
  }

  /** Whether the service creates a load balancer with public addresses. */
  public readonly internetFacing: boolean;

  /** The peers that may connect. */
  public readonly peers: IPeer[];

  private constructor(
    /** @internal */
    public readonly _strategy: ExposureStrategy,
    /** @internal */
    public readonly _shard?: ShardOfFleet,
  ) {
    this.internetFacing = _strategy.internetFacing;
    this.peers = _strategy.peers;
  }

  /**
   * What the user stated, in which no secret may stand.
   *
   * @internal
   */
  public get _given(): object {
    return this._strategy.given;
  }
}
