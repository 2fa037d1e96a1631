import { Stack, type CfnResource } from 'aws-cdk-lib';
import type { AppTemplate } from './app-template';
import type { Json } from './intrinsics';
import { resolveResource } from './resolution';
import { TemplateValue, UNKNOWN, UNKNOWN_JSON, type Unknown } from './value';

/** Why the rules look at a resource: the marked or named scope above it. */
export interface Scopes {
  /** The nearest scope that is a Flue server. */
  readonly server?: ServerScope;
  /** Whether a scope above is the database of a Flue server. */
  readonly database?: boolean;
}

/** A scope that somebody declared to be a Flue server. */
export interface ServerScope {
  readonly path: string;
  readonly startupBudgetSeconds?: number;
  readonly longestRunSeconds?: number;
}

/** A resource as it will stand in the template, whoever wrote it: escape hatches, L1, generic or included. */
export class TemplateResource {
  private resolved?: Record<string, Json> | Unknown;

  public constructor(
    public readonly construct: CfnResource,
    public readonly scopes: Scopes,
    private readonly app: AppTemplate,
  ) {}

  public get type(): string {
    return this.construct.cfnResourceType;
  }

  public get path(): string {
    return this.construct.node.path;
  }

  public get stack(): Stack {
    return Stack.of(this.construct);
  }

  /** A property, by the names it has in a template. */
  public at(...keys: string[]): TemplateValue {
    return this.section('Properties').at(...keys);
  }

  /** A part beside the properties, such as `Metadata` or `DeletionPolicy`. */
  public section(name: string): TemplateValue {
    this.resolved ??= this.resolve();
    return new TemplateValue(this.resolved === UNKNOWN ? UNKNOWN_JSON : this.resolved[name], { app: this.app, stack: this.stack });
  }

  /** A resource that cannot be rendered fails the synthesis with a better message than any rule has. */
  private resolve(): Record<string, Json> | Unknown {
    try {
      return resolveResource(this.construct);
    } catch {
      return UNKNOWN;
    }
  }
}
