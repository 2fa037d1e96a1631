import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { publicInputs, type Input } from './assembly';
import { CARRIERS } from './carriers';
import { FOLDER } from './folder';
import { KNOWN, REPORTED } from './known';
import { newStack, outcomeOf } from './outcome';
import { CLASSES, countThingsIn, valuesOf, type Class } from './values';
import { CALLS, STRUCTS } from '../../src/invariants/types/declared';
import { ACCEPTED } from '../templates/accepted';
import { cfnLint } from '../templates/judges/cfn-lint';
import '../support/only-synthesize.cjs';

/**
 * Passes values of every class to every public prop and parameter: `run.ts [INPUT]`, where INPUT is a pattern such as `FlueModel`.
 *
 * Each becomes a template on which FlueChecks and cfn-lint find no error, or a refusal of ours that names the input. Whatever else comes of it is
 * a raw error. SEED and MOST, the values of a class for one input, can be set.
 */

const SEED = Number(process.env.SEED ?? 20260926);
const MOST = Number(process.env.MOST ?? 6);
/** Templates that cfn-lint reads at most: it takes a second for each. */
const LINTED = 12;
const VENV = join(__dirname, '..', '..', '.tools', 'judges', 'cfn-lint');
const ONLY = new RegExp(process.argv[2] ?? '');

const counts = { inputs: 0, values: 0, template: 0, refusal: 0, raw: 0, known: 0 };
const raws: string[] = [];
const templates = new Map<string, object>();

function tryInput(input: Input, kind: Class): void {
  const [values] = fc.sample(valuesOf(input, kind, MOST), { seed: SEED, numRuns: 1 });
  for (const value of values) {
    const outcome = outcomeOf(CARRIERS[input.of], input.name, value);
    const what = `${input.of}.${input.name} ${kind} ${value.label}`;
    counts.values++;
    const isBad = outcome.kind === 'raw' || (kind === 'wrong type' && outcome.kind === 'template');
    const message = outcome.kind === 'template' ? 'a template' : outcome.message;
    if (isBad && [...KNOWN, ...REPORTED].some(({ input: which, says }) => which.test(what) && says.test(message))) {
      counts.known++;
    } else if (isBad) {
      counts.raw++;
      raws.push(`${what}: ${message}`);
    } else {
      counts[outcome.kind]++;
    }
    // the template of an image alone holds nothing that cfn-lint could read, and what stands for the result of a lookup is not valid
    if (outcome.kind === 'template' && !isBad && !outcome.isPending && 'Resources' in outcome.template) {
      templates.set(`${input.of}.${input.name}`, outcome.template);
    }
  }
}

/** Every input is an option of something that is tried, and is of the type that constructors ask for. */
function requireWhole(inputs: Input[]): void {
  const propsOf = (struct: string) => Object.keys(STRUCTS[struct as keyof typeof STRUCTS]);
  const inherited = (struct: string) => Object.keys(CARRIERS).filter(other => other in STRUCTS)
    .some(other => propsOf(struct).every(name => propsOf(other).includes(name)));
  const untried = inputs.filter(({ of }) => !(of in CARRIERS) && !(of in STRUCTS && inherited(of)));
  const declared = { ...STRUCTS, ...CALLS } as Readonly<Record<string, Readonly<Record<string, string>>>>;
  const undeclared = inputs.filter(({ of, name, type }) => declared[of]?.[name] !== type && !(of in CARRIERS && !(of in declared)));
  for (const [what, found] of [['is tried by no carrier of test/properties/carriers.ts', untried], ['is not in declared.ts: npm run generate:types', undeclared]] as const) {
    found.forEach(({ of, name }) => raws.push(`${of}.${name} ${what}`));
    counts.raw += found.length;
  }
}

/** Has cfn-lint judge some of the templates, evenly spread over the inputs. */
function lint(): string {
  if (!existsSync(join(VENV, 'bin', 'cfn-lint'))) {
    return 'cfn-lint is not installed: `npm run verify:templates` does that';
  }
  const all = [...templates];
  const chosen = all.filter((_, index) => index % Math.ceil(all.length / LINTED) === 0);
  const files = chosen.map(([name, template]) => {
    const file = join(FOLDER, `${name}.template.json`);
    writeFileSync(file, JSON.stringify(template));
    return file;
  });
  const found = files.length > 0 ? cfnLint(VENV).judge(files) : [];
  const open = found.filter(({ judge: by, rule, type }) => rule.startsWith('E')
    && !ACCEPTED.some(accepted => accepted.judge === by && accepted.rules.includes(rule) && (!accepted.types || accepted.types.includes(type))));
  open.forEach(({ rule, template, resource, message }) => raws.push(`cfn-lint ${rule}: ${template} ${resource}: ${message}`));
  counts.raw += open.length;
  return `cfn-lint: ${files.length} templates, ${open.length} errors`;
}

countThingsIn(newStack);
const inputs = publicInputs();
requireWhole(inputs);
for (const input of inputs.filter(({ of, name }) => of in CARRIERS && ONLY.test(`${of}.${name}`))) {
  counts.inputs++;
  CLASSES.forEach(kind => tryInput(input, kind));
}
const linted = lint();
raws.forEach(raw => console.log(raw.replace(/\s+/g, ' ').slice(0, 400)));
console.log(`seed ${SEED}: ${counts.inputs} inputs, ${counts.values} values, ${counts.template} templates, ${counts.refusal} refusals, ${counts.known} known`);
console.log(linted);
console.log(`${counts.raw} raw errors`);
process.exitCode = counts.raw > 0 ? 1 : 0;
