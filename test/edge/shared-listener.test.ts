import { App, Duration, Lazy, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener, ApplicationLoadBalancer, ApplicationProtocol, ListenerAction, ListenerCondition, SslPolicy, type IApplicationListener,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { brokenRules, certificateIn, newStack, oidcIn, serve, webAclIn } from './support';
import {
  FlueEc2Service, FlueExposure, FlueFargateService, type FlueFargateServiceProps, type FlueListenerOptions,
} from '../../src';
import { deployTimeDuration, imageOf, refusalOf, timersOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

const ARN = 'arn:aws:elasticloadbalancing:eu-central-1:111111111111:listener/app/shared/50dc6c495c0c9188/f2f7dc8efc522ab2';
const HOST = ListenerCondition.hostHeaders(['agents.example.com']);
const OPTIONS: FlueListenerOptions = { conditions: [HOST], priority: 10, idleTimeout: Duration.seconds(300) };

/** The HTTPS listener of a load balancer that several teams share. */
function listenerIn(stack: Stack, { https = true, idleTimeout = 300, port }: { https?: boolean; idleTimeout?: number; port?: number } = {}) {
  const loadBalancer = new ApplicationLoadBalancer(stack, 'Shared', {
    vpc: new Vpc(stack, 'Net', { maxAzs: 2 }), internetFacing: true, idleTimeout: Duration.seconds(idleTimeout), dropInvalidHeaderFields: true,
  });
  return loadBalancer.addListener('Listener', {
    port: port ?? (https ? 443 : 80),
    protocol: https ? ApplicationProtocol.HTTPS : ApplicationProtocol.HTTP,
    open: false,
    certificates: https ? [certificateIn(stack)] : undefined,
    defaultAction: ListenerAction.fixedResponse(404),
  });
}

function importedIn(stack: Stack): IApplicationListener {
  return ApplicationListener.fromApplicationListenerAttributes(stack, 'Imported', {
    listenerArn: ARN, securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'TheirGroup', 'sg-12345678'),
  });
}

function importedVpc(stack: Stack): IVpc {
  return Vpc.fromVpcAttributes(stack, 'TheirNet', {
    vpcId: 'vpc-11111111',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    publicSubnetIds: ['subnet-11111111', 'subnet-22222222'],
    publicSubnetRouteTableIds: ['rtb-11111111', 'rtb-22222222'],
  });
}

type Props = Partial<FlueFargateServiceProps>;

function share(stack: Stack, listener: IApplicationListener, options: Partial<FlueListenerOptions> = {}, props: Props = {}) {
  return serve(stack, { exposure: FlueExposure.throughListener(listener, { ...OPTIONS, ...options }), ...props });
}

test.each<[number, number | undefined, number]>([
  [300, undefined, 300], [599, undefined, 599], [600, undefined, 600], [601, undefined, 600], [4000, undefined, 600], [1200, 900, 900],
])('an idle timeout of %d s and a run of %p s leave a longest run of %d s', (idleTimeout, longestRun, expected) => {
  const stack = newStack();
  const exposure = FlueExposure.throughListener(listenerIn(stack, { idleTimeout }), { ...OPTIONS, idleTimeout: Duration.seconds(idleTimeout) });
  const stated = exposure._strategy.timers(stack, { longestRun: longestRun === undefined ? undefined : Duration.seconds(longestRun) });
  const timers = timersOf(stack, stated);
  expect([timers.longestRun.toSeconds(), timers.idleTimeout.toSeconds()]).toEqual([expected, idleTimeout]);
});

describe('snapshots', () => {
  test('minimal, through a listener of another app', () => {
    const stack = newStack();
    expectTemplateSnapshot(share(stack, importedIn(stack), { url: 'https://agents.example.com' }, { vpc: importedVpc(stack) }).template);
  });

  test('maximal, through a listener of this app', () => {
    const stack = newStack();
    const hostedZone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
    const conditions = [HOST, ListenerCondition.pathPatterns(['/team-a/*'])];
    expectTemplateSnapshot(share(stack, listenerIn(stack), { conditions, url: 'https://agents.example.com/team-a' }, {
      auth: oidcIn(stack), domainName: 'agents.example.com', hostedZone, longestRun: Duration.seconds(240),
    }).template);
  });
});

describe('a service through a listener', () => {
  test('makes a target group and a rule, and no load balancer', () => {
    const stack = newStack();
    const { template, service } = share(stack, listenerIn(stack));
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 1);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::Listener', 1);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      Priority: 10,
      Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: ['agents.example.com'] } }],
      Actions: [{ Type: 'forward', TargetGroupArn: stack.resolve(service.targetGroup.targetGroupArn) }],
    });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      TargetType: 'ip', Port: 8080, HealthCheckPath: '/health', TargetGroupAttributes: Match.arrayWith([{ Key: 'deregistration_delay.timeout_seconds', Value: '15' }]),
    });
    expect(service.listenerRule).toBeDefined();
  });

  test('runs in the VPC of the load balancer', () => {
    const stack = newStack();
    const listener = listenerIn(stack);
    const { service, template } = share(stack, listener);
    expect(service.vpc).toBe(listener.loadBalancer.vpc);
    template.resourceCountIs('AWS::EC2::VPC', 1);
  });

  test.each<[string, (stack: Stack) => [IApplicationListener, Props]]>([
    ['this app', stack => [listenerIn(stack), {}]],
    ['another app', stack => [importedIn(stack), { vpc: importedVpc(stack) }]],
  ])('admits the load balancer of %s to the tasks, and nobody else', (_what, listenerOf) => {
    const stack = newStack();
    const [listener, props] = listenerOf(stack);
    const { template } = share(stack, listener, { url: 'https://agents.example.com' }, props);
    const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties);
    expect(rules).toEqual([expect.objectContaining({
      FromPort: 8080, ToPort: 8080, SourceSecurityGroupId: stack.resolve(listener.connections.securityGroups[0].securityGroupId),
    })]);
  });

  test('waits for its rule', () => {
    const stack = newStack();
    const { template } = share(stack, listenerIn(stack));
    const [service] = Object.values(template.findResources('AWS::ECS::Service'));
    expect(service.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/ListenerRule/)]));
  });

  test('follows the idle timeout of the load balancer', () => {
    const stack = newStack();
    const { template } = share(stack, listenerIn(stack));
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({
        Environment: Match.arrayWith([{ Name: 'NODE_OPTIONS', Value: Match.stringLikeRegexp('keepAliveTimeout=310000') }]),
      })],
    });
  });

  test('works across stacks, in both orders', () => {
    for (const names of [['Run', 'Edge'], ['Edge', 'Run']]) {
      const app = new App();
      const stacks = Object.fromEntries(names.map(name => [name, new Stack(app, name, { env: { region: 'eu-central-1' } })]));
      const listener = listenerIn(stacks.Edge);
      new FlueFargateService(stacks.Run, 'Agents', { image: imageOf(stacks.Run), exposure: FlueExposure.throughListener(listener, OPTIONS) });
      expect(() => app.synth()).not.toThrow();
    }
  });

  test('has neighbours behind one load balancer', () => {
    const stack = newStack();
    const listener = listenerIn(stack);
    for (const [index, name] of ['A', 'B'].entries()) {
      const conditions = [ListenerCondition.pathPatterns([`/team-${name}/*`])];
      new FlueFargateService(stack, name, {
        image: imageOf(new Stack(new App())), exposure: FlueExposure.throughListener(listener, { ...OPTIONS, conditions, priority: index + 1 }),
      });
    }
    Template.fromStack(stack).resourceCountIs('AWS::ElasticLoadBalancingV2::ListenerRule', 2);
    expect(brokenRules(stack)).toEqual([]);
  });

  test('throws a sentence for what it has not made, and raises no alarm of it', () => {
    const stack = newStack();
    const { service } = share(stack, listenerIn(stack));
    const sentence = 'must be of a load balancer of the service\'s own, got: FlueExposure.throughListener(…). Use the listener that you passed there';
    expect(refusalOf(() => service.loadBalancer)).toContain(`\`loadBalancer\` ${sentence}`);
    expect(refusalOf(() => service.listener)).toContain(`\`listener\` ${sentence}`);
    expect(refusalOf(() => service.metricLoadBalancer5xx())).toContain(sentence);
    expect(service.addAlarms().map(({ node }) => node.id)).toEqual(['Memory', 'Cpu', 'RunningTasks', 'UnhealthyHosts', 'ServerErrors']);
    expect(service.metric5xx().statistic).toBe('Sum');
  });

  test('asks for a sign-in by its rule', () => {
    const stack = newStack();
    share(stack, listenerIn(stack), {}, { auth: oidcIn(stack) }).template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      Actions: [Match.objectLike({ Type: 'authenticate-oidc', Order: 1 }), Match.objectLike({ Type: 'forward', Order: 2 })],
    });
  });

  test('gets a record in its zone', () => {
    const stack = newStack();
    const hostedZone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
    const { template, service } = share(stack, listenerIn(stack), { conditions: [ListenerCondition.hostHeaders(['*.example.com'])] }, {
      hostedZone, domainName: 'agents.example.com',
    });
    template.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'agents.example.com.', Type: 'A' });
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    expect(service.url).toBe('https://agents.example.com');
  });
});

