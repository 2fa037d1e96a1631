import { join } from 'node:path';
import { runPython, versionOf } from './python';
import { templateName, typeOf, type Finding, type Judge } from '../finding';

/** Regions that the README and the tests of other partitions name. */
const REGIONS = ['us-east-1', 'eu-central-1', 'us-gov-west-1', 'cn-north-1'];

interface Match {
  readonly Filename: string;
  readonly Level: string;
  readonly Location: { readonly Path?: (string | number)[] };
  readonly Message: string;
  readonly Rule: { readonly Id: string };
}

export function cfnLint(venv: string): Judge {
  return {
    name: 'cfn-lint',
    version: versionOf(venv, 'cfn-lint'),
    judge: files => {
      // Its exit code is a bit field of what it found.
      const { stdout, status, stderr } = runPython(venv, join(__dirname, 'quick_lint.py'), ['--format', 'json', '--regions', ...REGIONS, '--template', ...files]);
      if (status === 1 || (status !== 0 && stdout.trim() === '')) throw new Error(`cfn-lint could not run: ${stderr}`);
      return (JSON.parse(stdout || '[]') as Match[]).map((match): Finding => {
        const path = match.Location.Path ?? [];
        const resource = path[0] === 'Resources' ? String(path[1]) : '';
        return { judge: 'cfn-lint', rule: match.Rule.Id, template: templateName(match.Filename), resource, type: typeOf(match.Filename, resource), message: match.Message };
      });
    },
  };
}
