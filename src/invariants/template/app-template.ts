import { CfnElement, CfnOutput, CfnParameter, CfnResource, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { AppResources, ImageBuild } from './app-resources';
import { DATABASE_MARK, factsOf, isMarked, SANDBOX_MARK } from './flue-marker';
import { buildOfAsset } from './image-assets';
import type { Json, Reference } from './intrinsics';
import { memoize } from './memoize';
import { rememberedTarget, resolveIn, resolveResource } from './resolution';
import {
  TemplateResource, TemplateValue, UNKNOWN, type ResourceSource, type Scopes, type Target,
  type TemplateParameter, type Unknown, type ValueContext,
} from './value';

/** A resource that a construct will become. */
class ConstructSource implements ResourceSource {
  public constructor(private readonly construct: CfnResource, public readonly scopes: Scopes, public readonly context: ValueContext) {}

  public get type(): string {
    return this.construct.cfnResourceType;
  }

  public get path(): string {
    return this.construct.node.path;
  }

  /** A resource that cannot be rendered fails the synthesis with a better message than any rule has. */
  public sections(): Record<string, Json> | Unknown {
    try {
      return resolveResource(this.construct);
    } catch {
      return UNKNOWN;
    }
  }
}

/** All resources of an app as they will stand in its templates. Each is resolved when a rule first asks for it. */
export class AppTemplate implements AppResources {
  /** Docker image assets of the app, whose build a template does not show. */
  private readonly imageAssets: IConstruct[] = [];
  private readonly byConstruct = new Map<IConstruct, TemplateResource>();
  private readonly byType = new Map<string, TemplateResource[]>();
  private readonly byLogicalId = new Map<Stack, Map<string, CfnElement>>();
  private readonly outputs: CfnOutput[] = [];
  private exports?: Map<string, CfnOutput>;
  private readonly contextOf = memoize((stack: Stack): ValueContext => ({
    place: stack.node.path,
    environment: [stack.account, stack.region].some(part => Token.isUnresolved(part)) ? undefined : `${stack.account}/${stack.region}`,
    follow: reference => this.follow(reference, stack),
    parameter: reference => this.parameter(reference, stack),
  }));

  /**
   * @param root the construct tree to read
   * @param services scopes that the user names as Flue servers
   */
  public constructor(root: IConstruct, services: readonly IConstruct[] = []) {
    this.index(root, {}, new Set(services));
  }

  /** Every resource of these types. */
  public ofType(...types: string[]): TemplateResource[] {
    return types.flatMap(type => this.byType.get(type) ?? []);
  }

  public all(): Iterable<TemplateResource> {
    return this.byConstruct.values();
  }

  public imageBuildOf(uri: string): ImageBuild | undefined {
    return buildOfAsset(this.imageAssets, uri);
  }

  public of(construct: CfnResource): TemplateResource | undefined {
    return this.byConstruct.get(construct);
  }

  /** The resources a reference that stands in this stack points to; none where only the deployment knows. */
  private follow(reference: Reference, stack: Stack): Target[] {
    const known = rememberedTarget(stack, reference.json);
    if (known) {
      return this.targetsOf(known.element, known.attribute);
    }
    if (reference.kind === 'import') {
      const output = typeof reference.name === 'string' ? this.exported(reference.name) : undefined;
      return output ? this.valueOf(output).targets() : [];
    }
    const element = reference.kind === 'resource' ? this.element(stack, reference.logicalId) : undefined;
    return element && reference.kind === 'resource' ? this.targetsOf(element, reference.attribute) : [];
  }

  /** The parameter of a template that a reference means. */
  private parameter(reference: Reference, stack: Stack): TemplateParameter | undefined {
    const element = reference.kind === 'resource' ? rememberedTarget(stack, reference.json)?.element ?? this.element(stack, reference.logicalId) : undefined;
    return element instanceof CfnParameter ? { name: element.node.id, hidden: element.noEcho, default: element.default } : undefined;
  }

  private index(construct: IConstruct, above: Scopes, services: ReadonlySet<IConstruct>): void {
    let scopes = above;
    if (services.has(construct) || isMarked(construct)) {
      scopes = { ...scopes, server: { path: construct.node.path, ...factsOf(construct) } };
    }
    if (isMarked(construct, DATABASE_MARK)) {
      scopes = { ...scopes, database: true };
    }
    if (isMarked(construct, SANDBOX_MARK)) {
      scopes = { ...scopes, sandbox: true };
    }
    if (CfnResource.isCfnResource(construct)) {
      const resource = new TemplateResource(new ConstructSource(construct, scopes, this.contextOf(Stack.of(construct))));
      this.byConstruct.set(construct, resource);
      const ofType = this.byType.get(resource.type);
      ofType ? ofType.push(resource) : this.byType.set(resource.type, [resource]);
    } else if (construct instanceof CfnOutput) {
      this.outputs.push(construct);
    } else if ('dockerBuildArgs' in construct) {
      this.imageAssets.push(construct);
    }
    for (const child of construct.node.children) {
      this.index(child, scopes, services);
    }
  }

  /** An element, or what stands behind one that only passes a value on: a parameter or an output of a nested stack. */
  private targetsOf(element: CfnElement, attribute: string): Target[] {
    if (element instanceof CfnParameter) {
      return this.nestedStackArgument(element)?.targets() ?? [];
    }
    const output = /^Outputs\.(.+)$/.exec(attribute)?.[1];
    if (output && CfnResource.isCfnResource(element)) {
      return this.nestedStackOutput(element, output)?.targets() ?? [];
    }
    const resource = this.byConstruct.get(element);
    return resource ? [{ resource, attribute }] : [];
  }

  private element(stack: Stack, logicalId: string): CfnElement | undefined {
    let elements = this.byLogicalId.get(stack);
    if (!elements) {
      this.byLogicalId.set(stack, elements = new Map());
      for (const construct of stack.node.findAll()) {
        if (CfnElement.isCfnElement(construct) && Stack.of(construct) === stack) {
          elements.set(String(stack.resolve(construct.logicalId)), construct);
        }
      }
    }
    return elements.get(logicalId);
  }

  private exported(name: string): CfnOutput | undefined {
    this.exports ??= new Map(this.outputs
      .filter(output => output.exportName !== undefined)
      .map(output => [String(Stack.of(output).resolve(output.exportName)), output]));
    return this.exports.get(name);
  }

  private valueOf(output: CfnOutput): TemplateValue {
    const stack = Stack.of(output);
    return new TemplateValue(resolveIn(stack, output.value as Json), this.contextOf(stack));
  }

  private nestedStackArgument(parameter: CfnParameter): TemplateValue | undefined {
    const stack = Stack.of(parameter);
    const nested = stack.nestedStackResource && this.byConstruct.get(stack.nestedStackResource);
    return nested?.at('Parameters', String(stack.resolve(parameter.logicalId)));
  }

  private nestedStackOutput(nestedStack: CfnResource, name: string): TemplateValue | undefined {
    const output = this.outputs.find(candidate => {
      const stack = Stack.of(candidate);
      return stack.nestedStackResource === nestedStack && stack.resolve(candidate.logicalId) === name;
    });
    return output && this.valueOf(output);
  }
}
