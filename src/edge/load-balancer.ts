import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { SecurityGroup, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener, ApplicationLoadBalancer, ApplicationProtocol, ApplicationTargetGroup, ListenerAction, Protocol, SslPolicy, TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { FlueExposure } from './flue-exposure';
import { HEALTHY_HTTP_CODES } from '../invariants/health-check-path';
import type { TimerChain } from '../service/timer-chain';

export const HTTP_PORT = 80;
export const HTTPS_PORT = 443;

export interface TargetGroupProps {
  readonly vpc: IVpc;
  readonly port: number;
  readonly healthCheckPath: string;
  readonly timers: TimerChain;
}

export interface ServerLoadBalancerProps extends TargetGroupProps {
  readonly vpcSubnets: SubnetSelection;
  readonly exposure: FlueExposure;
  readonly certificate?: ICertificate;
  readonly accessLogsBucket?: IBucket;
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
  const { exposure, certificate, timers } = props;
  // a load balancer whose scheme changes is a new one, and its target group must be new with it
  const loadBalancer = new ApplicationLoadBalancer(scope, exposure.internetFacing ? 'LoadBalancer' : 'InternalLoadBalancer', {
    vpc: props.vpc,
    vpcSubnets: props.vpcSubnets,
    internetFacing: exposure.internetFacing,
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
  const targetGroup = serverTargetGroup(loadBalancer, 'TargetGroup', props);
  const listener = certificate
    ? new ApplicationListener(loadBalancer, 'HttpsListener', {
      loadBalancer,
      port: HTTPS_PORT,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [certificate],
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
      open: false,
      defaultAction: ListenerAction.forward([targetGroup]),
    })
    : new ApplicationListener(loadBalancer, 'HttpListener', {
      loadBalancer, port: HTTP_PORT, protocol: ApplicationProtocol.HTTP, open: false, defaultAction: ListenerAction.forward([targetGroup]),
    });
  const redirectListener = certificate && new ApplicationListener(loadBalancer, 'RedirectListener', {
    loadBalancer,
    port: HTTP_PORT,
    protocol: ApplicationProtocol.HTTP,
    open: false,
    defaultAction: ListenerAction.redirect({ protocol: 'HTTPS', port: `${HTTPS_PORT}`, permanent: true }),
  });
  for (const peer of exposure.peers) {
    listener.connections.allowDefaultPortFrom(peer, 'clients of the Flue server');
    redirectListener?.connections.allowDefaultPortFrom(peer, 'redirected to HTTPS');
  }
  return { loadBalancer, listener, redirectListener, targetGroup };
}

/** What the tasks of a server register in, with the timers of the chain. */
export function serverTargetGroup(scope: Construct, id: string, props: TargetGroupProps): ApplicationTargetGroup {
  const { timers } = props;
  return new ApplicationTargetGroup(scope, id, {
    vpc: props.vpc,
    targetType: TargetType.IP,
    protocol: ApplicationProtocol.HTTP,
    port: props.port,
    deregistrationDelay: timers.deregistrationDelay,
    healthCheck: {
      path: props.healthCheckPath,
      port: 'traffic-port',
      protocol: Protocol.HTTP,
      healthyHttpCodes: HEALTHY_HTTP_CODES,
      interval: timers.healthCheck.interval,
      timeout: timers.healthCheck.timeout,
      healthyThresholdCount: timers.healthCheck.healthyThresholdCount,
      unhealthyThresholdCount: timers.healthCheck.unhealthyThresholdCount,
    },
  });
}
