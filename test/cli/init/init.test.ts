import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../../../src/cli/main';
import { FLUE_2, manifests, removeFixtures, temporaryDirectory, write } from '../../image/fixtures';
import { captureOutput } from '../capture-output';

let directory: string;
const output = captureOutput();

beforeEach(() => {
  directory = write(temporaryDirectory(), {
    ...FLUE_2,
    'src/app.ts': 'app.get(\'/health\', ok);\nuse(process.env.SLACK_TOKEN, process.env.LOG_LEVEL ?? \'it\\\'s "info"\', process.env.PUBLIC_URL);\n',
  });
});
afterEach(() => {
  removeFixtures();
});

const starter = (file: string): string => readFileSync(join(directory, 'cdk', file), 'utf8');

test('it writes a CDK app beside the Flue app and says what comes next', async () => {
  expect(await main(['init', directory, '--language', 'python'])).toBe(0);
  expect(readdirSync(join(directory, 'cdk')).sort()).toEqual(['.gitignore', 'app.py', 'cdk.json', 'flue_agents', 'requirements.txt']);
  expect(output.stdout).toMatch(/Next:\n {2}cd .*cdk\n[^]*pip install -r requirements.txt\n/);
  expect(output.stdout).toMatch(/secrets, [^\n]*: SLACK_TOKEN\.\n.*`environment`: PUBLIC_URL\.\n/);
});

