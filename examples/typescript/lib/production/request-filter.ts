import { ArnFormat, Fn, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/** The most requests from one address in five minutes. */
const REQUESTS_PER_ADDRESS = 2000;
const MANAGED_RULES = ['AWSManagedRulesAmazonIpReputationList', 'AWSManagedRulesKnownBadInputsRuleSet'];

/** A web ACL that blocks known attackers, known attacks and floods before they reach the load balancer. */
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
    // AWS WAF writes only to log groups with this prefix. The log group stays when the stack is deleted, so the name is unique to each stack.
    const stackUuid = Fn.select(2, Fn.split('/', Stack.of(this).stackId));
    const logGroup = new LogGroup(this, 'LogGroup', {
      logGroupName: `aws-waf-logs-flue-agents-${stackUuid}`, retention: RetentionDays.ONE_YEAR, encryptionKey: props.logEncryptionKey,
    });
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: this.webAcl.attrArn,
      logDestinationConfigs: [Stack.of(this).formatArn({
        service: 'logs', resource: 'log-group', resourceName: logGroup.logGroupName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      })],
      // Keeps the tokens of the app and the sessions of the load balancer out of the logs.
      redactedFields: ['authorization', 'cookie'].map(name => ({ singleHeader: { Name: name } })),
    });
  }
}
