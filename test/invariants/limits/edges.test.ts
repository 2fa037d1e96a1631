import { Lazy, Stack } from 'aws-cdk-lib';
import { LIMITS } from '../../../src/invariants/limits';
import { requireWithin, requireWritten } from '../../../src/invariants/limits/guard';
import type { Limit, NumberLimit, TextLimit } from '../../../src/invariants/limits/limit';

const isText = (limit: Limit): limit is TextLimit => 'pattern' in limit;
const isNumber = (limit: Limit): limit is NumberLimit => !isText(limit) && ['minimum', 'maximum', 'above', 'values'].some(key => key in limit);
const keysOf = ({ of, prop }: Limit) => of.map(struct => `${struct}.${prop}`);

type Texts = readonly [good: readonly string[], bad: readonly string[]];

const NAMES: Texts = [['A', '_x9', 'a'.repeat(255)], ['', '1A', 'A B', 'A-B', 'A\n', '\nA', 'a'.repeat(256), 'Ä']];
const LINE = (length: number): Texts => [['a', 'Agents, west: (1)', 'ä', 'a'.repeat(length)], ['', 'a\n', 'a\nb', '\r', 'a\u0000', 'a\u2028', 'a'.repeat(length + 1)]];
const VISIBLE = (length: number): Texts => [['a', 'claude-sonnet-4-6', 'meta/llama:3@v1', 'a'.repeat(length)], ['', ' ', 'a b', 'a\n', 'ä', 'a'.repeat(length + 1)]];
const TAIL = '?query';
const HTTPS: readonly string[] = [
  'https://id.example.com', 'https://id.example.com/', 'https://id.example.com/a/b', 'https://localhost:1', 'https://id.example.com:65535/a', 'https://[2001:db8::1]:8443/a',
  'https://id.example.com/a%20b', 'https://id_1.example.com/common/v2.0',
];
const NO_ADDRESS: readonly string[] = [
  '', 'https://', 'id.example.com', 'ftp://id.example.com', 'https:/id.example.com', 'https://user:pass@id.example.com', 'https://user@id.example.com', 'https://id.example.com\n',
  'https://id.example.com/a\n', '\nhttps://id.example.com', 'https://id.example.com/a b', 'https://id.example.com:0', 'https://id.example.com:65536', 'https://id.example.com:99999',
  'https://id.example.com:port', 'https://id.example.com:', 'https://id.example.com#a', 'https://-id.example.com', 'https://id.example.com.', 'https:///a', 'https://id.example.com/ä',
];
const endpoint = (length: number): Texts => [
  [...HTTPS, `https://id.example.com/a${TAIL}=1`, `https://a/${'a'.repeat(length - 10)}`], [...NO_ADDRESS, 'http://id.example.com', `https://a/${'a'.repeat(length - 9)}`],
];
const issuer = (length: number): Texts => [[...HTTPS, `https://a/${'a'.repeat(length - 10)}`], [...NO_ADDRESS, 'http://a', `https://a${TAIL}`, `https://a/${'a'.repeat(length - 9)}`]];

const TYPES: Texts = [
  ['t4g.small', 'm7i-flex.large', 'c6gn.metal', `t3.${'a'.repeat(61)}`],
  ['', 't3', 'nonsense', 'db.t4g.micro', 'T3.small', 't3.small\n', `t3.${'a'.repeat(62)}`],
];

const EVENT_NAMES = (length: number): Texts => [['a', '9', 'customer-1', 'a_b.c~d:e@f', 'a'.repeat(length)], ['', '-a', 'a b', 'a/b', 'a?b', 'a%b', 'a\n', 'ä', 'a'.repeat(length + 1)]];

const FIELDS: Texts = [['id', 'event.channel', 'a-b._c', 'a'.repeat(255)], ['', '.', 'a.', '.a', 'a..b', 'a b', 'a\n', 'a'.repeat(256)]];
const HEADERS: Texts = [['a', 'X-Signature-256', 'a'.repeat(64)], ['', 'X_Sign', 'a b', 'a:', 'a\n', 'a'.repeat(65)]];

