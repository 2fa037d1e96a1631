import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { PriceClass } from 'aws-cdk-lib/aws-cloudfront';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener, ListenerCondition, type SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  FlueAuth, FlueBudget, FlueDashboard, FlueDatabase, FlueDatabaseEngine, FlueDeployRole, FlueEc2Service, FlueEventTarget, FlueExposure,
  FlueExpressService,
  FlueFargateService, FlueImage, FlueJwtClaim, FlueModel, FlueNetwork, FlueSandbox, FlueSandboxEgress,
  FlueSandboxes, FlueShardedService, FlueTelemetry, FlueWebhookVerifier,
  type FlueDatabaseFromAdministratorSecretOptions,
  type FlueDatabaseProps, type FlueFargateServiceProps, type FlueEventPatternOptions, type FlueHmacOptions, type FlueInboxOptions,
  type FlueWebhookOptions, type FlueListenerOptions, type FlueModelProviderOptions,
  type FlueOidcAuthOptions, type FlueScheduleOptions, type FlueShardedServiceProps,
} from '../src';
import { LIMITS } from '../src/invariants/limits';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const ENDPOINT = 'https://id.example.com';
const OIDC = { issuer: ENDPOINT, authorizationEndpoint: `${ENDPOINT}/a`, tokenEndpoint: `${ENDPOINT}/t`, userInfoEndpoint: `${ENDPOINT}/u`, clientId: 'agents' };

type Build<Value> = (stack: Stack, value: Value) => unknown;

const image = (stack: Stack) => FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { caBundlePath: '/etc/rds.pem' });
const key = (stack: Stack) => ecs.Secret.fromSecretsManager(new Secret(stack, 'Key'));
const certificate = (stack: Stack) => Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-west-1:111111111111:certificate/1');
const vpc = (stack: Stack) => new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
const fargate = <Value>(props: (value: Value, stack: Stack) => Partial<FlueFargateServiceProps>): Build<Value> => (stack, value) =>
  new FlueFargateService(stack, 'Agents', { image: image(stack), ...props(value, stack) });
const sharded = (props: (value: string) => Partial<FlueShardedServiceProps>): Build<string> => (stack, value) =>
  new FlueShardedService(stack, 'Agents', { image: image(stack), shards: 2, ...props(value) });
const database = <Value>(props: (value: Value) => Partial<FlueDatabaseProps>): Build<Value> => (stack, value) => new FlueDatabase(stack, 'Database', { vpc: vpc(stack), ...props(value) });
const egress = (of: (value: string) => FlueSandboxEgress): Build<string> => (stack, value) => new FlueSandboxes(stack, 'Sandboxes', {
  vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }), sandbox: FlueSandbox.fargate({ egress: of(value) }),
});
const oidc = (props: (value: string) => Partial<FlueOidcAuthOptions>) => fargate<string>((value, stack) => ({
  certificate: certificate(stack), auth: FlueAuth.oidc({ ...OIDC, clientSecret: new Secret(stack, 'Client'), ...props(value) }),
}));
const existing = (options: (value: string) => Partial<FlueDatabaseFromAdministratorSecretOptions>): Build<string> => (stack, value) => FlueDatabase.fromAdministratorSecret(stack, 'Database', {
  administrator: new Secret(stack, 'Administrator'), host: 'db.example.com', databaseName: 'app', ...options(value),
});
const provider = (options: (value: string) => Partial<FlueModelProviderOptions>) => fargate<string>((value, stack) => ({
  model: FlueModel.provider('acme', { secret: key(stack), envName: 'ACME_KEY', ...options(value) }),
}));
const shared = (options: (value: string) => Partial<FlueListenerOptions>) => fargate<string>((value, stack) => ({
  vpc: vpc(stack),
  exposure: FlueExposure.throughListener(ApplicationListener.fromApplicationListenerAttributes(stack, 'Listener', {
    listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/agents/1/2', securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1'),
  }), { conditions: [ListenerCondition.pathPatterns(['/a/*'])], priority: 1, url: 'https://agents.example.com', idleTimeout: Duration.seconds(700), ...options(value) }),
}));

