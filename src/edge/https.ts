import { Stack } from 'aws-cdk-lib';
import { Certificate, CertificateValidation, CfnCertificate, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, CfnHostedZone, RecordTarget, type IAliasRecordTarget, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { FlueAuth } from './flue-auth';
import { patternOf, requirePathPatterns } from './public-paths';
import { refuse } from '../invariants/invariant';
import { requireWritten } from '../invariants/limits/guard';
import { NETWORK_LIMITS } from '../invariants/limits/network';
import { isUnknown } from '../invariants/unknown';

export interface DomainProps {
  readonly certificate?: ICertificate;
  readonly domainName?: string;
  readonly hostedZone?: IHostedZone;
}

/** The region and the account that a certificate is known to be in: by its ARN, or by the stack that makes it; an import says nothing of it. */
export function placeOf({ certificateArn, env, node }: ICertificate): { readonly region?: string; readonly account?: string } {
  const ofStack = node.defaultChild instanceof CfnCertificate ? env : undefined;
  const [,,, region, account] = isUnknown(certificateArn) ? ['', '', '', ofStack?.region, ofStack?.account] : certificateArn.split(':');
  return { region: isUnknown(region) ? undefined : region, account: isUnknown(account) ? undefined : account };
}

/** Refuses a certificate that a load balancer of this stack could not find. */
function requireCertificateHere(scope: Construct, certificate: ICertificate): void {
  const stack = Stack.of(scope);
  const found = placeOf(certificate);
  for (const place of ['region', 'account'] as const) {
    const theirs = found[place];
    if (theirs !== undefined && !isUnknown(stack[place]) && theirs !== stack[place]) {
      refuse(scope, `\`certificate\` must be in the ${place} of the load balancer (${stack[place]}), got: one in ${theirs}`,
        'Create one in the stack of the service, or pass `domainName` with `hostedZone`');
    }
  }
}

/** Refuses a domain that no certificate covers, or that is not in its zone. */
export function requireDomain(scope: Construct, { certificate, domainName, hostedZone }: DomainProps): void {
  if (certificate) {
    requireCertificateHere(scope, certificate);
  }
  if (hostedZone && !certificate && isKnownPrivate(hostedZone)) {
    refuse(scope, '`certificate` must be given with a private `hostedZone`, got: none',
      'AWS Certificate Manager validates a certificate with a public DNS record, so the deployment would wait for ever. Pass one of a public '
      + 'domain, or of AWS Private CA');
  }
  if (domainName && !certificate && !hostedZone) {
    refuse(scope, `\`domainName\` must come with \`certificate\` or \`hostedZone\`, got: ${domainName} with neither`,
      'Pass the hosted zone, and the construct creates certificate and record. Or pass an existing certificate');
  }
  requireZoneOfDomain(scope, { domainName, hostedZone });
}

/** Whether a zone is one that this app makes for networks of its own. */
export function isKnownPrivate(hostedZone: IHostedZone): boolean {
  const made = hostedZone.node.defaultChild;
  return made instanceof CfnHostedZone && (Stack.of(made).resolve(made.vpcs) ?? []).length > 0;
}

/** Refuses what is no domain, a zone without one, and a domain that is not in its zone. */
export function requireZoneOfDomain(scope: Construct, { domainName, hostedZone }: DomainProps): void {
  if (domainName !== undefined) {
    requireWritten(scope, domainName, NETWORK_LIMITS.domainName);
  }
  if (hostedZone && !domainName) {
    refuse(scope, '`domainName` must be given with `hostedZone`, got: none', 'Pass the name of the record, such as `agents.example.com`');
  }
  const zone = domainName && hostedZone ? zoneNameOf(scope, hostedZone).replace(/\.$/, '') : undefined;
  if (domainName && zone !== undefined && !isUnknown(domainName) && !isUnknown(zone)) {
    // DNS knows no capitals
    if (!`.${domainName}`.toLowerCase().endsWith(`.${zone}`.toLowerCase())) {
      refuse(scope, `\`domainName\` must be in \`hostedZone\` (${zone}), got: ${domainName}`, 'Pass the zone of the domain');
    }
  }
}

/** The name of a zone, which an import by its id alone does not have. */
function zoneNameOf(scope: Construct, hostedZone: IHostedZone): string {
  try {
    return hostedZone.zoneName;
  } catch {
    return refuse(scope, `\`hostedZone\` must have a name, got: ${hostedZone.node.path}, imported by its id alone`,
      'Import it with `route53.HostedZone.fromHostedZoneAttributes(…)`, or find it with `fromLookup(…)`');
  }
}

/** Whether the listener speaks HTTPS: with a certificate that is given, or made for a domain in its zone. */
export function speaksHttps({ certificate, domainName, hostedZone }: DomainProps): boolean {
  return certificate !== undefined || (domainName !== undefined && hostedZone !== undefined);
}

/** Refuses a choice of protocols and ciphers for plain HTTP, which has none. */
export function requireHttpsForPolicy(scope: Construct, props: DomainProps & { readonly sslPolicy?: SslPolicy }): void {
  if (props.sslPolicy && !speaksHttps(props)) {
    refuse(scope, `\`sslPolicy\` must come with a certificate, got: ${props.sslPolicy} for plain HTTP`,
      'Pass `certificate`, or `domainName` with `hostedZone`');
  }
}

/** Refuses an authentication that the listener could not ask for. */
export function requireHttpsForAuth(scope: Construct, props: DomainProps & { readonly auth?: FlueAuth; readonly healthCheckPath: string }): void {
  if (!props.auth) {
    return;
  }
  if (!speaksHttps(props)) {
    refuse(scope, '`auth` must come with a certificate, got: plain HTTP',
      'A load balancer authenticates only on HTTPS: pass `certificate`, or `domainName` with `hostedZone`');
  }
  props.auth._require(scope);
  requirePathPatterns(scope, 'healthCheckPath', [patternOf(props.healthCheckPath)]);
}

/** The given certificate, or one that proves the domain in its zone; undefined for plain HTTP. */
export function certificateOf(scope: Construct, { certificate, domainName, hostedZone }: DomainProps): ICertificate | undefined {
  if (certificate || !domainName || !hostedZone) {
    return certificate;
  }
  return new Certificate(scope, 'Certificate', { domainName, validation: CertificateValidation.fromDns(hostedZone) });
}

/** A domain with a final dot: aws-route53 adds the zone to any other of which it does not know that it ends with it, such as a token. */
export function absoluteName(domainName: string): string {
  return domainName.endsWith('.') ? domainName : `${domainName}.`;
}

/** Points the domain at a load balancer or a distribution. */
export function addRecord(scope: Construct, target: IAliasRecordTarget, { domainName, hostedZone }: DomainProps): void {
  if (domainName && hostedZone) {
    new ARecord(scope, 'Record', { zone: hostedZone, recordName: absoluteName(domainName), target: RecordTarget.fromAlias(target) });
  }
}
