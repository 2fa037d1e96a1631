import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { PriceClass } from 'aws-cdk-lib/aws-cloudfront';
import { PrefixList, SubnetType, Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import type { IWebACLRef } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { brokenRules, certificateIn, newStack, oidcIn, serve, webAclIn } from './support';
import {
  FlueEc2Service, FlueExposure, FlueFargateService, type FlueCloudFrontOptions, type FlueFargateServiceProps,
} from '../../src';
import { deployTimeDuration, imageOf, refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

function distribute(stack: Stack, options?: FlueCloudFrontOptions, props: Partial<FlueFargateServiceProps> = {}) {
  return serve(stack, { exposure: FlueExposure.cloudFront(options), ...props });
}

const zoneIn = (stack: Stack) => HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
const listIn = (stack: Stack) => PrefixList.fromPrefixListId(stack, 'List', 'pl-12345678');

function webAclOfCloudFront(stack: Stack) {
  return webAclIn(new Stack(stack.node.root as App, 'Virginia', { env: { account: '111111111111', region: 'us-east-1' }, crossRegionReferences: true }), 'CLOUDFRONT');
}

/** One that another app has made. */
function webAclElsewhere(stack: Stack): IWebACLRef {
  const [webAclName, webAclId] = ['theirs', '11111111-2222-3333-4444-555555555555'];
  const webAclArn = `arn:aws:wafv2:us-east-1:111111111111:global/webacl/${webAclName}/${webAclId}`;
  return Object.assign(new Construct(stack, 'Theirs'), { env: stack.env, webAclRef: { webAclArn, webAclId, webAclName, scope: 'CLOUDFRONT' } });
}

describe('snapshots', () => {
  test('minimal distribution', () => {
    expectTemplateSnapshot(distribute(newStack()).template);
  });

  test('maximal distribution', () => {
    const stack = newStack();
    expectTemplateSnapshot(distribute(stack, {
      readTimeout: Duration.seconds(120),
      certificate: certificateIn(stack, 'us-east-1'),
      priceClass: PriceClass.PRICE_CLASS_ALL,
      prefixList: listIn(stack),
      webAcl: webAclElsewhere(stack),
    }, {
      domainName: 'agents.example.com', hostedZone: zoneIn(stack), accessLogs: true, webAcl: webAclIn(stack, 'REGIONAL'), longestRun: Duration.seconds(100),
    }).template);
  });
});

describe('a distribution', () => {
  test('caches nothing, takes every method, and refuses plain HTTP', () => {
    const { template } = distribute(newStack());
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        Enabled: true,
        PriceClass: 'PriceClass_100',
        DefaultCacheBehavior: Match.objectLike({
          AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
          // CachingDisabled and AllViewer, as CloudFront names its own policies
          CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
          OriginRequestPolicyId: '216adef6-5c7f-47e4-b989-5492eafa07d3',
          ViewerProtocolPolicy: 'https-only',
          Compress: false,
        }),
        Origins: [Match.objectLike({ VpcOriginConfig: Match.objectLike({ OriginReadTimeout: 60 }) })],
      }),
    });
  });

  test('is the address of the service', () => {
    const { service, template } = distribute(newStack());
    expect(service.url).toBe(`https://${service.distribution!.distributionDomainName}`);
    template.resourceCountIs('AWS::Route53::RecordSet', 0);
  });

  test('takes a domain with its certificate, and a record', () => {
    const stack = newStack();
    const { service, template } = distribute(stack, { certificate: certificateIn(stack, 'us-east-1') }, { domainName: 'agents.example.com', hostedZone: zoneIn(stack) });
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        Aliases: ['agents.example.com'], ViewerCertificate: Match.objectLike({ MinimumProtocolVersion: 'TLSv1.2_2021', SslSupportMethod: 'sni-only' }),
      }),
    });
    template.hasResourceProperties('AWS::Route53::RecordSet', {
      Type: 'A', AliasTarget: Match.objectLike({ DNSName: stack.resolve(service.distribution!.distributionDomainName) }),
    });
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    expect(service.url).toBe('https://agents.example.com');
  });

  test('takes a certificate whose region nobody can know', () => {
    const stack = newStack();
    const certificate = Certificate.fromCertificateArn(stack, 'Later', new CfnParameter(stack, 'CertificateArn').valueAsString);
    const { template } = distribute(stack, { certificate }, { domainName: 'agents.example.com' });
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({ ViewerCertificate: Match.objectLike({ AcmCertificateArn: { Ref: 'CertificateArn' } }) }),
    });
  });

  test('has an origin whose name no other region of the account takes', () => {
    const nameIn = (region?: string): unknown => {
      const app = new App();
      const stack = new Stack(app, `Agents-${region}`, { stackName: 'a-stack-with-quite-a-long-name-that-is-the-same-in-every-region', env: { region } });
      const [{ Properties }] = Object.values(distribute(stack).template.findResources('AWS::CloudFront::VpcOrigin'));
      return Properties.VpcOriginEndpointConfig.Name;
    };
    const [one, other] = [nameIn('eu-central-1'), nameIn('ap-southeast-7')] as string[];
    expect(one).not.toBe(other);
    expect(other).toMatch(/-ap-southeast-7$/);
    expect(other.length).toBeLessThanOrEqual(64);
    expect(nameIn()).toEqual({ 'Fn::Join': ['', [expect.stringMatching(/^.{10,40}-$/), { Ref: 'AWS::Region' }]] });
  });

  test('takes a web ACL from us-east-1', () => {
    const stack = new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' }, crossRegionReferences: true });
    const { template } = distribute(stack, { webAcl: webAclOfCloudFront(stack) });
    template.hasResourceProperties('AWS::CloudFront::Distribution', { DistributionConfig: Match.objectLike({ WebACLId: Match.anyValue() }) });
    template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 0);
  });
});

