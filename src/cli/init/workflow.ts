import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { readClone } from './git';
import type { InitOptions } from './options';
import { renderSections } from './sections';
import type { AppTests, FlueApp } from '../app/flue-app';
import { CliFailure, reasonOf } from '../failure';

const TEMPLATES = join(__dirname, '../../../assets/ci');
const FOLDER = '.github/workflows';
/** The workflows, by the names of their templates. */
const WORKFLOW = { template: 'github.yml', file: 'flue-agents.yml' };
const PREVIEWS = { template: 'github-previews.yml', file: 'flue-previews.yml' };
/** How each language installs and runs its CDK app. */
const COMMANDS: Record<InitOptions['language'], { readonly installCdk: string; readonly run: string }> = {
  typescript: { installCdk: 'npm ci', run: 'npx cdk' },
  python: { installCdk: 'pip install -r requirements.txt', run: 'npx --yes aws-cdk@2.1148.1' },
};

/** What the workflows of a repository deploy. */
export interface Workflows {
  readonly repository: string;
  readonly branch: string;
  readonly previews: boolean;
  /** Their contents, by absolute path. */
  readonly files: ReadonlyMap<string, string>;
}

/** The workflows that test and deploy an app; refuses a directory in no clone, and a workflow that is there. */
export function readWorkflows(options: InitOptions, app: FlueApp, cdk: string): Workflows {
  const clone = readClone(options.directory);
  const repository = options.repository ?? clone.repository;
  if (repository === undefined) {
    throw new CliFailure('--repository must be given where `origin` is no repository on GitHub, got: none.', 'Pass it as OWNER/NAME.');
  }
  const { previews = false } = options;
  const kinds = previews ? [WORKFLOW, PREVIEWS] : [WORKFLOW];
  const place = (file: string): string => join(clone.root, FOLDER, file);
  const taken = kinds.map(({ file }) => place(file)).find(file => existsSync(file));
  if (taken !== undefined) {
    throw new CliFailure(`Nothing was written, because ${taken} is there.`, 'Move it away, or leave --ci out.');
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
  const sections = {
    environment: variables,
    tests: app.tests ? [testsOf(app.tests)] : [],
    python: options.language === 'python' ? [{}] : [],
    typescript: options.language === 'typescript' ? [{}] : [],
  };
  const render = (template: string): string =>
    renderSections(`{{#all}}\n${renderSections(readFileSync(join(TEMPLATES, template), 'utf8'), sections)}{{/all}}\n`, { all: [fields] });
  return { repository, branch: clone.branch, previews, files: new Map(kinds.map(({ template, file }) => [place(file), render(template)])) };
}

/** Writes them, into folders that it makes, or none. */
export function writeWorkflows({ files }: Workflows): void {
  const written: string[] = [];
  for (const [file, content] of files) {
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, { flag: 'wx' });
      written.push(file);
    } catch (error) {
      written.forEach(path => rmSync(path));
      throw new CliFailure(`Nothing was written, because of ${file}: ${reasonOf(error)}.`, 'Make the folder writable, or leave --ci out.');
    }
  }
}