const inbox = (options: (value: string, stack: Stack) => FlueInboxOptions): Build<string> => (stack, value) =>
  new FlueFargateService(stack, 'Agents', { image: image(stack) }).addInbox(options(value, stack));
const schedule = (options: (value: string) => Partial<FlueScheduleOptions>): Build<string> => (stack, value) =>
  new FlueFargateService(stack, 'Agents', { image: image(stack) }).addSchedule('Nightly', {
    schedule: ScheduleExpression.rate(Duration.hours(1)), target: FlueEventTarget.agent('assistant', { message: 'Go.' }), ...options(value),
  });

type Webhook = Partial<FlueWebhookOptions> & { readonly path?: string };
const webhook = (options: (value: string, stack: Stack) => Webhook): Build<string> => (stack, value) => {
  const { path = '/hooks', ...rest } = options(value, stack);
  new FlueFargateService(stack, 'Agents', { image: image(stack) }).addInbox().addWebhook(path, { agentName: 'triage', ...rest });
};
const pattern = (options: (value: string) => Partial<FlueEventPatternOptions>): Build<string> => (stack, value) =>
  new FlueFargateService(stack, 'Agents', { image: image(stack) }).addInbox().addEventPattern('Orders', { eventPattern: { source: ['acme.orders'] }, agentName: 'clerk', ...options(value) });
const signed = (options: (value: string) => Partial<FlueHmacOptions>) => webhook((value, stack) => ({
  verify: FlueWebhookVerifier.hmac({ secret: new Secret(stack, 'Hook'), header: 'X-Signature', ...options(value) }),
}));

