import { Construct, type IConstruct } from 'constructs';
import { CALLS, STRUCTS } from './declared';
import { FOREIGN_STRUCTS, KINDS, withArticle } from './kinds';
import { refuse } from '../invariant';
import { isUnknown } from '../unknown';

type Declarations = Readonly<Record<string, string>>;
const SHAPES: Readonly<Record<string, Declarations>> = { ...FOREIGN_STRUCTS, ...STRUCTS };

/** Something that is not of the type its prop has. */
interface Mismatch {
  readonly prop: string;
  readonly wanted: string;
  readonly got: string;
  readonly way: string;
}

/**
 * Refuses props that are not of their types.
 *
 * JavaScript has no types, Python does not check what a dictionary holds, and every language can be made to pass nothing. Each public
 * constructor calls this before any other guard, so that they can take each value for what its type says.
 */
export function requireTypes(where: IConstruct | string, struct: keyof typeof STRUCTS, props: object): void {
  refuseMismatch(where, mismatchIn('props', struct, props));
}

type Given<Call extends keyof typeof CALLS> = { readonly [Name in keyof typeof CALLS[Call]]: unknown };

/**
 * Refuses arguments of a static or other method that are not of their types.
 *
 * @param where the construct that has the method; none for a static one, whose name stands in its place
 */
export function requireArguments<Call extends keyof typeof CALLS>(call: Call, given: Given<Call>, where?: IConstruct): void {
  refuseMismatch(where ?? `${call}()`, firstMismatch(CALLS[call] as Declarations, given));
}

function refuseMismatch(where: IConstruct | string, mismatch: Mismatch | undefined): void {
  if (mismatch) {
    refuse(where, `\`${mismatch.prop}\` must be ${mismatch.wanted}, got: ${mismatch.got}`, mismatch.way);
  }
}

function firstMismatch(declarations: Declarations, given: { readonly [name: string]: unknown }, inside = ''): Mismatch | undefined {
  for (const name in declarations) {
    const found = mismatchIn(`${inside}${name}`, declarations[name], given[name]);
    if (found) {
      return found;
    }
  }
  return undefined;
}

function mismatchIn(prop: string, declared: string, given: unknown): Mismatch | undefined {
  const isOptional = declared.endsWith('?');
  if (given === undefined && isOptional) {
    return undefined;
  }
  const type = isOptional ? declared.slice(0, -1) : declared;
  const found = type.endsWith('[]') ? mismatchInList(prop, type.slice(0, -2), given)
    : type.startsWith('{') ? mismatchInMap(prop, type.slice(1, -1), given)
      : type in SHAPES ? mismatchInStruct(prop, type, given) : mismatchOfOne(prop, type, given);
  return found && given === null && isOptional ? { ...found, way: `Leave it out, or ${found.way.charAt(0).toLowerCase()}${found.way.slice(1)}` } : found;
}

function mismatchOfOne(prop: string, type: string, given: unknown): Mismatch | undefined {
  const kind = KINDS[type];
  return kind.fits(given) ? undefined : { prop, wanted: kind.says, got: described(given, kind.shows), way: kind.way };
}

function mismatchInList(prop: string, type: string, given: unknown): Mismatch | undefined {
  const { says, way, shows, fits } = KINDS[type];
  const wanted = `a list in which each entry is ${says}`;
  if (!Array.isArray(given)) {
    return { prop, wanted, got: described(given, shows), way: fits(given) ? 'Write the one in brackets' : way };
  }
  const index = given.findIndex(entry => !fits(entry));
  return index < 0 ? undefined : { prop, wanted, got: `${described(given[index], shows)} at ${index}`, way };
}

function mismatchInMap(prop: string, type: string, given: unknown): Mismatch | undefined {
  const { says, way, shows, fits } = KINDS[type];
  const wanted = `an object in which each value is ${says}`;
  if (!isData(given)) {
    return { prop, wanted, got: described(given), way: `Write it as \`{ NAME: … }\`. ${way}` };
  }
  const name = Object.keys(given).find(key => !fits(given[key]));
  return name === undefined ? undefined : { prop, wanted, got: `${described(given[name], shows)} for ${name}`, way };
}

function mismatchInStruct(prop: string, struct: string, given: unknown): Mismatch | undefined {
  return isData(given) ? firstMismatch(SHAPES[struct], given, struct in FOREIGN_STRUCTS ? `${prop}.` : '')
    : { prop, wanted: `an object of ${struct}`, got: described(given), way: `Write it as \`{ ${Object.keys(SHAPES[struct])[0]}: … }\`` };
}

/** Whether something holds values under names, and is nothing else. */
function isData(given: unknown): given is { readonly [name: string]: unknown } {
  return Object.prototype.toString.call(given) === '[object Object]' && !(Symbol.iterator in (given as object)) && !Construct.isConstruct(given);
}

/** What was given, in words that repeat no text that may be secret. */
function described(given: unknown, shows = false): string {
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
