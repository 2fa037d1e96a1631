import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { refuse } from '../invariants/invariant';
import { requireWritten } from '../invariants/limits/guard';
import { SERVER_LIMITS } from '../invariants/limits/server';
import { PROVIDER_KEY_NAMES } from '../invariants/secret-shapes';
import { requireArguments } from '../invariants/types/require-types';
import { isUnknown } from '../invariants/unknown';

/** Routing prefixes of Amazon Bedrock's cross-region inference profiles. */
const INFERENCE_PROFILE = /^(us|eu|apac|jp|au|ca|us-gov|global)\./;
const INFERENCE_PROFILE_ARN = /:inference-profile\//;
const BEDROCK_INVOKE = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];

/**
 * What a model asks of the server's environment.
 *
 * @internal
 */
export interface ModelBinding {
  readonly environment: { readonly [name: string]: string };
  readonly secrets: { readonly [name: string]: Secret };
  grant(grantee: IGrantable): void;
}

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
   * `eu.anthropic.claude-sonnet-4-6`, or an ARN of either
   */
  public static bedrock(modelId: string): FlueModel {
    requireArguments('FlueModel.bedrock', { modelId });
    return new FlueModel(new BedrockModel(modelId));
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

  /** @internal */
  public _bind(scope: IConstruct): ModelBinding {
    return this.model.bind(scope);
  }
}

interface Model {
  bind(scope: IConstruct): ModelBinding;
}

class KeyedModel implements Model {
  public constructor(private readonly provider: string, private readonly options: FlueModelProviderOptions) {}

  public bind(scope: IConstruct): ModelBinding {
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

class BedrockModel implements Model {
  public constructor(private readonly modelId: string) {}

  public bind(scope: IConstruct): ModelBinding {
    requireWritten(scope, this.modelId, SERVER_LIMITS.modelId);
    const stack = Stack.of(scope);
    return {
      environment: { MODEL_SPECIFIER: `amazon-bedrock/${this.modelId}`, AWS_REGION: stack.region },
      secrets: {},
      grant: grantee => {
        Grant.addToPrincipal({ grantee, actions: BEDROCK_INVOKE, resourceArns: this.resourceArns(stack) });
      },
    };
  }

  /** An inference profile routes to the same foundation model in several regions, and the caller needs both. */
  private resourceArns(stack: Stack): string[] {
    if (isUnknown(this.modelId)) {
      return [this.modelId];
    }
    const foundationModel = (region: string | undefined, resourceName: string) => stack.formatArn({
      service: 'bedrock', region, account: '', resource: 'foundation-model', resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    if (this.modelId.startsWith('arn:')) {
      const [, profile] = this.modelId.split(INFERENCE_PROFILE_ARN);
      return [this.modelId, ...profile ? [foundationModel('*', profile.replace(INFERENCE_PROFILE, ''))] : []];
    }
    if (!INFERENCE_PROFILE.test(this.modelId)) {
      return [foundationModel(undefined, this.modelId)];
    }
    return [
      stack.formatArn({ service: 'bedrock', resource: 'inference-profile', resourceName: this.modelId }),
      foundationModel('*', this.modelId.replace(INFERENCE_PROFILE, '')),
    ];
  }
}
