/** One kind of file that holds secrets, wherever in an app's directory it lies. */
export interface SecretFileKind {
  /** What such a file is, as messages and docs name it. */
  readonly kind: string;
  /** Ends of its path, without regard to case: `*` is any text within one name, and a slash at the end means all below a folder. */
  readonly names: readonly string[];
  /** Ends of paths that are like these and hold no secret. */
  readonly except?: readonly string[];
  /** What a file of these names holds, all of it, when it is a secret; without it, the name says all. */
  readonly holds?: readonly RegExp[];
  /** What a file of these names holds when it is none. */
  readonly unless?: RegExp;
}

/** A file that a build may need, and that cannot be left out: a secret in it is refused. */
export interface BuildConfigurationKind {
  readonly kind: string;
  readonly names: readonly string[];
  /** Finds a secret that stands there literally; its first group is the setting. */
  readonly literal: RegExp;
  /** The way out, as one sentence in the imperative without a stop. */
  readonly fix: string;
}

/** Words that tell a file for readers from the one that it is a pattern of. */
const TEMPLATE_WORDS = ['example', 'sample', 'template', 'dist', 'tmpl', 'defaults', 'schema'];
const TEMPLATES = TEMPLATE_WORDS.flatMap((word) => [`*.${word}`, `*.${word}.*`, `${word}.*`]);
/** Endings of files that hold data; what ends in `.ts` or `.md` is source or a text for people. */
const DATA = ['json', 'jsonc', 'json5', 'yaml', 'yml', 'toml', 'ini', 'conf', 'cfg', 'properties', 'xml', 'txt', 'csv', 'enc', 'bak', 'old'];
const data = (...stems: string[]): string[] => stems.flatMap((stem) => DATA.map((ending) => `${stem}.${ending}`));

const ENVIRONMENT_TEMPLATES = TEMPLATE_WORDS.flatMap((word) => [`.env.${word}`, `.env-${word}`, `.env_${word}`, `.env.*.${word}`, `.env.${word}.*`, `*.env.${word}`, `${word}.env`]);

/** The files that never enter an image or a build, at any depth and whatever `.dockerignore` says. */
export const SECRET_FILES: readonly SecretFileKind[] = [
  {
    kind: 'a file of environment variables',
    names: ['.env', '.env.*', '.env-*', '.env_*', '.env~', '.envrc', '.env/', '.env.*/', '.envs/', '*.env', '*.env.local', '*.env.bak', '*.env.old', '*.env~',
      ...['production', 'prod', 'staging', 'development', 'dev', 'test', 'local'].map((stage) => `env.${stage}`)],
    except: ['.env.d.ts', ...ENVIRONMENT_TEMPLATES],
  },
  { kind: 'a file of variables of Wrangler', names: ['.dev.vars', '.dev.vars.*', '*.dev.vars'], except: TEMPLATES },
  {
    kind: 'a file of secrets',
    names: [...data('secrets', 'secret', 'passwords', 'password', '.secrets', '*.secrets', '*-secrets', '*_secrets', 'secrets.*', 'secrets/*'), '.secrets', '*.secrets', '*.secret', '.secrets/'],
    except: TEMPLATES,
  },
  { kind: 'a file of secrets', names: ['secrets/*'], except: ['secrets/*.*'] },
  {
    kind: 'a file of logins',
    names: [
      '.netrc', '_netrc', '.authinfo', '.authinfo.gpg', '.git-credentials', '.pypirc', '.pgpass', 'pgpass.conf', '.my.cnf', '.mylogin.cnf', '.htpasswd', '.passwd', '.token',
      '.dockercfg', '.docker/config.json', '.vault-token', '.vault_pass', '.vault_password', '.gem/credentials', '.cargo/credentials', '.cargo/credentials.toml', '.config/gh/',
    ],
  },
  {
    kind: 'a file of cloud credentials',
    names: [
      '.aws/', '.azure/', '.gcloud/', '.config/gcloud/', 'gcloud/credentials.db', 'gcloud/access_tokens.db', 'gcloud/legacy_credentials/',
      'application_default_credentials.json', '.boto', '.s3cfg', '.kube/config', '.kube/cache/', 'kubeconfig', '*.kubeconfig', ...data('kubeconfig', '*-kubeconfig'),
      '.oci/config', '.databrickscfg', 'rclone.conf', '.rclone.conf', '.doctl/',
    ],
    except: TEMPLATES,
  },
  {
    kind: 'a file of credentials',
    names: ['credentials', ...data('credentials', '*-credentials', '*_credentials', 'client_secret', 'client_secret_*'), 'auth.json'],
    except: TEMPLATES,
    holds: [/(secret|password|passwd|token|private_?key|api_?key|access_?key)["']?\s*[:=]\s*["']?[^\s"',{}[\]<>$]{6}/i],
  },
  {
    kind: 'the key of a service account',
    names: ['*.json'],
    // two patterns: one that looks for both would read a lockfile from each of its characters on
    holds: [/"type"\s*:\s*"(service_account|authorized_user)"/, /"(private_key|refresh_token)"\s*:\s*"[^"<$]{20}/],
  },
  {
    kind: 'a private key',
    names: ['*.pem', '*.crt', '*.cer', '*.asc', '*.gpg', '*.p8', '*.pk8', '*.ppk', 'ssh_host_*_key'],
    holds: [/-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----|^PuTTY-User-Key-File-/],
  },
  {
    kind: 'a private key',
    names: ['*.key'],
    // a public key or a certificate, or a presentation, which is an archive
    unless: /^(?![^]*PRIVATE KEY)\s*(-----BEGIN ([A-Z0-9]+ )*(PUBLIC KEY|CERTIFICATE|CERTIFICATE REQUEST)-----|ssh-|PK\x03\x04)/,
  },
  {
    kind: 'a private key',
    names: [...['id_rsa', 'id_dsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk'].flatMap((name) => [name, `${name}.*`, `${name}-*`, `${name}_*`]), '.ssh/', '.gnupg/'],
    except: ['id_*.pub', 'id_*.ts', 'id_*.js', 'id_*.mjs', 'id_*.md'],
  },
  { kind: 'a private key', names: ['*.agekey', 'keys.txt', 'key.txt'], holds: [/AGE-SECRET-KEY-1/] },
  { kind: 'a store of keys', names: ['*.p12', '*.pfx', '*.jks', '*.keystore', '*.kdbx'] },
  {
    kind: 'state or variables of Terraform',
    names: ['*.tfstate', '*.tfstate.*', '*.tfvars', '*.tfvars.json', '*.tfplan', '.terraform/', '.terraform.d/', '.terraformrc', 'terraform.rc'],
    except: TEMPLATES,
  },
  { kind: 'the history of a shell', names: ['.*_history'] },
];

