import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { table, updateSection } from './sections';
import { INVARIANTS } from '../src/invariants';
import type { Invariant } from '../src/invariants/invariant';
import { LIMITS } from '../src/invariants/limits';
import { DECLARATION } from '../src/invariants/template/traits';

const ROOT = join(__dirname, '..');
export const RULES = join(ROOT, 'RULES.md');
/** The page on FlueChecks, which has a table of the rules between the lines `rules`. */
export const CHECKS = join(ROOT, 'docs', 'checks.md');

function ruleId(invariant: Invariant): string {
  return `\`Flue-${invariant.id}\``;
}

function section(invariant: Invariant): string {
  const types = [...invariant.rule.resourceTypes].sort();
  return [
    `## ${invariant.id}`,
    '',
    invariant.statement,
    '',
    table(['', ''], [
      ['Id', `${ruleId(invariant)} (${invariant.level})`],
      ['Why', invariant.why],
      ['Limit', invariant.limit],
      ['Fix', invariant.fix],
      ['Source', invariant.source],
      ['Read from', types.map(type => `\`${type}\``).join(', ')],
    ]),
  ].join('\n');
}

/** Every limit on a prop, as a row for each struct that declares it. */
function limits(): string {
  return table(['Prop', 'Of', 'Allowed', 'Source'], LIMITS.map(limit => [
    `\`${limit.prop}\``, limit.of.map(struct => `[${struct}](API.md#cdk-flue.${struct})`).join(', '), limit.allowed, limit.source,
  ]));
}

/** The whole of RULES.md. */
export function renderRules(): string {
  return [
    '<!-- Generated from src/invariants by scripts/generate-rules.ts. Change the invariants, not this file. -->',
    '',
    '# Rules',
    '',
    'What a Flue server on AWS needs. The constructs of this library refuse input that breaks a rule and set what it asks for;',
    'FlueChecks finds what breaks one in the resources of any stack, escape hatches and hand-written templates included.',
    '',
    table(['Id', 'Level', 'Rule', 'Limit'], INVARIANTS.map(invariant => [
      `[${ruleId(invariant)}](#${invariant.id.toLowerCase()})`, invariant.level, invariant.statement, invariant.limit,
    ])),
    '',
    'An `error` breaks the server and fails the synthesis. A `warning` is legal and risky. A finding is silenced where it stands, or',
    'anywhere above, with `Validations.of(scope).acknowledge({ id, reason })`. A resource that can break a rule in several ways has one',
    'finding for each, with its name in brackets: `Flue-SecretsOnly[ANTHROPIC_API_KEY]`. Each of them is acknowledged by its full id.',
    '',
    '## What is judged',
    '',
    'The rules are silent on everything that has no part in running a Flue server. A server is',
    '',
    '- a construct of this library;',
    '- a scope named in `services` of FlueChecks: a construct, a stack, or the `CfnInclude` of a template;',
    '- a container that sets `MODEL_SPECIFIER`, or a variable that begins with `FLUE_` and does not address a server from outside',
    '  (such as `FLUE_URL` or `FLUE_API_TOKEN`);',
    '- a container whose entry point or command runs `dist/server.mjs`;',
    '- a container of an image whose repository is called `flue`, or begins with `flue-`, `flue_` or `flue.`;',
    '- a box whose user data shows one of these;',
    '- a function with `MODEL_SPECIFIER`, one that runs `dist/server`, or one of an image called flue that is given `PORT`, `AWS_LWA_PORT`',
    '  or `DATABASE_URL`;',
    `- a hand-written resource that says so: a container with the docker label \`${DECLARATION}\`, a resource with a tag or a \`Metadata\` entry of`,
    '  that name, whatever its value.',
    '',
    'Judged with a server is what its template says of it by reference, across stacks too: its task definition, containers and log groups, its',
    'target groups, listeners and load balancers, its scalable targets, the disks and security groups of its box, the secrets it is given, and',
    'the database that its `DATABASE_URL` leads to. What only the deployment knows (parameters, imports, dynamic references, conditions that',
    'decide between different values) is not judged.',
    '',
    '## Limits',
    '',
    'What the constructors refuse beside the rules, because AWS or the server does. Values known only at deployment pass, except where the',
    'template itself depends on them.',
    '',
    limits(),
    '',
    ...INVARIANTS.flatMap(invariant => [section(invariant), '']),
  ].join('\n');
}

/** The table of rules as the page on FlueChecks shows it. */
export function renderTable(): string {
  return table(['Id', 'Level', 'Rule', 'What to do'], INVARIANTS.map(invariant => [
    `[${ruleId(invariant)}](../RULES.md#${invariant.id.toLowerCase()})`, invariant.level, invariant.statement, invariant.fix,
  ]));
}

if (require.main === module) {
  writeFileSync(RULES, renderRules());
  updateSection(CHECKS, 'rules', renderTable());
}
