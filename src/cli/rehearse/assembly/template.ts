/** A value of a template on disk. */
export type Json = unknown;
type Fields = { readonly [name: string]: Json };

/** A resource and the template that it stands in. */
export interface Resource {
  readonly template: Template;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Fields;
}

/** What a nested stack is given by the one that holds it. */
interface Parent {
  readonly template: Template;
  readonly parameters: Fields;
}

/** An output by the name of its export, or by its own. */
interface OutputName {
  readonly exportName?: string;
  readonly name?: string;
}

/** Stands for what only a deployment knows; the answers of a machine without AWS. */
const PSEUDO_PARAMETERS: { readonly [name: string]: string } = {
  'AWS::AccountId': '000000000000',
  'AWS::Partition': 'aws',
  'AWS::Region': process.env.AWS_REGION ?? 'us-east-1',
  'AWS::StackName': 'rehearsal',
  'AWS::StackId': 'rehearsal',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** A synthesized template, with references followed through the whole assembly. */
export class Template {
  public constructor(
    private readonly json: Fields,
    /** Construct path of its stack, without the slash in front. */
    public readonly path: string,
    /** Name of its stack. */
    public readonly stackName: string,
    /** Every template of the assembly. */
    private readonly all: readonly Template[],
    private readonly paths: { readonly [logicalId: string]: string },
    private readonly parent?: Parent,
  ) {}

  public get resources(): Resource[] {
    return Object.keys(fields(this.json.Resources)).flatMap(logicalId => this.resource(logicalId) ?? []);
  }

  public resource(logicalId: string): Resource | undefined {
    const definition = fields(fields(this.json.Resources)[logicalId]);
    return typeof definition.Type === 'string'
      ? { template: this, logicalId, type: definition.Type, properties: fields(definition.Properties) }
      : undefined;
  }

  /** Where the construct of a resource stands in the tree. */
  public pathOf(logicalId: string): string {
    const stated = fields(fields(fields(this.json.Resources)[logicalId]).Metadata)['aws:cdk:path'];
    return this.paths[logicalId] ?? (typeof stated === 'string' ? stated : `${this.path}/${logicalId}`);
  }

  /** The template of a nested stack, as the resource's metadata names it. */
  public nestedFile(logicalId: string): string | undefined {
    const file = fields(fields(fields(this.json.Resources)[logicalId]).Metadata)['aws:asset:path'];
    return typeof file === 'string' && file.endsWith('.json') ? file : undefined;
  }

  /** The resource that a value refers to, in whichever template. */
  public target(value: Json): Resource | undefined {
    const { Ref: ref, 'Fn::GetAtt': getAtt } = fields(value);
    const logicalId = typeof ref === 'string' ? ref : Array.isArray(getAtt) ? getAtt[0] : typeof getAtt === 'string' ? getAtt.split('.')[0] : undefined;
    const own = typeof logicalId === 'string' ? this.resource(logicalId) : undefined;
    if (own) {
      return own;
    }
    const elsewhere = this.follow(value);
    return elsewhere && elsewhere.template.target(elsewhere.value);
  }

  /** The text of a value; undefined where only a deployment knows it. */
  public text(value: Json): string | undefined {
    if (typeof value === 'string') {
      return value.includes('{{resolve:') ? undefined : value;
    }
    if (typeof value === 'number' || typeof value === 'boolean') {
      return String(value);
    }
    const { Ref: ref, 'Fn::Join': join, 'Fn::Sub': sub } = fields(value);
    if (typeof ref === 'string' && ref in PSEUDO_PARAMETERS) {
      return PSEUDO_PARAMETERS[ref];
    }
    if (Array.isArray(join) && Array.isArray(join[1])) {
      const parts = join[1].map(part => this.text(part));
      return parts.includes(undefined) ? undefined : parts.join(String(join[0]));
    }
    if (typeof sub === 'string' || Array.isArray(sub)) {
      return this.substitute(sub);
    }
    const elsewhere = this.follow(value);
    return elsewhere && elsewhere.template.text(elsewhere.value);
  }

  public number(value: Json): number | undefined {
    const text = this.text(value);
    return text === undefined || text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
  }

  /** The output of this template that is exported under a name, or has it as its own. */
  public output(matches: OutputName): Json {
    return Object.entries(fields(this.json.Outputs)).find(([name, output]) => matches.name === undefined
      ? this.text(fields(fields(output).Export).Name) === matches.exportName
      : name === matches.name)?.[1];
  }

  private substitute(sub: Json): string | undefined {
    const [text, variables] = Array.isArray(sub) ? [String(sub[0]), fields(sub[1])] : [String(sub), {}];
    let known = true;
    const result = text.replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
      const value = this.text(name in variables ? (variables as Fields)[name] : { Ref: name });
      known &&= value !== undefined;
      return value ?? '';
    });
    return known ? result.replace(/\$\{!/g, '${') : undefined;
  }

  /** One step along a parameter, an export or an output of another stack. */
  private follow(value: Json): { template: Template; value: Json } | undefined {
    const { 'Ref': ref, 'Fn::ImportValue': imported, 'Fn::GetStackOutput': stackOutput, 'Fn::GetAtt': getAtt } = fields(value);
    if (typeof ref === 'string') {
      if (this.parent && ref in this.parent.parameters) {
        return { template: this.parent.template, value: this.parent.parameters[ref] };
      }
      const standard = fields(fields(this.json.Parameters)[ref]).Default;
      return typeof standard === 'string' || typeof standard === 'number' ? { template: this, value: standard } : undefined;
    }
    if (imported !== undefined) {
      const exportName = this.text(imported);
      return exportName === undefined ? undefined : this.search(this.all, { exportName });
    }
    if (stackOutput !== undefined) {
      const { StackName, OutputName } = fields(stackOutput);
      const name = this.text(OutputName);
      return this.search(this.all.filter(({ stackName }) => stackName === this.text(StackName)), { name });
    }
    const output = Array.isArray(getAtt) && typeof getAtt[1] === 'string' ? /^Outputs\.(.+)$/.exec(getAtt[1])?.[1] : undefined;
    const isNested = ({ parent, path }: Template) => parent?.template === this && path === this.pathOf((getAtt as string[])[0]);
    return output === undefined ? undefined : this.search(this.all.filter(isNested), { name: output });
  }

  private search(templates: readonly Template[], output: OutputName): { template: Template; value: Json } | undefined {
    for (const template of templates) {
      const found = template.output(output);
      if (found !== undefined) {
        return { template, value: fields(found).Value };
      }
    }
    return undefined;
  }
}

/** The fields of an object; none of anything else. */
export function fields(value: Json): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Fields : {};
}

/** The items of a list; none of anything else. */
export function items(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
