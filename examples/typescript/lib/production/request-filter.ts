import { ArnFormat, Fn, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/** Requests of one address in five minutes. */
const REQUESTS_PER_ADDRESS = 2000;
const MANAGED_RULES = ['AWSManagedRulesAmazonIpReputationList', 'AWSManagedRulesKnownBadInputsRuleSet'];

/** What does not get as far as the load balancer: addresses of ill repute, known attacks, floods. */
export class RequestFilter extends Construct {
  public readonly webAcl: CfnWebACL;

  public constructor(scope: Construct, id: string, props: { readonly logEncryptionKey: IKey }) {
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
    // AWS WAF writes only to log groups of this prefix. The logs outlive the stack, and the next one needs a name of its own.
    const stackUuid = Fn.select(2, Fn.split('/', Stack.of(this).stackId));
    const logGroup = new LogGroup(this, 'LogGroup', {
      logGroupName: `aws-waf-logs-flue-agents-${stackUuid}`, retention: RetentionDays.ONE_YEAR, encryptionKey: props.logEncryptionKey,
    });
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: this.webAcl.attrArn,
      logDestinationConfigs: [Stack.of(this).formatArn({
        service: 'logs', resource: 'log-group', resourceName: logGroup.logGroupName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      })],
      // Tokens of the app and sessions of the load balancer do not belong into logs.
      redactedFields: ['authorization', 'cookie'].map(name => ({ singleHeader: { Name: name } })),
    });
  }
}
