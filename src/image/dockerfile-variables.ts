import type { Instruction, PropertyInstruction } from 'dockerfile-ast';

/** The value of a variable, or what of it only the build knows. */
export type VariableValue = { readonly value: string } | { readonly unknown: string };

/** The variables of a Dockerfile, as far as its text and the build arguments tell. */
export class DockerfileVariables {
  private readonly defaults = new Map<string, VariableValue>();
  private readonly variables = new Map<string, VariableValue>();

  /**
   * @param globals the ARG instructions before the first FROM, of which a stage sees only what it names again
   * @param buildArgs what the build is given
   */
  public constructor(globals: readonly Instruction[], private readonly buildArgs: { readonly [name: string]: string }) {
    for (const property of globals.flatMap(propertiesOf)) {
      this.defaults.set(property.name, this.argument(property.name, property.value, this.defaults));
    }
  }

  /** Follows the instructions of a stage. */
  public follow(instructions: readonly Instruction[]): void {
    for (const instruction of instructions) {
      const keyword = instruction.getKeyword();
      // all of one ENV see what was before it
      const values = ['ENV', 'ARG'].includes(keyword) ? propertiesOf(instruction).map(({ name, value }) =>
        [name, keyword === 'ENV' ? expand(value ?? '', this.variables) : this.argument(name, value, this.variables)] as const) : [];
      values.forEach(([name, value]) => this.variables.set(name, value));
    }
  }

  /** The value of a variable of the stage, or undefined where nothing sets it. */
  public get(name: string): VariableValue | undefined {
    return this.variables.get(name);
  }

  /** A text of the stage. */
  public expand(text: string): VariableValue {
    return expand(text, this.variables);
  }

  /** A text of FROM, which sees only what stands before the first one. */
  public expandFrom(text: string): VariableValue {
    return expand(text, this.defaults);
  }

  private argument(name: string, value: string | null, known: ReadonlyMap<string, VariableValue>): VariableValue {
    const given = this.buildArgs[name];
    return given !== undefined ? { value: given } : value === null ? this.defaults.get(name) ?? { unknown: `$${name}` } : expand(value, known);
  }
}

function propertiesOf(instruction: Instruction): { readonly name: string; readonly value: string | null }[] {
  return (instruction as PropertyInstruction).getProperties().map((property) => ({ name: property.getName(), value: property.getValue() }));
}

const REFERENCE = /\\\$|\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^{}]*))?\})|\$\{[^}]*\}/g;

/** Replaces variables as `docker build` does; one that nothing sets is empty. */
function expand(text: string, known: ReadonlyMap<string, VariableValue>): VariableValue {
  let unknown: string | undefined;
  const value = text.replace(REFERENCE, (whole, bare?: string, braced?: string, operator?: string, word: string = '') => {
    const name = bare ?? braced;
    if (name === undefined) {
      unknown ??= whole === '\\$' ? undefined : whole;
      return '$';
    }
    const found = known.get(name) ?? (BUILT_IN.test(name) ? { unknown: whole } : { value: '' });
    if ('unknown' in found) {
      unknown ??= found.unknown;
      return '';
    }
    const { value: content } = found;
    switch (operator?.slice(-1)) {
      case '-':
        return content || word;
      case '+':
        return content && word;
      default:
        return content;
    }
  });
  return unknown === undefined ? { value } : { unknown };
}

/** Arguments that the builder sets itself, for a stage that names them and for every FROM. */
const BUILT_IN = /^(BUILD|TARGET)(PLATFORM|OS|ARCH|VARIANT)$/;
