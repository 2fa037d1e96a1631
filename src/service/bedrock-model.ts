import { ArnFormat, CfnResource, Lazy, Names, Reference, Stack } from 'aws-cdk-lib';
import { CfnApplicationInferenceProfile } from 'aws-cdk-lib/aws-bedrock';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Model, ModelBinding } from './model';
import { refuse } from '../invariants/invariant';
import { requireListed, requireWritten } from '../invariants/limits/guard';
import { MODEL_TAG_VALUE, SERVER_LIMITS } from '../invariants/limits/server';
import { isUnknown, tokensIn } from '../invariants/unknown';

/** Routing prefixes of Amazon Bedrock's cross-region inference profiles. */
const INFERENCE_PROFILE = /^(us|eu|apac|jp|au|ca|us-gov|global)\./;
const INFERENCE_PROFILE_ARN = /:inference-profile\/([^/]+)$/;
/** What calls models whose names its ARN does not tell, each under permissions of its own. */
const ROUTER_ARN = /:(application-inference-profile|prompt-router|default-prompt-router)\//;
const ROUTER_TYPES = ['AWS::Bedrock::ApplicationInferenceProfile', 'AWS::Bedrock::IntelligentPromptRouter'];
const BEDROCK_INVOKE = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];

/**
 * Options of a model on Amazon Bedrock.
 */
export interface FlueBedrockModelOptions {
  /**
   * The models to which `modelId` routes, each as an id or an ARN of a foundation model or of a cross-region inference profile.
   *
   * The ARN of an application inference profile or of a prompt router does not name them, and Bedrock calls each under the role of
   * the server (Amazon Bedrock user guide, prerequisites for inference profiles).
   *
   * The service throws if you leave it out for such an ARN, for an empty list, and for what is neither an id nor an ARN.
   *
   * @default - what `modelId` names itself, or the source of a profile that this app makes
   */
  readonly routesTo?: string[];

  /**
   * Cost allocation tags, by key. The service makes an application inference profile of `modelId` that has them, and calls the model through it:
   * Bedrock bills a call of the model itself without tags. A profile costs nothing.
   *
   * The tags of the CDK reach the profile, too. Activate the keys in the billing console. The service throws for no tag, for an
   * application inference profile or a prompt router in `modelId`, which you tag where you make it, and for a `modelId` that only the deployment knows.
   *
   * @default - none: the server calls the model itself
   */
  readonly tags?: { [key: string]: string };
}

/** A model that the role of the server may invoke, without a key. */
export class BedrockModel implements Model {
  public constructor(private readonly modelId: string, private readonly options: FlueBedrockModelOptions) {}

  public get given(): object {
    return { modelId: this.modelId, ...this.options };
  }

  public bind(scope: Construct): ModelBinding {
    const { routesTo } = this.options;
    requireWritten(scope, this.modelId, SERVER_LIMITS.modelId);
    requireListed(scope, routesTo, SERVER_LIMITS.routesTo);
    routesTo?.forEach(model => requireWritten(scope, model, { ...SERVER_LIMITS.modelId, prop: 'routesTo' }));
    const stack = Stack.of(scope);
    const models = routesTo ?? this.sourceOfProfile() ?? [];
    if (models.length === 0 && this.isRouter()) {
      refuse(scope, '`routesTo` must name the models to which `modelId` routes, got: none for an application inference profile or a prompt router',
        'Its ARN does not tell them, and the role of the server needs each: pass `{ routesTo: [\'anthropic.claude-sonnet-4-6\'] }`');
    }
    const router = models.find(model => ROUTER_ARN.test(model));
    if (router !== undefined) {
      refuse(scope, `\`routesTo\` must name foundation models or cross-region inference profiles, got: ${router}`, 'Name what it routes to');
    }
    this.requireTags(scope);
    let profile: CfnApplicationInferenceProfile | undefined;
    const called = this.options.tags ? Lazy.string({ produce: () => profile?.attrInferenceProfileArn }) : this.modelId;
    return {
      environment: { MODEL_SPECIFIER: `amazon-bedrock/${called}`, AWS_REGION: stack.region },
      secrets: {},
      grant: grantee => {
        // not before every guard of the service has passed
        profile = this.options.tags && this.profileIn(scope, this.options.tags);
        const resourceArns = [...new Set([this.modelId, ...models].flatMap(model => arnsOf(stack, model)))];
        const ownArns = profile ? [profile.attrInferenceProfileArn] : [];
        Grant.addToPrincipal({ grantee, actions: BEDROCK_INVOKE, resourceArns: [...ownArns, ...resourceArns] });
      },
    };
  }

