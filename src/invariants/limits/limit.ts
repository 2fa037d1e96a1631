/** A bound that a constructor refuses by. */
export interface Limit {
  /** The public prop that is bounded. */
  readonly prop: string;
  /** The public structs that declare it. */
  readonly of: readonly string[];
  /** What is allowed, as messages and docs print it. */
  readonly allowed: string;
  /** Where the numbers come from. */
  readonly source: string;
}

/** What a number counts, and how messages write it. */
export interface Unit {
  readonly name: string;
  /** Its name where only whole ones are allowed. */
  readonly whole?: string;
  /** Its length, where it is one of time. */
  readonly seconds?: number;
  /** What makes a duration or a size in it. */
  readonly made?: 'Duration.seconds' | 'Duration.minutes' | 'Duration.days' | 'Size.gibibytes';
}

export const SECONDS = { name: 's', whole: 'whole seconds', seconds: 1, made: 'Duration.seconds' } as const satisfies Unit;
export const MINUTES = { name: 'minutes', whole: 'whole minutes', seconds: 60, made: 'Duration.minutes' } as const satisfies Unit;
export const DAYS = { name: 'days', whole: 'whole days', seconds: 86400, made: 'Duration.days' } as const satisfies Unit;
export const GIBIBYTES = { name: 'GiB', whole: 'whole GiB', made: 'Size.gibibytes' } as const satisfies Unit;
export const MEBIBYTES = { name: 'MiB' };
export const CAPACITY_UNITS = { name: 'ACU' };

/** The numbers that are allowed, in their unit. */
export interface Range {
  readonly unit?: Unit;
  readonly minimum?: number;
  readonly maximum?: number;
  /** The number above which the range begins. */
  readonly above?: number;
  /** What the numbers are multiples of; 1 for whole ones. */
  readonly step?: number;
  /** The numbers themselves, where they are no range. */
  readonly values?: readonly number[];
  /** Numbers within that are not allowed. */
  readonly except?: readonly number[];
}

interface Told extends Omit<Limit, 'allowed'> {
  /** What follows the numbers in the sentence, such as their reason. */
  readonly note?: string;
  /** The way out, as one sentence in the imperative without a stop. */
  readonly fix: string;
  /** Id of the invariant that the limit is part of. */
  readonly rule?: string;
}

/** A bound on a number, a duration or a size. */
export interface NumberLimit extends Limit, Told, Range {
  /** Whether the number decides what the template looks like, so that a token cannot stand for it. */
  readonly atSynthesis?: boolean;
}

/** A bound on a text. */
export interface TextLimit extends Limit, Told {
  readonly pattern: RegExp;
  /** Most characters. */
  readonly length: number;
  /** What a pattern cannot say. */
  readonly accepts?: (text: string) => boolean;
}

export function within<const Spec extends Omit<NumberLimit, 'allowed'>>(spec: Spec): Spec & Limit {
  return { ...spec, allowed: `${rangeText(spec)}${spec.note ?? ''}` };
}

/** @param characters what the text consists of, in words */
export function written<const Spec extends Omit<TextLimit, 'allowed'>>(spec: Spec, characters: string): Spec & Limit {
  return { ...spec, allowed: `${characters}${spec.note ?? ''}` };
}

/** A bound on the length of a list. */
export interface ListLimit extends Limit, Told {
  readonly least: number;
  /** None where AWS names no limit. */
  readonly most?: number;
  /** Whether naming one thing twice does no harm. */
  readonly mayRepeat?: boolean;
}

/** @param what the elements, in the plural */
export function listOf(spec: Omit<ListLimit, 'allowed'>, what: string): ListLimit {
  const { least, most } = spec;
  return { ...spec, allowed: `a list of ${most === undefined ? `at least ${least}` : `${least}–${most}`} ${what}${spec.note ?? ''}` };
}

/** A range in words. */
export function rangeText({ unit, minimum, maximum, above, step, values, except }: Range): string {
  const suffix = unit ? ` ${unit.name}` : '';
  if (values) {
    return unit ? `${listed(values, 'or')}${suffix}` : `one of ${values.join(', ')}`;
  }
  const but = except ? ` other than ${listed(except, 'and')}` : '';
  const whole = step === 1 && !unit ? 'a whole number ' : '';
  if (minimum !== undefined && maximum !== undefined) {
    return `${whole}${unit ? `${minimum}–${maximum}${stepped(unit, step)}` : `from ${minimum} to ${maximum}`}${but}`;
  }
  const bounds = [
    above === undefined ? [] : `above ${above}`,
    minimum === undefined ? [] : `at least ${minimum}`,
    maximum === undefined ? [] : `at most ${maximum}`,
  ].flat();
  return `${whole && `${whole}of `}${bounds.join(' and ')}${suffix}${but}`;
}

function stepped(unit: Unit, step: number | undefined): string {
  return step === 1 && unit.whole ? ` ${unit.whole}` : ` ${unit.name}${step === undefined ? '' : ` in steps of ${step}`}`;
}

function listed(values: readonly number[], and: string): string {
  return `${values.slice(0, -1).join(', ')} ${and} ${values.at(-1)}`;
}
