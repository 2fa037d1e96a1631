/** What a generator of keys makes: no word, no run, no sequence. */
export const RANDOM = 'Zx81yAbC4dE9fGh7iJkLmN2oPqRsTuV9wXyZ0qW3eR5';
const KEY_LINES = Array.from({ length: 4 }, (_, line) => `${line}${RANDOM}${RANDOM.slice(0, 20)}`).join('\n');
export const PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----\n${KEY_LINES}\n-----END PRIVATE KEY-----\n`;
export const OPENSSH_KEY = `-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n${KEY_LINES}\n-----END OPENSSH PRIVATE KEY-----\n`;
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----\n${KEY_LINES}\n-----END CERTIFICATE-----\n`;
export const SERVICE_ACCOUNT = JSON.stringify({ type: 'service_account', project_id: 'agents', private_key: PRIVATE_KEY, client_email: 'a@b.iam.gserviceaccount.com' }, null, 2);

type Case = readonly [path: string, content: string];

/** Files that are secrets by what they are: they never enter a context. */
export const LEFT_OUT: readonly Case[] = [
  ['.env', 'A=1'], ['.env.production', 'A=1'], ['.ENV.local', 'A=1'], ['.env.production.local', 'A=1'], ['.env-staging', 'A=1'], ['.env_test', 'A=1'], ['.envrc', 'export A=1'],
  ['.env.d/key', 'A=1'], ['.envs/production/web', 'A=1'], ['production.env', 'A=1'], ['config/docker.env', 'A=1'], ['app.env.local', 'A=1'], ['.env~', 'A=1'], ['.env.bak', 'A=1'], ['env.production', 'A=1'], ['config/env.local', 'A=1'],
  ['.dev.vars', 'A=1'], ['.dev.vars.production', 'A=1'], ['worker.dev.vars', 'A=1'],
  ['secrets.json', '{}'], ['secrets.yml', ''], ['config/Secrets.toml', ''], ['secret.yaml', ''], ['app.secrets.json', '{}'], ['app-secrets.yaml', ''], ['secrets.production.json', '{}'],
  ['.secrets', ''], ['deploy/.secrets/token', ''], ['secrets/db_password', 'x'], ['secrets/db_password.txt', 'x'], ['secrets.enc.yaml', ''],
  ['.netrc', 'machine a login b password c'], ['_netrc', ''], ['.git-credentials', ''], ['.pypirc', ''], ['.pgpass', ''], ['.my.cnf', ''], ['.htpasswd', ''], ['.token', 'x'], ['.passwd', 'x'], ['passwords.txt', 'x'], ['app.secret', 'x'],
  ['.docker/config.json', '{}'], ['.vault-token', ''], ['.cargo/credentials.toml', ''], ['.config/gh/hosts.yml', ''],
  ['.aws/credentials', ''], ['.aws/config', ''], ['.aws/sso/cache/a.json', '{}'], ['.azure/accessTokens.json', '[]'], ['.config/gcloud/credentials.db', ''],
  ['gcloud/application_default_credentials.json', '{}'], ['.kube/config', ''], ['kubeconfig', ''], ['deploy/kubeconfig.yaml', ''], ['prod.kubeconfig', ''], ['.s3cfg', ''], ['rclone.conf', ''],
  ['credentials', `[default]\naws_secret_access_key = ${RANDOM.slice(0, 40)}\n`], ['credentials.json', '{"installed":{"client_secret":"abcdefgh"}}'],
  ['client_secret_1234.apps.json', '{"web":{"client_secret":"abcdefgh"}}'], ['auth.json', '{"github":{"token":"abcdefgh"}}'], ['google-credentials.json', '{"refresh_token": "abcdefgh"}'],
  ['agents-1a2b3c.json', SERVICE_ACCOUNT], ['config/adc.json', JSON.stringify({ refresh_token: RANDOM, type: 'authorized_user' })],
  ['server.pem', PRIVATE_KEY], ['certs/bundle.pem', CERTIFICATE + PRIVATE_KEY], ['server.crt', CERTIFICATE + PRIVATE_KEY], ['server.key', PRIVATE_KEY], ['config/master.key', '0a1b2c3d'],
  ['AuthKey_ABC.p8', PRIVATE_KEY], ['putty.ppk', 'PuTTY-User-Key-File-3: ssh-ed25519'], ['id_rsa', OPENSSH_KEY], ['keys/id_ed25519', OPENSSH_KEY], ['id_rsa.old', OPENSSH_KEY],
  ['id_ed25519_github', OPENSSH_KEY], ['.ssh/known_hosts', ''], ['.gnupg/secring.gpg', ''], ['keys.txt', `AGE-SECRET-KEY-1${'Q'.repeat(58)}`], ['store.p12', '\u0000'], ['app.jks', ''], ['team.kdbx', ''],
  ['terraform.tfstate', '{}'], ['infra/terraform.tfstate.backup', '{}'], ['prod.tfvars', ''], ['prod.auto.tfvars.json', '{}'], ['plan.tfplan', ''], ['.terraform/terraform.tfstate', '{}'], ['.terraformrc', ''],
  ['.bash_history', ''], ['.psql_history', ''],
];

