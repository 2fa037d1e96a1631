import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '../..');

/** One place that refuses, and what it says. */
export interface Refusal {
  /** File and line. */
  readonly place: string;
  /** The sentence, with an ellipsis for each part that is not known before it is said. */
  readonly says: string;
}

/** Every sentence with which the sources below these folders refuse: what `refuse(…)` and `new CliFailure(…)` are called with, and what is said of an unreadable file. */
export function refusalsIn(...folders: readonly string[]): Refusal[] {
  const files = folders.flatMap(folder => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts')).map(name => join(folder, name)));
  return files.sort().flatMap(file => {
    const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true);
    const found: Refusal[] = [];
    const visit = (node: ts.Node): void => {
      const problem = problemOf(node);
      const says = problem && sentenceOf(problem);
      if (says !== undefined) {
        found.push({ place: `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`, says });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

/** The problem among the arguments of a refusal: the first, or the second after the construct that refuses. */
function problemOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isNewExpression(node) && node.expression.getText() === 'CliFailure') {
    return node.arguments?.[0];
  }
  if (ts.isCallExpression(node) && /(^|\.)refuse$/.test(node.expression.getText())) {
    return /^(this|scope|this\.scope)$/.test(node.arguments[0]?.getText() ?? '') ? node.arguments[1] : node.arguments[0];
  }
  // what is said of a file that cannot be read
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'problem' && ts.isArrowFunction(node.initializer) && !ts.isBlock(node.initializer.body)) {
    return node.initializer.body;
  }
  return undefined;
}

/** What is written there; nothing where a sentence is only passed on. */
function sentenceOf(problem: ts.Expression): string | undefined {
  if (ts.isIdentifier(problem)) {
    return undefined;
  }
  if (ts.isStringLiteralLike(problem)) {
    return problem.text;
  }
  if (ts.isTemplateExpression(problem)) {
    const text = problem.head.text + problem.templateSpans.map(span => `…${span.literal.text}`).join('');
    return text === '….' ? undefined : text;
  }
  return problem.getText().replace(/\s+/g, ' ');
}

/** Tests a message for a sentence, whatever stands in the place of each ellipsis. */
export function saying(says: string): RegExp {
  return new RegExp(says.split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*'));
}
