import { DATABASE_URL } from './shared-state';

/** Key variable of every model provider that Flue's model catalogue knows (pi-ai 0.79.10). */
export const PROVIDER_KEY_NAMES: { readonly [provider: string]: string } = {
  'anthropic': 'ANTHROPIC_API_KEY',
  'ant-ling': 'ANT_LING_API_KEY',
  'azure-openai-responses': 'AZURE_OPENAI_API_KEY',
  'cerebras': 'CEREBRAS_API_KEY',
  'cloudflare-ai-gateway': 'CLOUDFLARE_API_KEY',
  'cloudflare-workers-ai': 'CLOUDFLARE_API_KEY',
  'deepseek': 'DEEPSEEK_API_KEY',
  'fireworks': 'FIREWORKS_API_KEY',
  'github-copilot': 'COPILOT_GITHUB_TOKEN',
  'google': 'GEMINI_API_KEY',
  'google-vertex': 'GOOGLE_CLOUD_API_KEY',
  'groq': 'GROQ_API_KEY',
  'huggingface': 'HF_TOKEN',
  'kimi-coding': 'KIMI_API_KEY',
  'minimax': 'MINIMAX_API_KEY',
  'minimax-cn': 'MINIMAX_CN_API_KEY',
  'mistral': 'MISTRAL_API_KEY',
  'moonshotai': 'MOONSHOT_API_KEY',
  'moonshotai-cn': 'MOONSHOT_API_KEY',
  'nvidia': 'NVIDIA_API_KEY',
  'openai': 'OPENAI_API_KEY',
  'opencode': 'OPENCODE_API_KEY',
  'opencode-go': 'OPENCODE_API_KEY',
  'openrouter': 'OPENROUTER_API_KEY',
  'together': 'TOGETHER_API_KEY',
  'vercel-ai-gateway': 'AI_GATEWAY_API_KEY',
  'xai': 'XAI_API_KEY',
  'xiaomi': 'XIAOMI_API_KEY',
  'xiaomi-token-plan-ams': 'XIAOMI_TOKEN_PLAN_AMS_API_KEY',
  'xiaomi-token-plan-cn': 'XIAOMI_TOKEN_PLAN_CN_API_KEY',
  'xiaomi-token-plan-sgp': 'XIAOMI_TOKEN_PLAN_SGP_API_KEY',
  'zai': 'ZAI_API_KEY',
  'zai-coding-cn': 'ZAI_CODING_CN_API_KEY',
};

const SECRET_NAMES = new Set([
  ...Object.values(PROVIDER_KEY_NAMES), DATABASE_URL,
  'ANTHROPIC_OAUTH_TOKEN', 'AWS_BEARER_TOKEN_BEDROCK', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'PGPASSWORD',
]);
const SECRET_NAME_SUFFIX = new RegExp(
  '(^|_)(API_?KEY|ACCESS_KEY|ACCOUNT_KEY|APP_KEY|APPLICATION_KEY|ENCRYPTION_KEY|LICENSE_KEY|MASTER_KEY|PRIVATE_KEY|SECRET_KEY|SHARED_KEY|SIGNING_KEY'
  + '|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASSCODE|BASIC_AUTH)$|_(PASS|PWD|PAT)$');
const PASSWORD_NAME_SUFFIX = /(PASSWORD|PASSWD|PASSPHRASE|PASSCODE|_PASS|_PWD)$/;
/** Names that end like that of a secret and hold what everyone may read: what a browser gets, and the marks of a text that a model reads. */
const PUBLIC_NAME = /(^|_)(PUBLIC|PUBLISHABLE)_|(^|_)(BOS|CLS|END|EOS|MASK|MAX|MIN|PAD|SEP|START|STOP|UNK)_TOKEN$/;
/** Headers whose whole value is a key, though their names do not say so. */
const SECRET_HEADERS = new Set(['AUTHORIZATION', 'PROXY_AUTHORIZATION', 'COOKIE', 'X_HONEYCOMB_TEAM', 'X_INSERT_KEY', 'OCP_APIM_SUBSCRIPTION_KEY']);

