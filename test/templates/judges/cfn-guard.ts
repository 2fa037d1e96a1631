import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { templateName, typeOf, typesIn, type Finding, type Judge } from '../finding';

interface Report {
  readonly violations: {
    readonly ruleName: string;
    readonly description?: string;
    readonly violatingResources: { readonly resourceLogicalId: string; readonly templatePath: string }[];
  }[];
}

/** Rules by the types that they name, of those that the templates hold. */
function rulesByTypes(rules: string[], files: string[]): Map<string, { readonly rules: string[]; readonly types: Set<string> }> {
  const held = new Set(files.flatMap(file => [...typesIn(file)]));
  const groups = new Map<string, { readonly rules: string[]; readonly types: Set<string> }>();
  for (const rule of rules) {
    const named = readFileSync(rule, 'utf8').match(/\bAWS::\w+::\w+/g);
    if (!named) throw new Error(`${rule} names no type`);
    const types = new Set(named.filter(type => held.has(type)).sort());
    const key = [...types].join();
    groups.set(key, { rules: [...groups.get(key)?.rules ?? [], rule], types });
  }
  groups.delete('');
  return groups;
}

interface Resource {
  readonly Type: string;
}

/** The resources of the types, and those that they refer to, of which a rule may ask the type. */
function concerned(resources: Readonly<Record<string, Resource>>, types: Set<string>): Record<string, Resource> {
  const found = new Map(Object.entries(resources).filter(([, { Type }]) => types.has(Type)));
  for (const [, resource] of found) {
    // an entry that is added meanwhile is visited too
    for (const [, ref, attribute] of JSON.stringify(resource).matchAll(/{"Ref":"(\w+)"}|{"Fn::GetAtt":\["(\w+)"/g)) {
      const id = ref ?? attribute!;
      if (id in resources) found.set(id, resources[id]!);
    }
  }
  return Object.fromEntries(found);
}

/** Writes the templates that hold one of the types, with what concerns these types alone: of the rest the rules say nothing, and cfn-guard takes long to say it. */
function reduced(files: string[], types: Set<string>, directory: string): string[] {
  mkdirSync(directory);
  return files.filter(file => [...types].some(type => typesIn(file).has(type))).map(file => {
    const template = JSON.parse(readFileSync(file, 'utf8')) as { readonly Resources: Readonly<Record<string, Resource>> };
    const target = join(directory, basename(file));
    writeFileSync(target, JSON.stringify({ ...template, Resources: concerned(template.Resources, types) }));
    return target;
  });
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
    judge: templates => {
      const directory = mkdtempSync(join(tmpdir(), 'cdk-flue-guard-'));
      try {
        return [...rulesByTypes(rules, templates).values()].flatMap((group, index) => {
          const validator = new CfnGuardValidator({ controlTowerRulesEnabled: false, rules: group.rules, maxBuffer: 256 * 1024 * 1024 });
          const templatePaths = reduced(templates, group.types, join(directory, `${index}`));
          return (validator.validate({ templatePaths }) as Report).violations.flatMap(({ ruleName, description, violatingResources }) =>
            violatingResources.map(({ resourceLogicalId: resource, templatePath }): Finding => ({
              judge: 'cfn-guard', rule: ruleName, template: templateName(templatePath), resource, type: typeOf(templatePath, resource), message: description ?? '',
            })));
        });
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}
