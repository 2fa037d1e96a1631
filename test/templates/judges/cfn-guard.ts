import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { templateName, typeOf, type Finding, type Judge } from '../finding';

interface Report {
  readonly violations: {
    readonly ruleName: string;
    readonly description?: string;
    readonly violatingResources: { readonly resourceLogicalId: string; readonly templatePath: string }[];
  }[];
}

/** The rules of AWS Control Tower, which are the set that the plugin carries. */
export function cfnGuard(tools: string): Judge {
  const load = createRequire(resolve(tools, 'package.json'));
  const { CfnGuardValidator } = load('@cdklabs/cdk-validator-cfnguard');
  const validator = new CfnGuardValidator({ maxBuffer: 256 * 1024 * 1024 });
  return {
    name: 'cfn-guard',
    version: load('@cdklabs/cdk-validator-cfnguard/package.json').version,
    judge: files => (validator.validate({ templatePaths: files }) as Report).violations.flatMap(({ ruleName, description, violatingResources }) =>
      violatingResources.map(({ resourceLogicalId: resource, templatePath }): Finding => ({
        judge: 'cfn-guard', rule: ruleName, template: templateName(templatePath), resource, type: typeOf(templatePath, resource), message: description ?? '',
      }))),
  };
}
