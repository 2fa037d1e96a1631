import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { Carrier } from './carriers';
import { FOLDER } from './folder';
import type { Value } from './values';
import { FlueChecks } from '../../src';

/** What becomes of an input. */
export type Outcome =
  | { readonly kind: 'template'; readonly template: object; /** Whether it is that of a synthesis that only asks for lookups. */ readonly isPending: boolean }
  | { readonly kind: 'refusal'; readonly message: string }
  | { readonly kind: 'raw'; readonly message: string };

export function newStack(): Stack {
  const app = new App({
    analyticsReporting: false,
    // nobody reads the tree
    treeMetadata: false,
    outdir: mkdtempSync(join(FOLDER, 'cdk.out')),
    context: { 'availability-zones:account=111111111111:region=us-east-1': ['us-east-1a', 'us-east-1b', 'us-east-1c'], 'aws:cdk:enable-path-metadata': false },
  });
  return new Stack(app, 'Stack', { env: { account: '111111111111', region: 'us-east-1' } });
}

/** Passes a value to the library: a template on which FlueChecks finds no error, a refusal of ours that names the input, or an error that is neither. */
export function outcomeOf(carrier: Carrier, input: string, { make }: Value): Outcome {
  const stack = newStack();
  let given: unknown;
  let beside: object;
  try {
    beside = carrier.beside?.[input]?.(stack) ?? {};
    given = make(stack);
  } catch (error) {
    return { kind: 'raw', message: `the test cannot make the value: ${textOf(error)}` };
  }
  try {
    carrier.carry(stack, { ...beside, [input]: given }, input);
    const app = stack.node.root as App;
    const errors = new FlueChecks(app).validateScope(app).violations.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      return { kind: 'raw', message: `FlueChecks: ${errors.map(({ ruleName, description }) => `${ruleName}: ${description}`).join('; ')}` };
    }
    const assembly = app.synth();
    const artifact = assembly.getStackByName('Stack');
    const garbage = /\$\{Token\[|#\{Token\[|-1\.888\d*e\+289/.exec(JSON.stringify(artifact.template));
    if (garbage) {
      return { kind: 'raw', message: `the template holds a token as text: ${garbage[0]}` };
    }
    const bad = artifact.messages.find(({ level }) => level === 'error');
    return bad ? { kind: 'raw', message: `annotation: ${String(bad.entry.data)}` } : {
      kind: 'template', template: artifact.template as object, isPending: assembly.manifest.missing !== undefined,
    };
  } catch (error) {
    const message = textOf(error);
    const isOurs = (error as Error | undefined)?.name === 'FlueValidationError' && [input, ...carrier.partOf ? [carrier.partOf] : [], ...carrier.alsoNamed?.[input] ?? []].some(name => new RegExp(`\`${name}(\`|\\.)`).test(message));
    return { kind: isOurs ? 'refusal' : 'raw', message };
  } finally {
    // aws-cdk-lib reads all that it writes once more, so each has a folder of its own
    rmSync((stack.node.root as App).outdir, { recursive: true, force: true });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