/** Where a text that breaks its limit is refused: the prop, a text that does not, and the construct that takes it. */
const TEXTS: ReadonlyArray<[prop: string, good: string, build: Build<string>]> = [
  ['FlueImage.uri', 'ghcr.io/acme/agents:1', (stack, value) => FlueImage.fromRegistry(stack, 'Image', value)],
  ['FlueEcrImageOptions.tagOrDigest', 'v1', (stack, value) => FlueImage.fromEcrRepository(stack, 'Image', Repository.fromRepositoryName(stack, 'Repository', 'agents'), { tagOrDigest: value })],
  ['FlueSandboxProxyOptions.host', 'proxy.internal', egress(host => FlueSandboxEgress.proxy({ proxy: ec2.Peer.ipv4('10.0.7.9/32'), host }))],
  ['FlueSandboxVpcEndpointOptions.services', 'mirror', egress(name => FlueSandboxEgress.vpcEndpoints({ services: { [name]: ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME } }))],
  ['FlueExistingImageOptions.caBundlePath', '/rds.pem', (stack, value) => FlueImage.fromRegistry(stack, 'Image', 'acme/agents', { caBundlePath: value })],
  ['FlueExistingImageOptions.nodeOptions', '--enable-source-maps', (stack, value) => FlueImage.fromRegistry(stack, 'Image', 'acme/agents', { nodeOptions: value })],
  ['FlueServiceProps.environment', 'GREETING', fargate(value => ({ environment: { [value]: 'x' } }))],
  ['FlueServiceProps.secrets', 'SOME_KEY', fargate((value, stack) => ({ secrets: { [value]: key(stack) } }))],
  ['FlueModelProviderOptions.envName', 'ACME_KEY', provider(envName => ({ envName }))],
  ['FlueModelProviderOptions.model', 'm1', provider(model => ({ model }))],
  ['FlueModel.name', 'acme', fargate((value, stack) => ({ model: FlueModel.provider(value, { secret: key(stack), envName: 'ACME_KEY' }) }))],
  ['FlueModel.model', 'claude-sonnet-4-6', fargate((value, stack) => ({ model: FlueModel.anthropic(key(stack), value) }))],
  ['FlueModel.modelId', 'amazon.nova-pro-v1:0', fargate(value => ({ model: FlueModel.bedrock(value) }))],
  ['FlueOtlpOptions.endpoint', ENDPOINT, fargate(value => ({ telemetry: FlueTelemetry.otlp({ endpoint: value }) }))],
  ['FlueOtlpOptions.serviceName', 'agents', fargate(value => ({ telemetry: FlueTelemetry.otlp({ endpoint: ENDPOINT, serviceName: value }) }))],
  ['FlueAdotOptions.serviceName', 'agents', fargate(value => ({ telemetry: FlueTelemetry.adot({ serviceName: value }) }))],
  ['FlueServiceProps.healthCheckPath', '/health', fargate(value => ({ healthCheckPath: value.startsWith('/') ? value : `/${value}` }))],
  ['FlueFargateBaseProps.domainName', 'agents.example.com', fargate((value, stack) => ({ certificate: certificate(stack), domainName: value }))],
  ['FlueEc2ServiceProps.domainName', 'agents.example.com', (stack, value) => new FlueEc2Service(stack, 'Agents', { image: image(stack), domainName: value })],
  ['FlueAuthOptions.publicPaths', '/a', fargate((value, stack) => ({
    certificate: certificate(stack), auth: FlueAuth.jwt({ issuer: ENDPOINT, jwksEndpoint: ENDPOINT, publicPaths: [value.startsWith('/') ? value : `/${value}`] }),
  }))],
  ['FlueShardedServiceProps.agentPaths', '/agents/*/', sharded(value => ({ agentPaths: [value] }))],
  ['FlueShardedServiceProps.homePaths', '/a', sharded(value => ({ homePaths: [value.startsWith('/') ? value : `/${value}`] }))],
  ['FlueListenerOptions.url', 'https://agents.example.com', shared(url => ({ url }))],
  ['FlueJwtAuthOptions.issuer', ENDPOINT, fargate((issuer, stack) => ({ certificate: certificate(stack), auth: FlueAuth.jwt({ issuer, jwksEndpoint: ENDPOINT }) }))],
  ['FlueJwtAuthOptions.jwksEndpoint', ENDPOINT, fargate((jwksEndpoint, stack) => ({ certificate: certificate(stack), auth: FlueAuth.jwt({ issuer: ENDPOINT, jwksEndpoint }) }))],
  ['FlueOidcAuthOptions.issuer', ENDPOINT, oidc(issuer => ({ issuer }))],
  ['FlueOidcAuthOptions.authorizationEndpoint', ENDPOINT, oidc(authorizationEndpoint => ({ authorizationEndpoint }))],
  ['FlueOidcAuthOptions.tokenEndpoint', ENDPOINT, oidc(tokenEndpoint => ({ tokenEndpoint }))],
  ['FlueOidcAuthOptions.userInfoEndpoint', ENDPOINT, oidc(userInfoEndpoint => ({ userInfoEndpoint }))],
  ['FlueOidcAuthOptions.clientId', 'agents', oidc(clientId => ({ clientId }))],
  ['FlueOidcAuthOptions.clientSecretField', 'secret', oidc(clientSecretField => ({ clientSecretField }))],
  ['FlueSignInOptions.scope', 'openid email', oidc(scope => ({ scope }))],
  ['FlueDatabaseProps.databaseName', 'agents', database(databaseName => ({ databaseName }))],
  ['FlueDatabaseProps.snapshot', 'before-upgrade', database(snapshot => ({ snapshot }))],
  ['FlueDatabaseProps.preferredBackupWindow', '02:00-03:00', database(preferredBackupWindow => ({ preferredBackupWindow }))],
  ['FlueDatabaseProps.preferredMaintenanceWindow', 'Sun:04:00-Sun:05:00', database(preferredMaintenanceWindow => ({ preferredMaintenanceWindow }))],
  ['FluePostgresOptions.instanceType', 't4g.small', database(value => ({ engine: FlueDatabaseEngine.postgres({ instanceType: new ec2.InstanceType(value) }) }))],
  ['FlueEc2ServiceProps.dataVolumeSnapshot', 'snap-0123456789abcdef0', (stack, dataVolumeSnapshot) => new FlueEc2Service(stack, 'Agents', { image: image(stack), dataVolumeSize: Size.gibibytes(8), dataVolumeSnapshot })],
  ['FlueEc2ServiceProps.instanceType', 't3.small', (stack, value) => new FlueEc2Service(stack, 'Agents', { image: image(stack), instanceType: new ec2.InstanceType(value) })],
  ['FlueSchemaOptions.schemaName', 'agents', (stack, schemaName) => new FlueDatabase(stack, 'Database', { vpc: vpc(stack) }).addSchema('Agents', { schemaName })],
  ['FlueDatabaseFromAdministratorSecretOptions.databaseName', 'app', existing(databaseName => ({ databaseName }))],
  ['FlueDatabaseFromAdministratorSecretOptions.host', 'db.example.com', existing(host => ({ host }))],
  ['FlueInboxOptions.pathPrefix', '/inbox', inbox(pathPrefix => ({ pathPrefix }))],
  ['FlueInboxOptions.tokenField', 'token', inbox((tokenField, stack) => ({ token: new Secret(stack, 'Token'), tokenField }))],
  ['FlueEventTarget.agentName', 'assistant', schedule(value => ({ target: FlueEventTarget.agent(value, { message: 'Go.' }) }))],
  ['FlueEventTarget.workflowName', 'report', schedule(value => ({ target: FlueEventTarget.workflow(value) }))],
  ['FlueAgentEventOptions.conversationId', 'nightly', schedule(conversationId => ({ target: FlueEventTarget.agent('assistant', { message: 'Go.', conversationId }) }))],
  ['FlueScheduleOptions.description', 'The report of the day', schedule(description => ({ description }))],
  ['FlueInbox.path', '/hooks', webhook(path => ({ path }))],
  ['FlueWebhookOptions.agentName', 'triage', webhook(agentName => ({ agentName }))],
  ['FlueWebhookOptions.conversationId', 'hooks', webhook(conversationId => ({ conversationId }))],
  ['FlueWebhookOptions.conversationField', 'event.channel', webhook(conversationField => ({ conversationField }))],
  ['FlueEventPatternOptions.agentName', 'clerk', pattern(agentName => ({ agentName }))],
  ['FlueEventPatternOptions.conversationId', 'orders', pattern(conversationId => ({ conversationId }))],
  ['FlueEventPatternOptions.conversationField', 'detail.customer', pattern(conversationField => ({ conversationField }))],
  ['FlueEventPatternOptions.description', 'Large orders', pattern(description => ({ description }))],
  ['FlueHmacOptions.header', 'X-Signature', signed(header => ({ header }))],
  ['FlueHmacOptions.timestampHeader', 'X-Time', signed(timestampHeader => ({ timestampHeader }))],
  ['FlueHmacOptions.prefix', 'v0=', signed(prefix => ({ prefix }))],
  ['FlueHmacOptions.idField', 'event.id', signed(idField => ({ idField }))],
  ['FlueNetworkProps.availabilityZoneIds', 'euw1-az1', (stack, value) => new FlueNetwork(stack, 'Network', { availabilityZoneIds: [value, 'euw1-az2'] })],
  ['FlueBudgetProps.emails', 'team@example.com', (stack, value) => new FlueBudget(stack, 'Budget', { monthlyLimit: 1, emails: [value] })],
  ['FlueBedrockModelOptions.tags', 'team', (stack, value) => FlueModel.bedrock('amazon.nova-pro-v1:0', { tags: { [value]: 'agents' } })._bind(stack)],
  ['FlueBudgetProps.tags', 'team', (stack, value) => new FlueBudget(stack, 'Budget', { monthlyLimit: 1, emails: ['team@example.com'], tags: { [value]: 'agents' } })],
  ['FlueDashboardProps.dashboardName', 'agents', (stack, value) => new FlueDashboard(stack, 'Dashboard', { dashboardName: value })],
  ['FlueDeployRoleProps.repository', 'acme/agents', (stack, value) => new FlueDeployRole(stack, 'Deploy', { repository: value })],
  ['FlueDeployRoleProps.branch', 'main', (stack, value) => new FlueDeployRole(stack, 'Deploy', { repository: 'acme/agents', branch: value })],
  ['FlueDeployRoleProps.environment', 'production', (stack, value) => new FlueDeployRole(stack, 'Deploy', { repository: 'acme/agents', environment: value })],
  ['FlueDeployRoleProps.qualifier', 'agents', (stack, value) => new FlueDeployRole(stack, 'Deploy', { repository: 'acme/agents', qualifier: value })],
];

