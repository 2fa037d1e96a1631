import { Names, Stack, type Duration } from 'aws-cdk-lib';
import {
  AllowedMethods, CachePolicy, Distribution, Function, FunctionCode, FunctionEventType, FunctionRuntime, OriginProtocolPolicy, OriginRequestPolicy,
  PriceClass, SecurityPolicyProtocol, ViewerProtocolPolicy, VpcOrigin, VpcOriginEndpoint,
} from 'aws-cdk-lib/aws-cloudfront';
import { VpcOrigin as VpcOriginOf } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Peer, type IPeer, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import { refuseWithoutLoadBalancer, type EdgeProps, type ExposureStrategy, type ServerEdge } from './exposure-strategy';
import type { FlueCloudFrontOptions } from './flue-exposure-options';
import { addRecord, placeOf, requireZoneOfDomain } from './https';
import { buildLoadBalancer, requireLoadBalancer, type LoadBalancerEdge } from './load-balancer';
import { shardFunction } from './shard-function';
import type { ServerTargetGroupProps } from './target-group';
import { requireWebAclScope } from './web-acl';
import { refuse } from '../invariants/invariant';
import { DEFAULT_READ_TIMEOUT, MAX_ORIGIN_NAME_PREFIX } from '../invariants/limits/load-balancer';
import { requireTwoAvailabilityZones } from '../invariants/private-database';
import { longestRunBehind, requireReadTimeout } from '../invariants/read-timeout';
import type { Partition } from '../invariants/shards/partition';
import { isPending, settled } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';
import { managedPrefixListId } from '../network/managed-prefix-list';
import { hiddenSubnets, taskSubnets } from '../network/network';
import { warnOfZones } from '../network/zones';
import type { StatedTimers } from '../timers/timer-chain';

/** Where CloudFront looks for certificates and web ACLs. */
const REGION = 'us-east-1';
/** The servers of CloudFront that call origins, as AWS keeps their list in every region. */
const ORIGIN_FACING = 'com.amazonaws.global.cloudfront.origin-facing';
const LOOKUP_ID = 'FlueCloudFrontOriginFacing';
/** What the listener behind CloudFront, which speaks HTTP, cannot do; and what can. */
const REFUSED = {
  certificate: `CloudFront terminates TLS: pass a certificate of ${REGION} in the exposure`,
  sslPolicy: 'CloudFront terminates TLS, with a policy of its own',
  auth: 'A load balancer authenticates only on HTTPS: use another exposure, or let the app authenticate callers',
} as const;

/** CloudFront in front of an internal load balancer. */
export class CloudFront implements ExposureStrategy {
  public readonly internetFacing = false;
  public readonly ownsLoadBalancer = true;
  public readonly peers: IPeer[] = [];

  /** @param hashed what ids are shared out by, where their hash decides */
  public constructor(private readonly options: FlueCloudFrontOptions, private readonly hashed?: Partition) {}

  public hashing(partition: Partition): ExposureStrategy {
    return new CloudFront(this.options, partition);
  }

  public get given(): object {
    return this.options;
  }

  public require(scope: Construct, props: EdgeProps): void {
    requireCloudFront(scope, this.options, props);
    requireLoadBalancer(scope, props);
  }

  public timers(scope: Construct, stated: StatedTimers): StatedTimers {
    return { ...stated, longestRun: longestRunBehind(scope, readTimeoutOf(scope, this.options), stated.longestRun) };
  }

  public vpc(): undefined {
    return undefined;
  }

  public requireNetwork(scope: Construct, { vpcSubnets }: EdgeProps, vpc: IVpc | undefined): void {
    if (vpc) {
      requireTwoAvailabilityZones(scope, 'a load balancer behind CloudFront', vpc.selectSubnets(
        hiddenSubnets(vpc, taskSubnets(scope, vpc, vpcSubnets)),
      ));
    }
  }

  public fixedRules(): undefined {
    return undefined;
  }

  public build(scope: Construct, props: EdgeProps, target: ServerTargetGroupProps, ofTasks: SubnetSelection): ServerEdge {
    const built = buildLoadBalancer(scope, props, target, {
      vpcSubnets: hiddenSubnets(target.vpc, ofTasks),
      internetFacing: false,
      peers: [originFacingPeer(scope, this.options)],
    });
    warnOfZones(scope, target.vpc, ['vpcOrigins']);
    const distribution = buildDistribution(scope, this.options, props, built, this.hashed);
    return { ...built, distribution, url: `https://${props.domainName ?? distribution.distributionDomainName}` };
  }

