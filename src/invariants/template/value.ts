import { identify } from './identity';
import { alternatives, fold, isIntrinsic, renderText, walkReferences, type Json, type Lookup, type Reference } from './intrinsics';

/** What stands for a value that only the deployment knows. */
export const UNKNOWN: unique symbol = Symbol('known only at deployment');
export type Unknown = typeof UNKNOWN;
/** A value read from a template: there, absent (`undefined`), or known only at deployment. */
export type Maybe<T> = T | Unknown | undefined;

/** A resource that a reference points to, and which of its attributes. */
export interface Target {
  readonly resource: TemplateResource;
  readonly attribute: string;
}

/** A parameter of a template. */
export interface TemplateParameter {
  readonly name: string;
  /** Whether CloudFormation masks its value in its own answers (`NoEcho`). */
  readonly hidden: boolean;
  readonly default: unknown;
}

/** Where a value stands, and so what its references mean. */
export interface ValueContext {
  /** Path of the stack, in which parameters and conditions mean something. */
  readonly place?: string;
  /** Account and region, in which names mean something; absent where only the deployment knows them. */
  readonly environment?: string;
  /** The text behind what is written elsewhere, where the reader can tell. */
  readonly lookup?: Lookup;
  /** The parameter of the template that a reference means. */
  parameter?(reference: Reference): TemplateParameter | undefined;
  /** The resources that a reference points to; none where only the deployment knows. */
  follow(reference: Reference): Target[];
}

/** The resources of an app, wherever they are read from. */
export interface Resources {
  /** Every resource of these types. */
  ofType(...types: string[]): TemplateResource[];
}

/** A value of a resolved template, read without ever failing on what it may hold. */
export class TemplateValue {
  private readonly json: Json;

  public constructor(json: Json, private readonly context: ValueContext) {
    this.json = fold(json, context.lookup);
  }

  public get absent(): boolean {
    return this.json === undefined || this.json === null;
  }

  /** Whether an intrinsic function stands here that only the deployment evaluates. */
  public get unknown(): boolean {
    return this.json === UNKNOWN_JSON || isIntrinsic(this.json);
  }

  /** The value under these keys; unknown below an unknown one, absent below an absent or malformed one. */
  public at(...keys: string[]): TemplateValue {
    let value: TemplateValue = this;
    for (const key of keys) {
      value = value.child(key);
    }
    return value;
  }

  public string(): Maybe<string> {
    if (this.absent) {
      return undefined;
    }
    if (typeof this.json === 'object') {
      return UNKNOWN;
    }
    const text = String(this.json);
    return text.includes('{{resolve:') ? UNKNOWN : text;
  }

  public number(): Maybe<number> {
    const text = this.string();
    if (typeof text !== 'string') {
      return text;
    }
    const number = Number(text);
    return text.trim() === '' || Number.isNaN(number) ? UNKNOWN : number;
  }

  public boolean(): Maybe<boolean> {
    const text = this.string();
    if (typeof text !== 'string') {
      return text;
    }
    return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : UNKNOWN;
  }

  /** The elements of a list: none for an absent one. */
  public list(): TemplateValue[] | Unknown {
    if (this.absent) {
      return [];
    }
    return Array.isArray(this.json) ? this.json.map(item => this.sibling(item)) : UNKNOWN;
  }

  /** The entries of a map: none for an absent one. */
  public entries(): Array<[string, TemplateValue]> | Unknown {
    if (this.absent) {
      return [];
    }
    if (this.unknown || typeof this.json !== 'object' || Array.isArray(this.json)) {
      return UNKNOWN;
    }
    return Object.entries(this.json as object).map(([key, value]) => [key, this.sibling(value)]);
  }

  /** What stands here in either case of a condition; none where no condition decides. */
  public branches(): TemplateValue[] {
    const argument = isIntrinsic(this.json) ? this.json['Fn::If'] : undefined;
    return Array.isArray(argument) && argument.length === 3 ? argument.slice(1).map(branch => this.sibling(branch)) : [];
  }

  /** The parameters of a template that are referred to here, at any depth. */
  public parameters(): TemplateParameter[] {
    return [...walkReferences(this.json)].flatMap(reference => this.context.parameter?.(reference) ?? []);
  }

  /** All text that stands here, in whichever case of a condition, with `${…}` for what the deployment fills in: to look for what must not stand there. */
  public text(): string {
    return renderText(this.json);
  }

