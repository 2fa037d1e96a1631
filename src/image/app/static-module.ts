import * as nodeModule from 'node:module';
import * as path from 'node:path';
import { parse, parseExpressionAt, type AnyNode, type Expression, type Node, type Program } from 'acorn';
import { UNKNOWN } from './unknown-value';

/** A call that was found, not made. */
export class Call {
  public constructor(public readonly callee: string, public readonly args: readonly unknown[]) {}
}

/** An object of which some members are not known, besides those that are. */
const HAS_MORE = Symbol('has more');

/**
 * A module of JavaScript or TypeScript that is read and never run.
 *
 * TypeScript is what Node.js itself can load, as for a `flue.config.ts`.
 */
export class StaticModule {
  private readonly program: Program;
  private readonly constants = new Map<string, Expression>();
  /** Local name to the module and the exported name. */
  private readonly imports = new Map<string, { readonly from: string; readonly name: string }>();
  private readonly directory: string;

  /** Throws where the text is no module that Node.js could load. */
  public constructor(file: string, text: string) {
    this.directory = path.dirname(file);
    this.program = parseModule(file, text);
    for (const statement of this.program.body) {
      const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
      if (declaration?.type === 'VariableDeclaration' && declaration.kind === 'const') {
        declaration.declarations.forEach(({ id, init }) => id.type === 'Identifier' && init && this.constants.set(id.name, init));
      }
      if (statement.type === 'ImportDeclaration') {
        statement.specifiers.forEach((specifier) => this.imports.set(specifier.local.name, {
          from: `${statement.source.value}`,
          name: specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.type,
        }));
      }
    }
  }

  /** The modules that it imports, as they are written. */
  public get specifiers(): readonly string[] {
    return this.program.body.flatMap((statement) => (statement.type === 'ImportDeclaration' ? [`${statement.source.value}`] : []));
  }

  /** What it exports by default, as far as that can be read. */
  public get exported(): unknown {
    for (const statement of this.program.body) {
      if (statement.type === 'ExportDefaultDeclaration') {
        return this.configured(statement.declaration);
      }
      if (statement.type === 'ExpressionStatement' && statement.expression.type === 'AssignmentExpression'
        && isMember(statement.expression.left, 'module', 'exports')) {
        return this.configured(statement.expression.right);
      }
    }
    return UNKNOWN;
  }

  /** How often a function of another module is called, and whether every call is made whatever happens. */
  public callsOf(from: string): { readonly calls: readonly Call[]; readonly always: boolean } {
    const calls: Call[] = [];
    let always = true;
    const walk = (node: Node, conditional: boolean): void => {
      const any = node as AnyNode;
      if (any.type === 'CallExpression' && any.callee.type === 'Identifier' && this.imports.get(any.callee.name)?.from === from) {
        calls.push(new Call(any.callee.name, any.arguments.map((argument) => (argument.type === 'SpreadElement' ? UNKNOWN : this.evaluate(argument)))));
        always &&= !conditional;
      }
      const branches = conditional || ['ConditionalExpression', 'LogicalExpression', 'IfStatement', 'SwitchStatement'].includes(any.type);
      childrenOf(any).forEach((inner) => walk(inner, branches));
    };
    walk(this.program, false);
    return { calls, always };
  }

  /** The object that a configuration is, behind `defineConfig` and the function that makes it. */
  private configured(node: Node): unknown {
    const any = node as AnyNode;
    switch (any.type) {
      case 'CallExpression':
        return any.callee.type === 'Identifier' && /^define\w*Config$/.test(any.callee.name) && any.arguments.length === 1
          ? this.configured(any.arguments[0]) : this.evaluate(any);
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
      case 'FunctionDeclaration': {
        if (any.body.type !== 'BlockStatement') {
          return this.configured(any.body);
        }
        const returned = any.body.body.filter((statement) => statement.type === 'ReturnStatement');
        const branches = any.body.body.some((statement) => ['IfStatement', 'SwitchStatement', 'TryStatement'].includes(statement.type));
        return returned.length === 1 && returned[0].argument && !branches ? this.configured(returned[0].argument) : UNKNOWN;
      }
      case 'Identifier': {
        const constant = this.constants.get(any.name);
        return constant ? this.configured(constant) : UNKNOWN;
      }
      default:
        return this.evaluate(any);
    }
  }

  private evaluate(node: Node): unknown {
    const any = node as AnyNode;
    switch (any.type) {
      case 'Literal':
        return any.value;
      case 'TemplateLiteral':
        return textOf(any.quasis.flatMap((quasi, index) =>
          [quasi.value.cooked, ...any.expressions.slice(index, index + 1).map((part) => this.evaluate(part))]));
      case 'BinaryExpression':
        return any.operator === '+' ? textOf([this.evaluate(any.left), this.evaluate(any.right)]) : UNKNOWN;
      case 'ParenthesizedExpression':
      case 'AwaitExpression':
        return this.evaluate((any as { expression?: Node; argument?: Node }).expression ?? (any as { argument: Node }).argument);
      case 'UnaryExpression': {
        const value = this.evaluate(any.argument);
        return any.operator === '-' && typeof value === 'number' ? -value : any.operator === '!' && value !== UNKNOWN ? !value : UNKNOWN;
      }
      case 'Identifier':
        return this.named(any.name);
      case 'MemberExpression':
        return this.member(any);
      case 'ArrayExpression':
        return any.elements.map((element) => (element === null || element.type === 'SpreadElement' ? UNKNOWN : this.evaluate(element)));
      case 'ObjectExpression':
        return this.object(any.properties);
      case 'CallExpression':
      case 'NewExpression':
        return this.call(any);
      default:
        return UNKNOWN;
    }
  }

