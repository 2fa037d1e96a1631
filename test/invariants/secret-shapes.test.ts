import { isSecretName, plainSecret, PROVIDER_KEY_NAMES, secretIn } from '../../src/invariants/secret-shapes';

describe('names', () => {
  test.each([
    ...Object.values(PROVIDER_KEY_NAMES),
    'DATABASE_URL', 'ANTHROPIC_OAUTH_TOKEN', 'AWS_BEARER_TOKEN_BEDROCK', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'PGPASSWORD',
    'TOKEN', 'GITHUB_TOKEN', 'SLACK_BOT_TOKEN', 'SESSION_SECRET', 'CLIENT_SECRET', 'DB_PASSWORD', 'DB_PASS', 'DB_PWD', 'MY_APIKEY', 'MY_API_KEY',
    'JWT_PRIVATE_KEY', 'STRIPE_SECRET_KEY', 'S3_ACCESS_KEY', 'GPG_PASSPHRASE', 'database_url', 'dbPassword', 'apiKey', 'splunk-token', 'com.acme.api_key',
  ])('%s is that of a secret', name => {
    expect(isSecretName(name)).toBe(true);
    expect(plainSecret(name, 'hunter2-hunter2')).toBe('its name is that of a secret');
  });

  test.each([
    'TOKENIZERS_PARALLELISM', 'SECRET_SANTA_URL', 'MAX_TOKENS', 'TOKEN_LIMIT', 'PASSWORD_MIN_LENGTH', 'SECRET_NAME', 'DB_SECRET_ARN', 'API_KEY_HEADER',
    'PWD', 'OLDPWD', 'BYPASS', 'COMPASS', 'KEY', 'PARTITION_KEY', 'SSH_PUBLIC_KEY', 'KMS_KEY_ID', 'AWS_ACCESS_KEY_ID', 'MODEL_SPECIFIER', 'DATABASE_URL_SECRET_ARN',
    'GOOGLE_APPLICATION_CREDENTIALS', 'SECRETS_DIR', 'TOKENIZER', 'NODE_OPTIONS', 'MONKEY', 'APIKEYS_TABLE',
  ])('%s is not', name => {
    expect(isSecretName(name)).toBe(false);
    expect(plainSecret(name, 'some value')).toBeUndefined();
  });
});

describe('values', () => {
  const random = 'Zx81yAbC4dEfGh7iJkLmN2oPqRsTuV9wXyZ0';
  test.each([
    ['an Anthropic key', `sk-ant-api03-${random}-_AA`],
    ['an API key', `sk-proj-${random}`],
    ['an API key', 'sk-0123456789abcdef0123456789abcdef'],
    ['an API key', 'sk-or-v1-0123456789abcdef0123456789abcdef'],
    ['an API key', `sk-svcacct-${random}`],
    ['an API key', `nvapi-${random}`],
    ['an API key', 'pplx-0123456789abcdef0123456789'],
    ['an API key', `r8_${random}`],
    ['an AWS access key', 'AKIAIOSFODNN7EXAMPLE'],
    ['an AWS access key', 'ASIAIOSFODNN7EXAMPLE'],
    ['an Amazon Bedrock key', `ABSK${random}${random}`],
    ['a GitHub token', `ghp_${random}`],
    ['a GitHub token', `github_pat_11ABCDEFG0_${random}`],
    ['a GitLab token', 'glpat-0123456789abcdefghij'],
    ['a Slack token', 'xoxb-123456789012-abcdefghijkl'],
    ['a Slack token', ['https://hooks.slack.com', 'services', 'T0123ABC', 'B0123ABC', 'abcdefghijklmnop'].join('/')],
    ['a Google key', `AIzaSy${random}`],
    ['a Hugging Face token', `hf_${random}`],
    ['a Groq key', `gsk_${random}`],
    ['an xAI key', `xai-${random}`],
    ['an npm token', `npm_${random}`],
    ['a Stripe key', `sk_live_${random}`],
    ['a SendGrid key', `SG.${random}.${random}`],
    ['a JSON web token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P'],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMIIE'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\\nMIIE'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['a URL with a password', 'postgres://flue:hunter2@db.internal:5432/flue'],
    ['a URL with a password', 'redis://:hunter2@cache:6379'],
    ['a URL with a password', 'https://user:p%40ss@example.com/path'],
    ['a URL with a password', 'postgresql://${User}:hunter2@${Host}/flue'],
    ['a URL with a password', 'amqps://flue:hunter2@{{resolve:ssm:/mq/host}}:5671'],
    ['a connection string with a password', 'host=db user=flue password=hunter2'],
    ['a connection string with a password', 'postgres://db/flue?user=flue&password=hunter2'],
  ])('%s', (kind, value) => {
    expect(secretIn(value)).toBe(kind);
    expect(secretIn(`before ${value} after`)).toBe(kind);
    expect(plainSecret('INNOCENT', value)).toBe(`its value looks like ${kind}`);
  });
});

