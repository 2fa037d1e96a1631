import { App, Fn, Lazy, SecretValue, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  InterfaceVpcEndpoint, InterfaceVpcEndpointAwsService, InterfaceVpcEndpointService, Peer, Port, SecurityGroup, SubnetType, Vpc, type IConnectable,
  type IInterfaceVpcEndpointService,
} from 'aws-cdk-lib/aws-ec2';
import { NetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ENV, pool, sandboxImage, world } from './support';
import { FlueChecks, FlueSandbox, FlueSandboxEgress, FlueSandboxes, type FlueSandboxProxyOptions, type FlueSandboxVpcEndpointOptions } from '../../src';
import { expectTemplateSnapshot } from '../support/snapshot';

const MIRROR = 'com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0';
const mirror = (port?: number) => new InterfaceVpcEndpointService(MIRROR, port);

/** A pool whose commands reach a proxy in the VPC. */
function behindProxy(options: Partial<FlueSandboxProxyOptions> = {}, allowedDomains?: string[]) {
  const { stack, vpc } = world();
  const proxy = new SecurityGroup(stack, 'Proxy', { vpc });
  return { ...pool({ egress: FlueSandboxEgress.proxy({ proxy, host: 'proxy.internal', ...options }), allowedDomains }, { stack, vpc }), proxy };
}

/** A pool whose commands reach services. */
const withServices = (options: FlueSandboxVpcEndpointOptions, { stack, vpc } = world()) =>
  pool({ egress: FlueSandboxEgress.vpcEndpoints(options) }, { stack, vpc });

const variables = (stack: Stack): { [name: string]: unknown } => {
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition'));
  return Object.fromEntries(Properties.ContainerDefinitions[0].Environment.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]));
};
/** The rules that a pool has beyond those of one without egress. */
function opened(stack: Stack) {
  const rulesOf = (template: Template) => ['Egress', 'Ingress'].flatMap(way => Object.values(template.findResources(`AWS::EC2::SecurityGroup${way}`))
    .map(({ Properties }) => ({ way, ...Properties })));
  return rulesOf(Template.fromStack(stack)).filter(({ Description }) => /proxy|may use/.test(Description));
}
const endpointsOf = (stack: Stack, service: RegExp) => Object.values(Template.fromStack(stack).findResources('AWS::EC2::VPCEndpoint'))
  .filter(({ Properties }) => service.test(JSON.stringify(Properties.ServiceName))).map(({ Properties }) => Properties);
const findings = (stack: Stack) => new FlueChecks().validateScope(stack.node.root).violations.map(({ description }) => description);

describe('none', () => {
  test('is what a pool has that says nothing', () => {
    const of = (egress?: FlueSandboxEgress) => Template.fromStack(pool({ egress, allowedDomains: [] }).stack).toJSON();
    expect(of(FlueSandboxEgress.none())).toEqual(of());
    expect(Object.keys(variables(pool().stack)).filter(name => /proxy/i.test(name))).toEqual([]);
  });
});

