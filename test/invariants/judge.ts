import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import type { IConstruct } from 'constructs';
import type { Invariant } from '../../src/invariants/invariant';
import { AppTemplate } from '../../src/invariants/template/app-template';
import { FlueServers } from '../../src/invariants/template/flue-servers';

/** A resource or a whole template as people write them by hand. */
export type Template = { Parameters?: any; Conditions?: any; Resources: Record<string, any> };

/** What a rule says of a resource. */
export type Verdict = 'out of scope' | 'not applicable' | 'compliant' | string[];

/** Includes a template, written by hand, in a stack of its own. */
export function include(template: Template, stack: Stack = new Stack(new App(), 'Stack')): CfnInclude {
  const directory = mkdtempSync(join(tmpdir(), 'template-'));
  const templateFile = join(directory, 'template.json');
  writeFileSync(templateFile, JSON.stringify(template));
  try {
    return new CfnInclude(stack, 'Template', { templateFile });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Asks one invariant about one resource of a construct tree. */
export function verdictOn(invariant: Invariant, resource: CfnResource, services: IConstruct[] = []): Verdict {
  const app = new AppTemplate(resource.node.root, services);
  const servers = new FlueServers(app);
  const member = app.of(resource)!;
  if ((!servers.contains(member) && !servers.sandboxes.members.has(member)) || !invariant.rule.resourceTypes.includes(member.type)) {
    return 'out of scope';
  }
  const findings = invariant.rule.check(member, servers);
  if (findings === undefined) {
    return 'not applicable';
  }
  return findings.length === 0 ? 'compliant' : findings.map(({ detail, found }) => detail === undefined ? found : `[${detail}] ${found}`);
}

/** Asks one invariant about one resource of a hand-written template. */
export function judge(invariant: Invariant, template: Template, logicalId: string): Verdict {
  return verdictOn(invariant, include(template).getResource(logicalId));
}

/** Changes a copy of a template. */
export function changed(template: Template, change: (resources: Record<string, any>, template: Template) => void): Template {
  const copy = JSON.parse(JSON.stringify(template)) as Template;
  change(copy.Resources, copy);
  return copy;
}

/** A value that only the deployment knows. */
export const PARAMETER = { Ref: 'Parameter' };
export const PARAMETERS = { Parameter: { Type: 'String' } };
