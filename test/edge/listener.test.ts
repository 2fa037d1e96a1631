import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { HostedZone, PrivateHostedZone, PublicHostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { brokenRules, certificateIn, newStack, oidcIn, REGION, serve, webAclIn } from './support';
import { FlueEc2Service, FlueEgress, FlueExposure, FlueFargateService, FlueNetwork, type FlueFargateServiceProps } from '../../src';
import { imageOf, refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

test('snapshots: maximal listener', () => {
  const stack = newStack();
  const { template } = serve(stack, {
    certificate: certificateIn(stack), sslPolicy: SslPolicy.TLS13_13, accessLogs: true, webAcl: webAclIn(stack, 'REGIONAL'),
  });
  expectTemplateSnapshot(template);
});

describe('the policy of the listener', () => {
  const policyOf = (sslPolicy?: SslPolicy) => {
    const stack = newStack();
    const { template } = serve(stack, { certificate: certificateIn(stack), sslPolicy });
    return Object.values(template.findResources('AWS::ElasticLoadBalancingV2::Listener', { Properties: { Protocol: 'HTTPS' } }))[0].Properties.SslPolicy;
  };

  test('is the recommended one, or the one given', () => {
    expect(policyOf()).toBe(SslPolicy.RECOMMENDED_TLS);
    expect(policyOf(SslPolicy.TLS13_13)).toBe(SslPolicy.TLS13_13);
  });

  test('is refused for plain HTTP', () => {
    expect(refusalOf(() => serve(newStack(), { sslPolicy: SslPolicy.TLS13_13 })))
      .toContain('`sslPolicy` must come with a certificate, got: ELBSecurityPolicy-TLS13-1-3-2021-06 for plain HTTP. Pass `certificate`');
  });
});

describe('a certificate that a service on plain HTTP is given later', () => {
  interface Listener {
    readonly Port: number;
    readonly Type: string;
    readonly DependsOn?: string[];
  }
  const listenersOf = (props: (stack: Stack) => Partial<FlueFargateServiceProps>): Record<string, Listener> => {
    const stack = newStack();
    const { template } = serve(stack, props(stack));
    const listeners = Object.entries(template.findResources('AWS::ElasticLoadBalancingV2::Listener'));
    return Object.fromEntries(listeners.map(([id, { Properties, DependsOn }]) => [
      id, { Port: Properties.Port, Type: Properties.DefaultActions[0].Type, DependsOn },
    ]));
  };

  test('adds a listener, and changes the one of port 80 where it is', () => {
    const [before, after] = [listenersOf(() => ({})), listenersOf(stack => ({ certificate: certificateIn(stack) }))];
    const [[http, forwarding]] = Object.entries(before);
    expect(forwarding).toEqual({ Port: 80, Type: 'forward' });
    const [https] = Object.keys(after).filter(id => id !== http);
    expect(after).toEqual({ [http]: { Port: 80, Type: 'redirect', DependsOn: [https] }, [https]: { Port: 443, Type: 'forward' } });
  });
});

describe('a domain', () => {
  const zoneIn = (stack: Stack) => HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });

  test.each(['https://agents.example.com', '*.example.com', 'agents.example.com:8443', ''])('is refused when it is %j', domainName => {
    const stack = newStack();
    expect(refusalOf(() => serve(stack, { domainName, hostedZone: zoneIn(stack) })))
      .toContain(`\`domainName\` must be a host name without wildcard, scheme or port, got: ${domainName || 'an empty string'}. Write it as in \`agents.example.com\``);
    expect(stack.node.findChild('Agents').node.children).toHaveLength(0);
  });

  test('is in its zone whatever its capitals', () => {
    const stack = newStack();
    expect(refusalOf(() => serve(stack, { domainName: 'Agents.Example.com', hostedZone: zoneIn(stack) }))).toBe('');
  });

  test('of another zone that ends alike is refused', () => {
    const stack = newStack();
    expect(refusalOf(() => serve(stack, { domainName: 'agents.myexample.com', hostedZone: zoneIn(stack) })))
      .toContain('`domainName` must be in `hostedZone` (example.com), got: agents.myexample.com');
  });

  test.each<[string, (stack: Stack, vpc: Vpc) => IHostedZone]>([
    ['PrivateHostedZone', (stack, vpc) => new PrivateHostedZone(stack, 'Private', { vpc, zoneName: 'corp.internal' })],
    ['HostedZone with networks', (stack, vpc) => new HostedZone(stack, 'Private', { vpcs: [vpc], zoneName: 'corp.internal' })],
  ])('in a %s needs a certificate that no record proves', (_, privateZone) => {
    const stack = newStack();
    const vpc = new Vpc(stack, 'Net', { maxAzs: 2 });
    const props = { vpc, hostedZone: privateZone(stack, vpc), domainName: 'agents.corp.internal', exposure: FlueExposure.internal() };
    expect(refusalOf(() => serve(stack, props))).toContain('`certificate` must be given with a private `hostedZone`, got: none. AWS Certificate Manager');
    ['Agents', 'Image'].forEach(id => stack.node.tryRemoveChild(id));
    const { domainName, hostedZone } = props;
    expect(refusalOf(() => new FlueEc2Service(stack, 'Box', { image: imageOf(new Construct(stack, 'OfBox')), vpc, domainName, hostedZone })))
      .toContain('`hostedZone` must be public on a box, got: a private one');
    const { service } = serve(stack, { ...props, certificate: certificateIn(stack) });
    expect(service.url).toBe('https://agents.corp.internal');
  });

  test('in a zone for everyone needs none', () => {
    const stack = newStack();
    const hostedZone = new PublicHostedZone(stack, 'Public', { zoneName: 'example.com' });
    expect(refusalOf(() => serve(stack, { hostedZone, domainName: 'agents.example.com' }))).toBe('');
  });
});

