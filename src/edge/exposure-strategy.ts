import type { Duration } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import type { IPeer, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type {
  ApplicationListener, ApplicationListenerRule, ApplicationLoadBalancer, ApplicationTargetGroup, SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IWebACLRef } from 'aws-cdk-lib/aws-wafv2';
import type { Construct, IDependable } from 'constructs';
import type { AccessLogProps } from './access-logs';
import type { FlueAuth } from './flue-auth';
import type { DomainProps } from './https';
import type { ServerTargetGroupProps } from './target-group';
import { refuse } from '../invariants/invariant';
import type { Partition } from '../invariants/shards/partition';
import type { ShiftableEdge } from '../timers/replacement-strategy';
import type { StatedTimers } from '../timers/timer-chain';

/** What a user says of the edge of a service. */
export interface EdgeProps extends DomainProps, AccessLogProps {
  readonly auth?: FlueAuth;
  readonly sslPolicy?: SslPolicy;
  readonly webAcl?: IWebACLRef;
  readonly loadBalancerDeletionProtection?: boolean;
  readonly idleTimeout?: Duration;
  readonly vpcSubnets?: SubnetSelection;
}

/** A load balancer that the service makes, and the listener that forwards to the server. */
export interface OwnEdge {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly listener: ApplicationListener;
}

/** What stands between clients and the tasks. */
export interface ServerEdge extends ShiftableEdge {
  readonly targetGroup: ApplicationTargetGroup;
  /** Address at which clients reach the server. */
  readonly url: string;
  /** Whether another service of the app has the same address, and answers for it. */
  readonly sharesUrl?: boolean;
  /** What the target group is in use from. */
  readonly ready: IDependable;
  /** The load balancer of the service's own; refuses the attribute where the service shares one. */
  readonly own: (attribute: string) => OwnEdge;
  readonly redirectListener?: ApplicationListener;
  readonly listenerRule?: ApplicationListenerRule;
  readonly certificate?: ICertificate;
  readonly accessLogsBucket?: IBucket;
  readonly distribution?: Distribution;
}

/** Clients that connect to a server itself, without a load balancer between them. */
export interface DirectClients {
  readonly peers: IPeer[];
  /** Whether they are everyone on the internet. */
  readonly everyone: boolean;
}

/** One way from clients to a server. */
export interface ExposureStrategy {
  /** Whether the load balancer has public addresses; false where it is not the service's own. */
  readonly internetFacing: boolean;
  /** Whether the load balancer is the service's own, and so in its stack. */
  readonly ownsLoadBalancer: boolean;
  /** Who may connect. */
  readonly peers: IPeer[];
  /** What the user stated, in which no secret may stand. */
  readonly given: object;

  /** The same way, on which a header says the shard of each id by its hash; absent where nothing on it can hash. */
  hashing?(partition: Partition): ExposureStrategy;

  /** Refuses props that contradict each other or this way, before the first resource exists. */
  require(scope: Construct, props: EdgeProps, healthCheckPath: string): void;

  /** The timers as stated, with those that this way fixes. */
  timers(scope: Construct, stated: StatedTimers): StatedTimers;

  /** The VPC that the edge is in already; undefined where it will be in the service's own. */
  vpc(): IVpc | undefined;

  /** Refuses a VPC that the edge cannot be in, before the first resource exists. */
  requireNetwork(scope: Construct, props: EdgeProps, vpc: IVpc | undefined): void;

  /** What keeps ECS from moving weights between target groups, as the user wrote it; undefined where nothing does. */
  fixedRules(props: EdgeProps): string | undefined;

  /** Builds what stands between clients and the tasks. */
  build(scope: Construct, props: EdgeProps, target: ServerTargetGroupProps, ofTasks: SubnetSelection): ServerEdge;

  /** Warns of a server that everyone may call, and nothing in front of it asks who does. */
  warnPublic(scope: Construct, props: EdgeProps): void;

  /** Who connects where there is no load balancer; refuses a way that needs one. */
  directClients(scope: Construct): DirectClients;
}

/** Refuses a way through a load balancer for a server that has none. */
export function refuseWithoutLoadBalancer(scope: Construct, way: string): never {
  return refuse(scope, `\`exposure\` must name who may connect, got: ${way}`,
    'The box has no load balancer: pass the peers that may connect to `FlueExposure.toPeers(…)`, or use FlueFargateService');
}
