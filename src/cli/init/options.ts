import { parseArgs } from 'node:util';
import { DEPLOY_LIMITS } from '../../invariants/limits/deploy';
import { IMAGE_OPTIONS, IMAGE_USAGE, imageOptionsOf, type ImageOptions } from '../app/image-options';
import { CliFailure } from '../failure';

export const INIT_USAGE = `Usage: cdk-flue init [dir] [options]

Writes a small CDK app into dir/cdk, for the Flue app in dir (default: this directory). If dir/cdk holds anything, init writes nothing.
The CDK app sets the variables that it finds in your sources and in .env.example. Keys and tokens become secrets.

  --language NAME   typescript (default) or python
  --variant NAME    express (default), fargate or ec2
  --ci NAME         github: also write a workflow that tests and deploys, and the roles with which it does
  --previews        with --ci: also write a workflow that shows each pull request in stacks of its own, and the role for it
  --repository NAME OWNER/NAME of the repository on GitHub (default: that of the remote \`origin\`)
  --sandbox         write sandbox.ts into the sources of the app, and no CDK app: it runs the shell of an agent in FlueSandboxes
  --sandbox-kind NAME
                    with --sandbox: fargate (default) or code-interpreter, as the FlueSandbox of the pool

What no file of the app tells goes into its FlueImage:

${IMAGE_USAGE}
The exit code is 0 when the app is written, 2 when nothing is.
`;

export const LANGUAGES = ['typescript', 'python'] as const;
export const VARIANTS = ['express', 'fargate', 'ec2'] as const;

export const CIS = ['github'] as const;
export const SANDBOX_KINDS = ['fargate', 'code-interpreter'] as const;

export interface InitOptions {
  readonly directory: string;
  readonly language: typeof LANGUAGES[number];
  readonly variant: typeof VARIANTS[number];
  readonly ci?: typeof CIS[number];
  /** Whether a workflow shows each pull request. */
  readonly previews?: boolean;
  /** OWNER/NAME on GitHub. */
  readonly repository?: string;
  /** The kind of sandboxes for which the file is written that gives an agent its own, instead of a CDK app. */
  readonly sandbox?: typeof SANDBOX_KINDS[number];
  /** What no file of the app tells of its image. */
  readonly image: ImageOptions;
}

export function parseOptions(argv: string[]): InitOptions {
  const { values, positionals } = parse(argv);
  if (positionals.length > 1) {
    throw new CliFailure(`Pass one directory at most, got: ${positionals.join(' ')}`, 'Run `cdk-flue init --help` for the options.');
  }
  if (positionals[0] === '') {
    throw new CliFailure('The directory is an empty string.', 'Leave it out for the current directory, or name one.');
  }
  const { ci, previews, repository, sandbox, 'sandbox-kind': kind } = values;
  if (sandbox) {
    requireAlone(values);
  }
  if (kind !== undefined && !sandbox) {
    throw new CliFailure(`--sandbox-kind must come with --sandbox, got: ${kind} alone`, 'Add --sandbox, or leave it out.');
  }
  if (previews && ci === undefined) {
    throw new CliFailure('--previews must come with --ci, got: it alone', 'Add --ci github, or leave it out.');
  }
  if (repository !== undefined) {
    requireRepository(repository, ci);
  }
  return {
    directory: positionals[0] ?? '.',
    language: oneOf('language', LANGUAGES, values.language ?? 'typescript'),
    variant: oneOf('variant', VARIANTS, values.variant ?? 'express'),
    ...ci === undefined ? {} : { ci: oneOf('ci', CIS, ci) },
    ...previews ? { previews } : {},
    ...repository === undefined ? {} : { repository },
    ...sandbox ? { sandbox: oneOf('sandbox-kind', SANDBOX_KINDS, kind ?? 'fargate') } : {},
    image: imageOptionsOf(values),
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        'language': { type: 'string' },
        'variant': { type: 'string' },
        'ci': { type: 'string' },
        'previews': { type: 'boolean' },
        'repository': { type: 'string' },
        'sandbox': { type: 'boolean' },
        'sandbox-kind': { type: 'string' },
        ...IMAGE_OPTIONS,
      },
    });
  } catch (error) {
    throw new CliFailure(`${(error as Error).message.split('. ')[0]}.`, 'Run `cdk-flue init --help` for the options.');
  }
}

/** The options that are of the CDK app, which --sandbox does not write. */
const OF_THE_CDK_APP = ['language', 'variant', 'ci', 'previews', 'repository'] as const;

function requireAlone(values: { readonly [name in typeof OF_THE_CDK_APP[number]]?: string | boolean }): void {
  const other = OF_THE_CDK_APP.find(name => values[name] !== undefined);
  if (other) {
    throw new CliFailure(`--sandbox must come without --${other}, which is of the CDK app.`, 'Run init once for the CDK app, and once with --sandbox.');
  }
}

function requireRepository(repository: string, ci: string | undefined): void {
  const { pattern, length, allowed, fix, accepts } = DEPLOY_LIMITS.repository;
  if (ci === undefined) {
    throw new CliFailure(`--repository must come with --ci, got: ${repository} alone`, 'Add --ci github, or leave it out.');
  }
  if (!pattern.test(repository) || repository.length > length || !accepts(repository)) {
    throw new CliFailure(`--repository must be ${allowed}, got: ${repository}`, `${fix}.`);
  }
}

function oneOf<T extends string>(option: string, allowed: readonly T[], value: string): T {
  if (!(allowed as readonly string[]).includes(value)) {
    throw new CliFailure(`--${option} must be one of ${allowed.join(', ')}, got: ${value}`, 'Run `cdk-flue init --help` for the options.');
  }
  return value as T;
}
