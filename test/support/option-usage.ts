import * as ts from 'typescript';
import type { PublicProp } from './public-api';

/** What object literals of a program say, as `Struct.prop`: by the struct that declares the prop, and by the one that is filled in. */
export class OptionUsage {
  private readonly checker: ts.TypeChecker;
  private readonly structs: ReadonlySet<string>;

  public constructor(program: ts.Program, props: readonly PublicProp[]) {
    this.checker = program.getTypeChecker();
    this.structs = new Set(props.map(({ struct }) => struct));
  }

  /** What is said in a part of a program, and in the functions and constants of other tests that it uses. */
  public in(node: ts.Node): Set<string> {
    const found = new Set<string>();
    this.visit(node, found, new Set());
    return found;
  }

  private visit(node: ts.Node, found: Set<string>, seen: Set<ts.Node>): void {
    if (seen.has(node) || ts.isTypeNode(node)) {
      return;
    }
    seen.add(node);
    if (ts.isObjectLiteralExpression(node)) {
      this.record(node, found);
    } else if (ts.isIdentifier(node)) {
      this.declarationsOf(node).forEach(declaration => this.visit(declaration, found, seen));
    }
    ts.forEachChild(node, child => this.visit(child, found, seen));
  }

  private record(literal: ts.ObjectLiteralExpression, found: Set<string>): void {
    const type = this.checker.getContextualType(literal);
    for (const property of type ? literal.properties : []) {
      const name = property.name && (ts.isIdentifier(property.name) || ts.isStringLiteral(property.name)) ? property.name.text : undefined;
      const symbol = name === undefined ? undefined : type!.getProperty(name);
      for (const struct of [...this.filledIn(type!), ...this.declaringStructs(symbol)]) {
        found.add(`${struct}.${name}`);
      }
    }
  }

  /** The structs that a literal is one of, whether `Partial` or `Omit` stand around them. */
  private filledIn(type: ts.Type): string[] {
    const own = type.symbol && this.structs.has(type.symbol.name) ? [type.symbol.name] : [];
    const parts = type.isUnionOrIntersection() ? type.types : [];
    return [...own, ...[...parts, ...type.aliasTypeArguments ?? []].flatMap(part => this.filledIn(part))];
  }

  private declaringStructs(symbol: ts.Symbol | undefined): string[] {
    const parents = (symbol?.declarations ?? []).map(({ parent }) => parent).filter(ts.isInterfaceDeclaration);
    return parents.map(({ name }) => name.text).filter(name => this.structs.has(name));
  }

  private declarationsOf(identifier: ts.Identifier): ts.Node[] {
    const symbol = this.checker.getSymbolAtLocation(identifier);
    const imported = symbol?.declarations?.some(declaration => ts.isImportSpecifier(declaration)) ? this.checker.getAliasedSymbol(symbol) : symbol;
    return (imported?.declarations ?? [])
      .filter(declaration => /[\\/]test[\\/]/.test(declaration.getSourceFile().fileName))
      .filter(declaration => ts.isFunctionDeclaration(declaration)
        || (ts.isVariableDeclaration(declaration) && ts.isSourceFile(declaration.parent.parent.parent)));
  }
}

/** A test as its file writes it. */
export interface WrittenTest {
  readonly name: string;
  readonly body: ts.Node;
  readonly takesSnapshot: boolean;
}

/** The tests of a file, with the names of what stands around them. */
export function testsIn(file: ts.SourceFile): WrittenTest[] {
  const tests: WrittenTest[] = [];
  const visit = (node: ts.Node, around: string): void => {
    const [title, body] = ts.isCallExpression(node) ? node.arguments : [];
    const called = ts.isCallExpression(node) ? /^(describe|test)\b/.exec(node.expression.getText())?.[1] : undefined;
    if (called && title && body) {
      const name = `${around} ${title.getText().slice(1, -1)}`.trim();
      if (called === 'test') {
        tests.push({ name, body, takesSnapshot: /\b(expectTemplateSnapshot|toMatchSnapshot)\(/.test(body.getText()) });
        return;
      }
      visit(body, name);
      return;
    }
    ts.forEachChild(node, child => visit(child, around));
  };
  visit(file, '');
  return tests;
}
