import { withArticle } from './kinds';
import { isUnknown } from '../unknown';

/** What was given, in words that repeat no text that may be secret. */
export function described(given: unknown, shows = false): string {
  switch (typeof given) {
    case 'undefined': return 'nothing';
    case 'string': return isUnknown(given) ? 'a value known only at deployment' : shows ? `the string '${given.slice(0, 64)}'` : 'a string';
    case 'number':
    case 'boolean':
    case 'bigint': return String(given);
    case 'object': return given === null ? 'null' : Array.isArray(given) ? 'a list' : describedObject(given);
    default: return `a ${typeof given}`;
  }
}

/** Where jsii keeps the full name of a class, such as `aws-cdk-lib.aws_ec2.Vpc`. */
const FULL_NAME = Symbol.for('jsii.rtti');

function describedObject(given: object): string {
  const type = given.constructor as unknown as { readonly name?: string; readonly [FULL_NAME]?: { readonly fqn: string } } | undefined;
  // two classes of aws-cdk-lib are called Secret, and both are packed under other names
  const [, module, name = type?.name ?? ''] = /^aws-cdk-lib\.(?:(\w+)\.)?(\w+)$/.exec(type?.[FULL_NAME]?.fqn ?? '') ?? [];
  return ['', 'Object'].includes(name) ? 'an object' : `${withArticle(name)}${module ? ` of ${module.replace(/_/g, '-')}` : ''}`;
}