describe('the load balancer behind it', () => {
  const ingressOf = (template: Template) => {
    const [group] = Object.entries(template.findResources('AWS::EC2::SecurityGroup', { Properties: { GroupDescription: 'Load balancer of a Flue server' } }));
    const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress', { Properties: { GroupId: { 'Fn::GetAtt': [group[0], 'GroupId'] } } }));
    return [...group[1].Properties.SecurityGroupIngress ?? [], ...rules.map(({ Properties }) => Properties)];
  };

  test('has no public address, and admits CloudFront alone', () => {
    const { template, service } = distribute(newStack());
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal' });
    template.hasResourceProperties('AWS::CloudFront::VpcOrigin', {
      VpcOriginEndpointConfig: Match.objectLike({ HTTPPort: 80, OriginProtocolPolicy: 'http-only', Arn: Stack.of(service).resolve(service.loadBalancer.loadBalancerArn) }),
    });
    const [lookup] = Object.keys(template.findResources('Custom::AWS'));
    expect(ingressOf(template)).toEqual([expect.objectContaining({
      FromPort: 80, ToPort: 80, SourcePrefixListId: { 'Fn::GetAtt': [lookup, 'PrefixLists.0.PrefixListId'] },
    })]);
  });

  test('may be told the prefix list, and then nothing is looked up', () => {
    const stack = newStack();
    const { template } = distribute(stack, { prefixList: listIn(stack) });
    expect(ingressOf(template)).toEqual([expect.objectContaining({ SourcePrefixListId: 'pl-12345678' })]);
    template.resourceCountIs('Custom::AWS', 0);
    template.resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('shares the lookup with others in its stack, which may do no more than that', () => {
    const stack = newStack();
    new FlueFargateService(stack, 'Others', { image: imageOf(new Stack(new App())), exposure: FlueExposure.cloudFront() });
    const { template } = distribute(stack);
    template.resourceCountIs('Custom::AWS', 1);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [{ Action: 'ec2:DescribeManagedPrefixLists', Effect: 'Allow', Resource: '*' }] },
      PolicyName: Match.stringLikeRegexp('OriginFacing'),
    });
  });

  test.each<[string, (stack: Stack) => IVpc | undefined, RegExp]>([
    ['isolated subnets of the default network', () => undefined, /Isolated/],
    ['private subnets', stack => new Vpc(stack, 'Net', { maxAzs: 2 }), /Private/],
    ['public ones for want of others', stack => new Vpc(stack, 'Net', { maxAzs: 2, natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] }), /Public/],
  ])('is in %s', (_what, vpcOf, name) => {
    const stack = newStack();
    const { template } = distribute(stack, {}, { vpc: vpcOf(stack) });
    const [loadBalancer] = Object.values(template.findResources('AWS::ElasticLoadBalancingV2::LoadBalancer'));
    expect(loadBalancer.Properties.Subnets).toHaveLength(2);
    for (const { Ref } of loadBalancer.Properties.Subnets) {
      expect(Ref).toMatch(name);
    }
  });

  test('stands in a VPC whose internet gateway is attached', () => {
    const [origin] = Object.values(distribute(newStack()).template.findResources('AWS::CloudFront::VpcOrigin'));
    expect(origin.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/DefaultRoute/), expect.stringMatching(/Listener/)]));
  });

  test('keeps its metrics and alarms', () => {
    const { service } = distribute(newStack());
    expect(service.addAlarms().map(({ node }) => node.id)).toContain('LoadBalancerErrors');
  });
});

