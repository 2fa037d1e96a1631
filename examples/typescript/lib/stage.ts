import { createHash } from 'node:crypto';
import { RemovalPolicies, RemovalPolicy, Stack, Validations, type App } from 'aws-cdk-lib';
import { FlueExpiry, type FlueSchemaOptions } from 'cdk-flue';
import type { Construct } from 'constructs';

/** How long a preview stays after its last deployment. */
const LIFETIME = 3 * 24 * 3600 * 1000;
/** The stage that makes what the previews share. */
const BASE = 'base';
/** The port of pull request 1 is the next one. Browsers refuse some ports below. */
const FIRST_PORT = 20000;
const LAST_PULL_REQUEST = 30000;
/** Above those of the pull requests, branches share out as many ports as this. */
const PORTS_OF_BRANCHES = 15000;

/** Whether the app is production, which it is without `-c preview=…`. */
export function isProduction(scope: Construct): boolean {
  return previewOf(scope) === undefined;
}

/** Whether the app is what the previews share: `-c preview=base`. */
export function isBase(scope: Construct): boolean {
  return previewOf(scope) === BASE;
}

/** Whether the app is a preview: `-c preview=17` or `-c preview=feature/search`. */
export function isPreview(scope: Construct): boolean {
  return !isProduction(scope) && !isBase(scope);
}

/** The id of a stack: a preview has stacks of its own, beside those of production. */
export function stackId(app: App, id: string): string {
  const preview = previewOf(app);
  return preview === undefined ? id : `Preview-${nameOf(preview)}-${id}`;
}

/** The schema of a server: that of a preview has the name of the preview, and goes with it. */
export function schemaOptions(scope: Construct, server: string): FlueSchemaOptions {
  if (!isPreview(scope)) return {};
  return { schemaName: `preview_${nameOf(previewOf(scope)!).replaceAll('-', '_')}_${server}`, removalPolicy: RemovalPolicy.DESTROY };
}

/** The port of a preview on the load balancer that previews share. A pull request has one of its own. Two branches may fall on the same one. */
export function previewPort(scope: Construct): number {
  const preview = previewOf(scope)!;
  return /^[1-9][0-9]{0,4}$/.test(preview) && Number(preview) <= LAST_PULL_REQUEST ? FIRST_PORT + Number(preview)
    : FIRST_PORT + LAST_PULL_REQUEST + 1 + Number.parseInt(hashOf(preview).slice(0, 8), 16) % PORTS_OF_BRANCHES;
}

/** Lets CloudFormation delete all that is not production, and has it delete a preview in time. What the previews share stays. */
export function endPreview(app: App): void {
  if (isProduction(app)) return;
  for (const stack of app.node.children.filter(Stack.isStack)) {
    RemovalPolicies.of(stack).destroy();
    if (isBase(app)) {
      Validations.of(stack).acknowledge({ id: 'Flue-PrivateDatabase[DeletionPolicy]', reason: 'The database of the previews holds nothing that must stay.' });
    } else {
      new FlueExpiry(stack, 'Expiry', { at: new Date(Date.now() + LIFETIME) });
    }
  }
}

function previewOf(scope: Construct): string | undefined {
  const preview: unknown = scope.node.tryGetContext('preview');
  if (preview === undefined) return undefined;
  // an empty variable of a workflow must not deploy production
  if (typeof preview !== 'string' || preview === '') {
    throw new Error(`The context \`preview\` must be a branch, or the number of a pull request, as text, got: ${JSON.stringify(preview)}. Pass -c preview=17.`);
  }
  return preview;
}

/** A pull request has its number. A branch has the beginning of its name and a hash of all of it, so no two branches share one. */
function nameOf(preview: string): string {
  if (preview === BASE) return 'Base';
  if (/^[0-9]{1,9}$/.test(preview)) return preview;
  const words = preview.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 24).replace(/-$/, '');
  return `${words || 'branch'}-${hashOf(preview).slice(0, 10)}`;
}

function hashOf(preview: string): string {
  return createHash('sha256').update(preview).digest('hex');
}