const newStack = () => new Stack(new App(), 'Stack', { env: ENV });

test('every limit of a text is asked for somewhere', () => {
  const texts = new Set(LIMITS.filter(limit => 'pattern' in limit).flatMap(({ of, prop }) => of.map(struct => `${struct}.${prop}`)));
  // that of FlueImageProps needs a directory, in test/image/flue-image.test.ts
  texts.delete('FlueImageProps.caBundlePath');
  expect([...texts].filter(prop => !TEXTS.some(([other]) => other === prop))).toEqual([]);
});

describe.each(TEXTS)('%s', (prop, good, build) => {
  test('takes %s', () => {
    expect(() => build(newStack(), good)).not.toThrow();
  });

  test.each(['a b\n', 'x\r\ny', `${good}\n`])('refuses %j', value => {
    expect(() => build(newStack(), value)).toThrow(`\`${prop.split('.')[1]}\` must be `);
  });
});

const OTHER = 17 as unknown;

test.each<[prop: string, build: Build<never>]>([
  ['logRetention', fargate(logRetention => ({ logRetention }))],
  ['logRetention', (stack, logRetention: RetentionDays) => new FlueNetwork(stack, 'Network', { logRetention })],
  ['cloudwatchLogsRetention', database(cloudwatchLogsRetention => ({ cloudwatchLogsRetention }))],
  ['removalPolicy', database(removalPolicy => ({ removalPolicy }))],
  ['sslPolicy', fargate((sslPolicy: SslPolicy, stack) => ({ sslPolicy, certificate: certificate(stack) }))],
  ['priceClass', fargate((priceClass: PriceClass) => ({ exposure: FlueExposure.cloudFront({ priceClass }) }))],
])('%s is a value of its enumeration', (prop, build) => {
  expect(() => build(newStack(), OTHER as never)).toThrow(new RegExp(`\`${prop}\` must be a value of \\w+, got: 17\\. Pass one, such as `));
});

