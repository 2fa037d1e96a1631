import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';

/** Requires `Authorization: Bearer <token>` with the value of a variable, and lets everything through when the variable is not set. */
export function bearerToken(variable: string): MiddlewareHandler {
  const token = process.env[variable];
  if (token === undefined) return (_c, next) => next();
  if (token.trim() === '') throw new Error(`${variable} is set but empty. Unset it to serve without a token.`);

  const expected = digest(token);
  return async (c, next) => {
    const presented = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (presented !== undefined && timingSafeEqual(digest(presented), expected)) return next();
    return c.json(
      { error: { type: 'unauthorized', message: 'A valid bearer token is required.', details: '' } },
      401,
      { 'WWW-Authenticate': 'Bearer' },
    );
  };
}

/** Equal lengths, whatever was presented: timingSafeEqual requires them. */
function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}
