import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { AlternateTarget, ListenerRuleConfiguration } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationListener, ApplicationProtocol, ListenerAction, ListenerCondition,
  type ApplicationListenerRule, type ApplicationLoadBalancer, type ApplicationTargetGroup, type IApplicationListener, type SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { buildRule } from './listener-rule';
import { buildTargetGroup, type ServerTargetGroupProps } from './target-group';
import { LOAD_BALANCER_LIMITS } from '../invariants/limits/load-balancer';
import type { ShiftOptions, TrafficShift } from '../timers/replacement-strategy';

/** The last priority of a listener, so that rules of the user come first. */
const LAST_PRIORITY = LOAD_BALANCER_LIMITS.priority.maximum;
const EVERY_PATH = [ListenerCondition.pathPatterns(['*'])];

export interface TrafficShiftProps extends ShiftOptions {
  readonly target: ServerTargetGroupProps;
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly listener: IApplicationListener;
  readonly targetGroup: ApplicationTargetGroup;
  readonly certificate?: ICertificate;
  readonly sslPolicy?: SslPolicy;
}

/**
 * A second target group, and the rules whose weights ECS moves between both.
 *
 * The weights here are those of the first deployment: a later change of a rule's template would put them back.
 */
export function shiftTraffic(props: TrafficShiftProps): TrafficShift {
  const { loadBalancer, listener, targetGroup, certificate, testPort } = props;
  const alternateTargetGroup = buildTargetGroup(loadBalancer, props.target, 'AlternateTargetGroup');
  const rule = (id: string, of: IApplicationListener): ApplicationListenerRule => buildRule(loadBalancer, id, {
    listener: of,
    priority: LAST_PRIORITY,
    conditions: EVERY_PATH,
    action: ListenerAction.weightedForward([{ targetGroup, weight: 100 }, { targetGroup: alternateTargetGroup, weight: 0 }]),
  });
  const testListener = testPort === undefined ? undefined : new ApplicationListener(loadBalancer, 'TestListener', {
    loadBalancer,
    port: testPort,
    protocol: certificate ? ApplicationProtocol.HTTPS : ApplicationProtocol.HTTP,
    certificates: certificate && [certificate],
    sslPolicy: props.sslPolicy,
    open: false,
    defaultAction: ListenerAction.forward([alternateTargetGroup]),
  });
  for (const peer of props.testPeers ?? []) {
    testListener?.connections.allowDefaultPortFrom(peer, 'testers of the next revision');
  }
  const alternateTarget = new AlternateTarget('BlueGreen', {
    alternateTargetGroup,
    productionListener: ListenerRuleConfiguration.applicationListenerRule(rule('ProductionRule', listener)),
    testListener: testListener && ListenerRuleConfiguration.applicationListenerRule(rule('TestRule', testListener)),
  });
  return { alternateTargetGroup, testListener, alternateTarget };
}
