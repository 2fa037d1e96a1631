import { DIGITS } from './partition';

/** A rule of a listener, as far as the path decides. */
export interface Route {
  /** Any of them; none where the rule reads no path. */
  readonly regexes: readonly string[];
  /** Any of them, in which `*` is any text and `?` any character. */
  readonly patterns: readonly string[];
  /** The server that gets the request; none where it is answered without one. */
  readonly to?: string;
}

/** A way in which ids are not shared out as they should be, with the ends of such ids. */
export interface Flaw {
  readonly kind: 'overlap' | 'gap' | 'subpath' | 'spelling' | 'idle';
  readonly ends: readonly string[];
  /** The servers concerned. */
  readonly servers: readonly string[];
}

/** Letters, digits and what else a client writes as it is. */
const PLAIN = [...DIGITS, ...DIGITS.map(digit => digit.toUpperCase()).filter(digit => /[A-Z]/.test(digit)), '-', '_', '.', '~'];
/** What a path may hold as it is, or as a code. */
const EITHER = ['@', ':', '+', '!', '$', '&', '\'', '(', ')', '*', ',', ';', '='];
/** Stands for `[^/]` while a regular expression is cut at its slashes. */
const ANY = '\u0001';

/**
 * The text in front of the ids that a regular expression splits, such as `/agents/x/`; undefined where it has another form.
 *
 * Segments that may be anything are `x`.
 */
export function prefixOfIds(regex: string): string | undefined {
  const [start, ...segments] = regex.split('[^/]').join(ANY).split('/');
  const end = segments.findIndex(segment => /^(\u0001|\.)[*+]./.test(segment));
  const front = segments.slice(0, end).map(segment => segment.replace(/\[\.\]|\\\./g, '.').replace(/^\u0001[*+]$/, 'x'));
  return start === '^' && end >= 0 && front.every(segment => /^[\w.~-]+$/.test(segment)) ? `/${[...front, ''].join('/')}` : undefined;
}

/** How ids that end alike are routed: which rules they match, and where they go. */
export class RoutedIds {
  private readonly matchers: readonly { readonly matches: (path: string) => boolean; readonly to?: string; readonly splits: boolean }[];
  private readonly shards: readonly string[];

  /** @throws SyntaxError for what is no regular expression */
  public constructor(routes: readonly Route[], private readonly fallback: string | undefined, private readonly prefixes: readonly string[]) {
    this.matchers = routes.map(({ regexes, patterns, to }) => {
      const all = [...regexes, ...patterns.map(regexOf)].map(regex => new RegExp(regex));
      return { matches: path => all.some(regex => regex.test(path)), to, splits: regexes.length > 0 };
    });
    this.shards = [...new Set(this.matchers.flatMap(({ to, splits }) => splits ? to ?? [] : []))];
  }

  /** The servers that get the ids with this end. */
  public serversOf(end: string): string[] {
    return [...new Set(this.prefixes.flatMap(prefix => this.to(`${prefix}x${end}`) ?? []))];
  }

  public flaws(): Flaw[] {
    const flaws: Flaw[] = [
      this.flaw('overlap', PLAIN, path => this.matchedBy(path).length > 1, path => this.matchedBy(path)),
      this.flaw('gap', [...PLAIN, '@', '%40'], path => !this.shards.includes(this.to(path) ?? '')),
      this.flaw('subpath', PLAIN, path => ['/', '/abort'].some(rest => this.differ(path, path + rest)), path => this.bothOf(path, `${path}/abort`)),
      this.flaw('spelling', [...PLAIN, ...EITHER], path => codes(path).some(written => this.differ(path, written)), path => this.bothOf(path, ...codes(path))),
    ];
    const reached = new Set([...PLAIN, '@'].flatMap(end => this.serversOf(end)));
    const idle = this.shards.filter(shard => !reached.has(shard));
    return [...flaws.filter(({ ends }) => ends.length > 0), ...idle.length > 0 ? [{ kind: 'idle' as const, ends: [], servers: idle }] : []];
  }

  private flaw(kind: Flaw['kind'], ends: readonly string[], isFlawed: (path: string) => boolean, servers: (path: string) => string[] = () => []): Flaw {
    const paths = ends.flatMap(end => this.prefixes.map(prefix => ({ end, path: `${prefix}x${end}` }))).filter(({ path }) => isFlawed(path));
    return { kind, ends: [...new Set(paths.map(({ end }) => end))], servers: [...new Set(paths.flatMap(({ path }) => servers(path)))] };
  }

  /** Whether two servers answer for two ways to write an id. */
  private differ(...paths: [string, string]): boolean {
    return new Set(this.bothOf(...paths)).size > 1;
  }

  private to(path: string): string | undefined {
    const first = this.matchers.find(({ matches }) => matches(path));
    return first ? first.to : this.fallback;
  }

  private matchedBy(path: string): string[] {
    return [...new Set(this.matchers.flatMap(({ matches, to, splits }) => splits && to !== undefined && matches(path) ? to : []))];
  }

  private bothOf(...paths: string[]): string[] {
    return paths.flatMap(path => this.to(path) ?? []);
  }
}

/** A path whose last character is written as a code, in both cases. */
function codes(path: string): string[] {
  const hex = path.charCodeAt(path.length - 1).toString(16).padStart(2, '0');
  return [...new Set([hex.toUpperCase(), hex])].map(code => `${path.slice(0, -1)}%${code}`);
}

function regexOf(pattern: string): string {
  return `^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`;
}
