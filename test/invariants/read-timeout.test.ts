import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { changed, include, judge, PARAMETER, verdictOn, type Template } from './judge';
import { fargate } from './templates';
import { longestRunBehind, READ_TIMEOUT, requireReadTimeout } from '../../src/invariants/read-timeout';
import { markAsFlueServer } from '../../src/invariants/template/flue-marker';

const stack = () => new Stack(undefined, 'Stack');

describe('guard', () => {
  const guard = (timeout: Duration) => () => requireReadTimeout(stack(), timeout);

  test.each([[16], [180]])('takes %p s', seconds => {
    expect(guard(Duration.seconds(seconds))).not.toThrow();
  });

  test.each([[15], [181], [20.5]])('refuses %p s', seconds => {
    expect(guard(Duration.millis(seconds * 1000))).toThrow(
      `[Stack] \`readTimeout\` must be 16–180 whole seconds, above the 15 s stream heartbeat, got: ${seconds} s. Leave it out for 60 s (Flue-ReadTimeout)`);
  });

  test('refuses what only the deployment knows', () => {
    expect(guard(Duration.seconds(Lazy.number({ produce: () => 60 })))).toThrow('`readTimeout` must be known at synthesis, got: a token');
  });
});

describe('guard of the longest run', () => {
  const guard = (run?: Duration) => () => longestRunBehind(stack(), Duration.seconds(60), run).toSeconds();

  test('is what the read timeout leaves, or shorter', () => {
    expect(guard()()).toBe(55);
    expect(guard(Duration.seconds(55))()).toBe(55);
    expect(guard(Duration.seconds(1))()).toBe(1);
  });

  test('refuses a longer one', () => {
    expect(guard(Duration.seconds(56))).toThrow('`longestRun` must be at most 55 s behind CloudFront, which waits 60 s for the next byte of a reply, got: 56 s');
  });
});

describe('rule', () => {
  const ORIGIN = { Id: 'server', DomainName: { 'Fn::GetAtt': ['LoadBalancer', 'DNSName'] } };
  const fronted = (...origins: unknown[]): Template => changed(fargate(), resources => {
    resources.Front = {
      Type: 'AWS::CloudFront::Distribution',
      Properties: { DistributionConfig: { Enabled: true, DefaultCacheBehavior: { TargetOriginId: 'server', ViewerProtocolPolicy: 'https-only' }, Origins: origins } },
    };
  });
  const custom = (timeout?: unknown) => fronted({ ...ORIGIN, CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginReadTimeout: timeout } });

  test.each<[unknown, unknown]>([
    [16, 'compliant'],
    ['60', 'compliant'],
    [15, ['OriginReadTimeout is 15, must be above the 15 s stream heartbeat']],
    [undefined, ['OriginReadTimeout is left out, which means 30 s']],
    [PARAMETER, 'not applicable'],
  ])('a read timeout of %j', (timeout, expected) => {
    expect(judge(READ_TIMEOUT, custom(timeout), 'Front')).toEqual(expected);
  });

  test('a declared longest run counts, across distribution, load balancer and target group', () => {
    for (const [seconds, expected] of [[180, 'compliant'], [179, ['OriginReadTimeout is 179, must be at least the longest run of 180 s']]] as const) {
      const template = include(custom(seconds));
      markAsFlueServer(template.getResource('Service'), { longestRunSeconds: 180 });
      expect(verdictOn(READ_TIMEOUT, template.getResource('Front'))).toEqual(expected);
    }
  });

  test('a VPC origin has one of its own', () => {
    const vpcOrigin = (timeout?: number) => fronted({ ...ORIGIN, VpcOriginConfig: { VpcOriginId: 'vo_1', OriginReadTimeout: timeout } });
    expect(judge(READ_TIMEOUT, vpcOrigin(60), 'Front')).toBe('compliant');
    expect(judge(READ_TIMEOUT, vpcOrigin(), 'Front')).toEqual(['OriginReadTimeout is left out, which means 30 s']);
  });

  test('only the origins that lead to the server count', () => {
    const pages = { Id: 'pages', DomainName: 'pages.example.com', CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } };
    expect(judge(READ_TIMEOUT, fronted(pages), 'Front')).toBe('out of scope');
    expect(judge(READ_TIMEOUT, fronted(pages, { ...ORIGIN, CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginReadTimeout: 60 } }), 'Front')).toBe('compliant');
    expect(judge(READ_TIMEOUT, fronted(pages, ORIGIN), 'Front')).toEqual(['OriginReadTimeout is left out, which means 30 s']);
  });

  test('origins that could stand anywhere are not judged', () => {
    const template = changed(custom(60), ({ Front }, whole) => {
      whole.Conditions = { Condition: { 'Fn::Equals': [PARAMETER, 'yes'] } };
      Front.Properties.DistributionConfig.Origins = { 'Fn::If': ['Condition', [{ ...ORIGIN }], []] };
    });
    expect(judge(READ_TIMEOUT, template, 'Front')).toBe('not applicable');
  });
});

