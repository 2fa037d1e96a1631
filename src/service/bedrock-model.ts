import { ArnFormat, CfnResource, Reference, Stack } from 'aws-cdk-lib';
import { CfnApplicationInferenceProfile } from 'aws-cdk-lib/aws-bedrock';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Model, ModelBinding } from './model';
import { refuse } from '../invariants/invariant';
import { requireListed, requireWritten } from '../invariants/limits/guard';
import { SERVER_LIMITS } from '../invariants/limits/server';
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
}

/** A model that the role of the server may invoke, without a key. */
export class BedrockModel implements Model {
  public constructor(private readonly modelId: string, private readonly options: FlueBedrockModelOptions) {}

  public get given(): object {
    return { modelId: this.modelId, ...this.options };
  }

  public bind(scope: IConstruct): ModelBinding {
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
    return {
      environment: { MODEL_SPECIFIER: `amazon-bedrock/${this.modelId}`, AWS_REGION: stack.region },
      secrets: {},
      grant: grantee => {
        const resourceArns = [...new Set([this.modelId, ...models].flatMap(model => arnsOf(stack, model)))];
        Grant.addToPrincipal({ grantee, actions: BEDROCK_INVOKE, resourceArns });
      },
    };
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
