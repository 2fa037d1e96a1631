import { CfnParameter, Duration, Fn, Lazy, Size, SizeRoundingBehavior, Token, type Stack } from 'aws-cdk-lib';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import fc from 'fast-check';
import type { Input } from './assembly';
import { NUMBERS, QUANTITIES, TEXTS } from './samples';
import { LIMITS } from '../../src/invariants/limits';
import type { NumberLimit, TextLimit } from '../../src/invariants/limits/limit';
import { STRUCTS } from '../../src/invariants/types/declared';
import { KINDS } from '../../src/invariants/types/kinds';
import { THINGS } from '../support/things';

/** The classes of values that every input is tried with. */
export const CLASSES = ['valid', 'edge', 'wrong type', 'token', 'placeholder'] as const;
export type Class = typeof CLASSES[number];

/** A value for an input, made in the stack that it goes into. */
export interface Value {
  readonly label: string;
  readonly make: (stack: Stack) => unknown;
}

const value = (given: unknown, label = shown(given)): Value => ({ label, make: () => given });
const shown = (given: unknown): string => typeof given === 'string' ? JSON.stringify(given.length > 40 ? `${given.slice(0, 30)}… (${given.length})` : given) : typeof given === 'number' ? String(given)
  : given instanceof Duration || given instanceof Size ? given.toString() : typeof given === 'function' ? 'a function' : typeof given === 'symbol' ? 'a symbol' : JSON.stringify(given) ?? 'undefined';

let made = 0;
const child = (stack: Stack): Construct => new Construct(stack, `Value${++made}`);
const lookup = (stack: Stack): string => StringParameter.valueFromLookup(child(stack), '/agents/value');
const parameter = (stack: Stack, type: string): CfnParameter => new CfnParameter(child(stack), 'Parameter', { type });

interface Shape {
  readonly kind: string;
  readonly of: 'one' | 'list' | 'map';
  readonly isOptional: boolean;
}

export function shapeOf(type: string): Shape {
  const bare = type.replace(/\?$/, '');
  return { kind: bare.replace(/\[\]$|[{}]/g, ''), of: bare.endsWith('[]') ? 'list' : bare.startsWith('{') ? 'map' : 'one', isOptional: bare !== type };
}

/** Some of the values of a class for an input, each once; none where a class has no meaning for its type. Throws for an input that has no samples. */
export function valuesOf(input: Input, kind: Class, most: number): fc.Arbitrary<Value[]> {
  const { kind: type, of } = shapeOf(input.type);
  const values = ({ 'valid': validOf, 'edge': edgesOf, 'wrong type': wrongOf, 'token': tokensOf, 'placeholder': placeholdersOf } as const)[kind](input, type, of);
  const length = Math.min(most, values.length);
  return fc.shuffledSubarray(values, { minLength: length, maxLength: length });
}

function samples<Sample>(of: Readonly<Record<string, readonly Sample[]>>, { of: owner, name }: Input): readonly Sample[] {
  const found = of[`${owner}.${name}`] ?? of[name];
  if (!found) {
    throw new Error(`${owner}.${name} has no samples: add some to test/properties/samples.ts`);
  }
  return found;
}

function validOf(input: Input, type: string, of: Shape['of']): Value[] {
  switch (type) {
    case 'boolean': return [value(true), value(false)];
    case 'string': return samples(TEXTS, input).map(sample => value(of === 'one' || Array.isArray(sample) || typeof sample === 'object' ? sample : of === 'list' ? [sample] : { NAME: sample }));
    case 'number': return samples(NUMBERS, input).map(sample => value(sample));
    case 'Duration':
    case 'Size': return samples(QUANTITIES, input).map(sample => value(sample));
    default: return thingsOf(type, of);
  }
}

/** One value for each thing of a type; what is made in a stack is only known there. */
function thingsOf(type: string, of: Shape['of']): Value[] {
  const things = THINGS[type];
  if (!things) {
    throw new Error(`A ${type} has no samples: add some to test/support/things.ts`);
  }
  const count = COUNTS[type] ??= things(countingStack()).length;
  return Array.from({ length: count }, (_, index): Value => ({
    label: `${type} ${index}`,
    make: stack => {
      const thing = things(stack)[index];
      return of === 'list' ? [thing] : of === 'map' ? { API_KEY: thing } : thing;
    },
  }));
}

const COUNTS: Record<string, number> = {};
let countingStack: () => Stack;

/** Says where the things are made once, to count them. */
export function countThingsIn(newStack: () => Stack): void {
  countingStack = newStack;
}