describe('the key of a model', () => {
  test.each(['PORT', 'DATABASE_URL', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'MODEL_SPECIFIER'])('does not come in %s', envName => {
    expect(() => provider(() => ({ envName }))(newStack(), '')).toThrow(`\`envName\` must not hold a variable that the construct sets, got: ${envName}`);
  });

  test('does not come in a variable that Flue keeps, or that telemetry sets', () => {
    expect(() => provider(() => ({ envName: 'FLUE_CLI_KEY' }))(newStack(), '')).toThrow('`envName` must not hold a variable that Flue reserves for itself, got: FLUE_CLI_KEY');
    const stack = newStack();
    expect(() => fargate(() => ({
      telemetry: FlueTelemetry.otlp({ endpoint: ENDPOINT }), model: FlueModel.provider('acme', { secret: key(stack), envName: 'OTEL_SERVICE_NAME' }),
    }))(stack, '')).toThrow('`envName` must not hold a variable that the construct sets, got: OTEL_SERVICE_NAME. `telemetry` sets it');
  });

  test.each(['ACME_KEY', 'port', 'DATABASE_URLS', 'X'])('comes in %s', envName => {
    expect(() => provider(() => ({ envName }))(newStack(), '')).not.toThrow();
  });
});

describe('claims', () => {
  const claim = (make: FlueJwtClaim) => () => fargate((_, stack) => ({ certificate: certificate(stack), auth: FlueAuth.jwt({ issuer: ENDPOINT, jwksEndpoint: ENDPOINT, claims: [make] }) }))(newStack(), '');

  test.each([
    [FlueJwtClaim.singleString('aud\n', 'x'), 'a name in one line other than exp, iss, nbf, iat, got: aud\\u000a'],
    [FlueJwtClaim.singleString('aud', 'x\ny'), 'values of 1–256 characters in one line, got: x\\u000ay for aud'],
    [FlueJwtClaim.stringArray('roles', 'a', '\u0000'), 'values of 1–256 characters in one line, got: \\u0000 for roles'],
  ])('of several lines are refused (%#)', (made, message) => {
    expect(claim(made)).toThrow(`\`claims\` must have ${message}`);
  });

  test('with spaces pass', () => {
    expect(claim(FlueJwtClaim.singleString('https://example.com/org', 'Acme Ltd'))).not.toThrow();
  });
});

