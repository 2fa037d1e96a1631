import type { IPeer, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { DirectClients, EdgeProps, ExposureStrategy, ServerEdge } from './exposure-strategy';
import { addRecord, certificateOf, requireDomain, requireHttpsForAuth, requireHttpsForPolicy } from './https';
import { buildLoadBalancer, requireLoadBalancer } from './load-balancer';
import type { ServerTargetGroupProps } from './target-group';
import { refuse } from '../invariants/invariant';
import { WARNINGS } from '../invariants/warnings';
import { isWorldRange } from '../invariants/world-range';
import { loadBalancerSubnets } from '../network/network';
import { warnAuthCutOff } from '../network/way-out';
import type { StatedTimers } from '../timers/timer-chain';

/** A load balancer of the service's own, on the internet or inside the network. */
export class OwnLoadBalancer implements ExposureStrategy {
  public readonly ownsLoadBalancer = true;
  public readonly given = {};

  public constructor(public readonly internetFacing: boolean, public readonly peers: IPeer[]) {}

  public require(scope: Construct, props: EdgeProps, healthCheckPath: string): void {
    requireDomain(scope, props);
    requireHttpsForPolicy(scope, props);
    requireHttpsForAuth(scope, { ...props, healthCheckPath });
    requireLoadBalancer(scope, props);
  }

  public timers(_: Construct, stated: StatedTimers): StatedTimers {
    return stated;
  }

  public vpc(): undefined {
    return undefined;
  }

  public requireNetwork(scope: Construct, _: EdgeProps, vpc: IVpc | undefined): void {
    if (vpc) {
      loadBalancerSubnets(scope, vpc, this.internetFacing, {});
    }
  }

  public fixedRules({ auth }: EdgeProps): string | undefined {
    return auth && '`auth`';
  }

  public build(scope: Construct, props: EdgeProps, target: ServerTargetGroupProps, ofTasks: SubnetSelection): ServerEdge {
    const certificate = certificateOf(scope, props);
    const built = buildLoadBalancer(scope, props, target, {
      vpcSubnets: loadBalancerSubnets(scope, target.vpc, this.internetFacing, ofTasks),
      internetFacing: this.internetFacing,
      peers: this.peers,
      certificate,
    });
    if (props.auth && !this.internetFacing) {
      warnAuthCutOff(scope, target.vpc, target.vpc.selectSubnets(ofTasks));
    }
    addRecord(scope, new LoadBalancerTarget(built.loadBalancer), props);
    return { ...built, url: `${certificate ? 'https' : 'http'}://${props.domainName ?? built.loadBalancer.loadBalancerDnsName}` };
  }

  public warnPublic(scope: Construct, { auth }: EdgeProps): void {
    if (this.admitsEveryone && !auth) {
      WARNINGS.publicWithoutAuthentication.give(scope, { way: 'Pass `auth`, or list who may connect in `exposure`' });
    }
  }

  public directClients(scope: Construct): DirectClients {
    if (!this.internetFacing) {
      refuse(scope, '`exposure` must not be internal, got: FlueExposure.internal(…)',
        'The box has a public address: pass the public addresses that may connect to `FlueExposure.toPeers(…)`, or use FlueFargateService');
    }
    return { peers: this.peers, everyone: this.admitsEveryone };
  }

  private get admitsEveryone(): boolean {
    return this.internetFacing && this.peers.some(peer => isWorldRange(peer.uniqueId));
  }
}
