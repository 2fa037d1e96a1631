import type { AnyNode, Node } from 'acorn';
import { ImportedFunction, localShell } from './imported-function';
import { childrenOf, parseModule } from './static-module';

/**
 * Where the commands of an agent run that has no sandbox of its own: on the machine of the server, with `local()`, or in its memory, in a shell that
 * opens any URL, which agents have by default before Flue 2.
 */
export type Shell = 'host' | 'virtual';

/** What defines an agent: the former in Flue 0, the latter in the betas of Flue 1. */
const DEFINES = ['createAgent', 'defineAgent'];
const MAY_RUN = /\b(local|createAgent|defineAgent)\b/;

/** The shell that a module gives an agent beside the server; undefined for none, and where nobody can tell. */
export function shellIn(file: string, text: string, hasDefault: boolean): Shell | undefined {
  if (!MAY_RUN.test(text)) {
    return undefined;
  }
  let program: Node;
  try {
    program = parseModule(file, text);
  } catch {
    // what Node.js cannot parse without a compiler, such as TSX, is not judged
    return undefined;
  }
  const local = localShell(program);
  const defines = hasDefault ? DEFINES.map((name) => new ImportedFunction(program, name, /^@flue\/runtime$/)) : [];
  const nodes = [...walk(program)];
  if (nodes.some((node) => local.isCalled(node))) {
    return 'host';
  }
  return nodes.some((node) => defines.some((define) => define.isCalled(node) && leavesDefault(node))) ? 'virtual' : undefined;
}

function* walk(node: Node): Generator<AnyNode> {
  yield node as AnyNode;
  for (const child of childrenOf(node as AnyNode)) {
    yield* walk(child);
  }
}

/** Whether an agent is made of an object that names no sandbox, and nothing that may hold one. */
function leavesDefault({ arguments: [made] }: AnyNode & { readonly type: 'CallExpression' }): boolean {
  const config = made && returned(made);
  return config?.type === 'ObjectExpression' && config.properties.every((property) =>
    property.type === 'Property' && !property.computed && !(property.key.type === 'Identifier' && property.key.name === 'sandbox')
    && !(property.key.type === 'Literal' && property.key.value === 'sandbox'));
}

/** What a function returns, where it does so once. */
function returned(made: Node): AnyNode | undefined {
  const any = made as AnyNode;
  if (any.type !== 'ArrowFunctionExpression' && any.type !== 'FunctionExpression') {
    return undefined;
  }
  if (any.body.type !== 'BlockStatement') {
    return unwrapped(any.body);
  }
  const returns = any.body.body.filter((statement) => statement.type === 'ReturnStatement');
  const branches = any.body.body.some((statement) => ['IfStatement', 'SwitchStatement', 'TryStatement'].includes(statement.type));
  return returns.length === 1 && returns[0].argument && !branches ? unwrapped(returns[0].argument) : undefined;
}

function unwrapped(node: Node): AnyNode {
  const any = node as AnyNode;
  return any.type === 'ParenthesizedExpression' ? unwrapped(any.expression) : any;
}
