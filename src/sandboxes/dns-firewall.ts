import { Names, Stack } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { CfnFirewallDomainList, CfnFirewallRuleGroup, CfnFirewallRuleGroupAssociation } from 'aws-cdk-lib/aws-route53resolver';
import { Construct } from 'constructs';

/** DNS Firewall keeps the first hundred for AWS Firewall Manager. */
const PRIORITY = 101;

/**
 * Answers nothing in a VPC but names that are listed.
 *
 * Without it, the resolver of a VPC answers every task, whatever its security groups say, and a name that is looked up reaches whoever owns its domain.
 */
export class DnsFirewall extends Construct {
  public constructor(scope: Construct, id: string, vpc: IVpc, allowedDomains: string[]) {
    super(scope, id);
    const name = (end: string) => Names.uniqueResourceName(this, { maxLength: 50, separator: '-' }) + end;
    const allowed = new CfnFirewallDomainList(this, 'Allowed', { name: name('-allowed'), domains: [...new Set([...neededIn(this), ...allowedDomains])] });
    const all = new CfnFirewallDomainList(this, 'All', { name: name('-all'), domains: ['*'] });
    const rules = new CfnFirewallRuleGroup(this, 'Rules', {
      name: name('-rules'),
      firewallRules: [
        // the owner of a listed name decides where it leads: one that leads to a CDN is no second name to list
        { priority: 1, action: 'ALLOW', firewallDomainListId: allowed.attrId, firewallDomainRedirectionAction: 'TRUST_REDIRECTION_DOMAIN' },
        { priority: 2, action: 'BLOCK', blockResponse: 'NXDOMAIN', firewallDomainListId: all.attrId },
      ],
    });
    new CfnFirewallRuleGroupAssociation(this, 'Association', { firewallRuleGroupId: rules.attrId, vpcId: vpc.vpcId, priority: PRIORITY });
  }
}

/** What a task looks up until it runs: the registry with the bucket of its layers, and the logs. */
function neededIn(scope: Construct): string[] {
  const { region, urlSuffix } = Stack.of(scope);
  return [
    `api.ecr.${region}.${urlSuffix}`,
    `*.dkr.ecr.${region}.${urlSuffix}`,
    `prod-${region}-starport-layer-bucket.s3.${region}.${urlSuffix}`,
    `logs.${region}.${urlSuffix}`,
  ];
}
