import type { EventPattern, IEventBus } from 'aws-cdk-lib/aws-events';

/**
 * Events of Amazon EventBridge that become messages to an agent: each as JSON, as it came.
 */
export interface FlueEventPatternOptions {
  /**
   * Which events: their source, their type, and what stands in their detail.
   *
   * Throws for one that names nothing, and for more than 4096 characters.
   */
  readonly eventPattern: EventPattern;

  /** The agent in its path, `/agents/NAME/…`; 48 letters, digits and `_.~:@-` at most. Throws for any other. */
  readonly agentName: string;

  /**
   * The conversation that gets every event. Throws with `conversationField`, and for any other character than letters, digits and
   * `_.~:@-`, 72 at most.
   *
   * @default - a new conversation for each event
   */
  readonly conversationId?: string;

  /**
   * The field of the event that names the conversation, such as `detail.customer`. An event without it gets a conversation of its own.
   * Throws for white space.
   *
   * @default - none
   */
  readonly conversationField?: string;

  /**
   * The bus of the events. Throws for one of another account or region: let a rule there send the events to a bus here.
   *
   * @default - the default bus, which has the events of AWS
   */
  readonly eventBus?: IEventBus;

  /**
   * What the rule is for. Throws for more than 512 characters, and for several lines.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Whether the rule takes events.
   *
   * @default true
   */
  readonly enabled?: boolean;
}
