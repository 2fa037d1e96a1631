import type { ContainerPlan } from './discovery/service-plan';
import { DATABASE_URL } from '../../invariants/template/variables';
import { CliFailure } from '../failure';
import { readFile } from '../files';

/** The values a rehearsal is given by its user; they are never printed. */
export interface GivenValues {
  /** Every secret of the container but the connection string, which the rehearsal makes. */
  readonly secrets: { readonly [name: string]: string };
  /** Plain variables whose value only the deployment knows. */
  readonly variables: { readonly [name: string]: string };
}

/** Takes the values that the assembly does not hold from a file, then from the environment; refuses when one is missing. */
export function collectValues(container: ContainerPlan, file: string | undefined, environment: NodeJS.ProcessEnv): GivenValues {
  const given = { ...environment, ...file === undefined ? {} : readValues(file) };
  const secrets = container.secrets.filter(name => name !== DATABASE_URL);
  const variables = Object.keys(container.environment).filter(name => container.environment[name] === undefined && name !== DATABASE_URL);
  const missing = [...secrets, ...variables].filter(name => !given[name]);
  if (missing.length > 0) {
    const source = file ?? 'a file';
    throw new CliFailure(
      `${missing.length === 1 ? 'A value is' : `${missing.length} values are`} missing: ${missing.join(', ')}.`,
      `The service takes ${missing.length === 1 ? 'it' : 'them'} from a secret store or from the deployment. Put ${missing.map(name => `${name}=…`).join(' and ')} into ${source}`
      + `${file === undefined ? ' and pass --secrets FILE' : ''}, or set ${missing.length === 1 ? 'it' : 'them'} in the environment. If the app does not use a value when it starts, any placeholder works.`,
    );
  }
  const pick = (names: string[]) => Object.fromEntries(names.map(name => [name, given[name]!]));
  return { secrets: pick(secrets), variables: pick(variables) };
}

function readValues(file: string): { [name: string]: string } {
  const content = readFile(file, { problem: () => `cdk-flue cannot read the --secrets file: ${file}`, wayOut: 'Write KEY=value lines or a JSON object into it.' });
  return content.trimStart().startsWith('{') ? parseJson(file, content) : parseLines(file, content);
}

function parseJson(file: string, content: string): { [name: string]: string } {
  let values: unknown;
  try {
    values = JSON.parse(content);
  } catch {
    // the parser's own message quotes the content
    throw new CliFailure(`The --secrets file is not valid JSON: ${file}`, 'Write one object with a string for each name.');
  }
  const wrong = Object.entries(values as object).find(([, value]) => typeof value !== 'string');
  if (wrong) {
    throw new CliFailure(`The --secrets file must hold a string for each name, got another type for ${wrong[0]}: ${file}`, 'Write one object with a string for each name.');
  }
  return values as { [name: string]: string };
}

function parseLines(file: string, content: string): { [name: string]: string } {
  const values: { [name: string]: string } = {};
  content.split(/\r?\n/).forEach((line, index) => {
    if (/^\s*(#|$)/.test(line)) {
      return;
    }
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (!match) {
      throw new CliFailure(`Line ${index + 1} of the --secrets file is not KEY=value: ${file}`, 'Write one KEY=value per line.');
    }
    values[match[1]] = /^(["']).*\1$/.test(match[2]) && match[2].length > 1 ? match[2].slice(1, -1) : match[2];
  });
  return values;
}
