import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/**
 * Properties of a budget.
 */
export interface FlueBudgetProps {
  /**
   * What may be spent in a month, in USD. Credits and refunds do not count.
   *
   * Throws for less than a cent, and for more than a trillion.
   */
  readonly monthlyLimit: number;

  /**
   * The addresses that get a mail at 80 % and 100 % of the limit, and when AWS forecasts that it will be passed. One to ten.
   *
   * Throws outside the range, for what is no address, and if `topic` is left out too: a budget that tells no one saves nothing.
   *
   * @default - none; `topic` is told
   */
  readonly emails?: string[];

  /**
   * The topic that gets a message at the same times.
   *
   * The construct allows AWS Budgets to publish to a topic of this app, and to use its key. It cannot change the policy of an imported topic, and
   * warns you of it.
   *
   * Throws for a FIFO topic, which AWS Budgets cannot publish to, and for one of another region.
   *
   * @default - none; `emails` are told
   */
  readonly topic?: ITopic;

  /**
   * Cost allocation tags, by key. The budget counts only what carries one of them.
   *
   * Activate them in the billing console first: until then nothing counts. Throws for an empty map, for characters that no tag has, and
   * for keys of AWS (`aws:`).
   *
   * @default - the budget counts the whole account
   */
  readonly tags?: { [key: string]: string };

  /**
   * The roles that may no longer call a model on Amazon Bedrock once the limit is reached, one to a hundred.
   *
   * AWS Budgets attaches a policy to them that denies it. It learns of a cost up to a day later, so this is no hard limit. It takes nothing away
   * from a provider outside of AWS, whose key goes on to work. Take the policy off again in the billing console, by reversing the action, before
   * you delete the stack.
   *
   * Throws for an empty list, and for a role twice.
   *
   * @default - none: the budget only tells
   */
  readonly denyBedrockTo?: IRole[];
}