/** What each limit of a text takes and refuses. */
const TEXTS: Readonly<Record<string, Texts>> = {
  'FlueImage.uri': [
    ['agents', 'agents:99999', 'acme/agents', 'ghcr.io:1/acme/agents', 'ghcr.io:65535/acme/agents', 'ghcr.io/acme/agents:1.2.3', 'localhost:5000/agents', 'localhost/agents', 'Registry.example.com/agents', 'acme/a__b-c.d', 'acme/agents:Latest_1',
      `ghcr.io/acme/agents@sha256:${'a'.repeat(64)}`, `ghcr.io/acme/agents:1@sha256:${'0'.repeat(64)}`, `acme/agents:${'t'.repeat(128)}`],
    ['', ' ', 'ghcr.io/Acme/B', 'Acme/agents', 'acme/agents:', 'acme/agents:a b', 'acme/agents\n', 'https://ghcr.io/acme/agents', 'acme//agents', '/acme/agents', 'acme/agents/', 'acme/-agents',
      'acme/agents:-1', `acme/agents:${'t'.repeat(129)}`, 'acme/agents@sha256:abc', 'acme/agents@latest', 'user:pass@ghcr.io/acme/agents', 'ghcr.io:0/acme/agents', 'ghcr.io:65536/acme/agents', 'ghcr.io:99999/x'],
  ],
  'FlueEcrImageOptions.tagOrDigest': [['latest', '1.2.3', `sha256:${'a'.repeat(64)}`, 'a'.repeat(128)], ['', '-1', 'a b', 'a\n', 'sha256:abc', 'a'.repeat(129)]],
  'FlueExistingImageOptions.caBundlePath': [['/a', '/etc/ssl/rds.pem', `/${'a'.repeat(4094)}`], ['', '/', 'a', '/a b', '/a\n', `/${'a'.repeat(4095)}`]],
  'FlueImageProps.caBundlePath': [['/a'], ['a']],
  'FlueExistingImageOptions.nodeOptions': LINE(32768),
  'FlueServiceProps.environment': NAMES,
  'FlueServiceProps.secrets': NAMES,
  'FlueModelProviderOptions.envName': NAMES,
  'FlueModel.name': [['groq', 'azure-openai', 'a'.repeat(64)], ['', '-a', 'a b', 'a/b', 'a\n', 'a'.repeat(65)]],
  'FlueModel.model': VISIBLE(256),
  'FlueModelProviderOptions.model': VISIBLE(256),
  'FlueModel.modelId': [
    ['amazon.nova-pro-v1:0', 'eu.anthropic.claude-sonnet-4-6', 'arn:aws:bedrock:us-east-1::foundation-model/a', 'a'.repeat(2048)], ['', 'a b', 'a\n', '/a', 'a*', 'us.', 'arn:aws:s3:::a', 'a'.repeat(2049)],
  ],
  'FlueOtlpOptions.endpoint': [[...HTTPS, 'http://127.0.0.1:4318', `https://a/${'a'.repeat(2038)}`], [...NO_ADDRESS, `https://a${TAIL}`, `https://a/${'a'.repeat(2039)}`]],
  'FlueAdotOptions.serviceName': LINE(255),
  'FlueOtlpOptions.serviceName': LINE(255),
  'FlueServiceProps.healthCheckPath': [['/health', '/health?a=b', `/${'a'.repeat(1023)}`], ['/a b', '/a#b', '/a\n', `/${'a'.repeat(1024)}`]],
  'FlueFargateBaseProps.domainName': [['a.b', 'agents.example.com', `${'a'.repeat(63)}.com`], ['', 'a', '*.example.com', 'https://a.b', 'a.b:80', '-a.b', 'a.b\n', `${'a'.repeat(64)}.com`]],
  'FlueEc2ServiceProps.domainName': [['a.b'], ['a']],
  'FlueShardedServiceProps.agentPaths': [
    ['/agents/*/', '/a/', '/*/*/', '/team-a/v1.0/agents/*/', `/${'a'.repeat(56)}/`], ['', '/', 'agents/', '/agents', '//', '/a*/', '/agents/**/', '/a b/', '/a/\n', '/a?/', `/${'a'.repeat(57)}/`],
  ],
  'FlueShardedServiceProps.homePaths': [['/webhooks/*', '/a?', `/${'a'.repeat(127)}`], ['/a b', '/a#', '/a\n', '/ä', `/${'a'.repeat(128)}`]],
  'FlueNetworkProps.availabilityZoneIds': [['use1-az1', 'apne1-az4', 'usgw1-az2', 'abcde1-az12'], ['', 'us-east-1a', 'use1-bos1-az1', 'use1-az', 'USE1-AZ1', 'use1-az1\n', 'abcdef1-az12']],
  'FlueAuthOptions.publicPaths': [['/webhooks/*', '/a?', `/${'a'.repeat(127)}`], ['/a b', '/a#', '/a\n', '/ä', `/${'a'.repeat(128)}`]],
  'FlueListenerOptions.url': [
    ['http://a', 'https://agents.example.com', 'https://agents.example.com:8443/team-a', `https://a/${'a'.repeat(2038)}`],
    [...NO_ADDRESS, 'https://a/', 'https://a/b/', `https://a${TAIL}`, `https://a/${'a'.repeat(2039)}`],
  ],
  'FlueJwtAuthOptions.issuer': issuer(256),
  'FlueJwtAuthOptions.jwksEndpoint': endpoint(256),
  'FlueOidcAuthOptions.issuer': issuer(2048),
  'FlueOidcAuthOptions.authorizationEndpoint': endpoint(2048),
  'FlueOidcAuthOptions.tokenEndpoint': endpoint(2048),
  'FlueOidcAuthOptions.userInfoEndpoint': endpoint(2048),
  'FlueSignInOptions.scope': [['openid', 'openid email', 'api://agents/.default', 'a'.repeat(1024)], ['', ' ', ' openid', 'openid ', 'openid  email', 'openid\nemail', 'a"b', 'a\\b', 'a'.repeat(1025)]],
  'FlueOidcAuthOptions.clientId': VISIBLE(1024),
  'FlueOidcAuthOptions.clientSecretField': [['secret', 'client-secret', 'a.b', 'a'.repeat(255)], ['', 'a:b', 'a}b', '{a', 'a b', 'a\n', 'a'.repeat(256)]],
  'FlueDatabaseProps.databaseName': [['flue', 'a1_b', 'a'.repeat(63)], ['', '1a', 'A', 'a-b', 'a\n', 'a'.repeat(64)]],
  'FlueDatabaseProps.snapshot': [
    ['a', 'before-upgrade', 'rds:flue-2026-11-01-03-00', 'awsbackup:job-0a1b', 'arn:aws:rds:eu-west-1:111111111111:snapshot:rds:a',
      'arn:aws-us-gov:rds:us-gov-west-1:111111111111:cluster-snapshot:a', 'a'.repeat(350)],
    ['', '1a', '-a', 'a b', 'a_b', 'a\n', 'other:a', 'snap-0123/a', 'arn:aws:rds:eu-west-1:111111111111:db:a', 'arn:aws:ec2:eu-west-1::snapshot/snap-1', 'a'.repeat(351)],
  ],
  'FlueDatabaseProps.preferredBackupWindow': [
    ['02:00-02:30', '00:00-23:59', '23:45-00:15', '02:00-01:59'],
    ['', '02:00-02:29', '02:00-02:00', '2:00-3:00', '24:00-01:00', '02:60-04:00', '02:00-24:00', '02:00', '02:00-03:00\n', 'Sun:02:00-Sun:03:00', '02:00 - 03:00', 'ab:cd-ef:gh'],
  ],
  'FlueDatabaseProps.preferredMaintenanceWindow': [
    ['Sun:04:00-Sun:04:30', 'mon:00:00-mon:05:00', 'SUN:23:45-MON:00:15', 'Sat:23:00-Sun:01:00'],
    ['', 'Sun:04:00-Sun:04:29', 'Sun:04:00-Sun:04:00', 'Son:04:00-Son:05:00', 'Sunday:04:00-Sunday:05:00', 'Sun:24:00-Mon:01:00', '04:00-05:00', 'Sun:04:00-05:00', 'Sun:04:00-Sun:05:00\n'],
  ],
  'FlueSandboxProxyOptions.host': [
    ['proxy', 'proxy.internal', 'proxy.internal.', '_a-1.b', '10.0.7.9', 'localhost.example', `${'a'.repeat(63)}.b`, `${'a.'.repeat(126)}a`],
    ['', 'http://proxy', 'proxy:3128', 'me@proxy', 'a b', '-a', 'a-', 'a..b', '127.0.0.1', '0.0.0.0', '1.2.3', '10.0.7.256', 'localhost', 'LOCALHOST.', 'proxy\n', 'a'.repeat(64), `${'a.'.repeat(126)}aa`],
  ],
  'FlueSandboxVpcEndpointOptions.services': [['mirror', 'M1', 'a'.repeat(64)], ['', '1a', 'a-b', 'a_b', 'a b', 'ä', 'mirror\n', 'a'.repeat(65)]],
  'FlueSchemaOptions.schemaName': [['flue', '_a1', 'a'.repeat(63)], ['', '1a', 'A', 'a-b', 'a\n', 'a'.repeat(64)]],
  'FlueDatabaseFromAdministratorSecretOptions.databaseName': [['app', 'App_1-b', 'a'.repeat(63)], ['', 'a b', 'a/b', 'a\n', 'a'.repeat(64)]],
  'FlueDatabaseFromAdministratorSecretOptions.host': [['db', 'db.example.com', '10.0.0.1', 'a'.repeat(253)], ['', 'db.example.com:5432', 'https://db', 'db.', '-db', 'db\n', 'a'.repeat(254)]],
  'FlueEc2ServiceProps.dataVolumeSnapshot': [
    ['snap-01234567', 'snap-0123456789abcdef0'], ['', 'snap-', 'snap-0123456', 'snap-0123456789abcdef', 'snap-0123456789abcdef01', 'snap-0123456G', 'vol-01234567', 'snap-01234567\n'],
  ],
  'FlueEc2ServiceProps.instanceType': TYPES,
  'FluePostgresOptions.instanceType': TYPES,
  'FlueEventTarget.agentName': EVENT_NAMES(48),
  'FlueEventTarget.workflowName': EVENT_NAMES(48),
  'FlueAgentEventOptions.conversationId': EVENT_NAMES(72),
  'FlueInboxOptions.pathPrefix': [['/inbox', '/a/b', `/${'a'.repeat(63)}`], ['', '/', 'inbox', '/inbox/', '/a//b', '/a b', '/a?b', '/a*', '/a\n', `/${'a'.repeat(64)}`]],
  'FlueInboxOptions.tokenField': [['token', 'api-token', 'a.b', 'a'.repeat(255)], ['', 'a:b', 'a}b', '{a', 'a b', 'a\n', 'a'.repeat(256)]],
  'FlueScheduleOptions.description': LINE(512),
  'FlueEventPatternOptions.agentName': EVENT_NAMES(48),
  'FlueEventPatternOptions.conversationId': EVENT_NAMES(72),
  'FlueEventPatternOptions.conversationField': FIELDS,
  'FlueEventPatternOptions.description': LINE(512),
  'FlueWebhookOptions.agentName': EVENT_NAMES(48),
  'FlueWebhookOptions.conversationId': EVENT_NAMES(72),
  'FlueWebhookOptions.conversationField': FIELDS,
  'FlueHmacOptions.idField': FIELDS,
  'FlueHmacOptions.header': HEADERS,
  'FlueHmacOptions.timestampHeader': HEADERS,
  'FlueHmacOptions.prefix': VISIBLE(32),
  'FlueInbox.path': [['/a', '/hooks/git_hub.v1~-', `/${'a'.repeat(127)}`], ['', '/', 'a', '/a/', '//a', '/a b', '/{a}', '/a?b', '/a\n', `/${'a'.repeat(128)}`]],
  'FlueBedrockModelOptions.tags': [['a', 'cost:center', 'a b_.:/=+@-', 'xaws:', 'a'.repeat(128)], ['', 'aws:team', 'AWS:team', 'a&b', 'ü', 'a\nb', 'a'.repeat(129)]],
  'FlueBudgetProps.emails': [['a@b', 'team+agents@example.com', `${'a'.repeat(318)}@b`], ['', 'a', '@', 'a@', '@b', 'a@b@c', 'a b@c', 'Team <a@b>', 'mailto:a@b', 'a@b,c@d', 'a@b\n', `${'a'.repeat(319)}@b`]],
  'FlueBudgetProps.tags': [['a', 'Team 1', 'cost:center', 'ä_.:/=+@-', 'a'.repeat(256)], ['', 'aws:createdBy', 'AWS:x', 'a$b', 'a\n', 'a,b', 'a'.repeat(257)]],
  'FlueDeployRoleProps.repository': [
    ['acme/agents', 'a-b_c/.github', 'acme@12/agents.ts@345', `acme/${'a'.repeat(195)}`],
    ['', 'acme', 'acme/', '/agents', 'acme/*', '*', 'ac*/agents', 'acme/agents.git', 'acme/..', '-acme/agents', 'acme/a/b', 'acme/a:ref', 'acme@12/agents', 'acme/agents@3', 'acme/a\n', `acme/${'a'.repeat(196)}`],
  ],
  'FlueDeployRoleProps.branch': [['main', 'release/1.x', 'a#1@b+c', 'a'.repeat(244)], ['', '*', 'release/?', 'refs/heads/main', '/main', 'a b', 'a:b', 'a\n', 'a'.repeat(245)]],
  'FlueDeployRoleProps.environment': [['production', 'EU / live', 'a'.repeat(255)], ['', '*', 'a:b', ' a', 'a\n', 'a'.repeat(256)]],
  'FlueDeployRoleProps.qualifier': [['hnb659fds', 'a_b-C', 'a'.repeat(10)], ['', 'a b', 'a*', 'a\n', 'a'.repeat(11)]],
  'FlueDashboardProps.dashboardName': [['agents', 'A-1_b', 'a'.repeat(255)], ['', 'a b', 'a/b', 'a.b', 'a\n', 'a'.repeat(256)]],
};

