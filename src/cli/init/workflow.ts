import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { readClone } from './git';
import type { InitOptions } from './options';
import { renderSections } from './sections';
import type { AppTests, FlueApp } from '../app/flue-app';
import { CliFailure, reasonOf } from '../failure';

const TEMPLATE = join(__dirname, '../../../assets/ci/github.yml');
const FILE = '.github/workflows/flue-agents.yml';
/** How each language installs and runs its CDK app. */
const COMMANDS: Record<InitOptions['language'], { readonly installCdk: string; readonly run: string }> = {
  typescript: { installCdk: 'npm ci', run: 'npx cdk' },
  python: { installCdk: 'pip install -r requirements.txt', run: 'npx --yes aws-cdk@2.1148.1' },
};

/** What the workflows of a repository deploy. */
export interface Workflow {
  readonly repository: string;
  readonly branch: string;
  /** Absolute path. */
  readonly file: string;
  readonly content: string;
}

/** The workflow that tests and deploys an app; refuses a directory in no clone, and a workflow that is there. */
export function readWorkflow(options: InitOptions, app: FlueApp, cdk: string): Workflow {
  const clone = readClone(options.directory);
  const repository = options.repository ?? clone.repository;
  if (repository === undefined) {
    throw new CliFailure('--repository must be given where `origin` is no repository on GitHub, got: none.', 'Pass it as OWNER/NAME.');
  }
  const file = join(clone.root, FILE);
  if (existsSync(file)) {
    throw new CliFailure(`Nothing was written, because ${file} is there.`, 'Move it away, or leave --ci out.');
  }
  // a path goes into YAML as JSON writes it
  const at = (directory: string): string => JSON.stringify(relative(clone.root, resolve(directory)) || '.');
  const { installCdk, run } = COMMANDS[options.language];
  const fields = {
    branch: clone.branch,
    cdk: at(cdk),
    installCdk,
    run,
    // Docker builds an image for ARM64 on such a machine without an emulator
    runner: options.variant === 'ec2' ? 'ubuntu-24.04-arm' : 'ubuntu-24.04',
  };
  const testsOf = ({ install, command, root }: AppTests) => ({
    folder: at(root), app: at(app.directory), install: JSON.stringify(install), command: JSON.stringify(command),
  });
  const variables = Object.keys(app.tests?.environment ?? {}).length > 0 ? [{ variables: JSON.stringify(app.tests!.environment) }] : [];
  const content = renderSections(`{{#all}}\n${renderSections(readFileSync(TEMPLATE, 'utf8'), {
    environment: variables,
    tests: app.tests ? [testsOf(app.tests)] : [],
    python: options.language === 'python' ? [{}] : [],
    typescript: options.language === 'typescript' ? [{}] : [],
  })}{{/all}}\n`, { all: [fields] });
  return { repository, branch: clone.branch, file, content };
}

/** Writes it, into folders that it makes. */
export function writeWorkflow({ file, content }: Workflow): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { flag: 'wx' });
  } catch (error) {
    throw new CliFailure(`Nothing was written, because of ${file}: ${reasonOf(error)}.`, 'Make the folder writable, or leave --ci out.');
  }
}
