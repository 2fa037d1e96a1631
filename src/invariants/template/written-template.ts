import type { Json, Reference } from './intrinsics';
import { TemplateResource, TemplateValue, type Resources, type Scopes, type Target, type TemplateParameter, type ValueContext } from './value';

type Fields = { readonly [name: string]: Json };

/** A template as synthesis wrote it, and what stands beside it in the assembly. */
export interface WrittenTemplateProps {
  readonly json: Fields;
  /** The file that it stands in. */
  readonly file: string;
  /** Construct path of its stack, without the slash in front. */
  readonly path: string;
  readonly stackName: string;
  /** Account and region, where they are known. */
  readonly environment?: string;
  /** Construct paths by logical id, where the metadata of the assembly tells them. */
  readonly paths: { readonly [logicalId: string]: string };
  /** The template that nests this one, and the parameters that it gives. */
  readonly parent?: { readonly template: WrittenTemplate; readonly parameters: Fields };
}

/** What a reader of a whole assembly knows, which no template says. */
export interface Surroundings {
  /** Every template of the assembly. */
  readonly templates: readonly WrittenTemplate[];
  /** The values of pseudo parameters, for a reader who takes parameters and outputs for what stands in the templates; absent where only the deployment knows. */
  readonly pseudoParameters?: { readonly [name: string]: string };
  /** Why the resource at a construct path, with its logical id, is looked at. */
  scopesOf(path: string, logicalId: string): Scopes;
}

/** A synthesized template on disk, with references followed through the whole assembly. */
export class WrittenTemplate implements Resources {
  public readonly context: ValueContext;

  private readonly resources = new Map<string, TemplateResource>();

  public constructor(private readonly props: WrittenTemplateProps, private readonly surroundings: Surroundings) {
    const { pseudoParameters } = surroundings;
    this.context = {
      place: props.path,
      environment: props.environment,
      follow: reference => this.follow(reference),
      parameter: reference => this.declared(reference),
      lookup: pseudoParameters && (intrinsic => {
        const { Ref: ref } = intrinsic;
        const pseudo = typeof ref === 'string' ? pseudoParameters[ref] : undefined;
        const text = pseudo ?? this.behind(intrinsic)?.string();
        return typeof text === 'string' ? text : undefined;
      }),
    };
    for (const [logicalId, definition] of Object.entries(fields(props.json.Resources))) {
      const { Type: type } = fields(definition);
      if (typeof type === 'string') {
        const path = this.pathOf(logicalId);
        this.resources.set(logicalId, new TemplateResource({
          type, path, context: this.context, scopes: surroundings.scopesOf(path, logicalId), sections: () => fields(definition),
        }));
      }
    }
  }

  public get path(): string {
    return this.props.path;
  }

  /** The template as it was written. */
  public get json(): Fields {
    return this.props.json;
  }

  public get file(): string {
    return this.props.file;
  }

  /** Every resource, by its logical id. */
  public get all(): ReadonlyMap<string, TemplateResource> {
    return this.resources;
  }

  public ofType(...types: string[]): TemplateResource[] {
    return [...this.resources.values()].filter(({ type }) => types.includes(type));
  }

  /** Where the construct of a resource stands in the tree. */
  public pathOf(logicalId: string): string {
    const stated = fields(fields(fields(this.props.json.Resources)[logicalId]).Metadata)['aws:cdk:path'];
    return this.props.paths[logicalId] ?? (typeof stated === 'string' ? stated : `${this.path}/${logicalId}`);
  }

  /** A value that stands in this template. */
  public value(json: Json): TemplateValue {
    return new TemplateValue(json, this.context);
  }

  private follow(reference: Reference): Target[] {
    const behind = this.behind(fields(reference.json));
    if (behind) {
      return behind.targets();
    }
    const resource = reference.kind === 'resource' ? this.resources.get(reference.logicalId) : undefined;
    return resource && reference.kind === 'resource' ? [{ resource, attribute: reference.attribute }] : [];
  }

  /** One step along a parameter, an export or an output of another template. */
  private behind({ 'Ref': ref, 'Fn::ImportValue': imported, 'Fn::GetStackOutput': stackOutput, 'Fn::GetAtt': getAtt }: Fields): TemplateValue | undefined {
    const { templates } = this.surroundings;
    if (typeof ref === 'string') {
      return this.parameter(ref);
    }
    if (imported !== undefined) {
      const name = this.value(imported).string();
      return typeof name === 'string' ? first(templates, template => template.exported(name)) : undefined;
    }
    if (stackOutput !== undefined) {
      const named = this.value(stackOutput);
      const [stackName, name] = [named.at('StackName').string(), named.at('OutputName').string()];
      return typeof name === 'string' ? first(templates.filter(({ props }) => props.stackName === stackName), template => template.output(name)) : undefined;
    }
    const [logicalId, attribute] = Array.isArray(getAtt) ? getAtt.map(String) : String(getAtt ?? '').split(/\.(.*)/);
    const output = /^Outputs\.(.+)$/.exec(attribute ?? '')?.[1];
    const isNested = ({ props: { parent, path } }: WrittenTemplate): boolean => parent?.template === this && path === this.pathOf(logicalId);
    return output === undefined ? undefined : first(templates.filter(isNested), template => template.output(output));
  }

  /** What the template declares of a parameter that is referred to. */
  private declared(reference: Reference): TemplateParameter | undefined {
    const name = reference.kind === 'resource' ? reference.logicalId : '';
    const parameters = fields(this.props.json.Parameters);
    if (!Object.hasOwn(parameters, name)) {
      return undefined;
    }
    const { NoEcho: noEcho, Default: standard } = fields(parameters[name]);
    return { name, hidden: String(noEcho) === 'true', default: standard };
  }

  private parameter(name: string): TemplateValue | undefined {
    const { parent, json } = this.props;
    if (parent && name in parent.parameters) {
      return parent.template.value(parent.parameters[name]);
    }
    const { Default: standard } = fields(fields(json.Parameters)[name]);
    return standard === undefined ? undefined : this.value(standard);
  }

  private output(name: string): TemplateValue | undefined {
    const { Value: value } = fields(fields(this.props.json.Outputs)[name]);
    return value === undefined ? undefined : this.value(value);
  }

  private exported(exportName: string): TemplateValue | undefined {
    const found = Object.values(fields(this.props.json.Outputs)).map(fields)
      .find(({ Export: exported }) => exported !== undefined && this.value(fields(exported).Name).string() === exportName);
    return found && this.value(found.Value);
  }
}

function first<T>(templates: readonly WrittenTemplate[], find: (template: WrittenTemplate) => T | undefined): T | undefined {
  for (const template of templates) {
    const found = find(template);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** The fields of an object; none of anything else. */
export function fields(value: Json): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Fields : {};
}
