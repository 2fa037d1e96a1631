import { changed, judge, PARAMETER } from './judge';
import { box, fargate } from './templates';
import { ENCRYPTED_TRANSPORT } from '../../src/invariants/encrypted-transport';

const listens = (properties: object) => changed(fargate(), ({ Listener }) => { Object.assign(Listener.Properties, properties); });
const PLAIN = ['an HTTP listener forwards to the server without TLS'];

test.each<[properties: object, expected: unknown]>([
  [{}, 'compliant'],
  [{ Protocol: 'HTTP', Port: 80 }, PLAIN],
  [{ Protocol: 'TLS' }, 'compliant'],
  [{ Protocol: PARAMETER }, 'not applicable'],
  [{ Protocol: 'HTTP', DefaultActions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', StatusCode: 'HTTP_301' } }] }, 'out of scope'],
  [{ Protocol: 'HTTP', DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: { Ref: 'TargetGroup' }, Weight: 1 }] } }] }, PLAIN],
  [{ Protocol: 'HTTP', DefaultActions: [{ Type: 'forward', TargetGroupArn: PARAMETER }] }, 'out of scope'],
])('a listener with %j', (properties, expected) => {
  expect(judge(ENCRYPTED_TRANSPORT, listens(properties), 'Listener')).toEqual(expected);
});

test('a rule of a listener that redirects everything else', () => {
  const template = (protocol: string) => changed(listens({ Protocol: protocol, DefaultActions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }] }), resources => {
    resources.Rule = {
      Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
      Properties: {
        ListenerArn: { Ref: 'Listener' },
        Priority: 1,
        Conditions: [{ Field: 'path-pattern', Values: ['/agents/*'] }],
        Actions: [{ Type: 'forward', TargetGroupArn: { Ref: 'TargetGroup' } }],
      },
    };
  });
  expect(judge(ENCRYPTED_TRANSPORT, template('HTTP'), 'Rule')).toEqual(['an HTTP listener (Stack/Template/Listener) forwards to the server without TLS']);
  expect(judge(ENCRYPTED_TRANSPORT, template('HTTP'), 'Listener')).toBe('not applicable');
  expect(judge(ENCRYPTED_TRANSPORT, template('HTTPS'), 'Rule')).toBe('compliant');
});

test.each<[front: string, resource: object]>([
  ['CloudFront', {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Enabled: true,
        DefaultCacheBehavior: { TargetOriginId: 'alb', ViewerProtocolPolicy: 'redirect-to-https' },
        Origins: [{ Id: 'alb', DomainName: { 'Fn::GetAtt': ['LoadBalancer', 'DNSName'] } }],
      },
    },
  }],
  ['API Gateway', {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: { ApiId: 'api', IntegrationType: 'HTTP_PROXY', IntegrationUri: { Ref: 'Listener' }, ConnectionType: 'VPC_LINK' },
  }],
])('%s in front ends TLS', (_, resource) => {
  const template = changed(listens({ Protocol: 'HTTP', Port: 80 }), resources => { resources.Front = resource; });
  expect(judge(ENCRYPTED_TRANSPORT, template, 'Listener')).toBe('compliant');
});

describe('a box', () => {
  const open = (script: string, ingress: object) => changed(box(), ({ Instance, SecurityGroup }) => {
    Instance.Properties.UserData = { 'Fn::Base64': script };
    SecurityGroup.Properties.SecurityGroupIngress = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0', ...ingress }];
  });
  const HTTP = 'docker run -d --init -p 80:8080 flue-agents';

  test.each<[script: string, ingress: object, expected: unknown]>([
    [HTTP, {}, ['0.0.0.0/0 may reach port 80 of the box, where the server speaks HTTP without TLS']],
    ['docker run --init --publish=0.0.0.0:3000:8080 flue', { ToPort: 8080 }, ['0.0.0.0/0 may reach port 3000 of the box, where the server speaks HTTP without TLS']],
    [HTTP, { CidrIp: '10.0.0.0/8' }, 'compliant'],
    [HTTP, { CidrIp: PARAMETER }, 'compliant'],
    [HTTP, { FromPort: 443, ToPort: 443 }, 'compliant'],
    [`systemctl start caddy\n${HTTP}`, {}, 'not applicable'],
    ['docker run --init -p 127.0.0.1:80:8080 flue-agents', {}, 'not applicable'],
    ['node dist/server.mjs', {}, 'not applicable'],
  ])('%s, open to %j', (script, ingress, expected) => {
    expect(judge(ENCRYPTED_TRANSPORT, open(script, ingress), 'SecurityGroup')).toEqual(expected);
  });

  test('a separate ingress rule', () => {
    const template = changed(open(HTTP, { FromPort: 443, ToPort: 443 }), resources => {
      resources.Ingress = {
        Type: 'AWS::EC2::SecurityGroupIngress',
        Properties: { GroupId: { 'Fn::GetAtt': ['SecurityGroup', 'GroupId'] }, IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIpv6: '::/0' },
      };
    });
    expect(judge(ENCRYPTED_TRANSPORT, template, 'Ingress')).toEqual(['::/0 may reach port 80 of the box, where the server speaks HTTP without TLS']);
  });
});
