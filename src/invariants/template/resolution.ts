import {
  CfnElement, DefaultTokenResolver, Reference, Stack, Tokenization,
  type CfnResource, type IFragmentConcatenator, type IPostProcessor, type IResolvable, type IResolveContext,
} from 'aws-cdk-lib';
import type { Json } from './intrinsics';

/** Joins the parts of a string as CloudFormation does. */
const CONCATENATOR: IFragmentConcatenator = {
  join(left: unknown, right: unknown): unknown {
    if (left === undefined || right === undefined) {
      return left ?? right;
    }
    const parts = [left, right].flatMap(part => joinedParts(part) ?? [part]);
    return parts.every(part => typeof part === 'string') ? parts.join('') : { 'Fn::Join': ['', parts] };
  },
};

function joinedParts(part: unknown): unknown[] | undefined {
  const join = (part as { 'Fn::Join'?: unknown } | null)?.['Fn::Join'];
  return Array.isArray(join) && join[0] === '' && Array.isArray(join[1]) ? join[1] : undefined;
}

/** An element of any stack and the attribute of it that is referred to. */
export interface RememberedTarget {
  readonly element: CfnElement;
  readonly attribute: string;
}

/** What each rendered reference of a stack points to, in whichever stack that is. */
const TARGETS = new WeakMap<Stack, Map<string, RememberedTarget>>();

/**
 * Resolves tokens as synthesis does and keeps note of what each reference points to.
 *
 * Exports, nested-stack parameters and cross-region parameters need no search then, and a reference to
 * another stack is known as one before synthesis has prepared it.
 */
class TargetKeepingResolver extends DefaultTokenResolver {
  public constructor(private readonly stack: Stack) {
    super(CONCATENATOR);
  }

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    const value = super.resolveToken(token, context, postProcessor);
    if (!Reference.isReference(token) || !CfnElement.isCfnElement(token.target)) {
      return value;
    }
    const foreign = Stack.of(token.target) !== this.stack && typeof value === 'object';
    const rendered = foreign ? { 'Fn::ImportValue': `${token.target.node.path}.${token.displayName}` } : value;
    remember(this.stack, rendered, { element: token.target, attribute: token.displayName });
    return rendered;
  }
}

function remember(stack: Stack, rendered: unknown, target: RememberedTarget): void {
  let targets = TARGETS.get(stack);
  if (!targets) {
    TARGETS.set(stack, targets = new Map());
  }
  targets.set(JSON.stringify(rendered), target);
}

/** What a rendered reference of this stack points to, where a token said so. */
export function rememberedTarget(stack: Stack, rendered: Json): RememberedTarget | undefined {
  return TARGETS.get(stack)?.get(JSON.stringify(rendered));
}

/** A resource's final JSON: type, properties, metadata and policies, overrides included. */
export function resolveResource(resource: CfnResource): Record<string, Json> {
  const stack = Stack.of(resource);
  const template = Tokenization.resolve((resource as unknown as { _toCloudFormation(): object })._toCloudFormation(), {
    scope: resource,
    resolver: new TargetKeepingResolver(stack),
    preparing: false,
  });
  const resources = Object.values((template as { Resources?: object }).Resources ?? {});
  return (resources[0] ?? {}) as Record<string, Json>;
}

/** Resolves any value of a stack. */
export function resolveIn(stack: Stack, value: unknown): Json {
  return Tokenization.resolve(value, { scope: stack, resolver: new TargetKeepingResolver(stack), preparing: false });
}
