import * as ts from 'typescript';
import { programOf, publicTypes } from './support/public-api';

const program = programOf([]);
const checker = program.getTypeChecker();
const types = publicTypes(program);
const classes = types.filter(ts.isClassDeclaration);
const interfaces = types.filter(ts.isInterfaceDeclaration);
const structs = interfaces.filter(({ name }) => !/^I[A-Z]/.test(name.text));

type Member = ts.ClassElement | ts.TypeElement;

const nameOf = (node: { readonly name?: ts.Node }) => node.name?.getText() ?? 'constructor';
const docOf = (node: ts.Node) => ts.getJSDocCommentsAndTags(node).map(doc => doc.getText()).join('\n');
const bodyOf = (member: Member) => ts.isMethodDeclaration(member) || ts.isGetAccessorDeclaration(member) ? member.body : undefined;
const hasModifier = (member: Member, kind: ts.SyntaxKind) => ts.canHaveModifiers(member)
  && ts.getModifiers(member)?.some(modifier => modifier.kind === kind) === true;
const isHidden = (member: Member) => nameOf(member).startsWith('_')
  || hasModifier(member, ts.SyntaxKind.PrivateKeyword) || hasModifier(member, ts.SyntaxKind.ProtectedKeyword);
const membersOf = (type: ts.ClassDeclaration | ts.InterfaceDeclaration): Member[] => [...type.members as ts.NodeArray<Member>]
  .filter(member => !isHidden(member) && !ts.isConstructorDeclaration(member));

/** The public types of ours that a type extends or implements, directly or not. */
function basesOf(type: ts.ClassDeclaration | ts.InterfaceDeclaration): Array<ts.ClassDeclaration | ts.InterfaceDeclaration> {
  const named = type.heritageClauses?.flatMap(clause => clause.types.map(({ expression }) => expression.getText())) ?? [];
  const bases = types.filter(({ name }) => named.includes(name!.text));
  return [...bases, ...bases.flatMap(basesOf)];
}

/** A member that a base of ours describes needs no text of its own: jsii takes it from there. */
function isDescribed(type: ts.ClassDeclaration | ts.InterfaceDeclaration, member: Member, by: (doc: string) => boolean): boolean {
  const same = basesOf(type).flatMap(membersOf).filter(other => nameOf(other) === nameOf(member));
  return [member, ...same].some(declaration => by(docOf(declaration)));
}

/** Members of the public types that break a convention, as `Type.member`. */
function breaking(
  judge: (member: Member, type: ts.ClassDeclaration | ts.InterfaceDeclaration) => boolean, of = [...classes, ...interfaces],
): string[] {
  return of.flatMap(type => membersOf(type).filter(member => judge(member, type)).map(member => `${type.name!.text}.${nameOf(member)}`));
}

const isStatic = (member: Member) => hasModifier(member, ts.SyntaxKind.StaticKeyword);
const isOptional = (member: Member) => 'questionToken' in member && member.questionToken !== undefined;
const returns = (member: Member) => ts.isMethodDeclaration(member) || ts.isMethodSignature(member) ? member.type?.getText() : undefined;
const parametersOf = (member: Member) => ts.isMethodDeclaration(member) || ts.isMethodSignature(member)
  ? member.parameters.map(({ name, type, questionToken }) => `${name.getText()}${questionToken ? '?' : ''}: ${type?.getText()}`) : [];

test('the types, and the members of each kind, are found', () => {
  expect(classes.length).toBeGreaterThan(14);
  expect(structs.length).toBeGreaterThan(25);
  expect(breaking(isOptional).length).toBeGreaterThan(130);
  expect(breaking(member => returns(member) === 'Metric').length).toBeGreaterThan(8);
  expect(breaking(member => returns(member) === 'Grant').length).toBeGreaterThan(2);
  expect(breaking(member => isStatic(member)).length).toBeGreaterThan(15);
});

test('what a constructor takes ends in Props, and what a factory or a method takes in Options', () => {
  const constructors = classes.flatMap(({ members }) => members.filter(ts.isConstructorDeclaration)).filter(member => !isHidden(member))
    .flatMap(({ parameters }) => parameters.map(({ type }) => type?.getText() ?? ''));
  const ofConstructors = new Set(structs.filter(({ name }) => constructors.includes(name.text)).flatMap(struct => [struct, ...basesOf(struct)]));
  const taken = structs.filter(struct => ofConstructors.has(struct) || !/Commands$/.test(struct.name.text));
  expect(taken.filter(struct => !struct.name.text.endsWith(ofConstructors.has(struct) ? 'Props' : 'Options')).map(({ name }) => name.text)).toEqual([]);
});

test('no member always throws', () => {
  expect(breaking(member => {
    const [only, ...others] = bodyOf(member)?.statements ?? [];
    if (!only || others.length > 0) {
      return false;
    }
    const value = ts.isReturnStatement(only) || ts.isExpressionStatement(only) ? only.expression : undefined;
    return ts.isThrowStatement(only) || (value !== undefined && checker.getTypeAtLocation(value).flags === ts.TypeFlags.Never);
  })).toEqual([]);
});

test('whatever is optional says what holds without it', () => {
  expect(breaking((member, type) => isOptional(member) && !isDescribed(type, member, doc => doc.includes('@default')))).toEqual([]);
});

test('every type and every member says what it is', () => {
  expect(types.filter(type => docOf(type) === '').map(({ name }) => name!.text)).toEqual([]);
  expect(breaking((member, type) => !isDescribed(type, member, doc => doc !== ''))).toEqual([]);
});

test('whatever gives a metric is called so, and takes how to look at it', () => {
  // a metric of several servers is an expression
  const givesMetric = (member: Parameters<typeof returns>[0]) => ['Metric', 'MathExpression'].includes(returns(member) ?? '');
  expect(breaking(member => givesMetric(member) !== /^metric/.test(nameOf(member))
    || (givesMetric(member) && parametersOf(member).at(-1) !== 'props?: MetricOptions'))).toEqual([]);
});

test('whatever grants is called so, and names who is granted', () => {
  expect(breaking(member => ts.isMethodDeclaration(member) || ts.isMethodSignature(member)
    ? (returns(member) === 'Grant') !== /^grant[A-Z]/.test(nameOf(member)) || (returns(member) === 'Grant' && parametersOf(member)[0] !== 'grantee: IGrantable')
    : false)).toEqual([]);
});

test('a static that takes a scope imports: it is called from…, takes an id and gives an interface', () => {
  expect(breaking(member => {
    const [scope, id] = parametersOf(member);
    return isStatic(member) && (scope === 'scope: Construct') !== /^from[A-Z]/.test(nameOf(member))
      || isStatic(member) && scope === 'scope: Construct' && (id !== 'id: string' || !/^I[A-Z]/.test(returns(member) ?? ''));
  }, classes)).toEqual([]);
});

test('whatever is exposed is readonly', () => {
  expect(breaking(member => (ts.isPropertyDeclaration(member) || ts.isPropertySignature(member))
    && !hasModifier(member, ts.SyntaxKind.ReadonlyKeyword))).toEqual([]);
});