test('the variables that the app reads are in it, and no others', async () => {
  expect(await main(['init', directory])).toBe(0);
  expect(starter('lib/data-stack.ts')).toMatch(/ {6}SLACK_TOKEN: new Secret\(this, 'SlackToken', \{ description: 'SLACK_TOKEN of the Flue agents'/);
  expect(starter('lib/express-stack.ts')).toMatch(/ {8}SLACK_TOKEN: Secret\.fromSecretsManager\(secrets\.SLACK_TOKEN\),\n/);
  expect(starter('lib/express-stack.ts')).toContain('      environment: {\n        LOG_LEVEL: \'it\\\'s "info"\',\n        // PUBLIC_URL: \'\',\n      },\n');
  expect(starter('lib/preview-base.ts')).toMatch(/ {6}SLACK_TOKEN: Secret\.fromSecretCompleteArn\(this, 'SecretSlackToken', fromBase\('SecretSlackToken'\)\),\n[^]* {4}SecretSlackToken: data\.secrets\.SLACK_TOKEN\.secretArn,\n/);
  const everything = ['lib/app.ts', 'lib/preview-base.ts', 'lib/data-stack.ts', 'lib/express-stack.ts', 'bin/agents.ts'].map(starter).join('\n');
  expect(everything).not.toMatch(/MODEL_SPECIFIER|API_TOKEN|ANTHROPIC|answer only requests|\{\{/);
});

test('the variables are in it in Python too', async () => {
  expect(await main(['init', directory, '--language', 'python', '--variant', 'ec2'])).toBe(0);
  expect(starter('flue_agents/data_stack.py')).toMatch(/ {12}"SLACK_TOKEN": Secret\(self, "SlackToken", description="SLACK_TOKEN of the Flue agents"/);
  expect(starter('flue_agents/ec2_stack.py')).toContain('"SLACK_TOKEN": Secret.from_secrets_manager(base.secrets["SLACK_TOKEN"]),');
  expect(starter('flue_agents/preview_base.py')).toMatch(/ {12}"SLACK_TOKEN": Secret\.from_secret_complete_arn\(self, "SecretSlackToken", from_base\("SecretSlackToken"\)\),\n[^]* {12}"SecretSlackToken": data\.secrets\["SLACK_TOKEN"\]\.secret_arn,\n/);
  expect(starter('flue_agents/ec2_stack.py')).toContain('                "LOG_LEVEL": "it\'s \\"info\\"",\n                # "PUBLIC_URL": "",\n');
});

test.each(['typescript', 'python'] as const)('what is said of its image is in it, in %s', async language => {
  const root = write(temporaryDirectory(), { 'package.json': '{"workspaces":["*"]}', 'package-lock.json': FLUE_2['package-lock.json']! });
  directory = write(join(root, 'agents'), { ...FLUE_2, 'package-lock.json': '', 'Dockerfile': 'FROM debian:12\n' });
  rmSync(join(directory, 'package-lock.json'));
  const words = ['--workspace', root, '--build-command', 'make \'it\'', '--output-directory', 'out', '--command', 'node out/server.mjs', '--dockerfile', 'provided', '--exclude', 'notes'];
  expect(await main(['init', directory, '--language', language, '--variant', 'ec2'])).toBe(2);
  expect(output.stderr).toMatch(/must start the Flue server[^]*the same reason\. Here, `dockerfile` is --dockerfile\.\n/);
  expect(await main(['init', directory, '--language', language, '--variant', 'ec2', ...words])).toBe(0);
  if (language === 'python') {
    expect(starter('flue_agents/ec2_stack.py')).toContain('directory=str(AGENTS), exclude=["cdk", "notes"], workspace=str(AGENTS / ".."), dockerfile=FlueDockerfile.provided(), '
      + 'build_command="make \'it\'", output_directory="out", command=["node", "out/server.mjs"], cpu_architecture');
    expect(starter('flue_agents/ec2_stack.py')).toContain('from cdk_flue import FlueDockerfile, FlueEc2Service, FlueExposure, FlueImage\n');
  } else {
    expect(starter('lib/ec2-stack.ts')).toContain('exclude: [\'cdk\', \'notes\'], workspace: join(import.meta.dirname, \'../..\', \'..\'), dockerfile: FlueDockerfile.provided(), '
      + 'buildCommand: \'make \\\'it\\\'\', outputDirectory: \'out\', command: [\'node\', \'out/server.mjs\'], cpuArchitecture');
    expect(starter('lib/ec2-stack.ts')).toMatch(/^import \{ FlueDockerfile, FlueEc2Service, .*\} from 'cdk-flue';$/m);
  }
});

test('an app without variables gets none', async () => {
  write(directory, { 'src/app.ts': 'app.get(\'/health\', ok);\n' });
  expect(await main(['init', directory])).toBe(0);
  expect(starter('lib/express-stack.ts') + starter('lib/data-stack.ts')).not.toMatch(/new Secret|import \{ Secret|secrets:|environment|\{\{/);
  expect(starter('lib/preview-base.ts')).not.toMatch(/ISecret|secrets\b(?!manager)|\{\{/);
});

test('what synthesis writes is hidden from Flue where it looks for agents everywhere', async () => {
  expect(await main(['init', directory])).toBe(0);
  expect(JSON.parse(starter('cdk.json'))).not.toHaveProperty('output');
  const root = write(temporaryDirectory(), { ...manifests({ '@flue/runtime': '2.0.3' }, { '@flue/vite': '2.0.3', 'vite': '8.0.0' }), 'app.ts': '', 'agents/a.ts': '\'use agent\';' });
  expect(await main(['init', root])).toBe(0);
  directory = root;
  expect(JSON.parse(starter('cdk.json'))).toMatchObject({ app: 'node bin/agents.ts', output: '.cdk.out', watch: { exclude: ['node_modules', '.cdk.out'] } });
  expect(starter('.gitignore')).toBe('node_modules/\n.cdk.out/\n');
});

test('what synthesis would refuse is refused in its words, and nothing is written', async () => {
  write(directory, { 'package.json': 'null' });
  expect(await main(['init', directory])).toBe(2);
  expect(output.stderr).toMatch(/^`directory` must hold a package\.json with a JSON object, got: null\. Repair .*\nNothing was written, [^\n]*\n$/);
  expect(existsSync(join(directory, 'cdk'))).toBe(false);
});

test('a second time it refuses without a stack', async () => {
  expect(await main(['init', directory])).toBe(0);
  expect(await main(['init', directory])).toBe(2);
  expect(output.stderr).toMatch(/^Nothing was written, because .* already holds \.gitignore, [^\n]*\n[^\n]*\n$/);
});

test.each([
  ['a file', () => writeFileSync(join(directory, 'cdk'), ''), /cdk is not a directory\./],
  ['a link', () => { mkdirSync(join(directory, 'other')); symlinkSync('other', join(directory, 'cdk')); }, /cdk is a symbolic link\./],
  ['a link to nowhere', () => symlinkSync('nowhere', join(directory, 'cdk')), /cdk is a symbolic link\./],
  ['a directory that nobody may write to', () => mkdirSync(join(directory, 'cdk'), { mode: 0o555 }), /cdk is read-only\./],
  ['a directory with something else', () => write(directory, { 'cdk/notes.txt': '' }), /cdk already holds notes\.txt\./],
])('%s in its place is left alone', async (_, place, message) => {
  place();
  const before = readdirSync(directory, { recursive: true }).sort();
  expect(await main(['init', directory])).toBe(2);
  expect(output.stderr).toMatch(message);
  expect(readdirSync(directory, { recursive: true }).sort()).toEqual(before);
});

test('an empty directory in its place is filled', async () => {
  mkdirSync(join(directory, 'cdk'));
  expect(await main(['init', directory])).toBe(0);
  expect(readdirSync(directory).filter(name => name.startsWith('.cdk'))).toEqual([]);
  expect(starter('cdk.json')).toContain('bin/agents.ts');
});

test('it says how it is used', async () => {
  expect(await main(['init', '--help'])).toBe(0);
  expect(output.stdout).toContain('--variant NAME');
});
