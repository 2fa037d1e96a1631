import { Construct, type IConstruct } from 'constructs';
import { CALLS, STRUCTS } from './declared';
import { described } from './described';
import { FOREIGN_STRUCTS, KINDS } from './kinds';
import { nearest } from './nearest';
import { requireId } from './placed';
import { refuse } from '../invariant';
import { requirePlacement } from '../placement';
import { isPlainObject } from '../plain-object';
import { isPending } from '../unknown';
import { WARNINGS } from '../warnings';

type Declarations = Readonly<Record<string, string>>;
const SHAPES: Readonly<Record<string, Declarations>> = { ...FOREIGN_STRUCTS, ...STRUCTS };

/** The props of the services. */
const SERVICES = ['FlueFargateServiceProps', 'FlueExpressServiceProps', 'FlueEc2ServiceProps', 'FlueShardedServiceProps'] as const satisfies readonly (keyof typeof STRUCTS)[];

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
 * constructor calls this before any other guard, so that they can take each value for what its type says. What is a resource must also stand
 * where AWS uses it.
 */
export function requireTypes(where: IConstruct | string, struct: keyof typeof STRUCTS, props: object): void {
  refuseMismatch(where, mismatchIn('props', struct, props, scopeOf(where)));
  reportUnknownNames(where, struct, props);
  if (typeof where !== 'string') {
    requirePlacement(where, props);
  }
}

type Given<Call extends keyof typeof CALLS> = { readonly [Name in keyof typeof CALLS[Call]]: unknown };

/**
 * Refuses arguments of a static or other method that are not of their types.
 *
 * @param where the construct that has the method; none for a static one, whose name stands in its place
 */
export function requireArguments<Call extends keyof typeof CALLS>(call: Call, given: Given<Call>, where?: IConstruct): void {
  const declarations: Declarations = CALLS[call];
  refuseMismatch(where ?? `${call}()`, firstMismatch(declarations, given, where));
  if (where) {
    if ('id' in given) {
      requireId(where, given.id);
    }
    requirePlacement(where, given);
  }
  for (const [name, argument] of Object.entries<unknown>(given)) {
    const struct = declarations[name].replace(/\?$/, '');
    if (struct in STRUCTS && typeof argument === 'object' && argument !== null) {
      reportUnknownNames(where ?? `${call}()`, struct as keyof typeof STRUCTS, argument);
      if (where) {
        requirePlacement(where, argument);
      }
    }
  }
}

/**
 * Tells of names that are no props, where a prop that was left out has nearly the same name.
 *
 * A spread may bring the props of other constructs along, so that a name of which nothing is near passes; but a service tells of the props of
 * another service, because whoever passes `auth` takes the server for guarded. A constructor warns. A call that has no construct to put a warning
 * on refuses: nobody spreads into the options of a factory.
 */
function reportUnknownNames(where: IConstruct | string, struct: keyof typeof STRUCTS, props: object): void {
  const own = Object.keys(STRUCTS[struct]);
  // what extends a struct passes its own props to the constructor above it
  const known = new Set(Object.values<Declarations>(STRUCTS).filter(shape => own.every(name => name in shape)).flatMap(shape => Object.keys(shape)));
  const missing = own.filter(name => (props as { readonly [prop: string]: unknown })[name] === undefined);
  for (const name of Object.keys(props).filter(key => !known.has(key))) {
    const meant = nearest(name, missing);
    if (meant !== undefined && typeof where === 'string') {
      refuse(where, `\`${name}\` must be a prop of ${struct}, got: a name that nothing reads`, `Write \`${meant}\``);
    }
    if (meant !== undefined && typeof where !== 'string') {
      WARNINGS.unknownName.give(where, { name, meant });
    }
    const owner = SERVICES.find(other => name in STRUCTS[other]);
    const isGiven = (props as { readonly [prop: string]: unknown })[name] !== undefined;
    if (meant === undefined && typeof where !== 'string' && isGiven && owner !== undefined && (SERVICES as readonly string[]).includes(struct)) {
      WARNINGS.propOfAnother.give(where, { name, owner: owner.replace(/Props$/, ''), service: struct.replace(/Props$/, '') });
    }
  }
  for (const [name, type] of Object.entries<string>(STRUCTS[struct])) {
    const inner = type.replace(/\?$/, '');
    const given = (props as { readonly [prop: string]: unknown })[name];
    if (inner in STRUCTS && isData(given)) {
      reportUnknownNames(where, inner as keyof typeof STRUCTS, given);
    }
  }
}

function scopeOf(where: IConstruct | string): IConstruct | undefined {
  return typeof where === 'string' ? undefined : where;
}

function refuseMismatch(where: IConstruct | string, mismatch: Mismatch | undefined): void {
  if (mismatch) {
    refuse(where, `\`${mismatch.prop}\` must be ${mismatch.wanted}, got: ${mismatch.got}`, mismatch.way);
  }
}

/** @param scope where a number may wait for a lookup */
function firstMismatch(declarations: Declarations, given: { readonly [name: string]: unknown }, scope?: IConstruct, inside = ''): Mismatch | undefined {
  for (const name in declarations) {
    const found = mismatchIn(`${inside}${name}`, declarations[name], given[name], scope);
    if (found) {
      return found;
    }
  }
  return undefined;
}

function mismatchIn(prop: string, declared: string, given: unknown, scope?: IConstruct): Mismatch | undefined {
  const isOptional = declared.endsWith('?');
  if ((given === undefined && isOptional) || (typeof given === 'number' && isPending(given, scope))) {
    return undefined;
  }
  const type = isOptional ? declared.slice(0, -1) : declared;
  const found = type.endsWith('[]') ? mismatchInList(prop, type.slice(0, -2), given)
    : type.startsWith('{') ? mismatchInMap(prop, type.slice(1, -1), given)
      : type in SHAPES ? mismatchInStruct(prop, type, given, scope) : mismatchOfOne(prop, type, given);
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
  if (!isData(given) || (type === 'any' && !isPlainObject(given))) {
    return { prop, wanted, got: described(given), way: `Write it as \`{ NAME: … }\`. ${way}` };
  }
  const name = Object.keys(given).find(key => !fits(given[key]));
  return name === undefined ? undefined : { prop, wanted, got: `${described(given[name], shows)} for ${name}`, way };
}

function mismatchInStruct(prop: string, struct: string, given: unknown, scope?: IConstruct): Mismatch | undefined {
  return isData(given) ? firstMismatch(SHAPES[struct], given, scope, struct in FOREIGN_STRUCTS ? `${prop}.` : '')
    : { prop, wanted: `an object of ${struct}`, got: described(given), way: `Write it as \`{ ${Object.keys(SHAPES[struct])[0]}: … }\`` };
}

/** Whether something holds values under names, and is nothing else. */
function isData(given: unknown): given is { readonly [name: string]: unknown } {
  return Object.prototype.toString.call(given) === '[object Object]' && !(Symbol.iterator in (given as object)) && !Construct.isConstruct(given);
}
