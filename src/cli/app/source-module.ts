import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { AnyNode, Node } from 'acorn';
import { readText } from '../../image/app/files';
import { isNode, parseModule } from '../../image/app/static-module';

const EXTENSIONS = ['', '.ts', '.mts', '.js', '.mjs', '.tsx', '.jsx', '/index.ts', '/index.js'];
const MAX_BYTES = 512 * 1024;

export type Visitor = (node: AnyNode, parent: AnyNode | undefined) => void;

/** A module of an app, read and never run. */
export class SourceModule {
  public static read(file: string): SourceModule {
    return new SourceModule(file, statSync(file).size > MAX_BYTES ? '' : readText(file));
  }

  private readonly program?: AnyNode;

  public constructor(public readonly file: string, public readonly text: string) {
    try {
      this.program = parseModule(file, text);
    } catch {
      // JSX, and the TypeScript that Node.js does not load: what is looked for is then searched as text
      this.program = undefined;
    }
  }

  /** Whether its text could not be read as a module. */
  public get isOpaque(): boolean {
    return this.program === undefined;
  }

  /** What it imports by a path, as it is written. */
  public get imports(): readonly string[] {
    if (this.program === undefined) {
      return [...this.text.matchAll(/\b(?:from|import)\s*\(?\s*(['"])(\.[^'"\n]*)\1/g)].map(([, , specifier]) => specifier);
    }
    const found: string[] = [];
    this.walk(node => {
      const source = 'source' in node ? node.source : undefined;
      if (source && source.type === 'Literal' && typeof source.value === 'string' && source.value.startsWith('.')) {
        found.push(source.value);
      }
    });
    return found;
  }

  /** The file that an import by a path leads to; TypeScript may write `.js` for a `.ts`. */
  public resolve(specifier: string, known: ReadonlySet<string>): string | undefined {
    const path = resolve(dirname(this.file), specifier);
    return [path, path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2')].flatMap(base => EXTENSIONS.map(extension => base + extension)).find(file => known.has(file));
  }

  public walk(visit: Visitor): void {
    const step = (node: Node, parent: AnyNode | undefined): void => {
      visit(node as AnyNode, parent);
      for (const child of Object.values(node)) {
        (Array.isArray(child) ? child : [child]).filter(isNode).forEach(inner => step(inner, node as AnyNode));
      }
    };
    if (this.program) {
      step(this.program, undefined);
    }
  }
}

/** The text that a node is, where it stands there whole. */
export function textOf(node: Node | null | undefined): string | undefined {
  const any = node as AnyNode | null | undefined;
  return any?.type === 'Literal' && ['string', 'number'].includes(typeof any.value) ? String(any.value)
    : any?.type === 'TemplateLiteral' && any.expressions.length === 0 ? any.quasis[0].value.cooked ?? undefined : undefined;
}

/** The name of a member or of a key that is no expression, or the text in its brackets. */
export function keyOf(node: { readonly computed: boolean }, key: Node): string | undefined {
  const any = key as AnyNode;
  return !node.computed && any.type === 'Identifier' ? any.name : textOf(key);
}
