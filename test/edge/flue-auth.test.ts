import { CfnParameter, Duration, Lazy, Stack, Tags } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { UserPool, UserPoolClient, UserPoolDomain } from 'aws-cdk-lib/aws-cognito';
import { brokenRules, certificateIn, newStack, oidcIn, serve } from './support';
import { FlueAuth, FlueExposure, type FlueCognitoAuthOptions, type FlueOidcAuthOptions } from '../../src';
import { refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

function cognito(stack: Stack, props: Partial<FlueCognitoAuthOptions> = {}, generateSecret?: boolean): FlueAuth {
  const userPool = UserPool.fromUserPoolId(stack, 'Users', 'eu-central-1_abc');
  return FlueAuth.cognito({
    userPool,
    userPoolClient: generateSecret === undefined ? UserPoolClient.fromUserPoolClientId(stack, 'Client', 'client')
      : new UserPoolClient(stack, 'Client', { userPool, generateSecret }),
    userPoolDomain: UserPoolDomain.fromDomainName(stack, 'Domain', 'agents'),
    ...props,
  });
}

const KINDS: [string, (stack: Stack, props?: { publicPaths?: string[]; sessionTimeout?: Duration; scope?: string }) => FlueAuth][] = [
  ['cognito', cognito], ['oidc', oidcIn],
];

function signIn(auth: FlueAuth, stack: Stack, props = {}): Template {
  return serve(stack, { auth, certificate: certificateIn(stack), ...props }).template;
}

function rulesOf(template: Template) {
  return Object.values(template.findResources('AWS::ElasticLoadBalancingV2::ListenerRule')).map(({ Properties }) => ({
    priority: Properties.Priority, paths: Properties.Conditions[0].PathPatternConfig.Values, action: Properties.Actions[0].Type,
  }));
}

describe('snapshots', () => {
  test('maximal sign-in by cognito', () => {
    const stack = newStack();
    expectTemplateSnapshot(signIn(cognito(stack, {
      publicPaths: ['/webhooks/*'], sessionTimeout: Duration.hours(8), scope: 'openid email',
    }), stack));
  });

  test('maximal sign-in by oidc', () => {
    const stack = newStack();
    expectTemplateSnapshot(signIn(oidcIn(stack, {
      publicPaths: ['/webhooks/*'], sessionTimeout: Duration.hours(8), scope: 'openid email', clientSecretField: 'secret',
    }), stack));
  });
});

describe.each(KINDS)('a sign-in by %s', (kind, authOf) => {
  test('stands before the server, and lets the health check pass', () => {
    const stack = newStack();
    const template = signIn(authOf(stack), stack);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Protocol: 'HTTPS',
      DefaultActions: [Match.objectLike({ Type: `authenticate-${kind}`, Order: 1 }), Match.objectLike({ Type: 'forward', Order: 2 })],
    });
    expect(rulesOf(template)).toEqual([{ priority: 1, paths: ['/health'], action: 'forward' }]);
  });

  test('gives the load balancer a way to the identity provider, and nothing else a new one', () => {
    const stack = newStack();
    const ways = (template: Template) => Object.values(template.findResources('AWS::EC2::SecurityGroup'))
      .filter(({ Properties }) => Properties.GroupDescription === 'Load balancer of a Flue server')
      .flatMap(({ Properties }) => Properties.SecurityGroupEgress ?? []).map(({ CidrIp, FromPort, ToPort }) => `${CidrIp} ${FromPort}-${ToPort}`);
    expect(ways(signIn(authOf(stack), stack))).toEqual(['0.0.0.0/0 443-443']);
    const without = newStack();
    expect(ways(serve(without, { certificate: certificateIn(without) }).template)).toEqual([]);
  });

  test('has rules without tags, which the default rules of aws-cdk-lib refuse', () => {
    const stack = newStack();
    Tags.of(stack.node.root).add('team', 'agents');
    const template = signIn(authOf(stack), stack);
    expect(Object.values(template.findResources('AWS::ElasticLoadBalancingV2::ListenerRule')).map(({ Properties }) => Properties.Tags)).toEqual([undefined]);
  });

  test('exempts a path once that is named twice, or is that of the health check', () => {
    const stack = newStack();
    const template = signIn(authOf(stack, { publicPaths: ['/a', '/health', '/a'] }), stack, { healthCheckPath: '/health?deep=yes' });
    expect(rulesOf(template)).toEqual([{ priority: 1, paths: ['/health', '/a'], action: 'forward' }]);
  });

  test('exempts paths, five to a rule', () => {
    const stack = newStack();
    const template = signIn(authOf(stack, { publicPaths: ['/a', '/b/*', '/c', '/d', '/e?'] }), stack, { healthCheckPath: '/health?deep=yes' });
    expect(rulesOf(template)).toEqual([
      { priority: 1, paths: ['/health', '/a', '/b/*', '/c', '/d'], action: 'forward' },
      { priority: 2, paths: ['/e?'], action: 'forward' },
    ]);
  });

  test.each([
    ['without HTTPS', {}, /`auth` must come with a certificate, got: plain HTTP/, false],
    ['with a path that is none', { publicPaths: ['webhooks'] }, /`publicPaths` must begin with a slash, got: webhooks/, true],
    ['with an empty path', { publicPaths: [''] }, /`publicPaths` must begin with a slash, got: an empty path/, true],
    ['with a query', { publicPaths: ['/hook?a=b'] }, /must be at most 128 letters, .+ got: \/hook\?a=b/, true],
    ['with a long path', { publicPaths: [`/${'a'.repeat(128)}`] }, /must be at most 128 letters/, true],
    ['with a list known only at deployment', { publicPaths: new CfnParameter(newStack(), 'Paths', { type: 'CommaDelimitedList' }).valueAsList },
      /`publicPaths` must be a list whose length is known at synthesis, got: one known only at deployment\. A rule takes 5 paths/, true],
    ['with every path', { publicPaths: ['/*'] }, /`publicPaths` must .*, got: \/\*/, true],
    ['with every path, longer', { publicPaths: ['/?**'] }, /`publicPaths` must .*, got: \/\?\*\*/, true],
    ['with no session', { sessionTimeout: Duration.seconds(0) }, /`sessionTimeout` must be 1–604800 whole seconds, got: 0 s/, true],
    ['with a session too long', { sessionTimeout: Duration.seconds(604801) }, /got: 604801 s/, true],
  ])('is refused %s, before a resource exists', (_what, props, message, https) => {
    const stack = newStack();
    const auth = authOf(stack, props);
    expect(refusalOf(() => serve(stack, { auth, certificate: https ? certificateIn(stack) : undefined }))).toMatch(message);
    expect(stack.node.findChild('Agents').node.children).toHaveLength(0);
  });

  test.each([
    { publicPaths: [`/${'a'.repeat(127)}`] },
    { publicPaths: [Lazy.string({ produce: () => 'known later' })] },
    { sessionTimeout: Duration.seconds(1) },
    { sessionTimeout: Duration.days(7) },
  ])('takes %j', props => {
    const stack = newStack();
    expect(refusalOf(() => signIn(authOf(stack, props), stack))).toBe('');
  });

  test('takes a session known only at deployment', () => {
    const stack = newStack();
    const seconds = new CfnParameter(stack, 'Session', { type: 'Number' });
    const template = signIn(authOf(stack, { sessionTimeout: Duration.seconds(seconds.valueAsNumber) }), stack);
    expect(JSON.stringify(template.findResources('AWS::ElasticLoadBalancingV2::Listener'))).toContain('"SessionTimeout":{"Ref":"Session"}');
  });

  test('is refused with a health check that no rule can match', () => {
    const stack = newStack();
    expect(refusalOf(() => signIn(authOf(stack), stack, { healthCheckPath: '/health;v=1' }))).toContain('`healthCheckPath` must be at most 128 letters');
  });

  test('leaves FlueChecks silent', () => {
    const stack = newStack();
    signIn(authOf(stack), stack, { exposure: FlueExposure.internal() });
    expect(brokenRules(stack)).toEqual([]);
  });
});

