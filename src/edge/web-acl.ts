import type { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CfnWebACL, CfnWebACLAssociation, type IWebACLRef } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { refuse } from '../invariants/invariant';
import { isUnknown } from '../invariants/unknown';

/** Where a web ACL of AWS WAF works: at load balancers of its region, or at CloudFront. */
export type WebAclScope = 'REGIONAL' | 'CLOUDFRONT';

const WAY: Readonly<Record<WebAclScope, string>> = {
  REGIONAL: 'A load balancer needs a web ACL of its own region. Pass one for CloudFront to FlueExposure.cloudFront(…)',
  CLOUDFRONT: 'CloudFront needs a web ACL with the scope CLOUDFRONT, from a stack in us-east-1',
};

/** Refuses a web ACL of the other scope, where this app makes it and so knows its scope. */
export function requireWebAclScope(scope: Construct, prop: string, webAcl: IWebACLRef | undefined, wanted: WebAclScope): void {
  if (webAcl instanceof CfnWebACL && !isUnknown(webAcl.scope) && webAcl.scope !== wanted) {
    refuse(scope, `\`${prop}\` must be a web ACL of the scope ${wanted}, got: ${webAcl.scope}`, WAY[wanted]);
  }
}

/** Puts a web ACL in front of a load balancer. */
export function associateWebAcl(loadBalancer: ApplicationLoadBalancer, webAcl: IWebACLRef): void {
  new CfnWebACLAssociation(loadBalancer, 'WebAcl', {
    resourceArn: loadBalancer.loadBalancerArn,
    webAclArn: webAcl.webAclRef.webAclArn,
  });
}
