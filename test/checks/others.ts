import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { App, CfnParameter, CfnResource, Stack } from 'aws-cdk-lib';
import { DEFAULT_SCHEMA, load, Type } from 'js-yaml';
import { FlueChecks } from '../../src';
import '../support/only-synthesize.cjs';

/**
 * Reads every template of CloudFormation below a folder, as `npx ts-node -P tsconfig.dev.json test/checks/others.ts FOLDER`.
 *
 * None of them is of a Flue server, so FlueChecks must be quiet about each, and must not fail. Then it reads each again as if its author
 * had named it a server: what the rules then say is counted and written to a file, for a person to look at. The folder holds what others
 * published, such as the templates in the repositories of AWS; none of it is kept here.
 */

interface Template {
  readonly Resources: { readonly [id: string]: unknown };
  readonly Parameters?: { readonly [name: string]: { readonly Default?: unknown } };
}

/** The short forms of the functions: `!Ref x`, `!Sub x`, `!If [a, b, c]`. */
const SHORT_FORMS = ['scalar', 'sequence', 'mapping'] as const;
const SCHEMA = DEFAULT_SCHEMA.extend(SHORT_FORMS.map(kind => new Type('!', {
  kind,
  multi: true,
  construct: (value: unknown, tag?: string) => {
    const name = (tag ?? '').slice(1);
    return ['Ref', 'Condition'].includes(name) ? { [name]: value }
      : { [`Fn::${name}`]: name === 'GetAtt' && typeof value === 'string' ? value.split(/\.(.*)/).slice(0, 2) : value };
  },
})));

function filesBelow(folder: string): string[] {
  return readdirSync(folder).sort().flatMap(name => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : /\.(json|ya?ml|template)$/.test(name) ? [path] : [];
  });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The template in a file; undefined where the file holds something else. */
function templateIn(file: string): Template | undefined {
  try {
    const json = load(readFileSync(file, 'utf8'), { schema: SCHEMA });
    const isTemplate = isObject(json) && isObject(json.Resources) && Object.values(json.Resources).some(resource => isObject(resource) && /^[A-Z]\w+::/.test(String(resource.Type)));
    return isTemplate ? json as unknown as Template : undefined;
  } catch {
    return undefined;
  }
}

/** The resources as generic ones, which take whatever stands in a template. */
function stackOf({ Resources, Parameters }: Template): Stack {
  const stack = new Stack(new App(), 'Stack');
  for (const [name, parameter] of Object.entries(Parameters ?? {}).filter(([other]) => !(other in Resources))) {
    new CfnParameter(stack, name, { default: parameter?.Default });
  }
  for (const [id, resource] of Object.entries(Resources)) {
    if (isObject(resource) && typeof resource.Type === 'string') {
      const { Type: type, Properties: properties, DependsOn: _, ...rest } = resource;
      const generic = new CfnResource(stack, id, { type: type as string, properties: properties as Record<string, unknown> });
      Object.entries(rest).forEach(([key, value]) => generic.addOverride(key, value));
    }
  }
  return stack;
}

/** What FlueChecks finds, as the rule, the resource and the sentence. */
function findings(template: Template, areServers: boolean): string[][] {
  const stack = stackOf(template);
  const { violations } = new FlueChecks(undefined, { services: areServers ? [stack] : [] }).validateScope(stack);
  return violations.map(({ ruleName, description, violatingResources: [resource] }) => [ruleName, resource.constructPath ?? '', description]);
}

function main(folder: string): void {
  const report: string[] = [];
  const counts = new Map<string, number>();
  let [files, templates, alarms, crashes] = [0, 0, 0, 0];
  for (const file of filesBelow(folder)) {
    files++;
    const template = templateIn(file);
    if (!template) {
      continue;
    }
    templates++;
    for (const areServers of [false, true]) {
      try {
        for (const [rule, path, sentence] of findings(template, areServers)) {
          const key = `${areServers ? 'named a server' : 'unasked'}: ${rule}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
          alarms += areServers ? 0 : 1;
          report.push(`${key}\t${relative(folder, file)}\t${path}\t${sentence}`);
        }
      } catch (error) {
        crashes++;
        report.push(`CRASH\t${relative(folder, file)}\t${(error as Error).stack}`);
      }
    }
  }
  const output = join(tmpdir(), 'cdk-flue-others.tsv');
  writeFileSync(output, `${report.join('\n')}\n`);
  [...counts].sort().forEach(([key, count]) => console.log(`${String(count).padStart(6)}  ${key}`));
  console.log(`${files} files, ${templates} templates, ${alarms} findings that nobody asked for, ${crashes} crashes; each finding is in ${output}`);
  process.exitCode = alarms + crashes > 0 || templates === 0 ? 1 : 0;
}

main(resolve(process.argv[2] ?? '.'));