  private requireTags(scope: Construct): void {
    const { tags } = this.options;
    if (!tags) {
      return;
    }
    if (Object.keys(tags).length === 0) {
      refuse(scope, '`tags` must have a tag, got: none', 'Leave it out, and the server calls the model itself');
    }
    Object.keys(tags).forEach(key => requireWritten(scope, key, SERVER_LIMITS.tags));
    Object.values(tags).forEach(value => requireWritten(scope, value, MODEL_TAG_VALUE));
    if (this.isRouter()) {
      refuse(scope, '`tags` must be left out for an application inference profile or a prompt router, got: tags', 'Tag it where you make it');
    }
    if (isUnknown(this.modelId) && !this.modelId.startsWith('arn:')) {
      refuse(scope, '`modelId` must be known at synthesis with `tags`, got: a token', 'Write it out: the ARN of what the profile is copied from is made of it');
    }
  }

  private profileIn(scope: Construct, tags: { readonly [key: string]: string }): CfnApplicationInferenceProfile {
    return new CfnApplicationInferenceProfile(scope, 'ModelProfile', {
      inferenceProfileName: Names.uniqueResourceName(scope, { maxLength: 64, separator: '-' }),
      modelSource: { copyFrom: arnsOf(Stack.of(scope), this.modelId)[0]! },
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
  }

  private isRouter(): boolean {
    return ROUTER_ARN.test(this.modelId) || this.resources.some(({ cfnResourceType }) => ROUTER_TYPES.includes(cfnResourceType));
  }

  /** What a profile that this app makes is copied from. */
  private sourceOfProfile(): string[] | undefined {
    const profiles = this.resources.filter(resource => resource instanceof CfnApplicationInferenceProfile);
    const sources = profiles.flatMap(({ modelSource }) => (modelSource && 'copyFrom' in modelSource ? [modelSource.copyFrom] : []));
    return sources.length > 0 && sources.every(source => /:(foundation-model|inference-profile)\//.test(source)) ? sources : undefined;
  }

  /** The resources of this app that the model is named after. */
  private get resources(): CfnResource[] {
    return tokensIn(this.modelId).flatMap(token => (Reference.isReference(token) && CfnResource.isCfnResource(token.target) ? [token.target] : []));
  }
}

/** An inference profile routes to the same foundation model in several regions, and the caller needs both. */
function arnsOf(stack: Stack, model: string): string[] {
  const foundationModel = (region: string | undefined, resourceName: string) => stack.formatArn({
    service: 'bedrock', region, account: '', resource: 'foundation-model', resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  const profile = INFERENCE_PROFILE_ARN.exec(model)?.[1];
  if (profile !== undefined && !isUnknown(profile)) {
    return [model, foundationModel('*', profile.replace(INFERENCE_PROFILE, ''))];
  }
  if (isUnknown(model) || model.startsWith('arn:')) {
    return [model];
  }
  if (!INFERENCE_PROFILE.test(model)) {
    return [foundationModel(undefined, model)];
  }
  return [
    stack.formatArn({ service: 'bedrock', resource: 'inference-profile', resourceName: model }),
    foundationModel('*', model.replace(INFERENCE_PROFILE, '')),
  ];
}
