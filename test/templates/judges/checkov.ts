import { resolve } from 'node:path';
import { runPython, versionOf } from './python';
import { templateName, typeOf, type Finding, type Judge } from '../finding';

interface Report {
  readonly summary: { readonly parsing_errors: number };
  readonly results: {
    readonly failed_checks: {
      readonly check_id: string;
      readonly check_name: string;
      readonly resource: string;
      readonly file_abs_path: string;
    }[];
  };
}

export function checkov(venv: string): Judge {
  return {
    name: 'checkov',
    version: versionOf(venv, 'checkov'),
    judge: files => {
      // Without --skip-download it asks a service of its vendor for descriptions.
      const { stdout, stderr } = runPython(venv, resolve(venv, 'bin', 'checkov'), ['--framework', 'cloudformation', '--skip-download', '--compact', '--quiet', '--output', 'json', ...files.flatMap(file => ['--file', file])]);
      let report: Report;
      try {
        report = JSON.parse(stdout) as Report;
      } catch {
        throw new Error(`checkov could not run: ${stdout}${stderr}`);
      }
      // Without any finding it prints the summary alone.
      if (!report.results) return [];
      if (report.summary.parsing_errors > 0) throw new Error(`checkov could not read ${report.summary.parsing_errors} templates`);
      return report.results.failed_checks.map((check): Finding => {
        const resource = check.resource.split('.').at(-1)!;
        return { judge: 'checkov', rule: check.check_id, template: templateName(check.file_abs_path), resource, type: typeOf(check.file_abs_path, resource), message: check.check_name };
      });
    },
  };
}
