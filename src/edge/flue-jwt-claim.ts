import type { CfnListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IConstruct } from 'constructs';
import { ONE_LINE } from '../invariants/addresses';
import { refuse } from '../invariants/invariant';
import { shown } from '../invariants/limits/guard';
import { CLAIMS_JUDGED_ALREADY, MAX_CLAIM_VALUE_LENGTH, MAX_CLAIM_VALUES, TOKEN_LIMITS } from '../invariants/limits/token';
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
   * A claim that is one string, such as `aud` or `client_id`. FlueAuth throws for a value that is empty or too long.
   *
   * @param name name of the claim
   * @param value the value that it must have
   */
  public static singleString(name: string, value: string): FlueJwtClaim {
    requireArguments('FlueJwtClaim.singleString', { name, value });
    return new FlueJwtClaim(name, 'single-string', [value]);
  }

  /**
   * A claim that is one string of words with spaces in between, such as `scope`. FlueAuth throws for an empty or too long word.
   *
   * @param name name of the claim
   * @param values the words to look for
   */
  public static spaceSeparatedValues(name: string, ...values: string[]): FlueJwtClaim {
    requireArguments('FlueJwtClaim.spaceSeparatedValues', { name, values });
    return new FlueJwtClaim(name, 'space-separated-values', values);
  }

  /**
   * A claim that is a list of strings, such as `roles` or `groups`. FlueAuth throws for an empty or too long one.
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
   * What the user stated, in which no secret may stand.
   *
   * @internal
   */
  public get _given(): object {
    return { name: this.name, values: this.values };
  }

  /**
   * Refuses a claim that no load balancer takes.
   *
   * @internal
   */
  public _require(scope: IConstruct): void {
    if (!isUnknown(this.name) && (!ONE_LINE.test(this.name) || CLAIMS_JUDGED_ALREADY.includes(this.name))) {
      refuse(scope, `\`claims\` must have ${TOKEN_LIMITS.claimName.allowed}, got: ${this.name === '' ? 'an empty name' : shown(this.name)}`,
        'The load balancer always checks the issuer and the times of a token');
    }
    if (this.values.length < 1 || this.values.length > MAX_CLAIM_VALUES) {
      refuse(scope, `\`claims\` must have 1–${MAX_CLAIM_VALUES} values each, got: ${this.values.length} for ${this.name}`, 'Pass the values that you accept');
    }
    for (const value of this.values.filter(candidate => !isUnknown(candidate))) {
      if (!ONE_LINE.test(value) || value.length > MAX_CLAIM_VALUE_LENGTH || (this.format === 'space-separated-values' && /\s/.test(value))) {
        const words = this.format === 'space-separated-values' ? ' without a space' : '';
        refuse(scope, `\`claims\` must have values of ${TOKEN_LIMITS.claimValue.allowed}${words}, got: ${value === '' ? 'an empty one' : shown(value)} for ${this.name}`,
          'Pass each word as a separate value');
      }
    }
  }

  /** @internal */
  public _render(): CfnListener.JwtValidationActionAdditionalClaimProperty {
    return { name: this.name, format: this.format, values: this.values };
  }
}
