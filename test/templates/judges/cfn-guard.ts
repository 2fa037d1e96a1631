import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { templateName, typeOf, typesIn, type Finding, type Judge } from '../finding';

interface Report {
  readonly violations: {
    readonly ruleName: string;
    readonly description?: string;
    readonly violatingResources: { readonly resourceLogicalId: string; readonly templatePath: string }[];
  }[];
}

/** Rules by the templates that hold a type they name: of another template they say nothing, and cfn-guard takes long to say it. */
function rulesByTemplates(rules: string[], files: string[]): Map<string, { readonly rules: string[]; readonly files: string[] }> {
  const groups = new Map<string, { readonly rules: string[]; readonly files: string[] }>();
  for (const rule of rules) {
    const named = readFileSync(rule, 'utf8').match(/\bAWS::\w+::\w+/g);
    if (!named) throw new Error(`${rule} names no type`);
    const concerned = files.filter(file => named.some(type => typesIn(file).has(type)));
    const group = groups.get(concerned.join()) ?? { rules: [], files: concerned };
    group.rules.push(rule);
    groups.set(concerned.join(), group);
  }
  groups.delete('');
  return groups;
}

/** The rules of AWS Control Tower, which are the set that the plugin carries. */
export function cfnGuard(tools: string): Judge {
  const load = createRequire(resolve(tools, 'package.json'));
  const { CfnGuardValidator } = load('@cdklabs/cdk-validator-cfnguard');
  const manifest = load.resolve('@cdklabs/cdk-validator-cfnguard/package.json');
  const carried = join(dirname(manifest), 'rules/control-tower/cfn-guard');
  const rules = readdirSync(carried, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.guard')).map(file => join(carried, file));
  return {
    name: 'cfn-guard',
    version: load(manifest).version,
    judge: templates => [...rulesByTemplates(rules, templates).values()].flatMap(group => {
      const validator = new CfnGuardValidator({ controlTowerRulesEnabled: false, rules: group.rules, maxBuffer: 256 * 1024 * 1024 });
      return (validator.validate({ templatePaths: group.files }) as Report).violations.flatMap(({ ruleName, description, violatingResources }) =>
        violatingResources.map(({ resourceLogicalId: resource, templatePath }): Finding => ({
          judge: 'cfn-guard', rule: ruleName, template: templateName(templatePath), resource, type: typeOf(templatePath, resource), message: description ?? '',
        })));
    }),
  };
}
