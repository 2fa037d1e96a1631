import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'cdk-flue';
/** The metrics of a service take a struct of aws-cdk-lib, which aws-cdk-lib judges. */
const NOT_OURS = ['metricName', 'props'];

interface TypeReference {
  readonly primitive?: string;
  readonly fqn?: string;
  readonly collection?: { readonly kind: 'array' | 'map'; readonly elementtype: TypeReference };
}

interface Member {
  readonly name: string;
  readonly type: TypeReference;
  readonly optional?: boolean;
  readonly variadic?: boolean;
}

interface Method {
  readonly name: string;
  readonly protected?: boolean;
  readonly parameters?: Member[];
}

interface AssemblyType {
  readonly name: string;
  readonly kind: string;
  readonly datatype?: boolean;
  readonly interfaces?: string[];
  readonly properties?: Member[];
  readonly methods?: Method[];
  readonly initializer?: Method;
}

/** A prop of a public struct, or a parameter of what a user calls: its type as `src/invariants/types/declared.ts` writes it. */
export interface Input {
  /** The struct, as `FlueModelProviderOptions`, or the call, as `FlueModel.provider`. */
  readonly of: string;
  readonly name: string;
  readonly type: string;
}

function typeText({ primitive, fqn, collection }: TypeReference): string {
  if (collection) {
    const element = typeText(collection.elementtype);
    return collection.kind === 'array' ? `${element}[]` : `{${element}}`;
  }
  // TypeScript writes the one with a capital
  return primitive === 'date' ? 'Date' : primitive ?? fqn!.split('.').at(-1)!;
}

const inputOf = (of: string) => ({ name, type, optional, variadic }: Member): Input => ({
  of, name, type: `${typeText(type)}${variadic ? '[]' : ''}${optional ? '?' : ''}`,
});

/** Everything that a user can pass to the library, as its jsii assembly says: each prop of each struct, inherited ones too, and each parameter. */
export function publicInputs(): Input[] {
  const types = (JSON.parse(readFileSync(join(__dirname, '..', '..', '.jsii'), 'utf8')) as { readonly types: Readonly<Record<string, AssemblyType>> }).types;
  const all = Object.values(types);
  const propsOf = (type: AssemblyType): Member[] => {
    const own = type.properties ?? [];
    const inherited = (type.interfaces ?? []).flatMap(fqn => fqn.startsWith(`${NAME}.`) ? propsOf(types[fqn]) : []);
    return [...inherited.filter(({ name }) => !own.some(prop => prop.name === name)), ...own];
  };
  const structs = all.filter(({ datatype, name }) => datatype && /(Props|Options)$/.test(name));
  const isStruct = (type: TypeReference) => structs.some(({ name }) => typeText(type) === name);
  const calls = all.filter(({ kind }) => kind === 'class').flatMap(({ name, methods = [] }) => methods
    .filter(method => !method.protected)
    .flatMap(method => (method.parameters ?? [])
      .filter(({ name: parameter, type }) => !['scope', 'id', ...NOT_OURS].includes(parameter) && !isStruct(type))
      .map(inputOf(`${name}.${method.name}`))));
  return [...structs.flatMap(struct => propsOf(struct).map(inputOf(struct.name))), ...calls];
}