describe('the address', () => {
  const urlOf = (stack: Stack, listener: IApplicationListener, options: Partial<FlueListenerOptions> = {}, props: Props = {}) =>
    share(stack, listener, options, props).service.url;

  test('is the one given', () => {
    const stack = newStack();
    expect(urlOf(stack, importedIn(stack), { url: 'https://example.com/edge' }, { vpc: importedVpc(stack) })).toBe('https://example.com/edge');
  });

  test('is the host of the conditions, with a port that is unusual', () => {
    const stack = newStack();
    expect(urlOf(stack, listenerIn(stack, { port: 8443 }))).toBe('https://agents.example.com:8443');
  });

  test('is the name of the load balancer where the host is a pattern', () => {
    const stack = newStack();
    const listener = listenerIn(stack, { https: false });
    expect(urlOf(stack, listener, { conditions: [ListenerCondition.hostHeaders(['*.example.com'])] })).toBe(`http://${listener.loadBalancer.loadBalancerDnsName}`);
  });
});

test('the rule has no tags, which the default rules of aws-cdk-lib refuse', () => {
  const stack = newStack();
  Tags.of(stack.node.root).add('team', 'agents');
  const { template } = share(stack, listenerIn(stack));
  expect(Object.values(template.findResources('AWS::ElasticLoadBalancingV2::ListenerRule')).map(({ Properties }) => Properties.Tags)).toEqual([undefined]);
});