  private named(name: string): unknown {
    if (name === '__dirname') {
      return this.directory;
    }
    const constant = this.constants.get(name);
    return name === 'undefined' ? undefined : constant ? this.evaluate(constant) : UNKNOWN;
  }

  private member(node: AnyNode & { readonly type: 'MemberExpression' }): unknown {
    if (node.object.type === 'MetaProperty' && node.property.type === 'Identifier') {
      return { dirname: this.directory, url: this.directory + path.sep }[node.property.name] ?? UNKNOWN;
    }
    const object = node.object.type === 'Super' ? UNKNOWN : this.evaluate(node.object);
    return node.computed || node.property.type !== 'Identifier' ? UNKNOWN : memberOf(object, node.property.name);
  }

  private object(properties: (AnyNode & { readonly type: 'ObjectExpression' })['properties']): unknown {
    const object: { [name: string | symbol]: unknown } = {};
    for (const property of properties) {
      if (property.type === 'SpreadElement') {
        const spread = this.evaluate(property.argument);
        if (typeof spread === 'object' && spread !== null && !(spread instanceof Call)) {
          Object.assign(object, spread);
        } else {
          object[HAS_MORE] = true;
        }
      } else if (property.computed) {
        object[HAS_MORE] = true;
      } else {
        object[property.key.type === 'Identifier' ? property.key.name : `${(property.key as { value?: unknown }).value}`] = this.evaluate(property.value);
      }
    }
    return object;
  }

  /** Paths are built from `__dirname` and its like; every other call stays what it is. */
  private call(node: AnyNode & { readonly type: 'CallExpression' | 'NewExpression' }): unknown {
    const { callee } = node;
    const name = callee.type === 'MemberExpression' && callee.property.type === 'Identifier' ? callee.property.name
      : callee.type === 'Identifier' ? callee.name : '';
    const args = node.arguments.map((argument) => (argument.type === 'SpreadElement' ? UNKNOWN : this.evaluate(argument)));
    const texts = args.filter((argument): argument is string => typeof argument === 'string');
    if (texts.length === args.length && texts.length > 0) {
      if (['resolve', 'join'].includes(name)) {
        return path[name as 'resolve' | 'join'](...name === 'resolve' && !path.isAbsolute(texts[0]) ? [this.directory, ...texts] : texts);
      }
      if (name === 'URL' && texts.length === 2) {
        return path.resolve(texts[1], texts[0]);
      }
      if (name === 'fileURLToPath' || name === 'dirname') {
        return name === 'dirname' ? path.dirname(`${texts[0]}.`) : texts[0];
      }
    }
    return new Call(name, args);
  }
}

/** Parts of a text in one, where each is known. */
function textOf(parts: readonly unknown[]): unknown {
  return parts.every((part) => typeof part === 'string') ? parts.join('') : UNKNOWN;
}

/** A member of a value that was read: UNKNOWN where only running the module could tell. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Call) {
    return UNKNOWN;
  }
  return name in value ? (value as { [name: string]: unknown })[name] : HAS_MORE in value ? UNKNOWN : undefined;
}

/** The value of a literal, as JSON with comments and trailing commas is one; throws where it is none. */
export function literalOf(text: string): unknown {
  const literal = (node: Node): unknown => {
    const any = node as AnyNode;
    switch (any.type) {
      case 'Literal': return any.value;
      case 'UnaryExpression': return -Number(literal(any.argument));
      case 'ArrayExpression': return any.elements.map((element) => literal(element!));
      case 'ObjectExpression': return Object.fromEntries(any.properties.map((property) => {
        const { key, value } = property as { key: { value: unknown }; value: Node };
        return [`${key.value}`, literal(value)];
      }));
      default: throw new SyntaxError(`${any.type} is no literal`);
    }
  };
  return literal(parseExpressionAt(`(${text}\n)`, 0, { ecmaVersion: 'latest' }));
}

/** The tree of a module; throws where the text is none that Node.js could load. */
export function parseModule(file: string, text: string): Program {
  return parse(/\.[cm]?ts$/.test(file) ? withoutTypes(text) : text, { ecmaVersion: 'latest', sourceType: 'module', allowReturnOutsideFunction: true });
}

/** Takes the types away as Node.js does when it loads a file, and keeps to itself that the function is experimental. */
function withoutTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return nodeModule.stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** The nodes right below one. */
export function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((child: unknown) => (Array.isArray(child) ? child : [child])).filter(isNode);
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function isMember(node: Node, object: string, property: string): boolean {
  const any = node as AnyNode;
  return any.type === 'MemberExpression' && any.object.type === 'Identifier' && any.object.name === object
    && any.property.type === 'Identifier' && any.property.name === property;
}