describe('timers', () => {
  const timersOf = (options?: FlueCloudFrontOptions, props?: Partial<FlueFargateServiceProps>) => {
    const [loadBalancer] = Object.values(distribute(newStack(), options, props).template.findResources('AWS::ElasticLoadBalancingV2::LoadBalancer'));
    return loadBalancer.Properties.LoadBalancerAttributes.find(({ Key }: { Key: string }) => Key === 'idle_timeout.timeout_seconds').Value;
  };

  test('follow the read timeout: the longest run is 5 s below it', () => {
    expect(timersOf()).toBe('115');
    expect(timersOf({ readTimeout: Duration.seconds(180) })).toBe('235');
    expect(timersOf({ readTimeout: Duration.seconds(60) }, { longestRun: Duration.seconds(55) })).toBe('115');
    expect(timersOf({}, { longestRun: Duration.seconds(20) })).toBe('80');
  });

  test.each([15, 181, 16.5, 0])('are refused with a read timeout of %s s', seconds => {
    expect(refusalOf(() => timersOf({ readTimeout: Duration.millis(seconds * 1000) })))
      .toContain(`\`readTimeout\` must be 16–180 whole seconds, above the 15 s stream heartbeat, got: ${seconds} s. Leave it out for 60 s (Flue-ReadTimeout)`);
  });

  test('take the shortest read timeout', () => {
    expect(timersOf({ readTimeout: Duration.seconds(16) })).toBe('71');
  });

  test('are refused with a run that CloudFront does not wait for, and say that streams are fine', () => {
    expect(refusalOf(() => timersOf({}, { longestRun: Duration.seconds(56) })))
      .toMatch(/`longestRun` must be at most 55 s behind CloudFront, which waits 60 s for the next byte of a reply, got: 56 s\. .* stream sends a heartbeat every 15 s/);
  });

  test('are refused with a read timeout known only at deployment, and take such a run', () => {
    expect(refusalOf(() => timersOf({ readTimeout: deployTimeDuration() }))).toContain('`readTimeout` must be known at synthesis, got: a token');
    expect(timersOf({}, { longestRun: deployTimeDuration(), idleTimeout: Duration.seconds(100) })).toBe('100');
  });
});