/** Names that every object of JavaScript answers to. */
const INHERITED = ['toString', 'constructor', '__proto__', 'hasOwnProperty'];
const ODD_TEXTS = ['', ' ', 'a b', 'a\n', '\nb', 'ü', '💥', '\0', '${x}', '..', '/', '-', 'https://u:p@a.example.com', 'x'.repeat(300), 'x'.repeat(5000), ...INHERITED];
const ODD_NUMBERS = [0, -0, -1, 1.5, 0.1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e21, Number.MAX_SAFE_INTEGER, 65536];
const ODD_DURATIONS = [
  Duration.seconds(0), Duration.millis(1), Duration.millis(90500), Duration.millis(100000), Duration.seconds(0.5), Duration.seconds(90.5),
  Duration.minutes(1.5), Duration.minutes(2.01), Duration.hours(1), Duration.hours(36), Duration.days(8), Duration.days(36500),
  Duration.seconds(Number.NaN), Duration.minutes(Number.NaN), Duration.seconds(Number.POSITIVE_INFINITY),
];
const ODD_SIZES = [
  Size.bytes(1), Size.kibibytes(1), Size.mebibytes(1), Size.mebibytes(30720), Size.mebibytes(30721), Size.gibibytes(0),
  Size.gibibytes(0.5), Size.gibibytes(25.5), Size.tebibytes(1), Size.pebibytes(1),
  Size.gibibytes(Number.NaN), Size.gibibytes(Number.POSITIVE_INFINITY),
];

function edgesOf(input: Input, type: string, of: Shape['of']): Value[] {
  const limits = (LIMITS as ReadonlyArray<Partial<NumberLimit & TextLimit>>).filter(({ prop }) => prop === input.name);
  const numbers = limits.flatMap(({ minimum, maximum, above, values = [] }) => [minimum, maximum, above, ...values])
    .filter(edge => edge !== undefined)
    .flatMap(edge => [edge - 1, edge - 0.5, edge, edge + 0.5, edge + 1]);
  const one = type === 'string' ? [...ODD_TEXTS, ...limits.flatMap(({ length = 0 }) => length > 0 ? ['a'.repeat(length), 'a'.repeat(length + 1), `/${'a'.repeat(length - 1)}`] : [])]
    : type === 'number' ? [...ODD_NUMBERS, ...numbers]
      : type === 'Duration' ? [...ODD_DURATIONS, ...limits.flatMap(({ unit }) => numbers.filter(edge => edge >= 0).map(edge => Duration.millis(edge * (unit?.seconds ?? 1) * 1000)))]
        : type === 'Size' ? [...ODD_SIZES, ...numbers.filter(edge => edge >= 0).map(edge => Size.gibibytes(edge))] : [];
  if (of === 'list') {
    return [value([]), ...one.map(entry => value([entry])), ...many(input, type)];
  }
  if (of === 'map') {
    const entry: Value[] = type === 'string' ? validOf(input, type, 'one').slice(0, 1) : thingsOf(type, 'one').slice(0, 1);
    return [value({}), ...[...ODD_TEXTS, 'PORT', 'DATABASE_URL', 'NODE_OPTIONS', 'FLUE_MODE'].flatMap(name => entry.map((thing): Value => ({
      label: `under ${shown(name)}`,
      make: stack => {
        const made_ = thing.make(stack);
        return Object.fromEntries([[name, typeof made_ === 'object' && type === 'string' ? Object.values(made_ as object)[0] : made_]]);
      },
    }))), ...one.map(text => value({ NAME: text }))];
  }
  return one.map(given => value(given));
}

/** The first sample of a list, many times over, and each of them once. */
function many(input: Input, type: string): Value[] {
  const entries = validOf(input, type, 'list');
  const entryOf = (entry: Value, stack: Stack) => (entry.make(stack) as unknown[])[0];
  return [
    { label: 'the same twice', make: stack => Array(2).fill(entryOf(entries[0], stack)) },
    ...['IFlueService', 'FlueDatabase'].includes(type) ? [] : [{ label: 'a hundred', make: (stack: Stack) => Array.from({ length: 100 }, () => entryOf(entries[0], stack)) }],
    { label: 'each', make: stack => entries.map(entry => entryOf(entry, stack)) },
  ];
}

/** Things that are of the type of some other prop, or of none. */
const STRANGERS: readonly Value[] = [
  ...[null, true, false, 0, 512, Number.NaN, '', '512', 'vpc-1', 'sk-not-a-key', {}, [], [null], [[]], { a: null }, { NAME: 1 }, { NAME: true }, { NAME: undefined }, { toString: null }, 60].map(given => value(given)),
  value(() => undefined), value(Symbol('s')), value(class Vpc {}, 'a class'), value(new Map([['a', 'b']]), 'a Map'), value(new Date(0), 'a Date'), value(Object.create(null), 'an object without a prototype'),
  value(Duration.seconds(1)), value(Size.gibibytes(1)), value(10n, 'a bigint'), value(/a/, 'a RegExp'),
  { label: 'a secret of Secrets Manager', make: stack => new Secret(child(stack), 'Secret') },
  { label: 'a stack', make: stack => stack },
  { label: 'a token as an object', make: () => Lazy.any({ produce: () => 'x' }) },
];

