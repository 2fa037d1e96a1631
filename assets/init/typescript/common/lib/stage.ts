import { createHash } from 'node:crypto';
import { RemovalPolicies, Stack, Validations, type App } from 'aws-cdk-lib';
import { FlueExpiry } from 'cdk-flue';
import type { Construct } from 'constructs';

const HOUR = 3600 * 1000;
/** How long a preview stays after its last deployment. */
const LIFETIME = 3 * 24 * HOUR;

/** Whether the app is a preview, `-c preview=17` or `-c preview=feature/search`. Without it, the app is production. */
export function isPreview(scope: Construct): boolean {
  return previewOf(scope) !== undefined;
}

/** The id of a stack: a preview has stacks of its own, beside those of production. */
export function stackId(app: App, id: string): string {
  const preview = previewOf(app);
  return preview === undefined ? id : `Preview-${nameOf(preview)}-${id}`;
}

/** Lets CloudFormation delete all of a preview, and has it do so in time. The stack that the others share goes last. */
export function endPreview(app: App, shared: Stack): void {
  if (!isPreview(app)) return;
  for (const stack of app.node.children.filter(Stack.isStack)) {
    RemovalPolicies.of(stack).destroy();
    Validations.of(stack).acknowledge({ id: 'Flue-PrivateDatabase[DeletionPolicy]', reason: 'The database of a preview goes away with it.' });
    new FlueExpiry(stack, 'Expiry', { at: new Date(Date.now() + LIFETIME + (stack === shared ? HOUR : 0)) });
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
  if (/^[0-9]{1,9}$/.test(preview)) return preview;
  const words = preview.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 24).replace(/-$/, '');
  return `${words || 'branch'}-${createHash('sha256').update(preview).digest('hex').slice(0, 10)}`;
}
