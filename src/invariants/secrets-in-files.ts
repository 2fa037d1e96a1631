import { SECRET_VALUES } from './secret-values';

/** What a shape needs to be one in a whole file, where source code and texts for people stand too. */
const IN_FILES: { readonly [kind: string]: RegExp } = {
  // the key itself, which code that only looks for the line or puts one together has not
  'a private key': /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:\\[nr]|[\s"'`+,]|[A-Za-z-]+: [^\n]*\n)*[A-Za-z0-9+/=]{40,}/g,
  'an Anthropic key': /(?<![\w-])sk-ant-[\w-]{40,}/g,
  'a URL with a password': /(?<=[a-z0-9]):\/\/[^\s/:@'"`]*:(?![$<*{[%(])[^\s/@'"`]{6,}@(?!sha256:)[\w.-]+/gi,
  // `password=` alone is an assignment or the field of a form
  'a connection string with a password': /password=(?<=(?:server|host|hostaddr|data source|user id|uid|dbname)=[^\n"'`]*[;\s]password=)(?![$<*{[%(]|true\b|false\b)[^\s&;'"`]{6,}/gi,
};
const SHAPES_IN_FILES = SECRET_VALUES.map(([kind, shape]) => [kind, IN_FILES[kind] ?? new RegExp(shape.source, `${shape.flags}g`)] as const);

/** How far before a key in a URL its host is looked for. */
const LONGEST_URL = 500;
/** Fewer random characters than any key has. */
const SHORTEST_KEY = 16;
/** What people write in a key's place, and what no generator of keys does. */
const PLACEHOLDER = /example|sample|placeholder|your|change-?me|replace|redacted|dummy|fake|mock|test|demo|foobar|insert|here|not-?a-?|x{4}|\.{3}|\u2026|0{6}|(.)\1{4}|abcdef|fedcba|qwerty|01234|12345|43210|98765|deadbeef/i;
const PLACEHOLDER_PASSWORD = /^(pass(word|wd|phrase)?|secret|postgres|postgresql|mysql|root|admin|user(name)?|guest|token|test(ing|user|pass(word)?|pw)?|hunter2|s3cret|letmein|devpassword|local(dev|password)?|[A-Z][A-Z_]*|p(ass)?%40(ss)?)\W*\d{0,4}$/i;
/** A host that only the machine itself or its neighbours reach, or that the standards keep for texts. */
const PLACEHOLDER_HOST = /^([^.]*|127\..*|.*\.(example|test|invalid|localhost|localdomain)|(.*\.)?example\.(com|net|org))$/i;
/** What keeps scanners of secrets from a line. */
const ALLOWED = /gitleaks:allow|trufflehog:ignore|pragma: ?allowlist[ -]secret/i;

/** What looks like a secret in a file, and the line that it stands in. */
export interface SecretInFile {
  readonly kind: string;
  readonly line: number;
}

/**
 * The secrets in the text of a file, which may be source code, a test or a text for people.
 *
 * A placeholder is none, and neither is what a line with a scanner's comment, as in `gitleaks:allow`, holds.
 */
export function secretsInFile(text: string): SecretInFile[] {
  return SHAPES_IN_FILES.flatMap(([kind, shape]) => [...text.matchAll(shape)].flatMap((match) => {
    const start = text.lastIndexOf('\n', match.index - 1) + 1;
    const end = text.indexOf('\n', match.index);
    const line = text.slice(start, end < 0 ? undefined : end);
    return ALLOWED.test(line) || isPlaceholder(kind, match[0], text.slice(Math.max(start, match.index - LONGEST_URL), match.index)) ? [] : [{ kind, line: text.slice(0, start).split('\n').length }];
  }));
}

function isPlaceholder(kind: string, found: string, before: string): boolean {
  switch (kind) {
    case 'a private key':
      // the format itself has runs of one letter
      return /\.{3}|x{5}|your|placeholder|redacted/i.test(found.slice(found.lastIndexOf('-----')).slice(0, 200));
    case 'a URL with a password': {
      const [, user, password, host] = /:\/\/([^:]*):(.*)@(.*)$/.exec(found)!;
      return password === user || PLACEHOLDER_PASSWORD.test(password) || PLACEHOLDER.test(password) || PLACEHOLDER_HOST.test(host);
    }
    case 'a URL with a key': {
      const [, host] = /^(?:[^\s/@]*@)?([\w.-]+)[^\s'"`]*$/.exec(before.split('://').pop()!) ?? [];
      return before.includes('://') && host !== undefined && PLACEHOLDER_HOST.test(host) || isPlaceholderKey(found);
    }
    case 'a connection string with a password': {
      const password = found.slice(found.indexOf('=') + 1);
      return PLACEHOLDER_PASSWORD.test(password) || PLACEHOLDER.test(password);
    }
    case 'a JSON web token':
      return isPublicToken(found);
    default:
      return isPlaceholderKey(found);
  }
}

function isPlaceholderKey(found: string): boolean {
  const key = found.replace(/^.*\s/, '').replace(/^[a-z]{2}_(live|test)_/, '').replace(/^.*?[-_:=](?=.{16})/, '');
  return key.length < SHORTEST_KEY || !/\d/.test(key) || !/[A-Za-z]/.test(key) || PLACEHOLDER.test(key) || new Set(key).size < 8;
}

/** A token that everybody may have: the one of the tutorials, or the key of an anonymous visitor that a browser sends. */
function isPublicToken(token: string): boolean {
  const claims = Buffer.from(token.split('.')[1], 'base64url').toString();
  return /"sub":\s*"1234567890"|"role":\s*"anon"/.test(claims) || PLACEHOLDER.test(token.split('.')[2]);
}
