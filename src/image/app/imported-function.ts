import type { AnyNode, Node } from 'acorn';
import { childrenOf } from './static-module';

/** A function that a module may import, under whatever name. */
export class ImportedFunction {
  /** Names under which the module has the function, and those of modules that hold it. */
  private readonly names = new Set<string>();

  /**
   * @param program the module
   * @param name the name that the function is exported by
   * @param from what its module is called
   */
  public constructor(program: Node, private readonly name: string, from: RegExp) {
    for (const statement of childrenOf(program as AnyNode).map((child) => child as AnyNode)) {
      if (statement.type === 'ImportDeclaration' && from.test(`${statement.source.value}`)) {
        statement.specifiers.filter((specifier) => specifier.type !== 'ImportSpecifier' || specifier.imported.type === 'Identifier' && specifier.imported.name === name)
          .forEach((specifier) => this.names.add(specifier.local.name));
      }
    }
  }

  /** Whether a node is a call of it. */
  public isCalled(node: AnyNode): node is AnyNode & { readonly type: 'CallExpression' } {
    if (node.type !== 'CallExpression') {
      return false;
    }
    const callee = node.callee as AnyNode;
    const root = callee.type === 'MemberExpression' ? callee.object as AnyNode : callee;
    const isMember = callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && callee.property.name === this.name;
    return root.type === 'Identifier' && this.names.has(root.name) && (root === callee || isMember);
  }
}

/** `local()` of Flue: the shell and the files of the machine that the server runs on. */
export function localShell(program: Node): ImportedFunction {
  return new ImportedFunction(program, 'local', /^@flue\/.+\/node$/);
}
