import { ApplicationListenerRule, type ApplicationListenerRuleProps, type CfnListenerRule } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';

/**
 * A rule of a listener, without the tags of the app.
 *
 * A tag that changes is an update of the rule, and puts back the weights that ECS moves; and the rules that aws-cdk-lib 2.262 applies to
 * templates do not know that listener rules take tags.
 */
export function buildRule(scope: Construct, id: string, props: ApplicationListenerRuleProps): ApplicationListenerRule {
  const rule = new ApplicationListenerRule(scope, id, props);
  (rule.node.defaultChild as CfnListenerRule).addPropertyDeletionOverride('Tags');
  return rule;
}
