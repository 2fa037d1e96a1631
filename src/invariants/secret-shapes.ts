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
const SECRET_NAME_SUFFIX = /(^|_)(API_?KEY|ACCESS_KEY|PRIVATE_KEY|SECRET_KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE)$|_(PASS|PWD)$/;
const PASSWORD_NAME_SUFFIX = /(PASSWORD|PASSWD|PASSPHRASE|_PASS|_PWD)$/;

/** Key formats of providers and platforms, wherever they stand in a text. */
const SECRET_VALUES: ReadonlyArray<readonly [kind: string, shape: RegExp]> = [
  ['an Anthropic key', /(?<![\w-])sk-ant-[\w-]{6,}/],
  // the random part has both letters and digits, which tells it from a name with hyphens
  ['an API key', /(?<![\w-])sk-([a-z0-9]{1,12}-){0,3}(?=[A-Za-z_]*\d)(?=[\d_]*[A-Za-z])[A-Za-z0-9_]{16,}/],
  ['an API key', /(?<![\w-])(csk-[a-z0-9]{20,}|nvapi-[\w-]{20,}|pplx-[A-Za-z0-9]{20,}|tvly-[\w-]{16,}|r8_[A-Za-z0-9]{20,}|fw_[A-Za-z0-9]{20,})/],
  ['an AWS access key', /(?<!\w)(AKIA|ASIA)[0-9A-Z]{16}(?!\w)/],
  ['an Amazon Bedrock key', /(?<!\w)ABSK[A-Za-z0-9+/=]{40,}/],
  ['a GitHub token', /(?<!\w)(gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/],
  ['a GitLab token', /(?<![\w-])glpat-[\w-]{16,}/],
  ['a Slack token', /(?<![\w-])(xox[abeprs]|xapp)-[\w-]{10,}|hooks\.slack\.com\/services\/T\w+\/B\w+\/\w+/],
  ['a Google key', /(?<!\w)AIza[\w-]{30,}/],
  ['a Hugging Face token', /(?<!\w)hf_[A-Za-z0-9]{20,}/],
  ['a Groq key', /(?<!\w)gsk_[A-Za-z0-9]{20,}/],
  ['an xAI key', /(?<![\w-])xai-[A-Za-z0-9]{20,}/],
  ['an npm token', /(?<!\w)npm_[A-Za-z0-9]{30,}/],
  ['a Stripe key', /(?<!\w)[rs]k_(live|test)_[A-Za-z0-9]{16,}/],
  ['a SendGrid key', /(?<!\w)SG\.[\w-]{16,}\.[\w-]{16,}/],
  ['a JSON web token', /(?<!\w)eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
  ['a private key', /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/],
  // a shell or template variable in the password's place is a reference, not a secret; `@sha256:` is an image's digest
  ['a URL with a password', /(?<![\w+.-])[a-z][a-z0-9+.-]*:\/\/[^\s/:@'"]*:(?![$<*])[^\s/@'"]+@(?!sha256:)/i],
  ['a connection string with a password', /(?<!\w)password=(?![$<*]|true\b|false\b)[^\s&;'"]{3,}/i],
];

/** Whether a value is only a pointer to a secret, a placeholder for one, or nothing at all. */
function isReference(value: string): boolean {
  return value === '' || value.startsWith('{{resolve:') || /^arn:[\w-]+:/.test(value) || /^\$[({\w]/.test(value) || /^`.*`?$/.test(value)
    || /^<[^>]*>$/.test(value);
}

/** Whether a value points elsewhere: a plain URL, or the path of a file or parameter. */
function isPlace(value: string): boolean {
  return /^(https?|file):\/\/\S+$/.test(value) || /^\/[\w.-]+(\/[\w.-]+)+$/.test(value);
}

/** `dbPassword`, `db-password` and `db.password` are names like `DB_PASSWORD`. */
function normalized(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[-.\/]/g, '_').toUpperCase();
}

/** Whether a variable of this name is meant to hold a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAMES.has(normalized(name)) || SECRET_NAME_SUFFIX.test(normalized(name));
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
  if (!isSecretName(name) || isReference(value)) {
    return undefined;
  }
  return isHarmless(normalized(name), value) ? undefined : 'its name is that of a secret';
}

/** A switch, a number or a place under a name that only sounds like a secret. A password may well be a number. */
function isHarmless(name: string, value: string): boolean {
  return !SECRET_NAMES.has(name) && (/^(true|false|yes|no|on|off|null|none)$/i.test(value) || isPlace(value)
    || (!PASSWORD_NAME_SUFFIX.test(name) && /^\d{1,7}$/.test(value)));
}
