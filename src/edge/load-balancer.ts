import { Resource } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { SecurityGroup, type IPeer, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener, ApplicationLoadBalancer, ApplicationProtocol, ListenerAction, SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { accessLogsBucketOf, requireAccessLogs } from './access-logs';
import type { EdgeProps, OwnEdge, ServerEdge } from './exposure-strategy';
import { addPublicPaths, patternOf } from './public-paths';
import { buildTargetGroup, type ServerTargetGroupProps } from './target-group';
import { shiftTraffic } from './traffic-shift';
import { associateWebAcl, requireWebAclScope } from './web-acl';
import { HTTP_PORT, HTTPS_PORT } from '../invariants/limits/load-balancer';
import { inText } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

/** Protocols and ciphers of HTTPS unless told otherwise. */
const DEFAULT_SSL_POLICY = SslPolicy.RECOMMENDED_TLS;

/** Where a load balancer stands, and for whom. */
export interface LoadBalancerPlace {
  readonly vpcSubnets: SubnetSelection;
  readonly internetFacing: boolean;
  /** Who may connect. */
  readonly peers: IPeer[];
  readonly certificate?: ICertificate;
}

/** The part of an edge that a load balancer of the service's own is. */
export type LoadBalancerEdge = Omit<ServerEdge, 'url'> & OwnEdge;

/** Refuses what a load balancer of the service's own could not do. */
export function requireLoadBalancer(scope: Construct, props: EdgeProps): void {
  requireAccessLogs(scope, props);
  requireWebAclScope(scope, 'webAcl', props.webAcl, 'REGIONAL');
}

/** The load balancer in front of a server, with its timers from the chain. */
export function buildLoadBalancer(scope: Construct, props: EdgeProps, target: ServerTargetGroupProps, place: LoadBalancerPlace): LoadBalancerEdge {
  const { internetFacing, certificate } = place;
  const accessLogsBucket = accessLogsBucketOf(scope, props);
  // a load balancer whose scheme changes is a new one, and its target group must be new with it
  const loadBalancer = new ApplicationLoadBalancer(scope, internetFacing ? 'LoadBalancer' : 'InternalLoadBalancer', {
    vpc: target.vpc,
    vpcSubnets: place.vpcSubnets,
    internetFacing,
    securityGroup: new SecurityGroup(scope, 'LoadBalancerSecurityGroup', {
      vpc: target.vpc, description: 'Load balancer of a Flue server', allowAllOutbound: false,
    }),
    idleTimeout: inText(target.timers.idleTimeout),
    dropInvalidHeaderFields: true,
    deletionProtection: props.loadBalancerDeletionProtection ?? false,
  });
  if (accessLogsBucket) {
    loadBalancer.logAccessLogs(accessLogsBucket);
    if (!Resource.isOwnedResource(accessLogsBucket)) {
      WARNINGS.accessLogsBucketPolicy.give(scope, { bucket: accessLogsBucket.node.path });
    }
  }
  if (props.webAcl) {
    associateWebAcl(loadBalancer, props.webAcl);
  }
  const targetGroup = buildTargetGroup(loadBalancer, target);
  const forward = ListenerAction.forward([targetGroup]);
  const action = props.auth ? props.auth._authenticate(scope, forward) : forward;
  const sslPolicy = certificate && (props.sslPolicy ?? DEFAULT_SSL_POLICY);
  // one id for port 80, whatever it does: a second listener on a port that is taken would fail the deployment that brings a certificate
  const onHttp = new ApplicationListener(loadBalancer, 'HttpListener', {
    loadBalancer,
    port: HTTP_PORT,
    protocol: ApplicationProtocol.HTTP,
    open: false,
    defaultAction: certificate ? ListenerAction.redirect({ protocol: 'HTTPS', port: `${HTTPS_PORT}`, permanent: true }) : action,
  });
  const onHttps = certificate && new ApplicationListener(loadBalancer, 'HttpsListener', {
    loadBalancer,
    port: HTTPS_PORT,
    protocol: ApplicationProtocol.HTTPS,
    certificates: [certificate],
    sslPolicy,
    open: false,
    defaultAction: action,
  });
  if (onHttps) {
    // nobody is sent to a port that does not listen yet
    onHttp.node.addDependency(onHttps);
  }
  const listener = onHttps ?? onHttp;
  const redirectListener = onHttps && onHttp;
  if (props.auth) {
    addPublicPaths(listener, targetGroup, [patternOf(target.healthCheckPath), ...props.auth._options.publicPaths ?? []]);
  }
  for (const peer of place.peers) {
    listener.connections.allowDefaultPortFrom(peer, 'clients of the Flue server');
    redirectListener?.connections.allowDefaultPortFrom(peer, 'redirected to HTTPS');
  }
  return {
    loadBalancer,
    listener,
    own: () => ({ loadBalancer, listener }),
    redirectListener,
    targetGroup,
    certificate,
    accessLogsBucket,
    ready: listener,
    shift: options => shiftTraffic({ ...options, target, loadBalancer, listener, targetGroup, certificate, sslPolicy }),
  };
}
