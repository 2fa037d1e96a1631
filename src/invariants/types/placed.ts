import { Stack, Token } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { described } from './described';
import { refuse } from '../invariant';

/**
 * The scope of a new construct; refuses one that is none or is in no stack, and an id that is none.
 *
 * Each public constructor calls this for its `super`, because constructs itself takes nothing for a scope, and fails later and elsewhere.
 *
 * @param where the class or the call that makes the construct
 */
export function placed(where: string, scope: Construct, id: string): Construct {
  if (!Construct.isConstruct(scope) || !scope.node.scopes.some(above => Stack.isStack(above))) {
    refuse(where, `\`scope\` must be a stack or a construct in one, got: ${described(scope)}`, 'Pass `this` where you make it in the constructor of a stack');
  }
  requireId(where, id);
  return scope;
}

/** Refuses an id that no construct can have. */
export function requireId(where: IConstruct | string, id: unknown): void {
  if (typeof id !== 'string' || id === '' || Token.isUnresolved(id)) {
    refuse(where, `\`id\` must be a text that is known at synthesis, got: ${id === '' ? 'an empty string' : described(id, typeof id === 'number')}`,
      'Write it in quotes, as in `\'Agents\'`');
  }
}

/** Refuses an id that a child of a construct has already. */
export function requireFreeId(scope: IConstruct, id: string): void {
  if (scope.node.tryFindChild(id)) {
    refuse(scope, `\`id\` must be one that nothing else has, got: ${id}, which is there already`, 'Choose another one, as in `\'Orders\'`');
  }
}
