import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse } from '../invariants/invariant';
import { EVENT_LIMITS } from '../invariants/limits/events';
import { requireWritten } from '../invariants/limits/guard';
import { LAST_MAJOR_WITH_ATTACHED_PROMPTS } from '../invariants/limits/server';
import { requireArguments } from '../invariants/types/require-types';
import { isUnknown } from '../invariants/unknown';

/**
 * What an event says to an agent.
 */
export interface FlueAgentEventOptions {
  /** The message. Throws for an empty one. */
  readonly message: string;

  /**
   * The conversation that gets each message: the last part of its path, `/agents/NAME/ID`.
   *
   * Letters, digits and `_.~:@-`, 72 at most. Throws for any other, and for a text known only at deployment.
   *
   * @default - a new conversation with each fire, named after the schedule and the time
   */
  readonly conversationId?: string;
}

/**
 * What an event says to a workflow.
 */
export interface FlueWorkflowEventOptions {
  /**
   * The payload of the workflow, as JSON.
   *
   * @default - an empty object
   */
  readonly input?: { [name: string]: any };
}

/** What stands in a queue for the server: the body of a message, and the group that keeps its order. */
export interface QueuedEvent {
  readonly body: { readonly [name: string]: unknown };
  /** The conversation; undefined where each event begins one. */
  readonly group?: string;
}

/**
 * What an event is for: an agent, or a workflow.
 */
export class FlueEventTarget {
  /**
   * A message to an agent. Messages of one conversation come in their order, one at a time.
   *
   * `addSchedule()` throws for a name that no path has.
   *
   * @param agentName the name of the agent in its path, `/agents/NAME/…`; 48 letters, digits and `_.~:@-` at most
   * @param options the message, and its conversation
   */
  public static agent(agentName: string, options: FlueAgentEventOptions): FlueEventTarget {
    requireArguments('FlueEventTarget.agent', { agentName, options });
    const { message, conversationId: conversation } = options;
    return new FlueEventTarget(options, {
      body: { agent: agentName, conversation, message },
      group: conversation === undefined ? undefined : `${agentName}/${conversation}`,
    }, scope => {
      requireWritten(scope, agentName, EVENT_LIMITS.agentName);
      requireKnown(scope, 'agentName', agentName);
      requireWritten(scope, conversation, EVENT_LIMITS.conversationId);
      requireKnown(scope, 'conversationId', conversation);
      if (message === '') {
        refuse(scope, '`message` must say something, got: an empty string', 'Write what the agent is to do');
      }
    });
  }

  /**
   * A run of a workflow, on Flue 0 and 1. The runs of one workflow come in their order, one at a time.
   *
   * The inbox waits until the run ends, because a run that a server accepted and did not end is lost without a trace.
   *
   * `addSchedule()` throws for a name that no path has, and for a server on Flue 2, which has no workflows.
   *
   * @param workflowName the name of the workflow in its path, `/workflows/NAME`; 48 letters, digits and `_.~:@-` at most
   * @param options the payload
   */
  public static workflow(workflowName: string, options: FlueWorkflowEventOptions = {}): FlueEventTarget {
    requireArguments('FlueEventTarget.workflow', { workflowName, options });
    return new FlueEventTarget(options, {
      body: { workflow: workflowName, input: options.input ?? {} },
      group: `workflow/${workflowName}`,
    }, (scope, flueMajor) => {
      requireWritten(scope, workflowName, EVENT_LIMITS.workflowName);
      requireKnown(scope, 'workflowName', workflowName);
      if (flueMajor !== undefined && flueMajor > LAST_MAJOR_WITH_ATTACHED_PROMPTS) {
        refuse(scope, `\`target\` must be an agent on Flue ${flueMajor}, got: the workflow ${workflowName}`, 'Flue 2 has no workflows: use `FlueEventTarget.agent(…)`');
      }
    });
  }

  private constructor(
    /**
     * What the user stated, in which no secret may stand.
     *
     * @internal
     */
    public readonly _given: object,
    /** @internal */
    public readonly _event: QueuedEvent,
    /**
     * Refuses what no server could get.
     *
     * @internal
     */
    public readonly _require: (scope: IConstruct, flueMajor?: number) => void,
  ) {}
}

/** The names decide the group of a message, and the path of a request. */
function requireKnown(scope: IConstruct, prop: string, text: string | undefined): void {
  if (text !== undefined && isUnknown(text)) {
    refuse(scope, `\`${prop}\` must be known at synthesis, got: ${Token.isUnresolved(text) ? 'a token' : 'the result of a lookup'}`, 'Write it out');
  }
}