describe('a proxy', () => {
  test('maximal', () => {
    const { stack, vpc } = world();
    const options: Required<FlueSandboxProxyOptions> = { proxy: new SecurityGroup(stack, 'Proxy', { vpc }), host: 'proxy.internal', port: 8888 };
    new FlueSandboxes(stack, 'Sandboxes', { vpc, sandbox: FlueSandbox.fargate({ image: sandboxImage(), egress: FlueSandboxEgress.proxy(options), allowedDomains: [] }) });
    expectTemplateSnapshot(Template.fromStack(stack));
  });

  test('is named in the variables in which programs look for it, and goes around itself for nothing but the sandbox', () => {
    const url = 'http://proxy.internal:3128';
    const around = 'localhost,127.0.0.1,::1,169.254.170.2';
    expect(variables(behindProxy().stack)).toMatchObject({
      HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: around, http_proxy: url, https_proxy: url, no_proxy: around,
    });
  });

  test('is reached by one rule, and lets the sandboxes in', () => {
    const { stack, sandboxes, proxy } = behindProxy({ port: 8888 });
    const [group, other] = [sandboxes.connections.securityGroups[0], proxy].map(({ securityGroupId }) => stack.resolve(securityGroupId));
    expect(opened(stack)).toEqual([
      expect.objectContaining({ way: 'Egress', GroupId: group, DestinationSecurityGroupId: other, IpProtocol: 'tcp', FromPort: 8888, ToPort: 8888 }),
      expect.objectContaining({ way: 'Ingress', GroupId: other, SourceSecurityGroupId: group, IpProtocol: 'tcp', FromPort: 8888, ToPort: 8888 }),
    ]);
  });

  test('may be a range, which has no rule of its own', () => {
    const { stack } = behindProxy({ proxy: Peer.ipv4('10.0.7.9/32'), host: '10.0.7.9' });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroup', { Properties: { GroupDescription: Match.stringLikeRegexp('^Flue sandboxes') } }));
    expect(Properties.SecurityGroupEgress).toContainEqual({ CidrIp: '10.0.7.9/32', IpProtocol: 'tcp', FromPort: 3128, ToPort: 3128, Description: 'Flue sandboxes to their proxy' });
  });

  test.each([
    ['a name', 'proxy.internal', true], ['an address', '10.0.7.9', false],
  ])('behind a list of names, %s is answered without being listed: %s', (_, host, isListed) => {
    const allowed = (stack: Stack) => Object.values(Template.fromStack(stack).findResources('AWS::Route53Resolver::FirewallDomainList')).flatMap(({ Properties }) => Properties.Domains);
    expect(allowed(behindProxy({ host }, ['api.anthropic.com']).stack).includes(host)).toBe(isListed);
    expect(allowed(behindProxy({ host }).stack)).toEqual([]);
  });

  test('may be known only at deployment', () => {
    const { stack } = behindProxy({ host: Fn.importValue('Host'), port: Token.asNumber({ Ref: 'Port' }) }, ['example.com']);
    expect(variables(stack).HTTP_PROXY).toEqual({ 'Fn::Join': ['', ['http://', { 'Fn::ImportValue': 'Host' }, ':', { Ref: 'Port' }]] });
  });

  test.each([1, 65535])('listens on port %d', port => {
    expect(variables(behindProxy({ port }).stack).https_proxy).toBe(`http://proxy.internal:${port}`);
  });

  test.each(['proxy', 'proxy.internal.', '10.0.7.9', 'ip-10-0-7-9.eu-west-1.compute.internal'])('is called %s', host => {
    expect(() => behindProxy({ host })).not.toThrow();
  });

  const HOST = '`host` must be the name or the IPv4 address of another host, got: ';
  test.each<[what: string, options: Partial<FlueSandboxProxyOptions>, message: string]>([
    ['a URL', { host: 'http://proxy.internal:3128' }, `${HOST}http://proxy.internal:3128. Write it without a scheme and a port, as in \`proxy.internal\` or \`10.0.7.9\``],
    ['a port in the host', { host: 'proxy.internal:3128' }, `${HOST}proxy.internal:3128`],
    ['no host', { host: '' }, `${HOST}an empty string`],
    ['no address', { host: '10.0.7.256' }, `${HOST}10.0.7.256`],
    ['the sandbox', { host: 'localhost' }, `${HOST}localhost`],
    ['the address of the sandbox', { host: '127.0.0.1' }, `${HOST}127.0.0.1`],
    ['port 0', { port: 0 }, '`port` must be a whole number from 1 to 65535, got: 0. Leave it out for 3128'],
    ['a port that is none', { port: 65536 }, '`port` must be a whole number from 1 to 65535, got: 65536'],
    ['the internet', { proxy: Peer.anyIpv4() }, '`proxy` must be a proxy in your network, got: the internet (0.0.0.0/0). Pass its security group'],
    ['the internet by IPv6', { proxy: Peer.anyIpv6() }, '`proxy` must be a proxy in your network, got: the internet (::/0)'],
    ['a half of the internet', { proxy: Peer.ipv4('128.0.0.0/1') }, '`proxy` must be a proxy in your network, got: the internet (128.0.0.0/1)'],
    ['a secret', { host: SecretValue.secretsManager('proxy').unsafeUnwrap() }, '`host` must not hold a secret in plain text, got: one, because CloudFormation puts the secret in the place of the dynamic reference'],
  ])('is refused as %s, before anything exists', (_, options, message) => {
    const { stack, vpc } = world();
    const proxy = new SecurityGroup(stack, 'Proxy', { vpc });
    expect(() => pool({ egress: FlueSandboxEgress.proxy({ proxy, host: 'proxy.internal', ...options }) }, { stack, vpc })).toThrow(`[Test/Sandboxes] ${message}`);
    expect(stack.node.findChild('Sandboxes').node.findAll().filter(child => 'cfnResourceType' in child)).toEqual([]);
  });

  test.each(['agent:hunter2@proxy.internal', `agent:hunter2@${Lazy.string({ produce: () => 'proxy' })}`])('has no credentials, which no message repeats', host => {
    let message = '';
    try {
      behindProxy({ host });
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toContain('`host` must be a host alone, got: one with credentials before `@`. Every command of an agent would read them.');
    expect(message).not.toContain('hunter2');
  });

  test('without a security group is refused, because no rule could name it', () => {
    const { stack, vpc } = world();
    const proxy: IConnectable = new NetworkLoadBalancer(stack, 'Proxy', { vpc, disableSecurityGroups: true } as never);
    expect(() => pool({ egress: FlueSandboxEgress.proxy({ proxy, host: 'proxy.internal' }) }, { stack, vpc }))
      .toThrow('[Test/Sandboxes] `proxy` must have a security group, got: Test/Proxy without one. Give it one, or pass its range as in `ec2.Peer.ipv4(\'10.0.7.0/28\')`');
  });

  test('of another VPC is a warning, of the same one in another stack is none', () => {
    const app = new App();
    const [base, others, stack] = ['Base', 'Others', 'Test'].map(id => new Stack(app, id, { env: ENV }));
    const { vpc } = world(base);
    const of = (id: string, its: Vpc) => new FlueSandboxes(stack, id, {
      vpc, sandbox: FlueSandbox.fargate({ image: sandboxImage(), egress: FlueSandboxEgress.proxy({ proxy: new SecurityGroup(others, id, { vpc: its }), host: 'proxy.internal' }) }),
    });
    of('Near', vpc);
    of('Far', new Vpc(others, 'Vpc'));
    const annotations = Annotations.fromStack(stack);
    annotations.hasWarning('/Test/Far', Match.stringLikeRegexp('Others/Far is in another VPC than the sandboxes'));
    annotations.hasNoWarning('/Test/Near', Match.stringLikeRegexp('in another VPC'));
  });

  test.each([['vpc-11111111', 0], ['vpc-22222222', 1]])('in a VPC that is imported as %s gives %d warnings', (vpcId, count) => {
    const stack = new Stack(new App(), 'Test', { env: ENV });
    const importing = (id: string, its: string) => Vpc.fromVpcAttributes(stack, id, {
      vpcId: its, vpcCidrBlock: '10.0.0.0/16', availabilityZones: ['a'], isolatedSubnetIds: [`subnet-${id}`], isolatedSubnetRouteTableIds: ['rtb-1'],
    });
    const proxy = new SecurityGroup(stack, 'Proxy', { vpc: importing('Its', vpcId) });
    const egress = FlueSandboxEgress.proxy({ proxy, host: 'proxy.internal' });
    new FlueSandboxes(stack, 'Sandboxes', { vpc: importing('Ours', 'vpc-11111111'), sandbox: FlueSandbox.fargate({ image: sandboxImage(), egress }) });
    expect(Annotations.fromStack(stack).findWarning('/Test/Sandboxes', Match.stringLikeRegexp('in another VPC'))).toHaveLength(count);
  });

  test('in a stack that waits for that of the pool is refused', () => {
    const { stack, vpc } = world();
    const proxy = new SecurityGroup(new Stack(stack.node.root as App, 'Others', { env: ENV }), 'Proxy', { vpc });
    expect(() => pool({ egress: FlueSandboxEgress.proxy({ proxy, host: 'proxy.internal' }) }, { stack, vpc }))
      .toThrow('[Test/Sandboxes] `proxy` must not be in a stack that waits for this one, got: Others/Proxy, in a VPC of Test');
    const endpoint = new InterfaceVpcEndpoint(Stack.of(proxy), 'Mirror', { vpc, service: mirror() });
    expect(() => new FlueSandboxes(stack, 'Second', { vpc, sandbox: FlueSandbox.fargate({ image: sandboxImage(), egress: FlueSandboxEgress.vpcEndpoints({ endpoints: [endpoint] }) }) }))
      .toThrow('[Test/Second] `endpoints` must not be in a stack that waits for this one, got: Others/Mirror/SecurityGroup, in a VPC of Test');
  });
});

describe('VPC endpoints', () => {
  test('maximal', () => {
    const { stack, vpc } = world();
    const options: Required<FlueSandboxVpcEndpointOptions> = {
      services: { mirror: mirror(8443), bedrock: InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME },
      endpoints: [InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(stack, 'Docs', {
        vpcEndpointId: 'vpce-1', port: 443, securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'OfDocs', 'sg-0123456789abcdef0')],
      })],
    };
    new FlueSandboxes(stack, 'Sandboxes', { vpc, sandbox: FlueSandbox.fargate({ image: sandboxImage(), egress: FlueSandboxEgress.vpcEndpoints(options) }) });
    expectTemplateSnapshot(Template.fromStack(stack));
  });

  test('are made by a name that stays, in the subnets of the sandboxes', () => {
    const { stack, vpc, sandboxes } = pool({
      egress: FlueSandboxEgress.vpcEndpoints({ services: { mirror: mirror() } }), vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED, availabilityZones: ['eu-west-1a'] },
    });
    expect(Object.keys(sandboxes.interfaceEndpoints)).toEqual(['ecrApi', 'ecrDocker', 'logs', 'mirror']);
    expect(sandboxes.interfaceEndpoints.mirror.node.path).toBe('Test/Sandboxes/Egress/Service-mirror');
    expect(endpointsOf(stack, /vpce-svc/)).toEqual([expect.objectContaining({
      VpcEndpointType: 'Interface', PrivateDnsEnabled: false, SubnetIds: [stack.resolve(vpc.isolatedSubnets[0].subnetId)],
    })]);
  });

  test.each(['toString', 'constructor', 'valueOf'])('may have the name %s, which every object of JavaScript has', name => {
    const { sandboxes } = withServices({ services: { [name]: mirror() } });
    expect(Object.keys(sandboxes.interfaceEndpoints)).toContain(name);
  });

  test('are reached by one rule each, on the port of the service', () => {
    const { stack, sandboxes } = withServices({ services: { mirror: mirror(8443), bedrock: InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME } });
    const ports = opened(stack).filter(({ way }) => way === 'Egress').map(({ DestinationSecurityGroupId, FromPort, ToPort }) => [DestinationSecurityGroupId, FromPort, ToPort]);
    const groupOf = (name: string) => stack.resolve(sandboxes.interfaceEndpoints[name].connections.securityGroups[0].securityGroupId);
    expect(ports).toEqual([[groupOf('mirror'), 8443, 8443], [groupOf('bedrock'), 443, 443]]);
  });

  test('of AWS admit credentials of this account alone; those of anybody else take no policy', () => {
    const packages = new InterfaceVpcEndpointService('com.amazonaws.eu-west-1.codeartifact.repositories');
    const { stack } = withServices({ services: { mirror: mirror(), bedrock: InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME, packages } });
    const denied = (service: RegExp) => endpointsOf(stack, service).map(({ PolicyDocument }) => PolicyDocument?.Statement.at(-1));
    const toOthers = expect.objectContaining({ Effect: 'Deny', Condition: { StringNotEquals: { 'aws:PrincipalAccount': '111111111111' } } });
    expect(denied(/bedrock-runtime/)).toEqual([toOthers]);
    expect(denied(/codeartifact/)).toEqual([toOthers]);
    expect(denied(/vpce-svc/)).toEqual([undefined]);
  });

  test('of this app are found, whether made by name or by another pool', () => {
    const { stack, vpc } = world();
    new InterfaceVpcEndpoint(stack, 'Mirror', { vpc, service: mirror() });
    new InterfaceVpcEndpoint(stack, 'Other', { vpc, service: new InterfaceVpcEndpointService(`${MIRROR}1`) });
    const { sandboxes } = withServices({ services: { mirror: mirror(), names: InterfaceVpcEndpointAwsService.ECR } }, { stack, vpc });
    expect(endpointsOf(stack, /vpce-svc/)).toHaveLength(2);
    expect(endpointsOf(stack, /ecr\.api/)).toHaveLength(1);
    expect(Object.keys(sandboxes.interfaceEndpoints)).toEqual(['ecrApi', 'ecrDocker', 'logs']);
    expect(opened(stack).filter(({ way, DestinationSecurityGroupId }) => way === 'Egress' && /^Mirror/.test(DestinationSecurityGroupId['Fn::GetAtt'][0]))).toHaveLength(1);
  });

  test('that are passed keep their policies: a warning names one without', () => {
    const { stack, vpc } = world();
    const own = (id: string, service: IInterfaceVpcEndpointService) => new InterfaceVpcEndpoint(stack, id, { vpc, service });
    const limited = own('Limited', InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME);
    limited.addToPolicy(new PolicyStatement({ principals: [new AnyPrincipal()], actions: ['bedrock:*'], resources: ['*'] }));
    const imported = InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(stack, 'Imported', {
      vpcEndpointId: 'vpce-1', port: 443, securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')],
    });
    withServices({ endpoints: [limited, own('Open', InterfaceVpcEndpointAwsService.SSM), own('Mirror', mirror()), imported] }, { stack, vpc });
    const warned = (id: string) => Annotations.fromStack(stack)
      .findWarning('/Test/Sandboxes', Match.stringLikeRegexp(`knows of no policy on the VPC endpoint Test/${id}\\.`)).length;
    expect(['Limited', 'Open', 'Mirror', 'Imported'].map(warned)).toEqual([0, 1, 0, 1]);
    expect(endpointsOf(stack, /bedrock-runtime/)[0].PolicyDocument.Statement).toHaveLength(1);
  });

  test.each<[what: string, options: (stack: Stack, vpc: Vpc) => FlueSandboxVpcEndpointOptions, message: string]>([
    ['nothing', () => ({}), '`services` must name at least one service where there are no `endpoints`, got: none. Name one, or leave `egress` out'],
    ['an empty map', () => ({ services: {}, endpoints: [] }), '`services` must name at least one service where there are no `endpoints`'],
    ['a name that is no id', () => ({ services: { 'my-mirror': mirror() } }), '`services` must be a map by names of 1–64 letters and digits, with a letter first, got: my-mirror. Write it as in `mirror`'],
    ['a name that is too long', () => ({ services: { ['m'.repeat(65)]: mirror() } }), '`services` must be a map by names of 1–64 letters and digits'],
    ['a name of the pool', () => ({ services: { logs: mirror() } }), '`services` must have names of yours, got: logs, which is an endpoint that every pool has. Write another name'],
    ['a service twice', () => ({ services: { one: mirror(), two: mirror() } }), '`services` must name each service once, got: that of two twice. Leave the second one out'],
    ['an endpoint twice', (stack, vpc) => { const once = new InterfaceVpcEndpoint(stack, 'E', { vpc, service: mirror() }); return { endpoints: [once, once] }; }, '`endpoints` must name each once, got: Test/E twice'],
    ['an endpoint without a group', stack => ({ endpoints: [InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(stack, 'E', { vpcEndpointId: 'vpce-1', port: 443 })] }), '`endpoints` must have security groups that are known, got: Test/E without one. Import it with `securityGroups`'],
  ])('refuse %s, before anything exists', (_, options, message) => {
    const { stack, vpc } = world();
    expect(() => withServices(options(stack, vpc), { stack, vpc })).toThrow(`[Test/Sandboxes] ${message}`);
    expect(stack.node.findChild('Sandboxes').node.findAll().filter(child => 'cfnResourceType' in child)).toEqual([]);
  });

  test('leave the list of names to the user, who knows by which name commands call a service', () => {
    const domainsOf = (egress?: FlueSandboxEgress) => Object.values(Template.fromStack(pool({ egress, allowedDomains: ['mirror.example.com'] }).stack)
      .findResources('AWS::Route53Resolver::FirewallDomainList')).map(({ Properties }) => Properties.Domains);
    expect(domainsOf(FlueSandboxEgress.vpcEndpoints({ services: { mirror: mirror() } }))).toEqual(domainsOf());
  });

  test('take the longest name', () => {
    expect(() => withServices({ services: { ['m'.repeat(64)]: mirror() } })).not.toThrow();
  });

  test('refuse a VPC whose range is not known, unless they exist', () => {
    const stack = new Stack(new App(), 'Test', { env: ENV });
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], isolatedSubnetIds: ['subnet-1'], isolatedSubnetRouteTableIds: ['rtb-1'] });
    const existing = InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(stack, 'Endpoint', {
      vpcEndpointId: 'vpce-1', port: 443, securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')],
    });
    const endpoints = { ecrApi: existing, ecrDocker: existing, logs: existing };
    const given = (id: string, options: FlueSandboxVpcEndpointOptions) => () => new FlueSandboxes(stack, id, {
      vpc, sandbox: FlueSandbox.fargate({ image: sandboxImage(), endpoints, egress: FlueSandboxEgress.vpcEndpoints(options) }),
    });
    expect(given('One', { services: { mirror: mirror() } })).toThrow('[Test/One] `vpc` must have a range that is known for the VPC endpoints of the sandboxes, got: Test/Vpc without `vpcCidrBlock`. '
      + 'Import it with `vpcCidrBlock`, or pass endpoints that exist in `endpoints` of the egress');
    expect(given('Two', { endpoints: [existing] })).not.toThrow();
  });

  test('of another VPC are a warning', () => {
    const { stack, vpc } = world();
    const other = new Vpc(stack, 'Other', { natGateways: 0 });
    const mirrors = Object.entries({ Far: other, Near: vpc })
      .map(([id, its]) => new InterfaceVpcEndpoint(stack, id, { vpc: its, service: mirror() }));
    withServices({ endpoints: mirrors }, { stack, vpc });
    const elsewhere = Annotations.fromStack(stack).findWarning('/Test/Sandboxes', Match.stringLikeRegexp('is in another VPC'));
    expect(elsewhere.map(({ entry }) => /(\S+) is in/.exec(String(entry.data))?.[1])).toEqual(['Test/Far']);
  });
});

describe('FlueChecks', () => {
  test.each([
    ['a proxy', () => behindProxy()], ['endpoints', () => withServices({ services: { mirror: mirror(), bedrock: InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME } })],
  ])('take %s for a part of the fence, and what is open beyond it for a hole', (_, make) => {
    const { stack, sandboxes } = make();
    expect(findings(stack)).toEqual([]);
    sandboxes.connections.allowToAnyIpv4(Port.tcp(443));
    expect(findings(stack)).toEqual([expect.stringContaining('the sandboxes may reach 0.0.0.0/0')]);
  });

  test('find a password of a proxy that an escape hatch writes', () => {
    const { stack, sandboxes } = behindProxy();
    sandboxes.container.addEnvironment('ALL_PROXY', 'socks5h://agent:hunter2@proxy.internal:1080');
    expect(findings(stack)).toEqual([expect.stringContaining('ALL_PROXY stands in plain text in container sandbox: its value looks like a URL with a password')]);
  });
});
