import { parseArgs } from 'node:util';
import { CliFailure } from '../failure';

export const CHECK_USAGE = `Usage: cdk-flue check [cdk.out | template…] [options]

Finds what breaks a Flue server in templates of CloudFormation, with the rules of FlueChecks.
It reads what cdk synth wrote (cdk.out unless you name another directory), and templates in JSON or YAML that
AWS SAM, Copilot or you wrote. Templates that you name together are read as one app. Nothing is sent anywhere.

  --service ID   a resource to check as a Flue server, by its logical id or its construct path; may be repeated.
                 Without it: the constructs of cdk-flue, and the servers that FlueChecks recognizes
  --json         one JSON document on the standard output, and nothing else
  --sarif        one SARIF document on the standard output, for code scanning, and nothing else

The exit code is 0 when no rule of the level error is broken, 1 when one is, 2 when nothing could be checked.
`;

export interface CheckOptions {
  readonly places: readonly string[];
  readonly services: readonly string[];
  readonly form: 'table' | 'json' | 'sarif';
}

export function parseOptions(argv: string[]): CheckOptions {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { service: { type: 'string', multiple: true }, json: { type: 'boolean' }, sarif: { type: 'boolean' } },
    });
    const { service: services = [], json, sarif } = values;
    if (json && sarif) {
      throw new Error('Pass --json or --sarif, not both');
    }
    if ([...positionals, ...services].includes('')) {
      throw new Error('A path or the value of --service is an empty string');
    }
    return { places: positionals.length > 0 ? positionals : ['cdk.out'], services, form: json ? 'json' : sarif ? 'sarif' : 'table' };
  } catch (error) {
    throw new CliFailure(`${(error as Error).message.split('. ')[0]}.`, 'Run `cdk-flue check --help` for the options.');
  }
}