describe('warnings', () => {
  test('say that everyone may reach it, and nothing of plain HTTP', () => {
    const stack = newStack();
    distribute(stack);
    Annotations.fromStack(stack).hasWarning('/Test/Agents', Match.stringLikeRegexp('Use another `exposure`, with `auth` or for peers.*publicWithoutAuthentication'));
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('plain HTTP'));
  });

  test('FlueChecks find nothing', () => {
    const stack = newStack();
    distribute(stack);
    expect(brokenRules(stack)).toEqual([]);
  });
});

describe('is refused before the first resource', () => {
  const cases: [string, (stack: Stack) => [FlueCloudFrontOptions, Partial<FlueFargateServiceProps>], RegExp][] = [
    ['a certificate of the service', stack => [{}, { certificate: certificateIn(stack) }], /`certificate` must be left out with FlueExposure\.cloudFront\(…\), got: one\. .*us-east-1/],
    ['a policy', () => [{}, { sslPolicy: SslPolicy.TLS13_13 }], /`sslPolicy` must be left out/],
    ['a sign-in', stack => [{}, { auth: oidcIn(stack) }], /`auth` must be left out with .+ only on HTTPS/],
    ['a domain without a certificate', () => [{}, { domainName: 'agents.example.com' }], /`certificate` must be given in the exposure with `domainName`, got: none for agents\.example\.com/],
    ['a certificate without a domain', stack => [{ certificate: certificateIn(stack, 'us-east-1') }, {}], /`domainName` must be given with the certificate of the exposure/],
    ['a certificate of another region', stack => [{ certificate: certificateIn(stack) }, { domainName: 'agents.example.com' }], /must be in us-east-1, got: one in eu-central-1/],
    ['a certificate made in another region', stack => [{ certificate: new Certificate(stack, 'Own', { domainName: 'agents.example.com' }) }, { domainName: 'agents.example.com' }], /got: one in eu-central-1/],
    ['a zone without a domain', stack => [{}, { hostedZone: zoneIn(stack) }], /`domainName` must be given with `hostedZone`/],
    ['a domain of another zone', stack => [{ certificate: certificateIn(stack, 'us-east-1') }, { domainName: 'a.example.org', hostedZone: zoneIn(stack) }], /`domainName` must be in `hostedZone`/],
    ['a web ACL of a region', stack => [{ webAcl: webAclIn(stack, 'REGIONAL') }, {}], /`webAcl` must be a web ACL of the scope CLOUDFRONT, got: REGIONAL/],
    ['a web ACL of CloudFront at the load balancer', stack => [{}, { webAcl: webAclIn(stack, 'CLOUDFRONT') }], /`webAcl` must be a web ACL of the scope REGIONAL, got: CLOUDFRONT\. .+FlueExposure\.cloudFront/],
    ['one availability zone', stack => [{}, {
      vpc: Vpc.fromVpcAttributes(stack, 'Net', {
        vpcId: 'vpc-11111111',
        availabilityZones: ['eu-central-1a', 'eu-central-1b'],
        publicSubnetIds: ['subnet-11111111', 'subnet-22222222'],
        isolatedSubnetIds: ['subnet-33333333', 'subnet-44444444'],
      }),
      vpcSubnets: { availabilityZones: ['eu-central-1a'], subnetType: SubnetType.PUBLIC },
    }], /must span at least 2 availability zones/],
  ];

  test.each(cases)('%s', (_what, given, message) => {
    const stack = newStack();
    const [options, props] = given(stack);
    expect(refusalOf(() => distribute(stack, options, props))).toMatch(message);
    expect(stack.node.findChild('Agents').node.children).toHaveLength(0);
  });

  test('a box', () => {
    const stack = newStack();
    expect(refusalOf(() => new FlueEc2Service(stack, 'Box', { image: imageOf(stack), exposure: FlueExposure.cloudFront() })))
      .toContain('`exposure` must name who may connect, got: FlueExposure.cloudFront(…). The box has no load balancer');
  });
});