describe('plain HTTP', () => {
  test.each([[true, 0], [false, 1]])('is warned of once where the listener speaks it: HTTPS %s', (https, count) => {
    const stack = newStack();
    share(stack, listenerIn(stack, { https }));
    expect(Annotations.fromStack(stack).findWarning('/Test/Agents', Match.stringLikeRegexp('plain HTTP'))).toHaveLength(count);
    expect(brokenRules(stack)).toEqual([]);
  });
});

describe('FlueChecks', () => {
  test.each<[string, (stack: Stack) => [IApplicationListener, Props], string[]]>([
    ['of this app', stack => [listenerIn(stack), {}], []],
    ['of another app', stack => [importedIn(stack), { vpc: importedVpc(stack) }], []],
    ['of plain HTTP', stack => [listenerIn(stack, { https: false }), {}], ['Flue-EncryptedTransport']],
    ['whose load balancer waits longer than was said', stack => [listenerIn(stack, { idleTimeout: 400 }), {}], ['Flue-KeepAliveAboveIdleTimeout']],
    ['whose load balancer waits shorter than was said', stack => [listenerIn(stack, { idleTimeout: 100 }), {}], ['Flue-IdleTimeout']],
  ])('judge a listener %s', (_what, listenerOf, expected) => {
    const stack = newStack();
    const [listener, props] = listenerOf(stack);
    share(stack, listener, { url: 'https://agents.example.com' }, props);
    expect(brokenRules(stack)).toEqual(expected);
  });
});

