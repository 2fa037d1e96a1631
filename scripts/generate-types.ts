import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { isHidden, programOf, publicTypes } from '../test/support/public-api';

/** The file that holds the types of what users pass. */
export const FILE = join(__dirname, '..', 'src', 'invariants', 'types', 'declared.ts');

/** cdk-nag, not a user, calls these. */
const CALLED_BY_OTHERS = ['FlueChecks.validateScope'];

/** What a metric, or the metrics of several servers, are asked for as: aws-cdk-lib reads the options. */
const GIVES_METRIC = ['Metric', 'MathExpression'];

/** A prop or a parameter, as `declared.ts` writes its type: `IVpc`, `number?`, `IPeer[]?`, `{string}?`. */
interface Declared {
  readonly name: string;
  readonly type: string;
}

const isStruct = (type: ts.Node): type is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(type) && /(Props|Options)$/.test(type.name.text);

function typeText(type: ts.TypeNode): string {
  if (ts.isArrayTypeNode(type)) {
    return `${typeText(type.elementType)}[]`;
  }
  if (ts.isTypeLiteralNode(type)) {
    const [entry] = type.members;
    return `{${typeText((entry as ts.IndexSignatureDeclaration).type)}}`;
  }
  return type.getText();
}

function declared(of: ts.PropertySignature | ts.ParameterDeclaration): Declared {
  const optional = of.questionToken !== undefined || (ts.isParameter(of) && of.initializer !== undefined);
  return { name: of.name.getText(), type: `${typeText(of.type!)}${optional ? '?' : ''}` };
}

/** The parameters of the static and other methods that a user calls, less the scope and the id in it. */
function callsOf(type: ts.ClassDeclaration): Array<[call: string, parameters: Declared[]]> {
  return type.members.filter(ts.isMethodDeclaration)
    .filter(method => !isHidden(method) && !GIVES_METRIC.includes(method.type?.getText() ?? ''))
    .map((method): [string, Declared[]] => [
      `${type.name!.text}.${method.name.getText()}`,
      method.parameters.map(declared).filter(({ name, type: text }, _, all) => text !== 'Construct' && !(name === 'id' && all.some(other => other.type === 'Construct'))),
    ])
    .filter(([call, parameters]) => parameters.length > 0 && !CALLED_BY_OTHERS.includes(call));
}

/** The types of every prop of every public struct, and of every parameter of what a user calls. */
export function renderTypes(): string {
  const types = publicTypes(programOf([]));
  const structs = types.filter(isStruct);
  const basesOf = (struct: ts.InterfaceDeclaration) => structs.filter(({ name }) => struct.heritageClauses?.some(
    clause => clause.types.some(({ expression }) => expression.getText() === name.text),
  ));
  const depth = (struct: ts.InterfaceDeclaration): number => 1 + Math.max(0, ...basesOf(struct).map(depth));
  const ordered = [...structs].sort((one, other) => depth(one) - depth(other) || (one.name.text < other.name.text ? -1 : 1));
  const line = ({ name, type }: Declared) => `  ${name}: '${type}',`;
  return [
    '// `npm run generate:types` writes this file from the public structs and classes.',
    '',
    ...ordered.flatMap(struct => [
      `const ${struct.name.text} = {`,
      ...basesOf(struct).map(({ name }) => `  ...${name.text},`),
      ...struct.members.filter(ts.isPropertySignature).map(declared).map(line),
      '} as const;',
      '',
    ]),
    '/** The props of each public struct, with their types. */',
    'export const STRUCTS = {',
    ...ordered.map(({ name }) => `  ${name.text},`),
    '};',
    '',
    '/** What a user passes to each static or other method, with its types. */',
    'export const CALLS = {',
    ...types.filter(ts.isClassDeclaration).flatMap(callsOf).sort(([one], [other]) => one < other ? -1 : 1).flatMap(([call, parameters]) => [
      `  '${call}': { ${parameters.map(({ name, type }) => `${name}: '${type}'`).join(', ')} },`,
    ]),
    '} as const;',
    '',
  ].join('\n');
}

if (require.main === module) {
  writeFileSync(FILE, renderTypes());
}
