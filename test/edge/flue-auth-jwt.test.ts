import { Duration, Lazy, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { brokenRules, certificateIn, newStack, serve } from './support';
import { FlueAuth, FlueExposure, FlueFargateService, FlueJwtClaim, type FlueFargateServiceProps, type FlueJwtAuthOptions } from '../../src';
import { imageOf, refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

const ISSUER = { issuer: 'https://id.example.com', jwksEndpoint: 'https://id.example.com/keys' };
const AUDIENCE = FlueJwtClaim.singleString('aud', 'agents');
const EVERY_TOKEN = 'cdk-flue:FlueAuth.everyTokenOfIssuer';

function admit(stack: Stack, jwt: Partial<FlueJwtAuthOptions> = {}, props: Partial<FlueFargateServiceProps> = {}) {
  return serve(stack, { auth: FlueAuth.jwt({ ...ISSUER, claims: [AUDIENCE], ...jwt }), certificate: certificateIn(stack), ...props }).template;
}

test('snapshots: maximal tokens', () => {
  const stack = newStack();
  const auth = FlueAuth.jwt({
    issuer: 'https://id.example.com',
    jwksEndpoint: 'https://id.example.com/keys',
    publicPaths: ['/webhooks/*'],
    claims: [AUDIENCE, FlueJwtClaim.spaceSeparatedValues('scope', 'agents/prompt', 'agents/read'), FlueJwtClaim.stringArray('roles', 'operator')],
  });
  expectTemplateSnapshot(serve(stack, { auth, certificate: certificateIn(stack) }).template);
});

test('tokens are judged before the server, and the health check passes', () => {
  const template = admit(newStack());
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
    Protocol: 'HTTPS',
    DefaultActions: [
      {
        Type: 'jwt-validation',
        Order: 1,
        JwtValidationConfig: {
          Issuer: 'https://id.example.com',
          JwksEndpoint: 'https://id.example.com/keys',
          AdditionalClaims: [{ Name: 'aud', Format: 'single-string', Values: ['agents'] }],
        },
      },
      Match.objectLike({ Type: 'forward', Order: 2 }),
    ],
  });
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/health'] } }],
    Actions: [Match.objectLike({ Type: 'forward' })],
  });
});

test('the load balancer reaches the keys of the issuer', () => {
  admit(newStack()).hasResourceProperties('AWS::EC2::SecurityGroup', {
    GroupDescription: 'Load balancer of a Flue server',
    SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 })],
  });
});

test('a rule of a shared listener asks for tokens, too', () => {
  const stack = newStack();
  const image = imageOf(stack);
  const owner = new FlueFargateService(stack, 'Owner', { image, certificate: certificateIn(stack) });
  new FlueFargateService(stack, 'Guest', {
    image,
    vpc: owner.cluster.vpc,
    auth: FlueAuth.jwt({ ...ISSUER, claims: [AUDIENCE] }),
    exposure: FlueExposure.throughListener(owner.listener, {
      conditions: [ListenerCondition.hostHeaders(['guest.example.com'])], priority: 7, idleTimeout: Duration.minutes(11),
    }),
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
    Priority: 7, Actions: [Match.objectLike({ Type: 'jwt-validation', Order: 1 }), Match.objectLike({ Type: 'forward', Order: 2 })],
  });
  template.hasResourceProperties('AWS::EC2::SecurityGroup', { SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443 })] });
});

describe('tokens that nothing tells apart', () => {
  test('are warned of', () => {
    const stack = newStack();
    admit(stack, { claims: undefined });
    Annotations.fromStack(stack).hasWarning('/Test/Agents', Match.stringLikeRegexp('\\[ack: cdk-flue:FlueAuth.everyTokenOfIssuer\\]'));
    expect(stack.node.findChild('Agents').node.metadata.map(({ data }) => `${data}`).join()).toContain(EVERY_TOKEN);
  });

  test('are not warned of where a claim does', () => {
    const stack = newStack();
    admit(stack);
    Annotations.fromStack(stack).hasNoWarning('/Test/Agents', Match.stringLikeRegexp('FlueAuth.everyTokenOfIssuer'));
  });

  test('are no server without authentication, and no empty list in the template', () => {
    const stack = newStack();
    const template = admit(stack, { claims: [] });
    expect(JSON.stringify(template.toJSON())).not.toContain('AdditionalClaims');
    Annotations.fromStack(stack).hasNoWarning('/Test/Agents', Match.stringLikeRegexp('FlueService.publicWithoutAuthentication'));
  });
});

