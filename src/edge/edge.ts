import type { Duration } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type {
  ApplicationListener, ApplicationListenerRule, ApplicationLoadBalancer, ApplicationTargetGroup, SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IWebACLRef } from 'aws-cdk-lib/aws-wafv2';
import type { Construct, IDependable } from 'constructs';
import { accessLogsBucketOf, requireAccessLogs, type AccessLogProps } from './access-logs';
import { buildDistribution, originFacingPeer, readTimeoutOf, requireCloudFront } from './cloud-front';
import type { FlueAuth } from './flue-auth';
import { FlueExposure } from './flue-exposure';
import { addRecord, certificateOf, requireDomain, requireHttpsForAuth, requireHttpsForPolicy, type DomainProps } from './https';
import { buildLoadBalancer } from './load-balancer';
import { joinListener, requireSharedListener, vpcOfListener } from './shared-listener';
import type { ServerTargetGroupProps } from './target-group';
import { requireWebAclScope } from './web-acl';
import { refuse } from '../invariants/invariant';
import { requireTwoAvailabilityZones } from '../invariants/private-database';
import { longestRunBehind } from '../invariants/read-timeout';
import { hiddenSubnets, loadBalancerSubnets, taskSubnets } from '../network/network';
import { warnAuthCutOff } from '../network/way-out';
import type { StatedTimers } from '../timers/timer-chain';

/** What a user says of the edge of a service. */
export interface EdgeProps extends DomainProps, AccessLogProps {
  readonly exposure?: FlueExposure;
  readonly auth?: FlueAuth;
  readonly sslPolicy?: SslPolicy;
  readonly webAcl?: IWebACLRef;
  readonly loadBalancerDeletionProtection?: boolean;
  readonly idleTimeout?: Duration;
  readonly vpcSubnets?: SubnetSelection;
}

/** What stands between clients and the tasks. */
export interface ServerEdge {
  readonly targetGroup: ApplicationTargetGroup;
  /** Address at which clients reach the server. */
  readonly url: string;
  /** What the target group is in use from. */
  readonly ready: IDependable;
  readonly loadBalancer?: ApplicationLoadBalancer;
  readonly listener?: ApplicationListener;
  readonly redirectListener?: ApplicationListener;
  readonly listenerRule?: ApplicationListenerRule;
  readonly certificate?: ICertificate;
  readonly accessLogsBucket?: IBucket;
  readonly distribution?: Distribution;
}

export function exposureOf({ exposure }: EdgeProps): FlueExposure {
  return exposure ?? FlueExposure.open();
}

/** Refuses an edge that contradicts itself, before the first resource exists. */
export function requireEdge(scope: Construct, props: EdgeProps, healthCheckPath: string): void {
  const exposure = exposureOf(props);
  if (exposure._shared) {
    requireSharedListener(scope, exposure._shared, props);
    return;
  }
  if (exposure._cloudFront) {
    requireCloudFront(scope, exposure._cloudFront, props);
  } else {
    requireDomain(scope, props);
    requireHttpsForPolicy(scope, props);
    requireHttpsForAuth(scope, { ...props, healthCheckPath });
  }
  requireAccessLogs(scope, props);
  requireWebAclScope(scope, 'webAcl', props.webAcl, 'REGIONAL');
}

/** The timers as stated, with those that the edge fixes. */
export function edgeTimers(scope: Construct, props: EdgeProps & StatedTimers): StatedTimers {
  const { _shared: shared, _cloudFront: cloudFront } = exposureOf(props);
  if (shared) {
    return { ...props, idleTimeout: shared.options.idleTimeout };
  }
  return cloudFront ? { ...props, longestRun: longestRunBehind(scope, readTimeoutOf(cloudFront), props.longestRun) } : props;
}

/** The VPC that the edge is in already; undefined where it will be in the service's own. */
export function vpcOfEdge(props: EdgeProps): IVpc | undefined {
  const shared = exposureOf(props)._shared;
  return shared && vpcOfListener(shared);
}

/** Refuses a VPC that the edge cannot be in, before the first resource exists. */
export function requireEdgeNetwork(scope: Construct, props: EdgeProps, vpc: IVpc | undefined): void {
  const exposure = exposureOf(props);
  if (exposure._shared) {
    if (!vpc) {
      refuse(scope, '`vpc` must be given with a listener whose VPC is not known, got: none', 'Pass the VPC of its load balancer');
    }
  } else if (vpc && exposure._cloudFront) {
    requireTwoAvailabilityZones(scope, 'a load balancer behind CloudFront', vpc.selectSubnets(
      hiddenSubnets(vpc, taskSubnets(scope, vpc, props.vpcSubnets)),
    ));
  } else if (vpc) {
    loadBalancerSubnets(scope, vpc, exposure.internetFacing, {});
  }
}

/** Builds what stands between clients and the tasks. */
export function buildEdge(scope: Construct, props: EdgeProps, target: ServerTargetGroupProps, ofTasks: SubnetSelection): ServerEdge {
  const exposure = exposureOf(props);
  if (exposure._shared) {
    return joinListener(scope, exposure._shared, props, target);
  }
  const cloudFront = exposure._cloudFront;
  const certificate = cloudFront ? undefined : certificateOf(scope, props);
  const accessLogsBucket = accessLogsBucketOf(scope, props);
  const built = buildLoadBalancer(scope, {
    ...target,
    vpcSubnets: cloudFront ? hiddenSubnets(target.vpc, ofTasks) : loadBalancerSubnets(scope, target.vpc, exposure.internetFacing, ofTasks),
    internetFacing: exposure.internetFacing,
    peers: cloudFront ? [originFacingPeer(scope, cloudFront)] : exposure.peers,
    certificate,
    sslPolicy: props.sslPolicy,
    accessLogsBucket,
    webAcl: props.webAcl,
    auth: props.auth,
    deletionProtection: props.loadBalancerDeletionProtection,
  });
  if (props.auth && !exposure.internetFacing) {
    warnAuthCutOff(scope, target.vpc, target.vpc.selectSubnets(ofTasks));
  }
  const edge = { ...built, certificate, accessLogsBucket, ready: built.listener };
  if (cloudFront) {
    const distribution = buildDistribution(scope, cloudFront, props, built);
    return { ...edge, distribution, url: `https://${props.domainName ?? distribution.distributionDomainName}` };
  }
  addRecord(scope, new LoadBalancerTarget(built.loadBalancer), props);
  return { ...edge, url: `${certificate ? 'https' : 'http'}://${props.domainName ?? built.loadBalancer.loadBalancerDnsName}` };
}
