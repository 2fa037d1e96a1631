import { Duration, Size, SizeRoundingBehavior, Stack, Token, Tokenization, type IResolvable } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { isPlainObject } from './plain-object';

/**
 * What aws-cdk-lib puts in the place of what a lookup has yet to find.
 *
 * It looks like a value and is none: a synthesis that refuses it ends before the lookup is made.
 */
const PLACEHOLDERS: readonly RegExp[] = [
  // StringParameter.valueFromLookup, in whatever text it was put into
  /dummy-value-for-/,
  // Vpc.fromLookup, and the zones of a stack
  /^vpc-12345$/, /^[spi]-(12345|67890)$/, /^dummy1[a-c]$/,
  // SecurityGroup, MachineImage, HostedZone and Key.fromLookup
  /^sg-(1234|12345678|123456789012)$/, /^ami-1234$/, /^DUMMY$/, /(^|\/)1234abcd-12ab-34cd-56ef-1234567890ab$/,
  // ApplicationLoadBalancer, ApplicationListener and NetworkLoadBalancer.fromLookup
  /\/my-load-balancer\/50dc6c495c0c9188/, /^my-load-balancer-1234567890\./,
  // Role, Repository, DatabaseInstance and PrefixList lookups
  /\/DUMMY_ARN$/, /^TEST(ARN|ADDRESS|READERADDRESS|ID)$/, /^pl-xxxxxxxx$/,
];

function isPlaceholder(text: string): boolean {
  return PLACEHOLDERS.some(placeholder => placeholder.test(text));
}

/** What a prop holds that a guard asks about. */
type Given = string | number | boolean | readonly string[] | Duration | Size | undefined;

/**
 * Whether a value is not known yet: a token, or what stands for the result of a lookup. A list is one where its length is.
 *
 * Every guard asks here before it judges.
 *
 * @param scope where the value is used; see isPending
 */
export function isUnknown(given: Given, scope?: IConstruct): boolean {
  return (isQuantity(given) ? given.isUnresolved() : Token.isUnresolved(given)) || isPending(given, scope);
}

/**
 * Whether a value stands for the result of a lookup, which another synthesis will know.
 *
 * @param scope where the value is used: what was computed from the text of a lookup is no number while lookups are missing there
 */
export function isPending(given: Given, scope?: IConstruct): boolean {
  if (typeof given === 'string') {
    return isPlaceholder(given);
  }
  const number = isQuantity(given) ? amountOf(given) : given;
  return typeof number === 'number' && Number.isNaN(number) && isLookupMissing(scope);
}

/** By its members: two copies of aws-cdk-lib have two classes. */
function isQuantity(given: unknown): given is Duration | Size {
  return typeof given === 'object' && given !== null && 'isUnresolved' in given && ('toSeconds' in given || 'toBytes' in given);
}

/** The number in a duration or a size; none where only the deployment knows it. */
function amountOf(quantity: Duration | Size): number | undefined {
  if (quantity.isUnresolved()) {
    return undefined;
  }
  return 'toSeconds' in quantity ? quantity.toSeconds({ integral: false }) : quantity.toBytes({ rounding: SizeRoundingBehavior.NONE });
}

/** A duration in seconds that CloudFormation is to write as text, whatever stands behind its number. */
export function inText(duration: Duration): Duration {
  return duration.isUnresolved() ? Duration.seconds(numberInText(duration.toSeconds())) : duration;
}

/** The same for a number. */
export function numberInText(given: number): number {
  return Token.isUnresolved(given) ? Token.asNumber(tokensIn(textOf(given))[0]) : given;
}

/** A number as text, whatever stands behind it. */
export function textOf(given: number): string {
  return Tokenization.stringifyNumber(given);
}

/** Whether this synthesis is only the first of two: the CLI makes the lookups that a stack reports as missing, and synthesizes again. */
function isLookupMissing(scope: IConstruct | undefined): boolean {
  const stack = scope && Stack.of(scope) as unknown as { readonly _missingContext?: readonly unknown[] };
  return (stack?._missingContext?.length ?? 0) > 0;
}

/**
 * Props without the numbers that wait for a lookup, for which their defaults stand in until it is made; so are the options in them.
 *
 * A text can wait in the place of its value; no construct of aws-cdk-lib takes a number that is none.
 */
export function settled<Props extends object>(scope: IConstruct, props: Props): Props {
  const waits = (given: unknown) => (typeof given === 'number' || isQuantity(given)) && isPending(given, scope);
  return Object.fromEntries(Object.entries(props).filter(([, given]) => !waits(given))
    .map(([name, given]) => [name, isPlainObject(given) && Object.values(given).some(waits) ? settled(scope, given) : given])) as Props;
}

/** What is known of a text: `${…}` for each of its tokens. */
export function knownText(text: string): string {
  return Tokenization.reverseString(text).mapTokens({ mapToken: () => '${token}' }).join({ join: (left, right) => `${left ?? ''}${right ?? ''}` });
}

/** The tokens in a text. */
export function tokensIn(text: string): IResolvable[] {
  return Tokenization.reverseString(text).tokens;
}
