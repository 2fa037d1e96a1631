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