describe('a client of Cognito', () => {
  test('without a secret is refused', () => {
    const stack = newStack();
    expect(refusalOf(() => signIn(cognito(stack, {}, false), stack))).toContain('`userPoolClient` must have a secret, got: one without');
  });

  test('with a secret is taken', () => {
    const stack = newStack();
    expect(refusalOf(() => signIn(cognito(stack, {}, true), stack))).toBe('');
  });
});

describe('a client of OpenID Connect', () => {
  test.each<[keyof FlueOidcAuthOptions]>([['issuer'], ['authorizationEndpoint'], ['tokenEndpoint'], ['userInfoEndpoint']])('is refused with an %s without TLS', prop => {
    const stack = newStack();
    expect(refusalOf(() => signIn(oidcIn(stack, { [prop]: 'http://idp.example.com' }), stack)))
      .toContain(`\`${prop}\` must be a URL that begins with https://, without user and password, got: http://idp.example.com`);
  });

  test.each([
    [undefined, ':SecretString:::}}'],
    ['client_secret', ':SecretString:client_secret::}}'],
  ])('has its secret by reference, with the field %s', (clientSecretField, end) => {
    const stack = newStack();
    const [{ Properties }] = Object.values(signIn(oidcIn(stack, { clientSecretField }), stack)
      .findResources('AWS::ElasticLoadBalancingV2::Listener', { Properties: { Protocol: 'HTTPS' } }));
    const secret = JSON.stringify(Properties.DefaultActions[0].AuthenticateOidcConfig.ClientSecret);
    expect(secret).toContain('{{resolve:secretsmanager:');
    expect(secret).toContain(end);
  });

  test('takes endpoints known only at deployment', () => {
    const stack = newStack();
    expect(refusalOf(() => signIn(oidcIn(stack, { issuer: Lazy.string({ produce: () => 'later' }) }), stack))).toBe('');
  });
});
