import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { AlternateTarget, ListenerRuleConfiguration } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationListener, ApplicationProtocol, ListenerAction, ListenerCondition,
  type ApplicationListenerRule, type ApplicationLoadBalancer, type ApplicationTargetGroup, type IApplicationListener, type SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import type { EdgeProps } from './edge';
import { buildRule } from './listener-rule';
import { DEFAULT_SSL_POLICY } from './load-balancer';
import { buildTargetGroup, type ServerTargetGroupProps } from './target-group';
import { refuse } from '../invariants/invariant';
import { DEPLOYMENT_LIMITS } from '../invariants/limits/deployment';
import { requireWithin } from '../invariants/limits/guard';
import { LOAD_BALANCER_LIMITS } from '../invariants/limits/load-balancer';
import type { FlueBlueGreenDeploymentOptions } from '../timers/flue-deployment';

/** The last priority of a listener: a rule of the user's own comes before it. */
const LAST_PRIORITY = LOAD_BALANCER_LIMITS.priority.maximum;
const EVERY_PATH = [ListenerCondition.pathPatterns(['*'])];

/** Refuses what ECS would refuse of a blue/green deployment, or what contradicts itself. */
export function requireBlueGreen(scope: Construct, options: FlueBlueGreenDeploymentOptions, edge: EdgeProps): void {
  const given = edge.auth ? '`auth`' : edge.exposure?._shared ? 'FlueExposure.throughListener(…)' : undefined;
  if (given) {
    refuse(scope, `\`deployment\` must not be blue/green with ${given}, got: both`,
      'ECS moves the weights of a rule that only forwards, on a listener of the service\'s own: use FlueDeployment.rolling() or recreate()');
  }
  requireWithin(scope, options.bakeTime, DEPLOYMENT_LIMITS.bakeTime);
  requireWithin(scope, options.testPort, DEPLOYMENT_LIMITS.testPort);
  if (options.testPort === undefined && options.testPeers) {
    refuse(scope, '`testPort` must be given with `testPeers`, got: none', 'Name the port of the listener that they may reach');
  }
}

export interface BlueGreenProps extends ServerTargetGroupProps {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly listener: IApplicationListener;
  readonly certificate?: ICertificate;
  readonly sslPolicy?: SslPolicy;
  readonly targetGroup: ApplicationTargetGroup;
  readonly options: FlueBlueGreenDeploymentOptions;
}

/** What ECS moves traffic with. */
export interface BlueGreen {
  readonly alternateTargetGroup: ApplicationTargetGroup;
  readonly testListener?: ApplicationListener;
  readonly alternateTarget: AlternateTarget;
}

/**
 * A second target group, and the rules whose weights ECS moves between both.
 *
 * The weights here are those of the first deployment: a later change of a rule's template would put them back.
 */
export function buildBlueGreen(props: BlueGreenProps): BlueGreen {
  const { loadBalancer, listener, targetGroup, certificate, sslPolicy, options } = props;
  const alternateTargetGroup = buildTargetGroup(loadBalancer, props, 'AlternateTargetGroup');
  const rule = (id: string, of: IApplicationListener): ApplicationListenerRule => buildRule(loadBalancer, id, {
    listener: of,
    priority: LAST_PRIORITY,
    conditions: EVERY_PATH,
    action: ListenerAction.weightedForward([{ targetGroup, weight: 100 }, { targetGroup: alternateTargetGroup, weight: 0 }]),
  });
  const testListener = options.testPort === undefined ? undefined : new ApplicationListener(loadBalancer, 'TestListener', {
    loadBalancer,
    port: options.testPort,
    protocol: certificate ? ApplicationProtocol.HTTPS : ApplicationProtocol.HTTP,
    certificates: certificate && [certificate],
    sslPolicy: certificate && (sslPolicy ?? DEFAULT_SSL_POLICY),
    open: false,
    defaultAction: ListenerAction.forward([alternateTargetGroup]),
  });
  for (const peer of options.testPeers ?? []) {
    testListener?.connections.allowDefaultPortFrom(peer, 'testers of the next revision');
  }
  const alternateTarget = new AlternateTarget('BlueGreen', {
    alternateTargetGroup,
    productionListener: ListenerRuleConfiguration.applicationListenerRule(rule('ProductionRule', listener)),
    testListener: testListener && ListenerRuleConfiguration.applicationListenerRule(rule('TestRule', testListener)),
  });
  return { alternateTargetGroup, testListener, alternateTarget };
}