/** What a declared longest run makes of a resource in front; undefined where none is declared. */
const judged = (template: Template, id: string, longestRunSeconds?: number) => {
  const included = include(template);
  if (longestRunSeconds !== undefined) {
    markAsFlueServer(included.getResource('Service'), { longestRunSeconds });
  }
  return verdictOn(READ_TIMEOUT, included.getResource(id));
};

describe('rule on Service Connect', () => {
  const connected = (Timeout: unknown, appProtocol: string | undefined = 'http') => changed(fargate(), ({ TaskDefinition, Service }) => {
    TaskDefinition.Properties.ContainerDefinitions[0].PortMappings = [{ Name: 'http', ContainerPort: 8080, AppProtocol: appProtocol }];
    Service.Properties.ServiceConnectConfiguration = { Enabled: true, Services: [{ PortName: 'http', Timeout }] };
  });

  test.each<[timeout: unknown, run: number | undefined, expected: unknown]>([
    [undefined, undefined, ['[PerRequestTimeoutSeconds] PerRequestTimeoutSeconds is left out, which means 15 s']],
    [{ PerRequestTimeoutSeconds: 15 }, undefined, ['[PerRequestTimeoutSeconds] PerRequestTimeoutSeconds is 15, must be above the 15 s stream heartbeat']],
    [{ PerRequestTimeoutSeconds: 59 }, undefined, ['[PerRequestTimeoutSeconds] PerRequestTimeoutSeconds is 59, after which Service Connect ends every reply']],
    [{ PerRequestTimeoutSeconds: 60 }, undefined, 'compliant'],
    [{ PerRequestTimeoutSeconds: 0 }, undefined, 'compliant'],
    [{ PerRequestTimeoutSeconds: 0 }, 300, 'compliant'],
    [{ PerRequestTimeoutSeconds: 0 }, 301, ['[IdleTimeoutSeconds] IdleTimeoutSeconds is left out, which means 300 s, must be at least the longest run of 301 s']],
    [{ PerRequestTimeoutSeconds: 0, IdleTimeoutSeconds: 0 }, 3000, 'compliant'],
    [{ PerRequestTimeoutSeconds: 599, IdleTimeoutSeconds: 600 }, 600, ['[PerRequestTimeoutSeconds] PerRequestTimeoutSeconds is 599, must be at least the longest run of 600 s']],
    [{ PerRequestTimeoutSeconds: PARAMETER }, undefined, 'compliant'],
  ])('timeouts of %j with a run of %p s', (timeout, run, expected) => {
    expect(judged(connected(timeout), 'Service', run)).toEqual(expected);
  });

  test('that follows no requests, or is off, is not judged', () => {
    expect(judged(changed(connected(undefined), ({ TaskDefinition }) => { delete TaskDefinition.Properties.ContainerDefinitions[0].PortMappings[0].AppProtocol; }), 'Service')).toBe('not applicable');
    expect(judged(changed(connected(undefined), ({ Service }) => { Service.Properties.ServiceConnectConfiguration.Enabled = false; }), 'Service')).toBe('not applicable');
    expect(judged(fargate(), 'Service')).toBe('not applicable');
  });
});