  /** Every text that this can become, with `${…}` for what the deployment fills in: to ask for what must stand there. */
  public texts(): string[] {
    return alternatives(this.json);
  }

  /** Every resource that is referred to here, at any depth. */
  public targets(): Target[] {
    return [...walkReferences(this.json)].flatMap(reference => this.context.follow(reference));
  }

  /**
   * A text that two values have in common only where they are equal, wherever in the app they stand; undefined where nothing tells.
   *
   * It has `${path.Attribute}` for each reference to a resource.
   */
  public identity(): string | undefined {
    const { context } = this;
    return identify(this.json, reference => {
      const targets = context.parameter?.(reference) ? [] : context.follow(reference);
      if (targets.length === 1) {
        const [{ resource, attribute }] = targets;
        return `\${${resource.path}.${attribute === 'Id' ? 'Ref' : attribute}}`;
      }
      const { Ref: ref } = reference.json as { readonly Ref?: Json };
      const [account, region] = context.environment?.split('/') ?? [];
      const pseudo = ref === 'AWS::AccountId' ? account : ref === 'AWS::Region' ? region : undefined;
      if (pseudo !== undefined) {
        return pseudo;
      }
      const scope = ref === 'AWS::Partition' ? 'everywhere' : typeof ref === 'string' && ref.startsWith('AWS::') ? this.where : context.place;
      return scope && `\${${scope} ${JSON.stringify(reference.json)}}`;
    }, context.place);
  }

  /** Where a name that stands here means something: an account and a region, or no more than the stack. */
  public get where(): string | undefined {
    return this.context.environment ?? this.context.place;
  }

  /** The first resource of one of these types that is referred to here. */
  public target(...types: string[]): Target | undefined {
    return this.targets().find(({ resource }) => types.includes(resource.type));
  }

  private child(key: string): TemplateValue {
    if (this.unknown) {
      return this.sibling(UNKNOWN_JSON);
    }
    const readable = typeof this.json === 'object' && this.json !== null && !Array.isArray(this.json);
    return this.sibling(readable ? (this.json as Record<string, Json>)[key] : undefined);
  }

  private sibling(json: Json): TemplateValue {
    return new TemplateValue(json, this.context);
  }
}

/** Stands for every value below an intrinsic function. */
export const UNKNOWN_JSON: Json = { 'Fn::Unknown': [] };

/** Why the rules look at a resource: the marked or named scope above it. */
export interface Scopes {
  /** The nearest scope that is a Flue server. */
  readonly server?: ServerScope;
  /** Whether a scope above is the database of a Flue server. */
  readonly database?: boolean;
  /** Whether a scope above is a sandbox, or fences one. */
  readonly sandbox?: boolean;
}

/** A scope that somebody declared to be a Flue server. */
export interface ServerScope {
  readonly path: string;
  readonly startupBudgetSeconds?: number;
  readonly longestRunSeconds?: number;
}

/** Where a resource is read from: a construct, or a template that was written. */
export interface ResourceSource {
  readonly type: string;
  /** Path of its construct. */
  readonly path: string;
  readonly scopes: Scopes;
  readonly context: ValueContext;
  /** Its parts by name, such as `Properties`; unknown where it cannot be rendered. */
  sections(): Readonly<Record<string, Json>> | Unknown;
}

/** A resource as it will stand in the template, whoever wrote it: escape hatches, L1, generic or included. */
export class TemplateResource {
  private known?: Readonly<Record<string, Json>> | Unknown;

  public constructor(private readonly source: ResourceSource) {}

  public get type(): string {
    return this.source.type;
  }

  public get path(): string {
    return this.source.path;
  }

  public get scopes(): Scopes {
    return this.source.scopes;
  }

  /** A property, by the names it has in a template. */
  public at(...keys: string[]): TemplateValue {
    return this.section('Properties').at(...keys);
  }

  /** A part beside the properties, such as `Metadata` or `DeletionPolicy`. */
  public section(name: string): TemplateValue {
    this.known ??= this.source.sections();
    return new TemplateValue(this.known === UNKNOWN ? UNKNOWN_JSON : this.known[name], this.source.context);
  }
}

/** A value where the template tells it, undefined otherwise. */
export function known<T>(value: Maybe<T>): T | undefined {
  return value === UNKNOWN ? undefined : value;
}

/** A number, or what holds when it is absent. */
export function orDefault<T>(value: Maybe<T>, fallback: T): T | Unknown {
  return value === undefined ? fallback : value;
}
