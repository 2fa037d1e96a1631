import { isSecretName, plainSecret, PROVIDER_KEY_NAMES, secretIn } from '../../src/invariants/secret-shapes';

describe('names', () => {
  test.each([
    ...Object.values(PROVIDER_KEY_NAMES),
    'DATABASE_URL', 'ANTHROPIC_OAUTH_TOKEN', 'AWS_BEARER_TOKEN_BEDROCK', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'PGPASSWORD',
    'TOKEN', 'GITHUB_TOKEN', 'SLACK_BOT_TOKEN', 'SESSION_SECRET', 'CLIENT_SECRET', 'DB_PASSWORD', 'DB_PASS', 'DB_PWD', 'MY_APIKEY', 'MY_API_KEY',
    'JWT_PRIVATE_KEY', 'STRIPE_SECRET_KEY', 'DD_APP_KEY', 'NEW_RELIC_LICENSE_KEY', 'licenseKey', 'Shared_Key', 'SIGNING_KEY', 'ENCRYPTION_KEY', 'GH_PAT',
    'http_Passwd', 'Splunk_Token', 'ADMIN_BASIC_AUTH', 'AZURE_ACCOUNT_KEY', 'S3_ACCESS_KEY', 'GPG_PASSPHRASE', 'database_url', 'dbPassword', 'apiKey', 'splunk-token', 'com.acme.api_key',
  ])('%s is that of a secret', name => {
    expect(isSecretName(name)).toBe(true);
    expect(plainSecret(name, 'hunter2-hunter2')).toBe('its name is that of a secret');
  });

  test.each([
    'TOKENIZERS_PARALLELISM', 'SECRET_SANTA_URL', 'MAX_TOKENS', 'TOKEN_LIMIT', 'PASSWORD_MIN_LENGTH', 'SECRET_NAME', 'DB_SECRET_ARN', 'API_KEY_HEADER',
    'PWD', 'OLDPWD', 'BYPASS', 'COMPASS', 'KEY', 'PARTITION_KEY', 'SSH_PUBLIC_KEY', 'KMS_KEY_ID', 'AWS_ACCESS_KEY_ID', 'MODEL_SPECIFIER', 'DATABASE_URL_SECRET_ARN',
    'GOOGLE_APPLICATION_CREDENTIALS', 'SECRETS_DIR', 'TOKENIZER', 'NODE_OPTIONS', 'MONKEY', 'APIKEYS_TABLE', 'NEXT_PUBLIC_MAP_API_KEY', 'STRIPE_PUBLISHABLE_KEY', 'EOS_TOKEN', 'STOP_TOKEN',
    'ROUTING_KEY', 'SORT_KEY', 'APPLE_PATH',
  ])('%s is not', name => {
    expect(isSecretName(name)).toBe(false);
    expect(plainSecret(name, 'some value')).toBeUndefined();
  });
});

