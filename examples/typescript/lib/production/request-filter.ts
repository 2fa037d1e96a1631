import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/** Requests of one address in five minutes. */
const REQUESTS_PER_ADDRESS = 2000;
const MANAGED_RULES = ['AWSManagedRulesAmazonIpReputationList', 'AWSManagedRulesKnownBadInputsRuleSet'];

/** What does not get as far as the load balancer: addresses of ill repute, known attacks, floods. */
export class RequestFilter extends Construct {
  public readonly webAcl: CfnWebACL;

  public constructor(scope: Construct, id: string) {
    super(scope, id);

    const seen = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
      metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true,
    });
    this.webAcl = new CfnWebACL(this, 'WebAcl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: seen('FlueAgents'),
      rules: [
        ...MANAGED_RULES.map((name, priority): CfnWebACL.RuleProperty => ({
          name, priority, overrideAction: { none: {} }, statement: { managedRuleGroupStatement: { vendorName: 'AWS', name } }, visibilityConfig: seen(name),
        })),
        {
          name: 'Floods',
          priority: MANAGED_RULES.length,
          action: { block: {} },
          statement: { rateBasedStatement: { limit: REQUESTS_PER_ADDRESS, aggregateKeyType: 'IP' } },
          visibilityConfig: seen('Floods'),
        },
      ],
    });
  }
}
