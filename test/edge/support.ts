import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Certificate, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { FlueAuth, FlueChecks, FlueFargateService, type FlueFargateServiceProps, type FlueOidcAuthOptions } from '../../src';
import { imageOf } from '../service/support';

export const REGION = 'eu-central-1';

/** A stack that names its region, as the logs of a load balancer ask for. */
export function newStack(): Stack {
  return new Stack(new App(), 'Test', { env: { account: '111111111111', region: REGION } });
}

export function serve(stack: Stack, props: Partial<FlueFargateServiceProps> = {}) {
  const service = new FlueFargateService(stack, 'Agents', { image: imageOf(stack), ...props });
  return { service, template: Template.fromStack(stack) };
}

export function certificateIn(stack: Stack, region = REGION): ICertificate {
  return Certificate.fromCertificateArn(stack, `Certificate-${region}`, `arn:aws:acm:${region}:111111111111:certificate/x`);
}

/** A sign-in by OpenID Connect. */
export function oidcIn(stack: Stack, props: Partial<FlueOidcAuthOptions> = {}): FlueAuth {
  return FlueAuth.oidc({
    issuer: 'https://idp.example.com',
    clientId: 'agents',
    clientSecret: Secret.fromSecretNameV2(stack, 'ClientSecret', 'idp'),
    authorizationEndpoint: 'https://idp.example.com/authorize',
    tokenEndpoint: 'https://idp.example.com/token',
    userInfoEndpoint: 'https://idp.example.com/userinfo',
    ...props,
  });
}

export function webAclIn(stack: Stack, scope: string): CfnWebACL {
  return new CfnWebACL(stack, 'Acl', {
    scope, defaultAction: { allow: {} }, visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: 'acl', sampledRequestsEnabled: true },
  });
}

/** The rules that FlueChecks finds broken in the app of a stack. */
export function brokenRules(stack: Stack): string[] {
  return new FlueChecks(stack.node.root as App).validateScope(stack.node.root as App).violations.map(({ ruleName }) => ruleName);
}
