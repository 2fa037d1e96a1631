import { Stack, Stage } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { IFlueApp } from './image';
import { refuse } from '../invariants/invariant';
import { isUnknown } from '../invariants/unknown';

/**
 * Lets a service wait for the stack that publishes its app.
 *
 * The CDK CLI publishes an asset with the stack of its construct. A template names it by its hash and refers to nothing, so that the
 * deployment of the service alone would publish nothing.
 */
export function followImage(scope: IConstruct, app: IFlueApp): void {
  const [ours, theirs] = [scope, app].map(construct => topLevel(Stack.of(construct)));
  if (!('asset' in app) || ours === theirs) {
    return;
  }
  if (!isUnknown(ours.account) && !isUnknown(theirs.account) && ours.account !== theirs.account) {
    refuse(scope, `\`image\` must be made in a stack of the same account (${ours.account}), got: one of ${theirs.account} (${theirs.node.path})`,
      'Each account has a repository of its own: make the image in the stack of the service, or import it with `FlueImage.fromEcrRepository(…)`');
  }
  if (Stage.of(ours) !== Stage.of(theirs)) {
    refuse(scope, `\`image\` must be made in the stage of the service, got: one in ${theirs.node.path}`,
      'No stack waits for one of another stage, so nothing would publish the image first: make it in the stage');
  }
  ours.addStackDependency(theirs, 'it publishes the image of a Flue server');
}

function topLevel(stack: Stack): Stack {
  return stack.nestedStackParent ? topLevel(stack.nestedStackParent) : stack;
}
