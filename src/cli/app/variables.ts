import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { readingOf } from './environment';
import type { FlueApp } from './flue-app';
import { exists } from '../../image/app/files';
import { isReservedName } from '../../invariants/reserved-environment';
import { isSecretName, plainSecret, PROVIDER_KEY_NAMES } from '../../invariants/secret-shapes';
import { DATABASE_URL, NODE_OPTIONS, PORT } from '../../invariants/template/variables';
import { readFile } from '../files';

/** A variable that an app reads and that nothing sets by itself. */
export interface Variable {
  readonly name: string;
  readonly isSecret: boolean;
  /** What the app's own files say it should be, where that makes sense in AWS; never of a secret. */
  readonly value?: string;
}

/** Where people list the variables of an app. */
const EXAMPLES = ['.env.example', '.env.sample', '.env.template', '.env.dist', 'env.example', 'example.env', '.dev.vars.example'];
/** What the constructs set, what AWS sets in a task, what a shell or a test runner sets, and what a build puts into the code for browsers. */
const SET = [DATABASE_URL, NODE_OPTIONS, PORT, 'NODE_EXTRA_CA_CERTS', 'NODE_ENV', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE', 'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'CI', 'HOME', 'HOSTNAME', 'LANG', 'PATH', 'PWD', 'SHELL', 'TERM', 'TMPDIR', 'USER', 'NO_COLOR', 'FORCE_COLOR', 'VITEST'];
const SET_PREFIXES = ['AWS_CONTAINER_', 'ECS_', 'GITHUB_ACTIONS', 'JEST_', 'VITE_', 'npm_'];
/** What stands in an example until somebody writes the real thing, or is true on a laptop alone. */
const STAND_IN = /^\s*$|localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|example\.(com|org|net)|^<.*>$|\byour\b|your[-_]|change[-_ ]?me|replace|placeholder|\.\.\.|x{3,}|\$\{|[\r\n]/i;

/** The variables that an app reads: in the code of its server, and in the list that it has of them. */
export function variablesOf(app: FlueApp): Variable[] {
  const found = new Map<string, string | undefined>();
  const add = (name: string, value: string | undefined): void => {
    found.set(name, found.get(name) ?? value);
  };
  Object.entries(listed(app.directory)).forEach(([name, value]) => add(name, value || undefined));
  for (const { variables, models } of app.modules.map(readingOf)) {
    variables.forEach((value, name) => add(name, value));
    models.map(model => PROVIDER_KEY_NAMES[model.split('/')[0]]).filter(name => name !== undefined).forEach(name => add(name, undefined));
  }
  return [...found].filter(([name]) => /^[A-Za-z_]\w*$/.test(name) && !isSet(name)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => {
    const isSecret = isSecretName(name) || plainSecret(name, value ?? '') !== undefined;
    return { name, isSecret, value: isSecret || value === undefined || STAND_IN.test(value) ? undefined : value };
  });
}

function listed(directory: string): NodeJS.Dict<string> {
  return Object.assign({}, ...EXAMPLES.filter(name => exists(directory, name)).map(name => {
    const file = join(directory, name);
    return parseEnv(readFile(file, { problem: reason => `cdk-flue cannot read the list of variables ${file} (${reason}).`, wayOut: 'Correct the file, or delete it.' }));
  }));
}

function isSet(name: string): boolean {
  return isReservedName(name) || SET.includes(name) || SET_PREFIXES.some(prefix => name.startsWith(prefix));
}
