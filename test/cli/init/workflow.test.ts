import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { load } from 'js-yaml';
import { main } from '../../../src/cli/main';
import { FLUE_2, pnpmLock, removeFixtures, temporaryDirectory, write, type Files } from '../../image/fixtures';
import { captureOutput } from '../capture-output';

interface Step {
  readonly 'name'?: string;
  readonly 'uses'?: string;
  readonly 'run'?: string;
  readonly 'working-directory'?: string;
  readonly 'env'?: Readonly<Record<string, string>>;
  readonly 'with'?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly concurrency?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const FILE = '.github/workflows/flue-agents.yml';
const PREVIEWS = '.github/workflows/flue-previews.yml';
const ROOT = resolve(__dirname, '../../..');
const output = captureOutput();
let root: string;

beforeEach(() => {
  root = temporaryDirectory();
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', root]);
});
afterEach(() => {
  removeFixtures();
});

const withTests: Files = {
  ...FLUE_2,
  'package.json': JSON.stringify({ ...JSON.parse(FLUE_2['package.json']!), scripts: { test: 'vitest run' } }),
  'src/app.ts': 'app.get(\'/health\', ok);\n',
};
const appIn = (folder = 'agents', files: Files = withTests): string => write(join(root, folder), files);
const origin = (url: string): void => { execFileSync('git', ['-C', root, 'remote', 'add', 'origin', url]); };
const init = async (folder = 'agents', ...words: string[]): Promise<number> => main(['init', join(root, folder), '--ci', 'github', ...words]);
const text = (file = FILE): string => readFileSync(join(root, file), 'utf8');
const workflow = (file = FILE) => load(text(file)) as {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly concurrency?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
};
const stepsOf = (file = FILE): Step[] => Object.values(workflow(file).jobs).flatMap(({ steps }) => [...steps]);
const roleOf = ({ steps }: Job) => steps.find(({ uses }) => uses?.startsWith('aws-actions/'))!.with!['role-to-assume'];

/** Runs the commands of a workflow with programs that write down how they were called, and where. */
function callsOf(file = FILE, variables: Readonly<Record<string, string>> = {}, jobs = Object.keys(workflow(file).jobs)): string[] {
  const [bin, log] = [join(root, '.bin'), join(root, 'log')];
  mkdirSync(bin, { recursive: true });
  writeFileSync(log, '');
  for (const program of ['npm', 'npx', 'pip']) {
    writeFileSync(join(bin, program), `#!/bin/bash\necho "$(basename "$PWD"): ${program} $*" >> '${log}'\necho '{}' > "$RUNNER_TEMP/preview.json"\n`);
    chmodSync(join(bin, program), 0o755);
  }
  for (const { run, 'working-directory': cwd = '.', env } of jobs.flatMap(job => workflow(file).jobs[job]!.steps).filter(step => step.run !== undefined)) {
    execFileSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run!], {
      cwd: join(root, cwd), env: { ...process.env, ...variables, ...env, PATH: bin + delimiter + process.env.PATH, GITHUB_STEP_SUMMARY: join(root, 'summary'), RUNNER_TEMP: root },
    });
  }
  return readFileSync(log, 'utf8').trimEnd().split('\n');
}