  public warnPublic(scope: Construct): void {
    WARNINGS.publicWithoutAuthentication.give(scope, { way: 'Use another `exposure`, with `auth` or for peers' });
  }

  public directClients(scope: Construct): never {
    return refuseWithoutLoadBalancer(scope, 'FlueExposure.cloudFront(…)');
  }
}

function readTimeoutOf(scope: Construct, options: FlueCloudFrontOptions): Duration {
  return settled(scope, options).readTimeout ?? DEFAULT_READ_TIMEOUT;
}

/** Refuses what CloudFront, or a listener behind it, cannot do. */
function requireCloudFront(scope: Construct, options: FlueCloudFrontOptions, props: EdgeProps): void {
  for (const [prop, way] of Object.entries(REFUSED)) {
    if (props[prop as keyof typeof REFUSED] !== undefined) {
      refuse(scope, `\`${prop}\` must be left out with FlueExposure.cloudFront(…), got: one`, way);
    }
  }
  requireReadTimeout(scope, readTimeoutOf(scope, options));
  requireWebAclScope(scope, 'webAcl', options.webAcl, 'CLOUDFRONT');
  requireZoneOfDomain(scope, props);
  if (props.domainName !== undefined && !options.certificate) {
    refuse(scope, `\`certificate\` must be given in the exposure with \`domainName\`, got: none for ${props.domainName}`,
      `CloudFront accepts only certificates of ${REGION}: create one in a stack there, and pass it to FlueExposure.cloudFront(…)`);
  }
  if (options.certificate && props.domainName === undefined) {
    refuse(scope, '`domainName` must be given with the certificate of the exposure, got: none', 'Name the domain that clients use');
  }
  const region = options.certificate && placeOf(options.certificate).region;
  if (region !== undefined && region !== REGION) {
    refuse(scope, `\`certificate\` of the exposure must be in ${REGION}, got: one in ${region}`, 'CloudFront accepts no other: create it in a stack there');
  }
}

/** Who calls the load balancer: the list that the documentation of VPC origins names. The range of the VPC would not do. */
function originFacingPeer(scope: Construct, { prefixList }: FlueCloudFrontOptions): IPeer {
  return Peer.prefixList(prefixList?.prefixListId ?? managedPrefixListId(scope, LOOKUP_ID, ORIGIN_FACING));
}

/** A distribution in front of an internal load balancer: nothing is cached, and nothing held back. */
function buildDistribution(
  scope: Construct, options: FlueCloudFrontOptions, props: EdgeProps, built: LoadBalancerEdge, hashed?: Partition,
): Distribution {
  const { loadBalancer, listener } = built;
  const origin = new VpcOrigin(scope, 'VpcOrigin', {
    // the account has one list of VPC origins for all regions
    vpcOriginName: `${Names.uniqueResourceName(scope, { maxLength: MAX_ORIGIN_NAME_PREFIX })}-${Stack.of(scope).region}`,
    endpoint: VpcOriginEndpoint.applicationLoadBalancer(loadBalancer),
    protocolPolicy: OriginProtocolPolicy.HTTP_ONLY,
    httpPort: listener.port,
  });
  // CloudFront asks for a VPC with an internet gateway, which no packet of it passes
  origin.node.addDependency(listener, ...(loadBalancer.vpc?.publicSubnets ?? []).map(subnet => subnet.internetConnectivityEstablished));
  // Distribution takes its ARN apart, which a lookup has yet to find
  const waits = isPending(options.certificate?.certificateArn);
  const distribution = new Distribution(scope, 'Distribution', {
    defaultBehavior: {
      origin: VpcOriginOf.withVpcOrigin(origin, { domainName: loadBalancer.loadBalancerDnsName, readTimeout: readTimeoutOf(scope, options) }),
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      // with the host: apps compare it with the origin of a page, and build addresses from it
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER,
      // a redirect would come after the token has crossed the network in plain text
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      compress: false,
      functionAssociations: hashed && [{
        eventType: FunctionEventType.VIEWER_REQUEST,
        function: new Function(scope, 'ShardFunction', {
          comment: 'Writes the shard of an agent instance into a header', code: FunctionCode.fromInline(shardFunction(hashed)), runtime: FunctionRuntime.JS_2_0,
        }),
      }],
    },
    priceClass: options.priceClass ?? PriceClass.PRICE_CLASS_100,
    minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    certificate: waits ? undefined : options.certificate,
    domainNames: waits || props.domainName === undefined ? undefined : [props.domainName],
    webAclId: options.webAcl?.webAclRef.webAclArn,
  });
  addRecord(scope, new CloudFrontTarget(distribution), props);
  return distribution;
}