describe('is refused before the first resource', () => {
  type Given = { listener?: IApplicationListener; options?: Partial<FlueListenerOptions>; props?: Props };
  const zone = (stack: Stack) => HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
  const cases: [string, (stack: Stack) => Given, RegExp][] = [
    ['no condition', () => ({ options: { conditions: [] } }), /`conditions` must hold a host or a path, got: none\. Add/],
    ['conditions that tell nobody apart', () => ({ options: { conditions: [ListenerCondition.sourceIps(['203.0.113.0/24'])] } }), /got: source-ip\./],
    ['priority 0', () => ({ options: { priority: 0 } }), /`priority` must be a whole number from 1 to 50000, got: 0/],
    ['priority 50001', () => ({ options: { priority: 50001 } }), /got: 50001/],
    ['a part of a priority', () => ({ options: { priority: 1.5 } }), /got: 1\.5/],
    ['a longer run', () => ({ props: { longestRun: Duration.seconds(301) } }), /`idleTimeout` must be at least `longestRun` \(301 s\), got: 300 s/],
    ['an idle timeout below the heartbeat', () => ({ options: { idleTimeout: Duration.seconds(15) } }), /`idleTimeout` must be 16–4000 whole seconds, above the 15 s stream heartbeat, got: 15 s/],
    ['a second idle timeout', () => ({ props: { idleTimeout: Duration.seconds(300) } }), /`idleTimeout` must be left out with FlueExposure\.throughListener\(…\), got: one\. .+ idle timeout .+ exposure/],
    ['a certificate', stack => ({ props: { certificate: certificateIn(stack, 'eu-west-1') } }), /`certificate` must be left out with .+ It belongs to the load balancer/],
    ['a policy', () => ({ props: { sslPolicy: SslPolicy.TLS13_13 } }), /`sslPolicy` must be left out/],
    ['access logs', () => ({ props: { accessLogs: true } }), /`accessLogs` must be left out/],
    ['a bucket', stack => ({ props: { accessLogsBucket: new Bucket(stack, 'Logs') } }), /`accessLogsBucket` must be left out/],
    ['a web ACL', stack => ({ props: { webAcl: webAclIn(stack, 'REGIONAL') } }), /`webAcl` must be left out/],
    ['deletion protection', () => ({ props: { loadBalancerDeletionProtection: true } }), /`loadBalancerDeletionProtection` must be left out/],
    ['a sign-in on plain HTTP', stack => ({ listener: listenerIn(stack, { https: false }), props: { auth: oidcIn(stack) } }), /`auth` must come with a listener of HTTPS/],
    ['public paths', stack => ({ props: { auth: oidcIn(stack, { publicPaths: ['/webhooks/*'] }) } }), /`publicPaths` must be empty with .+, got: \/webhooks\/\*\. Add an `ApplicationListenerRule`/],
    ['a domain without a zone', () => ({ props: { domainName: 'agents.example.com' } }), /`hostedZone` must be given with `domainName`/],
    ['a domain that no rule matches', stack => ({ props: { domainName: 'other.example.com', hostedZone: zone(stack) } }), /`domainName` must be a host of `conditions` \(agents\.example\.com\), got: other/],
    ['a record for a load balancer of another app', stack => ({
      listener: importedIn(stack), options: { url: 'https://x.example.com' }, props: { vpc: importedVpc(stack), domainName: 'agents.example.com', hostedZone: zone(stack) },
    }), /`domainName` must come with a load balancer that this app makes/],
    ['a listener of another app without a URL', stack => ({ listener: importedIn(stack), props: { vpc: importedVpc(stack) } }), /`url` must be given with the listener of another app, got: none/],
    ['a listener of another app without a VPC', stack => ({ listener: importedIn(stack), options: { url: 'https://x.example.com' } }), /`vpc` must be given with a listener whose VPC is not known/],
    ['a URL without a scheme', () => ({ options: { url: 'agents.example.com' } }), /`url` must be an address that begins with http:\/\/ or https:\/\/ and ends without a slash, without user and password, got: agents\.example\.com/],
    ['a URL with a slash at its end', () => ({ options: { url: 'https://agents.example.com/' } }), /got: https:\/\/agents\.example\.com\//],
    ['another VPC', stack => ({ props: { vpc: new Vpc(stack, 'Other', { maxAzs: 2 }) } }), /`exposure` must be in the VPC of `vpc` \(Test\/Other\), got: one in Test\/Net/],
  ];

  test.each(cases)('%s', (_what, given, message) => {
    const stack = newStack();
    const { listener, options, props } = given(stack);
    expect(refusalOf(() => share(stack, listener ?? listenerIn(stack), options, props))).toMatch(message);
    expect(stack.node.findChild('Agents').node.children).toHaveLength(0);
  });

  test('a box', () => {
    const stack = newStack();
    const exposure = FlueExposure.throughListener(listenerIn(stack), OPTIONS);
    expect(refusalOf(() => new FlueEc2Service(stack, 'Box', { image: imageOf(stack), exposure })))
      .toContain('`exposure` must name who may connect, got: FlueExposure.throughListener(…). The box has no load balancer');
    expect(exposure).toMatchObject({ internetFacing: false, peers: [] });
  });

  test.each<[string, Partial<FlueListenerOptions>, Props]>([
    ['priority 1', { priority: 1 }, {}],
    ['priority 50000', { priority: 50000 }, {}],
    ['a priority known only at deployment', { priority: Lazy.number({ produce: () => 7 }) }, {}],
    ['a run as long as the idle timeout', {}, { longestRun: Duration.seconds(300) }],
    ['an idle timeout known only at deployment', { idleTimeout: deployTimeDuration() }, {}],
    ['a URL known only at deployment', { url: Lazy.string({ produce: () => 'https://later.example.com' }) }, {}],
    ['a path beside other conditions', { conditions: [ListenerCondition.sourceIps(['203.0.113.0/24']), ListenerCondition.pathPatterns(['/a/*'])] }, {}],
  ])('but not %s', (_what, options, props) => {
    const stack = newStack();
    expect(refusalOf(() => share(stack, listenerIn(stack), options, props))).toBe('');
  });
});
