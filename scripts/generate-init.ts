import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Generates the starters of `cdk-flue init` from the examples. A platform is a file `<platform>-stack.ts` in
 * `examples/typescript/lib` and `<platform>_stack.py` in `examples/python/flue_agents`.
 */

const EXAMPLES = join(__dirname, '../examples');
export const INIT = join(__dirname, '../assets/init');

/** Said of the secrets of every starter. */
const RANDOM = 'Each secret holds a random value at first. Put your own in: aws secretsmanager put-secret-value.';

interface Language {
  readonly name: string;
  /** Files that every starter has. */
  readonly common: string[];
  /** What a starter has in addition where a workflow deploys it. */
  readonly ci: string[];
  /** The file that puts the stacks together. */
  readonly app: string;
  readonly stacks: string;
  readonly stack: RegExp;
  /** What is the example's alone, and what takes its place. Each must be found in one of the files. */
  readonly replaced: [RegExp, string][];
  /** What a platform without a load balancer has in its app, and what one without a database has in what it shares. */
  readonly withoutBalancer: [RegExp, string][];
  readonly withoutDatabase: [RegExp, string][];
}

const LANGUAGES: Language[] = [
  {
    name: 'typescript',
    common: ['bin/agents.ts', 'lib/data-stack.ts', 'lib/preview-base.ts', 'lib/stage.ts', 'cdk.json', 'package.json', 'tsconfig.json'],
    ci: ['bin/ci.ts', 'lib/ci.ts'],
    app: 'lib/app.ts',
    stacks: 'lib',
    stack: /^(?!data-)(\w+)-stack\.ts$/,
    replaced: [
      [/^import .* from '\.\/acknowledgements\.ts';\n/gm, ''],
      [/(?<=\n)\n? *acknowledge\w+\(.*\);\n/g, ''],
      [/^import \{ AwsSolutionsChecks \} from 'cdk-nag';\n/gm, ''],
      [/new AwsSolutionsChecks\(app\), /g, ''],
      [/\/\*\* One network, .*\*\//g, '/** The stack that every platform shares, and the stack of the agents. */'],
      [/directory: join\(import\.meta\.dirname, '\.\.\/\.\.\/agents'\)/g, 'directory: join(import.meta.dirname, \'../..\'), exclude: [\'cdk\']'],
      [/^import \{ Secret \} from .*;\n/gm, '{{#secrets}}\n$&{{/secrets}}\n'],
      [/(?<=\{ CpuArchitecture), Secret(?= \})/g, '{{#secrets}}, Secret{{/secrets}}'],
      [/ {2}public readonly providerKey: Secret;\n.*apiToken.*\n/g,
        '{{#secrets}}\n  /** The secrets of the agents, by the variable in which the server reads each. */\n  public readonly secrets: { readonly [variable: string]: Secret };\n{{/secrets}}\n'],
      [/\n {4}\/\/ Holds a random value[^]*? {4}\}\);\n/g, `{{#secrets}}\n\n    // ${RANDOM}\n    this.secrets = {\n{{#secret}}\n      {{name}}: new Secret(this, '{{id}}', {`
        + ' description: \'{{name}} of the Flue agents\', generateSecretString: { excludePunctuation: true } }),\n{{/secret}}\n    };\n{{/secrets}}\n'],
      [/, providerKey, apiToken(?= \})/g, '{{#secrets}}, secrets{{/secrets}}'],
      [/ {6}environment: \{ MODEL_SPECIFIER.*\n/g, '{{#variables}}\n      environment: {\n{{#variable}}\n        {{line}}\n{{/variable}}\n      },\n{{/variables}}\n'],
      [/ {6}secrets: \{\n[^]*?\n {6}\},\n/g,
        '{{#secrets}}\n      secrets: {\n{{#secret}}\n        {{name}}: Secret.fromSecretsManager(secrets.{{name}}),\n{{/secret}}\n      },\n{{/secrets}}\n'],
      [/ {6}\/\/ the other server .*\n {6}database: .*\n/g, '      database,\n'],
      [/, schemaOptions(?= \} from '\.\/stage\.ts')/g, ''],
      [/ {2}public readonly providerKey: ISecret;\n.*apiToken.*\n/g, '{{#secrets}}\n  public readonly secrets: { readonly [variable: string]: ISecret };\n{{/secrets}}\n'],
      [/ {4}this\.providerKey = Secret\.from.*\n.*apiToken.*\n/g,
        '{{#secrets}}\n    this.secrets = {\n{{#secret}}\n      {{name}}: Secret.fromSecretCompleteArn(this, \'Secret{{id}}\', fromBase(\'Secret{{id}}\')),\n{{/secret}}\n    };\n{{/secrets}}\n'],
      [/ {4}SecretProviderKey: .*\n.*apiToken.*\n/g, '{{#secret}}\n    Secret{{id}}: data.secrets.{{name}}.secretArn,\n{{/secret}}\n'],
      [/(?<=import \{ Secret), type ISecret(?= \})/g, '{{#secrets}}, type ISecret{{/secrets}}'],
      [/IFlueSchemaHost/g, 'IFlueDatabase'],
      [/(?<=import type \{ FlueDataStack \} from '\.\/data-stack\.ts';\n)(?=\n\/\*\* The zones)/g, 'import { schemaOptions } from \'./stage.ts\';\n'],
      [/(this\.database = FlueDatabase\.from[^]*?\n {4}\}\));/g, '$1.addSchema(\'Agents\', schemaOptions(this, \'agents\'));'],
      [/^ {2}\/\/ The code of a pull request.*\n.*\n.*\n/gm, '{{#previews}}\n$&{{/previews}}\n'],
      [/^ {2}new CfnOutput\(stack, 'PreviewRole'.*\n.*\n/gm, '{{#previews}}\n$&{{/previews}}\n'],
      [/'acme\/agents'/g, '\'{{repository}}\''],
      [/branch: 'main'/g, 'branch: \'{{branch}}\''],
      [/"name": "flue-example-cdk"/g, '"name": "flue-agents-cdk"'],
      [/"description": "Flue agents on .*"/g, '"description": "Flue agents on AWS."'],
      [/"cdk-flue": "\*"/g, '"cdk-flue": "^{{version}}"'],
    ],
    withoutBalancer: [[/if \(shared && isBase\(app\)\) \{\n {2}\} else \{/, 'if (!isBase(app)) {']],
    withoutDatabase: [
      [/, and drops the schemas of previews that are gone\./, '.'],
      [/ {4}this\.database = FlueDatabase\.from[^]*?\n {4}\}\).*;\n/, ''],
      [/^ {4}Database\w+: .*\n/gm, ''],
      [/import \{ SecurityGroup, Vpc/, 'import { Vpc'],
      [/import \{ Secret\{\{#secrets\}\}, type ISecret\{\{\/secrets\}\} \} from .*\n/, '{{#secrets}}\nimport { Secret, type ISecret } from \'aws-cdk-lib/aws-secretsmanager\';\n{{/secrets}}\n'],
      [/import \{ schemaOptions \} .*\n/, ''],
    ],
  },
  {
    name: 'python',
    common: ['app.py', 'flue_agents/__init__.py', 'flue_agents/data_stack.py', 'flue_agents/preview_base.py', 'flue_agents/stage.py', 'cdk.json', 'requirements.txt'],
    ci: ['ci.py', 'flue_agents/ci.py'],
    app: 'flue_agents/agents.py',
    stacks: 'flue_agents',
    stack: /^(?!data_)(\w+)_stack\.py$/,
    replaced: [
      [/\nfrom \.acknowledgements import .*\n(?=\n\n)|^from \.acknowledgements import .*\n/gm, ''],
      [/(?<=\n)\n? *acknowledge_\w+\(.*\)\n/g, ''],
      [/^from cdk_nag import AwsSolutionsChecks\n/gm, ''],
      [/AwsSolutionsChecks\(app\), /g, ''],
      [/"""One network, .*"""/g, '"""The stack that every platform shares, and the stack of the agents."""'],
      [/^AGENTS = Path\(__file__\)\.parents\[2\] \/ "agents"$/gm, 'AGENTS = Path(__file__).parents[2]'],
      [/directory=str\(AGENTS\)/g, 'directory=str(AGENTS), exclude=["cdk"]'],
      [/^from aws_cdk\.aws_secretsmanager import Secret, SecretStringGenerator\n/gm, '{{#secrets}}\nfrom aws_cdk.aws_secretsmanager import Secret, SecretStringGenerator\n{{/secrets}}\n'],
      [/^from aws_cdk\.aws_ecs import Secret\n/gm, '{{#secrets}}\n$&{{/secrets}}\n'],
      [/(?<=import CpuArchitecture), Secret$/gm, '{{#secrets}}, Secret{{/secrets}}'],
      [/\n {8}# Holds a random value[^]*?\n {8}\)\n/g, `{{#secrets}}\n\n        # ${RANDOM}\n        self.secrets = {\n{{#secret}}\n            "{{name}}": Secret(self, "{{id}}", `
        + 'description="{{name}} of the Flue agents", generate_secret_string=SecretStringGenerator(exclude_punctuation=True)),\n{{/secret}}\n        }\n{{/secrets}}\n'],
      [/ {12}environment=\{"MODEL_SPECIFIER".*\n/g, '{{#variables}}\n            environment={\n{{#variable}}\n                {{line}}\n{{/variable}}\n            },\n{{/variables}}\n'],
      [/ {12}secrets=\{\n[^]*?\n {12}\},\n/g,
        '{{#secrets}}\n            secrets={\n{{#secret}}\n                "{{name}}": Secret.from_secrets_manager(base.secrets["{{name}}"]),\n{{/secret}}\n            },\n{{/secrets}}\n'],
      [/ {12}# the other server .*\n {12}database=.*\n/g, '            database=base.database,\n'],
      [/(?<=from \.stage import .*), schema_options$/gm, ''],
      [/ {8}self\.provider_key = Secret\.from_.*\n.*api_token.*\n/g, '{{#secrets}}\n        self.secrets = {\n{{#secret}}\n'
        + '            "{{name}}": Secret.from_secret_complete_arn(self, "Secret{{id}}", from_base("Secret{{id}}")),\n{{/secret}}\n        }\n{{/secrets}}\n'],
      [/ {12}"SecretProviderKey": .*\n.*api_token.*\n/g, '{{#secret}}\n            "Secret{{id}}": data.secrets["{{name}}"].secret_arn,\n{{/secret}}\n'],
      [/(?<=from constructs import Construct\n)(?=\nif TYPE_CHECKING)/g, '\nfrom .stage import schema_options\n'],
      [/(self\.database = FlueDatabase\.from_[^]*?\n {8}\))\n/g, '$1.add_schema("Agents", **schema_options(self, "agents"))\n'],
      [/^ {4}# The code of a pull request.*\n.*\n.*\n/gm, '{{#previews}}\n$&{{/previews}}\n'],
      [/^ {4}CfnOutput\(stack, "PreviewRole".*\n(?:.*\n){3}/gm, '{{#previews}}\n$&{{/previews}}\n'],
      [/"acme\/agents"/g, '"{{repository}}"'],
      [/branch="main"/g, 'branch="{{branch}}"'],
      [/^cdk-flue$/gm, 'cdk-flue>={{version}}'],
    ],
    withoutBalancer: [[/if shared and is_base\(app\):\n {4}else:/, 'if not is_base(app):']],
    withoutDatabase: [
      [/, and drops the schemas of previews that are gone\./, '.'],
      [/ {8}self\.database = FlueDatabase\.from_[^]*?\n {8}\).*\n/, ''],
      [/^ {12}"Database\w+": .*\n/gm, ''],
      [/import SecurityGroup, Vpc/, 'import Vpc'],
      [/^from aws_cdk\.aws_secretsmanager import Secret\n/m, '{{#secrets}}\n$&{{/secrets}}\n'],
      [/\nfrom \.stage import schema_options\n/, ''],
    ],
  },
];

/** The files of every starter, by path below `assets/init`. */
export function initTemplates(): Map<string, string> {
  return new Map(LANGUAGES.flatMap(generate));
}

function generate(language: Language): [string, string][] {
  const { name, common, ci, app, stacks, stack, replaced } = language;
  const unused = new Set(replaced);
  const read = (file: string): string => replaced.reduce((text, rule) => {
    const result = text.replace(...rule);
    if (result !== text) unused.delete(rule);
    return result;
  }, readFileSync(join(EXAMPLES, name, file), 'utf8'));

  const platforms = readdirSync(join(EXAMPLES, name, stacks)).flatMap(file => stack.exec(file)?.[1] ?? []);
  const files = [...common.map((file): [string, string] => [join(name, 'common', file), read(file)]), ...ci.map((file): [string, string] => [join(name, 'ci', file), read(file)])];
  for (const platform of platforms) {
    const file = join(stacks, readdirSync(join(EXAMPLES, name, stacks)).find(found => stack.exec(found)?.[1] === platform)!);
    files.push([join(name, platform, file), read(file)]);
    if (!/base\.database|\{ vpc, database/.test(read(file))) {
      common.filter(shared => /data.stack|preview.base/.test(shared))
        .forEach(shared => files.push([join(name, platform, shared), withoutDatabase(read(shared), language)]));
    }
    // A line of the app that names the stack of another platform belongs to that one.
    const others = platforms.filter(other => other !== platform).map(other => `Flue${other[0].toUpperCase()}${other.slice(1)}Stack`);
    const lines = read(app).split('\n').filter(line => !others.some(other => line.includes(other)));
    files.push([join(name, platform, app), changed(lines.join('\n'), language.withoutBalancer)]);
  }
  if (unused.size > 0) {
    throw new Error(`The ${name} example has changed: nothing in it matches ${[...unused].map(([pattern]) => pattern.source).join(' or ')}`);
  }
  return files;
}

/** A platform that takes no database gets none to pay for. */
function withoutDatabase(data: string, language: Language): string {
  return changed(data, language.withoutDatabase).split('\n').filter(line => !/\bFlueDatabase|\bdatabase\b/.test(line)).join('\n').replace(', a Postgres', '');
}

function changed(text: string, rules: [RegExp, string][]): string {
  return rules.reduce((before, rule) => before.replace(...rule), text);
}

if (require.main === module) {
  rmSync(INIT, { recursive: true, force: true });
  for (const [file, content] of initTemplates()) {
    mkdirSync(dirname(join(INIT, file)), { recursive: true });
    writeFileSync(join(INIT, file), content);
  }
}