describe('the windows of a database', () => {
  const windows = (preferredBackupWindow: string, preferredMaintenanceWindow: string) => () => database(() => ({ preferredBackupWindow, preferredMaintenanceWindow }))(newStack(), '');

  test.each([
    ['02:00-03:00', 'Sun:03:00-Sun:04:00'],
    ['02:00-03:00', 'Sun:01:00-Sun:02:00'],
    ['23:30-00:30', 'Sun:00:30-Sun:01:30'],
    ['00:00-01:00', 'Sat:23:00-Sun:00:00'],
  ])('%s and %s lie beside each other', (backup, maintenance) => {
    expect(windows(backup, maintenance)).not.toThrow();
  });

  test.each([
    ['02:00-03:00', 'Sun:02:59-Sun:04:00'],
    ['02:00-03:00', 'Sun:01:00-Sun:02:01'],
    ['02:00-05:00', 'Wed:03:00-Wed:04:00'],
    ['03:00-04:00', 'Wed:02:00-Wed:05:00'],
    ['23:30-00:30', 'Mon:00:00-Mon:01:00'],
    ['23:30-00:30', 'Sun:23:00-Sun:23:45'],
    ['12:00-13:00', 'Fri:00:00-Sun:00:00'],
  ])('%s and %s overlap', (backup, maintenance) => {
    expect(windows(backup, maintenance)).toThrow(`\`preferredMaintenanceWindow\` must not overlap \`preferredBackupWindow\` (${backup}), got: ${maintenance}`);
  });
});

describe('the user of generated credentials', () => {
  const generated = (secretStringTemplate: string | undefined) => () => {
    const stack = newStack();
    const generateSecretString = secretStringTemplate === undefined ? { excludePunctuation: true }
      : { secretStringTemplate, generateStringKey: 'password', excludePunctuation: true };
    return new FlueDatabase(stack, 'Database', { vpc: vpc(stack), credentials: new Secret(stack, 'Credentials', { generateSecretString }) });
  };

  test.each(['{"username":"flue"}', '{"username":"Flue_1","note":"x"}', JSON.stringify({ username: 'a'.repeat(63) }), '{"username":"administrator"}'])('%s is one', template => {
    expect(generated(template)).not.toThrow();
  });

  test.each([
    ['{}', 'none'], ['{"user":"flue"}', 'none'], ['{"username":1}', 'none'], ['{"username":null}', 'none'], ['[]', 'none'], ['null', 'none'],
    ['{"username":""}', 'an empty string'], ['{"username":"1flue"}', '1flue'], ['{"username":"fl:ue"}', 'fl:ue'], ['{"username":"fl@ue"}', 'fl@ue'], ['{"username":"admin"}', 'admin'],
    ['{"username":"rdsadmin"}', 'rdsadmin'], ['{"username":"pg_flue"}', 'pg_flue'], [JSON.stringify({ username: 'a'.repeat(64) }), 'a'.repeat(64)], ['{"username":"flue\\n"}', 'flue\\u000a'],
  ])('%s is none', (template, got) => {
    expect(generated(template)).toThrow(`\`credentials\` must hold a username of 1–63 letters, digits and underscores that RDS does not reserve, got: ${got} in`);
  });

  test('is known only at deployment', () => {
    const stack = newStack();
    expect(() => generated(stack.toJsonString({ username: stack.stackId }))).not.toThrow();
  });
});

