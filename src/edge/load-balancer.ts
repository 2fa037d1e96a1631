import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { SecurityGroup, type IPeer, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener, ApplicationLoadBalancer, ApplicationProtocol, ListenerAction, SslPolicy, type ApplicationTargetGroup,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IWebACLRef } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import type { FlueAuth } from './flue-auth';
import { addPublicPaths, patternOf } from './public-paths';
import { buildTargetGroup, type ServerTargetGroupProps } from './target-group';
import { associateWebAcl } from './web-acl';
import { HTTP_PORT, HTTPS_PORT } from '../invariants/limits/load-balancer';

/** Protocols and ciphers of HTTPS unless told otherwise. */
export const DEFAULT_SSL_POLICY = SslPolicy.RECOMMENDED_TLS;

export interface ServerLoadBalancerProps extends ServerTargetGroupProps {
  readonly vpcSubnets: SubnetSelection;
  readonly internetFacing: boolean;
  /** Who may connect. */
  readonly peers: IPeer[];
  readonly certificate?: ICertificate;
  readonly sslPolicy?: SslPolicy;
  readonly accessLogsBucket?: IBucket;
  readonly webAcl?: IWebACLRef;
  readonly auth?: FlueAuth;
  readonly deletionProtection?: boolean;
}

export interface ServerLoadBalancer {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly listener: ApplicationListener;
  readonly redirectListener?: ApplicationListener;
  readonly targetGroup: ApplicationTargetGroup;
}

/** The load balancer in front of a server, with its timers from the chain. */
export function buildLoadBalancer(scope: Construct, props: ServerLoadBalancerProps): ServerLoadBalancer {
  const { internetFacing, certificate, timers } = props;
  // a load balancer whose scheme changes is a new one, and its target group must be new with it
  const loadBalancer = new ApplicationLoadBalancer(scope, internetFacing ? 'LoadBalancer' : 'InternalLoadBalancer', {
    vpc: props.vpc,
    vpcSubnets: props.vpcSubnets,
    internetFacing,
    securityGroup: new SecurityGroup(scope, 'LoadBalancerSecurityGroup', {
      vpc: props.vpc, description: 'Load balancer of a Flue server', allowAllOutbound: false,
    }),
    idleTimeout: timers.idleTimeout,
    dropInvalidHeaderFields: true,
    deletionProtection: props.deletionProtection ?? false,
  });
  if (props.accessLogsBucket) {
    loadBalancer.logAccessLogs(props.accessLogsBucket);
  }
  if (props.webAcl) {
    associateWebAcl(loadBalancer, props.webAcl);
  }
  const targetGroup = buildTargetGroup(loadBalancer, props);
  const forward = ListenerAction.forward([targetGroup]);
  const action = props.auth ? props.auth._authenticate(forward) : forward;
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
    sslPolicy: props.sslPolicy ?? DEFAULT_SSL_POLICY,
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
    addPublicPaths(listener, targetGroup, [patternOf(props.healthCheckPath), ...props.auth._options.publicPaths ?? []]);
  }
  for (const peer of props.peers) {
    listener.connections.allowDefaultPortFrom(peer, 'clients of the Flue server');
    redirectListener?.connections.allowDefaultPortFrom(peer, 'redirected to HTTPS');
  }
  return { loadBalancer, listener, redirectListener, targetGroup };
}