/** What begins a reference in the place of a secret: a shell or template variable, or a mask. */
const NO_REFERENCE = '(?![$<*{])';

/** Key formats of providers and platforms, wherever they stand in a text. */
export const SECRET_VALUES: ReadonlyArray<readonly [kind: string, shape: RegExp]> = [
  ['an Anthropic key', /(?<![\w-])sk-ant-[\w-]{6,}/],
  // the random part has both letters and digits, which tells it from a name with hyphens
  ['an API key', /(?<![\w-])sk-([a-z0-9]{1,12}-){0,3}(?=[A-Za-z_]*\d)(?=[\d_]*[A-Za-z])[A-Za-z0-9_]{16,}/],
  ['an API key', /(?<![\w-])(csk-[a-z0-9]{20,}|nvapi-[\w-]{20,}|pplx-[A-Za-z0-9]{20,}|tvly-[\w-]{16,}|r8_[A-Za-z0-9]{20,}|fw_[A-Za-z0-9]{20,})/],
  ['an API key', /(?<![\w-])(sk-lf-[0-9a-f]{8}-[0-9a-f-]{27}|lsv2_(pt|sk)_[0-9a-f]{20,}\w*|e2b_[0-9a-f]{30,}|fc-[0-9a-f]{32}|pa-[A-Za-z0-9_]{40,})(?!\w)/],
  ['an AWS access key', /(?<!\w)(AKIA|ASIA)[0-9A-Z]{16}(?!\w)/],
  ['an AWS secret key', /(?<![A-Za-z])aws_?secret_?access_?key["']?\s*[:=]\s*["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/i],
  ['an Amazon Bedrock key', /(?<!\w)(ABSK[A-Za-z0-9+/=]{40,}|bedrock-api-key-[A-Za-z0-9+/=]{40,})/],
  ['a GitHub token', /(?<!\w)(gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/],
  ['a GitLab token', /(?<![\w-])gl(pat|dt|rt|cbt|ptt|soat)-[\w-]{16,}/],
  ['a Slack token', /(?<![\w-])(xox[a-z](\.xox[a-z])?|xapp)-[\w-]{10,}|hooks\.slack\.com\/(services|workflows|triggers)\/T\w+\/\w+\/\w+/],
  ['a Google key', /(?<!\w)(AIza[\w-]{30,}|GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,})/],
  ['a Hugging Face token', /(?<!\w)hf_[A-Za-z0-9]{20,}/],
  ['a Groq key', /(?<!\w)gsk_[A-Za-z0-9]{20,}/],
  ['an xAI key', /(?<![\w-])xai-[A-Za-z0-9]{20,}/],
  ['an npm token', /(?<!\w)npm_[A-Za-z0-9]{30,}/],
  ['a PyPI token', /(?<![\w-])pypi-AgE[\w-]{30,}/],
  ['a Docker Hub token', /(?<!\w)dckr_(pat|oat)_[\w-]{20,}/],
  ['a Stripe key', /(?<!\w)([rs]k_(live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{20,})/],
  ['a SendGrid key', /(?<!\w)SG\.[\w-]{16,}\.[\w-]{16,}/],
  ['a Datadog key', /(?<!\w)dd(api|app)_[A-Za-z0-9]{30,}/],
  ['a New Relic key', /(?<!\w)(NRAK-[A-Z0-9]{20,}|NRII-[\w-]{20,}|[0-9a-f]{36}NRAL)(?!\w)/],
  ['a Splunk token', /(?<!\w)Splunk (?=[0-9a-fA-F-]*\d)[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/],
  ['a Sumo Logic collector', /sumologic\.com\/receiver\/v1\/http\/[\w=-]{20,}/],
  ['a Grafana token', /(?<!\w)(glsa_[A-Za-z0-9]{20,}_[0-9a-f]{8}|glc_eyJ[\w=+/-]{20,})/],
  ['a Honeycomb key', /(?<!\w)hc[abx]?[im]k_[a-z0-9]{20,}/],
  ['a Sentry token', /(?<!\w)sntry[su]_[\w=+/-]{20,}/],
  ['a Databricks token', /(?<!\w)dapi[0-9a-f]{32}(?!\w)/],
  ['a DigitalOcean token', /(?<!\w)do[oprt]_v1_[0-9a-f]{30,}/],
  ['a Vault token', /(?<![\w.])hv[bs]\.[\w-]{20,}/],
  ['a Shopify token', /(?<!\w)shp(at|ca|pa|ss)_[0-9a-fA-F]{32}/],
  ['a Notion token', /(?<!\w)ntn_[A-Za-z0-9]{30,}/],
  ['a Linear key', /(?<!\w)lin_(api|oauth)_[A-Za-z0-9]{30,}/],
  ['a Pinecone key', /(?<!\w)pcsk_\w{30,}/],
  ['an Atlassian token', /(?<!\w)ATATT3[\w=-]{30,}/],
  ['a Figma token', /(?<!\w)figd_[\w-]{30,}/],
  ['a Postman key', /(?<![\w-])PMAK-[0-9a-f]{24}-[0-9a-f]{34}(?!\w)/],
  ['a PlanetScale token', /(?<!\w)pscale_(tkn|pw|oauth)_[\w-]{30,}/],
  ['a Supabase key', /(?<!\w)(sbp_[0-9a-f]{40}|sb_secret_[\w-]{20,})(?!\w)/],
  ['a Telegram token', /(?<!\w)\d{8,10}:AA[\w-]{33}(?![\w-])/],
  ['a Discord webhook', /discord(app)?\.com\/api\/webhooks\/\d+\/[\w-]{20,}/],
  ['an Azure connection string', /(?<!\w)(AccountKey|SharedAccessKey|SharedAccessSignature)=(?![$<*{])[A-Za-z0-9+/=%]{20,}/],
  ['a JSON web token', /(?<!\w)eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
  ['a private key', /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/],
  ['a private key', /(?<!\w)AGE-SECRET-KEY-1[A-Z0-9]{50,}/],
  // the word after the scheme is a credential where it has a digit, base64's end or the length of one
  ['an Authorization header', new RegExp(`authorization["']?(\\s*[=:]\\s*|\\s+)["']?(basic|bearer|splunk|token|api-?key)(\\s|%20|\\+)+${NO_REFERENCE}`
    + '(?=[^\\s"\',;]*[\\d=]|[^\\s"\',;]{24,})[^\\s"\',;]{6,}', 'i')],
  // the same without the name of the header
  ['an Authorization header', /(?<![\w-])(Basic|Bearer) (?=[\w.~+/-]*\d)[\w.~+/-]{16,}(?![\w-])/],
  // a shell or template variable in the password's place is a reference, not a secret; `@sha256:` is an image's digest
  ['a URL with a password', /(?<![\w+.-])[a-z][a-z0-9+.-]*:\/\/[^\s/:@'"]*:(?![$<*])[^\s/@'"]+@(?!sha256:)/i],
  ['a URL with a key', new RegExp(`[?&](api[_-]?key|access[_-]?token|token|sig|signature|secret)=${NO_REFERENCE}(?=[^\\s&"']*\\d)[^\\s&"']{16,}`, 'i')],
  ['a connection string with a password', /((?<!\w)password|;\s*pwd)=(?![$<*]|true\b|false\b)[^\s&;'"]{3,}/i],
];

/** Dynamic references that CloudFormation replaces by the secret itself, wherever they stand. */
const SECRET_REFERENCE = /\{\{resolve:(secretsmanager|ssm-secure):/;

/** Whether CloudFormation puts a secret into this text at deployment. */
export function resolvesToSecret(text: string): boolean {
  return SECRET_REFERENCE.test(text);
}

/** Whether a value is only a pointer to a secret, a placeholder for one, or nothing at all. */
function isReference(value: string): boolean {
  return value === '' || value.startsWith('{{resolve:') || /^arn:[\w-]+:/.test(value) || /^\$[({\w]/.test(value) || /^`.*`?$/.test(value)
    || /^<[^>]*>$/.test(value);
}

/** Whether a value points elsewhere: a plain URL, the path of a file or parameter, the name of a secret in a store, a key's alias. */
function isPlace(value: string): boolean {
  return /^(https?|file):\/\/\S+$/.test(value) || /^\/[\w.-]+(\/[\w.-]+)+$/.test(value) || /^[a-z][a-z-]*\d{0,3}(\/[a-z][a-z-]*\d{0,3})+$/.test(value);
}

/** Whether a value is the name of a header, a cookie or a field that carries the secret: `x-csrf-token`. */
function isFieldName(name: string, value: string): boolean {
  return /^x(-[a-z]+)+$/i.test(value) && isSecretName(value) || /(^|_)[CX]SRF_/.test(name) && /^[a-z]+([-_.]+[a-z]+)*$/i.test(value);
}

/** `dbPassword`, `db-password` and `db.password` are names like `DB_PASSWORD`. */
function normalized(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[-.\/\s]/g, '_').toUpperCase();
}

/** Whether a variable of this name is meant to hold a secret. */
export function isSecretName(name: string): boolean {
  const known = normalized(name);
  return SECRET_NAMES.has(known) || (SECRET_NAME_SUFFIX.test(known) && !PUBLIC_NAME.test(known));
}

/** Says which kind of secret stands in a text, or undefined for none. */
export function secretIn(text: string): string | undefined {
  // what CloudFormation resolves at deployment can look like a password in a URL
  const literal = text.replace(/\{\{resolve:[\s\S]*?\}{2,}/g, '$');
  return SECRET_VALUES.find(([, shape]) => shape.test(literal))?.[0];
}

/** Says why a variable must not be in plain text, or undefined where it may. */
export function plainSecret(name: string, value: string): string | undefined {
  const shape = secretIn(value);
  if (shape) {
    return `its value looks like ${shape}`;
  }
  const header = secretHeader(name, value);
  if (header) {
    return `its header ${header} is a key`;
  }
  if (!isSecretName(name) || isReference(value)) {
    return undefined;
  }
  return isHarmless(normalized(name), value) ? undefined : 'its name is that of a secret';
}

/** The header that carries a key in a list of them: `a=b,c=d` of OpenTelemetry, lines, or JSON. */
function secretHeader(name: string, value: string): string | undefined {
  if (!/(^|_)HEADERS?$/.test(normalized(name))) {
    return undefined;
  }
  return [...value.matchAll(/(?:^|[,;\n{])\s*["']?([\w-]+)["']?\s*[=:]\s*["']?([^,;\n"'}]*)/g)]
    .find(([, header, content]) => (SECRET_HEADERS.has(normalized(header)) || isSecretName(header))
      && !isReference(content.replace(/^\w+(\s|%20)+(?=[$<])/, '').trim()) && !isHarmless(normalized(header), content.trim()))?.[1];
}

/** A switch, a number, a place or a field under a name that only sounds like a secret. A password may well be a number. */
function isHarmless(name: string, value: string): boolean {
  return !SECRET_NAMES.has(name) && (/^(true|false|yes|no|on|off|null|none)$/i.test(value) || isPlace(value)
    || (!PASSWORD_NAME_SUFFIX.test(name) && (/^\d{1,7}$/.test(value) || /^(required|optional|enabled|disabled|auto)$/i.test(value)
      || /^\[[A-Z]+\]$/.test(value) || isFieldName(name, value))));
}
