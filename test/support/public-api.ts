import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '..', '..');

/** A prop of a public struct, as the sources declare it. */
export interface PublicProp {
  readonly struct: string;
  readonly name: string;
  /** Its type, as the sources write it. */
  readonly type: string;
  /** Its documentation, tags included. */
  readonly doc: string;
}

/** A program of the library and of further files that knows nothing of aws-cdk-lib: our own types are enough, and fast. */
export function programOf(files: string[]): ts.Program {
  const options: ts.CompilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, lib: ['lib.es5.d.ts'], types: ['jest'], strict: false, skipLibCheck: true };
  const host = ts.createCompilerHost(options, true);
  host.resolveModuleNameLiterals = (literals, containingFile) => literals.map(({ text }) => ({ resolvedModule: resolve(text, containingFile) }));
  return ts.createProgram([join(ROOT, 'src', 'index.ts'), ...files], options, host);
}

function resolve(name: string, from: string): ts.ResolvedModuleFull | undefined {
  const target = name === 'cdk-flue' ? join(ROOT, 'src') : name.startsWith('.') ? join(dirname(from), name) : undefined;
  const file = target && [`${target}.ts`, join(target, 'index.ts')].find(existsSync);
  return file === undefined ? undefined : { resolvedFileName: file, extension: ts.Extension.Ts, isExternalLibraryImport: false };
}

/** For each public struct the public structs that it extends, by name. */
export function basesOf(program: ts.Program): Map<string, string[]> {
  return new Map(publicStructs(program).map(declaration => [
    declaration.name.text, declaration.heritageClauses?.flatMap(clause => clause.types.map(type => type.expression.getText())) ?? [],
  ]));
}

/** The props of the structs that users fill in. */
export function publicProps(program: ts.Program): PublicProp[] {
  return publicStructs(program).flatMap(declaration => declaration.members.filter(ts.isPropertySignature).map(member => ({
    struct: declaration.name.text,
    name: member.name.getText(),
    type: member.type?.getText() ?? '',
    doc: docOf(member),
  })));
}

/** The parameters of the factories and methods that users call, as props of their class. */
export function publicParameters(program: ts.Program): PublicProp[] {
  return publicTypes(program).filter(ts.isClassDeclaration).flatMap(declaration => declaration.members.filter(ts.isMethodDeclaration)
    .filter(member => !member.name.getText().startsWith('_') && !member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword))
    .flatMap(member => member.parameters.filter(({ name }) => !['scope', 'id'].includes(name.getText())).map(parameter => ({
      struct: declaration.name!.text, name: parameter.name.getText(), type: parameter.type?.getText() ?? '', doc: docOf(member),
    }))));
}

function docOf(node: ts.Node): string {
  return ts.getJSDocCommentsAndTags(node).map(doc => doc.getText()).join('\n');
}

/** The classes and interfaces that users see. */
export function publicTypes(program: ts.Program): Array<ts.ClassDeclaration | ts.InterfaceDeclaration> {
  const checker = program.getTypeChecker();
  const index = checker.getSymbolAtLocation(program.getSourceFile(join(ROOT, 'src', 'index.ts'))!)!;
  return checker.getExportsOfModule(index)
    .flatMap(symbol => checker.getAliasedSymbol(symbol).declarations ?? [])
    .filter(declaration => ts.isClassDeclaration(declaration) || ts.isInterfaceDeclaration(declaration));
}

function publicStructs(program: ts.Program): ts.InterfaceDeclaration[] {
  return publicTypes(program)
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => /(Props|Options)$/.test(name.text));
}

/** Whether a member of a class is for the library alone. */
export function isHidden(member: ts.ClassElement): boolean {
  const modifiers = ts.canHaveModifiers(member) ? ts.getModifiers(member) ?? [] : [];
  return member.name?.getText().startsWith('_') === true
    || modifiers.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword);
}