const WORDS = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`);

describe('before a resource exists', () => {
  test.each<[string, Partial<FlueJwtAuthOptions>, string]>([
    ['an issuer without TLS', { issuer: 'http://id.example.com' }, '`issuer` must be a URL that begins with https://, without user and password, of at most 256 characters, got: http://id.example.com'],
    ['keys without TLS', { jwksEndpoint: 'id.example.com/keys' }, '`jwksEndpoint` must be a URL that begins with https://, without user and password, of at most 256 characters, got: id.example.com/keys'],
    ['a long issuer', { issuer: `https://${'i'.repeat(249)}` }, 'of at most 256 characters, got: https://iii'],
    ['long keys', { jwksEndpoint: `https://${'k'.repeat(249)}` }, 'of at most 256 characters, got: https://kkk'],
    ['eleven claims', { claims: WORDS(11).map(word => FlueJwtClaim.singleString(word, 'x')) }, '`claims` must be at most 10, got: 11'],
    ...['exp', 'iss', 'nbf', 'iat'].map((name): [string, Partial<FlueJwtAuthOptions>, string] => [
      `the claim ${name}`, { claims: [FlueJwtClaim.singleString(name, 'x')] }, `\`claims\` must have a name in one line other than exp, iss, nbf, iat, got: ${name}`,
    ]),
    ['a claim without a name', { claims: [FlueJwtClaim.singleString('', 'x')] }, 'got: an empty name'],
    ['a claim without a value', { claims: [FlueJwtClaim.stringArray('roles')] }, '`claims` must have 1–10 values each, got: 0 for roles'],
    ['eleven values', { claims: [FlueJwtClaim.stringArray('roles', ...WORDS(11))] }, 'got: 11 for roles'],
    ['an empty value', { claims: [FlueJwtClaim.singleString('aud', '')] }, '`claims` must have values of 1–256 characters in one line, got: an empty one for aud'],
    ['a long value', { claims: [FlueJwtClaim.singleString('aud', 'a'.repeat(257))] }, '`claims` must have values of 1–256 characters in one line, got: aaa'],
    ['words in one value', { claims: [FlueJwtClaim.spaceSeparatedValues('scope', 'read write')] }, 'of 1–256 characters in one line without a space, got: read write for scope'],
    ['a path that is none', { publicPaths: ['hook'] }, '`publicPaths` must begin with a slash, got: hook'],
  ])('%s is refused', (_what, jwt, message) => {
    const stack = newStack();
    expect(refusalOf(() => admit(stack, jwt))).toContain(message);
    expect(stack.node.findChild('Agents').node.children).toHaveLength(0);
  });

  test('plain HTTP is refused', () => {
    const stack = newStack();
    expect(refusalOf(() => admit(stack, {}, { certificate: undefined }))).toContain('`auth` must come with a certificate, got: plain HTTP');
    expect(stack.node.findChild('Agents').node.children).toHaveLength(0);
  });
});

test.each<[string, Partial<FlueJwtAuthOptions>]>([
  ['URLs of 256 characters', { issuer: `https://${'i'.repeat(248)}`, jwksEndpoint: `https://${'k'.repeat(248)}` }],
  ['URLs known only at deployment', { issuer: Lazy.string({ produce: () => 'later' }), jwksEndpoint: Lazy.string({ produce: () => 'later' }) }],
  ['ten claims', { claims: WORDS(10).map(word => FlueJwtClaim.singleString(word, 'x')) }],
  ['ten values of 256 characters', { claims: [FlueJwtClaim.spaceSeparatedValues('scope', ...WORDS(9), 'w'.repeat(256))] }],
  ['a sentence as one string', { claims: [FlueJwtClaim.singleString('sub', 'two words')] }],
  ['a value known only at deployment', { claims: [FlueJwtClaim.singleString('aud', Lazy.string({ produce: () => 'x'.repeat(300) }))] }],
])('%s are taken', (_what, jwt) => {
  expect(refusalOf(() => admit(newStack(), jwt))).toBe('');
});

test('FlueChecks is silent on tokens', () => {
  const stack = newStack();
  admit(stack, {}, { exposure: FlueExposure.internal() });
  expect(brokenRules(stack)).toEqual([]);
});
