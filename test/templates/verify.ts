import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ACCEPTED, type Accepted } from './accepted';
import { collect } from './collect';
import { templateName, type Finding, type Judge } from './finding';
import { cdkRules } from './judges/cdk-rules';
import { cfnGuard } from './judges/cfn-guard';
import { cfnLint } from './judges/cfn-lint';
import { checkov } from './judges/checkov';

/** Has every template of the examples and the snapshots judged: `verify.ts TOOLS`, the folder with the judges' programs. */

const PLANTED = join(__dirname, 'planted', 'planted.template.json');

function accepts(entry: Accepted, finding: Finding): boolean {
  return entry.judge === finding.judge && entry.rules.includes(finding.rule)
    && (!entry.types || entry.types.includes(finding.type)) && (!entry.templates || entry.templates.test(finding.template));
}

function table(judges: Judge[], files: string[], findings: Finding[], open: Finding[]): void {
  const names = files.map(file => file.replace(/^.*\//, '').replace('.template.json', ''));
  const width = Math.max(...names.map(name => name.length));
  const cell = (text: string): string => text.padStart(16);
  console.log(`\n${'template'.padEnd(width)}${judges.map(({ name }) => cell(name)).join('')}`);
  for (const template of names) {
    const cells = judges.map(({ name }) => {
      const mine = (list: Finding[]): number => list.filter(finding => finding.judge === name && finding.template === template).length;
      const [all, bad] = [mine(findings), mine(open)];
      return cell(bad > 0 ? `${bad} OPEN of ${all}` : all > 0 ? `${all} accepted` : 'none');
    });
    console.log(`${template.padEnd(width)}${cells.join('')}`);
  }
}

async function main(): Promise<void> {
  const tools = resolve(process.argv[2]!);
  const judges = [cfnLint(join(tools, 'cfn-lint')), cdkRules(tools), cfnGuard(tools), checkov(join(tools, 'checkov'))];
  const directory = mkdtempSync(join(tmpdir(), 'cdk-flue-templates-'));
  let passed = 0;
  let failed = 0;
  const check = (ok: boolean, what: string): void => {
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${what}`);
    if (ok) passed++; else failed++;
  };
  try {
    await collect(directory);
    const files = readdirSync(directory).sort().map(file => join(directory, file));
    const judged = judges.flatMap(judge => judge.judge([PLANTED, ...files]));
    const planted = templateName(PLANTED);
    for (const { name, version } of judges) {
      check(judged.some(({ judge, template }) => judge === name && template === planted), `${name} ${version} condemns a template with planted faults`);
    }
    const findings = judged.filter(({ template }) => template !== planted);
    const open = findings.filter(finding => !ACCEPTED.some(entry => accepts(entry, finding)));
    table(judges, files, findings, open);
    console.log();
    for (const { judge, rule, template, resource, type, message } of open) {
      console.log(`${judge} ${rule}: ${template}: ${resource} (${type}): ${message}`);
    }
    for (const judge of judges) {
      const mine = open.filter(finding => finding.judge === judge.name);
      const all = findings.filter(finding => finding.judge === judge.name);
      check(mine.length === 0, `${judge.name}: ${files.length} templates, ${all.length} findings, ${mine.length} without a reason`);
    }
    const unused = ACCEPTED.flatMap(entry => entry.rules.filter(rule => !findings.some(finding => finding.rule === rule && accepts(entry, finding))));
    check(unused.length === 0, `every accepted finding still occurs${unused.length > 0 ? `, but for ${unused.join(', ')}` : ''}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

void main();