const scope = new Stack(undefined, 'Stack');
const texts = LIMITS.filter(isText).flatMap(limit => keysOf(limit).map(key => [key, limit] as const));

test('every limit of a text is shown at its edges', () => {
  expect(Object.keys(TEXTS).sort()).toEqual([...new Set(texts.map(([key]) => key))].sort());
});

describe.each(texts)('%s', (key, limit) => {
  test.each(TEXTS[key][0].map(text => [text.slice(0, 60), text]))('takes %j', (_, text) => {
    expect(() => requireWritten(scope, text, limit)).not.toThrow();
  });

  test.each(TEXTS[key][1].map(text => [text.slice(0, 60), text]))('refuses %j', (_, text) => {
    expect(() => requireWritten(scope, text, limit)).toThrow(`\`${limit.prop}\` must be ${limit.allowed}, got: `);
  });

  test('takes what is not known yet', () => {
    for (const text of [Lazy.string({ produce: () => '\n' }), 'dummy-value-for-/a', `\n${Lazy.string({ produce: () => '' })}`]) {
      expect(() => requireWritten(scope, text, limit)).not.toThrow();
    }
  });
});

describe.each(LIMITS.filter(isNumber).map(limit => [keysOf(limit).join(), limit] as const))('%s', (_, limit) => {
  const { minimum, maximum, above, values, step = 0.001 } = limit;
  const inside = [minimum, maximum, ...values ?? [], above === undefined ? undefined : above + step].filter(number => number !== undefined);
  const between = limit.step === undefined || limit.values ? undefined : (minimum ?? above ?? 0) + limit.step / 2;
  const below = minimum === undefined ? undefined : minimum - step;
  const beyond = maximum === undefined ? undefined : maximum + step;
  const outside = [below, beyond, above, between, NaN, Infinity].filter(number => number !== undefined);

  test.each(inside)('takes %p', number => {
    expect(() => requireWithin(scope, number, limit)).not.toThrow();
  });

  test.each(outside)('refuses %p', number => {
    expect(() => requireWithin(scope, number, limit)).toThrow(`\`${limit.prop}\` must be ${limit.allowed}, got: ${number}`);
  });
});

test('a refusal shows a text in one line, and no password of an address', () => {
  const limit = texts.find(([key]) => key === 'FlueOtlpOptions.endpoint')![1];
  expect(() => requireWritten(scope, 'https://user:pass@example.com/a?key=1', limit)).toThrow('got: https://…@example.com/a?…. Write it');
  expect(() => requireWritten(scope, 'a\nb', limit)).toThrow('got: a\\u000ab. Write it');
});