describe('rule on what else stands in front', () => {
  const LOAD_BALANCER = { 'Fn::GetAtt': ['LoadBalancer', 'DNSName'] };
  const URL = { 'Fn::Sub': 'http://${LoadBalancer.DNSName}/' };
  const front = (Type: string, Properties: object, more: object = {}) => changed(fargate(), resources => {
    Object.assign(resources, { Front: { Type, Properties }, ...more });
  });
  const distribution = (origin: object, more?: object) => front('AWS::CloudFront::Distribution', {
    DistributionConfig: { Enabled: true, DefaultCacheBehavior: { TargetOriginId: 'server', ViewerProtocolPolicy: 'https-only' }, Origins: [{ Id: 'server', ...origin }] },
  }, more);
  const https = { OriginProtocolPolicy: 'https-only', OriginReadTimeout: 120 };
  const record = (Name: string, more: object) => ({ Record: { Type: 'AWS::Route53::RecordSet', Properties: { Name, Type: 'A', HostedZoneId: 'Z', ...more } } });

  test.each<[what: string, Template]>([
    ['a record of the name', distribution({ DomainName: 'api.example.com', CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } },
      record('API.example.com.', { AliasTarget: { DNSName: LOAD_BALANCER, HostedZoneId: 'Z' } }))],
    ['a record that is referred to', distribution({ DomainName: { Ref: 'Record' }, CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } },
      record('api.example.com', { Type: 'CNAME', TTL: '60', ResourceRecords: [LOAD_BALANCER] }))],
    ['a VPC origin', distribution({ DomainName: 'api.example.com', VpcOriginConfig: { VpcOriginId: { 'Fn::GetAtt': ['Vpc', 'Id'] } } },
      { Vpc: { Type: 'AWS::CloudFront::VpcOrigin', Properties: { VpcOriginEndpointConfig: { Arn: { Ref: 'LoadBalancer' }, Name: 'agents' } } } })],
  ])('CloudFront finds the load balancer by %s', (_, template) => {
    expect(judge(READ_TIMEOUT, template, 'Front')).toEqual(['OriginReadTimeout is left out, which means 30 s']);
  });

  test('CloudFront in front of another name is none of a server', () => {
    const other = distribution({ DomainName: 'pages.example.com', CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } },
      record('api.example.com', { AliasTarget: { DNSName: LOAD_BALANCER, HostedZoneId: 'Z' } }));
    expect(judge(READ_TIMEOUT, other, 'Front')).toBe('out of scope');
  });

  test.each<[whole: unknown, run: number | undefined, expected: unknown]>([
    [undefined, 120, 'compliant'],
    [120, 120, 'compliant'],
    [119, 120, ['[ResponseCompletionTimeout] ResponseCompletionTimeout is 119, must be at least the longest run of 120 s']],
    [59, undefined, ['[ResponseCompletionTimeout] ResponseCompletionTimeout is 59, after which CloudFront ends every reply']],
    [60, undefined, 'compliant'],
    [PARAMETER, 120, 'compliant'],
  ])('CloudFront with %p s for a whole reply, and a run of %p s', (whole, run, expected) => {
    expect(judged(distribution({ DomainName: LOAD_BALANCER, ResponseCompletionTimeout: whole, CustomOriginConfig: https }), 'Front', run)).toEqual(expected);
  });

  test.each<[run: number | undefined, expected: unknown]>([
    [undefined, 'compliant'], [340, 'compliant'],
    [341, ['the silence that a connection may keep is 340 s, must be at least the longest run of 341 s']],
  ])('Global Accelerator with a run of %p s', (run, expected) => {
    const accelerated = (endpoint: unknown) => front('AWS::GlobalAccelerator::EndpointGroup', {
      ListenerArn: 'arn:aws:globalaccelerator::111111111111:accelerator/a/listener/b', EndpointGroupRegion: 'eu-west-1', EndpointConfigurations: [{ EndpointId: endpoint }],
    });
    expect(judged(accelerated({ Ref: 'LoadBalancer' }), 'Front', run)).toEqual(expected);
    expect(judged(accelerated('arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/other/1'), 'Front', run)).toBe('out of scope');
  });

  const integration = (more: object = {}) => ({ paths: { '/': { get: { 'x-amazon-apigateway-integration': { type: 'http_proxy', httpMethod: 'ANY', uri: URL, ...more } } } } });
  test.each<[what: string, Template, expected: unknown]>([
    ['an HTTP API that is created with its target', front('AWS::ApiGatewayV2::Api', { Name: 'a', ProtocolType: 'HTTP', Target: URL }), ['TimeoutInMillis is left out, which means 30 s']],
    ['the document of an HTTP API', front('AWS::ApiGatewayV2::Api', { Body: integration() }), ['TimeoutInMillis is left out, which means 30 s']],
    ['the document of a REST API', front('AWS::ApiGateway::RestApi', { Body: integration() }), ['TimeoutInMillis is left out, which means 29 s']],
    ['a document that says how long it waits', front('AWS::ApiGateway::RestApi', { Body: integration({ timeoutInMillis: 900000, responseTransferMode: 'STREAM' }) }), 'not applicable'],
    ['a document of something else', front('AWS::ApiGateway::RestApi', { Body: { paths: {} } }), 'out of scope'],
  ])('%s', (_, template, expected) => {
    expect(judge(READ_TIMEOUT, template, 'Front')).toEqual(expected);
  });
});

