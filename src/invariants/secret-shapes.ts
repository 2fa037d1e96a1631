import { SECRET_VALUES } from './secret-values';
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
