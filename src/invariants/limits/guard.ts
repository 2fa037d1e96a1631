import { SizeRoundingBehavior, Token, type Duration, type Size } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import type { ListLimit, NumberLimit, Range, TextLimit, Unit } from './limit';
import { refuse } from '../invariant';
import { isPending, isUnknown } from '../unknown';

type Quantity = number | Duration | Size;

/** What a refusal says where a limit does not know it. */
export interface Refusal {
  /** What was given, in words. */
  readonly got?: string;
  readonly fix?: string;
}

/**
 * Refuses a number, a duration or a size outside its limit.
 *
 * @returns the number in the unit of the limit; nothing where only the deployment knows it
 */
export function requireWithin(scope: IConstruct, given: Quantity | undefined, limit: NumberLimit, refusal: Refusal = {}): number | undefined {
  if (given === undefined) {
    return undefined;
  }
  if (isUnknown(given, scope)) {
    if (!isPending(given, scope)) {
      requireRenderable(scope, given, limit, refusal);
    }
    return undefined;
  }
  const value = inUnit(given, limit.unit);
  return isWithin(value, limit) ? value : refuseBy(scope, limit, { got: inWords(value, limit), ...refusal });
}

/** Refuses what only the deployment knows where it decides what the template looks like, or where CloudFormation would have to convert it. */
function requireRenderable(scope: IConstruct, given: Quantity, limit: NumberLimit, refusal: Refusal): void {
  const made = limit.unit?.made;
  if (limit.atSynthesis) {
    refuseBy(scope, limit, { got: 'a value known only at deployment', ...refusal });
  }
  if (typeof given === 'number' || made === undefined) {
    return;
  }
  if (!isMadeIn(given, made)) {
    refuse(scope, `\`${limit.prop}\` must be made with \`${made}(…)\` where only the deployment knows the number, got: one in another unit`,
      'CloudFormation converts no units');
  }
}

type Readers = Pick<Duration, 'toSeconds' | 'toMinutes' | 'toDays'> & Pick<Size, 'toGibibytes'>;

const READERS: Readonly<Record<NonNullable<Unit['made']>, (quantity: Readers) => number>> = {
  'Duration.seconds': quantity => quantity.toSeconds(),
  'Duration.minutes': quantity => quantity.toMinutes(),
  'Duration.days': quantity => quantity.toDays(),
  'Size.gibibytes': quantity => quantity.toGibibytes(),
};

/** Whether a token stands in the unit in which it is read: aws-cdk-lib throws where it would have to convert one. */
function isMadeIn(quantity: Duration | Size, made: NonNullable<Unit['made']>): boolean {
  try {
    READERS[made](quantity as unknown as Readers);
    return true;
  } catch {
    return false;
  }
}

/** Refuses a text outside its limit. */
export function requireWritten(scope: IConstruct, given: string | undefined, limit: TextLimit, refusal: Refusal = {}): void {
  if (given !== undefined && !isUnknown(given) && isUnknown([given])) {
    refuse(scope, `\`${limit.prop}\` must be a list whose length is known at synthesis, got: one known only at deployment`, 'Write each entry; it may be a token');
  }
  if (given !== undefined && !isUnknown(given) && (given.length > limit.length || !limit.pattern.test(given) || limit.accepts?.(given) === false)) {
    refuseBy(scope, limit, { got: shown(given), ...refusal });
  }
}

/** Refuses a list that is too short or too long, or names one thing twice. One whose length only the deployment knows passes. */
export function requireListed(scope: IConstruct, given: readonly unknown[] | undefined, limit: ListLimit): void {
  const { least, most = Infinity } = limit;
  // the text that a lookup has yet to find may be split into more
  const isOpen = Token.isUnresolved(given) || given?.some(item => typeof item === 'string' && isPending(item));
  if (given !== undefined && !isOpen && (given.length < least || given.length > most)) {
    refuseBy(scope, limit, { got: `${given.length}` });
  }
  const twice = limit.mayRepeat ? undefined : given?.find((item, index) => given.indexOf(item) < index && !(typeof item === 'string' && isUnknown(item)));
  if (twice !== undefined) {
    const name = Construct.isConstruct(twice) ? twice.node.path : shown(String(twice));
    refuse(scope, `\`${limit.prop}\` must name each once, got: ${name} twice`, 'Leave the second one out');
  }
}

/** A text in one line, and without what may be secret in an address. */
export function shown(text: string): string {
  const open = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text.replace(/\/\/[^]*@/, '//…@').replace(/\?[^]*/, '?…') : text;
  return open.slice(0, 128).replace(/[\p{Cc}\u2028\u2029]/gu, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`) || 'an empty string';
}

function refuseBy(scope: IConstruct, limit: NumberLimit | TextLimit | ListLimit, { got, fix }: Refusal): never {
  return refuse(scope, `\`${limit.prop}\` must be ${limit.allowed}, got: ${got}`, fix ?? limit.fix, limit.rule === undefined ? undefined : { id: limit.rule });
}

function inUnit(given: Quantity, unit: Unit | undefined): number {
  if (typeof given === 'number') {
    return given;
  }
  return 'toSeconds' in given
    ? given.toSeconds({ integral: false }) / (unit?.seconds ?? 1)
    : given.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
}

function inWords(value: number, { unit, step, allowed }: NumberLimit): string {
  const broken = step === 1 && unit?.whole && !Number.isInteger(value) && !allowed.includes(unit.whole) ? `, which are no ${unit.whole}` : '';
  return `${value}${unit ? ` ${unit.name}` : ''}${broken}`;
}

function isWithin(value: number, { minimum = -Infinity, maximum = Infinity, above = -Infinity, step, values, except }: Range): boolean {
  return Number.isFinite(value) && value >= minimum && value <= maximum && value > above
    && (step === undefined || Number.isInteger(value / step)) && values?.includes(value) !== false && !except?.includes(value);
}