const NPM_FIX = 'Write `${NPM_TOKEN}` there, and pass `buildSecrets: { NPM_TOKEN: \'env=NPM_TOKEN\' }`';

/** Configurations that a build reads. */
export const BUILD_CONFIGURATIONS: readonly BuildConfigurationKind[] = [
  {
    kind: 'the configuration of npm or pnpm',
    names: ['.npmrc', 'npmrc'],
    literal: /^[ \t]*((?:[^#;=\s][^=\n]*?)?(?:_authToken|_auth|_password)|(?:[^#;=\s][^=\n]*:)?key)[ \t]*=[ \t]*(?!["']?\$\{)\S/m,
    fix: NPM_FIX,
  },
  {
    kind: 'the configuration of Yarn',
    names: ['.yarnrc.yml', '.yarnrc.yaml'],
    literal: /^[ \t]*["']?(npmAuthToken|npmAuthIdent)["']?[ \t]*:[ \t]*(?!["']?\$\{|["']{2}\s*$|#)\S/m,
    fix: NPM_FIX,
  },
  {
    kind: 'the configuration of Yarn 1',
    names: ['.yarnrc'],
    literal: /^[ \t]*"?([^#"\s]*(?:_authToken|_auth|_password))"?[ \t]+(?!["']?\$\{)\S/m,
    fix: 'Move it to .npmrc as `${NPM_TOKEN}`, and pass `buildSecrets: { NPM_TOKEN: \'env=NPM_TOKEN\' }`',
  },
  {
    kind: 'the configuration of Bun',
    names: ['bunfig.toml', '.bunfig.toml'],
    literal: /^[^#\n]*?\b(token|password)[ \t]*=[ \t]*(?!["']?\$|["']{2})\S/m,
    fix: 'Write `"$NPM_TOKEN"` there, and pass `buildSecrets: { NPM_TOKEN: \'env=NPM_TOKEN\' }`',
  },
  {
    kind: 'the configuration of Sentry',
    names: ['.sentryclirc', 'sentry.properties'],
    literal: /^[ \t]*((?:auth\.)?token)[ \t]*=[ \t]*(?!["']?\$)\S/m,
    fix: 'Take it out, and pass it in `buildSecrets` as SENTRY_AUTH_TOKEN, which the tool reads from its environment',
  },
];