/** Configurations and texts that stay only without the secret in them. */
export const REFUSED: readonly (readonly [path: string, content: string, found: RegExp])[] = [
  ['.npmrc', '//registry.npmjs.org/:_authToken=abcdef\n', /a token in \.npmrc, got: a literal value of \/\/registry\.npmjs\.org\/:_authToken/],
  ['packages/a/.npmrc', '_auth = abcdef\n', /a token in packages\/a\/\.npmrc, got: a literal value of _auth\./],
  ['.npmrc', '//r.example/:username=a\r\n//r.example/:_password="YWJj"\r\n', /a literal value of \/\/r\.example\/:_password/],
  ['.npmrc', '//r.example/:key="LS0tLS1CRUdJTg"\n', /a literal value of \/\/r\.example\/:key/],
  ['packages/b/.npmrc', 'key = LS0tLS1CRUdJTg\n', /a token in packages\/b\/\.npmrc, got: a literal value of key\./],
  ['.yarnrc.yml', 'nodeLinker: node-modules\nnpmScopes:\n  acme:\n    npmAuthToken: "abcdef"\n', /a token in \.yarnrc\.yml, got: a literal value of npmAuthToken/],
  ['.yarnrc.yml', 'npmAuthIdent: a:b', /a literal value of npmAuthIdent/],
  ['.yarnrc', '"//registry.npmjs.org/:_authToken" "abcdef"\n', /a token in \.yarnrc, got/],
  ['bunfig.toml', '[install.scopes]\nacme = { token = "abcdef", url = "https://r.example/" }\n', /a token in bunfig\.toml, got: a literal value of token/],
  ['.sentryclirc', '[auth]\ntoken=abcdef\n', /a token in \.sentryclirc, got/],
  ['src/model.ts', `// the model\nconst key = 'sk-ant-api03-${RANDOM}';\n`, /what looks like an Anthropic key in line 2 of src\/model\.ts/],
  ['src/model.ts', `export const key = "sk-proj-${RANDOM}";`, /an API key in line 1/],
  ['.env.example', `ANTHROPIC_API_KEY=sk-ant-api03-${RANDOM}\n`, /an Anthropic key in line 1 of \.env\.example/],
  ['README.md', `\n\nghp_${RANDOM}\n`, /a GitHub token in line 3 of README\.md/],
  ['test/fixtures/key.ts', `export const KEY = \`${PRIVATE_KEY}\`;`, /a private key in line 1 of test\/fixtures\/key\.ts/],
  ['deploy_key', OPENSSH_KEY, /a private key in line 1 of deploy_key/],
  ['config.json', JSON.stringify({ key: PRIVATE_KEY }), /a private key in line 1 of config\.json/],
  ['src/db.ts', 'export default postgres(\'postgres://flue:kT82mzQ1@agents.c1x2.eu-west-1.rds.amazonaws.com:5432/flue\');', /a URL with a password in line 1 of src\/db\.ts/],
  ['.npmrc', 'registry=https://ci:kT82mzQ1vB@npm.acme.io/\n', /a URL with a password in line 1 of \.npmrc/],
  ['src/hooks.ts', `fetch('https://hooks.acme.io/run?name=a&token=${RANDOM.slice(0, 24)}');`, /a URL with a key in line 1 of src\/hooks\.ts/],
  ['src/hooks.ts', `const query = '?token=${RANDOM.slice(0, 24)}';`, /a URL with a key in line 1/],
  ['appsettings.json', '{"Db":"Server=tcp:db.acme.io;User Id=flue;Password=kT82mzQ1;"}', /a connection string with a password/],
  ['config/aws.ts', `export const aws = { aws_secret_access_key: '${RANDOM.slice(0, 40)}' };`, /an AWS secret key/],
  ['scripts/deploy.sh', 'export AWS_ACCESS_KEY_ID=AKIAQ3EGR7ZTN5WXYZ4L\n', /an AWS access key in line 1 of scripts\/deploy\.sh/],
];

const TUTORIAL_TOKEN = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c';
const ANONYMOUS = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"role":"anon","iss":"supabase"}').toString('base64url')}.${RANDOM}`;

