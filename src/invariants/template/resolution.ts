import {
  CfnElement, DefaultTokenResolver, Reference, Stack, Tokenization,
  type CfnResource, type IFragmentConcatenator, type IPostProcessor, type IResolvable, type IResolveContext, type TokenizedStringFragments,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Json } from './intrinsics';
import { memoize } from './memoize';

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
    // what the default does, without the checks for callers in other languages that take a third of its time
    const value: unknown = postProcessor.postProcess(context.resolve(token.resolve(context)), context);
    if (!Reference.isReference(token) || !CfnElement.isCfnElement(token.target)) {
      return value;
    }
    const foreign = Stack.of(token.target) !== this.stack && typeof value === 'object';
    const rendered = foreign ? { 'Fn::ImportValue': `${token.target.node.path}.${token.displayName}` } : value;
    remember(this.stack, rendered, { element: token.target, attribute: token.displayName });
    return rendered;
  }

  public resolveString(fragments: TokenizedStringFragments, context: IResolveContext): unknown {
    return fragments.mapTokens({ mapToken: token => context.resolve(token) }).join(CONCATENATOR);
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
  const template = (resource as unknown as { _toCloudFormation(): { readonly Resources?: object } })._toCloudFormation();
  // its logical id, the key, takes longer to resolve than the resource
  const [definition] = Object.values(template.Resources ?? {});
  return (resolveIn(resource, definition) ?? {}) as Record<string, Json>;
}

/** Resolves any value as it would stand in the template of a scope. */
export function resolveIn(scope: IConstruct, value: unknown): Json {
  return Tokenization.resolve(value, { scope, resolver: resolverOf(Stack.of(scope)), preparing: false });
}

const resolverOf = memoize((stack: Stack) => new TargetKeepingResolver(stack));
