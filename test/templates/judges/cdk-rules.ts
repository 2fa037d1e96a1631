import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { run } from './run';
import { typeOf, type Finding, type Judge } from '../finding';

interface Report {
  readonly pluginReports?: {
    readonly violations: {
      readonly ruleName: string;
      readonly description: string;
      readonly violatingConstructs: { readonly constructPath: string; readonly cloudFormationResource?: { readonly logicalId: string } }[];
    }[];
  }[];
}

/** The rules that aws-cdk-lib itself applies to a template, with the newest aws-cdk-lib. */
export function cdkRules(tools: string): Judge {
  const load = createRequire(resolve(tools, 'package.json'));
  return {
    name: 'aws-cdk-lib',
    version: load('aws-cdk-lib/package.json').version,
    judge: files => {
      const { stdout, stderr, status } = run(process.execPath, [join(__dirname, 'cdk-rules-app.js'), resolve(tools), ...files.map(file => resolve(file))]);
      if (!stdout.startsWith('{') || (status !== 0 && stdout === '{}')) throw new Error(`aws-cdk-lib could not judge (${status}): ${stderr}`);
      const violations = ((JSON.parse(stdout) as Report).pluginReports ?? []).flatMap(report => report.violations);
      return violations.flatMap(({ ruleName, description, violatingConstructs }) =>
        violatingConstructs.map(({ constructPath, cloudFormationResource }): Finding => {
          const template = constructPath.split('/')[0]!;
          const resource = cloudFormationResource?.logicalId ?? '';
          const file = files.find(candidate => candidate.endsWith(`${template}.template.json`))!;
          return { judge: 'aws-cdk-lib', rule: ruleName, template, resource, type: typeOf(file, resource), message: description };
        }));
    },
  };
}