function wrongOf({ type: written, of: owner }: Input, type: string, of: Shape['of']): Value[] {
  // options that are all optional take any object
  const fits = (given: unknown): boolean => type in KINDS ? KINDS[type].fits(given)
    : type === 'SubnetSelection' ? isSelection(given) : type in STRUCTS && isPlain(given);
  const isWrong = (given: unknown): boolean => of === 'one' ? !fits(given)
    : of === 'list' ? !Array.isArray(given) || !given.every(fits) : !isPlain(given) || !Object.values(given).every(fits);
  const missing = written.endsWith('?') ? [] : [value(undefined)];
  const entries = of === 'one' ? [] : STRANGERS.map((stranger): Value => ({
    label: `${of === 'list' ? 'a list' : 'a map'} of ${stranger.label}`,
    make: stack => of === 'list' ? [stranger.make(stack)] : { NAME: stranger.make(stack) },
  }));
  // one argument in the place of a list of them is a list of one
  const isVariadic = of === 'list' && owner.includes('.');
  const stack = countingStack();
  return [...missing, ...isVariadic ? [] : STRANGERS, ...entries].filter(candidate => isWrong(candidate.make(stack)));
}

const isPlain = (given: unknown): given is object => typeof given === 'object' && given !== null && [Object.prototype, null].includes(Object.getPrototypeOf(given) as object | null);
const isSelection = (given: unknown): boolean => typeof given === 'object' && given !== null && !Array.isArray(given) && !(Symbol.iterator in given) && !Construct.isConstruct(given);

type Units<Of> = Readonly<Record<string, [make: (amount: number) => Of, read: (right: Of) => number]>>;

/** What is known only at deployment; what is lazy turns out to be right. */
function tokensOf(input: Input, type: string, of: Shape['of']): Value[] {
  const text: Value[] = [
    { label: 'a parameter', make: stack => parameter(stack, 'String').valueAsString },
    { label: 'a lazy text', make: () => Lazy.string({ produce: () => 'lazy' }) },
    { label: 'an import', make: () => Fn.importValue('Export') },
    { label: 'a token inside', make: stack => `a-${parameter(stack, 'String').valueAsString}` },
  ];
  const numbers = (right: number): Value[] => [
    { label: 'a parameter', make: stack => parameter(stack, 'Number').valueAsNumber }, { label: `a lazy ${right}`, make: () => Lazy.number({ produce: () => right }) },
  ];
  const over = <Of extends Duration | Size>(units: Units<Of>): Value[] => {
    const right = samples(QUANTITIES, input).at(-1) as Of;
    return Object.entries(units).flatMap(([unit, [make, read]]) => numbers(read(right)).map((number): Value => ({
      label: `${number.label} in ${unit}`, make: stack => make(number.make(stack) as number),
    })));
  };
  const one = type === 'string' ? text
    : type === 'number' ? numbers(samples(NUMBERS, input).at(-1)!)
      : type === 'Duration' ? over<Duration>({
        millis: [Duration.millis, right => right.toMilliseconds()],
        seconds: [Duration.seconds, right => right.toSeconds({ integral: false })],
        minutes: [Duration.minutes, right => right.toMinutes({ integral: false })],
        hours: [Duration.hours, right => right.toHours({ integral: false })],
        days: [Duration.days, right => right.toDays({ integral: false })],
      })
        : type === 'Size' ? over<Size>({
          bytes: [Size.bytes, right => right.toBytes()],
          mebibytes: [Size.mebibytes, right => right.toMebibytes()],
          gibibytes: [Size.gibibytes, right => right.toGibibytes({ rounding: SizeRoundingBehavior.NONE })],
        })
          : ENUMS.includes(type) ? [value(Token.asString({ Ref: 'AWS::NoValue' }), 'a token')] : [];
  const wrapped = one.map(({ label, make }): Value => of === 'one' ? { label, make } : { label: `of ${label}`, make: stack => of === 'list' ? [make(stack)] : { NAME: make(stack) } });
  return type === 'string' && of === 'list' ? [...wrapped, value(Fn.split(',', Fn.importValue('List')), 'a list that is a token')] : wrapped;
}

const ENUMS = ['SslPolicy', 'PriceClass', 'RemovalPolicy'];

/** What stands for the result of a lookup until it is made. */
function placeholdersOf(_input: Input, type: string, of: Shape['of']): Value[] {
  const makers: ReadonlyArray<(stack: Stack) => unknown> = {
    string: [lookup, (stack: Stack) => `https://${lookup(stack)}.example.com`],
    number: [(stack: Stack) => Number(lookup(stack))],
    Duration: [(stack: Stack) => Duration.seconds(Number(lookup(stack))), (stack: Stack) => Duration.days(Number(lookup(stack)))],
    Size: [(stack: Stack) => Size.gibibytes(Number(lookup(stack))), (stack: Stack) => Size.mebibytes(Number(lookup(stack)))],
    IApplicationListener: [(stack: Stack) => elb.ApplicationListener.fromLookup(child(stack), 'Found', { listenerPort: 443 })],
    SslPolicy: [lookup],
  }[type] ?? [];
  return makers.map((make, index): Value => ({ label: `a lookup ${index}`, make: stack => of === 'list' ? [make(stack)] : of === 'map' ? { NAME: make(stack) } : make(stack) }));
}
