import { SizeRoundingBehavior, type Duration, type Size } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { NumberLimit, Range, TextLimit, Unit } from './limit';
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
    return limit.atSynthesis && !isPending(given, scope) ? refuseBy(scope, limit, { got: 'a value known only at deployment', ...refusal }) : undefined;
  }
  const value = inUnit(given, limit.unit);
  return isWithin(value, limit) ? value : refuseBy(scope, limit, { got: `${value}${limit.unit ? ` ${limit.unit.name}` : ''}`, ...refusal });
}

/** Refuses a text outside its limit. */
export function requireWritten(scope: IConstruct, given: string, limit: TextLimit): void {
  if (!isUnknown(given) && (given.length > limit.length || !limit.pattern.test(given))) {
    refuseBy(scope, limit, { got: given.slice(0, 128) || 'an empty string' });
  }
}

function refuseBy(scope: IConstruct, limit: NumberLimit | TextLimit, { got, fix }: Refusal): never {
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

function isWithin(value: number, { minimum = -Infinity, maximum = Infinity, above = -Infinity, step, values, except }: Range): boolean {
  return Number.isFinite(value) && value >= minimum && value <= maximum && value > above
    && (step === undefined || Number.isInteger(value / step)) && values?.includes(value) !== false && !except?.includes(value);
}
