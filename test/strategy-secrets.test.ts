import { App, Duration, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener, ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  FlueAuth, FlueDatabase, FlueDockerfile, FlueExposure, FlueFargateService, FlueImage, FlueJwtClaim, FlueModel, FlueTelemetry,
  type FlueFargateServiceProps, type FlueListenerOptions, type FlueOidcAuthOptions,
} from '../src';

const KEY = 'sk-ant-api03-abcdefghijklmnop';
const ENDPOINT = 'https://id.example.com';
const OIDC = { issuer: ENDPOINT, authorizationEndpoint: `${ENDPOINT}/a`, tokenEndpoint: `${ENDPOINT}/t`, userInfoEndpoint: `${ENDPOINT}/u`, clientId: 'agents' };

type Props = (stack: Stack, text: string) => Partial<FlueFargateServiceProps>;

const key = (stack: Stack) => ecs.Secret.fromSecretsManager(new Secret(stack, 'Key'));
const oidc = (options: (text: string) => Partial<FlueOidcAuthOptions>): Props => (stack, text) => ({
  auth: FlueAuth.oidc({ ...OIDC, clientSecret: new Secret(stack, 'Client'), ...options(text) }),
});
const jwt = (options: (text: string) => Partial<Parameters<typeof FlueAuth.jwt>[0]>): Props => (_, text) => ({
  auth: FlueAuth.jwt({ issuer: ENDPOINT, jwksEndpoint: ENDPOINT, ...options(text) }),
});
const shared = (options: (text: string) => Partial<FlueListenerOptions>): Props => (stack, text) => ({
  vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }),
  certificate: undefined,
  exposure: FlueExposure.throughListener(ApplicationListener.fromApplicationListenerAttributes(stack, 'Listener', {
    listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/agents/1/2', securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1'),
  }), { conditions: [ListenerCondition.pathPatterns(['/a/*'])], priority: 1, url: ENDPOINT, idleTimeout: Duration.seconds(700), ...options(text) }),
});

/** Every text of a strategy value: the prop that it is passed in, the text with a key, one without, and the value. */
const TEXTS: ReadonlyArray<[prop: string, secret: string, harmless: string, props: Props]> = [
  ['auth', `${ENDPOINT}/${KEY}`, `${ENDPOINT}/tenant`, oidc(issuer => ({ issuer }))],
  ['auth', `${ENDPOINT}/a?api_key=abcdef0123456789abcd`, `${ENDPOINT}/a?p=policy`, oidc(authorizationEndpoint => ({ authorizationEndpoint }))],
  ['auth', 'https://user:password@id.example.com/t', `${ENDPOINT}/t`, oidc(tokenEndpoint => ({ tokenEndpoint }))],
  ['auth', `${ENDPOINT}/${KEY}`, `${ENDPOINT}/u`, oidc(userInfoEndpoint => ({ userInfoEndpoint }))],
  ['auth', KEY, '1234567890abcdef.apps.example.com', oidc(clientId => ({ clientId }))],
  ['auth', KEY, 'client-secret', oidc(clientSecretField => ({ clientSecretField }))],
  ['auth', `openid ${KEY}`, 'openid email', oidc(scope => ({ scope }))],
  ['auth', `${ENDPOINT}/${KEY}`, `${ENDPOINT}/`, jwt(issuer => ({ issuer }))],
  ['auth', `${ENDPOINT}/${KEY}`, `${ENDPOINT}/keys`, jwt(jwksEndpoint => ({ jwksEndpoint }))],
  ['auth', `/hooks/${KEY}`, '/hooks/*', jwt(path => ({ publicPaths: [path] }))],
  ['auth', KEY, 'api://agents', jwt(value => ({ claims: [FlueJwtClaim.singleString('aud', value)] }))],
  ['auth', KEY, 'client_id', jwt(name => ({ claims: [FlueJwtClaim.stringArray(name, 'a')] }))],
  ['exposure', 'https://user:password@agents.example.com', 'https://agents.example.com', shared(url => ({ url }))],
  ['exposure', KEY, 'agents', shared(value => ({ conditions: [ListenerCondition.pathPatterns(['/a']), ListenerCondition.httpHeader('x-origin', [value])] }))],
  ['exposure', `/${KEY}`, '/agents/*', shared(value => ({ conditions: [ListenerCondition.pathPatterns([value])] }))],
  ['model', KEY, 'claude-sonnet-4-6', (stack, text) => ({ model: FlueModel.anthropic(key(stack), text) })],
  ['model', KEY, 'amazon.nova-pro-v1:0', (_, text) => ({ model: FlueModel.bedrock(text) })],
  ['model', KEY, 'amazon.nova-pro-v1:0', (_, text) => ({ model: FlueModel.bedrock('eu.amazon.nova-pro-v1:0', { routesTo: [text] }) })],
  ['model', KEY, 'acme', (stack, text) => ({ model: FlueModel.provider(text, { secret: key(stack), envName: 'ACME_KEY' }) })],
  ['model', KEY, 'ACME_KEY', (stack, text) => ({ model: FlueModel.provider('acme', { secret: key(stack), envName: text }) })],
  ['telemetry', `${ENDPOINT}/${KEY}`, ENDPOINT, (_, text) => ({ telemetry: FlueTelemetry.otlp({ endpoint: text }) })],
  ['telemetry', KEY, 'agents', (_, text) => ({ telemetry: FlueTelemetry.otlp({ endpoint: ENDPOINT, serviceName: text }) })],
  ['telemetry', KEY, 'agents', (_, text) => ({ telemetry: FlueTelemetry.adot({ serviceName: text }) })],
];

const serve = (props: Props, text: string) => () => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  return new FlueFargateService(stack, 'Agents', {
    image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1'),
    certificate: Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-west-1:111111111111:certificate/1'),
    ...props(stack, text),
  });
};

describe.each(TEXTS)('%s of a strategy value (%#)', (prop, secret, harmless, props) => {
  test('refuses a key, and does not repeat it', () => {
    expect(serve(props, secret)).toThrow(new RegExp(`^\\[Stack/Agents\\] \`${prop}\` must not hold a secret in plain text, got: what looks like (an? [^.]+)\\. Move it`));
    expect(serve(props, secret)).not.toThrow(secret);
  });

  test('takes what is none', () => {
    expect(serve(props, harmless)).not.toThrow();
  });
});

test('the path of a Dockerfile', () => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => new FlueImage(stack, 'Image', { directory: __dirname, dockerfile: FlueDockerfile.own(`docker/${KEY}`) })).toThrow('`dockerfile` must not hold a secret in plain text');
});

test('the address of a database', () => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => FlueDatabase.fromAdministratorSecret(stack, 'Database', { administrator: new Secret(stack, 'Administrator'), databaseName: 'app', host: KEY })).toThrow(
    '`host` must not hold a secret in plain text');
});