describe('values', () => {
  const random = 'Zx81yAbC4dEfGh7iJkLmN2oPqRsTuV9wXyZ0';
  const hex = '0123456789abcdef0123456789abcdef';
  const uuid = '01234567-89ab-cdef-0123-456789abcdef';
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
    ['an API key', `sk-lf-${uuid}`],
    ['an API key', `lsv2_pt_${hex}_0123456789`],
    ['an API key', `e2b_${hex}01234567`],
    ['an API key', `fc-${hex}`],
    ['an Amazon Bedrock key', `bedrock-api-key-${random}${random}`],
    ['a GitLab token', 'gldt-0123456789abcdefghij'],
    ['a Slack token', 'xoxe.xoxp-1-abcdefghijkl0123'],
    ['a Google key', `GOCSPX-${random}`],
    ['a Google key', `ya29.${random}`],
    ['a PyPI token', `pypi-AgEIcHlwaS5vcmc${random}`],
    ['a Docker Hub token', `dckr_pat_${random}`],
    ['a Stripe key', `whsec_${random}`],
    ['a Datadog key', `ddapi_${random}`],
    ['a New Relic key', `NRAK-${'A1B2C3D4E5'.repeat(3)}`],
    ['a New Relic key', `${hex}0123NRAL`],
    ['a Splunk token', `Splunk ${uuid}`],
    ['a Sumo Logic collector', `https://endpoint1.collection.sumologic.com/receiver/v1/http/${random}==`],
    ['a Grafana token', `glsa_${random}_0123abcd`],
    ['a Honeycomb key', `hcaik_01${'abcdefghij'.repeat(5)}`],
    ['a Sentry token', `sntrys_${random}`],
    ['a Databricks token', `dapi${hex}`],
    ['a DigitalOcean token', `dop_v1_${hex}${hex}`],
    ['a Vault token', `hvs.${random}`],
    ['a Shopify token', `shpat_${hex}`],
    ['a Notion token', `ntn_${random}`],
    ['a Linear key', `lin_api_${random}`],
    ['a Pinecone key', `pcsk_${random}`],
    ['an Atlassian token', `ATATT3xFfGF0${random}`],
    ['a Figma token', `figd_${random}`],
    ['a Postman key', `PMAK-${'a1'.repeat(12)}-${'b2'.repeat(17)}`],
    ['a PlanetScale token', `pscale_tkn_${random}`],
    ['a Supabase key', `sbp_${'a1b2'.repeat(10)}`],
    ['a Supabase key', `sb_secret_${random}`],
    ['an Authorization header', `Bearer ${random}`],
    ['an Authorization header', 'Basic YWdlbnRzOmh1bnRlcjI='],
    ['a Telegram token', `123456789:AA${random.slice(0, 33)}`],
    ['a Discord webhook', `https://discord.com/api/webhooks/1234567890/${random}`],
    ['an Azure connection string', `DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=${random}==`],
    ['a private key', `AGE-SECRET-KEY-1${'ABCDEFGHJ2'.repeat(6)}`],
    ['an Authorization header', 'authorization=Basic Zmx1ZTpodW50ZXIy'],
    ['an Authorization header', 'Authorization: Bearer 0123456789abcdef'],
    ['an Authorization header', 'authorization=Bearer%20abcdefghijklmnopqrstuvwxyz'],
    ['an Authorization header', '{"Authorization":"ApiKey 12345678"}'],
    ['an Authorization header', 'Header Authorization Bearer abc123def456'],
    ['a URL with a key', 'https://api.example.com/v1?api_key=0123456789abcdefgh'],
    ['a URL with a key', 'wss://api.example.com/v1?x=1&token=0123456789abcdefgh'],
    ['a connection string with a password', 'Server=db;Database=flue;Uid=flue;Pwd=hunter2'],
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
  ['CSRF_TOKEN', 'x-csrf-token'],
  ['CSRF_TOKEN', 'X-CSRF-Token'],
  ['XSRF_TOKEN', 'csrf'],
  ['AUTH_TOKEN', 'x-auth-token'],
  ['API_KEY', 'X-API-Key'],
  ['PAD_TOKEN', '[PAD]'],
  ['SPECIAL_TOKEN', '[MASK]'],
  ['EOS_TOKEN', '<|endoftext|>'],
  ['STOP_TOKEN', 'END'],
  ['AUTH_TOKEN', 'required'],
  ['DB_SECRET', 'prod/agents/database'],
  ['ENCRYPTION_KEY', 'alias/agents'],
  ['NEXT_PUBLIC_MAP_API_KEY', 'pk.abcdef'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'x-tenant=agents,x-team=flue'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization=Bearer ${TOKEN}'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'x-api-key=$API_KEY'],
  ['CORS_HEADERS', 'authorization, x-api-key, content-type'],
  ['API_KEY_HEADER', 'x-api-key'],
  ['ACCEPT_HEADER', 'application/json; charset=utf-8'],
  ['HELP', 'Send an Authorization: Bearer header with each request'],
  ['HELP', 'authorization: basic authentication'],
  ['HELP', 'curl -H "Authorization: Bearer $TOKEN" https://agents.example.com'],
  ['CALLBACK', 'https://agents.example.com/done?token={token}&api_key=$KEY'],
  ['CALLBACK', 'https://agents.example.com/done?token=please-fill-this-in'],
  ['IMAGE', 'public.ecr.aws/docker/library/splunk:9'],
  ['SPLUNK_URL', 'https://splunk.example.com:8088'],
  ['WEBHOOK_DOCS', 'https://api.slack.com/messaging/webhooks'],
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
  ['ANTHROPIC_API_KEY', 'x-api-key'],
  ['DB_PASSWORD', 'required'],
  ['DB_PASSWORD', 'x-password'],
  ['SESSION_SECRET', 'super-secret'],
  ['CSRF_SECRET', 'k3yb0ard'],
])('%s=%s is one by its name', (name, value) => {
  expect(plainSecret(name, value)).toBe('its name is that of a secret');
});

test.each([
  ['OTEL_EXPORTER_OTLP_HEADERS', 'x-tenant=agents,x-honeycomb-team=abc', 'x-honeycomb-team'],
  ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'api-key=abc', 'api-key'],
  ['WEBHOOK_HEADERS', '{"X-Tenant":"a","X-Api-Key":"abc"}', 'X-Api-Key'],
  ['UPSTREAM_HEADERS', 'X-Tenant: a\nCookie: session=abc', 'Cookie'],
  ['AUTH_HEADER', 'Authorization: hunter2', 'Authorization'],
])('%s=%s carries a key in a header', (name, value, header) => {
  expect(plainSecret(name, value)).toBe(`its header ${header} is a key`);
});