describe('authentication without a way to the identity provider', () => {
  const CUT_OFF = Match.stringLikeRegexp('identity provider.*cdk-flue:FlueAuth.noWayOut');
  const warned = (props: (stack: Stack) => Partial<FlueFargateServiceProps>): boolean => {
    const stack = newStack();
    serve(stack, { auth: oidcIn(stack), certificate: certificateIn(stack), ...props(stack) });
    return Annotations.fromStack(stack).findWarning('/Test/Agents', CUT_OFF).length > 0;
  };

  test.each<[string, (stack: Stack) => Partial<FlueFargateServiceProps>, boolean]>([
    ['on the internet', () => ({}), false],
    ['inside, in public subnets', () => ({ exposure: FlueExposure.internal() }), true],
    ['inside, with NAT gateways', stack => ({ exposure: FlueExposure.internal(), vpc: new Vpc(stack, 'Net', { maxAzs: 2 }) }), false],
    ['inside, with VPC endpoints alone', stack => {
      const network = new FlueNetwork(stack, 'Net', { egress: FlueEgress.vpcEndpoints() });
      return { exposure: FlueExposure.internal(), vpc: network.vpc, vpcSubnets: network.serverSubnets };
    }, true],
  ])('is warned of %s', (_, props, isWarned) => {
    expect(warned(props)).toBe(isWarned);
  });
});

describe('access logs', () => {
  test('make a bucket that is private, encrypted, emptied in time and kept', () => {
    const { template, service } = serve(newStack(), { accessLogs: true });
    template.hasResource('AWS::S3::Bucket', {
      Properties: {
        BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
        LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 90, Status: 'Enabled' })] },
      },
      DeletionPolicy: 'Retain',
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ Effect: 'Allow', Action: 's3:PutObject' }),
        ]),
      },
    });
    const [id] = Object.keys(template.findResources('AWS::S3::Bucket'));
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'access_logs.s3.enabled', Value: 'true' }, { Key: 'access_logs.s3.bucket', Value: { Ref: id } }]),
    });
    expect(service.accessLogsBucket).toBeInstanceOf(Bucket);
  });

  test.each([true, undefined])('go to a bucket that is given, with accessLogs %s', accessLogs => {
    const stack = newStack();
    const bucket = new Bucket(stack, 'Logs');
    const { template, service } = serve(stack, { accessLogs, accessLogsBucket: bucket });
    expect(service.accessLogsBucket).toBe(bucket);
    template.resourceCountIs('AWS::S3::Bucket', 1);
  });

  test.each([undefined, false])('are not written with accessLogs %s', accessLogs => {
    const { template, service } = serve(newStack(), { accessLogs });
    expect(service.accessLogsBucket).toBeUndefined();
    template.resourceCountIs('AWS::S3::Bucket', 0);
  });

  test('are refused where the region is not known, before a resource exists', () => {
    const stack = new Stack(new App(), 'Test');
    expect(refusalOf(() => new FlueFargateService(stack, 'Agents', { image: imageOf(stack), accessLogs: true })))
      .toContain('must be in a stack that names its region, got: one for any region. ');
    expect(stack.node.findChild('Agents').node.children).toHaveLength(0);
  });

  test('need no account', () => {
    const stack = new Stack(new App(), 'Test', { env: { region: REGION } });
    expect(refusalOf(() => serve(stack, { accessLogs: true }))).toBe('');
  });

  test('are refused in a bucket with a key of KMS', () => {
    const stack = newStack();
    expect(refusalOf(() => serve(stack, { accessLogsBucket: new Bucket(stack, 'Logs', { encryptionKey: new Key(stack, 'Key') }) })))
      .toContain('`accessLogsBucket` must be encrypted with keys of Amazon S3, got: a bucket with a key of AWS KMS');
  });

  test('are refused when they are wanted and not wanted', () => {
    const stack = newStack();
    expect(refusalOf(() => serve(stack, { accessLogs: false, accessLogsBucket: new Bucket(stack, 'Logs') })))
      .toContain('`accessLogs` must not be false with `accessLogsBucket`');
  });
});

describe('a web ACL', () => {
  test('stands in front of the load balancer', () => {
    const stack = newStack();
    const webAcl = webAclIn(stack, 'REGIONAL');
    const { template, service } = serve(stack, { webAcl });
    template.hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      WebACLArn: stack.resolve(webAcl.attrArn), ResourceArn: stack.resolve(service.loadBalancer.loadBalancerArn),
    });
  });

  test('of CloudFront is refused', () => {
    const stack = newStack();
    expect(refusalOf(() => serve(stack, { webAcl: webAclIn(stack, 'CLOUDFRONT') })))
      .toContain('`webAcl` must be a web ACL of the scope REGIONAL, got: CLOUDFRONT. ');
  });
});

test('FlueChecks find nothing in a hardened listener', () => {
  const stack = newStack();
  serve(stack, { certificate: certificateIn(stack), accessLogs: true, webAcl: webAclIn(stack, 'REGIONAL') });
  expect(brokenRules(stack)).toEqual([]);
});