describe('a bucket for access logs', () => {
  const logsTo = (encryption: BucketEncryption) => () => fargate((_, stack) => ({ accessLogsBucket: new Bucket(stack, 'Logs', { encryption }) }))(newStack(), '');

  test.each([BucketEncryption.KMS, BucketEncryption.KMS_MANAGED, BucketEncryption.DSSE, BucketEncryption.DSSE_MANAGED])('under %s is refused', encryption => {
    expect(logsTo(encryption)).toThrow('`accessLogsBucket` must be encrypted with keys of Amazon S3, got: a bucket with a key of AWS KMS');
  });

  test('under a key of Amazon S3 passes', () => {
    expect(logsTo(BucketEncryption.S3_MANAGED)).not.toThrow();
  });
});

describe('the conditions of a shared listener', () => {
  const hosts = (count: number) => Array.from({ length: count }, (_, index) => `agents${index}.example.com`);

  test.each<[conditions: ListenerCondition[]]>([
    [[ListenerCondition.hostHeaders(hosts(1))]],
    [[ListenerCondition.hostHeaders(hosts(5))]],
    [[ListenerCondition.hostHeaders(hosts(3)), ListenerCondition.pathPatterns(['/a', '/b'])]],
  ])('of up to five values pass (%#)', conditions => {
    expect(() => shared(() => ({ conditions }))(newStack(), '')).not.toThrow();
  });

  test.each<[conditions: ListenerCondition[], got: string]>([
    [[ListenerCondition.hostHeaders([])], 'none in host-header'],
    [[ListenerCondition.hostHeaders(hosts(1)), ListenerCondition.sourceIps([])], 'none in source-ip'],
    [[ListenerCondition.hostHeaders(hosts(6))], '6'],
    [[ListenerCondition.hostHeaders(hosts(3)), ListenerCondition.pathPatterns(['/a', '/b', '/c'])], '6'],
    [[ListenerCondition.hostHeaders(hosts(2)), ListenerCondition.queryStrings([{ value: '1' }, { value: '2' }, { value: '3' }, { value: '4' }])], '6'],
  ])('of none or more are refused (%#)', (conditions, got) => {
    expect(() => shared(() => ({ conditions }))(newStack(), '')).toThrow(`\`conditions\` must be conditions with 1–5 values together, each with one at least, got: ${got}. `);
  });
});

