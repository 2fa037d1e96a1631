import { App, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { brokenRules, certificateIn, newStack, REGION, serve, webAclIn } from './support';
import { FlueFargateService } from '../../src';
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
