import type { AnyNode, Node } from 'acorn';
import { keyOf, textOf, type SourceModule } from './source-module';

const NAME = /^[A-Za-z_]\w*$/;
/** What names a variable where it is no member of the environment: `env('API_KEY')`, the keys of a schema. */
const UPPER_CASE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;
/** A model as Flue names one, with its provider in front. */
const MODEL = /^([a-z][a-z0-9-]*)\/[\w.:-]+(\/[\w.:-]+)*$/;

/** What a module reads from its environment. */
export interface Reading {
  /** Variables, each with the plain text that takes its place where it is not set. */
  readonly variables: ReadonlyMap<string, string | undefined>;
  /** Models that stand there by their name. */
  readonly models: readonly string[];
}

/** Finds the variables that a module reads: members of `process.env` under any name, destructured ones, and those that a schema or a helper names. */
export function readingOf(module: SourceModule): Reading {
  const variables = new Map<string, string | undefined>();
  const models: string[] = [];
  const add = (name: string | undefined, standard?: string): void => {
    if (name !== undefined && NAME.test(name)) {
      variables.set(name, variables.get(name) ?? standard);
    }
  };
  if (module.isOpaque) {
    [...module.text.matchAll(/\bprocess\.env(?:\??\.|\[['"])([A-Za-z_]\w*)/g)].forEach(([, name]) => add(name));
    return { variables, models };
  }
  const environment = aliasesOf(module);
  const isEnvironment = (node: Node | null | undefined): boolean => {
    const any = node as AnyNode | null | undefined;
    return any?.type === 'Identifier' ? environment.has(any.name) : isProcessEnv(any);
  };
  const memberName = (node: Node): string | undefined => {
    const any = unwrap(node);
    return any.type === 'MemberExpression' && isEnvironment(any.object) ? keyOf(any, any.property) : undefined;
  };
  const keys: string[] = [];
  let goesElsewhere = false;
  module.walk((node, parent) => {
    switch (node.type) {
      case 'MemberExpression':
        if (!isWritten(node, parent)) {
          add(memberName(node));
        }
        goesElsewhere ||= isProcessEnv(node) && parent?.type !== 'MemberExpression' && parent?.type !== 'VariableDeclarator' && parent?.type !== 'SpreadElement';
        break;
      case 'LogicalExpression':
        add(memberName(node.left), node.operator === '&&' ? undefined : textOf(node.right));
        break;
      case 'VariableDeclarator':
        destructured(node.id, node.init, isEnvironment, add);
        break;
      case 'AssignmentPattern':
        destructured(node.left, node.right, isEnvironment, add);
        break;
      case 'AssignmentExpression':
        destructured(node.left, node.right, isEnvironment, add);
        break;
      case 'BinaryExpression':
        add(node.operator === 'in' && isEnvironment(node.right) ? textOf(node.left) : undefined);
        break;
      case 'CallExpression': {
        const { callee, arguments: [first, second] } = node;
        const name = callee.type === 'Identifier' ? callee.name : callee.type === 'MemberExpression' ? keyOf(callee, callee.property) : undefined;
        const asked = /env/i.test(name ?? '') ? textOf(first) : undefined;
        add(asked !== undefined && UPPER_CASE.test(asked) ? asked : undefined, textOf(second));
        break;
      }
      case 'Property':
        keys.push(keyOf(node, node.key) ?? '');
        break;
      case 'Literal':
        if (typeof node.value === 'string' && MODEL.test(node.value) && !(parent && 'source' in parent)) {
          models.push(node.value);
        }
        break;
    }
  });
  if (goesElsewhere) {
    // a schema takes the environment whole, and its keys are what it looks for
    keys.filter(key => UPPER_CASE.test(key) && key.length > 2).forEach(key => add(key));
  }
  return { variables, models };
}

/** The names under which a module has its environment. */
function aliasesOf(module: SourceModule): ReadonlySet<string> {
  const names = new Set<string>();
  module.walk(node => {
    if (node.type === 'ImportDeclaration' && ['process', 'node:process'].includes(String(node.source.value))) {
      node.specifiers.filter(specifier => specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier' && specifier.imported.name === 'env')
        .forEach(specifier => names.add(specifier.local.name));
    }
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && isProcessEnv(node.init)) {
      names.add(node.id.name);
    }
    if (node.type === 'VariableDeclarator' && node.id.type === 'ObjectPattern' && isProcess(node.init)) {
      node.id.properties.filter(property => property.type === 'Property' && keyOf(property, property.key) === 'env' && property.value.type === 'Identifier')
        .forEach(property => names.add(((property as { value: Node }).value as AnyNode & { name: string }).name));
    }
  });
  return names;
}

function destructured(left: Node, right: Node | null | undefined, isEnvironment: (node: Node | null | undefined) => boolean,
  add: (name: string | undefined, standard?: string) => void): void {
  const pattern = left as AnyNode;
  if (pattern.type !== 'ObjectPattern' || !isEnvironment(right)) {
    return;
  }
  for (const property of pattern.properties) {
    if (property.type === 'Property') {
      const value = property.value as AnyNode;
      add(keyOf(property, property.key), value.type === 'AssignmentPattern' ? textOf(value.right) : undefined);
    }
  }
}

function isProcess(node: Node | null | undefined): boolean {
  const any = node as AnyNode | null | undefined;
  return any?.type === 'Identifier' ? any.name === 'process' : any?.type === 'MemberExpression' && keyOf(any, any.property) === 'process';
}

function isProcessEnv(node: Node | null | undefined): boolean {
  const any = node as AnyNode | null | undefined;
  return any?.type === 'MemberExpression' && keyOf(any, any.property) === 'env' && isProcess(any.object);
}

function isWritten(node: AnyNode, parent: AnyNode | undefined): boolean {
  return parent?.type === 'AssignmentExpression' && parent.left === node && parent.operator === '='
    || parent?.type === 'UnaryExpression' && parent.operator === 'delete';
}

function unwrap(node: Node): AnyNode {
  const any = node as AnyNode;
  return any.type === 'ChainExpression' || any.type === 'ParenthesizedExpression' ? unwrap(any.expression) : any;
}
