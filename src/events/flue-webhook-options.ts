import type { FlueWebhookVerifier } from './flue-webhook-verifier';

/**
 * A webhook that becomes a message to an agent: its body, as it came.
 */
export interface FlueWebhookOptions {
  /** The agent in its path, `/agents/NAME/…`; 48 letters, digits and `_.~:@-` at most. Throws for any other. */
  readonly agentName: string;

  /**
   * The check of who sent it. Without one, anyone on the internet can send events, and the inbox warns you.
   *
   * @default - none
   */
  readonly verify?: FlueWebhookVerifier;

  /**
   * The conversation that gets every event of the webhook. Throws with `conversationField`, and for any other character than letters,
   * digits and `_.~:@-`, 72 at most.
   *
   * @default - a new conversation for each event
   */
  readonly conversationId?: string;

  /**
   * The field of the JSON body that names the conversation, such as `event.channel`. Throws for white space.
   *
   * @default - none
   */
  readonly conversationField?: string;
}