describe('rule on a Network Load Balancer', () => {
  const network = (Protocol: string, attributes?: unknown[]) => changed(fargate(), ({ LoadBalancer, Listener, TargetGroup }) => {
    LoadBalancer.Properties = { Type: 'network', Subnets: ['subnet-1'] };
    Object.assign(Listener.Properties, { Protocol, ListenerAttributes: attributes, Certificates: Protocol === 'TLS' ? Listener.Properties.Certificates : undefined });
    Object.assign(TargetGroup.Properties, { Protocol: 'TCP', HealthCheckProtocol: 'HTTP' });
  });
  const idle = (Value: unknown) => [{ Key: 'tcp.idle_timeout.seconds', Value }];

  test.each<[protocol: string, attributes: unknown[] | undefined, run: number | undefined, expected: unknown]>([
    ['TCP', undefined, undefined, 'compliant'],
    ['TCP', undefined, 350, 'compliant'],
    ['TCP', undefined, 351, ['tcp.idle_timeout.seconds is left out, which means 350 s, must be at least the longest run of 351 s']],
    ['TCP', idle('6000'), 3600, 'compliant'],
    ['TCP', idle('6001'), undefined, ['tcp.idle_timeout.seconds is 6001, must be 60–6000 s']],
    ['TCP', idle('59'), undefined, ['tcp.idle_timeout.seconds is 59, must be 60–6000 s']],
    ['TCP', idle(PARAMETER), 3600, 'not applicable'],
    ['TLS', undefined, 351, ['tcp.idle_timeout.seconds is 350 s, must be at least the longest run of 351 s']],
    ['TLS', undefined, 350, 'compliant'],
  ])('%s with %j and a run of %p s', (protocol, attributes, run, expected) => {
    expect(judged(network(protocol, attributes), 'Listener', run)).toEqual(expected);
  });

  test('in front of an Application Load Balancer', () => {
    const template = changed(fargate(), resources => {
      resources.Front = { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Type: 'network', Subnets: ['subnet-1'] } };
      resources.FrontTargets = {
        Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
        Properties: { Port: 443, Protocol: 'TCP', TargetType: 'alb', VpcId: 'vpc-1', Targets: [{ Id: { Ref: 'LoadBalancer' } }] },
      };
      resources.FrontListener = {
        Type: 'AWS::ElasticLoadBalancingV2::Listener',
        Properties: { LoadBalancerArn: { Ref: 'Front' }, Port: 443, Protocol: 'TCP', DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: 'FrontTargets' } }] },
      };
    });
    expect(judged(template, 'FrontListener', 351)).toHaveLength(1);
    expect(judged(template, 'FrontListener', 350)).toBe('compliant');
  });
});