/** Files that are like those and hold no secret: they always enter. */
export const HARMLESS: readonly Case[] = [
  ['.env.example', 'ANTHROPIC_API_KEY=sk-ant-your-key-here\nDATABASE_URL=postgres://user:password@localhost:5432/flue\n'], ['.env.sample', 'A='], ['.env.production.example', 'A='],
  ['docker.env.template', 'A='], ['example.env', 'A='], ['.env.d.ts', 'declare const A: string;'], ['src/env.ts', 'export {};'], ['src/vite-env.d.ts', ''], ['.envoy.yaml', ''], ['.environment', ''],
  ['.dev.vars.example', 'A='], ['src/secrets.ts', 'export {};'], ['src/secrets.test.ts', 'export {};'], ['src/secrets/providers/aws.ts', 'export {};'], ['src/secrets/index.ts', 'export {};'],
  ['docs/secrets.md', ''], ['secrets.example.json', '{}'], ['secrets.json.sample', '{}'], ['secrets.schema.json', '{}'], ['.secrets.baseline', '{}'],
  ['.npmrc', 'registry=https://registry.npmjs.org/\nsave-exact=true\n# _authToken=abc\nkeyfile=/etc/npm.key\nmonkey=a\n'], ['packages/a/.npmrc', '//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n'],
  ['.yarnrc.yml', 'nodeLinker: node-modules\n# npmAuthToken: abc\nnpmAuthToken: "${NPM_TOKEN:-}"\n'], ['bunfig.toml', '[install.scopes]\nacme = { token = "$NPM_TOKEN" }\n'], ['.sentryclirc', '[defaults]\norg=acme\n'],
  ['aws/task.json', '{}'], ['src/aws/credentials.ts', 'export {};'], ['src/kubeconfig.ts', 'export {};'], ['.docker/entrypoint.sh', 'exec node dist/server.mjs'], ['.kube/deployment.yaml', ''],
  ['credentials.json', '{"$schema":"x","fields":["user","password"]}'], ['credentials', 'see the vault'], ['src/credentials.ts', 'export const token = process.env.TOKEN;'], ['auth.json', '{"provider":"oidc"}'],
  ['service.json', '{"type":"service_account","project_id":"agents"}'], ['workload.json', '{"type":"external_account","audience":"a"}'],
  ['certs/rds-ca.pem', CERTIFICATE], ['certs/ca.crt', CERTIFICATE], ['jwt.pem', '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n'], ['jwt.key', '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n'],
  ['slides.key', 'PK\u0003\u0004'], ['id_rsa.pub', 'ssh-rsa AAAA'], ['src/id_generator.ts', 'export {};'], ['keys.txt', 'up\ndown\n'],
  ['infra/main.tf', ''], ['prod.tfvars.example', ''], ['example.tfvars', ''], ['src/history.ts', ''],
  ['README.md', 'Set `DATABASE_URL=postgres://user:pass@host/db` and `OPENAI_API_KEY=sk-...`; a key looks like `sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`.\n'],
  ['docker-compose.yml', 'environment:\n  DATABASE_URL: postgres://flue:kT82mzQ1@db:5432/flue\n  REDIS_URL: redis://:longpassword1@127.0.0.1:6379\n'],
  ['test/fixtures/keys.ts', 'const a = "AKIAIOSFODNN7EXAMPLE"; const b = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"; const c = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"; const d = "sk-test-1234567890abcdef";'],
  ['test/auth.test.ts', `const token = '${TUTORIAL_TOKEN}';\nconst url = "https://user:p%40ss@example.com/";`], ['web/supabase.ts', `export const anonymous = '${ANONYMOUS}';`],
  ['test/hooks.test.ts', `const a = 'https://user:pw@mcp.example.com/run;x?token=${RANDOM.slice(0, 24)}'; const b = 'http://localhost:3000/?sig=${RANDOM.slice(0, 24)}';`],
  ['src/pem.ts', 'export const wrap = (body: string) => `-----BEGIN PRIVATE KEY-----\\n${body}\\n-----END PRIVATE KEY-----`;\nexport const is = (text: string) => text.includes("-----BEGIN RSA PRIVATE KEY-----");'],
  ['src/url.ts', 'export const url = `postgres://${user}:${encodeURIComponent(password)}@${host}/flue`; const other = "mysql://user:{password}@db.acme.io/x"; login({ password=form.password });'],
  ['src/noise.ts', `const id = '${RANDOM}'; const task = 'sk-fading-circle-12'; const integrity = 'sha512-${RANDOM}${RANDOM}==';`],
  ['test/allowed.test.ts', `const key = 'sk-ant-api03-${RANDOM}'; // gitleaks:allow\n`],
  ['model.bin', `\u0000sk-ant-api03-${RANDOM}`],
];
