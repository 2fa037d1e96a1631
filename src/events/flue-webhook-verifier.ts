import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { EVENT_LIMITS } from '../invariants/limits/events';
import { requireWritten } from '../invariants/limits/guard';
import { requireSecretReference } from '../invariants/secret-reference';
import { requireArguments } from '../invariants/types/require-types';

/**
 * How the sender of a webhook signs its requests: HMAC with SHA-256 over the raw bytes, written in hexadecimal digits.
 */
export interface FlueHmacOptions {
  /** The key. The whole secret is its value. */
  readonly secret: ISecret;

  /** The header with the signature, such as `X-Signature`. Throws for any other character than letters, digits and dashes. */
  readonly header: string;

  /**
   * What stands before the signature in the header, such as `sha256=`. Throws for white space.
   *
   * @default - nothing
   */
  readonly prefix?: string;

  /**
   * The header with the time in seconds since 1970. The sender signs the time, a dot and the body. A request more than 300 s away from
   * it is refused. Throws for any other character than letters, digits and dashes.
   *
   * @default - none: the sender signs the body alone, and a replay passes for as long as its id is unknown
   */
  readonly timestampHeader?: string;

  /**
   * The field of the JSON body with the id of the event, such as `event.id`. Throws for white space.
   *
   * @default - the body itself: the same bytes are the same event
   */
  readonly idField?: string;
}

/**
 * A check of who sent a webhook, before it becomes an event.
 */
export class FlueWebhookVerifier {
  /**
   * The signature of GitHub, in `X-Hub-Signature-256`.
   *
   * GitHub signs no time and no id, so the same bytes are the same event.
   *
   * @param secret the secret of the webhook
   */
  public static github(secret: ISecret): FlueWebhookVerifier {
    requireArguments('FlueWebhookVerifier.github', { secret });
    return new FlueWebhookVerifier(secret, { scheme: 'github' });
  }

  /**
   * The signature of Slack, within 300 s of its time. The door answers the challenge of Slack by itself.
   *
   * @param secret the signing secret of the app
   */
  public static slack(secret: ISecret): FlueWebhookVerifier {
    requireArguments('FlueWebhookVerifier.slack', { secret });
    return new FlueWebhookVerifier(secret, { scheme: 'slack' });
  }

  /**
   * The signature of Stripe, within 300 s of its time.
   *
   * @param secret the signing secret of the endpoint
   */
  public static stripe(secret: ISecret): FlueWebhookVerifier {
    requireArguments('FlueWebhookVerifier.stripe', { secret });
    return new FlueWebhookVerifier(secret, { scheme: 'stripe' });
  }

  /**
   * An HMAC of a sender that is none of the others.
   *
   * @param options the key, and where the signature stands
   */
  public static hmac(options: FlueHmacOptions): FlueWebhookVerifier {
    requireArguments('FlueWebhookVerifier.hmac', { options });
    const { secret, header, prefix, timestampHeader, idField } = options;
    // each language gives the props in an order of its own
    return new FlueWebhookVerifier(secret, { scheme: 'hmac', header, prefix, timestampHeader, idField });
  }

  private constructor(
    /** @internal */
    public readonly _secret: ISecret,
    /** @internal */
    public readonly _scheme: { readonly scheme: string } & Partial<Omit<FlueHmacOptions, 'secret'>>,
  ) {}

  /** @internal */
  public _require(scope: IConstruct): void {
    requireSecretReference(scope, 'secret', this._secret);
    for (const prop of ['header', 'prefix', 'timestampHeader', 'idField'] as const) {
      requireWritten(scope, this._scheme[prop], EVENT_LIMITS[prop]);
    }
  }
}
