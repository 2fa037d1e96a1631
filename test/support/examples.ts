import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Validations, type PolicyViolation } from 'aws-cdk-lib';
import { CloudAssembly, type CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';

const ROOT = resolve(__dirname, '../..');
/** Beside the templates of an example: what each pack finds in it. */
export const VIOLATIONS = 'violations.json';

/** An example as its synthesis left it. */
export interface Example {
  readonly stacks: CloudFormationStackArtifact[];
  /** What a pack finds that is not acknowledged. */
  readonly violations: Readonly<Record<string, PolicyViolation[]>>;
  /** Ids of the findings that are acknowledged. */
  readonly acknowledged: string[];
}

/**
 * Synthesizes examples in a process of their own, since Jest loads no ES modules.
 *
 * `agents=feature%2Fsearch` is the preview `feature/search` of the example `agents`.
 *
 * Each example belongs to one test file, which calls this once: a synthesis takes seconds.
 */
export function synthesizeExamples(...names: string[]): Record<string, Example> {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk-flue-examples-'));
  try {
    const script = ['--project', 'tsconfig.dev.json', '--transpile-only', 'test/support/examples-child.ts'];
    execFileSync(process.execPath, [require.resolve('ts-node/dist/bin'), ...script, outdir, ...names], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
    return Object.fromEntries(names.map(name => [name, readExample(join(outdir, name))]));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function readExample(directory: string): Example {
  const { stacks } = new CloudAssembly(directory);
  // A template, its metadata and its messages are read on first use, and must outlive the directory.
  stacks.forEach(stack => [stack.template, stack.messages]);
  const acknowledged = stacks.flatMap(stack => stack.findMetadataByType(Validations.ACKNOWLEDGED_RULES_METADATA_KEY))
    .flatMap(({ data }) => Object.keys(data as object));
  return { stacks, acknowledged: [...new Set(acknowledged)], violations: JSON.parse(readFileSync(join(directory, VIOLATIONS), 'utf8')) };
}
