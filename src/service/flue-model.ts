import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { BedrockModel, type FlueBedrockModelOptions } from './bedrock-model';
import type { Model, ModelBinding } from './model';
import { refuse } from '../invariants/invariant';
import { requireWritten } from '../invariants/limits/guard';
import { SERVER_LIMITS } from '../invariants/limits/server';
import { PROVIDER_KEY_NAMES } from '../invariants/secret-shapes';
import { requireArguments } from '../invariants/types/require-types';

/**
 * Options of a model provider.
 */
export interface FlueModelProviderOptions {
  /** The API key of the provider, as a secret. `secrets` of FlueServiceProps says how to use one of another stack with its own KMS key. */
  readonly secret: Secret;

  /**
   * The variable from which the provider's client reads its key.
   *
   * Throws if you leave it out for a provider that is not in Flue's model catalogue, for what is no variable name, and for a
   * variable that holds something else, such as `PORT` or `DATABASE_URL`.
   *
   * @default - the variable of the provider in Flue's model catalogue
   */
  readonly envName?: string;

  /**
   * The id of the model, as the provider writes it.
   *
   * Throws for an empty text and for white space.
   *
   * @default - none: the app chooses, and `MODEL_SPECIFIER` is not set
   */
  readonly model?: string;
}

/** The variables that hold the key of a provider on the internet. */
export function providerKeysOf(variables: string[]): string[] {
  const known = new Set<string>(Object.values(PROVIDER_KEY_NAMES));
  return variables.filter(name => known.has(name));
}

/**
 * The model of a service's agents, and its API key.
 *
 * The service sets the key variable that the provider's client expects, always from a secret. It also sets `MODEL_SPECIFIER`,
 * which your app can read to choose its model.
 */
export class FlueModel {
  /**
   * A model of Anthropic. The service throws for an id with white space.
   *
   * @param secret the API key
   * @param model id of the model, such as `claude-sonnet-4-6`
   */
  public static anthropic(secret: Secret, model?: string): FlueModel {
    requireArguments('FlueModel.anthropic', { secret, model });
    return new FlueModel(new KeyedModel('anthropic', { secret, model }));
  }

  /**
   * A model of OpenAI. The service throws for an id with white space.
   *
   * @param secret the API key
   * @param model id of the model
   */
  public static openai(secret: Secret, model?: string): FlueModel {
    requireArguments('FlueModel.openai', { secret, model });
    return new FlueModel(new KeyedModel('openai', { secret, model }));
  }

  /**
   * A model on Amazon Bedrock, which needs no key: the construct lets the server's role invoke exactly this model.
   *
   * The service throws for what is neither an id nor an ARN.
   *
   * @param modelId id of a foundation model, of a cross-region inference profile such as
   * `eu.anthropic.claude-sonnet-4-6`, or an ARN of either, of an application inference profile or of a prompt router
   * @param options the models behind a profile or a router
   */
  public static bedrock(modelId: string, options: FlueBedrockModelOptions = {}): FlueModel {
    requireArguments('FlueModel.bedrock', { modelId, options });
    return new FlueModel(new BedrockModel(modelId, options));
  }

  /**
   * A model of any other provider. The service throws for a name with white space.
   *
   * @param name the provider, as the first part of a model specifier, such as `groq`
   * @param options the key and the model
   */
  public static provider(name: string, options: FlueModelProviderOptions): FlueModel {
    requireArguments('FlueModel.provider', { name, options });
    return new FlueModel(new KeyedModel(name, options));
  }

  private constructor(private readonly model: Model) {}

  /**
   * What the user stated, in which no secret may stand.
   *
   * @internal
   */
  public get _given(): object {
    return this.model.given;
  }

  /** @internal */
  public _bind(scope: Construct): ModelBinding {
    return this.model.bind(scope);
  }
}

class KeyedModel implements Model {
  public constructor(private readonly provider: string, private readonly options: FlueModelProviderOptions) {}

  public get given(): object {
    return { provider: this.provider, ...this.options };
  }

  public bind(scope: Construct): ModelBinding {
    requireWritten(scope, this.provider, SERVER_LIMITS.provider);
    requireWritten(scope, this.options.envName, SERVER_LIMITS.envName);
    requireWritten(scope, this.options.model, SERVER_LIMITS.model);
    const envName = this.options.envName ?? (Object.hasOwn(PROVIDER_KEY_NAMES, this.provider) ? PROVIDER_KEY_NAMES[this.provider] : undefined);
    if (!envName) {
      refuse(scope, `\`envName\` must be given for a provider that the model catalogue does not hold, got: ${this.provider}`,
        `Name the variable its client reads, or use one of ${Object.keys(PROVIDER_KEY_NAMES).join(', ')}`);
    }
    return {
      environment: this.options.model !== undefined ? { MODEL_SPECIFIER: `${this.provider}/${this.options.model}` } : {},
      secrets: { [envName]: this.options.secret },
      grant: () => undefined,
    };
  }
}
