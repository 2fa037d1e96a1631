/** A message of a FIFO queue, as a function gets it. */
interface Stored {
  readonly messageId: string;
  readonly body: string;
  readonly group: string;
  readonly key: string;
  readonly sent: number;
  receives: number;
  hiddenUntil: number;
  readonly attributes: { readonly [name: string]: { readonly StringValue: string } };
}

/** What SendMessage takes. */
export interface SendInput {
  readonly MessageBody: string;
  readonly MessageGroupId: string;
  readonly MessageDeduplicationId: string;
  readonly MessageAttributes?: { readonly [name: string]: { readonly StringValue: string } };
}

/** What ChangeMessageVisibility takes. */
export interface HideInput {
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout: number;
}

const DEDUPLICATION_MS = 300_000;

/**
 * A stand-in for a FIFO queue of Amazon SQS, as its developer guide describes one.
 *
 * A group gives its messages in their order, and none while one of them is in flight. A message that nobody deletes comes back when its
 * visibility timeout ends. An id is taken once in five minutes. The clock may run faster than that of the wall.
 */
export class FifoQueue {
  public readonly messages: Stored[] = [];
  private readonly taken = new Map<string, number>();
  private made = 0;

  public constructor(private readonly visibilityMs: number, private readonly now: () => number) {}

  public send(input: SendInput): void {
    const last = this.taken.get(input.MessageDeduplicationId);
    if (last !== undefined && this.now() - last < DEDUPLICATION_MS) {
      return;
    }
    this.taken.set(input.MessageDeduplicationId, this.now());
    this.messages.push({
      messageId: `m-${++this.made}`,
      body: input.MessageBody,
      group: input.MessageGroupId,
      key: input.MessageDeduplicationId,
      sent: this.now(),
      receives: 0,
      hiddenUntil: 0,
      attributes: input.MessageAttributes ?? {},
    });
  }

  /** The next message that may be handed out; hidden from then on. */
  public receive(): Stored | undefined {
    const seen = new Set<string>();
    for (const message of this.messages) {
      if (!seen.has(message.group) && message.hiddenUntil <= this.now()) {
        message.receives++;
        message.hiddenUntil = this.now() + this.visibilityMs;
        return message;
      }
      seen.add(message.group);
    }
    return undefined;
  }

  public hide(messageId: string, seconds: number): void {
    const message = this.messages.find(candidate => candidate.messageId === messageId);
    if (message) {
      message.hiddenUntil = this.now() + seconds * 1000;
    }
  }

  public delete(messageId: string): void {
    this.messages.splice(this.messages.findIndex(candidate => candidate.messageId === messageId), 1);
  }
}

/** A message as AWS Lambda hands it to a function. */
export function recordOf({ messageId, body, group, key, sent, receives, attributes }: Stored): object {
  return {
    messageId,
    receiptHandle: messageId,
    body,
    attributes: { ApproximateReceiveCount: `${receives}`, SentTimestamp: `${sent}`, MessageGroupId: group, MessageDeduplicationId: key },
    messageAttributes: Object.fromEntries(Object.entries(attributes).map(([name, { StringValue }]) => [name, { stringValue: StringValue }])),
  };
}
