/** A host, or an address in brackets, and a port that exists. There is no user before it. */
const HOST = String.raw`(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\])`;
const PORT = String.raw`(?::(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5]))?`;
/** What a path and a query consist of (RFC 3986). */
const CHARACTER = String.raw`[A-Za-z0-9._~%!$&'()*+,;=:@/-]`;
const PATH = `(?:/${CHARACTER}*)?`;
const HTTP = `https?://${HOST}${PORT}`;
const HTTPS = `https://${HOST}${PORT}`;

/** The forms of an address that a prop can ask for. Each has an end, so that no line break hides behind it. */
export const ADDRESSES = {
  /** Where requests go, without a query. */
  base: new RegExp(`^${HTTP}${PATH}$`),
  /** What paths are appended to. */
  origin: new RegExp(`^${HTTP}(?!${CHARACTER}*/$)${PATH}$`),
  /** A name that is an address. */
  issuer: new RegExp(`^${HTTPS}${PATH}$`),
  endpoint: new RegExp(`^${HTTPS}${PATH}(?:\\?(?:${CHARACTER}|\\?)*)?$`),
};

/** The name of an environment variable, as a shell takes it. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Text in one line. */
export const ONE_LINE = /^[^\p{Cc}\u2028\u2029]+$/u;
/** Visible characters of ASCII. */
export const VISIBLE = /^[!-~]+$/;
