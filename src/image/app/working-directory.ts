import * as path from 'node:path';
import type { AnyNode, Node } from 'acorn';
import { localShell } from './imported-function';
import { childrenOf, parseModule } from './static-module';

/** Functions of Node.js and Bun that read the path of their first argument. */
const READERS = ['readFile', 'readFileSync', 'createReadStream', 'readdir', 'readdirSync', 'opendir', 'glob', 'globSync', 'file'];
const MAY_READ = new RegExp(`\\b(${READERS.join('|')})\\s*\\(|\\blocal\\b`);
/** What the `local()` sandbox of Flue reads in its directory. */
export const READ_BY_LOCAL = ['AGENTS.md', '.agents'];
/** Stands for the working directory in a path. */
const HERE = './';

/** Paths, relative to the working directory, that a module reads; where only the beginning of one is known, its folder. */
export function pathsRead(file: string, text: string): string[] {
  if (!MAY_READ.test(text)) {
    return [];
  }
  try {
    return new Reads(parseModule(file, text)).paths;
  } catch {
    // what Node.js cannot parse without a compiler, such as TSX, is not judged
    return [];
  }
}

class Reads {
  public readonly paths: string[] = [];
  private readonly constants = new Map<string, Node>();

  public constructor(program: Node) {
    const walk = (node: Node, visit: (any: AnyNode) => void): void => {
      visit(node as AnyNode);
      childrenOf(node).forEach((child) => walk(child, visit));
    };
    walk(program, (any) => {
      if (any.type === 'VariableDeclarator' && any.id.type === 'Identifier' && any.init) {
        this.constants.set(any.id.name, any.init);
      }
    });
    const local = localShell(program);
    walk(program, (any) => {
      if (any.type === 'CallExpression' && READERS.includes(nameOf(any.callee)) && any.arguments.length > 0) {
        this.add(this.begin(any.arguments[0]));
      }
      if (local.isCalled(any)) {
        this.addLocal(any.arguments[0]);
      }
    });
  }

  /** What a sandbox reads in the directory that it is given: all of a folder where only its beginning is known. */
  private addLocal(options: Node | undefined): void {
    const any = options as AnyNode | undefined;
    const cwd = any?.type === 'ObjectExpression'
      ? any.properties.find((property) => property.type === 'Property' && !property.computed && property.key.type === 'Identifier' && property.key.name === 'cwd') : undefined;
    const begin = cwd?.type === 'Property' ? this.begin(cwd.value) : { text: HERE, whole: any === undefined || any.type === 'ObjectExpression' };
    if (begin?.whole) {
      READ_BY_LOCAL.forEach((name) => this.add({ text: path.posix.join(begin.text || '.', name), whole: true }));
    } else {
      this.add(begin);
    }
  }

  private add(begin: Beginning | undefined): void {
    if (begin === undefined || path.posix.isAbsolute(begin.text)) {
      return;
    }
    const known = begin.whole ? begin.text : begin.text.replace(/[^/]*$/, '');
    const place = path.posix.normalize(known).replace(/\/+$/, '');
    if (place !== '' && place !== '.' && !place.startsWith('..')) {
      this.paths.push(place);
    }
  }

  /** What a path begins with; undefined where nobody can tell. */
  private begin(node: Node, depth = 0): Beginning | undefined {
    const any = node as AnyNode;
    const deeper = (inner: Node): Beginning | undefined => (depth > 8 ? undefined : this.begin(inner, depth + 1));
    switch (any.type) {
      case 'Literal':
        return typeof any.value === 'string' ? { text: any.value, whole: true } : undefined;
      case 'Identifier': {
        const constant = this.constants.get(any.name);
        return constant && deeper(constant);
      }
      case 'TemplateLiteral': {
        const parts = any.quasis.flatMap((quasi, index) => [{ text: quasi.value.cooked ?? '', whole: true }, ...index < any.expressions.length ? [deeper(any.expressions[index])] : []]);
        return joined(parts[0]?.text === '' ? parts.slice(1) : parts, '');
      }
      case 'BinaryExpression':
        return any.operator === '+' ? joined([deeper(any.left), deeper(any.right)], '') : undefined;
      case 'CallExpression': {
        const name = nameOf(any.callee);
        if (name === 'cwd') {
          return { text: HERE, whole: true };
        }
        return ['join', 'resolve'].includes(name) ? joined(any.arguments.map(deeper), '/') : undefined;
      }
      default:
        return undefined;
    }
  }
}

interface Beginning {
  readonly text: string;
  /** Whether nothing comes after. */
  readonly whole: boolean;
}

/** Parts in their order, up to the first that is not known. */
function joined(parts: readonly (Beginning | undefined)[], separator: string): Beginning | undefined {
  const until = parts.findIndex((part) => part?.whole !== true);
  const known = parts.slice(0, until < 0 ? parts.length : until).map((part) => part!.text);
  const next = until < 0 ? undefined : parts[until];
  return known.length === 0 ? next : { text: [...known, ...next ? [next.text] : until < 0 ? [] : ['']].join(separator), whole: until < 0 };
}

/** The last name of what is called. */
function nameOf(callee: Node): string {
  const any = callee as AnyNode;
  return any.type === 'Identifier' ? any.name : any.type === 'MemberExpression' && any.property.type === 'Identifier' ? any.property.name : '';
}