test('a workflow at the root of the clone, and the roles beside the stacks', async () => {
  appIn();
  origin('git@github.com:acme/support.git');
  expect(await init()).toBe(0);
  const { on, permissions, jobs } = workflow();
  expect(Object.keys(jobs)).toEqual(['test', 'diff', 'deploy']);
  expect([on, permissions]).toEqual([{ push: { branches: ['main'] }, pull_request: null }, { contents: 'read' }]);
  const roles = readFileSync(join(root, 'agents/cdk/lib/ci.ts'), 'utf8');
  expect(roles).toContain('const repository = \'acme/support\';');
  expect(roles).toContain('branch: \'main\', environment: \'production\'');
  expect(roles).not.toMatch(/AwsSolutions|\{\{/);
  expect(output.stdout).toMatch(/flue-agents\.yml\n[^]*commit cdk\/package-lock\.json, and, deploy its roles by hand: npx cdk deploy --app 'node bin\/ci\.ts'\n/);
});

test('who can show a token: a job of the branch that deploys, and one of a pull request of the repository itself that compares', async () => {
  appIn();
  expect(await init('agents', '--repository', 'acme/support')).toBe(0);
  const { test: tests, diff, deploy } = workflow().jobs;
  expect(tests!.permissions).toBeUndefined();
  for (const job of [diff!, deploy!]) {
    expect(job.permissions).toEqual({ 'contents': 'read', 'id-token': 'write' });
  }
  expect([roleOf(diff!), diff!.environment, diff!.if]).toEqual([
    '${{ vars.COMPARE_ROLE }}', undefined, 'github.event_name == \'pull_request\' && github.event.pull_request.head.repo.full_name == github.repository',
  ]);
  expect([roleOf(deploy!), deploy!.environment, deploy!.if]).toEqual(['${{ vars.DEPLOY_ROLE }}', 'production', 'github.event_name == \'push\'']);
  expect(Object.keys(workflow().on)).not.toContain('pull_request_target');
});

test.each<[string, string[], string]>([
  ['typescript', ['--language', 'typescript'], 'ubuntu-24.04'],
  ['python', ['--language', 'python'], 'ubuntu-24.04'],
  ['python on the box', ['--language', 'python', '--variant', 'ec2'], 'ubuntu-24.04-arm'],
])('each command runs where it says: %s', async (_, words, runner) => {
  appIn('team\'s "agents"');
  expect(await init('team\'s "agents"', '--repository', 'acme/support', ...words)).toBe(0);
  expect(text()).toContain(`runs-on: ${runner}\n`);
  expect(text()).not.toMatch(/(?<!\$)\{\{/);
  const [install, cdk] = words[1] === 'python' ? ['pip install -r requirements.txt', 'npx --yes aws-cdk@2.1148.1'] : ['npm ci', 'npx cdk'];
  const typecheck = words[1] === 'python' ? [] : ['cdk: npm run typecheck'];
  expect(callsOf()).toEqual([
    'team\'s "agents": npm ci --no-audit --no-fund', 'team\'s "agents": npm run test',
    `cdk: ${install}`, ...typecheck, `cdk: ${cdk} synth --quiet`,
    `cdk: ${install}`, `cdk: ${cdk} diff --method=template`,
    `cdk: ${install}`, `cdk: ${cdk} deploy --all --require-approval never`,
  ]);
  expect(existsSync(join(root, 'summary'))).toBe(true);
});

describe('previews', () => {
  const ofRepository = 'github.event.pull_request.head.repo.full_name == github.repository';
  const variables = (of: string): Record<string, string> => Object.fromEntries(Object.entries(workflow(PREVIEWS).env!).map(([name, value]) => [name, value.replace('${{ github.event.number || \'base\' }}', of)]));

  test.each([['typescript', 'npm ci', 'npx cdk'], ['python', 'pip install -r requirements.txt', 'npx --yes aws-cdk@2.1148.1']])('each pull request is deployed, and destroyed when it is closed: %s', async (language, install, cdk) => {
    appIn();
    expect(await init('agents', '--repository', 'acme/support', '--previews', '--language', language)).toBe(0);
    expect(text(PREVIEWS)).not.toMatch(/(?<!\$)\{\{/);
    const [stage, base] = ['17', 'base'].map(of => `-c preview=${of} -c @aws-cdk/core:bootstrapQualifier=preview`);
    expect(callsOf(PREVIEWS, variables('base'), ['base'])).toEqual([`cdk: ${install}`, `cdk: ${cdk} deploy --all ${base} --require-approval never`]);
    expect(callsOf(PREVIEWS, variables('17'), ['deploy', 'destroy'])).toEqual([
      `cdk: ${install}`, `cdk: ${cdk} deploy --all ${stage} --require-approval never --outputs-file ${root}/preview.json`,
      `cdk: ${install}`, `cdk: ${cdk} destroy --all ${stage} --force`,
    ]);
    expect(readFileSync(join(root, 'summary'), 'utf8')).toBe('{}\n');
    expect(output.stdout).toMatch(/flue-agents\.yml\n.*flue-previews\.yml\n/);
    expect(output.stdout).toMatch(/ bootstrap --qualifier preview --toolkit-stack-name CDKToolkit-preview\n[^]*DEPLOY_ROLE, PREVIEW_ROLE, PREVIEW_BASE_ROLE and COMPARE_ROLE[^\n]*\nThe next push to the branch deploys what the previews share\./);
  });

  test('a job of a pull request of the repository itself shows a token, in no environment, one at a time', async () => {
    appIn();
    expect(await init('agents', '--repository', 'acme/support', '--previews')).toBe(0);
    const { on, permissions, concurrency, jobs } = workflow(PREVIEWS);
    expect([on, permissions]).toEqual([{ push: { branches: ['main'] }, pull_request: { types: ['opened', 'reopened', 'synchronize', 'closed'] } }, { contents: 'read' }]);
    expect(concurrency).toBe('flue-agents-preview-${{ github.event.number || \'base\' }}');
    expect(Object.keys(jobs)).toEqual(['base', 'deploy', 'destroy']);
    const { base, deploy, destroy } = jobs;
    // what all of them share is deployed by no pull request
    expect([base!.if, roleOf(base!), base!.environment]).toEqual(['github.event_name == \'push\'', '${{ vars.PREVIEW_BASE_ROLE }}', undefined]);
    expect([deploy!.if, destroy!.if]).toEqual([`github.event.action != 'closed' && ${ofRepository}`, `github.event.action == 'closed' && ${ofRepository}`]);
    for (const job of [deploy!, destroy!]) {
      expect(job.permissions).toEqual(base!.permissions);
      expect(job.permissions).toEqual({ 'contents': 'read', 'id-token': 'write' });
      expect([roleOf(job), job.environment]).toEqual(['${{ vars.PREVIEW_ROLE }}', undefined]);
    }
  });

  test('the roles of previews are there if they are, and take the bootstrap that the workflow names', async () => {
    for (const [language, file, role] of [['typescript', 'lib/ci.ts', /'Preview', \{ repository, pullRequests: true, qualifier: 'preview',[^]*'PreviewBase', \{ repository, branch: 'main', qualifier: 'preview',/], ['python', 'flue_agents/ci.py', /"Preview", repository=repository, pull_requests=True, qualifier="preview",[^]*"PreviewBase", repository=repository, branch="main", qualifier="preview",/]] as const) {
      for (const previews of [true, false]) {
        const folder = `${language}${String(previews)}`;
        appIn(folder);
        expect(await init(folder, '--repository', 'acme/support', '--language', language, ...previews ? ['--previews'] : [])).toBe(0);
        const roles = readFileSync(join(root, folder, 'cdk', file), 'utf8');
        expect(roles).not.toMatch(/\{\{|acknowledge|\n\n\n\n/);
        expect(role.test(roles)).toBe(previews);
        expect(/PreviewRole[^]*PreviewBaseRole/.test(roles)).toBe(previews);
        expect(/[Pp]review/.test(roles)).toBe(previews);
        expect(existsSync(join(root, PREVIEWS))).toBe(previews);
        execFileSync('rm', ['-r', join(root, '.github')]);
      }
    }
  });

  test('where their workflow is, nothing is written', async () => {
    appIn();
    write(root, { [PREVIEWS]: 'on: push\n' });
    expect(await init('agents', '--repository', 'acme/agents', '--previews')).toBe(2);
    expect(output.stderr).toMatch(/^Nothing was written, because .*flue-previews\.yml is there\./);
    expect([existsSync(join(root, FILE)), existsSync(join(root, 'agents/cdk'))]).toEqual([false, false]);
  });
});

test('the CDK CLI knows what the commands ask of it', async () => {
  appIn();
  expect(await init('agents', '--repository', 'acme/support', '--previews')).toBe(0);
  const app = write(join(root, 'app'), { 'cdk.json': '{"app": "true"}' });
  const cdk = (...words: string[]): string => {
    const { stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'node_modules/aws-cdk/bin/cdk'), ...words, '--no-notices'], { cwd: app, encoding: 'utf8' });
    return stdout + stderr;
  };
  const commands = [...stepsOf(), ...stepsOf(PREVIEWS)].flatMap(({ run }) => /^npx cdk (.*?)(?: 2>&1.*)?$/.exec(run ?? '')?.[1] ?? []);
  expect(commands).toHaveLength(6);
  for (const command of commands) {
    expect(cdk(...command.split(' '))).not.toMatch(/Unknown argument|Invalid values|Unknown command/i);
  }
  expect(cdk('diff', '--method=guess')).toMatch(/Invalid values/);
});

test.each<[string, Files, RegExp]>([
  ['no tests', { ...withTests, 'package.json': FLUE_2['package.json']! }, /^(?![^]*Test the app)/],
  ['the stand-in of npm init', { ...withTests, 'package.json': JSON.stringify({ ...JSON.parse(FLUE_2['package.json']!), scripts: { test: 'echo "Error: no test specified" && exit 1' } }) }, /^(?![^]*Test the app)/],
])('an app with %s is not tested', async (_, files, expected) => {
  appIn('agents', files);
  expect(await init('agents', '--repository', 'acme/support')).toBe(0);
  expect(text()).toMatch(expected);
});

test('a package of a workspace is installed at its root', async () => {
  const { 'package-lock.json': lockfile, ...rest } = withTests;
  write(root, { 'package.json': '{"workspaces":["agents"]}', 'package-lock.json': lockfile! });
  appIn('agents', rest);
  expect(await init('agents', '--repository', 'acme/support')).toBe(0);
  const [install, tests] = stepsOf().filter(({ name }) => /the app$/.test(name ?? ''));
  expect(install).toMatchObject({ 'working-directory': '.', 'run': 'npm ci --no-audit --no-fund || npm install --no-audit --no-fund' });
  expect(tests).toMatchObject({ 'working-directory': 'agents', 'run': 'npm run test' });
  expect(install!.env).toBeUndefined();
});

test('another package manager is installed first, and gets its variables', async () => {
  const { 'package-lock.json': _, ...rest } = withTests;
  appIn('agents', { ...rest, 'pnpm-lock.yaml': pnpmLock({ '.': JSON.parse(FLUE_2['package.json']!) }) });
  expect([await init('agents', '--repository', 'acme/support'), output.stderr]).toEqual([0, '']);
  const [install, tests] = stepsOf().filter(({ name }) => /the app$/.test(name ?? ''));
  expect(install!.run).toBe('npm install --global --no-audit --no-fund pnpm@10.34.9 && pnpm install --frozen-lockfile');
  expect(tests!.run).toBe('pnpm run test');
  expect([install!.env, tests!.env]).toEqual([expect.objectContaining({ CI: 'true' }), install!.env]);
});

test('the branch is the one that origin begins with', async () => {
  appIn();
  origin('https://github.com/acme/agents.ts');
  execFileSync('git', ['-C', root, 'symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk']);
  expect(await init('agents', '--language', 'python')).toBe(0);
  expect(workflow().on.push).toEqual({ branches: ['trunk'] });
  expect(readFileSync(join(root, 'agents/cdk/flue_agents/ci.py'), 'utf8')).toMatch(/repository = "acme\/agents\.ts"\n[^]*branch="trunk", environment="production"/);
});

test.each([
  ['git@github.com:acme/agents.git', 'acme/agents'],
  ['ssh://git@github.com/acme/agents.git', 'acme/agents'],
  ['https://github.com/acme/agents', 'acme/agents'],
  ['https://token@github.com/acme/agents.git/', 'acme/agents'],
  ['https://gitlab.com/acme/agents.git', undefined],
  ['https://github.com.evil.example/acme/agents', undefined],
  ['https://evil.example/github.com/acme/agents', undefined],
])('the repository of %s is %s', async (url, repository) => {
  appIn();
  origin(url);
  expect(await init()).toBe(repository === undefined ? 2 : 0);
  if (repository === undefined) {
    expect(output.stderr).toMatch(/^--repository must be given where `origin` is no repository on GitHub, got: none\.\nPass it as OWNER\/NAME\.\n$/);
    expect(readdirSync(join(root, 'agents')).includes('cdk')).toBe(false);
  } else {
    expect(readFileSync(join(root, 'agents/cdk/lib/ci.ts'), 'utf8')).toContain(`'${repository}'`);
  }
});

describe('nothing is written', () => {
  const nothing = (): void => { expect(existsSync(join(root, 'agents/cdk'))).toBe(false); };

  test('in no clone', async () => {
    root = temporaryDirectory();
    appIn();
    expect(await init('agents', '--repository', 'acme/agents')).toBe(2);
    expect(output.stderr).toMatch(/^--ci must be used in a clone, got: .*agents, which is in none\.\s+Run `git init`/);
    nothing();
  });

  test('where a workflow of the name is', async () => {
    appIn();
    write(root, { [FILE]: 'on: push\n' });
    expect(await init('agents', '--repository', 'acme/agents')).toBe(2);
    expect(output.stderr).toMatch(/^Nothing was written, because .*flue-agents\.yml is there\./);
    expect(text()).toBe('on: push\n');
    nothing();
  });

  test('where the workflow cannot be', async () => {
    appIn();
    write(root, { '.github': 'a file' });
    expect(await init('agents', '--repository', 'acme/agents')).toBe(2);
    expect(output.stderr).toMatch(/^Nothing was written, because of .*flue-agents\.yml: /);
    nothing();
  });
});

const ACTIONLINT = [join(ROOT, '.tools'), ...process.env.PATH!.split(delimiter)].map(folder => join(folder, 'actionlint')).find(file => existsSync(file));
if (ACTIONLINT === undefined) {
  // past what captures the output of the command
  writeSync(2, '\nSKIPPED: actionlint is not here. GOBIN=$PWD/.tools go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12\n');
}

// CI asks for it in a step of its own
(ACTIONLINT === undefined && process.env.NEEDS_ACTIONLINT !== '1' ? test.skip : test)('actionlint finds nothing', async () => {
  appIn();
  for (const language of ['typescript', 'python']) {
    expect(await main(['init', join(root, 'agents'), '--ci', 'github', '--repository', 'acme/agents', '--previews', '--language', language])).toBe(0);
    const judge = () => spawnSync(ACTIONLINT!, [FILE, PREVIEWS], { cwd: root, encoding: 'utf8' });
    expect(judge()).toMatchObject({ stdout: '', status: 0 });
    // it finds what is wrong
    writeFileSync(join(root, FILE), text().replace('needs: test', 'needs: tests'));
    expect(judge()).toMatchObject({ stdout: expect.stringContaining('needs job "tests"'), status: 1 });
    execFileSync('rm', ['-r', join(root, FILE), join(root, PREVIEWS), join(root, 'agents/cdk')]);
  }
});