/** What looks like a secret by its name or its value and is none. */
const HARD_NEGATIVES: Array<[name: string, value: string]> = [
  ['TOKENIZERS_PARALLELISM', 'false'],
  ['SECRET_SANTA_URL', 'https://santa.example.com/draw'],
  ['MAX_TOKEN', '4096'],
  ['USE_TOKEN', 'true'],
  ['REQUIRE_PASSWORD', 'yes'],
  ['EOS_TOKEN', '</s>'],
  ['PAD_TOKEN', '<pad>'],
  ['API_KEY', ''],
  ['API_KEY', '<your key>'],
  ['API_KEY', '$OTHER_KEY'],
  ['API_KEY', '${API_KEY}'],
  ['API_KEY', '$(aws ssm get-parameter --name /flue/key)'],
  ['TOKEN', '`curl -s -X PUT http://169.254.169.254/latest/api/token`'],
  ['NPM_TOKEN', '/run/secrets/npm-token'],
  ['AUTH_TOKEN', 'https://auth.example.com/oauth/token'],
  ['DB_SECRET', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf'],
  ['ANTHROPIC_API_KEY', 'arn:aws-cn:secretsmanager:cn-north-1:111111111111:secret:key-AbCdEf'],
  ['ANTHROPIC_API_KEY', '{{resolve:secretsmanager:anthropic:SecretString:key}}'],
  ['DATABASE_URL', '{{resolve:ssm-secure:/flue/url}}'],
  ['UPSTREAM', 'postgres://flue:{{resolve:secretsmanager:db:SecretString:password}}@db/flue'],
  ['UPSTREAM', 'postgres://flue:{{resolve:secretsmanager:${Password}:SecretString:password}}@db/flue'],
  ['UPSTREAM', 'postgres://flue:${Password}@db/flue'],
  ['UPSTREAM', 'postgres://flue:$PASSWORD@db/flue'],
  ['UPSTREAM', 'postgres://flue:<password>@db/flue'],
  ['UPSTREAM', 'postgres://flue:***@db/flue'],
  ['UPSTREAM', 'postgres://flue@db:5432/flue'],
  ['UPSTREAM', 'http://127.0.0.1:8080/@flue/runtime'],
  ['REPOSITORY', 'git+ssh://git@github.com:acme/agents.git'],
  ['IMAGE', '111111111111.dkr.ecr.eu-west-1.amazonaws.com/flue-agents@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'],
  ['IMAGE', 'docker-image://alpine:3.20@sha256:0123456789abcdef'],
  ['PACKAGE', 'sk-learn-compatible-model-registry-client'],
  ['PACKAGE', 'task-sk-model-2026-11-21-nightly'],
  ['MODEL_SPECIFIER', 'anthropic/claude-sonnet-4-6'],
  ['MODEL_SPECIFIER', 'amazon-bedrock/eu.anthropic.claude-sonnet-4-6'],
  ['KEY_TYPE', 'sk-ssh-ed25519@openssh.com'],
  ['CERTIFICATE', '-----BEGIN CERTIFICATE-----\nMIID'],
  ['PUBLIC', '-----BEGIN PUBLIC KEY-----\nMIIB'],
  ['NODE_OPTIONS', '--import=data:text/javascript,import%20dc%20from%20%22node:diagnostics_channel%22;dc.subscribe(%22x%22,({server})=>{})'],
  ['AVATAR', 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk'],
  ['COMMIT', '18819e6f0a1b2c3d4e5f60718293a4b5c6d7e8f9'],
  ['ID', '123e4567-e89b-12d3-a456-426614174000'],
  ['POLICY', 'require_password=true'],
];

test.each(HARD_NEGATIVES)('%s=%s is no secret', (name, value) => {
  expect(plainSecret(name, value)).toBeUndefined();
});

test.each([
  ['DB_PASSWORD', '12345'],
  ['API_KEY', 'changeme'],
  ['DATABASE_URL', 'postgres://localhost/flue'],
  ['ANTHROPIC_API_KEY', '1234'],
  ['SESSION_SECRET', 'keyboard cat'],
])('%s=%s is one by its name', (name, value) => {
  expect(plainSecret(name, value)).toBe('its name is that of a secret');
});
