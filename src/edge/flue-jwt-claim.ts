import type { CfnListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IConstruct } from 'constructs';
import { refuse } from '../invariants/invariant';
import { CLAIMS_JUDGED_ALREADY, MAX_CLAIM_VALUE_LENGTH, MAX_CLAIM_VALUES } from '../invariants/limits/token';
import { requireArguments } from '../invariants/types/require-types';
import { isUnknown } from '../invariants/unknown';

/** The formats of claims, by the names of Elastic Load Balancing. */
type ClaimFormat = 'single-string' | 'string-array' | 'space-separated-values';

/**
 * A claim that a token must have.
 *
 * Choose the format in which the identity provider writes the claim. The load balancer rejects a token in any other.
 */
export class FlueJwtClaim {
  /**
   * A claim that is one string, such as `aud` or `client_id`.
   *
   * @param name name of the claim
   * @param value the value that it must have
   */
  public static singleString(name: string, value: string): FlueJwtClaim {
    requireArguments('FlueJwtClaim.singleString', { name, value });
    return new FlueJwtClaim(name, 'single-string', [value]);
  }

  /**
   * A claim that is one string of words with spaces in between, such as `scope`.
   *
   * @param name name of the claim
   * @param values the words to look for
   */
  public static spaceSeparatedValues(name: string, ...values: string[]): FlueJwtClaim {
    requireArguments('FlueJwtClaim.spaceSeparatedValues', { name, values });
    return new FlueJwtClaim(name, 'space-separated-values', values);
  }

  /**
   * A claim that is a list of strings, such as `roles` or `groups`.
   *
   * @param name name of the claim
   * @param values the strings to look for
   */
  public static stringArray(name: string, ...values: string[]): FlueJwtClaim {
    requireArguments('FlueJwtClaim.stringArray', { name, values });
    return new FlueJwtClaim(name, 'string-array', values);
  }

  private constructor(private readonly name: string, private readonly format: ClaimFormat, private readonly values: string[]) {}

  /**
   * Refuses a claim that no load balancer takes.
   *
   * @internal
   */
  public _require(scope: IConstruct): void {
    if (this.name === '' || CLAIMS_JUDGED_ALREADY.includes(this.name)) {
      refuse(scope, `\`claims\` must have a name other than ${CLAIMS_JUDGED_ALREADY.join(', ')}, got: ${this.name || 'an empty name'}`,
        'The load balancer always checks the issuer and the times of a token');
    }
    if (this.values.length < 1 || this.values.length > MAX_CLAIM_VALUES) {
      refuse(scope, `\`claims\` must have 1–${MAX_CLAIM_VALUES} values each, got: ${this.values.length} for ${this.name}`, 'Pass the values that you accept');
    }
    for (const value of this.values.filter(candidate => !isUnknown(candidate))) {
      if (value === '' || value.length > MAX_CLAIM_VALUE_LENGTH || (this.format === 'space-separated-values' && /\s/.test(value))) {
        const words = this.format === 'space-separated-values' ? ' without a space' : '';
        refuse(scope, `\`claims\` must have values of 1–${MAX_CLAIM_VALUE_LENGTH} characters${words}, got: ${value.slice(0, MAX_CLAIM_VALUE_LENGTH) || 'an empty one'} for ${this.name}`,
          'Pass each word as a separate value');
      }
    }
  }

  /** @internal */
  public _render(): CfnListener.JwtValidationActionAdditionalClaimProperty {
    return { name: this.name, format: this.format, values: this.values };
  }
}