describe('subnets', () => {
  const TAKERS: ReadonlyArray<[string, (stack: Stack, props: { vpc?: ec2.IVpc; vpcSubnets: ec2.SubnetSelection }) => unknown]> = [
    ['Fargate', (stack, props) => new FlueFargateService(stack, 'Agents', { image: image(stack), ...props })],
    ['Express', (stack, props) => new FlueExpressService(stack, 'Agents', { image: image(stack), ...props })],
    ['EC2', (stack, props) => new FlueEc2Service(stack, 'Agents', { image: image(stack), ...props })],
  ];

  test.each(TAKERS)('on %s come with their VPC', (_, build) => {
    for (const vpcSubnets of [{ subnets: [] }, { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }, { subnetType: ec2.SubnetType.PUBLIC }]) {
      expect(() => build(newStack(), { vpcSubnets })).toThrow('`vpc` must be given with `vpcSubnets`, got: none. Pass the VPC of these subnets');
    }
    const stack = newStack();
    expect(() => build(stack, { vpc: vpc(stack), vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } })).not.toThrow();
  });

  test.each(TAKERS)('on %s are at least one', (_, build) => {
    const stack = newStack();
    expect(() => build(stack, { vpc: vpc(stack), vpcSubnets: { subnets: [] } })).toThrow('`vpcSubnets` must name at least one subnet, got: an empty list. Select by `subnetType`, or leave it out');
  });

  test.each(TAKERS)('on %s are those of the VPC', (_, build) => {
    const stack = newStack();
    const other = new ec2.Vpc(stack, 'Other', { maxAzs: 2 });
    expect(() => build(stack, { vpc: vpc(stack), vpcSubnets: { subnets: other.publicSubnets } })).toThrow(
      '`vpcSubnets` must select subnets of `vpc` (Stack/Vpc), got: Stack/Other/PublicSubnet1. Pass the VPC of the subnets');
  });

  test('of a database are those of its VPC', () => {
    const stack = newStack();
    const other = new ec2.Vpc(stack, 'Other', { maxAzs: 2 });
    expect(() => new FlueDatabase(stack, 'Database', { vpc: vpc(stack), vpcSubnets: { subnets: other.privateSubnets } })).toThrow('`vpcSubnets` must select subnets of `vpc` (Stack/Vpc)');
  });

  const PUBLIC = { vpcId: 'vpc-1', availabilityZones: ['eu-west-1a', 'eu-west-1b'], publicSubnetIds: ['subnet-1', 'subnet-2'] };

  test.each(TAKERS)('on %s may come from a second import of the VPC', (_, build) => {
    const stack = newStack();
    const [one, other] = ['One', 'Other'].map(id => ec2.Vpc.fromVpcAttributes(stack, id, PUBLIC));
    expect(() => build(stack, { vpc: one, vpcSubnets: { subnets: other.publicSubnets } })).not.toThrow();
  });

  test.each<[string, boolean, (stack: Stack) => { vpc: ec2.IVpc; subnets: ec2.ISubnet[] }]>([
    ['public ones by id', true, stack => ({
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', PUBLIC), subnets: ['subnet-1', 'subnet-2'].map(id => ec2.Subnet.fromSubnetId(stack, id, id)),
    })],
    ['some that are not known', true, stack => ({ vpc: vpc(stack), subnets: ['subnet-8', 'subnet-9'].map(id => ec2.Subnet.fromSubnetId(stack, id, id)) })],
    ['private ones by id', false, stack => ({
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { ...PUBLIC, privateSubnetIds: ['subnet-3', 'subnet-4'] }),
      subnets: ['subnet-3', 'subnet-4'].map(id => ec2.Subnet.fromSubnetId(stack, id, id)),
    })],
    ['private ones', false, stack => {
      const made = vpc(stack);
      return { vpc: made, subnets: made.privateSubnets };
    }],
  ])('on Express Mode: %s give the warning of a public server (%p)', (_, warns, make) => {
    const stack = newStack();
    const { vpc: made, subnets } = make(stack);
    new FlueExpressService(stack, 'Agents', { image: image(stack), vpc: made, vpcSubnets: { subnets } });
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('publicWithoutAuthentication')).length).toBe(warns ? 1 : 0);
  });
});

describe('security groups', () => {
  const groups = (stack: Stack, count: number) => Array.from({ length: count }, (_, index) => ec2.SecurityGroup.fromSecurityGroupId(stack, `Group${index}`, `sg-${index}`));
  const TAKERS: ReadonlyArray<[string, string, Build<number>]> = [
    ['a server', '1–5', (stack, count) => new FlueFargateService(stack, 'Agents', { image: image(stack), securityGroups: groups(stack, count) })],
    ['a box', '1–5', (stack, count) => new FlueEc2Service(stack, 'Agents', { image: image(stack), securityGroups: groups(stack, count) })],
    ['a database', '1–5', (stack, count) => new FlueDatabase(stack, 'Database', { vpc: vpc(stack), securityGroups: groups(stack, count) })],
    ['a database that exists', 'at least 1', (stack, count) => FlueDatabase.fromUrlSecret(stack, 'Database', { url: key(stack), securityGroups: groups(stack, count) })],
  ];

  test.each(TAKERS)('of %s are one or more', (_, allowed, build) => {
    expect(() => build(newStack(), 1)).not.toThrow();
    expect(() => build(newStack(), 5)).not.toThrow();
    expect(() => build(newStack(), 0)).toThrow(`\`securityGroups\` must be a list of ${allowed} security groups, got: 0. Leave it out`);
  });

  test.each(TAKERS.filter(([, allowed]) => allowed === '1–5'))('of %s are no more than five', (_, allowed, build) => {
    expect(() => build(newStack(), 6)).toThrow(`\`securityGroups\` must be a list of ${allowed} security groups, got: 6`);
  });
});