describe('rule on API Gateway', () => {
  const LISTENER = { Ref: 'Listener' };
  const DNS = { 'Fn::Join': ['', ['http://', { 'Fn::GetAtt': ['LoadBalancer', 'DNSName'] }, '/{proxy}']] };
  const http = (properties: object) => changed(fargate(), resources => {
    resources.Api = { Type: 'AWS::ApiGatewayV2::Integration', Properties: { ApiId: 'api', IntegrationType: 'HTTP_PROXY', IntegrationUri: LISTENER, ...properties } };
  });
  const rest = (properties: object) => changed(fargate(), resources => {
    resources.Api = {
      Type: 'AWS::ApiGateway::Method',
      Properties: { HttpMethod: 'ANY', ResourceId: 'r', RestApiId: 'api', Integration: { Type: 'HTTP_PROXY', IntegrationHttpMethod: 'ANY', Uri: DNS, ...properties } },
    };
  });

  test.each<[what: string, template: Template, run: number | undefined, expected: unknown]>([
    ['an HTTP API', http({}), undefined, ['TimeoutInMillis is left out, which means 30 s']],
    ['an HTTP API that says so', http({ TimeoutInMillis: 30000 }), undefined, ['TimeoutInMillis is 30, after which an HTTP API of API Gateway ends every reply']],
    ['an HTTP API for short runs', http({}), 30, 'compliant'],
    ['an HTTP API for longer runs', http({}), 31, ['TimeoutInMillis is left out, which means 30 s, must be at least the longest run of 31 s']],
    ['an HTTP API of a parameter', http({ TimeoutInMillis: PARAMETER }), undefined, 'not applicable'],
    ['a REST API', rest({}), undefined, ['TimeoutInMillis is left out, which means 29 s']],
    ['a REST API with a raised quota', rest({ TimeoutInMillis: 120000 }), 120, 'compliant'],
    ['a REST API with too little', rest({ TimeoutInMillis: 119000 }), 120, ['TimeoutInMillis is 119, must be at least the longest run of 120 s']],
    ['a REST API for short runs', rest({}), 29, 'compliant'],
    ['another server', http({ IntegrationUri: 'https://pages.example.com' }), undefined, 'out of scope'],
  ])('%s', (_, template, run, expected) => {
    expect(judged(template, 'Api', run)).toEqual(expected);
  });

  test('a REST API that streams goes on for 15 minutes, and may be silent for 5', () => {
    const streaming = (seconds: number) => {
      const included = include(rest({ TimeoutInMillis: seconds * 1000 }));
      (included.getResource('Api')).addPropertyOverride('Integration.ResponseTransferMode', 'STREAM');
      return (run: number) => { markAsFlueServer(included.getResource('Service'), { longestRunSeconds: run }); return verdictOn(READ_TIMEOUT, included.getResource('Api')); };
    };
    expect(streaming(900)(300)).toBe('compliant');
    expect(streaming(901)(300)).toEqual(['TimeoutInMillis is 901, must be 0.05–900 s']);
    expect(streaming(900)(301)).toEqual(['the silence that a stream may keep is 300 s, must be at least the longest run of 301 s']);
  });

  test.each<[what: string, endpoint: unknown, run: number | undefined, expected: unknown]>([
    ['says nothing', undefined, 31, ['the silence that a stream may keep is 30 s, must be at least the longest run of 31 s']],
    ['says nothing, for short runs', undefined, 30, 'compliant'],
    ['says nothing, for runs that nobody states', undefined, undefined, ['the silence that a stream may keep is 30 s']],
    ['is edge-optimized', { Types: ['EDGE'] }, 31, ['the silence that a stream may keep is 30 s, must be at least the longest run of 31 s']],
    ['is regional', { Types: ['REGIONAL'] }, 300, 'compliant'],
    ['is regional, for longer runs', { Types: ['REGIONAL'] }, 301, ['the silence that a stream may keep is 300 s, must be at least the longest run of 301 s']],
    ['is private', { Types: ['PRIVATE'] }, 300, 'compliant'],
    ['is what a parameter says', { Types: [PARAMETER] }, 899, 'compliant'],
  ])('a REST API that streams and %s', (_, endpoint, run, expected) => {
    const template = changed(rest({ TimeoutInMillis: 900000 }), resources => {
      resources.Rest = { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'agents', ...endpoint ? { EndpointConfiguration: endpoint } : {} } };
      resources.Api.Properties.RestApiId = { Ref: 'Rest' };
      resources.Api.Properties.Integration.ResponseTransferMode = 'STREAM';
    });
    expect(judged(template, 'Api', run)).toEqual(expected);
  });

  test('by a name in Cloud Map, and by the link of a REST API', () => {
    const named = changed(http({ IntegrationUri: { 'Fn::GetAtt': ['Name', 'Arn'] } }), resources => {
      resources.Name = { Type: 'AWS::ServiceDiscovery::Service', Properties: { NamespaceId: 'ns-1' } };
      resources.Service.Properties.ServiceRegistries = [{ RegistryArn: { 'Fn::GetAtt': ['Name', 'Arn'] } }];
    });
    expect(judged(named, 'Api')).toHaveLength(1);
    const linked = changed(rest({ Uri: 'http://internal.example.com', ConnectionType: 'VPC_LINK', ConnectionId: { Ref: 'Link' } }), resources => {
      resources.Link = { Type: 'AWS::ApiGateway::VpcLink', Properties: { Name: 'link', TargetArns: [{ Ref: 'LoadBalancer' }] } };
    });
    expect(judged(linked, 'Api')).toHaveLength(1);
  });
});
